//! What a widget is.

use poem_openapi::Enum;
use serde::{Deserialize, Serialize};

use super::WidgetError;
use crate::analytics::Metric;
use crate::platform::http::clean_text;
use crate::text_column;

const TITLE_MAX_CHARS: usize = 80;
/// Days a widget can show.
const PERIODS: [i64; 5] = [1, 7, 30, 90, 365];

/// How a widget is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "WidgetKind")]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// One number beside that of the time before.
    Number,
    /// A number by day.
    Line,
    /// Shares, drawn.
    Bar,
    /// Shares, written.
    List,
}

text_column!(Kind { Number = "number", Line = "line", Bar = "bar", List = "list" });

/// What a widget shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "WidgetMetric")]
#[serde(rename_all = "snake_case")]
pub(super) enum Shown {
    /// Visitors who opened a page with the chat.
    Sessions,
    /// Sessions in which a visitor wrote.
    Conversations,
    /// Of visitors, the assistant and the team.
    Messages,
    /// Conversations passed to people.
    HandOffs,
    /// Contacts that were left.
    Leads,
    /// Prices that were estimated and kept.
    Quotes,
    /// Visits that were booked.
    Bookings,
    /// What visitors asked about.
    Intents,
    /// Leads by the package they want.
    Packages,
    /// Leads by where they came from.
    LeadSources,
    /// Sessions by what brought them.
    Sources,
    /// Sessions by language.
    Languages,
    /// Sessions by class of device.
    Devices,
    /// Visitors' messages by mood.
    Sentiments,
}

text_column!(Shown {
    Sessions = "sessions",
    Conversations = "conversations",
    Messages = "messages",
    HandOffs = "hand_offs",
    Leads = "leads",
    Quotes = "quotes",
    Bookings = "bookings",
    Intents = "intents",
    Packages = "packages",
    LeadSources = "lead_sources",
    Sources = "sources",
    Languages = "languages",
    Devices = "devices",
    Sentiments = "sentiments"
});

impl Shown {
    /// What is counted of it.
    pub(super) fn metric(self) -> Metric {
        match self {
            Self::Sessions => Metric::Sessions,
            Self::Conversations => Metric::Conversations,
            Self::Messages => Metric::Messages,
            Self::HandOffs => Metric::HandOffs,
            Self::Leads => Metric::Leads,
            Self::Quotes => Metric::Quotes,
            Self::Bookings => Metric::Bookings,
            Self::Intents => Metric::Intents,
            Self::Packages => Metric::LeadsByPackage,
            Self::LeadSources => Metric::LeadsBySource,
            Self::Sources => Metric::SessionsBySource,
            Self::Languages => Metric::SessionsByLang,
            Self::Devices => Metric::SessionsByDevice,
            Self::Sentiments => Metric::Sentiments,
        }
    }

    /// It has shares rather than one number.
    fn has_shares(self) -> bool {
        match self {
            Self::Sessions
            | Self::Conversations
            | Self::Messages
            | Self::HandOffs
            | Self::Leads
            | Self::Quotes
            | Self::Bookings => false,
            Self::Intents
            | Self::Packages
            | Self::LeadSources
            | Self::Sources
            | Self::Languages
            | Self::Devices
            | Self::Sentiments => true,
        }
    }
}

/// What a new widget holds, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewWidget {
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) shown: Shown,
    pub(super) period_days: i64,
}

impl NewWidget {
    /// Errors: the title is no line of 1 to 80 characters, the metric cannot be drawn so, or the period is none of ours.
    pub(super) fn parse(
        title: &str,
        kind: Kind,
        shown: Shown,
        period_days: i64,
    ) -> Result<Self, WidgetError> {
        let title =
            clean_text(title, TITLE_MAX_CHARS).map_err(|why| WidgetError::Text("title", why))?;
        if title.contains(['\n', '\t']) {
            return Err(WidgetError::Field("title", "must be one line"));
        }
        if matches!(kind, Kind::Bar | Kind::List) != shown.has_shares() {
            let why = if shown.has_shares() {
                "has shares, which only bar and list show"
            } else {
                "is one number, which only number and line show"
            };
            return Err(WidgetError::Field("metric", why));
        }
        if !PERIODS.contains(&period_days) {
            let why = "must be 1, 7, 30, 90 or 365";
            return Err(WidgetError::Field("period_days", why));
        }
        Ok(Self {
            title,
            kind,
            shown,
            period_days,
        })
    }
}

/// A widget of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Widget {
    pub(super) id: i64,
    pub(super) values: NewWidget,
    pub(super) created_at_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widget_shows_only_what_can_be_drawn_so() {
        for (kind, shown, fits) in [
            (Kind::Number, Shown::Leads, true),
            (Kind::Line, Shown::Messages, true),
            (Kind::Bar, Shown::Intents, true),
            (Kind::List, Shown::Devices, true),
            (Kind::Number, Shown::Intents, false),
            (Kind::Line, Shown::Packages, false),
            (Kind::Bar, Shown::Leads, false),
            (Kind::List, Shown::Bookings, false),
        ] {
            let made = NewWidget::parse("t", kind, shown, 30);
            assert_eq!(made.is_ok(), fits, "{kind:?} {shown:?}");
        }
    }

    #[test]
    fn a_title_is_one_line_and_a_period_one_of_ours() {
        let made = |title: &str, days| NewWidget::parse(title, Kind::Line, Shown::Leads, days);
        assert_eq!(made("  Leady ", 7).unwrap().title, "Leady");
        for (title, days) in [
            ("", 7),
            ("a\nb", 7),
            ("x", 0),
            ("x", -1),
            ("x", 8),
            ("x", 366),
        ] {
            assert!(made(title, days).is_err(), "{title:?} {days}");
        }
        assert!(made(&"x".repeat(80), 7).is_ok() && made(&"x".repeat(81), 7).is_err());
    }
}

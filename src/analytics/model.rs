//! What is recorded, and what is counted of it.

use serde::{Deserialize, Serialize};

use crate::text_column;

/// How a visitor's message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The assistant answered.
    Answered,
    /// It asked which of several things was meant.
    Unsure,
    /// It did not understand.
    Fallback,
    /// A person has the conversation, or it waits for one.
    WithPerson,
}

/// Where a lead came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadSource {
    /// Said in the chat.
    Chat,
    /// A form.
    Form,
    /// The quiz.
    Quiz,
    /// A booking.
    Booking,
    /// A file.
    Import,
}

/// Something that happened. No variant holds a name, an address or a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A session began: the page with the widget was opened. What is known of it stands in `analytics_sessions`.
    SessionStarted,
    /// The visitor came to the page once more, from somewhere else.
    Touched {
        /// As in `analytics_sessions`.
        source: String,
        /// As there.
        campaign: String,
        /// As there.
        path: String,
    },
    /// A visitor wrote, and the assistant answered or a person was waited for.
    Turn {
        /// What it was understood as; `None` for pictures and while a person has the conversation.
        intent: Option<String>,
        /// 0 to 1, calibrated.
        confidence: Option<f64>,
        /// How it ended.
        outcome: Outcome,
        /// -1 (negative) to 1 (positive); `None` for buttons.
        sentiment: Option<f64>,
        /// Milliseconds from the message to its answer; `None` while a person has the conversation.
        answer_ms: Option<i64>,
    },
    /// The assistant answered a turn that was recorded without an answer, since a language model was asked first.
    AnsweredLate {
        /// When the visitor wrote, milliseconds UTC.
        turn_at_ms: i64,
        /// The turn's intent.
        intent: Option<String>,
        /// How the turn had ended, [`Outcome::Fallback`] or [`Outcome::Unsure`].
        missed: Outcome,
        /// The language model had an answer.
        by_model: bool,
        /// Milliseconds from the message to its answer.
        answer_ms: i64,
    },
    /// The assistant passed the conversation to people.
    HandedOff,
    /// A person wrote who was not waited for.
    PersonWrote,
    /// A person answered who was waited for.
    PersonAnswered {
        /// Milliseconds since the visitor asked for them, or wrote first after their last answer.
        waited_ms: i64,
    },
    /// A new lead.
    LeadLeft {
        /// Its number.
        lead_id: i64,
        /// Where it came from.
        source: LeadSource,
        /// Package the person is interested in.
        package: Option<String>,
        /// Kind of property.
        property_type: Option<String>,
    },
    /// A lead got another status.
    LeadStatus {
        /// Its number.
        lead_id: i64,
        /// The status before.
        from: String,
        /// The status now.
        to: String,
        /// What it is worth, in whole units of the currency, where that is known: its accepted quote, else its budget.
        value: Option<f64>,
    },
    /// A price was estimated and kept.
    QuoteGiven {
        /// Its number.
        quote_id: i64,
    },
    /// A client accepted a quote.
    QuoteAccepted {
        /// Its number.
        quote_id: i64,
        /// Its highest total in whole units of the currency.
        value: f64,
    },
    /// A visit was booked.
    Booked {
        /// Its number.
        booking_id: i64,
        /// Number of the service.
        service_id: i64,
    },
    /// A visit was cancelled.
    BookingCancelled {
        /// Its number.
        booking_id: i64,
    },
    /// A client did not come.
    NoShow {
        /// Its number.
        booking_id: i64,
    },
    /// A conversation was rated.
    ConversationRated {
        /// 1 to 5.
        rating: i64,
        /// The rating it replaces.
        before: Option<i64>,
    },
    /// A visit was rated.
    VisitRated {
        /// 1 to 5.
        rating: i64,
        /// The rating it replaces.
        before: Option<i64>,
    },
    /// Somebody searched.
    Searched {
        /// Whether anything was found.
        found: bool,
    },
    /// Searches of the last minute, which are counted in memory.
    SearchesCounted {
        /// How many found something.
        found: i64,
        /// How many found nothing.
        nothing: i64,
    },
}

impl Event {
    /// Its variant's name, as stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SessionStarted => "session_started",
            Self::Touched { .. } => "touched",
            Self::Turn { .. } => "turn",
            Self::AnsweredLate { .. } => "answered_late",
            Self::HandedOff => "handed_off",
            Self::PersonWrote => "person_wrote",
            Self::PersonAnswered { .. } => "person_answered",
            Self::LeadLeft { .. } => "lead_left",
            Self::LeadStatus { .. } => "lead_status",
            Self::QuoteGiven { .. } => "quote_given",
            Self::QuoteAccepted { .. } => "quote_accepted",
            Self::Booked { .. } => "booked",
            Self::BookingCancelled { .. } => "booking_cancelled",
            Self::NoShow { .. } => "no_show",
            Self::ConversationRated { .. } => "conversation_rated",
            Self::VisitRated { .. } => "visit_rated",
            Self::Searched { .. } => "searched",
            Self::SearchesCounted { .. } => "searches_counted",
        }
    }
}

/// What is counted, per quarter of an hour and per day. `label` says which one of its kind, `total` sums what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Sessions, at their start.
    Sessions,
    /// Sessions by class of device.
    SessionsByDevice,
    /// Sessions by browser.
    SessionsByBrowser,
    /// Sessions by language.
    SessionsByLang,
    /// Sessions by source of their first touch.
    SessionsBySource,
    /// Sessions by campaign of their first touch.
    SessionsByCampaign,
    /// Sessions by the path of their first page.
    SessionsByPage,
    /// Sessions by source of their last touch, at their start.
    SessionsByLastSource,
    /// The same by campaign.
    SessionsByLastCampaign,
    /// The same by page.
    SessionsByLastPage,
    /// Conversations, at their first message.
    Conversations,
    /// Active milliseconds of sessions (`total`), at their start; `count` is sessions with two messages or more.
    ActiveTime,
    /// Sessions by how far they came, at their start: labels `1` to `5`; one session stands at one stage.
    Stages,
    /// Messages by sender: `user`, `bot`, `agent`.
    Messages,
    /// Visitors' messages by hour on the company's clock, `0` to `23`; only by day.
    Hours,
    /// Visitors' messages by intent; `total` sums the confidence.
    Intents,
    /// Those of them that ended as [`Outcome::Fallback`] or [`Outcome::Unsure`].
    IntentsMissed,
    /// Turns by outcome.
    Outcomes,
    /// Visitors' messages: `positive`, `neutral`, `negative`.
    Sentiments,
    /// Answers of the assistant by class of time (see `histogram.rs`); `total` sums milliseconds.
    AnswerTimes,
    /// Answers of people by class of time waited; `total` sums milliseconds.
    PersonTimes,
    /// Conversations passed to people.
    HandOffs,
    /// Leads by `chat`, `form`, `quiz`, `booking`, `import`.
    Leads,
    /// Leads by package.
    LeadsByPackage,
    /// Leads by kind of property.
    LeadsByPropertyType,
    /// Leads by source of their session.
    LeadsBySource,
    /// Leads by campaign of their session.
    LeadsByCampaign,
    /// Leads by the first page of their session.
    LeadsByPage,
    /// Leads by source of the last touch before them.
    LeadsByLastSource,
    /// The same by campaign.
    LeadsByLastCampaign,
    /// The same by page.
    LeadsByLastPage,
    /// Leads by the status they were given.
    LeadStatuses,
    /// Leads that were converted, by source of their session; `total` sums their value.
    ConvertedBySource,
    /// The same by campaign.
    ConvertedByCampaign,
    /// The same by first page.
    ConvertedByPage,
    /// Leads that were converted, by source of the last touch; `total` sums their value.
    ConvertedByLastSource,
    /// The same by campaign.
    ConvertedByLastCampaign,
    /// The same by page.
    ConvertedByLastPage,
    /// Quotes given.
    Quotes,
    /// Quotes accepted; `total` sums their value.
    QuotesAccepted,
    /// Visits booked, by number of the service.
    Bookings,
    /// Visits booked, by source of their session.
    BookingsBySource,
    /// The same by campaign.
    BookingsByCampaign,
    /// The same by first page.
    BookingsByPage,
    /// Visits booked, by source of the last touch before them.
    BookingsByLastSource,
    /// The same by campaign.
    BookingsByLastCampaign,
    /// The same by page.
    BookingsByLastPage,
    /// Visits that were cancelled (`cancelled`) or missed (`no_show`).
    BookingsLost,
    /// Ratings of conversations, `1` to `5`.
    ConversationRatings,
    /// Ratings of visits, `1` to `5`.
    VisitRatings,
    /// Searches: `found`, `nothing`.
    Searches,
    /// Sessions that were active that many days after their first active day: `<days>`, at their first active day.
    CohortDays,
    /// The same in weeks, which begin on Mondays.
    CohortWeeks,
    /// The same in months.
    CohortMonths,
}

text_column!(Outcome {
    Answered = "answered",
    Unsure = "unsure",
    Fallback = "fallback",
    WithPerson = "with_person"
});
text_column!(LeadSource {
    Chat = "chat",
    Form = "form",
    Quiz = "quiz",
    Booking = "booking",
    Import = "import"
});
text_column!(Metric {
    Sessions = "sessions",
    SessionsByDevice = "sessions_by_device",
    SessionsByBrowser = "sessions_by_browser",
    SessionsByLang = "sessions_by_lang",
    SessionsBySource = "sessions_by_source",
    SessionsByCampaign = "sessions_by_campaign",
    SessionsByPage = "sessions_by_page",
    SessionsByLastSource = "sessions_by_last_source",
    SessionsByLastCampaign = "sessions_by_last_campaign",
    SessionsByLastPage = "sessions_by_last_page",
    LeadsByLastSource = "leads_by_last_source",
    LeadsByLastCampaign = "leads_by_last_campaign",
    LeadsByLastPage = "leads_by_last_page",
    ConvertedByLastSource = "converted_by_last_source",
    ConvertedByLastCampaign = "converted_by_last_campaign",
    ConvertedByLastPage = "converted_by_last_page",
    BookingsByLastSource = "bookings_by_last_source",
    BookingsByLastCampaign = "bookings_by_last_campaign",
    BookingsByLastPage = "bookings_by_last_page",
    Conversations = "conversations",
    ActiveTime = "active_time",
    Stages = "stages",
    Messages = "messages",
    Hours = "hours",
    Intents = "intents",
    IntentsMissed = "intents_missed",
    Outcomes = "outcomes",
    Sentiments = "sentiments",
    AnswerTimes = "answer_times",
    PersonTimes = "person_times",
    HandOffs = "hand_offs",
    Leads = "leads",
    LeadsByPackage = "leads_by_package",
    LeadsByPropertyType = "leads_by_property_type",
    LeadsBySource = "leads_by_source",
    LeadsByCampaign = "leads_by_campaign",
    LeadsByPage = "leads_by_page",
    LeadStatuses = "lead_statuses",
    ConvertedBySource = "converted_by_source",
    ConvertedByCampaign = "converted_by_campaign",
    ConvertedByPage = "converted_by_page",
    Quotes = "quotes",
    QuotesAccepted = "quotes_accepted",
    Bookings = "bookings",
    BookingsBySource = "bookings_by_source",
    BookingsByCampaign = "bookings_by_campaign",
    BookingsByPage = "bookings_by_page",
    BookingsLost = "bookings_lost",
    ConversationRatings = "conversation_ratings",
    VisitRatings = "visit_ratings",
    Searches = "searches",
    CohortDays = "cohort_days",
    CohortWeeks = "cohort_weeks",
    CohortMonths = "cohort_months"
});

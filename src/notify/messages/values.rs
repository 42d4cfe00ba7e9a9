//! What each message needs. Field names are the names templates use.

use jiff::Zoned;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// For somebody who left a way to reach them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadConfirmation {
    /// Their name.
    pub name: Option<String>,
    /// Where a time can be chosen.
    pub book_url: Option<String>,
}

/// For the team: a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadTeam {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their number, E.164.
    pub phone: Option<String>,
    /// The package they asked about.
    pub package: Option<String>,
    /// Kind of the place: `flat`, `house`, `studio`, `commercial`, or in the person's words.
    pub property_type: Option<String>,
    /// Its size in square metres.
    pub property_size: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// What they want to spend.
    pub budget: Option<String>,
    /// What they wrote.
    pub message: Option<String>,
    /// How they came: `chat`, `form` or `quiz`.
    pub source: Option<String>,
    /// 0 to 100.
    pub score: Option<u8>,
    /// An open lead of the same person took this up.
    pub is_known: bool,
    /// Its page in the dashboard.
    pub url: String,
}

/// Where a visit takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// At the company's; `place` is its address.
    Office,
    /// At the client's; `place` is their address.
    OnSite,
    /// By phone; `place` is the number called.
    Phone,
    /// By video; `place` is its address on the web.
    Video,
}

/// A visit, in the time of the company's zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The client's name.
    pub name: String,
    /// What is booked.
    pub service: String,
    /// When it begins.
    pub start: Zoned,
    /// How long it takes.
    pub duration_min: u32,
    /// How people meet.
    pub kind: VisitKind,
    /// Where, as `kind` says.
    pub place: Option<String>,
    /// Who of the team.
    pub staff: Option<String>,
}

/// For the client: a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientVisit {
    /// The visit.
    #[serde(flatten)]
    pub visit: Visit,
    /// The signed link for changing and cancelling.
    pub manage_url: String,
}

/// For the client: a visit that was moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MovedVisit {
    /// The visit as it is now.
    #[serde(flatten)]
    pub visit: Visit,
    /// When it was to begin.
    pub previous_start: Zoned,
    /// The signed link for changing and cancelling.
    pub manage_url: String,
}

/// For the client: a visit that does not take place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelledVisit {
    /// The visit as it was.
    #[serde(flatten)]
    pub visit: Visit,
    /// The client cancelled it.
    pub is_by_client: bool,
    /// Why, in the words of whoever did.
    pub reason: Option<String>,
    /// Where another time can be chosen.
    pub book_url: Option<String>,
}

/// What happened to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Booked.
    New,
    /// Moved.
    Changed,
    /// Cancelled.
    Cancelled,
}

/// For staff: a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamVisit {
    /// The visit.
    #[serde(flatten)]
    pub visit: Visit,
    /// What happened to it.
    pub change: Change,
    /// When it was to begin, if it was moved.
    pub previous_start: Option<Zoned>,
    /// The client's e-mail address.
    pub email: Option<String>,
    /// The client's number, E.164.
    pub phone: Option<String>,
    /// What the client wrote.
    pub notes: Option<String>,
    /// Its page in the dashboard.
    pub url: String,
}

/// For the client, after a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Their name.
    pub name: Option<String>,
    /// What was booked.
    pub service: String,
    /// When it was.
    pub start: Zoned,
    /// Where they can rate it.
    pub rating_url: String,
    /// Where they can say that they want no such letters.
    pub unsubscribe_url: Option<String>,
}

/// A number and the one of the week before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// This week.
    pub now: u64,
    /// The week before.
    pub before: u64,
    /// How much more; less is below 0.
    pub change: i64,
}

impl Count {
    /// A number beside the one of the week before.
    pub fn new(now: u64, before: u64) -> Self {
        Self {
            now,
            before,
            change: i64::try_from(now)
                .unwrap_or(i64::MAX)
                .saturating_sub_unsigned(before),
        }
    }
}

/// Where most leads came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BestSource {
    /// Its name: `direct`, a host or a `utm_source`.
    pub name: String,
    /// How many leads.
    pub leads: Count,
}

/// What the owner could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Answer what the assistant could not.
    AnswerQuestions,
    /// Call those who left a contact and booked nothing.
    OfferVisits,
    /// See whether visitors still find the chat.
    CheckWebsite,
}

/// For the owner: a week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeeklyReport {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Visitors who opened a page with the chat.
    pub visitors: Count,
    /// Conversations.
    pub conversations: Count,
    /// New leads.
    pub leads: Count,
    /// Visits booked.
    pub bookings: Count,
    /// Where most leads came from; none without a lead.
    pub best_source: Option<BestSource>,
    /// Questions the assistant had no answer to. Not their words: a letter would keep them after the visitor's erasure.
    pub unanswered: Count,
    /// What to do about all this.
    pub advice: Option<Advice>,
    /// The dashboard.
    pub url: String,
}

/// For somebody who has to prove an address or a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneTimeCode {
    /// The code.
    pub code: String,
    /// How long it is valid.
    pub valid_min: u32,
}

/// For the owner: something is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// In a few words.
    pub title: String,
    /// What happened, and what to do.
    pub details: String,
    /// When.
    pub at: Zoned,
    /// Where to look.
    pub url: Option<String>,
}

/// What a member of the team may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamRole {
    /// Everything.
    Owner,
    /// What day-to-day work needs.
    Agent,
}

/// For a new member of the team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who invites.
    pub inviter: Option<String>,
    /// What they will be.
    pub role: TeamRole,
    /// The one-time link.
    pub url: String,
    /// How long it is valid.
    pub valid_days: u32,
}

/// For a member of the team who forgot the password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// The one-time link.
    pub url: String,
    /// How long it is valid.
    pub valid_min: u32,
}

/// For a visitor who left before an agent answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentAnswer {
    /// Their name.
    pub name: Option<String>,
    /// Who answers.
    pub agent: Option<String>,
    /// What they asked last.
    pub question: Option<String>,
    /// The answer.
    pub answer: String,
    /// The signed link back into the conversation.
    pub url: String,
}

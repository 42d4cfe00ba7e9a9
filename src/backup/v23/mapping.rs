//! What version 2.3 calls what. Names are compared in lower case; of several the first that is there counts. Pure.
//!
//! | here | tables of 2.3 | read from the columns |
//! | --- | --- | --- |
//! | leads, their history and notes | `leads` | below; `additional_info` and `conversation_summary` become additional information, `notes` a note |
//! | conversations | `chat_conversations`, `chat_sessions`, `conversations` | `session_id` (weak), `started_at`, `user_satisfaction`, `feedback_text`, `language` |
//! | messages | `chat_messages`, `messages` | `conversation_id` or `session_id`, `message`, `sender`, `timestamp`, `intent` |
//! | messages, two a row | `conversations` with `user_message` and `bot_response` | `session_id`, `timestamp`, `intent` |
//! | consents to the service | `rodo_consents` | `session_id`, `consent_given`, `consent_date`, `ip_address` (shortened) |
//! | audit entries (`v23_…`) | `audit_logs` | `action`, `session_id`, `admin_user` (only whether there was one), `timestamp` |
//! | `v23-experiments.json` | `experiments`, `experiment_results`, `followup_tests` | everything |
//!
//! Left behind on purpose: browsers and full addresses of visitors, free texts of audit entries, verification codes, and
//! tables not named here, which the report lists.

use crate::chat::Sender;
use crate::leads::{Source, Status};

/// A column by every name it may have; the first is what it is called in the report.
pub(super) type Column = &'static [&'static str];

pub(super) const LEADS: &[&str] = &["leads", "lead"];
/// What has a conversation a row, or a question with its answer.
pub(super) const CONVERSATIONS: &[&str] = &[
    "chat_conversations",
    "chat_sessions",
    "conversations",
    "conversation",
];
pub(super) const MESSAGES: &[&str] = &["chat_messages", "messages", "chat_message"];
pub(super) const CONSENTS: &[&str] = &["rodo_consents", "rodo_consent", "consents"];
pub(super) const AUDIT: &[&str] = &["audit_logs", "audit_log"];
/// Without `experiment_participants`, which name visitors.
pub(super) const EXPERIMENTS: &[&str] = &[
    "experiments",
    "experiment_results",
    "followup_tests",
    "ab_experiments",
    "ab_tests",
];

pub(super) const SESSION: Column = &["session_id", "session"];
pub(super) const NAME: Column = &["name", "full_name", "client_name"];
pub(super) const EMAIL: Column = &["email", "email_address", "client_email"];
pub(super) const PHONE: Column = &["phone", "phone_number", "client_phone"];
pub(super) const PACKAGE: Column = &["interested_package", "package"];
pub(super) const SIZE: Column = &["property_size", "square_meters", "area"];
pub(super) const KIND: Column = &["property_type"];
pub(super) const LOCATION: Column = &["location", "city"];
pub(super) const BUDGET: Column = &["budget_range", "budget"];
pub(super) const LEAD_MESSAGE: Column = &["message"];
pub(super) const INFO: Column = &["additional_info"];
pub(super) const SUMMARY: Column = &["conversation_summary"];
pub(super) const NOTES: Column = &["notes"];
pub(super) const SOURCE: Column = &["source"];
pub(super) const STATUS: Column = &["status"];
pub(super) const MONDAY: Column = &["monday_item_id"];
pub(super) const CREATED: Column = &["created_at", "timestamp"];
pub(super) const UPDATED: Column = &["updated_at", "last_interaction"];

pub(super) const STARTED: Column = &["started_at", "created_at"];
pub(super) const RATING: Column = &["user_satisfaction", "rating"];
pub(super) const COMMENT: Column = &["feedback_text"];
pub(super) const LANGUAGE: Column = &["language", "lang"];
pub(super) const CONVERSATION: Column = &["conversation_id", "chat_conversation_id"];
pub(super) const BODY: Column = &["message", "content", "text"];
pub(super) const SENDER: Column = &["sender", "role"];
pub(super) const INTENT: Column = &["intent"];
pub(super) const SENT: Column = &["timestamp", "created_at", "sent_at"];
pub(super) const QUESTION: Column = &["user_message"];
pub(super) const ANSWER: Column = &["bot_response"];

pub(super) const GIVEN: Column = &["consent_given", "is_given"];
pub(super) const CONSENTED: Column = &["consent_date", "timestamp", "created_at"];
pub(super) const ADDRESS: Column = &["ip_address"];
pub(super) const ACTION: Column = &["action"];
pub(super) const ADMIN: Column = &["admin_user"];
pub(super) const HAPPENED: Column = &["timestamp", "created_at"];

/// How far 2.3 had come with a lead; `None`: a word it did not use.
pub(super) fn status(word: &str) -> Option<Status> {
    let word = word.to_lowercase().replace([' ', '-'], "_");
    Some(match &*word {
        "new" | "nowy" => Status::New,
        "contacted" | "in_progress" => Status::Contacted,
        "qualified" => Status::Qualified,
        "consultation_booked" | "booked" => Status::ConsultationBooked,
        "converted" | "won" | "closed_won" => Status::Converted,
        "lost" | "rejected" | "closed_lost" => Status::Lost,
        _ => return None,
    })
}

/// Where a lead came from; whatever 2.3 did not write itself came by a file.
pub(super) fn lead_source(word: &str) -> Source {
    match &*word.to_lowercase() {
        "chatbot" | "chat" => Source::Chat,
        "form" | "contact_form" | "website" | "api" => Source::Form,
        "qualification" | "quiz" => Source::Quiz,
        "booking" | "zencal" => Source::Booking,
        _ => Source::Import,
    }
}

/// Who wrote a message; `None`: a word 2.3 did not use.
pub(super) fn sender(word: &str) -> Option<Sender> {
    Some(match &*word.to_lowercase() {
        "user" | "visitor" | "client" | "human" => Sender::User,
        "bot" | "assistant" => Sender::Bot,
        "agent" | "admin" | "consultant" => Sender::Agent,
        "system" => Sender::System,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_2_3_are_known_in_any_case_and_others_are_not_guessed() {
        assert_eq!(
            status("Consultation booked"),
            Some(Status::ConsultationBooked)
        );
        assert_eq!(status("NEW"), Some(Status::New));
        assert_eq!(status("on fire"), None);
        assert_eq!(lead_source("Chatbot"), Source::Chat);
        assert_eq!(lead_source("fair"), Source::Import);
        assert_eq!(sender("Bot"), Some(Sender::Bot));
        assert_eq!(sender("ghost"), None);
    }
}

//! Conversations of 2.3: one row each with messages of their own, or a row for each question with its answer.

use std::collections::{BTreeMap, HashMap};

use super::mapping;
use super::report::{Outcome, Report};
use super::source::{Row, Source};
use super::values::{self, Fault};
use crate::chat::{self, OldConversation, OldMessage, Sender, SessionId, TakenMessage};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// Longest message that is taken over.
const BODY_MAX_CHARS: usize = 20_000;
const INTENT_MAX_BYTES: usize = 100;
const COMMENT_MAX_CHARS: usize = 2_000;
/// A question that both forms hold was written to both within this time.
const TWICE_WITHIN_MS: i64 = 60_000;
const RATINGS: std::ops::RangeInclusive<i64> = 1..=5;

/// Which row something stands in.
type Place = (&'static str, Option<i64>);

/// A message and where it stands.
struct Said {
    place: Place,
    message: OldMessage,
}

/// What is known of a session.
#[derive(Default)]
struct Talk {
    /// The row of the conversation itself.
    place: Option<Place>,
    lang: Option<Lang>,
    started_at_ms: Option<i64>,
    rating: Option<(i64, Option<String>)>,
    said: Vec<Said>,
}

/// Everything that was read, before it is stored.
struct Talks<'r> {
    by_session: BTreeMap<String, Talk>,
    /// Sessions by the number of their conversation.
    sessions: HashMap<i64, String>,
    now_ms: i64,
    report: &'r mut Report,
}

pub(super) fn take_over(
    tx: &mut dyn Tx,
    source: &Source,
    now_ms: i64,
    report: &mut Report,
) -> Result<(), DbError> {
    let mut talks = Talks {
        by_session: BTreeMap::new(),
        sessions: HashMap::new(),
        now_ms,
        report,
    };
    let is_exchange =
        |row: &Row| row.cell(mapping::QUESTION).is_some() || row.cell(mapping::ANSWER).is_some();
    let rows = |tables: &'static [&'static str]| {
        let tables = tables.iter();
        tables.flat_map(|table| source.rows(table).iter().map(move |row| (*table, row)))
    };
    for (table, row) in rows(mapping::CONVERSATIONS).filter(|(_, row)| !is_exchange(row)) {
        talks.each(table, row, Talks::conversation);
    }
    for (table, row) in rows(mapping::MESSAGES) {
        talks.each(table, row, Talks::message);
    }
    for (table, row) in rows(mapping::CONVERSATIONS).filter(|(_, row)| is_exchange(row)) {
        talks.each(table, row, Talks::exchange);
    }
    let Talks { by_session, .. } = talks;
    for (session, talk) in by_session {
        store(tx, &session, talk, report)?;
    }
    Ok(())
}

impl Talks<'_> {
    /// Reads a row; one that cannot be read is left out.
    fn each(
        &mut self,
        table: &'static str,
        row: &Row,
        read: impl Fn(&mut Self, Place, i64, &Row) -> Result<(), Fault>,
    ) {
        let place = (table, row.id());
        let outcome = match place.1 {
            Some(id) => read(self, place, id, row),
            None => Err(("id", "is missing".to_owned())),
        };
        if let Err(fault) = outcome {
            self.report.row(table, place.1, Outcome::LeftOut(fault));
        }
    }

    fn conversation(&mut self, place: Place, id: i64, row: &Row) -> Result<(), Fault> {
        let session = session(row)?;
        self.sessions.insert(id, session.clone());
        let started = values::time(row, mapping::STARTED, self.now_ms);
        let started_at_ms = self.kept(place, started);
        let rating = self.kept(place, rating(row));
        let lang = self.kept(place, values::text(row, mapping::LANGUAGE));
        let talk = self.by_session.entry(session).or_default();
        if talk.place.is_some() {
            return Err(("session_id", "stands in another row, too".into()));
        }
        talk.place = Some(place);
        talk.started_at_ms = started_at_ms;
        talk.rating = rating;
        talk.lang = lang.and_then(|lang| lang.parse().ok());
        Ok(())
    }

    fn message(&mut self, place: Place, id: i64, row: &Row) -> Result<(), Fault> {
        let word = values::needed_text(row, mapping::SENDER)?;
        let sender = mapping::sender(&word).ok_or(("sender", "is no word of 2.3".to_owned()))?;
        let body = body(row, mapping::BODY)?;
        let body = body.ok_or(("message", "is empty".to_owned()))?;
        let at_ms = values::needed_time(row, mapping::SENT, self.now_ms)?;
        let session = match values::integer(row, mapping::CONVERSATION)? {
            Some(number) => self.sessions.get(&number).cloned().ok_or((
                "conversation_id",
                "names no conversation that is taken over".to_owned(),
            ))?,
            None => session(row)?,
        };
        let message = OldMessage {
            key: format!("v23:m:{id}:{at_ms}"),
            sender,
            body,
            intent: intent(row),
            at_ms,
        };
        let talk = self.by_session.entry(session).or_default();
        talk.said.push(Said { place, message });
        Ok(())
    }

    /// A question and its answer; what stands among the messages, too, is not taken twice.
    fn exchange(&mut self, place: Place, id: i64, row: &Row) -> Result<(), Fault> {
        let session = session(row)?;
        let at_ms = values::needed_time(row, mapping::SENT, self.now_ms)?;
        let (question, answer) = (body(row, mapping::QUESTION)?, body(row, mapping::ANSWER)?);
        let intent = intent(row);
        let message = |kind: char, sender, body: String| OldMessage {
            key: format!("v23:x:{id}:{kind}:{at_ms}"),
            sender,
            body,
            intent: intent.clone(),
            at_ms,
        };
        let both = [
            question.map(|body| message('q', Sender::User, body)),
            answer.map(|body| message('a', Sender::Bot, body)),
        ];
        let both: Vec<OldMessage> = both.into_iter().flatten().collect();
        if both.is_empty() {
            return Err(("user_message", "is empty, as is bot_response".into()));
        }
        let talk = self.by_session.entry(session).or_default();
        let stands = |new: &OldMessage| {
            talk.said.iter().any(|said| {
                let old = &said.message;
                said.place.0 != place.0
                    && (old.sender, &old.body) == (new.sender, &new.body)
                    && (old.at_ms - new.at_ms).abs() <= TWICE_WITHIN_MS
            })
        };
        let new: Vec<OldMessage> = both.into_iter().filter(|new| !stands(new)).collect();
        if new.is_empty() {
            return Err(("user_message", "stands among the messages, too".into()));
        }
        let new = new.into_iter().map(|message| Said { place, message });
        talk.said.extend(new);
        Ok(())
    }

    fn kept<T>(&mut self, (table, id): Place, read: Result<Option<T>, Fault>) -> Option<T> {
        read.unwrap_or_else(|fault| {
            self.report.without(table, id, fault);
            None
        })
    }
}

fn session(row: &Row) -> Result<String, Fault> {
    let id = values::needed_text(row, mapping::SESSION)?;
    match SessionId::foreign(&id) {
        Ok(session) => Ok(session.to_string()),
        Err(_) => Err(("session_id", "is none that can be used".into())),
    }
}

fn body(row: &Row, column: mapping::Column) -> Result<Option<String>, Fault> {
    let body = values::text(row, column)?;
    let is_too_long = |body: &String| body.chars().count() > BODY_MAX_CHARS;
    if body.as_ref().is_some_and(is_too_long) {
        let why = format!("is longer than {BODY_MAX_CHARS} characters");
        return Err((column[0], why));
    }
    Ok(body)
}

/// What it was understood as; a name that is none is as good as none.
fn intent(row: &Row) -> Option<String> {
    let intent = values::text(row, mapping::INTENT).ok().flatten()?;
    let is_name = intent.len() <= INTENT_MAX_BYTES && intent.bytes().all(|b| b.is_ascii_graphic());
    is_name.then_some(intent)
}

fn rating(row: &Row) -> Result<Option<(i64, Option<String>)>, Fault> {
    let Some(rating) = values::integer(row, mapping::RATING)? else {
        return Ok(None);
    };
    if !RATINGS.contains(&rating) {
        return Err((mapping::RATING[0], "is not from 1 to 5".into()));
    }
    let comment = values::text(row, mapping::COMMENT)?;
    let comment = comment.map(|text| text.chars().take(COMMENT_MAX_CHARS).collect());
    Ok(Some((rating, comment)))
}

/// Stores what was said in a session, and counts its rows.
fn store(
    tx: &mut dyn Tx,
    session: &str,
    mut talk: Talk,
    report: &mut Report,
) -> Result<(), DbError> {
    let leave_out = |report: &mut Report, place: Option<Place>, fault: Fault| {
        if let Some((table, id)) = place {
            report.row(table, id, Outcome::LeftOut(fault));
        }
    };
    let Ok(session) = SessionId::foreign(session) else {
        let fault = ("session_id", "is none that can be used".to_owned());
        leave_out(report, talk.place, fault);
        return Ok(());
    };
    if talk.said.is_empty() {
        let fault = ("messages", "are none that could be taken over".to_owned());
        leave_out(report, talk.place, fault);
        return Ok(());
    }
    // An exchange's question stands before its answer, and rows of one time in their order.
    talk.said.sort_by_key(|said| said.message.at_ms);
    let places: Vec<Place> = talk.said.iter().map(|said| said.place).collect();
    let old = OldConversation {
        session,
        lang: talk.lang.unwrap_or(Lang::Pl),
        started_at_ms: talk.started_at_ms,
        rating: talk.rating,
        messages: talk.said.into_iter().map(|said| said.message).collect(),
    };
    let (is_new, taken) = chat::take_over(tx, &old)?;
    if let Some((table, id)) = talk.place {
        let outcome = if is_new {
            Outcome::Taken
        } else {
            Outcome::Known
        };
        report.row(table, id, outcome);
    }
    // A row of two messages counts by the better of them.
    let mut rows: BTreeMap<Place, TakenMessage> = BTreeMap::new();
    for (place, taken) in places.into_iter().zip(taken) {
        let best = rows.entry(place).or_insert(taken);
        if *best != TakenMessage::New && taken != TakenMessage::Known {
            *best = taken;
        }
    }
    for ((table, id), taken) in rows {
        let outcome = match taken {
            TakenMessage::New => Outcome::Taken,
            TakenMessage::Known => Outcome::Known,
            TakenMessage::TooLate => {
                let why = "is earlier than what was said in the conversation here";
                Outcome::LeftOut(("timestamp", why.into()))
            }
        };
        report.row(table, id, outcome);
    }
    Ok(())
}

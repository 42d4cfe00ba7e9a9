//! Conversations that people have: a visitor who waits too long is escalated, one where nobody writes any more goes
//! back to the assistant. A look every minute finds what is due.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::inbox::Owner;
use super::model::HandledBy;
use super::service::Chat;
use super::{ChatError, DbError, Tx};
use crate::accounts::audit;
use crate::knowledge::SystemText;
use crate::params;
use crate::platform::clock::now_ms;
use crate::platform::http::Principal;
use crate::platform::jobs::{HandlerError, NewJob, enqueue};
use crate::platform::settings;

/// Kind of the job that tells the team of a visitor who waits too long.
pub const ESCALATE_JOB: &str = "conversation.escalate";
/// Name of the setting.
const SETTING: &str = "conversations";
const MINUTE_MS: i64 = 60_000;

/// How long a conversation may stand still before something is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
pub struct WaitingTimes {
    /// Minutes of opening hours a visitor waits for a person before the team is alarmed, 1 to 480; 5 unless set.
    pub escalate_after_min: u32,
    /// Minutes without a message after which a person's conversation goes back to the assistant, 5 to 10,080; 30
    /// unless set.
    pub hand_back_after_min: u32,
}

impl Default for WaitingTimes {
    fn default() -> Self {
        Self {
            escalate_after_min: 5,
            hand_back_after_min: 30,
        }
    }
}

impl WaitingTimes {
    /// Errors: a time is out of its bounds.
    pub(super) fn checked(self) -> Result<Self, ChatError> {
        let bounds = [
            ("escalate_after_min", self.escalate_after_min, 1..=480),
            ("hand_back_after_min", self.hand_back_after_min, 5..=10_080),
        ];
        for (field, minutes, range) in bounds {
            if !range.contains(&minutes) {
                let why = format!("must be from {} to {}", range.start(), range.end());
                return Err(ChatError::Field(field, why));
            }
        }
        Ok(self)
    }

    fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(settings::load(tx, SETTING)?.unwrap_or_default())
    }
}

/// An open conversation that waits for a person or is with one.
#[derive(Debug, Clone, PartialEq)]
struct Attended {
    id: i64,
    handled_by: HandledBy,
    queued_at_ms: Option<i64>,
    escalated_at_ms: Option<i64>,
    /// When somebody last wrote.
    updated_at_ms: i64,
}

/// What is to be done about a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Tell the team that its visitor waits too long.
    Escalate,
    /// Let the assistant answer again.
    HandBack,
}

/// What is due at `now_ms` (milliseconds UTC).
///
/// * `open_since_ms`: for how long of the time since then somebody was there, in milliseconds. A visitor's wait is
///   counted in it, so that a night costs nobody an alarm; idle time is not, since a visitor who comes back at night
///   is better served by the assistant than by silence.
fn due(
    conversation: &Attended,
    times: WaitingTimes,
    now_ms: i64,
    open_since_ms: impl FnOnce(i64) -> i64,
) -> Option<Due> {
    match conversation.handled_by {
        HandledBy::Bot => None,
        HandledBy::Queue => {
            let queued_at_ms = conversation.queued_at_ms?;
            let is_told = conversation.escalated_at_ms >= Some(queued_at_ms);
            let limit_ms = i64::from(times.escalate_after_min) * MINUTE_MS;
            (!is_told && open_since_ms(queued_at_ms) >= limit_ms).then_some(Due::Escalate)
        }
        HandledBy::Human => {
            let limit_ms = i64::from(times.hand_back_after_min) * MINUTE_MS;
            (now_ms - conversation.updated_at_ms >= limit_ms).then_some(Due::HandBack)
        }
    }
}

impl Chat {
    /// The waiting times that hold.
    pub(super) async fn waiting_times(&self) -> Result<WaitingTimes, ChatError> {
        Ok(self.store.read(WaitingTimes::load).await?)
    }

    /// Replaces the waiting times; they hold from the next look on.
    pub(super) async fn set_waiting_times(
        &self,
        times: WaitingTimes,
        by: &Principal,
    ) -> Result<WaitingTimes, ChatError> {
        let times = times.checked()?;
        let actor = by.actor.to_string();
        self.store
            .write(move |tx| {
                let now = now_ms();
                settings::save(tx, SETTING, &times, now)?;
                let details = json!({"parts": [SETTING]});
                audit::record(tx, &actor, "settings_changed", None, &details, now)
            })
            .await?;
        Ok(times)
    }

    /// Looks at every conversation people have: asks for the escalation of those whose visitor waits too long, and
    /// hands back those that are idle. True when a job was added. An error is logged; the next look tries again.
    pub async fn look_after(&self) -> bool {
        match self.look_after_at(now_ms()).await {
            Ok(has_jobs) => has_jobs,
            Err(error) => {
                tracing::error!(%error, "waiting conversations could not be looked after");
                false
            }
        }
    }

    async fn look_after_at(&self, now_ms: i64) -> Result<bool, ChatError> {
        let (times, attended) = self
            .store
            .read(|tx| Ok::<_, DbError>((WaitingTimes::load(tx)?, attended(tx)?)))
            .await?;
        let knowledge = self.knowledge.snapshot();
        let mut overdue = Vec::new();
        for conversation in attended {
            let open_since_ms = |from_ms| knowledge.open_ms(from_ms, now_ms);
            match due(&conversation, times, now_ms, open_since_ms) {
                Some(Due::Escalate) => overdue.push(conversation.id),
                Some(Due::HandBack) => self.hand_back_idle(conversation.id, times).await?,
                None => {}
            }
        }
        if overdue.is_empty() {
            return Ok(false);
        }
        self.store
            .write(move |tx| {
                overdue
                    .into_iter()
                    .try_for_each(|id| ask_for_escalation(tx, id, now_ms))
            })
            .await?;
        Ok(true)
    }

    /// Hands a conversation back unless somebody has written or taken it meanwhile.
    async fn hand_back_idle(&self, id: i64, times: WaitingTimes) -> Result<(), ChatError> {
        self.pass_on(id, move |tx, state, knowledge, now_ms| {
            let is_idle = attended_by_id(tx, id)?.is_some_and(|conversation| {
                due(&conversation, times, now_ms, |_| 0) == Some(Due::HandBack)
            });
            let text = knowledge.sentence(SystemText::HandedBack, state.lang);
            Ok(is_idle.then(|| (text.to_owned(), Owner::BOT)))
        })
        .await?;
        Ok(())
    }

    /// The handler of [`ESCALATE_JOB`]: marks the conversation and alarms the team, if it still waits.
    pub async fn escalate(&self, payload_json: &str) -> Result<(), HandlerError> {
        let Escalation { conversation_id } = serde_json::from_str(payload_json)
            .map_err(|error| HandlerError::Final(error.to_string()))?;
        let is_marked = self
            .store
            .write(move |tx| mark_escalated(tx, conversation_id, now_ms()))
            .await?;
        if is_marked {
            self.announce(conversation_id).await;
        }
        Ok(())
    }
}

/// What [`ESCALATE_JOB`] carries.
#[derive(Serialize, Deserialize)]
struct Escalation {
    conversation_id: i64,
}

fn ask_for_escalation(tx: &mut dyn Tx, conversation_id: i64, now_ms: i64) -> Result<(), DbError> {
    let payload = serde_json::to_string(&Escalation { conversation_id })
        .map_err(|error| DbError::Internal(error.to_string()))?;
    let job = NewJob {
        kind: ESCALATE_JOB,
        payload_json: &payload,
        dedupe_key: Some(&format!("{ESCALATE_JOB}:{conversation_id}")),
    };
    enqueue(tx, &job, now_ms)
}

fn attended(tx: &mut dyn Tx) -> Result<Vec<Attended>, DbError> {
    tx.query(
        "SELECT id, handled_by, queued_at_ms, escalated_at_ms, updated_at_ms FROM conversations \
         WHERE handled_by <> 'bot' AND status = 'open' ORDER BY id",
        params![],
    )?
    .into_iter()
    .map(attended_row)
    .collect()
}

fn attended_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<Attended>, DbError> {
    tx.query_first(
        "SELECT id, handled_by, queued_at_ms, escalated_at_ms, updated_at_ms FROM conversations \
         WHERE handled_by <> 'bot' AND status = 'open' AND id = ?1",
        params![id],
    )?
    .map(attended_row)
    .transpose()
}

fn attended_row(mut row: crate::platform::db::Row) -> Result<Attended, DbError> {
    Ok(Attended {
        id: row.take(0)?,
        handled_by: row.word(1)?,
        queued_at_ms: row.take(2)?,
        escalated_at_ms: row.take(3)?,
        updated_at_ms: row.take(4)?,
    })
}

/// True when the conversation waits and was not marked in this wait before.
fn mark_escalated(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<bool, DbError> {
    let marked = tx.execute(
        "UPDATE conversations SET escalated_at_ms = ?2 WHERE id = ?1 AND handled_by = 'queue' AND status = 'open' \
         AND COALESCE(escalated_at_ms, 0) < queued_at_ms",
        params![id, now_ms],
    )?;
    Ok(marked > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_360_000_000;

    fn minutes_ago(minutes: i64) -> i64 {
        NOW_MS - minutes * MINUTE_MS
    }

    fn waiting(since_min: i64) -> Attended {
        Attended {
            id: 1,
            handled_by: HandledBy::Queue,
            queued_at_ms: Some(minutes_ago(since_min)),
            escalated_at_ms: None,
            updated_at_ms: NOW_MS,
        }
    }

    /// What is due when the doors are open all the time.
    fn due_now(conversation: &Attended) -> Option<Due> {
        due(conversation, WaitingTimes::default(), NOW_MS, |from_ms| {
            NOW_MS - from_ms
        })
    }

    #[test]
    fn a_visitor_who_waits_five_minutes_is_escalated_also_while_they_go_on_writing() {
        assert_eq!(due_now(&waiting(4)), None);
        assert_eq!(due_now(&waiting(5)), Some(Due::Escalate));
    }

    #[test]
    fn closed_hours_are_no_waiting() {
        let times = WaitingTimes::default();
        assert_eq!(due(&waiting(600), times, NOW_MS, |_| 0), None);
        let since_opening = |_| 5 * MINUTE_MS;
        assert_eq!(
            due(&waiting(600), times, NOW_MS, since_opening),
            Some(Due::Escalate)
        );
    }

    #[test]
    fn a_wait_is_told_once_and_a_new_one_again() {
        let mut told = waiting(60);
        told.escalated_at_ms = Some(minutes_ago(55));
        assert_eq!(due_now(&told), None);
        told.escalated_at_ms = Some(minutes_ago(61));
        assert_eq!(due_now(&told), Some(Due::Escalate));
    }

    #[test]
    fn a_persons_conversation_goes_back_after_half_an_hour_of_silence_and_the_assistants_never() {
        let mut conversation = waiting(600);
        conversation.handled_by = HandledBy::Human;
        conversation.updated_at_ms = minutes_ago(29);
        assert_eq!(due_now(&conversation), None);
        conversation.updated_at_ms = minutes_ago(30);
        assert_eq!(due_now(&conversation), Some(Due::HandBack));
        conversation.handled_by = HandledBy::Bot;
        assert_eq!(due_now(&conversation), None);
    }

    #[test]
    fn times_have_bounds() {
        let times = |escalate_after_min, hand_back_after_min| {
            WaitingTimes {
                escalate_after_min,
                hand_back_after_min,
            }
            .checked()
        };
        assert!(times(1, 5).is_ok() && times(480, 10_080).is_ok());
        assert!(times(0, 30).is_err() && times(481, 30).is_err());
        assert!(times(5, 4).is_err() && times(5, 10_081).is_err());
    }
}

//! A visitor's own data: a copy of what is kept about the conversation, and erasing it, which is asked once more. Whoever
//! holds a session that proves itself has the right to both, as in the chat's menu; all others are only told the page
//! where people ask with their e-mail address or phone.

use super::memory::Memory;
use super::question::{Manner, Question};
use super::step::{Said, ask, finish, say_text};
use super::tap::Tap;
use super::{Outcome, Scene, Wish};
use crate::knowledge::{QuickReply, SystemText, fill};

/// What the answer after an erasure is stored as, in place of an intent; by it the chat knows that its session is over.
const ERASED_INTENT: &str = "data_deleted";

/// Whether an answer leads on to what can be done with one's data.
fn is_about(intent: &str) -> bool {
    intent == "privacy" || intent == "delete_my_data"
}

/// The buttons an answer about data has first.
pub(super) fn buttons(intent: &str, scene: &Scene<'_>) -> Vec<QuickReply> {
    if !is_about(intent) || !scene.situation.can_hand_off {
        return Vec::new();
    }
    vec![Tap::CopyData.button(scene), Tap::EraseData.button(scene)]
}

/// What a tapped button does; `None` for other buttons, and in a session that proves nothing.
pub(super) fn tapped(tap: Option<&Tap>, memory: &Memory, scene: &Scene<'_>) -> Option<Outcome> {
    if !scene.situation.can_hand_off {
        return None;
    }
    let mut memory = memory.clone();
    match tap {
        Some(Tap::CopyData) => {
            memory.drop_goal();
            let path = format!("/api/chatbot/export-data/{}", scene.session_id);
            let text = fill(scene.sentence(SystemText::DataCopy), &[("link", &path)]);
            let said = Said {
                text,
                buttons: vec![Tap::EraseData.button(scene)],
                ..Said::default()
            };
            Some(finish(said, memory, scene))
        }
        Some(Tap::EraseData) => {
            memory.drop_goal();
            Some(ask(Question::EraseData, Manner::First, memory, scene))
        }
        _ => None,
    }
}

/// The question was answered with yes.
pub(super) fn erase(scene: &Scene<'_>) -> Outcome {
    let mut outcome = say_text(
        Memory::default(),
        SystemText::DataDeleted,
        Vec::new(),
        scene,
    );
    outcome.message.intent = Some(ERASED_INTENT.to_owned());
    outcome.wish = Some(Wish::EraseData);
    outcome
}

/// It was not.
pub(super) fn keep(mut memory: Memory, scene: &Scene<'_>) -> Outcome {
    memory.drop_goal();
    say_text(memory, SystemText::DataKept, Vec::new(), scene)
}

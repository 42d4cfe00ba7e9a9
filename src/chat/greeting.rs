//! What a visitor is greeted with.

use super::ChatError;
use super::service::Chat;
use super::session::SessionId;
use crate::knowledge::QuickReply;
use crate::nlu::Lang;
use crate::platform::clock::now_ms;

/// The beginning of a chat, before anything is said.
pub(super) struct Greeting {
    pub(super) text: String,
    pub(super) quick_replies: Vec<QuickReply>,
}

impl Chat {
    /// What a session is greeted with. Nothing is stored, unless an experiment counts who is greeted.
    pub(super) async fn greet(
        &self,
        session: &SessionId,
        lang: Lang,
    ) -> Result<Greeting, ChatError> {
        let knowledge = self.knowledge.snapshot();
        let opening = self.experiments.opening(session, lang, &knowledge);
        if opening.is_counted {
            let (running, session) = (self.experiments.clone(), session.clone());
            self.store
                .write(move |tx| {
                    Ok::<_, ChatError>(running.greeted(tx, &session, lang, now_ms())?)
                })
                .await?;
        }
        let usual = knowledge.intent("greeting");
        let names = opening
            .quick_replies
            .as_ref()
            .or_else(|| usual.map(|intent| &intent.follow_ups));
        Ok(Greeting {
            text: opening
                .greeting
                .unwrap_or_else(|| knowledge.greeting(lang).to_owned()),
            quick_replies: names
                .into_iter()
                .flatten()
                .filter_map(|name| knowledge.button(name, lang))
                .collect(),
        })
    }
}

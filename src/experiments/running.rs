//! What runs, as the chat asks it: without an experiment, one look at an empty pointer.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::model::{Element, Experiment, Goal, Guard, Status};
use super::{hooks, rules, store};
use crate::analytics::session_key;
use crate::chat::SessionId;
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// The experiments that count. Cheap to clone; the default runs none.
#[derive(Clone, Default)]
pub struct Running(Arc<ArcSwapOption<Vec<Experiment>>>);

/// What a visitor is greeted with instead of what everybody else is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// `None`: as without an experiment.
    pub greeting: Option<String>,
    /// Names of intents; `None`: as without an experiment.
    pub quick_replies: Option<Vec<String>>,
    /// Whoever is greeted so is to be counted now, by [`Running::greeted`].
    pub is_counted: bool,
}

impl Running {
    /// Takes what now runs or is paused.
    pub(super) fn set(&self, experiments: Vec<Experiment>) {
        let experiments = (!experiments.is_empty()).then(|| Arc::new(experiments));
        self.0.store(experiments);
    }

    /// What runs or is paused.
    pub(super) fn all(&self) -> Option<Arc<Vec<Experiment>>> {
        self.0.load_full()
    }

    /// What a session is greeted with. A weak one takes part in nothing.
    pub fn opening(&self, session: &SessionId, lang: Lang, knowledge: &Snapshot) -> Opening {
        let Some(all) = self.all().filter(|_| !session.is_weak()) else {
            return Opening::default();
        };
        let mut opening = Opening::default();
        for experiment in all.iter().filter(|one| shows_to(one, lang)) {
            match experiment.design.element {
                Element::Greeting => opening.greeting = text(experiment, session, lang, knowledge),
                Element::QuickReplies => {
                    let variant = rules::assigned(experiment, session.as_str());
                    opening.quick_replies =
                        variant.and_then(|variant| variant.content.quick_replies.clone());
                }
                Element::CallToAction => continue,
            }
            opening.is_counted |= experiment.design.counts_at_greeting();
        }
        opening
    }

    /// Counts a visitor who was just greeted, for experiments on whether somebody writes at all.
    pub fn greeted(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        lang: Lang,
        now_ms: i64,
    ) -> Result<(), DbError> {
        let is_meant = |one: &Experiment| {
            one.design.element != Element::CallToAction && one.design.counts_at_greeting()
        };
        self.expose(tx, session, lang, is_meant, now_ms)
    }

    /// Notes a session's first message. Whoever was greeted is counted now: programs that fetch a session and never write
    /// would only blur what is measured, and the variant is the one that was shown, since it is always the same.
    ///
    /// * `was_greeted`: the session was begun before, by whoever showed the greeting.
    pub fn first_message(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        lang: Lang,
        was_greeted: bool,
        now_ms: i64,
    ) -> Result<(), DbError> {
        if was_greeted {
            let is_meant = |one: &Experiment| {
                one.design.element != Element::CallToAction && !one.design.counts_at_greeting()
            };
            self.expose(tx, session, lang, is_meant, now_ms)?;
        }
        self.happened(tx, session, Goal::Conversation, now_ms)
    }

    /// The call to action a session is shown; `None`: as without an experiment.
    pub fn call_to_action(
        &self,
        session: &SessionId,
        lang: Lang,
        knowledge: &Snapshot,
    ) -> Option<String> {
        let all = self.all().filter(|_| !session.is_weak())?;
        let experiment = all.iter().find(|one| {
            one.design.element == Element::CallToAction && one.status == Status::Running
        })?;
        text(experiment, session, lang, knowledge)
    }

    /// Counts a visitor who was just shown the call to action.
    pub fn invited(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        lang: Lang,
        now_ms: i64,
    ) -> Result<(), DbError> {
        let is_meant = |one: &Experiment| one.design.element == Element::CallToAction;
        self.expose(tx, session, lang, is_meant, now_ms)
    }

    /// Notes that the assistant passed a visitor on to people.
    pub fn handed_off(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        now_ms: i64,
    ) -> Result<(), DbError> {
        self.happened(tx, session, Goal::NoHandoff, now_ms)?;
        self.harmed(tx, session, Guard::Handoff, now_ms)
    }

    /// Notes that the assistant did not understand a visitor.
    pub fn not_understood(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        now_ms: i64,
    ) -> Result<(), DbError> {
        self.harmed(tx, session, Guard::Fallback, now_ms)
    }

    fn happened(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        goal: Goal,
        now_ms: i64,
    ) -> Result<(), DbError> {
        let all = self.all().filter(|_| !session.is_weak());
        let is_counted = all.is_some_and(|all| all.iter().any(|one| one.design.goal == goal));
        if is_counted {
            hooks::reached(tx, goal, session.as_str(), now_ms)?;
        }
        Ok(())
    }

    fn harmed(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        guard: Guard,
        now_ms: i64,
    ) -> Result<(), DbError> {
        let all = self.all().filter(|_| !session.is_weak());
        let is_counted =
            all.is_some_and(|all| all.iter().any(|one| one.design.guard == Some(guard)));
        if is_counted {
            hooks::guarded(tx, guard, session.as_str(), now_ms)?;
        }
        Ok(())
    }

    fn expose(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        lang: Lang,
        is_meant: impl Fn(&Experiment) -> bool,
        now_ms: i64,
    ) -> Result<(), DbError> {
        let Some(all) = self.all().filter(|_| !session.is_weak()) else {
            return Ok(());
        };
        let shown = all
            .iter()
            .filter(|one| shows_to(one, lang) && is_meant(one));
        for experiment in shown {
            if let Some(variant) = rules::assigned(experiment, session.as_str()) {
                let key = session_key(session.as_str());
                store::exposures::insert(tx, variant.id, &key, now_ms)?;
            }
        }
        Ok(())
    }
}

fn shows_to(experiment: &Experiment, lang: Lang) -> bool {
    experiment.status == Status::Running && experiment.design.varies_in(lang)
}

/// The text a session sees; `None`: the one everybody else sees.
fn text(
    experiment: &Experiment,
    session: &SessionId,
    lang: Lang,
    knowledge: &Snapshot,
) -> Option<String> {
    let variant = rules::assigned(experiment, session.as_str())?;
    let template = variant.content.texts.get(lang).as_ref()?;
    if !template.contains('{') {
        return Some(template.clone());
    }
    match knowledge.filled(template, lang, "") {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::warn!(experiment = experiment.id, %error, "a variant shows the usual text");
            None
        }
    }
}

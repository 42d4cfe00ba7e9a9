//! What the owner is told when a webhook does not work.

use super::model::Disabled;
use crate::knowledge::Knowledge;
use crate::nlu::Lang;
use crate::notify::outbox;
use crate::platform::db::{DbError, Tx};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was switched off.
    Disabled(Disabled),
    /// An event was given up.
    GivenUp,
}

/// Writes the letter; what is given up is told once a day.
pub(super) fn queue(
    tx: &mut dyn Tx,
    knowledge: &Knowledge,
    webhook_id: i64,
    trouble: Trouble,
    now_ms: i64,
) -> Result<(), DbError> {
    let key = match trouble {
        Trouble::Disabled(_) => format!("alarm:webhook:{webhook_id}:off:{now_ms}"),
        Trouble::GivenUp => format!("alarm:webhook:{webhook_id}:{}", now_ms / DAY_MS),
    };
    let words = |lang| words(lang, trouble);
    outbox::alarm(tx, &knowledge.snapshot(), key, words, now_ms)
}

fn words(lang: Lang, trouble: Trouble) -> (&'static str, &'static str) {
    match (lang, trouble) {
        (Lang::Pl, Trouble::Disabled(Disabled::Gone)) => (
            "Webhook został wyłączony",
            "Odbiorca odpowiedział, że adres już nie istnieje (410).",
        ),
        (Lang::Pl, Trouble::Disabled(Disabled::Failing)) => (
            "Webhook został wyłączony",
            "Od pięciu dni żadne zdarzenie nie dotarło do odbiorcy. Po usunięciu przyczyny webhook można ponownie włączyć, \
             a zdarzenia wysłać jeszcze raz.",
        ),
        (Lang::Pl, Trouble::GivenUp) => (
            "Zdarzenie nie dotarło do webhooka",
            "Po wszystkich próbach co najmniej jednego zdarzenia nie udało się dostarczyć. Lista dostarczeń podaje \
             przyczynę; stamtąd można wysłać je ponownie.",
        ),
        (Lang::En, Trouble::Disabled(Disabled::Gone)) => (
            "A webhook was switched off",
            "Its receiver answered that the address is gone (410).",
        ),
        (Lang::En, Trouble::Disabled(Disabled::Failing)) => (
            "A webhook was switched off",
            "No event has reached its receiver for five days. Once the cause is removed, the webhook can be enabled again \
             and its events can be replayed.",
        ),
        (Lang::En, Trouble::GivenUp) => (
            "An event did not reach a webhook",
            "After all tries at least one event could not be delivered. The list of deliveries says why, and there it can \
             be replayed.",
        ),
        (Lang::De, Trouble::Disabled(Disabled::Gone)) => (
            "Ein Webhook wurde abgeschaltet",
            "Der Empfänger hat geantwortet, dass es die Adresse nicht mehr gibt (410).",
        ),
        (Lang::De, Trouble::Disabled(Disabled::Failing)) => (
            "Ein Webhook wurde abgeschaltet",
            "Seit fünf Tagen hat kein Ereignis den Empfänger erreicht. Ist die Ursache behoben, lässt sich der Webhook \
             wieder einschalten und seine Ereignisse lassen sich erneut senden.",
        ),
        (Lang::De, Trouble::GivenUp) => (
            "Ein Ereignis hat einen Webhook nicht erreicht",
            "Nach allen Versuchen konnte mindestens ein Ereignis nicht zugestellt werden. Den Grund nennt die Liste der \
             Zustellungen, dort lässt es sich erneut senden.",
        ),
    }
}

//! The goal of a contact for the team: a name, a way to answer, and consent with the text that was shown.

use super::memory::{Known, Memory};
use super::question::Question;
use super::step::{Next, Said, finish, say_text};
use super::{Outcome, Scene, Wish};
use crate::knowledge::SystemText;
use crate::leads::{ConsentGiven, Email, NewLead, Phone, Saved, Source};

/// What a consent given in the chat is for.
const PURPOSE: &str = "contact";

/// Asks for a name, a way to answer, and consent.
pub(super) fn next(memory: &Memory, _scene: &Scene<'_>) -> Next {
    if memory.known.name.is_none() {
        return Next::Ask(Question::Name);
    }
    if !is_reachable(&memory.known) {
        return Next::Ask(Question::Contact);
    }
    Next::Ask(Question::Consent)
}

pub(super) fn is_reachable(known: &Known) -> bool {
    known.email.is_some() || known.phone.is_some()
}

/// The visitor agreed: the contact is kept.
pub(super) fn consented(mut memory: Memory, scene: &Scene<'_>) -> Outcome {
    memory.drop_goal();
    let known = &memory.known;
    let mut lead = NewLead::new(known.name.as_deref().unwrap_or_default(), Source::Chat);
    lead.session_id = Some(scene.session_id.to_owned());
    // What was read as an address or a number once is one; a rule that became stricter since asks again.
    lead.email = known
        .email
        .as_deref()
        .and_then(|text| Email::parse(text).ok());
    lead.phone = known
        .phone
        .as_deref()
        .and_then(|text| Phone::parse(text).ok());
    if lead.email.is_none() && lead.phone.is_none() {
        memory.known.forget_contact();
        return say_text(memory, SystemText::AskContactAgain, Vec::new(), scene);
    }
    lead.interested_package.clone_from(&known.package);
    lead.property_size = known.area_m2;
    lead.property_type = known.property_type.map(|kind| kind.name().to_owned());
    lead.location.clone_from(&known.city);
    lead.budget = known.budget_pln;
    lead.consent = Some(consent(scene));
    let said = Said {
        wish: Some(Wish::SaveLead(Box::new(lead))),
        ..Said::default()
    };
    // The team has it now; the assistant needs no more than the name to go on.
    memory.known.forget_contact();
    finish(said, memory, scene)
}

/// The consent the visitor gives now, with the text that was shown.
pub(super) fn consent(scene: &Scene<'_>) -> ConsentGiven {
    ConsentGiven {
        purpose: PURPOSE.to_owned(),
        text_version: scene
            .knowledge
            .text_version(SystemText::ConsentText, scene.lang()),
        text: scene.sentence(SystemText::ConsentText).to_owned(),
        lang: scene.lang(),
    }
}

/// What is said once the contact is kept.
pub(in crate::chat) fn saved_text(saved: &Saved, scene: &Scene<'_>) -> String {
    let text = if saved.joined {
        SystemText::LeadJoined
    } else {
        SystemText::LeadSaved
    };
    scene.sentence(text).to_owned()
}

//! The goal of a price for the visitor's own place. Only the area must be known; the rest is asked once or assumed, and
//! the estimate says what it assumed.

use super::memory::{Known, Memory};
use super::question::Question;
use super::step::{Next, Said, outcome, say_text};
use super::tap::Tap;
use super::{Outcome, Scene, Wish, say};
use crate::knowledge::{SystemText, fill};
use crate::quotes::{self, EstimateRequest, NewQuote, QuoteError, SavedQuote};

/// Asks for the area and once for the package, then says the price.
pub(super) fn next(memory: &mut Memory, scene: &Scene<'_>) -> Next {
    let is_skipped = |question| memory.skipped.contains(&question);
    if memory.known.area_m2.is_none() {
        if is_skipped(Question::Area) {
            return Next::Done(Box::new(Said {
                text: say::prices(&memory.known, scene),
                offer: Some(Question::OfferContact),
                ..Said::default()
            }));
        }
        return Next::Ask(Question::Area);
    }
    let has_choice = memory.known.package.is_none() && !is_skipped(Question::Package);
    if has_choice {
        return Next::Ask(Question::Package);
    }
    let Ok((request, estimate)) = estimate(&memory.known, scene) else {
        // An area nobody finishes: 3 m² or 50,000 m².
        memory.known.area_m2 = None;
        return Next::Ask(Question::Area);
    };
    memory.has_quote = true;
    Next::Done(Box::new(Said {
        text: quotes::say(&estimate, &request, scene.lang()),
        buttons: vec![Tap::SaveQuote.button(scene)],
        wish: None,
        offer: Some(Question::OfferContact),
    }))
}

/// Keeps the quote for what is known.
pub(super) fn save(memory: Memory, scene: &Scene<'_>) -> Outcome {
    let Ok((request, estimate)) = estimate(&memory.known, scene) else {
        return say_text(memory, SystemText::AskArea, Vec::new(), scene);
    };
    let quote = NewQuote {
        request,
        estimate,
        lang: scene.lang(),
        session_id: Some(scene.session_id.to_owned()),
        lead_id: None,
        created_by: None,
    };
    let buttons = vec![Tap::Goal(super::memory::GoalKind::Lead).button(scene)];
    outcome(
        memory,
        String::new(),
        buttons,
        Some(Wish::SaveQuote(Box::new(quote))),
        scene,
    )
}

/// What is said once the quote is kept.
pub(in crate::chat) fn saved_quote_text(saved: &SavedQuote, scene: &Scene<'_>) -> String {
    fill(
        scene.sentence(SystemText::QuoteSaved),
        &[("link", &saved.page_path)],
    )
}

fn estimate(
    known: &Known,
    scene: &Scene<'_>,
) -> Result<(EstimateRequest, quotes::Estimate), QuoteError> {
    let request = EstimateRequest {
        area_m2: known.area_m2.unwrap_or_default(),
        package: known.package.as_deref().and_then(|word| word.parse().ok()),
        property_type: known.property_type.map(Into::into),
        city: known.city.clone(),
        rooms: known.rooms,
        extras: Vec::new(),
    };
    let today = scene.entities.now.date();
    let estimate = quotes::estimate(&scene.knowledge.price_list(), &request, today)?;
    Ok((request, estimate))
}

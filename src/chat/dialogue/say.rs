//! Words for what is known.

use super::Scene;
use super::memory::Known;
use super::tap::package_title;
use crate::knowledge::{QuickReply, SystemText, fill};
use crate::nlu::Lang;
use crate::nlu::entities::Property;
use crate::quotes::{self, Package};

/// The visitor's place in a few words: „mieszkanie, 60 m², Gdynia, Premium”. `None` when nothing is known of it.
pub(super) fn place(known: &Known, scene: &Scene<'_>) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(kind) = known.property_type {
        parts.push(scene.sentence(property_word(kind)).to_owned());
    }
    if let Some(area) = known.area_m2 {
        parts.push(format!("{} m²", decimal(area, scene.lang())));
    }
    parts.extend(known.city.clone());
    if let Some(package) = &known.package {
        parts.push(package_title(package));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Says what was taken down.
pub(super) fn noted(known: &Known, scene: &Scene<'_>) -> String {
    let place = place(known, scene).unwrap_or_default();
    fill(scene.sentence(SystemText::Noted), &[("noted", &place)])
}

/// The line before an answer that depends on the visitor's place; `None` when the answer does not, or nothing is known.
pub(super) fn in_mind(intent: &str, known: &Known, scene: &Scene<'_>) -> Option<String> {
    match intent {
        "duration" | "start_date" | "scope" | "materials" | "payment_terms" => {
            let place = place(known, scene)?;
            Some(fill(
                scene.sentence(SystemText::InMind),
                &[("noted", &place)],
            ))
        }
        "price" => known.package.as_ref().map(|_| prices(known, scene)),
        _ => None,
    }
}

/// The price per square metre, of the package that is known or of all.
pub(super) fn prices(known: &Known, scene: &Scene<'_>) -> String {
    let package: Option<Package> = known.package.as_deref().and_then(|word| word.parse().ok());
    quotes::say_per_m2(&scene.knowledge.price_list(), package, scene.lang())
}

/// The button that calls a person.
pub(super) fn human_button(scene: &Scene<'_>) -> QuickReply {
    QuickReply {
        title: scene.sentence(SystemText::TalkToHuman).to_owned(),
        payload: "intent:human_handoff".to_owned(),
    }
}

fn property_word(kind: Property) -> SystemText {
    match kind {
        Property::Flat => SystemText::WordFlat,
        Property::House => SystemText::WordHouse,
        Property::Studio => SystemText::WordStudio,
        Property::Commercial => SystemText::WordCommercial,
    }
}

fn decimal(value: f64, lang: Lang) -> String {
    let text = format!("{value:.1}");
    let text = text.trim_end_matches(".0");
    match lang {
        Lang::En => text.to_owned(),
        Lang::Pl | Lang::De => text.replace('.', ","),
    }
}

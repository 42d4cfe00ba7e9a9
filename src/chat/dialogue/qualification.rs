//! The goal of a package that fits: the quiz of `qualification`, one question at a time. What the visitor said before is
//! not asked again.

use super::memory::Memory;
use super::question::Question;
use super::step::{Next, Said};
use super::tap::{Tap, package_title};
use super::{GoalKind, Scene};
use crate::knowledge::{SystemText, fill};
use crate::qualification::{Quiz, Wanted};

/// Asks what is still open, then names the package.
pub(super) fn next(memory: &mut Memory, scene: &Scene<'_>) -> Next {
    for id in Quiz::ids() {
        if memory.quiz.contains_key(&id) || memory.skipped.contains(&Question::Quiz(id)) {
            continue;
        }
        match known(id, memory) {
            Some(value) => {
                memory.quiz.insert(id, value);
            }
            None => return Next::Ask(Question::Quiz(id)),
        }
    }
    let Some(package) = Quiz::recommend(&std::mem::take(&mut memory.quiz)) else {
        return Next::Done(Box::new(Said {
            text: scene.sentence(SystemText::QuizNoResult).to_owned(),
            offer: Some(Question::OfferContact),
            ..Said::default()
        }));
    };
    memory.known.package = Some(package.to_owned());
    let title = package_title(package);
    Next::Done(Box::new(Said {
        text: fill(
            scene.sentence(SystemText::QuizResult),
            &[("package", &title)],
        ),
        buttons: vec![
            Tap::Goal(GoalKind::Quote).button(scene),
            Tap::Goal(GoalKind::Lead).button(scene),
        ],
        ..Said::default()
    }))
}

/// What the conversation already told.
fn known(id: u8, memory: &Memory) -> Option<String> {
    match Quiz::wanted(id)? {
        Wanted::Area => memory.known.area_m2.map(|area| area.to_string()),
        Wanted::Budget => memory.known.budget_pln.map(|budget| budget.to_string()),
        Wanted::Option => None,
    }
}

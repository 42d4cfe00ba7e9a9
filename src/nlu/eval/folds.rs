//! Parts for cross-validation that keep paraphrases together: what is nearly the same sentence never stands on both
//! sides, or the figures would flatter.

use std::collections::BTreeMap;

use super::rows::Row;
use crate::nlu::Likeness;

/// Parts of a cross-validation.
pub const FOLDS: usize = 5;

/// Two sentences of one label are paraphrases from this similarity on.
const PARAPHRASE: f32 = 0.7;

/// The part of each row, 0 to [`FOLDS`] − 1. Every label is spread over the parts as evenly as its groups of
/// paraphrases allow; the same rows give the same parts.
pub fn folds(rows: &[&Row]) -> Vec<usize> {
    let groups = paraphrase_groups(rows);
    let mut members: BTreeMap<(&str, usize), Vec<usize>> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        let key = (rows[row].label.as_str(), *group);
        members.entry(key).or_default().push(row);
    }
    let mut by_label: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
    for ((label, _), group) in members {
        by_label.entry(label).or_default().push(group);
    }
    let mut folds = vec![0; rows.len()];
    let mut totals = [0usize; FOLDS];
    for mut groups in by_label.into_values() {
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let mut sizes = [0usize; FOLDS];
        for group in groups {
            let fold = (0..FOLDS)
                .min_by_key(|&fold| (sizes[fold], totals[fold]))
                .unwrap_or_default();
            sizes[fold] += group.len();
            totals[fold] += group.len();
            for row in group {
                folds[row] = fold;
            }
        }
    }
    folds
}

/// The group of each row: its number is that of the group's first row. Paraphrases of paraphrases belong together.
fn paraphrase_groups(rows: &[&Row]) -> Vec<usize> {
    let read: Vec<Likeness> = rows.iter().map(|row| Likeness::of(&row.text)).collect();
    let mut by_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, label) in rows.iter().map(|row| row.label.as_str()).enumerate() {
        by_label.entry(label).or_default().push(row);
    }
    let mut groups: Vec<usize> = (0..rows.len()).collect();
    for same_label in by_label.values() {
        for (at, &row) in same_label.iter().enumerate() {
            for &earlier in &same_label[..at] {
                let (a, b) = (groups[row], groups[earlier]);
                if a != b && read[row].to(&read[earlier]) >= PARAPHRASE {
                    let (first, second) = (a.min(b), a.max(b));
                    let joined = same_label.iter().filter(|&&r| r <= row);
                    for &member in joined {
                        if groups[member] == second {
                            groups[member] = first;
                        }
                    }
                }
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(text: &str, label: &str) -> Row {
        Row {
            text: text.to_owned(),
            label: label.to_owned(),
            lang: None,
        }
    }

    #[test]
    fn wordings_that_are_nearly_the_same_are_one_group() {
        let rows = [
            row("What does the Premium package include?", "a"),
            row("how long does it take", "a"),
            row("what does the premium packages include", "a"),
            row("what does the premium packages include", "b"),
            row("the Premium package, what does it include", "a"),
        ];
        let rows: Vec<&Row> = rows.iter().collect();
        assert_eq!(paraphrase_groups(&rows), [0, 1, 0, 3, 0]);
    }

    proptest! {
        #[test]
        fn paraphrases_are_never_split_and_labels_are_spread(
            sentences in prop::collection::vec(("[a-d ]{0,12}", 0..3usize), 1..60)
        ) {
            let rows: Vec<Row> = sentences
                .iter()
                .map(|(text, label)| row(text, ["x", "y", "z"][*label]))
                .collect();
            let rows: Vec<&Row> = rows.iter().collect();
            let (groups, folds) = (paraphrase_groups(&rows), folds(&rows));
            for a in 0..rows.len() {
                prop_assert!(folds[a] < FOLDS);
                for b in 0..a {
                    let alike = rows[a].label == rows[b].label
                        && Likeness::of(&rows[a].text).to(&Likeness::of(&rows[b].text)) >= PARAPHRASE;
                    prop_assert!(!alike || groups[a] == groups[b]);
                    prop_assert!(groups[a] != groups[b] || folds[a] == folds[b]);
                }
            }
            for label in ["x", "y", "z"] {
                let of = |fold| {
                    let members = (0..rows.len()).filter(|&r| rows[r].label == label && folds[r] == fold);
                    members.count()
                };
                let sizes: Vec<usize> = (0..FOLDS).map(of).collect();
                let largest_group = (0..rows.len())
                    .map(|group| groups.iter().filter(|g| **g == group).count())
                    .max()
                    .unwrap_or(0);
                let (most, least) = (sizes.iter().max(), sizes.iter().min());
                prop_assert!(most.unwrap() - least.unwrap() <= largest_group);
            }
        }
    }
}

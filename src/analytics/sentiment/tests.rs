use std::collections::BTreeSet;

use super::lexicon::{SIGNS_SOURCE, signs, source};
use super::*;

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../../../tests/golden/sentiment/", $name, ".txt"))
    };
}

fn told(text: &str, lang: Lang) -> &'static str {
    class(score(text, lang)).as_str()
}

/// Share of the messages (`label | message`) that are told right, and the others.
fn right(file: &'static str, lang: Lang) -> (f64, usize, String) {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let all: Vec<_> = lines.map(|line| line.split_once(" | ").unwrap()).collect();
    let wrong: Vec<_> = all
        .iter()
        .filter(|(label, text)| *label != told(text, lang))
        .map(|(label, text)| format!("{label} {:.2} {text}", score(text, lang)))
        .collect();
    let share = 1.0 - wrong.len() as f64 / all.len() as f64;
    (share, all.len(), wrong.join("\n"))
}

#[test]
fn the_messages_the_lexicon_was_made_with_are_told_right() {
    for (lang, file) in [
        (Lang::Pl, golden!("pl")),
        (Lang::En, golden!("en")),
        (Lang::De, golden!("de")),
    ] {
        let (share, count, wrong) = right(file, lang);
        assert!(count >= 100, "{lang}: {count}");
        assert!(share >= 0.95, "{lang}: {share:.3}\n{wrong}");
    }
}

/// What it misses are complaints without a word of mood ("we had to sleep in a hotel").
#[test]
fn of_messages_the_lexicon_never_saw_three_in_four_are_told_right() {
    for (lang, file) in [
        (Lang::Pl, golden!("pl-unseen")),
        (Lang::En, golden!("en-unseen")),
        (Lang::De, golden!("de-unseen")),
    ] {
        let (share, _, wrong) = right(file, lang);
        assert!(share >= 0.75, "{lang}: {share:.3}\n{wrong}");
    }
}

#[test]
fn a_negation_turns_what_it_reaches_and_nothing_behind_a_comma() {
    for (lang, plain, turned) in [
        (Lang::Pl, "jestem zadowolony", "nie jestem zadowolony"),
        (Lang::En, "I am happy", "I am not happy"),
        (Lang::De, "das gefällt mir", "das gefällt mir nicht"),
        (Lang::De, "sehr freundlich", "unfreundlich"),
        (Lang::Pl, "uprzejmi ludzie", "nieuprzejmi ludzie"),
    ] {
        assert_eq!(told(plain, lang), "positive", "{plain}");
        assert_eq!(told(turned, lang), "negative", "{turned}");
    }
    assert_eq!(told("Nie, jest pięknie", Lang::Pl), "positive");
    assert_eq!(told("no, it is great", Lang::En), "positive");
}

#[test]
fn what_strengthens_and_weakens_moves_the_score() {
    let of = |text| score(text, Lang::En);
    assert!(of("it is very good") > of("it is good"));
    assert!(of("it is slightly bad") > of("it is bad"));
    assert!(of("great!!!") > of("great!") && of("great!") > of("great"));
    assert!(of("it is beautiful but too expensive") < of("it is too expensive but beautiful"));
    assert!(of("is it too expensive?") > of("it is too expensive"));
}

#[test]
fn case_accents_and_drawn_out_letters_do_not_matter() {
    for (lang, text, same) in [
        (Lang::Pl, "ŚWIETNIE", "swietnie"),
        (Lang::Pl, "suuuuper", "super"),
        (Lang::De, "wunderschön", "WUNDERSCHOEN"),
        (Lang::En, "didn't like it", "didn’t like it"),
    ] {
        let (left, right) = (score(text, lang), score(same, lang));
        assert!((left - right).abs() < 1e-9, "{text}: {left} {right}");
        assert!(left.abs() > 0.1, "{text}");
    }
    assert_eq!(told("schon Dienstag", Lang::De), "neutral");
    assert_eq!(told("schön", Lang::De), "positive");
}

#[test]
fn signs_alone_say_something_in_every_language() {
    for lang in Lang::ALL {
        for (text, mood) in [
            ("👍", "positive"),
            ("❤️", "positive"),
            (":-)", "positive"),
            (":)", "positive"),
            ("😡", "negative"),
            (":(", "negative"),
            ("", "neutral"),
            ("https://example.com/x?y=1", "neutral"),
            ("8:00 (600 zł)", "neutral"),
        ] {
            assert_eq!(told(text, lang), mood, "{lang} {text}");
        }
    }
}

#[test]
fn whatever_comes_the_score_stays_between_its_ends() {
    let many = "świetnie ".repeat(400);
    assert!((score(&many, Lang::Pl) - 1.0).abs() < 1e-6);
    for text in [
        "!!!???...",
        "''''",
        "\u{301}\u{308}",
        "нет 不 غير",
        "-",
        ":",
        "((",
    ] {
        for lang in Lang::ALL {
            assert!(score(text, lang).abs() <= 1.0, "{text}");
        }
    }
}

#[test]
fn every_file_is_read_as_a_whole_and_says_nothing_twice() {
    assert!(signs(SIGNS_SOURCE).unwrap().len() > 40);
    for lang in Lang::ALL {
        assert!(Lexicon::read(source(lang), lang).is_ok(), "{lang}");
        let file: toml::Table = toml::from_str(source(lang)).unwrap();
        let mut seen = BTreeSet::new();
        for (weight, list) in file["weights"].as_table().unwrap() {
            assert!(weight.parse::<f64>().unwrap().abs() <= 3.0);
            for entry in list.as_str().unwrap().split(',').map(str::trim) {
                let stem = entry.trim_end_matches('*');
                assert!(!stem.is_empty() && !stem.contains('*'), "{lang}: {entry:?}");
                assert!(seen.insert(entry.to_owned()), "{lang}: {entry} twice");
            }
        }
        assert!(seen.len() > 250, "{lang}: {}", seen.len());
    }
}

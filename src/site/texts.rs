//! What the pages say: assets/pages/*.toml.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// Texts by section and name.
pub(super) type Texts = BTreeMap<String, BTreeMap<String, String>>;

static TEXTS: LazyLock<PerLang<Texts>> = LazyLock::new(|| PerLang {
    pl: toml::from_str(source(Lang::Pl)).unwrap_or_default(),
    en: toml::from_str(source(Lang::En)).unwrap_or_default(),
    de: toml::from_str(source(Lang::De)).unwrap_or_default(),
});

/// A built-in text or template is damaged.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {1}")]
pub struct TextsError(pub(super) String, pub(super) String);

fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::Pl => include_str!("../../assets/pages/pl.toml"),
        Lang::En => include_str!("../../assets/pages/en.toml"),
        Lang::De => include_str!("../../assets/pages/de.toml"),
    }
}

/// Errors: a file is damaged.
pub(super) fn check() -> Result<(), TextsError> {
    for lang in Lang::ALL {
        toml::from_str::<Texts>(source(lang)).map_err(|error| {
            TextsError(format!("{}.toml", lang.code()), error.message().to_owned())
        })?;
    }
    Ok(())
}

/// All texts in a language.
pub(super) fn all(lang: Lang) -> &'static Texts {
    TEXTS.get(lang)
}

/// One text; empty when there is none, which a test rules out.
pub(super) fn text(lang: Lang, section: &str, name: &str) -> &'static str {
    let section = all(lang).get(section);
    let text = section.and_then(|section| section.get(name));
    text.map_or("", String::as_str)
}

/// Puts values into `{name}` places.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            let value = values.iter().find(|(known, _)| *known == name)?.1;
            Some((value, after))
        });
        if let Some((value, after)) = known {
            filled.push_str(value);
            rest = after;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<_> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places_for_values() {
        check().unwrap();
        for lang in Lang::ALL {
            for (section, texts) in all(Lang::En) {
                let own = &all(lang)[section];
                assert_eq!(
                    own.keys().collect::<Vec<_>>(),
                    texts.keys().collect::<Vec<_>>(),
                    "{lang} {section}"
                );
                for (name, text) in texts {
                    assert_eq!(places(&own[name]), places(text), "{lang} {section}.{name}");
                    assert!(!own[name].trim().is_empty(), "{lang} {section}.{name}");
                }
            }
            assert_eq!(all(lang).len(), all(Lang::En).len());
        }
    }

    #[test]
    fn a_value_is_put_in_once_and_never_read_again() {
        assert_eq!(
            fill("{a} und {b}", &[("a", "{b}"), ("b", "2")]),
            "{b} und 2"
        );
        assert_eq!(fill("{c} {", &[("a", "1")]), "{c} {");
    }
}

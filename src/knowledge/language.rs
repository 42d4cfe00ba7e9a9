//! The languages the company answers in, and which of them a request gets: `lang`, else `Accept-Language`, else the
//! company's first.

use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use crate::nlu::Lang;
use crate::platform::http::Problem;

/// The languages the company answers in: one at least, none twice. The first is for whoever names none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Lang>", into = "Vec<Lang>")]
pub struct Offered(Vec<Lang>);

impl Default for Offered {
    /// All that the product speaks.
    fn default() -> Self {
        Self(Lang::ALL.to_vec())
    }
}

impl TryFrom<Vec<Lang>> for Offered {
    type Error = KnowledgeError;

    fn try_from(langs: Vec<Lang>) -> Result<Self, KnowledgeError> {
        let is_repeated = (1..langs.len()).any(|at| langs[..at].contains(&langs[at]));
        if langs.is_empty() || is_repeated {
            return Err(KnowledgeError::invalid(
                "languages",
                "must be one language at least, and none twice".into(),
            ));
        }
        Ok(Self(langs))
    }
}

impl From<Offered> for Vec<Lang> {
    fn from(offered: Offered) -> Self {
        offered.0
    }
}

impl Offered {
    /// Reads the codes.
    ///
    /// Errors: an unknown one, none at all, or one twice.
    pub fn parse(codes: &[String]) -> Result<Self, KnowledgeError> {
        let langs: Result<Vec<Lang>, _> = codes.iter().map(|code| code.parse()).collect();
        langs
            .map_err(|_| {
                KnowledgeError::invalid("languages", "must be codes of pl, en and de".into())
            })?
            .try_into()
    }

    /// The languages, the first for whoever names none.
    pub fn all(&self) -> &[Lang] {
        &self.0
    }

    /// The language for whoever names none.
    pub fn first(&self) -> Lang {
        // One at least, as the constructor checks.
        self.0.first().copied().unwrap_or(Lang::Pl)
    }

    /// `lang` when it is offered, else `instead` when that is, else the first.
    pub fn nearest(&self, lang: Lang, instead: Option<Lang>) -> Lang {
        let mut wanted = [Some(lang), instead].into_iter().flatten();
        wanted
            .find(|lang| self.0.contains(lang))
            .unwrap_or_else(|| self.first())
    }
}

/// Reads the language a caller named outright.
///
/// Errors: 422 `unknown_language` with the known ones.
pub fn named_lang(code: &str) -> Result<Lang, Problem> {
    code.to_ascii_lowercase()
        .parse()
        .map_err(|_| Problem::field("unknown_language", "lang", "must be pl, en or de"))
}

/// The language of a request without a conversation.
///
/// * `named`: the parameter `lang`.
/// * `accept`: the header `Accept-Language`; ranges with the highest quality first, those the company does not offer are
///   passed over.
/// * Errors: `named` is not one of ours. One of ours that the company does not offer gives its first.
pub fn request_lang(
    named: Option<&str>,
    accept: Option<&str>,
    offered: &Offered,
) -> Result<Lang, Problem> {
    match named {
        Some(code) => Ok(offered.nearest(named_lang(code)?, None)),
        None => Ok(accept
            .and_then(|header| accepted(header, offered))
            .unwrap_or_else(|| offered.first())),
    }
}

fn accepted(header: &str, offered: &Offered) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    for range in header.split(',').take(20) {
        let mut parts = range.split(';');
        let code = parts.next().unwrap_or_default().trim();
        let quality = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(Some(1.0), |text| text.trim().parse::<f32>().ok())
            .filter(|quality| *quality > 0.0);
        let primary = code
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let (Some(quality), Ok(lang)) = (quality, primary.parse::<Lang>())
            && offered.0.contains(&lang)
            && best.is_none_or(|(known, _)| quality > known)
        {
            best = Some((quality, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(codes: &[&str]) -> Offered {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        Offered::parse(&codes).unwrap()
    }

    #[test]
    fn the_named_language_goes_before_the_accepted_one() {
        let all = Offered::default();
        let lang = |named, accept| request_lang(named, accept, &all);
        assert_eq!(lang(Some("DE"), Some("en")).unwrap(), Lang::De);
        assert_eq!(lang(None, Some("en-GB,de;q=0.9")).unwrap(), Lang::En);
        assert_eq!(
            lang(None, Some("fr, en;q=0.5, de;q=0.8")).unwrap(),
            Lang::De
        );
        assert_eq!(lang(None, Some("fr, *;q=0.1, en;q=0")).unwrap(), Lang::Pl);
        assert_eq!(lang(None, None).unwrap(), Lang::Pl);
        assert_eq!(
            lang(Some("fr"), None).unwrap_err().code(),
            "unknown_language"
        );
    }

    #[test]
    fn only_offered_languages_are_given_and_the_first_to_whoever_names_none_of_them() {
        let two = offered(&["de", "pl"]);
        let lang = |named, accept| request_lang(named, accept, &two).unwrap();
        assert_eq!(lang(None, None), Lang::De);
        assert_eq!(lang(Some("en"), None), Lang::De);
        assert_eq!(lang(None, Some("en, pl;q=0.5")), Lang::Pl);
        assert_eq!(two.nearest(Lang::En, Some(Lang::Pl)), Lang::Pl);
        assert_eq!(two.nearest(Lang::Pl, Some(Lang::De)), Lang::Pl);
    }

    #[test]
    fn languages_are_one_at_least_and_none_twice() {
        for wrong in [vec![], vec!["pl", "pl"], vec!["fr"]] {
            let codes: Vec<String> = wrong.into_iter().map(str::to_owned).collect();
            assert!(Offered::parse(&codes).is_err(), "{codes:?}");
        }
    }
}

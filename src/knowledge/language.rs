//! Which language a request is answered in: `lang`, else `Accept-Language`, else Polish.

use crate::nlu::Lang;
use crate::platform::http::Problem;

/// What a request that names nothing is answered in.
pub const DEFAULT_LANG: Lang = Lang::Pl;

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
/// * `accept`: the header `Accept-Language`; ranges with the highest quality first, unknown ones are passed over.
/// * Errors: `named` is not one of ours.
pub fn request_lang(named: Option<&str>, accept: Option<&str>) -> Result<Lang, Problem> {
    match named {
        Some(code) => named_lang(code),
        None => Ok(accept.and_then(accepted).unwrap_or(DEFAULT_LANG)),
    }
}

fn accepted(header: &str) -> Option<Lang> {
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

    #[test]
    fn the_named_language_goes_before_the_accepted_one() {
        assert_eq!(request_lang(Some("DE"), Some("en")).unwrap(), Lang::De);
        assert_eq!(
            request_lang(None, Some("en-GB,de;q=0.9")).unwrap(),
            Lang::En
        );
        assert_eq!(
            request_lang(None, Some("fr, en;q=0.5, de;q=0.8")).unwrap(),
            Lang::De
        );
        assert_eq!(
            request_lang(None, Some("fr, *;q=0.1, en;q=0")).unwrap(),
            Lang::Pl
        );
        assert_eq!(request_lang(None, None).unwrap(), Lang::Pl);
        assert_eq!(
            request_lang(Some("fr"), None).unwrap_err().code(),
            "unknown_language"
        );
    }
}

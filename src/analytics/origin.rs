//! Where a visitor came from, and with what. Pure.

use std::collections::BTreeMap;

/// Longest label; longer ones are cut.
const LABEL_MAX_CHARS: usize = 100;
/// A visit that nothing led to.
const DIRECT: &str = "direct";

/// Where a visitor came from, as labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `utm_source`, else the referrer's host, else `direct`.
    pub source: String,
    /// `utm_campaign`, or empty.
    pub campaign: String,
    /// Path of the page, or empty.
    pub path: String,
}

impl Origin {
    /// Nothing is known.
    pub fn direct() -> Self {
        Self {
            source: DIRECT.into(),
            campaign: String::new(),
            path: String::new(),
        }
    }

    /// Reads what a page tells.
    ///
    /// * `path`: of the page, without host and parameters.
    /// * `page_host`, `referrer_host`: a visitor who comes from the same site comes from nowhere.
    /// * `utm`: with or without `utm_` before the names.
    pub fn new(
        path: Option<&str>,
        page_host: Option<&str>,
        referrer_host: Option<&str>,
        utm: &BTreeMap<String, String>,
    ) -> Self {
        let parameter = |name: &str| {
            let value = utm.get(&format!("utm_{name}")).or_else(|| utm.get(name));
            value
                .map(|value| value.trim().to_lowercase())
                .filter(|value| !value.is_empty())
        };
        let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
        let page_host = page_host.map(bare);
        let referrer = referrer_host
            .map(bare)
            .filter(|host| Some(host) != page_host.as_ref());
        let source = parameter("source")
            .or(referrer)
            .unwrap_or_else(|| DIRECT.into());
        Self {
            source: cut(&source),
            campaign: cut(&parameter("campaign").unwrap_or_default()),
            path: cut(path.unwrap_or_default()),
        }
    }

    /// Something led the visitor here.
    pub fn is_touch(&self) -> bool {
        self.source != DIRECT || !self.campaign.is_empty()
    }
}

fn cut(label: &str) -> String {
    label.chars().take(LABEL_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utm(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn a_campaign_names_the_source_before_the_referrer_does() {
        let none = utm(&[]);
        let origin = Origin::new(
            Some("/oferta"),
            Some("novahouse.pl"),
            Some("www.google.com"),
            &none,
        );
        assert_eq!(origin.source, "google.com");
        assert_eq!(origin.path, "/oferta");
        let tagged = utm(&[("utm_source", " Facebook "), ("campaign", "Wiosna")]);
        let origin = Origin::new(None, None, Some("l.facebook.com"), &tagged);
        assert_eq!((&*origin.source, &*origin.campaign), ("facebook", "wiosna"));
        assert!(origin.is_touch());
    }

    #[test]
    fn whoever_comes_from_the_same_site_comes_from_nowhere() {
        let none = utm(&[]);
        let inside = Origin::new(
            Some("/"),
            Some("www.novahouse.pl"),
            Some("novahouse.pl"),
            &none,
        );
        assert_eq!(inside.source, "direct");
        assert!(!inside.is_touch() && !Origin::direct().is_touch());
    }

    #[test]
    fn labels_are_cut_by_letters() {
        let long = "ł".repeat(150);
        let origin = Origin::new(Some(&long), None, None, &utm(&[]));
        assert_eq!(origin.path.chars().count(), LABEL_MAX_CHARS);
    }
}

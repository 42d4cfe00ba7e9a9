//! What is known of a visitor's browser, and how they came.

use std::collections::BTreeMap;
use std::net::IpAddr;

use fastrand::Rng;

use super::chance::{happens, one_of, weighted};
use crate::analytics::Origin;
use crate::leads::Touch;
use crate::nlu::Lang;
use crate::platform::http::ClientAddress;

const DEVICES: [(u32, &str); 3] = [(58, "phone"), (37, "desktop"), (5, "tablet")];
const BROWSERS_PHONE: [(u32, &str); 4] = [
    (62, "chrome"),
    (24, "safari"),
    (11, "samsung"),
    (3, "firefox"),
];
const BROWSERS_TABLET: [(u32, &str); 2] = [(55, "safari"), (45, "chrome")];
const BROWSERS_DESKTOP: [(u32, &str); 5] = [
    (63, "chrome"),
    (15, "edge"),
    (12, "firefox"),
    (6, "opera"),
    (4, "safari"),
];

/// Where visitors come from.
#[derive(Debug)]
struct Source {
    /// `utm_source`, the referrer's host without `www.`, or [`DIRECT`].
    name: &'static str,
    /// `utm_medium`, when the link carries tags.
    medium: Option<&'static str>,
    campaigns: &'static [&'static str],
}

const DIRECT: &str = "direct";
const SOURCES: [(u32, Source); 8] = [
    (30, source(DIRECT)),
    (31, source("google.com")),
    (4, source("bing.com")),
    (4, source("facebook.com")),
    (
        15,
        tagged(
            "google",
            "cpc",
            &["brand", "wykonczenie-pod-klucz", "remont-lazienki"],
        ),
    ),
    (8, tagged("facebook", "paid", &["wiosna", "jesien"])),
    (5, tagged("instagram", "paid", &["realizacje"])),
    (3, tagged("newsletter", "email", &["poradnik"])),
];
const PATHS: [(u32, &str); 6] = [
    (44, "/"),
    (18, "/pakiety"),
    (16, "/realizacje"),
    (9, "/cennik"),
    (8, "/blog"),
    (5, "/kontakt"),
];
/// Networks kept for documentation: RFC 5737 and RFC 3849.
const NETWORKS: [[u8; 4]; 3] = [[192, 0, 2, 1], [198, 51, 100, 1], [203, 0, 113, 1]];

const fn source(name: &'static str) -> Source {
    Source {
        name,
        medium: None,
        campaigns: &[],
    }
}

const fn tagged(
    name: &'static str,
    medium: &'static str,
    campaigns: &'static [&'static str],
) -> Source {
    Source {
        name,
        medium: Some(medium),
        campaigns,
    }
}

/// How somebody came to a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrival {
    pub(super) source: &'static str,
    medium: Option<&'static str>,
    /// Empty: none.
    pub(super) campaign: &'static str,
    pub(super) path: String,
}

/// A visitor, as far as a browser tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visitor {
    pub(super) device: &'static str,
    pub(super) browser: &'static str,
    pub(super) address_prefix: String,
    pub(super) first: Arrival,
    pub(super) last: Arrival,
}

/// Makes up a visitor.
pub(super) fn visitor(rng: &mut Rng, lang: Lang) -> Visitor {
    let device = *weighted(rng, &DEVICES);
    let browser = *match device {
        "phone" => weighted(rng, &BROWSERS_PHONE),
        "tablet" => weighted(rng, &BROWSERS_TABLET),
        _ => weighted(rng, &BROWSERS_DESKTOP),
    };
    let address = if happens(rng, 0.8) {
        IpAddr::from(*one_of(rng, &NETWORKS))
    } else {
        IpAddr::from([0x2001, 0xdb8, rng.u16(0..64), 0, 0, 0, 0, 1])
    };
    let first = arrival(rng, lang);
    let last = if happens(rng, 0.2) {
        arrival(rng, lang)
    } else {
        first.clone()
    };
    Visitor {
        device,
        browser,
        address_prefix: ClientAddress(address).truncated(),
        first,
        last,
    }
}

fn arrival(rng: &mut Rng, lang: Lang) -> Arrival {
    let source = weighted(rng, &SOURCES);
    let path = *weighted(rng, &PATHS);
    let which = rng.usize(0..source.campaigns.len().max(1));
    let campaign = source.campaigns.get(which).copied().unwrap_or_default();
    Arrival {
        source: source.name,
        medium: source.medium,
        campaign,
        path: match lang {
            Lang::Pl => path.to_owned(),
            Lang::En | Lang::De => format!("/{}{path}", lang.code()),
        },
    }
}

impl Arrival {
    /// The same as the numbers keep it.
    pub(super) fn origin(&self) -> Origin {
        Origin {
            source: self.source.to_owned(),
            campaign: self.campaign.to_owned(),
            path: self.path.clone(),
        }
    }

    /// The same as a lead keeps it.
    ///
    /// * `website`: the company's, without a slash at its end.
    pub(super) fn touch(&self, website: &str) -> Touch {
        let mut utm = BTreeMap::new();
        if let Some(medium) = self.medium {
            utm.insert("utm_source".to_owned(), self.source.to_owned());
            utm.insert("utm_medium".to_owned(), medium.to_owned());
            utm.insert("utm_campaign".to_owned(), self.campaign.to_owned());
        }
        let is_referred = self.medium.is_none() && self.source != DIRECT;
        let host = is_referred.then(|| format!("www.{}", self.source));
        Touch {
            page_url: Some(format!("{website}{}", self.path)),
            path: Some(self.path.clone()),
            referrer: host.as_ref().map(|host| format!("https://{host}/")),
            referrer_host: host,
            utm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_of_networks_that_nobody_has() {
        let mut rng = Rng::with_seed(5);
        for _ in 0..1_000 {
            let prefix = visitor(&mut rng, Lang::Pl).address_prefix;
            let known = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"];
            assert!(
                known.contains(&&*prefix) || prefix.starts_with("2001:db8:"),
                "{prefix}"
            );
        }
    }

    #[test]
    fn a_touch_says_where_somebody_came_from() {
        let mut rng = Rng::with_seed(6);
        let (mut tagged, mut referred, mut direct) = (0, 0, 0);
        for _ in 0..500 {
            let arrival = arrival(&mut rng, Lang::De);
            let touch = arrival.touch("https://example.com");
            assert!(
                touch
                    .page_url
                    .unwrap()
                    .starts_with("https://example.com/de/")
            );
            match (touch.utm.get("utm_source"), touch.referrer_host) {
                (Some(source), None) => {
                    assert_eq!(source, arrival.source);
                    tagged += 1;
                }
                (None, Some(host)) => {
                    assert_eq!(host, format!("www.{}", arrival.source));
                    referred += 1;
                }
                (None, None) => {
                    assert_eq!(arrival.source, DIRECT);
                    direct += 1;
                }
                (Some(_), Some(_)) => panic!("{arrival:?}"),
            }
        }
        assert!(tagged > 100 && referred > 100 && direct > 100);
    }
}

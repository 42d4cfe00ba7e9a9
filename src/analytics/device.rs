//! Classes of devices and browsers from a `User-Agent`: what tells no two people apart. Pure.

/// Programs that read pages by themselves and say so.
const PROGRAMS: [&str; 6] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "facebookexternalhit",
    "preview",
];

/// What a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// `desktop`, `phone`, `tablet` or `unknown`.
    pub class: &'static str,
    /// `chrome`, `edge`, `firefox`, `opera`, `safari`, `samsung` or `other`.
    pub browser: &'static str,
    /// It is no visitor but a program that says so.
    pub is_program: bool,
}

/// The classes of a `User-Agent`; an empty one is unknown.
pub fn device(user_agent: &str) -> Device {
    let lower = user_agent.to_lowercase();
    let has = |mark: &str| user_agent.contains(mark);
    let class = if has("iPad") || (has("Android") && !has("Mobile")) || has("Tablet") {
        "tablet"
    } else if has("iPhone") || has("Mobile") {
        "phone"
    } else if has("Windows") || has("Mac OS X") || has("CrOS") || has("Linux") {
        "desktop"
    } else {
        "unknown"
    };
    // Order matters: most call themselves Chrome, too, and Chrome calls itself Safari.
    let browser = [
        ("Edg", "edge"),
        ("OPR/", "opera"),
        ("SamsungBrowser/", "samsung"),
        ("Firefox/", "firefox"),
        ("FxiOS/", "firefox"),
        ("Chrome/", "chrome"),
        ("CriOS/", "chrome"),
        ("Safari/", "safari"),
    ]
    .into_iter()
    .find(|(mark, _)| has(mark))
    .map_or("other", |(_, browser)| browser);
    Device {
        class,
        browser,
        is_program: PROGRAMS.iter().any(|program| lower.contains(program)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_browsers_are_told_by_class() {
        for (user_agent, class, browser) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "desktop",
                "chrome",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "phone",
                "safari",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Safari/537.36",
                "tablet",
                "samsung",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0",
                "phone",
                "edge",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "desktop",
                "firefox",
            ),
            ("curl/8.11", "unknown", "other"),
            ("", "unknown", "other"),
        ] {
            let found = device(user_agent);
            assert_eq!(
                (found.class, found.browser),
                (class, browser),
                "{user_agent}"
            );
            assert!(!found.is_program, "{user_agent}");
        }
    }

    #[test]
    fn programs_that_say_so_are_no_visitors() {
        for user_agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1",
        ] {
            assert!(device(user_agent).is_program, "{user_agent}");
        }
    }
}

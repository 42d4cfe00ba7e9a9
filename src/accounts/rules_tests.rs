use super::*;
use proptest::prelude::*;

const NAMES: [&str; 2] = ["anna.kowalska", "anna@example.com"];

#[test]
fn a_username_is_lower_cased_and_keeps_to_its_alphabet() {
    assert_eq!(username(" Anna.K-1 ").as_deref(), Ok("anna.k-1"));
    for bad in [
        "an",
        "",
        "anna kowalska",
        "żaneta",
        "anna@x",
        &"a".repeat(41),
    ] {
        assert_eq!(username(bad).unwrap_err().code, "invalid_username", "{bad}");
    }
}

#[test]
fn an_address_has_a_name_an_at_and_a_domain_with_a_dot() {
    assert_eq!(
        email(" Anna+x@Example.CO.uk ").as_deref(),
        Ok("anna+x@example.co.uk")
    );
    let long = format!("{}@{}.com", "a".repeat(64), "b.".repeat(120));
    for bad in [
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@localhost",
        "a@b@c.de",
        "a b@c.de",
        "a@-c.de",
        "a@c..de",
        ".a@c.de",
        "a\n@c.de",
        &long,
    ] {
        assert_eq!(email(bad).unwrap_err().code, "invalid_email", "{bad}");
    }
}

#[test]
fn a_password_has_twelve_to_two_hundred_characters() {
    let ok = |text: &str| password("password", text, &NAMES).is_ok();
    assert!(ok("żółty parasol"));
    assert!(ok("kot w pudle."));
    assert!(!ok("kot w pudle"));
    assert!(ok(&"ab".repeat(100)));
    assert!(!ok(&"ab".repeat(101)));
}

#[test]
fn a_password_is_not_the_name_the_address_or_a_common_one() {
    for bad in [
        "Anna.Kowalska",
        "ANNA@example.com",
        "password1234",
        "Password!!!!",
        "novahouse2026!",
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaaa",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
    ] {
        assert!(password("password", bad, &NAMES).is_err(), "{bad}");
    }
}

#[test]
fn the_same_password_from_another_keyboard_is_the_same() {
    assert_eq!(
        normalize_password("z\u{307}o\u{301}lw"),
        normalize_password("żólw")
    );
}

#[test]
fn a_session_lives_thirty_days_after_its_last_use_and_ninety_in_all() {
    assert_eq!(session_expires_at(0, 0), 30 * DAY_MS);
    assert_eq!(session_expires_at(0, 20 * DAY_MS), 50 * DAY_MS);
    assert_eq!(session_expires_at(0, 80 * DAY_MS), 90 * DAY_MS);
}

#[test]
fn use_is_written_once_a_minute() {
    assert!(is_touch_due(None, 0));
    assert!(!is_touch_due(Some(60_000), 119_999));
    assert!(is_touch_due(Some(60_000), 120_000));
    assert_eq!(to_minute(119_999), 60_000);
}

#[test]
fn a_key_may_expire_only_in_the_future() {
    assert_eq!(expires_at("1970-01-01T00:00:02+00:00", 1999), Ok(2000));
    assert_eq!(expires_at("1970-01-01T02:00:02+02:00", 1999), Ok(2000));
    assert!(expires_at("1970-01-01T00:00:02Z", 2000).is_err());
    assert!(expires_at("tomorrow", 0).is_err());
    assert!(expires_at("2030-01-01", 0).is_err());
}

#[test]
fn display_names_are_one_line() {
    assert_eq!(display_name(" Anna ").as_deref(), Ok("Anna"));
    assert!(display_name("Anna\nKowalska").is_err());
    assert!(display_name("  ").is_err());
    assert!(display_name(&"a".repeat(81)).is_err());
}

#[test]
fn browsers_are_named_by_class() {
    let cases = [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on iOS",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Safari on macOS",
        ),
        ("curl/8.10.1", "Another program"),
        ("", "Another program"),
    ];
    for (user_agent, class) in cases {
        assert_eq!(browser_class(user_agent), class);
    }
}

proptest! {
    #[test]
    fn a_name_that_passes_passes_again_unchanged(text in "\\PC{0,50}") {
        if let Ok(name) = username(&text) {
            prop_assert_eq!(username(&name), Ok(name.clone()));
            prop_assert!(email(&name).is_err(), "no username is an address");
        }
        if let Ok(address) = email(&text) {
            prop_assert_eq!(email(&address), Ok(address));
        }
    }

    #[test]
    fn no_password_makes_the_check_panic(text in "\\PC{0,250}") {
        let _ = password("password", &text, &NAMES);
    }
}

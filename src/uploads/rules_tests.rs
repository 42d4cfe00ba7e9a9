//! What the rules of uploads promise, sentence by sentence.

use proptest::prelude::*;

use super::*;

#[test]
fn a_folder_has_one_to_three_plain_parts() {
    for text in [
        "general",
        "portfolio/gdansk",
        "a/b/c",
        "Realizacje_2026-11",
        "-",
        "console",
        "com",
        "com0",
        "com10",
        "lpt",
        "null",
        &"a".repeat(64),
    ] {
        assert_eq!(Folder::parse(text).map(|folder| folder.0), Ok(text.into()));
    }
    assert_eq!(Folder::parse("general"), Ok(Folder::default()));
}

#[test]
fn a_folder_that_could_lead_elsewhere_is_refused_and_told_why() {
    use InvalidFolder::{Character, EmptyPart, Reserved, TooDeep, TooLong};
    let long = "a".repeat(300);
    let just_too_long = "a".repeat(65);
    for (text, why) in [
        ("", EmptyPart),
        ("/", EmptyPart),
        ("/general", EmptyPart),
        ("general/", EmptyPart),
        ("a//b", EmptyPart),
        ("..", Character),
        ("../general", Character),
        ("a/../b", Character),
        (".", Character),
        (".hidden", Character),
        ("a.b", Character),
        ("a\\b", Character),
        ("C:", Character),
        ("a\0", Character),
        ("a\nb", Character),
        ("a b", Character),
        ("%2e%2e", Character),
        ("łazienki", Character),
        ("ａ", Character),
        ("~", Character),
        ("a/b/c/d", TooDeep),
        (&long, TooLong),
        (&just_too_long, TooLong),
        ("con", Reserved),
        ("NUL", Reserved),
        ("a/Prn", Reserved),
        ("aux/b", Reserved),
        ("COM1", Reserved),
        ("a/b/lpt9", Reserved),
        ("con.txt", Character),
        ("nul.", Character),
    ] {
        assert_eq!(Folder::parse(text), Err(why), "{text:?}");
        assert!(why.to_string().starts_with("a folder"));
    }
}

#[test]
fn a_file_is_shown_under_its_own_name_and_nothing_more() {
    for (text, shown) in [
        ("łazienka po.JPG", "łazienka po.JPG"),
        ("C:\\Users\\Zofia\\foto.png", "foto.png"),
        ("../../etc/passwd", "passwd"),
        ("/home/x/a.webp", "a.webp"),
        ("a\r\nSet-Cookie: b.png", "aSet-Cookie: b.png"),
        ("nul\0byte.png", "nulbyte.png"),
        ("exe\u{202e}gpj.scr", "exegpj.scr"),
        ("\u{feff} a.png ", "a.png"),
        ("z\u{301}o\u{301}łw.png", "źółw.png"),
        ("", "upload"),
        ("   ", "upload"),
        ("..", "upload"),
        ("a/", "upload"),
        ("\u{200b}", "upload"),
        (".htaccess", ".htaccess"),
        ("<b>.png", "<b>.png"), // whoever shows it escapes it, like any text
    ] {
        assert_eq!(clean_file_name(text), shown, "{text:?}");
    }
}

#[test]
fn a_long_name_keeps_its_ending() {
    let long = format!("{}.jpeg", "ż".repeat(400));
    let shown = clean_file_name(&long);
    assert_eq!(shown.chars().count(), 200);
    assert!(shown.ends_with("ż.jpeg"));
    let no_ending = format!("a.{}", "b".repeat(400));
    assert_eq!(
        clean_file_name(&no_ending),
        format!("a.{}", "b".repeat(198))
    );
}

const QUOTAS: Quotas = Quotas {
    file_bytes: 10,
    session_files: 3,
    session_bytes: 25,
    total_bytes: 100,
};

#[test]
fn every_limit_may_be_reached_and_none_exceeded() {
    let used = |files, bytes| Some(Used { files, bytes });
    for (size_bytes, session, total_bytes, outcome) in [
        (10, used(0, 0), 0, Ok(())),
        (11, used(0, 0), 0, Err(Exceeded::File)),
        (11, None, 0, Err(Exceeded::File)),
        (1, used(2, 20), 20, Ok(())),
        (1, used(3, 20), 20, Err(Exceeded::SessionFiles)),
        (5, used(2, 20), 20, Ok(())),
        (6, used(2, 20), 20, Err(Exceeded::SessionBytes)),
        (10, None, 90, Ok(())),
        (10, None, 91, Err(Exceeded::TotalBytes)),
        (10, used(0, 0), 91, Err(Exceeded::TotalBytes)),
        (1, used(0, u64::MAX), 0, Err(Exceeded::SessionBytes)),
    ] {
        let admitted = QUOTAS.admit(size_bytes, session, total_bytes);
        assert_eq!(admitted, outcome, "{size_bytes} {session:?} {total_bytes}");
    }
}

proptest! {
    #[test]
    fn a_folder_that_parses_is_one_harmless_path(text in "[a-cA-C0-9/._\\\\ -]{0,12}|(con|COM1|x)(/(aux|y)){0,3}|\\PC{0,20}") {
        if let Ok(folder) = Folder::parse(&text) {
            prop_assert_eq!(folder.as_str(), &text);
            let parts: Vec<&str> = text.split('/').collect();
            prop_assert!((1..=3).contains(&parts.len()));
            for part in parts {
                prop_assert!(!part.is_empty() && part != "con" && part != "COM1" && part != "aux");
                prop_assert!(part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            }
        }
    }

    #[test]
    fn a_shown_name_is_short_clean_never_empty_and_stays_as_it_is(text in "\\PC{0,300}|[a./\\\\\u{0}-\u{1f}\u{202e} ]{0,300}") {
        let shown = clean_file_name(&text);
        prop_assert!((1..=200).contains(&shown.chars().count()));
        prop_assert!(!shown.contains(['/', '\\']) && !shown.chars().any(char::is_control));
        prop_assert_eq!(clean_file_name(&shown), shown);
    }

    #[test]
    fn nobody_ever_gets_over_a_limit(sizes in proptest::collection::vec(0_u64..15, 0..40)) {
        let mut used = Used::default();
        for size_bytes in sizes {
            if QUOTAS.admit(size_bytes, Some(used), used.bytes).is_ok() {
                used = Used { files: used.files + 1, bytes: used.bytes + size_bytes };
            }
            prop_assert!(used.files <= QUOTAS.session_files && used.bytes <= QUOTAS.session_bytes);
        }
    }
}

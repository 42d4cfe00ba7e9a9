//! Pure decisions: what a name, an address, a password may be, how long a session lives, what a browser is called.

use unicode_normalization::UnicodeNormalization;

use super::model::FieldError;
use crate::platform::http::clean_text;

/// A session ends when nobody uses it for this long. Also the cookie's `Max-Age`.
pub(super) const SESSION_IDLE_MS: i64 = 30 * DAY_MS;
/// A session ends after this long even when it is in use.
const SESSION_MAX_MS: i64 = 90 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 12..=200;
const DISPLAY_NAME_CHARS: usize = 80;
const KEY_NAME_CHARS: usize = 80;

/// Passwords of twelve characters or more that stand at the top of leaked lists, or that somebody in a hurry would
/// choose here. Compared in lower case and without digits and signs at the end.
const COMMON_PASSWORDS: [&str; 24] = [
    "password",
    "passwordpassword",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "haslo",
    "hasłohasło",
    "haslohaslo",
    "mojehaslo",
    "passwort",
    "meinpasswort",
    "qwertyuiop",
    "qwertyuiopasdfgh",
    "qwertyqwerty",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "administrator",
    "adminadminadmin",
    "letmeinletmein",
    "iloveyouiloveyou",
    "welcome",
    "changeme",
    "novahouse",
    "novahousenovahouse",
];

fn refused(field: &'static str, code: &'static str, why: impl Into<String>) -> FieldError {
    FieldError {
        field,
        code,
        why: why.into(),
    }
}

/// Lower-cases a username and checks it: 3 to 40 of `a–z 0–9 . _ -`. It cannot hold an `@`, so a name typed at the
/// login is either a username or an e-mail address, never both.
pub(super) fn username(text: &str) -> Result<String, FieldError> {
    let name = text.trim().to_lowercase();
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if (3..=40).contains(&name.len()) && name.chars().all(is_allowed) {
        Ok(name)
    } else {
        Err(refused(
            "username",
            "invalid_username",
            "must be 3 to 40 characters, each a letter a to z, a digit, a dot, an underscore or a hyphen",
        ))
    }
}

/// Lower-cases an e-mail address and checks its form: one `@`, something before it, a domain with a dot after it, at
/// most 254 characters (RFC 5321). Whether it exists only a mail can tell.
pub(super) fn email(text: &str) -> Result<String, FieldError> {
    let address = text.trim().to_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let is_local = |local: &str| {
        (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
    };
    let is_address = address.len() <= 254
        && address.split_once('@').is_some_and(|(local, domain)| {
            is_local(local) && domain.contains('.') && domain.split('.').all(is_label)
        });
    if is_address {
        Ok(address)
    } else {
        Err(refused(
            "email",
            "invalid_email",
            "must be an e-mail address such as anna@example.com",
        ))
    }
}

/// The name visitors see: one line of 1 to 80 characters.
pub(super) fn display_name(text: &str) -> Result<String, FieldError> {
    one_line(text, DISPLAY_NAME_CHARS)
        .map_err(|why| refused("display_name", "invalid_display_name", why))
}

/// What an API key is for: one line of 1 to 80 characters.
pub(super) fn key_name(text: &str) -> Result<String, FieldError> {
    one_line(text, KEY_NAME_CHARS).map_err(|why| refused("name", "invalid_name", why))
}

fn one_line(text: &str, max_chars: usize) -> Result<String, String> {
    let text = clean_text(text, max_chars).map_err(|error| error.to_string())?;
    if text.contains(['\n', '\t']) {
        return Err("must be one line".into());
    }
    Ok(text)
}

/// Milliseconds UTC of an RFC 3339 time in the future.
pub(super) fn expires_at(text: &str, now_ms: i64) -> Result<i64, FieldError> {
    let at: jiff::Timestamp = text.trim().parse().map_err(|_| {
        refused(
            "expires_at",
            "invalid_expires_at",
            "must be a time such as 2027-01-31T00:00:00Z",
        )
    })?;
    if at.as_millisecond() <= now_ms {
        return Err(refused(
            "expires_at",
            "invalid_expires_at",
            "must lie in the future",
        ));
    }
    Ok(at.as_millisecond())
}

/// The form in which a password is hashed: NFC, so that every keyboard writes the same `ó`. Spaces count.
pub(super) fn normalize_password(text: &str) -> String {
    text.nfc().collect()
}

/// Checks a password to be: 12 to 200 characters, not the account's own name or address, not a very common one, not
/// one character over and over. No rules about kinds of characters (NIST SP 800-63B, 3.1.1.2).
///
/// * `field`: name of the field in the error.
/// * `names`: the account's username and e-mail address.
pub(super) fn password(
    field: &'static str,
    text: &str,
    names: &[&str],
) -> Result<String, FieldError> {
    let normal = normalize_password(text);
    if !PASSWORD_CHARS.contains(&normal.chars().count()) {
        return Err(refused(
            field,
            "invalid_password",
            "must be 12 to 200 characters long",
        ));
    }
    let lower = normal.to_lowercase();
    if names.iter().any(|name| name.to_lowercase() == lower.trim()) {
        return Err(refused(
            field,
            "invalid_password",
            "must not be the username or the e-mail address",
        ));
    }
    if is_common(&lower) {
        return Err(refused(
            field,
            "invalid_password",
            "is one that attackers try first; three or four unrelated words make a good one",
        ));
    }
    Ok(normal)
}

fn is_common(lower: &str) -> bool {
    let first = lower.chars().next();
    if lower.chars().all(|c| Some(c) == first) {
        return true;
    }
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let digits = "01234567890123456789";
    let reversed: String = lower.chars().rev().collect();
    COMMON_PASSWORDS.contains(&lower)
        || COMMON_PASSWORDS.contains(&stem)
        || digits.contains(lower)
        || digits.contains(&reversed)
}

/// When a session ends that is used at `now`: 30 days later, but never more than 90 days after it began.
pub(super) fn session_expires_at(created_at_ms: i64, now_ms: i64) -> i64 {
    (now_ms + SESSION_IDLE_MS).min(created_at_ms + SESSION_MAX_MS)
}

/// `at` without its seconds: times of use are kept to the minute.
pub(super) fn to_minute(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(MINUTE_MS)
}

/// True when the time of use that is stored is more than a minute old.
pub(super) fn is_touch_due(last_ms: Option<i64>, now_ms: i64) -> bool {
    last_ms.is_none_or(|last| now_ms - last >= MINUTE_MS)
}

/// The class of browser behind a `User-Agent`, e.g. `Firefox on Windows`; nothing that tells two people apart.
pub(super) fn browser_class(user_agent: &str) -> String {
    // Order matters: Edge, Opera and Samsung's browser also call themselves Chrome, and Chrome calls itself Safari.
    let browser = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    // Likewise: Android calls itself Linux, an iPhone `like Mac OS X`.
    let system = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&browser), find(&system)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("Another browser on {system}"),
        (None, None) => "Another program".to_owned(),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;

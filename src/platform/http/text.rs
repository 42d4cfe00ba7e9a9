//! Text from outside: NFC, no control characters, bounded.

use std::borrow::Cow;

use poem_openapi::registry::MetaSchemaRef;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must not be longer than {0} characters")]
    TooLong(usize),
    /// A control character other than newline and tab.
    #[error("must not hold control characters")]
    Control,
}

/// Trims `text`, brings it to NFC and checks it.
///
/// * `max_chars`: limit in Unicode scalar values after normalising.
/// * Errors: empty, too long, or control characters other than newline and tab. Carriage returns before a newline are
///   dropped, since browsers and Windows write them.
pub fn clean_text(text: &str, max_chars: usize) -> Result<String, TextError> {
    let text = text.trim();
    // Four bytes a character at most; NFC can shorten a text to a third, so anything longer is refused unread.
    if text.len() > max_chars.saturating_mul(12) {
        return Err(TextError::TooLong(max_chars));
    }
    let text = if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text.to_owned()
    };
    let text = if is_nfc(&text) {
        text
    } else {
        text.nfc().collect()
    };
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(TextError::Control);
    }
    if text.chars().count() > max_chars {
        return Err(TextError::TooLong(max_chars));
    }
    Ok(text)
}

/// A JSON string and nothing else: the framework's own `String` also takes numbers and booleans, which would let a
/// client's mistake pass as a message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct JsonText(pub String);

impl std::ops::Deref for JsonText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl JsonText {
    /// The text of an optional field. Forms send an empty one for what was left out.
    pub fn filled(field: Option<&Self>) -> Option<&str> {
        field
            .map(|text| text.0.as_str())
            .filter(|text| !text.trim().is_empty())
    }
}

impl Type for JsonText {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        <String as Type>::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        <String as Type>::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for JsonText {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Ok(Self(text)),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for JsonText {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_thousand_characters_pass_and_one_more_does_not() {
        assert!(clean_text(&"ż".repeat(2000), 2000).is_ok());
        assert_eq!(
            clean_text(&"ż".repeat(2001), 2000),
            Err(TextError::TooLong(2000))
        );
    }

    #[test]
    fn control_characters_are_refused_but_newline_and_tab_are_not() {
        assert_eq!(clean_text("a\u{0}b", 10), Err(TextError::Control));
        assert_eq!(clean_text("a\u{1b}[31m", 10), Err(TextError::Control));
        assert_eq!(clean_text("a\r\nb\tc", 10).as_deref(), Ok("a\nb\tc"));
        assert_eq!(clean_text(" \n\t ", 10), Err(TextError::Empty));
    }

    #[test]
    fn decomposed_letters_are_composed() {
        assert_eq!(
            clean_text("z\u{307}o\u{301}lty", 10).as_deref(),
            Ok("żólty")
        );
    }

    proptest! {
        #[test]
        fn what_passes_once_passes_again_unchanged(text in "\\PC{0,40}") {
            if let Ok(clean) = clean_text(&text, 100) {
                prop_assert_eq!(clean_text(&clean, 100), Ok(clean));
            }
        }
    }
}

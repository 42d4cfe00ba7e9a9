//! What a form or an address says: names and values, each name once.

use crate::platform::http::Problem;

/// More than any form of ours has.
const FIELDS_MAX: usize = 60;

/// Names with their values, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// Errors: a name twice, or more names than any form has.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            let is_repeated = fields.iter().any(|(known, _)| *known == name);
            if is_repeated || fields.len() == FIELDS_MAX {
                return Err(Problem::bad_request(
                    "malformed_form",
                    "The form cannot be read.",
                ));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    /// The value of a name, as it was sent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same without white space around it; empty when it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A path with a query.
pub(super) fn address<'a>(path: &str, query: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut writer = form_urlencoded::Serializer::new(String::new());
    writer.extend_pairs(query);
    let query = writer.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        assert!(Fields::parse(b"a=1&b=2").is_ok());
        assert!(Fields::parse(b"a=1&a=2").is_err());
        let many: Vec<String> = (0..=FIELDS_MAX).map(|n| format!("f{n}=1")).collect();
        assert!(Fields::parse(many.join("&").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::parse(&bytes);
        }

        #[test]
        fn what_an_address_says_is_read_back(value in "\\PC{0,30}") {
            let written = address("/book", [("area", value.as_str())].into_iter());
            let query = written.strip_prefix("/book?").unwrap();
            let read = Fields::parse(query.as_bytes()).unwrap();
            prop_assert_eq!(read.get("area"), Some(value.as_str()));
        }
    }
}

//! Looking for texts in files, whatever the files are.

use std::io::{self, Read};

/// Read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Texts to look for, in any case of ASCII letters.
#[derive(Debug, Clone)]
pub struct Needles(Vec<(String, memchr::memmem::Finder<'static>)>);

impl Needles {
    /// Empty texts are left out, which would be everywhere.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts = texts.into_iter().map(str::to_ascii_lowercase);
        let finder = |text: &String| memchr::memmem::Finder::new(text).into_owned();
        Self(
            texts
                .filter(|text| !text.is_empty())
                .map(|text| {
                    let finder = finder(&text);
                    (text, finder)
                })
                .collect(),
        )
    }

    /// Whether a text holds one of them.
    pub fn are_in(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        self.0
            .iter()
            .any(|(_, finder)| finder.find(text.as_bytes()).is_some())
    }

    /// Whether what is read holds one of them; it is read in pieces, never whole.
    pub fn are_read_in(&self, mut from: impl Read) -> io::Result<bool> {
        let longest = self.0.iter().map(|(text, _)| text.len()).max().unwrap_or(0);
        let mut window = Vec::with_capacity(CHUNK_BYTES + longest);
        loop {
            // What stands across two pieces is found, too.
            let kept = window.len().min(longest.saturating_sub(1));
            window.drain(..window.len() - kept);
            let read = from
                .by_ref()
                .take(CHUNK_BYTES as u64)
                .read_to_end(&mut window)?;
            if read == 0 {
                return Ok(false);
            }
            window.make_ascii_lowercase();
            if self
                .0
                .iter()
                .any(|(_, finder)| finder.find(&window).is_some())
            {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_any_case_and_across_pieces() {
        let needles = Needles::new(["Anna@Example.com", ""]);
        assert!(needles.are_in("to: ANNA@example.COM;"));
        assert!(!needles.are_in("anna@example.org"));
        for before in [
            0,
            10,
            CHUNK_BYTES - 16,
            CHUNK_BYTES - 5,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
        ] {
            let mut bytes = vec![b'x'; before];
            bytes.extend_from_slice(b"anna@EXAMPLE.com");
            assert!(needles.are_read_in(bytes.as_slice()).unwrap(), "{before}");
            bytes.truncate(before + 10);
            assert!(!needles.are_read_in(bytes.as_slice()).unwrap(), "{before}");
        }
        assert!(!Needles::new([]).are_read_in([1, 2, 3].as_slice()).unwrap());
    }
}

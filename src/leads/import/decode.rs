//! A file's encoding and what parts its columns.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};

use encoding_rs::WINDOWS_1250;

use super::Text;
use crate::leads::LeadError;
use crate::platform::db::DbError;

const UTF_8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// How much of a file its first row may take.
const HEAD_MAX_BYTES: u64 = 64 * 1024;

/// What the bytes of a file stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// What Polish spreadsheets write unless told otherwise.
    Windows1250,
}

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1250 => "windows-1250",
        }
    }
}

/// Tells the encoding from the bytes as they come: what is no UTF-8 anywhere is Windows-1250.
#[derive(Default)]
pub(super) struct Sniffer {
    /// The beginning of a character that goes on in the next bytes.
    open: Vec<u8>,
    is_not_utf8: bool,
    has_zero: bool,
}

impl Sniffer {
    pub(super) fn read(&mut self, bytes: &[u8]) {
        // UTF-16 has one in every second place.
        self.has_zero |= bytes.contains(&0);
        if self.is_not_utf8 {
            return;
        }
        self.open.extend_from_slice(bytes);
        match std::str::from_utf8(&self.open) {
            Ok(_) => self.open.clear(),
            Err(error) if error.error_len().is_none() => {
                self.open.drain(..error.valid_up_to());
            }
            Err(_) => self.is_not_utf8 = true,
        }
    }

    /// Errors: it is no text of either kind.
    pub(super) fn encoding(&self) -> Result<Encoding, LeadError> {
        if self.has_zero {
            let why = "must be text in UTF-8 or Windows-1250; save it as CSV UTF-8";
            return Err(LeadError::File(why.into()));
        }
        Ok(if self.is_not_utf8 || !self.open.is_empty() {
            Encoding::Windows1250
        } else {
            Encoding::Utf8
        })
    }
}

/// The text of a file from its beginning, without a mark and with a line break at its end, and what parts its columns: whichever of comma and semicolon
/// is there more often in the first row.
pub(super) fn opened(mut file: File, encoding: Encoding) -> Result<(Text, u8), LeadError> {
    let unreadable = |error: std::io::Error| DbError::Unavailable(error.to_string());
    file.rewind().map_err(unreadable)?;
    let file = BufReader::new(file);
    let mut text: Text = match encoding {
        Encoding::Utf8 => Box::new(file),
        Encoding::Windows1250 => Box::new(FromWindows1250 {
            file,
            text: Cursor::default(),
        }),
    };
    let mut head = Vec::new();
    let mut beginning = (&mut text).take(HEAD_MAX_BYTES);
    beginning.read_to_end(&mut head).map_err(unreadable)?;
    let start = if head.starts_with(&UTF_8_MARK) {
        UTF_8_MARK.len()
    } else {
        0
    };
    let delimiter = delimiter(&head[start..]);
    let head = Cursor::new(head.split_off(start));
    // So that the last row ends like the others.
    Ok((Box::new(head.chain(text).chain(&b"\n"[..])), delimiter))
}

fn delimiter(head: &[u8]) -> u8 {
    let (mut commas, mut semicolons, mut is_quoted) = (0, 0, false);
    for byte in head {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            b',' if !is_quoted => commas += 1,
            b';' if !is_quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

/// UTF-8 from bytes each of which is a character.
struct FromWindows1250 {
    file: BufReader<File>,
    text: Cursor<Vec<u8>>,
}

impl Read for FromWindows1250 {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.text.read(buffer)?;
        if length > 0 || buffer.is_empty() {
            return Ok(length);
        }
        let mut bytes = [0; 8 * 1024];
        let length = self.file.read(&mut bytes)?;
        let (text, _) = WINDOWS_1250.decode_without_bom_handling(&bytes[..length]);
        self.text = Cursor::new(text.into_owned().into_bytes());
        self.text.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn sniffed(chunks: &[&[u8]]) -> Result<Encoding, LeadError> {
        let mut sniffer = Sniffer::default();
        for chunk in chunks {
            sniffer.read(chunk);
        }
        sniffer.encoding()
    }

    fn read(bytes: &[u8]) -> (String, u8) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let (mut text, delimiter) = opened(file, sniffed(&[bytes]).unwrap()).unwrap();
        let mut all = String::new();
        text.read_to_string(&mut all).unwrap();
        (all, delimiter)
    }

    #[test]
    fn encodings_are_told_apart_also_where_a_character_is_cut() {
        let zolw = "żółw".as_bytes();
        for at in 0..=zolw.len() {
            let (first, second) = zolw.split_at(at);
            assert_eq!(sniffed(&[first, second]).unwrap(), Encoding::Utf8, "{at}");
        }
        assert_eq!(sniffed(&[&zolw[..1]]).unwrap(), Encoding::Windows1250);
        assert_eq!(sniffed(&[b"\xbf\xf3\xb3w"]).unwrap(), Encoding::Windows1250);
        assert_eq!(sniffed(&[]).unwrap(), Encoding::Utf8);
        assert!(sniffed(&[b"\xff\xfeI\0m\0"]).is_err(), "UTF-16");
    }

    #[test]
    fn a_file_is_read_from_its_beginning_in_either_encoding() {
        let marked = read("\u{feff}imię;e-mail\nŻółw;a@b.pl".as_bytes());
        assert_eq!(marked, ("imię;e-mail\nŻółw;a@b.pl\n".into(), b';'));
        let windows = read(b"imi\xea,e-mail\n\xaf\xf3\xb3w,a@b.pl");
        assert_eq!(windows, ("imię,e-mail\nŻółw,a@b.pl\n".into(), b','));
        let long = format!("a;b\n{}", "ż".repeat(100_000));
        assert_eq!(read(long.as_bytes()).0, format!("{long}\n"));
    }

    #[test]
    fn quoted_signs_part_nothing() {
        assert_eq!(delimiter(b"\"a,b,c\";d\nx,y,z"), b';');
        assert_eq!(delimiter(b"name"), b',');
        assert_eq!(delimiter(b""), b',');
    }
}

//! What a file is, by its first bytes, and whether its name and declared type agree.

use super::{Claim, Named, Refusal};
use crate::text_column;

/// A format that is taken and given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF, moving or not.
    Gif,
    /// WebP, moving or not.
    WebP,
}

// Ending of a file's name, without the dot.
text_column!(Format {
    Jpeg = "jpg",
    Png = "png",
    Gif = "gif",
    WebP = "webp",
});

impl Format {
    /// Name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            // Windows saves pictures from web pages as .jfif.
            "jpg" | "jpeg" | "jpe" | "jfif" => Some(Self::Jpeg),
            "png" | "apng" => Some(Self::Png),
            "gif" => Some(Self::Gif),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }

    fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type.to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/jpg" | "image/pjpeg" => Some(Self::Jpeg),
            "image/png" | "image/x-png" | "image/apng" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }
}

/// Brands of AVIF in an ISO base media file, and those of HEIC and HEIF.
const AVIF_BRANDS: [&[u8; 4]; 2] = [b"avif", b"avis"];
const HEIC_BRANDS: [&[u8; 4]; 8] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
];

/// Tells the format by the first bytes.
pub fn sniff(bytes: &[u8]) -> Result<Format, Refusal> {
    match bytes {
        [] => Err(Refusal::Empty),
        [0xFF, 0xD8, 0xFF, ..] => Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Format::Gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Ok(Format::WebP),
        [size @ .., _, _, _, _] if size.len() >= 8 && bytes[4..8] == *b"ftyp" => {
            Err(iso_media(bytes))
        }
        _ => Err(Refusal::NotAPicture),
    }
}

/// Which refusal an ISO base media file deserves, by the brands of its `ftyp` box: AVIF lists `mif1` too, so it goes first.
fn iso_media(bytes: &[u8]) -> Refusal {
    let size_bytes = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let brands = &bytes[8..size_bytes.clamp(12, bytes.len())];
    let has = |wanted: &[&[u8; 4]]| {
        brands
            .chunks_exact(4)
            .any(|brand| wanted.iter().any(|one| one[..] == *brand))
    };
    if has(&AVIF_BRANDS) {
        Refusal::Avif
    } else if has(&HEIC_BRANDS) {
        Refusal::Heic
    } else {
        Refusal::NotAPicture
    }
}

/// Whether what the sender said is true, where something was said.
pub fn agree(is: Format, named: Named<'_>) -> Result<(), Refusal> {
    let extension = named
        .file_name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, extension)| extension);
    if extension.is_some_and(|extension| Format::of_extension(extension.trim()) != Some(is)) {
        return Err(Refusal::Mismatch {
            is,
            claim: Claim::FileName,
        });
    }
    let media_type = named.content_type.map_or("", |declared| {
        declared.split(';').next().unwrap_or("").trim()
    });
    let says_nothing =
        media_type.is_empty() || media_type.eq_ignore_ascii_case("application/octet-stream");
    if !says_nothing && Format::of_media_type(media_type) != Some(is) {
        return Err(Refusal::Mismatch {
            is,
            claim: Claim::ContentType,
        });
    }
    Ok(())
}

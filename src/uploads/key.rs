//! The public name of a stored file: what stands behind `/uploads/`.
//!
//! `<32 hex digits>-<16 hex digits>[.thumbnail|.medium|.large].<jpg|png|gif|webp>`, e.g.
//! `5f1c…09-a3b1c2d4e5f60718.medium.jpg`: 128 random bits, so that nobody can guess it, and 64 bits of the SHA-256 of what
//! was sent, so that an address always means the same picture. Nothing else parses, so no key is a path. Where the
//! content lies is not in it: the database says that.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;

use super::imaging::Format;
use crate::text_column;

/// Bytes of randomness.
const RANDOM_BYTES: usize = 16;
/// Bytes of the content's hash.
const HASH_BYTES: usize = 8;

/// No text of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key of an uploaded file")]
pub struct InvalidKey;

/// Which of a picture's sizes a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variant {
    /// As large as it was sent.
    Original,
    /// The smallest.
    Thumbnail,
    /// For a column of text.
    Medium,
    /// For a whole screen.
    Large,
}

text_column!(Variant {
    Original = "original",
    Thumbnail = "thumbnail",
    Medium = "medium",
    Large = "large",
});

/// What the names of all files of a picture begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureKey {
    random: [u8; RANDOM_BYTES],
    hash: [u8; HASH_BYTES],
}

/// The public name of a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// Of which picture.
    pub picture: PictureKey,
    /// Which size.
    pub variant: Variant,
    /// What everybody gets; clients that take another format may get that.
    pub format: Format,
}

impl PictureKey {
    /// The key of a new picture.
    ///
    /// * `random`: from the operating system, made for this picture alone;
    /// * `sha256`: of what was sent.
    pub fn new(random: [u8; RANDOM_BYTES], sha256: &[u8; 32]) -> Self {
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&sha256[..HASH_BYTES]);
        Self { random, hash }
    }
}

impl FromStr for PictureKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (random, hash) = text.split_once('-').ok_or(InvalidKey)?;
        Ok(Self {
            random: hex(random)?,
            hash: hex(hash)?,
        })
    }
}

impl FromStr for UploadKey {
    type Err = InvalidKey;

    /// Reads a key from an address; [`UploadKey`] writes it the same again.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let (stem, format) = text.rsplit_once('.').ok_or(InvalidKey)?;
        let (picture, variant) = match stem.split_once('.') {
            Some((_, "original")) => return Err(InvalidKey),
            Some((picture, variant)) => (picture, variant.parse().map_err(|()| InvalidKey)?),
            None => (stem, Variant::Original),
        };
        Ok(Self {
            picture: picture.parse()?,
            variant,
            format: format.parse().map_err(|()| InvalidKey)?,
        })
    }
}

/// Exactly `N` bytes in lower-case hexadecimal.
fn hex<const N: usize>(text: &str) -> Result<[u8; N], InvalidKey> {
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| InvalidKey)?;
    bytes.try_into().map_err(|_| InvalidKey)
}

impl fmt::Display for PictureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (random, hash) = (HEXLOWER.encode(&self.random), HEXLOWER.encode(&self.hash));
        write!(f, "{random}-{hash}")
    }
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.picture)?;
        if self.variant != Variant::Original {
            write!(f, ".{}", self.variant.as_str())?;
        }
        write!(f, ".{}", self.format.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGINAL: &str = "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.png";

    const VARIANTS: [Variant; 4] = [
        Variant::Original,
        Variant::Thumbnail,
        Variant::Medium,
        Variant::Large,
    ];
    const FORMATS: [Format; 4] = [Format::Jpeg, Format::Png, Format::Gif, Format::WebP];

    fn sibling(variant: Variant, format: Format) -> UploadKey {
        UploadKey {
            variant,
            format,
            ..original()
        }
    }

    fn original() -> UploadKey {
        let random = std::array::from_fn(|at| at as u8);
        UploadKey {
            picture: PictureKey::new(random, &[0xff; 32]),
            variant: Variant::Original,
            format: Format::Png,
        }
    }

    #[test]
    fn a_key_is_written_as_it_is_read() {
        assert_eq!(original().to_string(), ORIGINAL);
        let medium = sibling(Variant::Medium, Format::WebP);
        assert_eq!(
            medium.to_string(),
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.medium.webp"
        );
        for variant in VARIANTS {
            for format in FORMATS {
                let key = sibling(variant, format);
                assert_eq!(key.to_string().parse(), Ok(key));
            }
        }
    }

    #[test]
    fn what_could_lead_elsewhere_or_is_written_otherwise_is_no_key() {
        let traversal = format!("../{ORIGINAL}");
        for text in [
            "",
            ".",
            "-.png",
            "../../etc/passwd",
            &traversal,
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.PNG",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.svg",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.original.png",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.medium.large.png",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff..png",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.png/",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.png\0",
            " 000102030405060708090a0b0c0d0e0f-ffffffffffffffff.png",
            "000102030405060708090A0B0C0D0E0F-ffffffffffffffff.png",
            "000102030405060708090a0b0c0d0e-ffffffffffffffff.png",
            "000102030405060708090a0b0c0d0e0f0-ffffffffffffffff.png",
            "000102030405060708090a0b0c0d0e0f-ffffffffffffff.png",
            "000102030405060708090a0b0c0d0e0f_ffffffffffffffff.png",
            "000102030405060708090a0b0c0d0e0g-ffffffffffffffff.png",
        ] {
            assert_eq!(text.parse::<UploadKey>(), Err(InvalidKey), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_being_written_and_read(
            random: [u8; 16],
            sha256: [u8; 32],
            variant in proptest::sample::select(&VARIANTS[..]),
            format in proptest::sample::select(&FORMATS[..]),
        ) {
            let key = UploadKey { picture: PictureKey::new(random, &sha256), variant, format };
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn whatever_parses_is_written_the_same_and_holds_nothing_of_a_path(
            text in "[0-9a-fA-F]{31,33}[-_][0-9a-f]{16}(\\.(thumbnail|medium|large|original|\\.\\./x))?\\.(jpg|png|exe|JPG)|\\PC{0,80}",
        ) {
            if let Ok(key) = text.parse::<UploadKey>() {
                prop_assert_eq!(&key.to_string(), &text);
                prop_assert!(!text.contains(['/', '\\', '%']) && !text.contains(".."));
            }
        }
    }
}

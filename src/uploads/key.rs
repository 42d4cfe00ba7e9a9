//! The public name of a stored file: what stands behind `/uploads/`.
//!
//! `<32 hex digits>-<16 hex digits>[.thumbnail|.medium|.large].<jpg|png|gif|webp>`, e.g.
//! `5f1c…09-a3b1c2d4e5f60718.medium.jpg`: 128 random bits, so that nobody can guess it, and 64 bits of the original's
//! SHA-256, so that an address always means the same picture. Nothing else parses, so no key is a path. Where the
//! content lies is not in it: the database says that.

use std::fmt;

use data_encoding::HEXLOWER;

/// Bytes of randomness.
const RANDOM_BYTES: usize = 16;
/// Bytes of the content's hash.
const HASH_BYTES: usize = 8;

/// No text of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key of an uploaded file")]
pub struct InvalidKey;

/// Which of a picture's sizes a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl Variant {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Original, Self::Thumbnail, Self::Medium, Self::Large];

    /// Its name in addresses and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Thumbnail => "thumbnail",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// What a stored file is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// `WebP`.
    Webp,
}

impl Extension {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Jpg, Self::Png, Self::Gif, Self::Webp];

    /// As it stands at a name's end, without the dot.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }
}

/// The public name of a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UploadKey {
    random: [u8; RANDOM_BYTES],
    hash: [u8; HASH_BYTES],
    variant: Variant,
    extension: Extension,
}

impl UploadKey {
    /// The key of a new picture's original.
    ///
    /// * `random`: from the operating system, made for this picture alone;
    /// * `sha256`: of what was sent.
    pub fn new(random: [u8; RANDOM_BYTES], sha256: &[u8; 32], extension: Extension) -> Self {
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&sha256[..HASH_BYTES]);
        Self {
            random,
            hash,
            variant: Variant::Original,
            extension,
        }
    }

    /// The key of another file of the same picture.
    #[must_use]
    pub fn sibling(self, variant: Variant, extension: Extension) -> Self {
        Self {
            variant,
            extension,
            ..self
        }
    }

    /// Which size it is.
    pub fn variant(self) -> Variant {
        self.variant
    }

    /// What it is encoded as.
    pub fn extension(self) -> Extension {
        self.extension
    }

    /// Reads a key from an address; [`UploadKey`] writes it the same again.
    ///
    /// Errors: it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let (stem, extension) = text.rsplit_once('.').ok_or(InvalidKey)?;
        let (picture, variant) = match stem.split_once('.') {
            Some((picture, variant)) => (picture, named_variant(variant)?),
            None => (stem, Variant::Original),
        };
        let (random, hash) = picture.split_once('-').ok_or(InvalidKey)?;
        let extension = Extension::ALL
            .into_iter()
            .find(|known| known.as_str() == extension);
        Ok(Self {
            random: hex(random)?,
            hash: hex(hash)?,
            variant,
            extension: extension.ok_or(InvalidKey)?,
        })
    }
}

/// A variant as a name spells it out; the original is the one without.
fn named_variant(text: &str) -> Result<Variant, InvalidKey> {
    Variant::ALL
        .into_iter()
        .find(|known| *known != Variant::Original && known.as_str() == text)
        .ok_or(InvalidKey)
}

/// Exactly `N` bytes in lower-case hexadecimal.
fn hex<const N: usize>(text: &str) -> Result<[u8; N], InvalidKey> {
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| InvalidKey)?;
    bytes.try_into().map_err(|_| InvalidKey)
}

impl fmt::Display for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (random, hash) = (HEXLOWER.encode(&self.random), HEXLOWER.encode(&self.hash));
        write!(f, "{random}-{hash}")?;
        if self.variant != Variant::Original {
            write!(f, ".{}", self.variant.as_str())?;
        }
        write!(f, ".{}", self.extension.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGINAL: &str = "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.png";

    fn original() -> UploadKey {
        let random = std::array::from_fn(|at| at as u8);
        UploadKey::new(random, &[0xff; 32], Extension::Png)
    }

    #[test]
    fn a_key_is_written_as_it_is_read() {
        assert_eq!(original().to_string(), ORIGINAL);
        let medium = original().sibling(Variant::Medium, Extension::Webp);
        assert_eq!(
            medium.to_string(),
            "000102030405060708090a0b0c0d0e0f-ffffffffffffffff.medium.webp"
        );
        for variant in Variant::ALL {
            for extension in Extension::ALL {
                let key = original().sibling(variant, extension);
                let read = UploadKey::parse(&key.to_string()).unwrap();
                assert_eq!(read, key);
                assert_eq!((read.variant(), read.extension()), (variant, extension));
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
            assert_eq!(UploadKey::parse(text), Err(InvalidKey), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_key_survives_being_written_and_read(
            random: [u8; 16],
            sha256: [u8; 32],
            variant in proptest::sample::select(&Variant::ALL[..]),
            extension in proptest::sample::select(&Extension::ALL[..]),
        ) {
            let key = UploadKey::new(random, &sha256, Extension::Jpg).sibling(variant, extension);
            prop_assert_eq!(UploadKey::parse(&key.to_string()), Ok(key));
        }

        #[test]
        fn whatever_parses_is_written_the_same_and_holds_nothing_of_a_path(
            text in "[0-9a-fA-F]{31,33}[-_][0-9a-f]{16}(\\.(thumbnail|medium|large|original|\\.\\./x))?\\.(jpg|png|exe|JPG)|\\PC{0,80}",
        ) {
            if let Ok(key) = UploadKey::parse(&text) {
                prop_assert_eq!(&key.to_string(), &text);
                prop_assert!(!text.contains(['/', '\\', '%']) && !text.contains(".."));
            }
        }
    }
}

//! Why a file is not taken.

use thiserror::Error;

use super::bounds::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE_PIXELS};
use super::format::Format;

/// What the sender said that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The ending of the file's name.
    FileName,
    /// The declared media type.
    ContentType,
}

/// Why a file is not taken, as a sentence for the one who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No bytes at all.
    #[error("The file is empty.")]
    Empty,
    /// Something other than the four formats taken.
    #[error("The file is not a picture that can be taken: send PNG, JPEG, GIF or WebP.")]
    NotAPicture,
    /// HEIC or HEIF, as newer phones save photos.
    #[error("HEIC photos cannot be read here. Please save or send the photo as JPEG.")]
    Heic,
    /// AVIF.
    #[error("AVIF pictures cannot be read here. Please save or send the picture as JPEG.")]
    Avif,
    /// Name or declared type tell of another format.
    #[error("The file is a {} picture, but its {} says something else.", .is.name(), match .claim { Claim::FileName => "name", Claim::ContentType => "content type" })]
    Mismatch {
        /// What the file is.
        is: Format,
        /// What says something else.
        claim: Claim,
    },
    /// More pixels than are taken, over all frames.
    #[error("The picture has more than {} megapixels, its frames taken together.", MAX_PIXELS / 1_000_000)]
    TooManyPixels,
    /// One side is too long.
    #[error("A side of the picture has {side_pixels} pixels; at most {MAX_SIDE_PIXELS} are taken.")]
    TooLong {
        /// The longer side, in pixels.
        side_pixels: u32,
    },
    /// More frames than are taken.
    #[error("The animation has more than {MAX_FRAMES} frames.")]
    TooManyFrames,
    /// Cut off, broken, or of a kind no decoder here knows.
    #[error("The picture is damaged or incomplete.")]
    Damaged,
    /// The deadline passed.
    #[error("The picture took too long to read.")]
    TooSlow,
    /// Our own encoder failed; not the sender's fault.
    #[error("The picture could not be written.")]
    NotEncoded,
}

impl Refusal {
    /// Name of the refusal for programs; stable.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAPicture => "not_a_picture",
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::Mismatch { .. } => "mismatch",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooLong { .. } => "too_long",
            Self::TooManyFrames => "too_many_frames",
            Self::Damaged => "damaged",
            Self::TooSlow => "too_slow",
            Self::NotEncoded => "not_encoded",
        }
    }
}

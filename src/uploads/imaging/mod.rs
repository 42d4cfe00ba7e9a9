//! Pictures made safe: bytes of a stranger in, freshly encoded pictures out.
//!
//! Nothing of the file that came in is passed on: it is decoded, turned upright, brought to sRGB and encoded anew, so
//! places, camera names, comments, hidden archives and scripts stay behind. Pure: no files, no network, no database.
//!
//! - What a file is, its first bytes say ([`Format`]); its name and declared type have to agree.
//! - Dimensions are read and judged before a pixel is allocated: 12,000 pixels a side, 50 megapixels in all (for an
//!   animation: of all its frames together), 1,000 frames.
//! - Memory at the peak, measured: a JPEG 7 bytes a pixel, a progressive one 10, a PNG 10, a WebP 14, with transparency
//!   16; a WebP written beside takes 6 more. A 12-megapixel photo takes 80 MB, progressive 113 MB; the most a picture can
//!   take, with 50 transparent megapixels, is about 1.1 GB. So the caller runs few at a time.
//! - Time: the deadline is looked at between steps, between frames, and by the JPEG decoder between rows.
//! - A decoder of another project may panic on a file no one thought of: callers run this where a panic ends the task, not
//!   the process.
//!
//! An animated GIF or WebP stays animated. An animated PNG becomes its still picture, the one that viewers without
//! animation show: hardly anybody sends one.

mod bounds;
mod color;
mod encode;
mod format;
mod gif;
mod jpeg;
mod orientation;
mod pixels;
mod placeholder;
mod png;
mod refusal;
mod riff;
#[cfg(test)]
mod tests;
mod variants;
mod webp;
mod webp_animation;

use std::time::Instant;

use bounds::Deadline;
use pixels::Pixels;

pub use bounds::{MAX_FRAMES, MAX_PIXELS, MAX_SIDE_PIXELS};
pub use format::Format;
pub use refusal::{Claim, Refusal};
pub use variants::Variants;

/// What the sender says about the file. None of it is trusted; what is said has to be true.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named<'n> {
    /// Name of the file; what follows the last dot counts.
    pub file_name: Option<&'n str>,
    /// Declared media type; empty and `application/octet-stream` say nothing.
    pub content_type: Option<&'n str>,
}

/// What shall be made besides the original and its placeholder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// Thumbnail, medium and large.
    pub variants: bool,
    /// A lossy WebP beside each picture that is not one already, where that is smaller.
    pub webp: bool,
}

/// A picture as a file of one format.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// What the bytes are.
    pub format: Format,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// One picture, in one format or two.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down, upright.
    pub height: u32,
    /// The main file first; then, if wished for and smaller, the WebP.
    pub encoded: Vec<Encoded>,
}

/// Everything made from one upload.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// The picture as it came, encoded anew in its own format.
    pub original: Picture,
    /// Smaller ones, if wished for.
    pub variants: Option<Variants>,
    /// `ThumbHash` of the picture, in standard base64: some 25 bytes to show until it is there.
    pub placeholder: String,
    /// Whether the original moves. Variants and placeholder show its first frame.
    pub is_animated: bool,
}

/// What a decoder made of a file: the first frame upright in sRGB, and how the original is written.
struct Decoded {
    first: Pixels,
    original: Original,
}

/// How the original is written again.
enum Original {
    /// From the pixels of the first frame, the only one.
    Still(encode::Style),
    /// Written while it was read, frame by frame.
    Rewritten { encoded: Encoded, is_animated: bool },
}

/// Reads one picture and makes of it what was wished for, or says why not.
///
/// # Errors
/// [`Refusal`]; all but [`Refusal::TooSlow`] and [`Refusal::NotEncoded`] are the file's fault and will not pass on a
/// second try.
pub fn process(
    bytes: &[u8],
    named: Named<'_>,
    wishes: Wishes,
    deadline: Instant,
) -> Result<Pictures, Refusal> {
    let deadline = Deadline::at(deadline);
    let format = format::sniff(bytes)?;
    format::agree(format, named)?;
    let Decoded { first, original } = match format {
        Format::Jpeg => jpeg::decode(bytes, deadline),
        Format::Png => png::decode(bytes),
        Format::Gif => gif::rewrite(bytes, deadline),
        Format::WebP => webp::decode(bytes, deadline),
    }?;
    deadline.check()?;
    let (encoded, is_animated) = match original {
        Original::Still(style) => (encode::encode(&first, style)?, false),
        Original::Rewritten {
            encoded,
            is_animated,
        } => (encoded, is_animated),
    };
    // A still WebP is no stand-in for a picture that moves.
    let beside = wishes.webp && !is_animated;
    let original = variants::picture(&first, encoded, beside, deadline)?;
    let (variants, smallest) = if wishes.variants {
        let (variants, thumbnail) = variants::make(&first, wishes.webp, deadline)?;
        (Some(variants), thumbnail)
    } else {
        (None, first)
    };
    deadline.check()?;
    Ok(Pictures {
        original,
        variants,
        placeholder: placeholder::of(&smallest)?,
        is_animated,
    })
}

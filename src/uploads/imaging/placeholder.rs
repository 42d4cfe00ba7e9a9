//! A few bytes to show in place of a picture until it is there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::pixels::Pixels;
use super::{Refusal, variants};

/// Longest side a `ThumbHash` is made from.
const SIDE_PIXELS: u32 = 100;

/// The `ThumbHash` of a picture, in base64.
pub fn of(pixels: &Pixels) -> Result<String, Refusal> {
    let smaller = variants::within(pixels, SIDE_PIXELS)?;
    let pixels = smaller.as_ref().unwrap_or(pixels);
    let rgba: Vec<u8> = if pixels.has_alpha {
        pixels.bytes.clone()
    } else {
        pixels
            .bytes
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(|&[red, green, blue]| [red, green, blue, 255])
            .collect()
    };
    Ok(STANDARD.encode(thumbhash::rgba_to_thumb_hash(
        pixels.width as usize,
        pixels.height as usize,
        &rgba,
    )))
}

//! Reading PNG: the still picture, whether or not an animation follows.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::bounds::{MAX_PROFILE_BYTES, judge_size};
use super::color::ToSrgb;
use super::encode::Style;
use super::orientation::{Orientation, upright};
use super::pixels::{Layout, Samples};
use super::{Decoded, Original, Refusal};

/// What the decoder may allocate besides the picture: a few rows, the EXIF data, the unpacked profile.
const MAX_EXTRA_BYTES: usize = 2 * MAX_PROFILE_BYTES;

/// Decodes the picture to eight bits a channel, palettes resolved.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    let mut decoder = Decoder::new_with_limits(
        Cursor::new(bytes),
        Limits {
            bytes: MAX_EXTRA_BYTES,
        },
    );
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(damaged)?;
    judge_size(header.width, header.height)?;
    let (width, height) = (header.width, header.height);

    let mut reader = decoder.read_info().map_err(damaged)?;
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Indexed => return Err(Refusal::Damaged),
    };
    let mut samples = Samples {
        width,
        height,
        layout,
        bytes: vec![0; width as usize * height as usize * layout.channels()],
    };
    reader.next_frame(&mut samples.bytes).map_err(damaged)?;
    // The EXIF data may follow the pixels, and the end has to be there.
    reader.finish().map_err(damaged)?;
    let info = reader.info();
    let orientation = info
        .exif_metadata
        .as_deref()
        .map_or(Orientation::Upright, Orientation::from_exif);
    let to_srgb = ToSrgb::by(layout, info.icc_profile.as_deref());
    Ok(Decoded {
        first: upright(to_srgb.convert(samples), orientation),
        original: Original::Still(Style::Png),
    })
}

fn damaged(_: DecodingError) -> Refusal {
    Refusal::Damaged
}

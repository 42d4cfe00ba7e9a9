//! Reading JPEG.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::bounds::{Deadline, judge_size};
use super::color::ToSrgb;
use super::encode::Style;
use super::orientation::{Orientation, upright};
use super::pixels::{Layout, Samples};
use super::{Decoded, Original, Refusal};

/// Most passes over the picture that are followed. Cameras and converters make up to a dozen; each costs time, however
/// few bytes it has.
const MAX_SCANS: usize = 100;

/// Decodes the picture between the first and the last of its markers; whatever follows is not looked at.
pub fn decode(bytes: &[u8], deadline: Deadline) -> Result<Decoded, Refusal> {
    let bytes = complete(bytes)?;
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.set_cancel(move || deadline.has_passed());
    decoder.decode_headers().map_err(|error| refusal(&error))?;
    let (width, height) = decoder
        .info()
        .map(|info| (u32::from(info.width), u32::from(info.height)))
        .ok_or(Refusal::Damaged)?;
    judge_size(width, height)?;

    let stored = decoder.input_colorspace().ok_or(Refusal::Damaged)?;
    let (layout, wanted) = match stored {
        ColorSpace::Luma => (Layout::Gray, ColorSpace::Luma),
        ColorSpace::YCbCr | ColorSpace::RGB => (Layout::Rgb, ColorSpace::RGB),
        ColorSpace::CMYK | ColorSpace::YCCK => (Layout::InvertedCmyk, stored),
        _ => return Err(Refusal::Damaged),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let mut samples = Samples {
        width,
        height,
        layout,
        bytes: vec![0; width as usize * height as usize * layout.channels()],
    };
    decoder
        .decode_into(&mut samples.bytes)
        .map_err(|error| refusal(&error))?;
    if stored == ColorSpace::YCCK {
        to_cmyk(&mut samples.bytes);
    }
    let to_srgb = ToSrgb::by(layout, decoder.icc_profile().as_deref());
    let orientation = decoder
        .exif()
        .map_or(Orientation::Upright, |exif| Orientation::from_exif(exif));
    // Its buffers are as large as the picture.
    drop(decoder);
    deadline.check()?;
    Ok(Decoded {
        first: upright(to_srgb.convert(samples), orientation),
        original: Original::Still(Style::Jpeg),
    })
}

fn refusal(error: &DecodeErrors) -> Refusal {
    match error {
        DecodeErrors::Cancelled => Refusal::TooSlow,
        _ => Refusal::Damaged,
    }
}

/// The file up to its end marker, if it is all there: one frame, and scans to the end. The decoder itself would fill up
/// what a cut-off file lacks with gray.
fn complete(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let (mut at, mut frames, mut scans) = (2, 0, 0);
    loop {
        // Between scans and within them: on to the next 0xFF that is followed by a marker.
        at += bytes
            .get(at..)
            .and_then(|rest| rest.iter().position(|&byte| byte == 0xFF))
            .ok_or(Refusal::Damaged)?
            + 1;
        match *bytes.get(at).ok_or(Refusal::Damaged)? {
            0xFF => continue,
            // A stuffed 0xFF of the data, a restart, a marker without contents.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            0xD9 if frames == 1 && scans > 0 => return Ok(&bytes[..=at]),
            0xD9 => return Err(Refusal::Damaged),
            marker => {
                let length = bytes.get(at + 1..at + 3).ok_or(Refusal::Damaged)?;
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
                match marker {
                    0xC4 | 0xC8 | 0xCC => {}
                    0xC0..=0xCF => frames += 1,
                    0xDA => scans += 1,
                    _ => {}
                }
            }
        }
        if frames > 1 || scans > MAX_SCANS {
            return Err(Refusal::Damaged);
        }
        at += 1;
    }
}

/// Inks out of lightness and color differences (ITU-T T.871, clause 7), in place; the black is stored as it is.
fn to_cmyk(bytes: &mut [u8]) {
    for [first, second, third, _] in bytes.as_chunks_mut::<4>().0 {
        let (light, blue, red) = (
            f32::from(*first),
            f32::from(*second) - 128.0,
            f32::from(*third) - 128.0,
        );
        let ink = |color: f32| 255 - color.round().clamp(0.0, 255.0) as u8;
        *first = ink(light + 1.402 * red);
        *second = ink(light - 0.344_136 * blue - 0.714_136 * red);
        *third = ink(light + 1.772 * blue);
    }
}

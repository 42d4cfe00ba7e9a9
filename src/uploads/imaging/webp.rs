//! Reading WebP, still or moving.

use std::io::Cursor;

use image_webp::{DecodingError, LoopCount, WebPDecoder};

use super::bounds::{Deadline, MAX_PROFILE_BYTES, judge_animation, judge_size};
use super::color::ToSrgb;
use super::encode::Style;
use super::orientation::{Orientation, upright};
use super::pixels::{Layout, Samples};
use super::webp_animation::AnimationWriter;
use super::{Decoded, Encoded, Format, Original, Refusal, riff};

/// Length of what precedes the chunks of a frame: place, size, duration, flags.
const FRAME_HEADER_BYTES: usize = 16;

/// What is the same for all frames of a file.
struct Manner {
    width: u32,
    height: u32,
    layout: Layout,
    to_srgb: ToSrgb,
    orientation: Orientation,
    style: Style,
}

/// Decodes the picture, or the first frame of an animation while the whole of it is written anew.
pub fn decode(bytes: &[u8], deadline: Deadline) -> Result<Decoded, Refusal> {
    let body = riff::body(bytes)?;
    judge_bitstreams(body)?;
    let mut decoder = WebPDecoder::new(Cursor::new(&bytes[..body.len() + 12])).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    judge_size(width, height)?;
    decoder.set_memory_limit(MAX_PROFILE_BYTES);
    let layout = if decoder.has_alpha() {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    let manner = Manner {
        width,
        height,
        layout,
        to_srgb: ToSrgb::by(layout, decoder.icc_profile().ok().flatten().as_deref()),
        orientation: decoder
            .exif_metadata()
            .ok()
            .flatten()
            .map_or(Orientation::Upright, |exif| Orientation::from_exif(&exif)),
        style: if decoder.is_lossy() {
            Style::LossyWebP
        } else {
            Style::LosslessWebP
        },
    };
    if decoder.is_animated() {
        return animation(&mut decoder, &manner, deadline);
    }
    let mut samples = manner.blank();
    decoder.read_image(&mut samples.bytes).map_err(damaged)?;
    Ok(Decoded {
        first: manner.finished(samples),
        original: Original::Still(manner.style),
    })
}

fn animation(
    decoder: &mut WebPDecoder<Cursor<&[u8]>>,
    manner: &Manner,
    deadline: Deadline,
) -> Result<Decoded, Refusal> {
    let frames = decoder.num_frames();
    judge_animation(manner.width, manner.height, frames)?;
    let loops = match decoder.loop_count() {
        LoopCount::Forever => 0,
        LoopCount::Times(times) => times.get(),
    };
    decoder.set_background_color([0; 4]).map_err(damaged)?;
    let mut writer = AnimationWriter::new(manner.style, loops);
    let mut first = None;
    for _ in 0..frames {
        deadline.check()?;
        let mut samples = manner.blank();
        let duration_ms = decoder.read_frame(&mut samples.bytes).map_err(damaged)?;
        let pixels = manner.finished(samples);
        first.get_or_insert_with(|| pixels.clone());
        writer.add(pixels, duration_ms)?;
    }
    let encoded = Encoded {
        format: Format::WebP,
        bytes: writer.finish(),
    };
    Ok(Decoded {
        first: first.ok_or(Refusal::Damaged)?,
        original: Original::Rewritten {
            encoded,
            is_animated: frames > 1,
        },
    })
}

impl Manner {
    fn blank(&self) -> Samples {
        let bytes = vec![0; self.width as usize * self.height as usize * self.layout.channels()];
        Samples {
            width: self.width,
            height: self.height,
            layout: self.layout,
            bytes,
        }
    }

    fn finished(&self, samples: Samples) -> super::Pixels {
        upright(self.to_srgb.convert(samples), self.orientation)
    }
}

/// Judges each coded picture by its own header: it may claim another size than the file as a whole does.
fn judge_bitstreams(body: &[u8]) -> Result<(), Refusal> {
    let frames = riff::chunks(body).filter(|(letters, _)| letters == b"ANMF");
    let within_frames = frames
        .flat_map(|(_, frame)| riff::chunks(frame.get(FRAME_HEADER_BYTES..).unwrap_or_default()));
    for chunk in riff::chunks(body).chain(within_frames) {
        if let Some((width, height)) = bitstream_size(chunk) {
            judge_size(width, height)?;
        }
    }
    Ok(())
}

/// Size in the header of a coded picture: RFC 6386, section 9.1, or RFC 9649, section 3.4.
fn bitstream_size((letters, contents): riff::Chunk<'_>) -> Option<(u32, u32)> {
    let u16_at = |at: usize| {
        Some(u16::from_le_bytes(
            contents.get(at..at + 2)?.try_into().ok()?,
        ))
    };
    match &letters {
        b"VP8 " => Some((
            u32::from(u16_at(6)? & 0x3FFF),
            u32::from(u16_at(8)? & 0x3FFF),
        )),
        b"VP8L" => {
            let packed = u32::from_le_bytes(contents.get(1..5)?.try_into().ok()?);
            Some(((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1))
        }
        _ => None,
    }
}

fn damaged(_: DecodingError) -> Refusal {
    Refusal::Damaged
}

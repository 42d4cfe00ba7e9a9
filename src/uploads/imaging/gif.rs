//! Reading and rewriting GIF, still or moving.
//!
//! A GIF is written again frame by frame as it is read, with its own palettes: nothing is lost, and only frames, delays and
//! the number of loops are carried over. A color profile, which no viewer minds, is not.

use std::io::Cursor;
use std::num::NonZeroU64;

use gif::{
    DecodeOptions, Decoder, DecodingError, DisposalMethod, Encoder, EncodingError, Frame,
    MemoryLimit, Repeat,
};

use super::bounds::{Deadline, MAX_FRAMES, MAX_PIXELS, judge_animation, judge_size};
use super::pixels::Pixels;
use super::{Decoded, Encoded, Format, Original, Refusal};

/// Reads all frames, paints the first, writes all of them anew.
pub fn rewrite(bytes: &[u8], deadline: Deadline) -> Result<Decoded, Refusal> {
    let frames = judge(bytes)?;
    let mut decoder = open(bytes, false)?;
    let (width, height) = (decoder.width(), decoder.height());
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut first = None;
    let mut writer = Encoder::new(Vec::new(), width, height, &palette).map_err(not_encoded)?;
    if decoder.repeat() != Repeat::Finite(0) {
        writer.set_repeat(decoder.repeat()).map_err(not_encoded)?;
    }
    while let Some(frame) = decoder.read_next_frame().map_err(damaged)? {
        deadline.check()?;
        first.get_or_insert_with(|| painted(width, height, frame, &palette));
        let frame = Frame {
            delay: frame.delay,
            dispose: if frames == 1 {
                DisposalMethod::Any
            } else {
                frame.dispose
            },
            transparent: frame.transparent,
            top: frame.top,
            left: frame.left,
            width: frame.width,
            height: frame.height,
            palette: frame.palette.clone(),
            buffer: frame.buffer.as_ref().into(),
            ..Frame::default()
        };
        writer.write_frame(&frame).map_err(not_encoded)?;
    }
    let encoded = Encoded {
        format: Format::Gif,
        bytes: writer.into_inner().map_err(not_encoded)?,
    };
    Ok(Decoded {
        first: first.ok_or(Refusal::Damaged)?.without_idle_alpha(),
        original: Original::Rewritten {
            encoded,
            is_animated: frames > 1,
        },
    })
}

/// Counts and measures the frames without unpacking any; the file has to be there to its end. A frame may reach beyond
/// the picture, so the larger of the two counts.
fn judge(bytes: &[u8]) -> Result<u32, Refusal> {
    let mut decoder = open(bytes, true)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let (mut frames, mut pixels) = (0, 0);
    while let Some(frame) = decoder.next_frame_info().map_err(damaged)? {
        judge_size(u32::from(frame.width), u32::from(frame.height))?;
        frames += 1;
        pixels += u64::from(frame.width) * u64::from(frame.height);
        if frames > MAX_FRAMES {
            break;
        }
    }
    judge_animation(width, height, frames)?;
    if pixels > MAX_PIXELS {
        return Err(Refusal::TooManyPixels);
    }
    Ok(frames)
}

fn open(bytes: &[u8], measure_only: bool) -> Result<Decoder<Cursor<&[u8]>>, Refusal> {
    let mut options = DecodeOptions::new();
    options.skip_frame_decoding(measure_only);
    if let Some(limit) = NonZeroU64::new(MAX_PIXELS) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    options.read_info(Cursor::new(bytes)).map_err(damaged)
}

/// The first frame on the otherwise transparent canvas.
fn painted(width: u16, height: u16, frame: &Frame<'_>, global_palette: &[u8]) -> Pixels {
    let (palette, _) = frame
        .palette
        .as_deref()
        .unwrap_or(global_palette)
        .as_chunks::<3>();
    let (columns, rows) = (usize::from(width), usize::from(height));
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let mut bytes = vec![0; columns * rows * 4];
    let (canvas, _) = bytes.as_chunks_mut::<4>();
    for (source, target) in frame
        .buffer
        .chunks_exact(usize::from(frame.width))
        .zip(canvas.chunks_exact_mut(columns).skip(top))
    {
        for (&index, pixel) in source.iter().zip(target.iter_mut().skip(left)) {
            if let (true, Some(&[red, green, blue])) = (
                frame.transparent != Some(index),
                palette.get(usize::from(index)),
            ) {
                *pixel = [red, green, blue, 255];
            }
        }
    }
    Pixels {
        width: u32::from(width),
        height: u32::from(height),
        has_alpha: true,
        bytes,
    }
}

fn damaged(_: DecodingError) -> Refusal {
    Refusal::Damaged
}

fn not_encoded(_: EncodingError) -> Refusal {
    Refusal::NotEncoded
}

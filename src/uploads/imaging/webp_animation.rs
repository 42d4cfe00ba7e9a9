//! Writing an animated WebP (RFC 9649, section 2.7.1), frame by frame as they come.

use super::encode::{self, Style};
use super::pixels::Pixels;
use super::{Refusal, riff};

/// Flags of the file: it moves; it is transparent somewhere.
const ANIMATED: u8 = 0b0000_0010;
const TRANSPARENT: u8 = 0b0001_0000;
/// Flag of a frame: it replaces what is there instead of lying over it.
const REPLACES: u8 = 0b0000_0010;

/// A rectangle of the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// An animation that is being written. Of each frame only the part that differs from the one before is kept.
pub struct AnimationWriter {
    style: Style,
    loops: u16,
    is_transparent: bool,
    previous: Option<Pixels>,
    frames: Vec<u8>,
}

impl AnimationWriter {
    /// An animation without frames; it runs this many times, zero meaning for ever.
    pub fn new(style: Style, loops: u16) -> Self {
        Self {
            style,
            loops,
            is_transparent: false,
            previous: None,
            frames: Vec::new(),
        }
    }

    /// Adds a whole frame, shown for this long.
    pub fn add(&mut self, pixels: Pixels, duration_ms: u32) -> Result<(), Refusal> {
        let part = self
            .previous
            .as_ref()
            .map_or_else(|| whole(&pixels), |previous| changed(previous, &pixels));
        let still = encode::encode(&cut(&pixels, part), self.style)?.bytes;
        let mut frame = Vec::with_capacity(still.len() + 16);
        for number in [part.left / 2, part.top / 2, part.width - 1, part.height - 1] {
            riff::push_u24(&mut frame, number as u32);
        }
        riff::push_u24(&mut frame, duration_ms);
        frame.push(REPLACES);
        for (letters, contents) in riff::chunks(riff::body(&still)?) {
            if matches!(&letters, b"ALPH" | b"VP8 " | b"VP8L") {
                riff::push_chunk(&mut frame, letters, contents);
            }
        }
        riff::push_chunk(&mut self.frames, *b"ANMF", &frame);
        self.is_transparent |= pixels.has_alpha;
        self.previous = Some(pixels);
        Ok(())
    }

    /// The whole file.
    pub fn finish(self) -> Vec<u8> {
        let (width, height) = self
            .previous
            .as_ref()
            .map_or((1, 1), |last| (last.width, last.height));
        let mut features = vec![
            ANIMATED | if self.is_transparent { TRANSPARENT } else { 0 },
            0,
            0,
            0,
        ];
        riff::push_u24(&mut features, width - 1);
        riff::push_u24(&mut features, height - 1);
        let mut looping = vec![0; 4];
        looping.extend_from_slice(&self.loops.to_le_bytes());
        let mut contents = b"WEBP".to_vec();
        riff::push_chunk(&mut contents, *b"VP8X", &features);
        riff::push_chunk(&mut contents, *b"ANIM", &looping);
        contents.extend_from_slice(&self.frames);
        let mut file = Vec::with_capacity(contents.len() + 8);
        riff::push_chunk(&mut file, *b"RIFF", &contents);
        file
    }
}

fn whole(pixels: &Pixels) -> Part {
    Part {
        left: 0,
        top: 0,
        width: pixels.width as usize,
        height: pixels.height as usize,
    }
}

/// The smallest part that holds all differences, beginning at even numbers as the format wants; a single pixel if there
/// are none.
fn changed(previous: &Pixels, now: &Pixels) -> Part {
    if previous.has_alpha != now.has_alpha {
        return whole(now);
    }
    let row_bytes = now.width as usize * now.channels();
    let (mut top, mut bottom, mut left, mut right) = (usize::MAX, 0, usize::MAX, 0);
    for (row, (before, after)) in previous
        .bytes
        .chunks_exact(row_bytes)
        .zip(now.bytes.chunks_exact(row_bytes))
        .enumerate()
    {
        let differs = |&at: &usize| before[at] != after[at];
        if let (Some(first), Some(last)) =
            ((0..row_bytes).find(differs), (0..row_bytes).rfind(differs))
        {
            (top, bottom) = (top.min(row), row);
            (left, right) = (
                left.min(first / now.channels()),
                right.max(last / now.channels()),
            );
        }
    }
    if top == usize::MAX {
        return Part {
            left: 0,
            top: 0,
            width: 1,
            height: 1,
        };
    }
    let (left, top) = (left & !1, top & !1);
    Part {
        left,
        top,
        width: right + 1 - left,
        height: bottom + 1 - top,
    }
}

fn cut(pixels: &Pixels, part: Part) -> Pixels {
    let channels = pixels.channels();
    let rows = pixels
        .bytes
        .chunks_exact(pixels.width as usize * channels)
        .skip(part.top)
        .take(part.height);
    let columns = part.left * channels..(part.left + part.width) * channels;
    Pixels {
        width: part.width as u32,
        height: part.height as u32,
        has_alpha: pixels.has_alpha,
        bytes: rows
            .flat_map(|row| &row[columns.clone()])
            .copied()
            .collect(),
    }
}

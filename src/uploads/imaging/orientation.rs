//! Which way up a picture is meant, as EXIF says, and turning the pixels accordingly.

use super::pixels::Pixels;

/// Tag of the orientation in the first directory (EXIF 2.32, 4.6.4 A), and the type it has: SHORT.
const ORIENTATION_TAG: u16 = 0x0112;
const SHORT: u16 = 3;
/// Edge of the squares that are turned at a time, so that rows and columns both stay in the cache.
const TILE_PIXELS: usize = 32;

/// The eight ways a picture can lie, by what has to be done to set it upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    Upright,
    MirrorAcross,
    HalfTurn,
    MirrorDown,
    Transpose,
    QuarterTurn,
    Transverse,
    ThreeQuarterTurn,
}

impl Orientation {
    /// Reads it from EXIF data, with or without the marker `Exif` before it. Anything unreadable counts as upright.
    pub fn from_exif(exif: &[u8]) -> Self {
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        Self::value(tiff).map_or(Self::Upright, |value| match value {
            2 => Self::MirrorAcross,
            3 => Self::HalfTurn,
            4 => Self::MirrorDown,
            5 => Self::Transpose,
            6 => Self::QuarterTurn,
            7 => Self::Transverse,
            8 => Self::ThreeQuarterTurn,
            _ => Self::Upright,
        })
    }

    /// Value of the tag in the first directory of a TIFF.
    fn value(tiff: &[u8]) -> Option<u16> {
        let little_endian = match tiff.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let read_u16 = |at: usize| {
            let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
            Some(if little_endian {
                u16::from_le_bytes(two)
            } else {
                u16::from_be_bytes(two)
            })
        };
        let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
        let directory = if little_endian {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        } as usize;
        let entries = usize::from(read_u16(directory)?);
        (0..entries)
            .map(|entry| directory + 2 + entry * 12)
            .find_map(|at| {
                let is_orientation = read_u16(at)? == ORIENTATION_TAG && read_u16(at + 2)? == SHORT;
                if is_orientation {
                    read_u16(at + 8)
                } else {
                    None
                }
            })
    }

    /// Whether width and height change places.
    fn swaps_sides(self) -> bool {
        matches!(
            self,
            Self::Transpose | Self::QuarterTurn | Self::Transverse | Self::ThreeQuarterTurn
        )
    }

    /// Where the upright picture takes its pixels from: index of the first, and steps to the next across and down, for a
    /// source of this many pixels.
    fn walk(self, width: isize, height: isize) -> (isize, isize, isize) {
        let (last_column, last_row) = (width - 1, (height - 1) * width);
        match self {
            Self::Upright => (0, 1, width),
            Self::MirrorAcross => (last_column, -1, width),
            Self::HalfTurn => (last_row + last_column, -1, -width),
            Self::MirrorDown => (last_row, 1, -width),
            Self::Transpose => (0, width, 1),
            Self::QuarterTurn => (last_row, -width, 1),
            Self::Transverse => (last_row + last_column, -width, -1),
            Self::ThreeQuarterTurn => (last_column, width, -1),
        }
    }
}

/// The picture set upright.
pub fn upright(pixels: Pixels, orientation: Orientation) -> Pixels {
    match (orientation, pixels.has_alpha) {
        (Orientation::Upright, _) => pixels,
        (_, true) => turned::<4>(&pixels, orientation),
        (_, false) => turned::<3>(&pixels, orientation),
    }
}

fn turned<const CHANNELS: usize>(pixels: &Pixels, orientation: Orientation) -> Pixels {
    let (width, height) = if orientation.swaps_sides() {
        (pixels.height, pixels.width)
    } else {
        (pixels.width, pixels.height)
    };
    let (columns, rows) = (width as usize, height as usize);
    let (start, across, down) = orientation.walk(pixels.width as isize, pixels.height as isize);
    let (source, _) = pixels.bytes.as_chunks::<CHANNELS>();
    let mut bytes = vec![0; pixels.bytes.len()];
    let (target, _) = bytes.as_chunks_mut::<CHANNELS>();
    for top in (0..rows).step_by(TILE_PIXELS) {
        for left in (0..columns).step_by(TILE_PIXELS) {
            for row in top..(top + TILE_PIXELS).min(rows) {
                let mut from = start + row as isize * down + left as isize * across;
                for pixel in &mut target
                    [row * columns + left..row * columns + (left + TILE_PIXELS).min(columns)]
                {
                    *pixel = source[from as usize];
                    from += across;
                }
            }
        }
    }
    Pixels {
        width,
        height,
        has_alpha: pixels.has_alpha,
        bytes,
    }
}

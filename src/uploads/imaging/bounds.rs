//! How large a picture may be and how long it may take.

use std::time::Instant;

use super::Refusal;

/// Longest side taken, in pixels.
pub const MAX_SIDE_PIXELS: u32 = 12_000;
/// Most pixels taken, those of all frames together.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Most frames of an animation taken.
pub const MAX_FRAMES: u32 = 1_000;
/// Largest ICC profile that is applied; printers' profiles have some 2 MB. A larger one is left aside.
pub const MAX_PROFILE_BYTES: usize = 4 << 20;

/// Judges a size by what a header says, before anything is allocated for it.
pub fn judge_size(width: u32, height: u32) -> Result<(), Refusal> {
    let side_pixels = width.max(height);
    if width == 0 || height == 0 {
        Err(Refusal::Damaged)
    } else if side_pixels > MAX_SIDE_PIXELS {
        Err(Refusal::TooLong { side_pixels })
    } else if u64::from(width) * u64::from(height) > MAX_PIXELS {
        Err(Refusal::TooManyPixels)
    } else {
        Ok(())
    }
}

/// Judges an animation: its canvas as a picture, then all its frames together.
pub fn judge_animation(width: u32, height: u32, frames: u32) -> Result<(), Refusal> {
    judge_size(width, height)?;
    if frames == 0 {
        Err(Refusal::Damaged)
    } else if frames > MAX_FRAMES {
        Err(Refusal::TooManyFrames)
    } else if u64::from(width) * u64::from(height) * u64::from(frames) > MAX_PIXELS {
        Err(Refusal::TooManyPixels)
    } else {
        Ok(())
    }
}

/// When the work has to be done.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline at this moment.
    pub fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// Whether the moment has come.
    pub fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }

    /// Refuses once the moment has come.
    pub fn check(self) -> Result<(), Refusal> {
        if self.has_passed() {
            Err(Refusal::TooSlow)
        } else {
            Ok(())
        }
    }
}

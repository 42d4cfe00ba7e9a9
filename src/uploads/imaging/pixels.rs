//! Pictures in memory: as a decoder gives them, and as everything after it takes them.

/// What the bytes of a decoded picture mean, eight bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Lightness.
    Gray,
    /// Lightness and opacity.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, opacity.
    Rgba,
    /// Cyan, magenta, yellow, black as Adobe stores them in JPEG: 255 is no ink.
    InvertedCmyk,
}

impl Layout {
    /// Bytes of one pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::InvertedCmyk => 4,
        }
    }

    /// Whether it tells of opacity.
    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
}

/// A picture as decoded: any layout, any color space.
#[derive(Debug, Clone)]
pub struct Samples {
    pub width: u32,
    pub height: u32,
    pub layout: Layout,
    /// Row by row, without gaps.
    pub bytes: Vec<u8>,
}

/// A picture in sRGB: three bytes a pixel, or four with opacity (not multiplied in).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub has_alpha: bool,
    /// Row by row, without gaps.
    pub bytes: Vec<u8>,
}

impl Pixels {
    /// Bytes of one pixel.
    pub fn channels(&self) -> usize {
        if self.has_alpha { 4 } else { 3 }
    }

    /// Leaves out the opacity where every pixel is opaque: smaller and faster from here on.
    pub fn without_idle_alpha(mut self) -> Self {
        let opaque = self.has_alpha
            && self
                .bytes
                .as_chunks::<4>()
                .0
                .iter()
                .all(|&[.., alpha]| alpha == 255);
        if opaque {
            for pixel in 0..self.bytes.len() / 4 {
                self.bytes.copy_within(pixel * 4..pixel * 4 + 3, pixel * 3);
            }
            self.bytes.truncate(self.bytes.len() / 4 * 3);
            self.bytes.shrink_to_fit();
            self.has_alpha = false;
        }
        self
    }

    /// The picture on white, three bytes a pixel.
    pub fn on_white(&self) -> Vec<u8> {
        let blended = |color: u8, alpha: u8| {
            let (color, alpha) = (u32::from(color), u32::from(alpha));
            ((color * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        let (pixels, _) = self.bytes.as_chunks::<4>();
        pixels
            .iter()
            .flat_map(|&[red, green, blue, alpha]| {
                [red, green, blue].map(|color| blended(color, alpha))
            })
            .collect()
    }
}

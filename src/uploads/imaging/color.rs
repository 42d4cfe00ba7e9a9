//! Bringing pictures to sRGB, the one color space a picture without a profile is shown in.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, TransformExecutor, TransformOptions};

use super::bounds::MAX_PROFILE_BYTES;
use super::pixels::{Layout, Pixels, Samples};

/// How pictures of one layout come to sRGB.
pub struct ToSrgb {
    transform: Option<Arc<dyn TransformExecutor<u8> + Send + Sync>>,
}

impl ToSrgb {
    /// By the profile the picture brings. One that is broken, too large, of another kind than the picture, or sRGB itself
    /// is left aside.
    pub fn by(layout: Layout, icc: Option<&[u8]>) -> Self {
        let transform = icc
            .filter(|profile| profile.len() <= MAX_PROFILE_BYTES)
            .and_then(|profile| transform(layout, profile))
            .filter(|transform| changes_anything(layout, transform.as_ref()));
        Self { transform }
    }

    /// The picture in sRGB.
    pub fn convert(&self, samples: Samples) -> Pixels {
        self.transform
            .as_ref()
            .and_then(|transform| transformed(&samples, transform.as_ref()))
            .unwrap_or_else(|| taken_as_srgb(samples))
            .without_idle_alpha()
    }
}

/// Builds the way from a profile to sRGB, if the profile is sound and fits the layout.
fn transform(
    layout: Layout,
    profile: &[u8],
) -> Option<Arc<dyn TransformExecutor<u8> + Send + Sync>> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (space, from, to) = match layout {
        Layout::Gray => (
            DataColorSpace::Gray,
            moxcms::Layout::Gray,
            moxcms::Layout::Rgb,
        ),
        Layout::GrayAlpha => (
            DataColorSpace::Gray,
            moxcms::Layout::GrayAlpha,
            moxcms::Layout::Rgba,
        ),
        Layout::Rgb => (
            DataColorSpace::Rgb,
            moxcms::Layout::Rgb,
            moxcms::Layout::Rgb,
        ),
        Layout::Rgba => (
            DataColorSpace::Rgb,
            moxcms::Layout::Rgba,
            moxcms::Layout::Rgba,
        ),
        Layout::InvertedCmyk => (
            DataColorSpace::Cmyk,
            moxcms::Layout::Rgba,
            moxcms::Layout::Rgb,
        ),
    };
    if profile.color_space != space {
        return None;
    }
    profile
        .create_transform_8bit(
            from,
            &ColorProfile::new_srgb(),
            to,
            TransformOptions::default(),
        )
        .ok()
}

/// Whether the profile moves any of some hundred colors by more than one step; most profiles are sRGB by another name.
fn changes_anything(layout: Layout, transform: &dyn TransformExecutor<u8>) -> bool {
    let levels = || (0..=255).step_by(32).chain([255]);
    let grid = levels().flat_map(|red| {
        levels().flat_map(move |green| levels().map(move |blue| [red, green, blue, 255]))
    });
    let bytes: Vec<u8> = grid
        .flat_map(|color| {
            let opaque = if layout.has_alpha() {
                &color[4 - layout.channels()..]
            } else {
                &color[..layout.channels()]
            };
            opaque.to_vec()
        })
        .collect();
    let samples = Samples {
        width: (bytes.len() / layout.channels()) as u32,
        height: 1,
        layout,
        bytes,
    };
    let Some(moved) = transformed(&samples, transform) else {
        return false;
    };
    let still = taken_as_srgb(samples);
    moved
        .bytes
        .iter()
        .zip(&still.bytes)
        .any(|(moved, still)| moved.abs_diff(*still) > 1)
}

/// Row by row through the transform; `None` if it will not take them.
fn transformed(samples: &Samples, transform: &dyn TransformExecutor<u8>) -> Option<Pixels> {
    let has_alpha = samples.layout.has_alpha();
    let row_bytes = samples.width as usize * samples.layout.channels();
    let target_row_bytes = samples.width as usize * if has_alpha { 4 } else { 3 };
    let mut bytes = vec![0; target_row_bytes * samples.height as usize];
    let mut inks = Vec::new();
    for (source, target) in samples
        .bytes
        .chunks_exact(row_bytes)
        .zip(bytes.chunks_exact_mut(target_row_bytes))
    {
        let source = if samples.layout == Layout::InvertedCmyk {
            inks.clear();
            inks.extend(source.iter().map(|stored| 255 - stored));
            &inks
        } else {
            source
        };
        transform.transform(source, target).ok()?;
    }
    Some(Pixels {
        width: samples.width,
        height: samples.height,
        has_alpha,
        bytes,
    })
}

/// The picture taken to be sRGB already; inks are multiplied, as viewers without color management do.
fn taken_as_srgb(samples: Samples) -> Pixels {
    let Samples {
        width,
        height,
        layout,
        bytes,
    } = samples;
    let multiplied =
        |color: u8, black: u8| ((u32::from(color) * u32::from(black) + 127) / 255) as u8;
    let bytes = match layout {
        Layout::Rgb | Layout::Rgba => bytes,
        Layout::Gray => bytes.iter().flat_map(|&light| [light; 3]).collect(),
        Layout::GrayAlpha => bytes
            .as_chunks::<2>()
            .0
            .iter()
            .flat_map(|&[light, alpha]| [light, light, light, alpha])
            .collect(),
        Layout::InvertedCmyk => {
            let (pixels, _) = bytes.as_chunks::<4>();
            pixels
                .iter()
                .flat_map(|&[c, m, y, black]| [c, m, y].map(|color| multiplied(color, black)))
                .collect()
        }
    };
    Pixels {
        width,
        height,
        has_alpha: layout.has_alpha(),
        bytes,
    }
}

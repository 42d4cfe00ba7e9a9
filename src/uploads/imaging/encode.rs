//! Writing still pictures. Only pixels go in, so nothing but pixels comes out.

use std::borrow::Cow;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use webp::{PixelLayout, WebPConfig};

use super::pixels::Pixels;
use super::{Encoded, Format, Refusal};

/// Quality of an original that is JPEG or lossy WebP.
const ORIGINAL_QUALITY: u8 = 90;
/// Quality of a WebP beside a JPEG: looks like JPEG at 85 to 90.
const WEBP_BESIDE_QUALITY: f32 = 80.0;
/// How hard to try on a lossless WebP, of 100: what more effort saves is a few percent, and it takes several times as long.
const LOSSLESS_EFFORT: f32 = 25.0;

/// How an original is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Jpeg,
    Png,
    LossyWebP,
    LosslessWebP,
}

/// The picture as an original.
pub fn encode(pixels: &Pixels, style: Style) -> Result<Encoded, Refusal> {
    match style {
        Style::Jpeg => jpeg(pixels, ORIGINAL_QUALITY),
        Style::Png => png(pixels),
        Style::LossyWebP => webp(pixels, f32::from(ORIGINAL_QUALITY), false),
        Style::LosslessWebP => webp(pixels, LOSSLESS_EFFORT, true),
    }
}

/// JPEG, on white where the picture is transparent. Interleaved with the standard tables: half the time of tables of its
/// own, a few percent larger.
pub fn jpeg(pixels: &Pixels, quality: u8) -> Result<Encoded, Refusal> {
    let colors: Cow<'_, [u8]> = if pixels.has_alpha {
        pixels.on_white().into()
    } else {
        (&pixels.bytes).into()
    };
    let (Ok(width), Ok(height)) = (u16::try_from(pixels.width), u16::try_from(pixels.height))
    else {
        return Err(Refusal::NotEncoded);
    };
    let mut bytes = Vec::with_capacity(colors.len() / 8);
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder
        .encode(&colors, width, height, ColorType::Rgb)
        .map_err(|_| Refusal::NotEncoded)?;
    Ok(Encoded {
        format: Format::Jpeg,
        bytes,
    })
}

/// Lossy WebP to stand beside another file.
pub fn webp_beside(pixels: &Pixels) -> Result<Encoded, Refusal> {
    webp(pixels, WEBP_BESIDE_QUALITY, false)
}

/// PNG, compressed fast: trying harder takes a large photo several seconds.
fn png(pixels: &Pixels) -> Result<Encoded, Refusal> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width, pixels.height);
    encoder.set_color(if pixels.has_alpha {
        png::ColorType::Rgba
    } else {
        png::ColorType::Rgb
    });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(|_| Refusal::NotEncoded)?;
    writer
        .write_image_data(&pixels.bytes)
        .map_err(|_| Refusal::NotEncoded)?;
    writer.finish().map_err(|_| Refusal::NotEncoded)?;
    Ok(Encoded {
        format: Format::Png,
        bytes,
    })
}

fn webp(pixels: &Pixels, quality: f32, is_lossless: bool) -> Result<Encoded, Refusal> {
    let layout = if pixels.has_alpha {
        PixelLayout::Rgba
    } else {
        PixelLayout::Rgb
    };
    let mut config = WebPConfig::new().map_err(|()| Refusal::NotEncoded)?;
    config.quality = quality;
    config.lossless = i32::from(is_lossless);
    // Colors under full transparency count for nothing when lossy; lossless keeps them.
    config.exact = i32::from(is_lossless);
    let encoder = webp::Encoder::new(&pixels.bytes, layout, pixels.width, pixels.height);
    let memory = encoder
        .encode_advanced(&config)
        .map_err(|_| Refusal::NotEncoded)?;
    Ok(Encoded {
        format: Format::WebP,
        bytes: memory.to_vec(),
    })
}

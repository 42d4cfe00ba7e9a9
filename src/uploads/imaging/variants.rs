//! Smaller pictures out of one.

use std::error::Error;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::bounds::Deadline;
use super::pixels::Pixels;
use super::{Encoded, Format, Picture, Refusal, encode};

/// The three sizes that are made: JPEG, on white, never larger than the original.
#[derive(Debug, Clone)]
pub struct Variants {
    /// Within 150 pixels, quality 80.
    pub thumbnail: Picture,
    /// Within 800 pixels, quality 85.
    pub medium: Picture,
    /// Within 1920 pixels, quality 90.
    pub large: Picture,
}

/// Longest side and JPEG quality of each.
const LARGE: (u32, u8) = (1920, 90);
const MEDIUM: (u32, u8) = (800, 85);
const THUMBNAIL: (u32, u8) = (150, 80);

/// Makes all three, each from the next larger, and hands back the pixels of the smallest.
pub fn make(
    original: &Pixels,
    webp: bool,
    deadline: Deadline,
) -> Result<(Variants, Pixels), Refusal> {
    let (large, large_pixels) = make_one(original, LARGE, webp, deadline)?;
    let large_pixels = large_pixels.as_ref().unwrap_or(original);
    let (medium, medium_pixels) = make_one(large_pixels, MEDIUM, webp, deadline)?;
    let medium_pixels = medium_pixels.as_ref().unwrap_or(large_pixels);
    let (thumbnail, thumbnail_pixels) = make_one(medium_pixels, THUMBNAIL, webp, deadline)?;
    let thumbnail_pixels = thumbnail_pixels.unwrap_or_else(|| medium_pixels.clone());
    Ok((
        Variants {
            thumbnail,
            medium,
            large,
        },
        thumbnail_pixels,
    ))
}

fn make_one(
    source: &Pixels,
    (side_pixels, quality): (u32, u8),
    webp: bool,
    deadline: Deadline,
) -> Result<(Picture, Option<Pixels>), Refusal> {
    deadline.check()?;
    let smaller = within(source, side_pixels)?;
    let pixels = smaller.as_ref().unwrap_or(source);
    let made = picture(pixels, encode::jpeg(pixels, quality)?, webp, deadline)?;
    Ok((made, smaller))
}

/// A picture of these pixels: the file given, and beside it a WebP, if wished for and smaller.
pub fn picture(
    pixels: &Pixels,
    main: Encoded,
    webp: bool,
    deadline: Deadline,
) -> Result<Picture, Refusal> {
    let mut encoded = vec![main];
    if webp && encoded[0].format != Format::WebP {
        deadline.check()?;
        let beside = encode::webp_beside(pixels)?;
        if beside.bytes.len() < encoded[0].bytes.len() {
            encoded.push(beside);
        }
    }
    Ok(Picture {
        width: pixels.width,
        height: pixels.height,
        encoded,
    })
}

/// The picture made to fit a square of this many pixels a side; `None` if it does.
pub fn within(source: &Pixels, side_pixels: u32) -> Result<Option<Pixels>, Refusal> {
    let longer = source.width.max(source.height);
    if longer <= side_pixels {
        return Ok(None);
    }
    let shrunk = |side: u32| {
        let rounded =
            (u64::from(side) * u64::from(side_pixels) + u64::from(longer) / 2) / u64::from(longer);
        (rounded as u32).max(1)
    };
    let (width, height) = (shrunk(source.width), shrunk(source.height));
    let bytes = if source.has_alpha {
        resized::<U8x4>(source, width, height)
    } else {
        resized::<U8x3>(source, width, height)
    }
    .map_err(|_| Refusal::NotEncoded)?;
    Ok(Some(Pixels {
        width,
        height,
        has_alpha: source.has_alpha,
        bytes,
    }))
}

/// Of one kind of pixels each: the library's own choice among all kinds would be compiled into this program whole, which
/// takes minutes.
fn resized<P: PixelTrait>(
    source: &Pixels,
    width: u32,
    height: u32,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let from = TypedImageRef::<P>::from_buffer(source.width, source.height, &source.bytes)?;
    let mut bytes = vec![0; width as usize * height as usize * P::size()];
    let mut to = TypedImage::<P>::from_buffer(width, height, &mut bytes)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize_typed(&from, &mut to, &options)?;
    Ok(bytes)
}

//! What [`process`](super::process) promises, on pictures made here.

mod acceptance;
mod animation;
mod colors;
mod hostile;
mod making;
mod metadata;
mod orientation;
mod sizes;

use std::time::{Duration, Instant};

use super::pixels::Pixels;
use super::{
    Deadline, Encoded, Format, Named, Pictures, Refusal, Wishes, gif, jpeg, png, process, webp,
};

/// A moment no test reaches.
fn far() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

/// Everything that can be made of a file without a name.
fn everything(bytes: &[u8]) -> Result<Pictures, Refusal> {
    process(
        bytes,
        Named::default(),
        Wishes {
            variants: true,
            webp: true,
        },
        far(),
    )
}

/// All files made from an upload.
fn all_files(pictures: &Pictures) -> Vec<&Encoded> {
    let variants = pictures
        .variants
        .iter()
        .flat_map(|made| [&made.thumbnail, &made.medium, &made.large]);
    std::iter::once(&pictures.original)
        .chain(variants)
        .flat_map(|picture| &picture.encoded)
        .collect()
}

/// Pixels of a file of ours, its first frame.
fn seen(file: &Encoded) -> Pixels {
    let deadline = Deadline::at(far());
    let decoded = match file.format {
        Format::Jpeg => jpeg::decode(&file.bytes, deadline),
        Format::Png => png::decode(&file.bytes),
        Format::Gif => gif::rewrite(&file.bytes, deadline),
        Format::WebP => webp::decode(&file.bytes, deadline),
    };
    decoded.unwrap().first
}

/// Asserts that two pictures look alike: the same size, and channels that differ by this much on average at most.
#[track_caller]
fn assert_alike(left: &Pixels, right: &Pixels, tolerance: f64) {
    assert_eq!(
        (left.width, left.height, left.has_alpha),
        (right.width, right.height, right.has_alpha)
    );
    let apart: u64 = left
        .bytes
        .iter()
        .zip(&right.bytes)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    let average = apart as f64 / left.bytes.len() as f64;
    assert!(average <= tolerance, "they differ by {average} on average");
}

/// Asserts the color in the middle of a picture, each channel within the tolerance.
#[track_caller]
fn assert_middle(pixels: &Pixels, expected: &[u8], tolerance: u8) {
    let at = (pixels.height as usize / 2 * pixels.width as usize + pixels.width as usize / 2)
        * pixels.channels();
    let color = &pixels.bytes[at..at + pixels.channels()];
    let near = color.len() == expected.len()
        && color
            .iter()
            .zip(expected)
            .all(|(a, b)| a.abs_diff(*b) <= tolerance);
    assert!(near, "{color:?} instead of {expected:?}");
}

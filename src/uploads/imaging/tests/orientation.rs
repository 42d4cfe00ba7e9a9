//! Pictures come out upright, however they lie in the file.

use exif::{In, Reader, Tag};

use super::making::{exif, extended_webp, jpeg, png, scene, webp, with_chunk, with_segment};
use super::{assert_alike, everything, seen};
use crate::uploads::imaging::encode::Style;
use crate::uploads::imaging::orientation::Orientation;
use crate::uploads::imaging::pixels::Pixels;

/// The picture as a camera stores it with this orientation: EXIF 2.32 says for each which edges of the upright picture
/// the first row and the first column are.
fn stored(upright: &Pixels, orientation: u16) -> Pixels {
    let (last_x, last_y) = (upright.width - 1, upright.height - 1);
    let (width, height) = if orientation < 5 {
        (upright.width, upright.height)
    } else {
        (upright.height, upright.width)
    };
    let mut bytes = Vec::new();
    for row in 0..height {
        for column in 0..width {
            let (x, y) = match orientation {
                1 => (column, row),
                2 => (last_x - column, row),
                3 => (last_x - column, last_y - row),
                4 => (column, last_y - row),
                5 => (row, column),
                6 => (last_x - row, column),
                7 => (last_x - row, last_y - column),
                _ => (row, last_y - column),
            };
            let at = (y * upright.width + x) as usize * upright.channels();
            bytes.extend_from_slice(&upright.bytes[at..at + upright.channels()]);
        }
    }
    Pixels {
        width,
        height,
        has_alpha: upright.has_alpha,
        bytes,
    }
}

#[test]
fn all_eight_orientations_come_out_upright_in_every_format_that_knows_them() {
    let upright = scene(90, 50);
    for orientation in 1..=8 {
        let stored = stored(&upright, orientation);
        let exif = exif(orientation);
        let canvas = (stored.width, stored.height);
        for (file, tolerance) in [
            (
                with_segment(&jpeg(&stored), 0xE1, &[b"Exif\0\0", &exif]),
                3.0,
            ),
            (with_chunk(&png(&stored), *b"eXIf", &exif), 0.0),
            (
                extended_webp(
                    &webp(&stored, Style::LosslessWebP),
                    canvas,
                    &[],
                    &[(*b"EXIF", &exif)],
                ),
                0.0,
            ),
            (
                extended_webp(
                    &webp(&stored, Style::LossyWebP),
                    canvas,
                    &[],
                    &[(*b"EXIF", &exif)],
                ),
                4.0,
            ),
        ] {
            let pictures = everything(&file).unwrap();
            assert_eq!(
                (pictures.original.width, pictures.original.height),
                (90, 50)
            );
            for file in super::all_files(&pictures) {
                assert_alike(&seen(file), &upright, f64::max(tolerance, 4.0));
            }
            assert_alike(&seen(&pictures.original.encoded[0]), &upright, tolerance);
        }
    }
}

#[test]
fn transparent_pixels_turn_with_the_others() {
    let mut upright = scene(70, 40);
    let translucent = upright
        .bytes
        .as_chunks::<3>()
        .0
        .iter()
        .zip(0..)
        .flat_map(|(&[r, g, b], i)| [r, g, b, (i % 200) as u8]);
    upright.bytes = translucent.collect();
    upright.has_alpha = true;
    for orientation in 1..=8 {
        let file = with_chunk(
            &png(&stored(&upright, orientation)),
            *b"eXIf",
            &exif(orientation),
        );
        assert_alike(
            &seen(&everything(&file).unwrap().original.encoded[0]),
            &upright,
            0.0,
        );
    }
}

#[test]
fn an_orientation_that_cannot_be_read_counts_as_upright() {
    let whole = exif(6);
    assert_eq!(Orientation::from_exif(&whole), Orientation::QuarterTurn);
    let read = Reader::new().read_raw(whole.clone()).unwrap();
    assert_eq!(
        read.get_field(Tag::Orientation, In::PRIMARY)
            .unwrap()
            .value
            .get_uint(0),
        Some(6)
    );
    for broken in [
        &b""[..],
        b"II*\0",
        b"II*\0\xFF\xFF\xFF\xFF",
        b"MM\0*\0\0\0\x08\xFF\xFF",
        b"junk junk junk",
    ] {
        assert_eq!(Orientation::from_exif(broken), Orientation::Upright);
    }
    for end in 0..whole.len() {
        Orientation::from_exif(&whole[..end]);
    }
    assert_eq!(Orientation::from_exif(&exif(9)), Orientation::Upright);
}

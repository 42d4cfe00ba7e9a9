//! How large what comes out is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::making::{flat, jpeg, png, scene};
use super::{all_files, assert_alike, everything, far, process, seen};
use crate::uploads::imaging::pixels::Pixels;
use crate::uploads::imaging::{Format, Named, Picture, Pictures, Wishes};

fn sizes(pictures: &Pictures) -> [(u32, u32); 4] {
    let variants = pictures.variants.as_ref().unwrap();
    [
        &pictures.original,
        &variants.large,
        &variants.medium,
        &variants.thumbnail,
    ]
    .map(|picture: &Picture| {
        for file in &picture.encoded {
            let pixels = seen(file);
            assert_eq!(
                (pixels.width, pixels.height),
                (picture.width, picture.height)
            );
        }
        (picture.width, picture.height)
    })
}

#[test]
fn variants_fit_their_squares_and_keep_the_shape() {
    assert_eq!(
        sizes(&everything(&jpeg(&scene(2000, 1000))).unwrap()),
        [(2000, 1000), (1920, 960), (800, 400), (150, 75)]
    );
    assert_eq!(
        sizes(&everything(&jpeg(&scene(601, 900))).unwrap()),
        [(601, 900), (601, 900), (534, 800), (100, 150)]
    );
}

#[test]
fn a_picture_is_never_made_larger() {
    assert_eq!(
        sizes(&everything(&png(&scene(100, 60))).unwrap()),
        [(100, 60); 4]
    );
    assert_eq!(
        sizes(&everything(&png(&flat(1, 1, &[5, 6, 7]))).unwrap()),
        [(1, 1); 4]
    );
    assert_eq!(
        sizes(&everything(&jpeg(&flat(1, 1, &[5, 6, 7]))).unwrap()),
        [(1, 1); 4]
    );
}

#[test]
fn the_longest_line_taken_stays_a_line() {
    let made = everything(&png(&flat(12_000, 1, &[5, 6, 7]))).unwrap();
    assert_eq!(sizes(&made), [(12_000, 1), (1920, 1), (800, 1), (150, 1)]);
}

#[test]
fn variants_look_like_the_original() {
    let made = everything(&jpeg(&scene(1200, 900)))
        .unwrap()
        .variants
        .unwrap();
    assert_alike(&seen(&made.medium.encoded[0]), &scene(800, 600), 3.0);
    assert_alike(&seen(&made.thumbnail.encoded[0]), &scene(150, 113), 4.0);
}

#[test]
fn only_what_was_wished_for_is_made() {
    let file = jpeg(&scene(300, 200));
    let made = |variants, webp| {
        process(&file, Named::default(), Wishes { variants, webp }, far()).unwrap()
    };
    let formats = |pictures: &Pictures| {
        all_files(pictures)
            .iter()
            .map(|file| file.format)
            .collect::<Vec<_>>()
    };
    assert!(made(false, false).variants.is_none());
    assert_eq!(formats(&made(false, false)), [Format::Jpeg]);
    assert_eq!(formats(&made(false, true)), [Format::Jpeg, Format::WebP]);
    assert_eq!(formats(&made(true, false)), [Format::Jpeg; 4]);
    assert_eq!(
        formats(&made(true, true)),
        [Format::Jpeg, Format::WebP].repeat(4)
    );
}

#[test]
fn a_webp_that_is_no_smaller_is_left_out() {
    // White, here and there more or less transparent: a plain white JPEG, while a WebP has to hold every dot.
    let noise = |dot: u32| {
        let mixed = dot.wrapping_mul(0x9e37_79b1) ^ (dot.wrapping_mul(0x85eb_ca6b) >> 13);
        (mixed.wrapping_mul(0xc2b2_ae35) >> 24) as u8
    };
    let white = (0..65_536_u32).flat_map(|dot| [255, 255, 255, noise(dot)]);
    let (width, height, bytes) = (256, 256, white.collect());
    let pixels = Pixels {
        width,
        height,
        has_alpha: true,
        bytes,
    };
    let made = everything(&png(&pixels)).unwrap();
    let large = &made.variants.as_ref().unwrap().large;
    assert_eq!(large.encoded.len(), 1);
    assert_eq!(large.encoded[0].format, Format::Jpeg);
}

#[test]
fn the_placeholder_has_the_color_and_shape_of_the_picture() {
    for variants in [true, false] {
        let wishes = Wishes {
            variants,
            webp: false,
        };
        let made = process(
            &png(&flat(600, 300, &[40, 90, 200])),
            Named::default(),
            wishes,
            far(),
        )
        .unwrap();
        let hash = STANDARD.decode(&made.placeholder).unwrap();
        assert!(hash.len() < 40);
        let (red, green, blue, alpha) = thumbhash::thumb_hash_to_average_rgba(&hash).unwrap();
        for (channel, expected) in [(red, 40.0), (green, 90.0), (blue, 200.0), (alpha, 255.0)] {
            assert!(
                (channel * 255.0 - expected).abs() < 12.0,
                "{channel} instead of {expected} of 255"
            );
        }
        assert!(
            (thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).unwrap() - 2.0).abs() < 0.4
        );
    }
}

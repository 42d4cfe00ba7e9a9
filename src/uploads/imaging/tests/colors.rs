//! Colors come out as they were meant.

use jpeg_encoder::ColorType;
use moxcms::ColorProfile;

use super::making::{extended_webp, flat, jpeg_of, png, png_of, webp, with_chunk};
use super::{all_files, assert_middle, everything, seen};
use crate::uploads::imaging::encode::Style;

/// A color of Display P3, and the same in sRGB by the matrices of the two.
const IN_DISPLAY_P3: [u8; 3] = [200, 100, 50];
const IN_SRGB: [u8; 3] = [215, 93, 31];

fn jpeg_with_profile(
    width: u32,
    height: u32,
    samples: &[u8],
    color: ColorType,
    profile: &[u8],
) -> Vec<u8> {
    jpeg_of(width, height, samples, color, |encoder| {
        encoder.add_icc_profile(profile).unwrap();
    })
}

/// A PNG with this profile, compressed by its own encoder's zlib.
fn png_with_profile(pixels: &super::Pixels, profile: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, profile).unwrap();
    with_chunk(
        &png(pixels),
        *b"iCCP",
        &[b"profile\0\0", &encoder.finish().unwrap()[..]].concat(),
    )
}

#[test]
fn a_profile_is_applied_and_left_out() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let pixels = flat(32, 32, &IN_DISPLAY_P3);
    let lossless = webp(&pixels, Style::LosslessWebP);
    for file in [
        jpeg_with_profile(32, 32, &pixels.bytes, ColorType::Rgb, &profile),
        png_with_profile(&pixels, &profile),
        extended_webp(&lossless, (32, 32), &[(*b"ICCP", &profile)], &[]),
    ] {
        for made in all_files(&everything(&file).unwrap()) {
            assert_middle(&seen(made), &IN_SRGB, 4);
        }
    }
}

#[test]
fn a_profile_of_srgb_changes_nothing() {
    let profile = ColorProfile::new_srgb().encode().unwrap();
    let pixels = super::making::scene(64, 64);
    let made = everything(&png_with_profile(&pixels, &profile)).unwrap();
    assert_eq!(seen(&made.original.encoded[0]), pixels);
}

#[test]
fn a_profile_of_gray_is_applied_to_gray() {
    // 128 of 255 on a linear scale is 188 in sRGB.
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let gray = vec![128; 32 * 32];
    let made = everything(&jpeg_with_profile(32, 32, &gray, ColorType::Luma, &profile)).unwrap();
    assert_middle(&seen(&made.original.encoded[0]), &[188; 3], 3);
}

#[test]
fn a_profile_that_is_broken_or_of_another_kind_is_ignored() {
    let pixels = flat(16, 16, &IN_DISPLAY_P3);
    let sound = ColorProfile::new_display_p3().encode().unwrap();
    let gray = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    for profile in [
        &b"not a profile"[..],
        &sound[..sound.len() / 2],
        &sound[..128],
        &gray,
        &vec![0; 5 << 20],
    ] {
        let made = everything(&jpeg_with_profile(
            16,
            16,
            &pixels.bytes,
            ColorType::Rgb,
            profile,
        ))
        .unwrap();
        assert_middle(&seen(&made.original.encoded[0]), &IN_DISPLAY_P3, 3);
        let made = everything(&png_with_profile(&pixels, profile)).unwrap();
        assert_middle(&seen(&made.original.encoded[0]), &IN_DISPLAY_P3, 0);
    }
    let not_even_compressed = with_chunk(&png(&pixels), *b"iCCP", b"profile\0\0junk");
    assert_middle(
        &seen(&everything(&not_even_compressed).unwrap().original.encoded[0]),
        &IN_DISPLAY_P3,
        0,
    );
}

#[test]
fn inks_become_light() {
    for (inks, light) in [
        ([0, 255, 255, 0], [255, 0, 0]),
        ([0, 0, 0, 128], [127; 3]),
        ([255, 0, 0, 0], [0, 255, 255]),
    ] {
        for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
            let file = jpeg_of(24, 24, &inks.repeat(24 * 24), color, |_| {});
            assert_middle(
                &seen(&everything(&file).unwrap().original.encoded[0]),
                &light,
                6,
            );
        }
    }
}

#[test]
fn gray_and_scans_of_single_components_are_read() {
    let gray = jpeg_of(20, 20, &[77; 400], ColorType::Luma, |_| {});
    assert_middle(
        &seen(&everything(&gray).unwrap().original.encoded[0]),
        &[77; 3],
        2,
    );
    let scene = super::making::scene(70, 50);
    for sampling in [
        jpeg_encoder::SamplingFactor::R_4_2_0,
        jpeg_encoder::SamplingFactor::R_4_2_2,
    ] {
        let separate = jpeg_of(70, 50, &scene.bytes, ColorType::Rgb, |encoder| {
            encoder.set_sampling_factor(sampling);
            encoder.set_optimized_huffman_tables(true);
        });
        super::assert_alike(
            &seen(&everything(&separate).unwrap().original.encoded[0]),
            &scene,
            3.0,
        );
    }
}

#[test]
fn every_kind_of_png_is_read() {
    use png::{BitDepth, ColorType as Kind};
    let color = |file: &[u8], expected: &[u8]| {
        assert_middle(
            &seen(&everything(file).unwrap().original.encoded[0]),
            expected,
            1,
        );
    };
    color(
        &png_of(
            8,
            8,
            Kind::Rgb,
            BitDepth::Sixteen,
            &[],
            &[0x12, 0x34, 0xAB, 0xCD, 0xFF, 0xFF].repeat(64),
        ),
        &[0x12, 0xAB, 0xFF],
    );
    color(
        &png_of(
            8,
            8,
            Kind::Grayscale,
            BitDepth::Sixteen,
            &[],
            &[0x80, 0].repeat(64),
        ),
        &[0x80; 3],
    );
    color(
        &png_of(8, 8, Kind::Grayscale, BitDepth::One, &[], &[0xFF; 8]),
        &[255; 3],
    );
    color(
        &png_of(
            8,
            8,
            Kind::GrayscaleAlpha,
            BitDepth::Eight,
            &[],
            &[90, 128].repeat(64),
        ),
        &[90, 90, 90, 128],
    );
    let palette = [1, 2, 3, 40, 50, 60];
    let indexed = png_of(
        8,
        8,
        Kind::Indexed,
        BitDepth::Two,
        &palette,
        &[0b0101_0101; 16],
    );
    color(&indexed, &[40, 50, 60]);
    let palette_end = indexed
        .windows(4)
        .position(|letters| letters == b"IDAT")
        .unwrap()
        - 4;
    let translucent = [
        &indexed[..palette_end],
        &super::making::png_chunk(*b"tRNS", &[255, 100]),
        &indexed[palette_end..],
    ]
    .concat();
    color(&translucent, &[40, 50, 60, 100]);
}

#[test]
fn transparency_stays_where_the_format_has_it_and_becomes_white_in_jpeg() {
    let half = flat(200, 120, &[200, 0, 0, 128]);
    for file in [
        png(&half),
        webp(&half, Style::LosslessWebP),
        webp(&half, Style::LossyWebP),
    ] {
        let made = everything(&file).unwrap();
        for file in all_files(&made) {
            let pixels = seen(file);
            if file.format == super::Format::Jpeg {
                assert_middle(&pixels, &[227, 127, 127], 3);
            } else {
                assert_middle(&pixels, &[200, 0, 0, 128], 5);
            }
        }
    }
    let clear = everything(&png(&flat(10, 10, &[9, 9, 9, 0]))).unwrap();
    assert_middle(
        &seen(&clear.variants.unwrap().medium.encoded[0]),
        &[255; 3],
        1,
    );
}

#[test]
fn opacity_that_hides_nothing_is_left_out() {
    let made = everything(&png(&flat(10, 10, &[1, 2, 3, 255]))).unwrap();
    assert_eq!(seen(&made.original.encoded[0]), flat(10, 10, &[1, 2, 3]));
}

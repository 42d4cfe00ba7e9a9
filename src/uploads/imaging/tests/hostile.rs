//! Files made to do harm, and files that are simply broken.

use gif::Repeat;
use proptest::prelude::*;

use super::everything;
use super::making::{
    animated_webp, deflated_zeros, extended_webp, flat, gif, jpeg, png, png_chunk,
    progressive_jpeg, scene, webp, with_chunk,
};
use crate::uploads::imaging::Refusal;
use crate::uploads::imaging::encode::Style;

/// One small file of every kind that is read.
fn one_of_each() -> Vec<Vec<u8>> {
    let scene = scene(48, 40);
    let translucent = flat(48, 40, &[1, 200, 3, 99]);
    vec![
        jpeg(&scene),
        progressive_jpeg(&scene),
        png(&scene),
        gif(48, 40, &[1, 2], Repeat::Infinite),
        webp(&scene, Style::LossyWebP),
        webp(&translucent, Style::LossyWebP),
        webp(&scene, Style::LosslessWebP),
        animated_webp(&[scene, flat(48, 40, &[3, 2, 1])], 40, false, 0),
    ]
}

fn refused(bytes: &[u8]) -> Refusal {
    everything(bytes).unwrap_err()
}

/// The JPEG with another size in its header.
fn claiming(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .unwrap();
    let mut bytes = jpeg.to_vec();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// The PNG with another size in its header.
fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let png = png(&scene(4, 4));
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &png[24..29],
    ]
    .concat();
    [&png[..8], &png_chunk(*b"IHDR", &header), &png[33..]].concat()
}

#[test]
fn a_size_in_the_header_alone_is_enough_to_be_refused() {
    let small = jpeg(&flat(8, 8, &[1, 2, 3]));
    assert_eq!(
        refused(&claiming(&small, 65_000, 65_000)),
        Refusal::TooLong {
            side_pixels: 65_000
        }
    );
    assert_eq!(
        refused(&claiming(&small, 12_000, 12_000)),
        Refusal::TooManyPixels
    );
    assert_eq!(
        refused(&claiming(&small, 12_001, 1)),
        Refusal::TooLong {
            side_pixels: 12_001
        }
    );
    assert_eq!(refused(&claiming(&small, 0, 8)), Refusal::Damaged);
    assert_eq!(
        refused(&png_claiming(0x7FFF_FFFF, 0x7FFF_FFFF)),
        Refusal::TooLong {
            side_pixels: 0x7FFF_FFFF
        }
    );
    assert_eq!(
        refused(&png_claiming(10_000, 5_001)),
        Refusal::TooManyPixels
    );
    // Of the size it claims, but with the pixels of another.
    assert_eq!(refused(&png_claiming(5_000, 5_000)), Refusal::Damaged);
    let mut screen = gif(2, 2, &[1], Repeat::Infinite);
    screen[6..10].fill(0xFF);
    assert_eq!(
        refused(&screen),
        Refusal::TooLong {
            side_pixels: 65_535
        }
    );
    let mut frame = gif(2, 2, &[1], Repeat::Infinite);
    let at = frame.iter().position(|&byte| byte == 0x2C).unwrap();
    frame[at + 5..at + 9].fill(0xFF);
    assert_eq!(
        refused(&frame),
        Refusal::TooLong {
            side_pixels: 65_535
        }
    );
}

#[test]
fn a_webp_is_judged_by_every_size_it_claims() {
    let still = webp(&scene(16, 16), Style::LossyWebP);
    assert_eq!(
        refused(&extended_webp(&still, (16_384, 16_384), &[], &[])),
        Refusal::TooLong {
            side_pixels: 16_384
        }
    );
    assert_eq!(
        refused(&extended_webp(&still, (9_000, 9_000), &[], &[])),
        Refusal::TooManyPixels
    );
    let mut inner = extended_webp(&still, (16, 16), &[], &[]);
    let at = inner
        .windows(4)
        .position(|letters| letters == b"VP8 ")
        .unwrap()
        + 8
        + 6;
    inner[at..at + 4].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    assert_eq!(
        refused(&inner),
        Refusal::TooLong {
            side_pixels: 16_383
        }
    );
    let mut lossless = webp(&scene(16, 16), Style::LosslessWebP);
    lossless[21..24].fill(0xFF);
    assert_eq!(
        refused(&lossless),
        Refusal::TooLong {
            side_pixels: 16_384
        }
    );
}

#[test]
fn texts_and_profiles_that_swell_are_never_unpacked() {
    let zeros = deflated_zeros(256 << 20);
    let file = png(&scene(16, 16));
    for (letters, head) in [
        (*b"zTXt", &b"Comment\0\0"[..]),
        (*b"iTXt", b"Comment\0\x01\0\0\0"),
        (*b"iCCP", b"profile\0\0"),
    ] {
        let made = everything(&with_chunk(&file, letters, &[head, &zeros].concat())).unwrap();
        assert_eq!(super::seen(&made.original.encoded[0]), scene(16, 16));
    }
}

#[test]
fn a_jpeg_of_endless_scans_or_of_several_frames_is_refused() {
    let file = jpeg(&scene(16, 16));
    let scan = file
        .windows(2)
        .position(|marker| marker == [0xFF, 0xDA])
        .unwrap();
    let (head, scan) = (&file[..scan], &file[scan..file.len() - 2]);
    assert_eq!(
        refused(&[head, &scan.repeat(101), &[0xFF, 0xD9]].concat()),
        Refusal::Damaged
    );
    assert_eq!(
        refused(&[&file[..file.len() - 2], &file[2..]].concat()),
        Refusal::Damaged
    );
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for file in one_of_each() {
        assert!(everything(&file).is_ok());
        for twentieth in 1..20 {
            let refusal = refused(&file[..file.len() * twentieth / 20]);
            assert!(
                matches!(refusal, Refusal::Damaged | Refusal::NotAPicture),
                "{refusal:?} at {twentieth} of 20"
            );
        }
        assert_eq!(refused(&file[..file.len() - 1]), Refusal::Damaged);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn junk_behind_a_true_beginning_is_refused_or_read_but_never_a_panic(
        kind in 0_usize..8, kept in 0_usize..200, junk in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let file = &one_of_each()[kind];
        let _ = everything(&[&file[..kept.min(file.len())], &junk].concat());
    }

    #[test]
    fn a_file_with_wrong_bytes_is_refused_or_read_but_never_a_panic(
        kind in 0_usize..8, wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = one_of_each().swap_remove(kind);
        for (index, byte) in &wrong {
            let at = index.index(file.len());
            file[at] = *byte;
        }
        let _ = everything(&file);
    }

    #[test]
    fn bytes_of_no_kind_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(everything(&bytes).is_err());
    }
}

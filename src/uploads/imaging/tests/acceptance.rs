//! What is taken as what.

use std::time::Instant;

use gif::Repeat;

use super::making::{flat, gif, jpeg, png, scene, webp};
use super::{everything, process};
use crate::uploads::imaging::encode::Style;
use crate::uploads::imaging::{Claim, Format, Named, Refusal, Wishes};

fn taken_as(
    bytes: &[u8],
    file_name: Option<&str>,
    content_type: Option<&str>,
) -> Result<Format, Refusal> {
    let pictures = process(
        bytes,
        Named {
            file_name,
            content_type,
        },
        Wishes::default(),
        super::far(),
    )?;
    Ok(pictures.original.encoded[0].format)
}

#[test]
fn each_format_is_told_by_its_bytes_and_stays_what_it_is() {
    let scene = scene(40, 30);
    for (bytes, format) in [
        (jpeg(&scene), Format::Jpeg),
        (png(&scene), Format::Png),
        (gif(40, 30, &[0], Repeat::Finite(0)), Format::Gif),
        (webp(&scene, Style::LossyWebP), Format::WebP),
        (webp(&scene, Style::LosslessWebP), Format::WebP),
    ] {
        assert_eq!(taken_as(&bytes, None, None), Ok(format));
        assert_eq!(
            taken_as(&bytes, Some("IMG 1.of 2"), Some(""))
                .unwrap_err()
                .code(),
            "mismatch"
        );
        assert_eq!(
            taken_as(
                &bytes,
                Some(&format!("x.{}", format.extension())),
                Some(format.media_type())
            ),
            Ok(format)
        );
    }
}

#[test]
fn names_and_types_that_say_nothing_are_fine_and_spelling_is_free() {
    let bytes = jpeg(&scene(8, 8));
    for name in [
        None,
        Some("image"),
        Some("a.JPG"),
        Some("a.b.jpeg"),
        Some("a.jfif"),
    ] {
        for declared in [
            None,
            Some(""),
            Some(" "),
            Some("application/octet-stream"),
            Some("IMAGE/JPEG; q=1"),
            Some("image/jpg"),
        ] {
            assert_eq!(
                taken_as(&bytes, name, declared),
                Ok(Format::Jpeg),
                "{name:?} {declared:?}"
            );
        }
    }
}

#[test]
fn a_name_or_type_of_something_else_is_refused() {
    let bytes = png(&scene(8, 8));
    let refused = |claim| {
        Err(Refusal::Mismatch {
            is: Format::Png,
            claim,
        })
    };
    for name in ["a.jpg", "a.svg", "a.png.exe", "a."] {
        assert_eq!(
            taken_as(&bytes, Some(name), None),
            refused(Claim::FileName),
            "{name}"
        );
    }
    for declared in ["image/jpeg", "text/html", "image/*"] {
        assert_eq!(
            taken_as(&bytes, Some("a.png"), Some(declared)),
            refused(Claim::ContentType),
            "{declared}"
        );
    }
}

#[test]
fn what_is_no_picture_of_these_formats_is_refused_whatever_it_is_called() {
    for bytes in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..],
        b"%PDF-1.7\n",
        b"<!doctype html><html></html>",
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0",
        b"II*\0\x08\0\0\0",
        b"MM\0*\0\0\0\x08",
        b"\0\0\x01\0\x01\0",
        b"PK\x03\x04",
        b"RIFF\x04\0\0\0WAVE",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        b"\xFF\xD8",
        b"GIF8",
    ] {
        assert_eq!(
            taken_as(bytes, Some("a.jpg"), Some("image/jpeg")),
            Err(Refusal::NotAPicture)
        );
    }
    assert_eq!(taken_as(b"", None, None), Err(Refusal::Empty));
}

#[test]
fn photos_of_phones_that_cannot_be_read_are_refused_with_advice() {
    for (bytes, refusal) in [
        (&b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], Refusal::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix", Refusal::Heic),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf", Refusal::Avif),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Refusal::Avif),
    ] {
        assert_eq!(taken_as(bytes, Some("IMG_1.HEIC"), Some("")), Err(refusal));
        assert!(refusal.to_string().contains("JPEG"), "{refusal}");
    }
}

#[test]
fn a_deadline_that_has_passed_ends_the_work() {
    let scene = scene(64, 64);
    for bytes in [
        jpeg(&scene),
        png(&scene),
        gif(8, 8, &[1, 1], Repeat::Infinite),
        webp(&scene, Style::LossyWebP),
    ] {
        let late = process(&bytes, Named::default(), Wishes::default(), Instant::now());
        assert_eq!(late.unwrap_err(), Refusal::TooSlow);
    }
}

#[test]
fn every_refusal_has_its_own_code_and_sentence() {
    let mismatch = Refusal::Mismatch {
        is: Format::WebP,
        claim: Claim::ContentType,
    };
    assert_eq!(
        mismatch.to_string(),
        "The file is a WebP picture, but its content type says something else."
    );
    assert_eq!(
        Refusal::TooManyPixels.to_string(),
        "The picture has more than 50 megapixels, its frames taken together."
    );
    let too_long = everything(&png(&flat(12_001, 1, &[0, 0, 0]))).unwrap_err();
    assert_eq!(
        too_long.to_string(),
        "A side of the picture has 12001 pixels; at most 12000 are taken."
    );
    assert_eq!(too_long.code(), "too_long");
}

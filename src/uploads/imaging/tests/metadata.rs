//! Nothing but the picture is left.

use std::io::Cursor;

use gif::Repeat;

use super::making::{
    animated_webp, exif, extended_webp, gif, jpeg, png, png_chunk, scene, webp, with_chunk,
    with_segment,
};
use super::{all_files, everything};
use crate::uploads::imaging::encode::Style;

const ZIP: &[u8] = b"PK\x03\x04 SECRET archive PK\x05\x06";
const XMP: &[u8] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET xmp</x:xmpmeta>";
const SCRIPT: &[u8] = b"*/=1;alert('SECRET');//";

/// Asserts that no file made from this one has anything of what is hidden in it.
#[track_caller]
fn assert_nothing_left(file: &[u8]) {
    assert!(
        file.windows(6).any(|bytes| bytes == b"SECRET"),
        "nothing is hidden in the first place"
    );
    let pictures = everything(file).unwrap();
    for made in all_files(&pictures) {
        for foreign in [
            &b"SECRET"[..],
            b"Exif",
            b"EXIF",
            b"eXIf",
            b"GPS",
            b"xmp",
            b"XMP",
            b"ICC",
            b"PK\x03\x04",
            b"8BIM",
            b"alert",
        ] {
            let left = made
                .bytes
                .windows(foreign.len())
                .any(|bytes| bytes == foreign);
            assert!(
                !left,
                "{} is left in the {}",
                foreign.escape_ascii(),
                made.format.name()
            );
        }
        assert!(
            exif::Reader::new()
                .read_from_container(&mut Cursor::new(&made.bytes))
                .is_err()
        );
    }
}

#[test]
fn a_jpeg_loses_place_camera_texts_and_the_archive_behind_it() {
    let mut file = jpeg(&scene(60, 40));
    file = with_segment(
        &file,
        0xED,
        &[b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0ASECRET ipt"],
    );
    file = with_segment(&file, 0xFE, &[b"SECRET comment"]);
    file = with_segment(&file, 0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP]);
    file = with_segment(&file, 0xE1, &[b"Exif\0\0", &exif(3)]);
    file.extend_from_slice(ZIP);
    let read = exif::Reader::new()
        .read_from_container(&mut Cursor::new(&file))
        .unwrap();
    assert!(
        read.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY)
            .is_some()
    );
    assert_nothing_left(&file);
}

#[test]
fn a_png_loses_its_texts_and_what_is_behind_its_end() {
    let mut file = png(&scene(60, 40));
    file = with_chunk(&file, *b"tEXt", b"Comment\0SECRET text");
    file = with_chunk(
        &file,
        *b"iTXt",
        &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP].concat(),
    );
    file = with_chunk(&file, *b"eXIf", &exif(6));
    file = with_chunk(&file, *b"prVt", b"SECRET of its own kind");
    file.extend_from_slice(&png_chunk(*b"tEXt", b"Comment\0SECRET after the end"));
    file.extend_from_slice(ZIP);
    assert_nothing_left(&file);
}

#[test]
fn a_webp_loses_its_chunks_and_what_is_behind_it() {
    let (scene, exif) = (scene(60, 40), exif(1));
    for style in [Style::LossyWebP, Style::LosslessWebP] {
        let hidden = [
            (*b"EXIF", &exif[..]),
            (*b"XMP ", XMP),
            (*b"HIDE", b"SECRET of its own kind"),
        ];
        let mut file = extended_webp(&webp(&scene, style), (60, 40), &[], &hidden);
        file.extend_from_slice(ZIP);
        assert_nothing_left(&file);
    }
    let mut moving = animated_webp(
        &[scene.clone(), super::making::flat(60, 40, &[9, 9, 9])],
        50,
        false,
        0,
    );
    moving.extend_from_slice(ZIP);
    assert_nothing_left(&moving);
}

#[test]
fn a_gif_that_is_a_script_too_is_only_a_gif_afterwards() {
    let plain = gif(30, 20, &[5, 5], Repeat::Infinite);
    // Header, screen descriptor and a palette of four colors; then the first extension.
    let (head, rest) = plain.split_at(13 + 12);
    let comment = [&[0x21, 0xFE, SCRIPT.len() as u8], SCRIPT, &[0]].concat();
    let xmp = [
        &[0x21, 0xFF, 11][..],
        b"XMP DataXMP",
        &[XMP.len() as u8],
        XMP,
        &[0],
    ]
    .concat();
    assert_nothing_left(&[head, &comment, &xmp, rest, SCRIPT, ZIP].concat());
}

//! What moves keeps moving.

use std::io::Cursor;

use gif::{DisposalMethod, Frame, Repeat};
use image_webp::{LoopCount, WebPDecoder};

use super::making::{animated_webp, flat, gif, png, png_chunk, scene};
use super::{assert_alike, assert_middle, everything, seen};
use crate::uploads::imaging::encode::Style;
use crate::uploads::imaging::pixels::Pixels;
use crate::uploads::imaging::webp_animation::AnimationWriter;
use crate::uploads::imaging::{Format, Refusal};

/// Frames, delays and all of a GIF.
fn frames(bytes: &[u8]) -> (Repeat, Vec<Frame<'static>>) {
    let mut decoder = gif::DecodeOptions::new().read_info(bytes).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        frames.push(frame.clone());
    }
    (decoder.repeat(), frames)
}

#[test]
fn an_animated_gif_keeps_frames_delays_and_loops() {
    for repeat in [Repeat::Infinite, Repeat::Finite(7)] {
        let file = gif(40, 30, &[5, 0, 250], repeat);
        let made = everything(&file).unwrap();
        assert!(made.is_animated);
        assert_eq!(
            made.original
                .encoded
                .iter()
                .map(|file| file.format)
                .collect::<Vec<_>>(),
            [Format::Gif]
        );
        let ((repeat_before, before), (repeat_after, after)) =
            (frames(&file), frames(&made.original.encoded[0].bytes));
        assert_eq!((repeat_after, after.len()), (repeat_before, 3));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                (after.delay, after.dispose, &after.buffer),
                (before.delay, before.dispose, &before.buffer)
            );
        }
        // Variants show the first frame, which is black.
        let variants = made.variants.unwrap();
        assert_middle(&seen(&variants.large.encoded[0]), &[0; 3], 2);
    }
}

#[test]
fn frames_with_palettes_places_and_transparency_of_their_own_are_kept() {
    let mut encoder = gif::Encoder::new(Vec::new(), 20, 10, &[0, 0, 255, 0, 255, 0]).unwrap();
    let plain = Frame {
        width: 20,
        height: 10,
        buffer: vec![1; 200].into(),
        ..Frame::default()
    };
    let patch = Frame {
        left: 4,
        top: 2,
        width: 8,
        height: 4,
        transparent: Some(0),
        dispose: DisposalMethod::Previous,
        interlaced: true,
        palette: Some(vec![9, 9, 9, 200, 100, 50]),
        buffer: (0..32).map(|index| index % 2).collect::<Vec<u8>>().into(),
        ..Frame::default()
    };
    // It reaches beyond the edge, as some editors write it.
    let outside = Frame {
        left: 15,
        width: 20,
        height: 10,
        buffer: vec![0; 200].into(),
        ..Frame::default()
    };
    for frame in [&plain, &patch, &outside] {
        encoder.write_frame(frame).unwrap();
    }
    let file = encoder.into_inner().unwrap();
    let made = everything(&file).unwrap();
    let (_, before) = frames(&file);
    let (_, after) = frames(&made.original.encoded[0].bytes);
    let told = |frame: &Frame<'_>| {
        (
            frame.left,
            frame.top,
            frame.width,
            frame.height,
            frame.transparent,
            frame.dispose,
            frame.buffer.to_vec(),
        )
    };
    assert_eq!(
        after.iter().map(told).collect::<Vec<_>>(),
        before.iter().map(told).collect::<Vec<_>>()
    );
    assert_eq!(
        after[1].palette.as_deref().unwrap()[..6],
        [9, 9, 9, 200, 100, 50]
    );
    assert_middle(&seen(&made.original.encoded[0]), &[0, 255, 0], 0);
}

#[test]
fn a_still_gif_is_still_and_keeps_its_transparency() {
    let mut encoder = gif::Encoder::new(Vec::new(), 6, 6, &[0, 0, 0, 10, 20, 30]).unwrap();
    let frame = Frame {
        width: 6,
        height: 6,
        transparent: Some(0),
        buffer: vec![0; 36].into(),
        ..Frame::default()
    };
    encoder.write_frame(&frame).unwrap();
    let made = everything(&encoder.into_inner().unwrap()).unwrap();
    assert!(!made.is_animated);
    assert_middle(&seen(&made.original.encoded[0]), &[0; 4], 0);
    assert_middle(
        &seen(&made.variants.unwrap().medium.encoded[0]),
        &[255; 3],
        1,
    );
}

/// A frame: its duration in milliseconds, and its pixels.
type Timed = (u32, Vec<u8>);

/// Frames and durations of an animated WebP by the decoder of the product, and by libwebp's; four bytes a pixel.
fn played(bytes: &[u8]) -> (LoopCount, Vec<Timed>, Vec<Vec<u8>>) {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).unwrap();
    let (width, height) = decoder.dimensions();
    let with_alpha = |pixels: &[u8]| {
        if pixels.len() == (width * height * 4) as usize {
            return pixels.to_vec();
        }
        pixels
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(|&[red, green, blue]| [red, green, blue, 255])
            .collect()
    };
    let mut frames = Vec::new();
    for _ in 0..decoder.num_frames() {
        let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
        let duration_ms = decoder.read_frame(&mut pixels).unwrap();
        frames.push((duration_ms, with_alpha(&pixels)));
    }
    let by_libwebp = webp::AnimDecoder::new(bytes).decode().unwrap();
    (
        decoder.loop_count(),
        frames,
        by_libwebp
            .into_iter()
            .map(|frame| with_alpha(frame.get_image()))
            .collect(),
    )
}

#[test]
fn an_animated_webp_keeps_frames_delays_and_loops() {
    let mut patched = scene(61, 41);
    patched.bytes[(20 * 61 + 33) * 3..][..30].fill(255);
    let sources = [
        scene(61, 41),
        patched.clone(),
        patched,
        flat(61, 41, &[10, 200, 30]),
    ];
    for lossless in [true, false] {
        let file = animated_webp(&sources, 70, lossless, 3);
        let made = everything(&file).unwrap();
        assert!(made.is_animated);
        assert_eq!(made.original.encoded.len(), 1);
        let (loops_before, before, _) = played(&file);
        let (loops_after, after, by_libwebp) = played(&made.original.encoded[0].bytes);
        assert_eq!(loops_after, loops_before);
        assert_eq!(after.len(), before.len());
        for (((duration_before, before), (duration_after, after)), other) in
            before.iter().zip(&after).zip(&by_libwebp)
        {
            assert_eq!(duration_after, duration_before);
            let picture = |bytes: &[u8]| Pixels {
                width: 61,
                height: 41,
                has_alpha: true,
                bytes: bytes.to_vec(),
            };
            assert_alike(
                &picture(after),
                &picture(before),
                if lossless { 0.0 } else { 4.0 },
            );
            assert_alike(
                &picture(other),
                &picture(after),
                if lossless { 0.0 } else { 2.0 },
            );
        }
    }
}

#[test]
fn an_animated_webp_is_written_with_its_own_durations_and_transparency() {
    let colors = [
        [250, 0, 0, 255],
        [250, 0, 0, 100],
        [250, 0, 0, 100],
        [0, 0, 0, 0],
    ];
    let mut writer = AnimationWriter::new(Style::LosslessWebP, 0);
    for (color, duration_ms) in colors.iter().zip([1, 20, 300, 4000]) {
        writer.add(flat(12, 9, color), duration_ms).unwrap();
    }
    let made = everything(&writer.finish()).unwrap();
    let (loops, frames, by_libwebp) = played(&made.original.encoded[0].bytes);
    assert_eq!(loops, LoopCount::Forever);
    assert_eq!(
        frames
            .iter()
            .map(|(duration_ms, _)| *duration_ms)
            .collect::<Vec<_>>(),
        [1, 20, 300, 4000]
    );
    for ((color, (_, pixels)), other) in colors.iter().zip(&frames).zip(&by_libwebp) {
        assert_eq!(pixels[..4], *color);
        assert_eq!(other[..4], *color);
    }
}

#[test]
fn an_animated_png_becomes_its_still_picture() {
    let still = png(&scene(20, 10));
    let control = png_chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let file = [&still[..33], &control, &still[33..]].concat();
    let made = everything(&file).unwrap();
    assert!(!made.is_animated);
    assert_eq!(seen(&made.original.encoded[0]), scene(20, 10));
}

#[test]
fn too_many_frames_are_refused_before_they_are_unpacked() {
    let many = vec![1; 1_001];
    assert_eq!(
        everything(&gif(1, 1, &many, Repeat::Infinite)).unwrap_err(),
        Refusal::TooManyFrames
    );
    assert!(everything(&gif(1, 1, &many[1..], Repeat::Infinite)).is_ok());
    assert_eq!(
        everything(&gif(1000, 1000, &[1; 51], Repeat::Infinite)).unwrap_err(),
        Refusal::TooManyPixels
    );
    let mut writer = AnimationWriter::new(Style::LosslessWebP, 0);
    for _ in 0..1_001 {
        writer.add(flat(1, 1, &[0; 3]), 10).unwrap();
    }
    assert_eq!(
        everything(&writer.finish()).unwrap_err(),
        Refusal::TooManyFrames
    );
}

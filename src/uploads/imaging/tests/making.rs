//! Pictures and files for the tests, made from nothing.

use std::io::{Cursor, Write as _};

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use gif::{Frame, Repeat};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::uploads::imaging::encode::{self, Style};
use crate::uploads::imaging::pixels::Pixels;
use crate::uploads::imaging::riff;

/// A smooth picture that looks different whichever way it is turned.
pub fn scene(width: u32, height: u32) -> Pixels {
    let bytes = (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| {
                [
                    x * 255 / width,
                    y * 255 / height,
                    (x + y) * 90 / (width + height),
                ]
            })
        })
        .map(|color| color as u8)
        .collect();
    Pixels {
        width,
        height,
        has_alpha: false,
        bytes,
    }
}

/// One color all over.
pub fn flat(width: u32, height: u32, color: &[u8]) -> Pixels {
    Pixels {
        width,
        height,
        has_alpha: color.len() == 4,
        bytes: color.repeat((width * height) as usize),
    }
}

/// A JPEG of these samples, chroma in full.
pub fn jpeg_of(
    width: u32,
    height: u32,
    samples: &[u8],
    color: ColorType,
    adjust: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 96);
    encoder.set_sampling_factor(SamplingFactor::R_4_4_4);
    adjust(&mut encoder);
    encoder
        .encode(samples, width as u16, height as u16, color)
        .unwrap();
    bytes
}

pub fn jpeg(pixels: &Pixels) -> Vec<u8> {
    jpeg_of(
        pixels.width,
        pixels.height,
        &pixels.bytes,
        ColorType::Rgb,
        |_| {},
    )
}

pub fn progressive_jpeg(pixels: &Pixels) -> Vec<u8> {
    jpeg_of(
        pixels.width,
        pixels.height,
        &pixels.bytes,
        ColorType::Rgb,
        |encoder| encoder.set_progressive(true),
    )
}

pub fn png(pixels: &Pixels) -> Vec<u8> {
    encode::encode(pixels, Style::Png).unwrap().bytes
}

pub fn webp(pixels: &Pixels, style: Style) -> Vec<u8> {
    encode::encode(pixels, style).unwrap().bytes
}

/// A PNG of this color type and depth.
pub fn png_of(
    width: u32,
    height: u32,
    color: png::ColorType,
    depth: png::BitDepth,
    palette: &[u8],
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if !palette.is_empty() {
        encoder.set_palette(palette.to_vec());
    }
    encoder
        .write_header()
        .unwrap()
        .write_image_data(data)
        .unwrap();
    bytes
}

/// A GIF in black, white and red whose frames are one color each, shown for so many hundredths of a second.
pub fn gif(width: u16, height: u16, delays: &[u16], repeat: Repeat) -> Vec<u8> {
    let palette = [0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0];
    let mut encoder = gif::Encoder::new(Vec::new(), width, height, &palette).unwrap();
    encoder.set_repeat(repeat).unwrap();
    for (index, &delay) in delays.iter().enumerate() {
        let color = (index % 3) as u8;
        let buffer = vec![color; usize::from(width) * usize::from(height)].into();
        encoder
            .write_frame(&Frame {
                width,
                height,
                delay,
                buffer,
                ..Frame::default()
            })
            .unwrap();
    }
    encoder.into_inner().unwrap()
}

/// EXIF data with an orientation, a place and a remark that contains `SECRET`.
pub fn exif(orientation: u16) -> Vec<u8> {
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let degrees = [52, 13, 48].map(|num| Rational { num, denom: 1 });
    let fields = [
        field(Tag::Make, Value::Ascii(vec![b"SECRET camera".to_vec()])),
        field(Tag::Orientation, Value::Short(vec![orientation])),
        field(Tag::GPSLatitudeRef, Value::Ascii(vec![b"N".to_vec()])),
        field(Tag::GPSLatitude, Value::Rational(degrees.to_vec())),
    ];
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut bytes = Cursor::new(Vec::new());
    writer
        .write(&mut bytes, orientation.is_multiple_of(2))
        .unwrap();
    bytes.into_inner()
}

/// The JPEG with one more segment after its first marker.
pub fn with_segment(jpeg: &[u8], marker: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let length = (contents.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, &contents, &jpeg[2..]].concat()
}

/// The PNG with one more chunk after its header.
pub fn with_chunk(png: &[u8], letters: [u8; 4], contents: &[u8]) -> Vec<u8> {
    const HEADER_END: usize = 33;
    [
        &png[..HEADER_END],
        &png_chunk(letters, contents),
        &png[HEADER_END..],
    ]
    .concat()
}

/// A chunk of PNG with its checksum.
pub fn png_chunk(letters: [u8; 4], contents: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&letters);
    crc.update(contents);
    [
        &(contents.len() as u32).to_be_bytes()[..],
        &letters,
        contents,
        &crc.sum().to_be_bytes(),
    ]
    .concat()
}

/// What zlib makes of so many zeros.
pub fn deflated_zeros(length: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 16];
    for _ in 0..length / block.len() {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

/// The still WebP in the extended form, with chunks before and after its pixels.
pub fn extended_webp(
    still: &[u8],
    canvas: (u32, u32),
    before: &[riff::Chunk<'_>],
    after: &[riff::Chunk<'_>],
) -> Vec<u8> {
    const FLAGS: [(&[u8; 4], u8); 4] = [
        (b"ICCP", 0x20),
        (b"ALPH", 0x10),
        (b"EXIF", 0x08),
        (b"XMP ", 0x04),
    ];
    let pixels = riff::chunks(riff::body(still).unwrap()).filter(|(letters, _)| letters != b"VP8X");
    let chunks: Vec<_> = before
        .iter()
        .copied()
        .chain(pixels)
        .chain(after.iter().copied())
        .collect();
    let flag = |letters: &[u8; 4]| {
        FLAGS
            .iter()
            .find(|(flagged, _)| *flagged == letters)
            .map_or(0, |(_, flag)| *flag)
    };
    let mut features = vec![
        chunks
            .iter()
            .map(|(letters, _)| flag(letters))
            .fold(0, |all, flag| all | flag),
        0,
        0,
        0,
    ];
    riff::push_u24(&mut features, canvas.0 - 1);
    riff::push_u24(&mut features, canvas.1 - 1);
    let mut contents = b"WEBP".to_vec();
    riff::push_chunk(&mut contents, *b"VP8X", &features);
    for (letters, chunk) in chunks {
        riff::push_chunk(&mut contents, letters, chunk);
    }
    let mut file = Vec::new();
    riff::push_chunk(&mut file, *b"RIFF", &contents);
    file
}

/// An animation by libwebp's own encoder.
pub fn animated_webp(frames: &[Pixels], duration_ms: i32, lossless: bool, loops: i32) -> Vec<u8> {
    let mut config = webp::WebPConfig::new().unwrap();
    config.lossless = i32::from(lossless);
    config.quality = 90.0;
    let mut encoder = webp::AnimEncoder::new(frames[0].width, frames[0].height, &config);
    encoder.set_loop_count(loops);
    for (frame, index) in frames.iter().zip(0..) {
        let layout = if frame.has_alpha {
            webp::PixelLayout::Rgba
        } else {
            webp::PixelLayout::Rgb
        };
        let start = index * duration_ms;
        encoder.add_frame(webp::AnimFrame::new(
            &frame.bytes,
            layout,
            frame.width,
            frame.height,
            start,
            None,
        ));
    }
    encoder.encode().to_vec()
}

//! What an uploaded photo costs: `cargo bench --bench images`. A 12-megapixel JPEG to its original encoded anew and three
//! variants, one thread. `benches/images/compare.mjs` runs it in turns with sharp.
//!
//! With the word `turns` and a path it writes the photo there and then, for each line it reads, handles the photo once
//! and prints the milliseconds.

use std::io::BufRead as _;
use std::time::{Duration, Instant};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use novahouse::uploads::imaging::{Named, Wishes, process};

/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const WIDTH: u16 = 4000;
const HEIGHT: u16 = 3000;
const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let photo = photo()?;
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "turns") {
        std::fs::write(
            arguments
                .get(at + 1)
                .ok_or("a path belongs after `turns`")?,
            &photo,
        )?;
        for line in std::io::stdin().lock().lines() {
            line?;
            println!("{}", milliseconds(&photo)?);
        }
        return Ok(());
    }
    let mut runs = (0..RUNS)
        .map(|_| milliseconds(&photo))
        .collect::<Result<Vec<_>, _>>()?;
    runs.sort_by(f64::total_cmp);
    println!(
        "12-megapixel JPEG of {} KB to original and three variants: {:.0} ms",
        photo.len() / 1024,
        runs[RUNS / 2]
    );
    Ok(())
}

/// Handles the photo once.
fn milliseconds(photo: &[u8]) -> Result<f64, Box<dyn std::error::Error>> {
    let began = Instant::now();
    let wishes = Wishes {
        variants: true,
        webp: false,
    };
    process(
        photo,
        Named::default(),
        wishes,
        began + Duration::from_mins(1),
    )?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// A picture as busy as a photo, the same on every machine: soft light, edges, fine texture and the grain of a sensor.
fn photo() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    let mut samples = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let grain = ((noise & 15) + (noise >> 8 & 15)) as f32 - 15.0;
            let (across, down) = (
                f32::from(x) / f32::from(WIDTH),
                f32::from(y) / f32::from(HEIGHT),
            );
            let light = (across * 37.0).sin() * (down * 23.0).cos() * 40.0;
            let texture = (across * 310.0 + down * 170.0).sin() * 12.0;
            let edge = if (x / 97 + y / 61).is_multiple_of(3) {
                30.0
            } else {
                0.0
            };
            let shade = light + texture + edge + grain;
            for (base, share) in [
                (60.0 + across * 120.0, 1.0),
                (80.0 + down * 100.0, 0.8),
                (140.0 - across * 60.0, 0.9),
            ] {
                samples.push((base + shade * share).clamp(0.0, 255.0) as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(&samples, WIDTH, HEIGHT, ColorType::Rgb)?;
    Ok(bytes)
}

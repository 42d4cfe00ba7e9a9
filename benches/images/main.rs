//! What an uploaded photo costs: `cargo bench --bench images`. A 12-megapixel JPEG to its original encoded anew and three
//! variants, one thread. `benches/images/compare.mjs` runs it in turns with sharp.
//!
//! With the word `turns` and a path it writes the photo there and then, for each line it reads, handles the photo once
//! and prints the milliseconds.

mod photo;

use std::io::BufRead as _;
use std::time::{Duration, Instant};

use novahouse::uploads::imaging::{Named, Wishes, process};

/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const RUNS: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let photo = photo::jpeg()?;
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

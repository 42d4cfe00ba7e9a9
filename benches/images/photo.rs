//! A photo of 12 megapixels, made here.

use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};

const WIDTH: u16 = 4000;
const HEIGHT: u16 = 3000;

/// A picture as busy as a photo, the same on every machine: soft light, edges, fine texture and the grain of a sensor.
pub(crate) fn jpeg() -> Result<Vec<u8>, EncodingError> {
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

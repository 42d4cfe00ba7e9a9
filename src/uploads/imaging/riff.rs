//! The container of WebP: chunks of four letters, a length and contents (RFC 9649, section 2.3).

use super::Refusal;

/// One chunk: its letters and contents.
pub type Chunk<'b> = ([u8; 4], &'b [u8]);

/// Contents of a WebP file: what follows the letters `WEBP`, up to the length the file states. It has to be all there;
/// anything after it is left out.
pub fn body(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let stated = bytes
        .get(4..8)
        .and_then(|length| length.try_into().ok())
        .map_or(0, u32::from_le_bytes) as usize;
    bytes
        .get(12..stated.saturating_add(8))
        .ok_or(Refusal::Damaged)
}

/// The chunks one after another, as far as they are whole.
pub fn chunks(mut rest: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let (letters, after) = rest.split_first_chunk::<4>()?;
        let (length, contents) = after.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let chunk = contents.get(..length)?;
        rest = contents.get(length + length % 2..).unwrap_or_default();
        Some((*letters, chunk))
    })
}

/// Appends a chunk, filled up to an even length.
pub fn push_chunk(out: &mut Vec<u8>, letters: [u8; 4], contents: &[u8]) {
    out.extend_from_slice(&letters);
    out.extend_from_slice(&(contents.len() as u32).to_le_bytes());
    out.extend_from_slice(contents);
    if contents.len() % 2 == 1 {
        out.push(0);
    }
}

/// Appends a number as three bytes, as WebP writes sizes and durations; larger ones are cut to the largest.
pub fn push_u24(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.min(0x00FF_FFFF).to_le_bytes()[..3]);
}

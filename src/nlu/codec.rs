//! Reading and writing of the model cache: little-endian numbers, arrays with their length before.
//!
//! A reader never trusts a length: it compares it with what is left before it allocates.

use super::NluError;

/// Appends to a growing buffer.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// The bytes so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes so far, to sum over.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    /// Bytes without a length.
    pub fn raw(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
    }

    fn len(&mut self, len: usize) {
        self.u64(len as u64);
    }

    /// A string, UTF-8.
    pub fn str(&mut self, value: &str) {
        self.len(value.len());
        self.raw(value.as_bytes());
    }

    /// An array of numbers.
    pub fn u64s(&mut self, values: &[u64]) {
        self.len(values.len());
        for value in values {
            self.raw(&value.to_le_bytes());
        }
    }

    /// An array of numbers.
    pub fn f32s(&mut self, values: &[f32]) {
        self.len(values.len());
        for value in values {
            self.raw(&value.to_le_bytes());
        }
    }

    /// An array of small numbers.
    pub fn i8s(&mut self, values: &[i8]) {
        self.len(values.len());
        self.bytes.extend(values.iter().map(|v| v.to_le_bytes()[0]));
    }
}

/// Reads from the front of a slice. Errors of all methods: [`NluError::Damaged`].
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `len` bytes.
    pub fn raw(&mut self, len: usize) -> Result<&'a [u8], NluError> {
        let (head, tail) = self
            .rest
            .split_at_checked(len)
            .ok_or(NluError::Damaged("it ends too early"))?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NluError> {
        let (head, tail) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(NluError::Damaged("it ends too early"))?;
        self.rest = tail;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, NluError> {
        self.array::<1>().map(|bytes| bytes[0])
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, NluError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, NluError> {
        self.array().map(u64::from_le_bytes)
    }

    /// The bytes of an array whose elements take `size` bytes.
    fn items(&mut self, size: usize) -> Result<&'a [u8], NluError> {
        let len = usize::try_from(self.u64()?)
            .ok()
            .and_then(|len| len.checked_mul(size))
            .ok_or(NluError::Damaged("a length"))?;
        self.raw(len)
    }

    /// A string.
    pub fn str(&mut self) -> Result<&'a str, NluError> {
        std::str::from_utf8(self.items(1)?).map_err(|_| NluError::Damaged("a name"))
    }

    /// An array of numbers.
    pub fn u64s(&mut self) -> Result<Vec<u64>, NluError> {
        let (chunks, _) = self.items(8)?.as_chunks::<8>();
        Ok(chunks.iter().map(|c| u64::from_le_bytes(*c)).collect())
    }

    /// An array of finite numbers.
    pub fn f32s(&mut self) -> Result<Vec<f32>, NluError> {
        let (chunks, _) = self.items(4)?.as_chunks::<4>();
        let values: Vec<f32> = chunks.iter().map(|c| f32::from_le_bytes(*c)).collect();
        if values.iter().all(|v| v.is_finite()) {
            Ok(values)
        } else {
            Err(NluError::Damaged("a number"))
        }
    }

    /// An array of small numbers.
    pub fn i8s(&mut self) -> Result<Vec<i8>, NluError> {
        Ok(self
            .items(1)?
            .iter()
            .map(|b| i8::from_le_bytes([*b]))
            .collect())
    }
}

/// A quick 64-bit sum over the bytes, to notice damage (not tampering): eight bytes at a time,
/// multiply and rotate.
pub fn checksum(bytes: &[u8]) -> u64 {
    let (chunks, tail) = bytes.as_chunks::<8>();
    let mix = |sum: u64, word: u64| {
        (sum ^ word)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    };
    let sum = chunks.iter().fold(bytes.len() as u64, |sum, c| {
        mix(sum, u64::from_le_bytes(*c))
    });
    tail.iter().fold(sum, |sum, b| mix(sum, u64::from(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let mut out = Writer::default();
        out.u8(7);
        out.u32(8);
        out.str("żółw");
        out.u64s(&[1, u64::MAX]);
        out.f32s(&[0.5, -2.0]);
        out.i8s(&[-128, 127]);
        let bytes = out.into_bytes();
        let mut input = Reader::new(&bytes);
        assert_eq!(input.u8(), Ok(7));
        assert_eq!(input.u32(), Ok(8));
        assert_eq!(input.str(), Ok("żółw"));
        assert_eq!(input.u64s(), Ok(vec![1, u64::MAX]));
        assert_eq!(input.f32s(), Ok(vec![0.5, -2.0]));
        assert_eq!(input.i8s(), Ok(vec![-128, 127]));
        assert!(input.is_empty());
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error_and_allocates_nothing() {
        for len in [1, 1 << 40, u64::MAX / 8, u64::MAX] {
            let bytes = len.to_le_bytes();
            assert!(Reader::new(&bytes).u64s().is_err());
            assert!(Reader::new(&bytes).f32s().is_err());
            assert!(Reader::new(&bytes).i8s().is_err());
            assert!(Reader::new(&bytes).str().is_err());
        }
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let mut out = Writer::default();
        out.f32s(&[f32::NAN]);
        assert!(Reader::new(out.bytes()).f32s().is_err());
    }

    #[test]
    fn every_changed_byte_changes_the_checksum() {
        let mut bytes: Vec<u8> = (0..100).collect();
        let sum = checksum(&bytes);
        for at in 0..bytes.len() {
            bytes[at] ^= 0x10;
            assert_ne!(checksum(&bytes), sum, "byte {at}");
            bytes[at] ^= 0x10;
        }
    }
}

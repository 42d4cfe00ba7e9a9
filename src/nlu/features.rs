//! Features of a text: hashed n-grams and their TF-IDF weights.
//!
//! The grams of a view (`text.rs`) are the words, pairs of neighbouring words' beginnings, and all runs of
//! characters inside a word with its borders ("_ci", "cena", "na_"). A gram is never a string: it
//! is a 40-bit hash built up character by character, and the vocabulary maps it to a row of the
//! model. Two grams of one model share a hash with a probability of about 1e-7 each; that does no
//! harm beyond blurring one row.

use super::NluError;
use super::codec::{Reader, Writer};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Which grams a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Whether whole words are read.
    pub words: bool,
    /// Letters of each word that count in a pair of neighbours ("ile koszt"); 0: no pairs.
    pub stem: u8,
    /// Shortest run of characters (at least 1).
    pub chars_min: u8,
    /// Longest run of characters.
    pub chars_max: u8,
}

/// Words, pairs and characters are weighted as blocks, each of a length of its own ([`Shares`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Word = 0,
    /// Pairs of words.
    Pair = 1,
    /// Runs of characters.
    Char = 2,
}

/// Length of each block, in the order of [`Block`].
pub type Shares = [f32; 3];

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
const SEEDS: [u64; 3] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
];
/// Bits of a gram's hash that are kept; the other 24 of a table entry hold the row.
const KEY_BITS: u32 = 40;
const ROW_BITS: u32 = 64 - KEY_BITS;
/// More rows than this cannot be addressed (row + 1 is stored).
pub const MAX_ROWS: usize = (1 << ROW_BITS) - 2;

#[inline]
fn step(hash: u64, c: char) -> u64 {
    (hash.rotate_left(5) ^ u64::from(u32::from(c))).wrapping_mul(MIX)
}

#[inline]
fn finish(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(MIX) >> ROW_BITS
}

/// Calls `found` with the key of every gram of `view` (`" word word "`, or empty), in order of the
/// words.
#[inline]
pub fn each_gram(view: &[char], shape: Shape, mut found: impl FnMut(Block, u64)) {
    let stem_len = usize::from(shape.stem);
    let mut start = 0;
    let mut before: Option<u64> = None;
    for end in 1..view.len() {
        if view[end] != ' ' {
            continue;
        }
        let word = &view[start..=end];
        if shape.words {
            let (whole, stem) = word_hashes(word, stem_len);
            found(Block::Word, finish(whole));
            if let Some(before) = before {
                found(Block::Pair, pair_key(before, stem));
            }
            before = Some(stem).filter(|_| stem_len > 0);
        }
        char_grams(word, shape, &mut found);
        start = end;
    }
}

#[inline]
fn pair_key(first: u64, second: u64) -> u64 {
    let pair = first.rotate_left(17).wrapping_add(second);
    finish((pair ^ SEEDS[1]).wrapping_mul(MIX))
}

/// Hashes of a whole word and of its first `stem` letters.
#[inline]
fn word_hashes(word: &[char], stem: usize) -> (u64, u64) {
    let inner = &word[1..word.len() - 1];
    let (mut whole, mut head) = (SEEDS[0], SEEDS[0]);
    for (index, &c) in inner.iter().enumerate() {
        whole = step(whole, c);
        if index < stem {
            head = whole;
        }
    }
    (whole, head)
}

/// The character grams of one word with its borders (`" word "`).
#[inline]
fn char_grams(word: &[char], shape: Shape, found: &mut impl FnMut(Block, u64)) {
    let (min, max) = (usize::from(shape.chars_min), usize::from(shape.chars_max));
    for from in 0..word.len() {
        let mut hash = SEEDS[2];
        for (index, &c) in word[from..].iter().take(max).enumerate() {
            hash = step(hash, c);
            // a lone border says nothing
            if index + 1 >= min && !(index == 0 && c == ' ') {
                found(Block::Char, finish(hash));
            }
        }
    }
}

/// What an unknown gram adds to the squared length of its block (a known one that half the phrases
/// have adds 3, a rare one 60). By cross-validation: it left the ranking alone and raised the
/// in-scope share at 80 % out-of-scope recall by 1 to 2 points.
const UNKNOWN: f32 = 8.0;

/// A text as the rows it touches, ready to be multiplied with a model.
#[derive(Debug, Default, Clone)]
pub struct Vector {
    /// Row and weight; rows ascend within each block.
    pub items: Vec<(u32, f32)>,
}

/// The grams a model knows, with their inverse document frequencies.
#[derive(Debug, Clone, PartialEq)]
pub struct Vocabulary {
    shape: Shape,
    /// Key of each row; no two the same.
    keys: Vec<u64>,
    idf: Vec<f32>,
    /// Open addressing with linear probing: `key << 24 | row + 1`, 0 is empty.
    table: Vec<u64>,
}

impl Vocabulary {
    /// Counts the grams of `views` and keeps those in at least `min_views` of them.
    ///
    /// idf = ln((1 + N) / (1 + df)) + 1 (Salton's, smoothed as in scikit-learn).
    pub fn learn<'a>(
        views: impl Iterator<Item = &'a [char]>,
        shape: Shape,
        min_views: u32,
    ) -> Result<Vocabulary, NluError> {
        let mut seen: HashMap<u64, (u32, u32)> = HashMap::new(); // key -> (df, last view)
        let mut count = 0u32;
        for view in views {
            count += 1;
            each_gram(view, shape, |_, key| {
                let entry = seen.entry(key).or_insert((0, 0));
                if entry.1 != count {
                    *entry = (entry.0 + 1, count);
                }
            });
        }
        let mut kept: Vec<(u64, u32)> = seen
            .into_iter()
            .filter(|&(_, (df, _))| df >= min_views)
            .map(|(key, (df, _))| (key, df))
            .collect();
        // frequent grams first: their rows lie together and stay in the processor's cache
        kept.sort_unstable_by_key(|&(key, df)| (Reverse(df), key));
        let total = f64::from(count) + 1.0;
        let idf = |df: u32| ((total / (f64::from(df) + 1.0)).ln() + 1.0) as f32;
        let (keys, idf) = kept.into_iter().map(|(key, df)| (key, idf(df))).unzip();
        Vocabulary::build(shape, keys, idf)
    }

    fn build(shape: Shape, keys: Vec<u64>, idf: Vec<f32>) -> Result<Vocabulary, NluError> {
        if keys.len() > MAX_ROWS {
            return Err(NluError::TooLarge("features"));
        }
        let size = (keys.len() * 5 / 4 + 1).next_power_of_two();
        let mut table = vec![0u64; size];
        for (row, &key) in (1u64..).zip(&keys) {
            let mut slot = key as usize & (size - 1);
            while table[slot] != 0 {
                if table[slot] >> ROW_BITS == key {
                    return Err(NluError::Damaged("vocabulary"));
                }
                slot = (slot + 1) & (size - 1);
            }
            table[slot] = key << ROW_BITS | row;
        }
        Ok(Vocabulary {
            shape,
            keys,
            idf,
            table,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.keys.len()
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        (self.keys.len() + self.table.len()) * 8 + self.idf.len() * 4
    }

    #[inline]
    fn row(&self, key: u64) -> Option<u32> {
        let mask = self.table.len() - 1;
        let mut slot = key as usize & mask;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return None;
            }
            if entry >> ROW_BITS == key {
                return Some((entry & ((1 << ROW_BITS) - 1)) as u32 - 1);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// TF-IDF of a view: weight (1 + ln tf) · idf, each block divided by its Euclidean length and
    /// multiplied by its share. Unknown grams count in the length, each with [`UNKNOWN`], so an
    /// unfamiliar text has small weights and unsure scores.
    pub fn vector(&self, view: &[char], shares: Shares) -> Vector {
        let runs = view.len() * usize::from(self.shape.chars_max + 1 - self.shape.chars_min);
        let mut keys = [
            Vec::with_capacity(32),
            Vec::with_capacity(32),
            Vec::with_capacity(runs),
        ];
        each_gram(view, self.shape, |block, key| {
            keys[block as usize].push(key);
        });
        // Looking up comes after reading, so that the processor waits for several rows of memory at a time.
        let mut rows: [Vec<u32>; 3] = Default::default();
        let mut unknown = [0; 3];
        for ((keys, rows), unknown) in keys.iter().zip(&mut rows).zip(&mut unknown) {
            rows.extend(keys.iter().filter_map(|&key| self.row(key)));
            *unknown = (keys.len() - rows.len()) as u32;
        }
        let mut items = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for ((rows, unknown), share) in rows.iter_mut().zip(unknown).zip(shares) {
            self.weigh(rows, unknown, share, &mut items);
        }
        Vector { items }
    }

    /// Appends one block's weights; `rows` may repeat.
    fn weigh(&self, rows: &mut [u32], unknown: u32, share: f32, items: &mut Vec<(u32, f32)>) {
        rows.sort_unstable();
        let first = items.len();
        let mut square = unknown as f32 * UNKNOWN;
        for run in rows.chunk_by(|a, b| a == b) {
            let tf = match run.len() {
                1 => 1.0,
                n => 1.0 + (n as f32).ln(),
            };
            let weight = tf * self.idf[run[0] as usize];
            square += weight * weight;
            items.push((run[0], weight));
        }
        let scale = share / square.sqrt().max(f32::MIN_POSITIVE);
        items[first..].iter_mut().for_each(|item| item.1 *= scale);
    }

    /// Writes shape, keys and idf; the table is built anew when read.
    pub fn encode(&self, out: &mut Writer) {
        out.u8(u8::from(self.shape.words));
        out.u8(self.shape.stem);
        out.u8(self.shape.chars_min);
        out.u8(self.shape.chars_max);
        out.u64s(&self.keys);
        out.f32s(&self.idf);
    }

    /// Reads what [`Vocabulary::encode`] wrote. Errors: damaged bytes.
    pub fn decode(input: &mut Reader<'_>) -> Result<Vocabulary, NluError> {
        let shape = Shape {
            words: input.u8()? != 0,
            stem: input.u8()?,
            chars_min: input.u8()?,
            chars_max: input.u8()?,
        };
        if shape.chars_max > 8 {
            return Err(NluError::Damaged("gram sizes"));
        }
        let keys = input.u64s()?;
        let idf = input.f32s()?;
        if keys.len() != idf.len() || keys.iter().any(|key| key >> KEY_BITS != 0) {
            return Err(NluError::Damaged("vocabulary"));
        }
        Vocabulary::build(shape, keys, idf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::text::Views;

    const SHAPE: Shape = Shape {
        words: true,
        stem: 3,
        chars_min: 2,
        chars_max: 3,
    };

    fn grams(text: &str) -> Vec<(Block, u64)> {
        let mut all = Vec::new();
        each_gram(&Views::of(text).folded, SHAPE, |block, key| {
            all.push((block, key));
        });
        all
    }

    fn learn(texts: &[&str], min_views: u32) -> Vocabulary {
        let views: Vec<_> = texts.iter().map(|text| Views::of(text).folded).collect();
        Vocabulary::learn(views.iter().map(Vec::as_slice), SHAPE, min_views).unwrap()
    }

    #[test]
    fn grams_are_words_pairs_of_beginnings_and_runs_within_borders() {
        // " ab ": ab; " a", " ab", "ab", "ab ", "b "
        assert_eq!(grams("ab").len(), 1 + 5);
        assert_eq!(grams("ab ab").len(), 2 * (1 + 5) + 1);
        assert_eq!(grams("").len(), 0);
        let pair = |text: &str| grams(text).into_iter().nth(7);
        assert_eq!(pair("ab kosztuje"), pair("ab koszty"));
        assert_ne!(pair("ab kosztuje"), pair("ab konto"));
    }

    #[test]
    fn keys_fit_their_bits_and_differ() {
        let mut keys: Vec<u64> = grams("ile kosztuje wykończenie mieszkania pod klucz w gdyni")
            .into_iter()
            .map(|gram| gram.1)
            .collect();
        assert!(keys.iter().all(|key| key >> KEY_BITS == 0));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert!(keys.len() > all * 3 / 4, "{} of {all}", keys.len());
    }

    #[test]
    fn rare_grams_are_left_out_and_frequent_ones_weigh_less() {
        let all = learn(&["dom", "dom", "las"], 1);
        let some = learn(&["dom", "dom", "las"], 2);
        assert_eq!(some.rows() * 2, all.rows());
        let vector = all.vector(&Views::of("dom las").folded, [1.0; 3]);
        let (dom, las) = (all.row(grams("dom")[0].1), all.row(grams("las")[0].1));
        let weight = |row: Option<u32>| vector.items.iter().find(|i| Some(i.0) == row).map(|i| i.1);
        assert!(weight(dom) < weight(las));
    }

    #[test]
    fn blocks_have_their_lengths_and_unknown_grams_shorten_them() {
        let vocabulary = learn(&["dom nad morzem", "las"], 1);
        let square = |text: &str| {
            let vector = vocabulary.vector(&Views::of(text).folded, [0.5, 0.25, 1.0]);
            vector.items.iter().map(|i| i.1 * i.1).sum::<f32>()
        };
        assert!((square("dom nad morzem") - 1.3125).abs() < 1e-4);
        assert!(square("dom qqq xyz") < 0.8);
        assert!(square("qqq").abs() < f32::EPSILON);
    }

    #[test]
    fn a_vocabulary_is_read_back_and_damage_is_noticed() {
        let vocabulary = learn(&["dom nad morzem", "las"], 1);
        let mut out = Writer::default();
        vocabulary.encode(&mut out);
        let bytes = out.into_bytes();
        assert_eq!(Vocabulary::decode(&mut Reader::new(&bytes)), Ok(vocabulary));
        for end in 0..bytes.len() {
            assert!(Vocabulary::decode(&mut Reader::new(&bytes[..end])).is_err());
        }
        let mut too_large = bytes.clone();
        too_large[12..20].fill(0xff); // the first key
        assert!(Vocabulary::decode(&mut Reader::new(&too_large)).is_err());
        let mut twice = bytes;
        twice.copy_within(12..20, 20);
        assert!(Vocabulary::decode(&mut Reader::new(&twice)).is_err());
    }

    #[test]
    fn an_empty_vocabulary_knows_nothing() {
        let vocabulary = learn(&[], 1);
        assert!(
            vocabulary
                .vector(&Views::of("dom").folded, [1.0; 3])
                .items
                .is_empty()
        );
    }
}

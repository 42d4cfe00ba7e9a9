//! How many typos lie between a word and another: a letter too many, missing, wrong, or swapped with its neighbour, no
//! letter in two of them ("optimal string alignment").

/// Nobody takes more for the same word.
const TYPOS_MAX: usize = 2;
/// A longer word has no typos; it is hardly a word.
const LETTERS_MAX: usize = 63;

/// How near to a word another must be.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    /// One or two.
    pub typos: u8,
    /// It need only begin so.
    pub is_prefix: bool,
    /// Its first letter is the same: people rarely miss that one, and looking is ten times quicker.
    pub same_first: bool,
}

/// A set of letters that may hold more than was put in, and never less.
#[derive(Debug, Clone, Copy)]
pub struct Letters(u32);

impl Letters {
    /// Those of a word.
    pub fn of(word: &str) -> Self {
        let bit = |letter: char| 1 << (u32::from(letter) % u32::BITS);
        Self(
            word.chars()
                .fold(0, |letters, letter| letters | bit(letter)),
        )
    }

    /// False: more than so many of these letters are none of `others`.
    fn lacks_at_most(self, most: u8, others: Self) -> bool {
        let lacking = self.0 & !others.0;
        // Takes away one at a time.
        (0..most).fold(lacking, |rest, _| rest & rest.wrapping_sub(1)) == 0
    }
}

/// A word that many are compared with.
///
/// Reading another word letter by letter, a set of numbers says how many letters of this word that may have been so far,
/// one set for each number of typos. The sets are bits of a number, so that a letter is a few operations however long the
/// word is (Wu and Manber, "Fast text searching allowing errors", 1992).
pub struct Misspelt<'w> {
    word: &'w str,
    letters: Letters,
    /// By letter: bit n is set where it is the n-th of the word, from 1.
    places: [u64; 128],
    /// The bit of the whole word.
    whole: u64,
}

impl<'w> Misspelt<'w> {
    /// None: it is too long to be misspelt.
    pub fn new(word: &'w str) -> Option<Self> {
        let length = word.chars().count();
        if length > LETTERS_MAX {
            return None;
        }
        let mut places = [0; 128];
        for (at, letter) in word.chars().enumerate() {
            if let Some(places) = places.get_mut(letter as usize) {
                *places |= 2 << at;
            }
        }
        Some(Self {
            word,
            letters: Letters::of(word),
            places,
            whole: 1 << length,
        })
    }

    /// False: a word of these letters is not that near, whatever their order.
    pub fn may_be(&self, letters: Letters, near: Near) -> bool {
        self.letters.lacks_at_most(near.typos, letters)
            && (near.is_prefix || letters.lacks_at_most(near.typos, self.letters))
    }

    /// The typos between the word and `other`, or what `other` begins with; none when there are more than `near.typos`.
    ///
    /// The beginning goes as far as another letter could make it nearer.
    pub fn typos(&self, other: &str, near: Near) -> Option<u8> {
        let most = usize::from(near.typos).min(TYPOS_MAX);
        // With n typos the first n letters may be missing.
        let mut now = [0b1, 0b11, 0b111];
        let mut before = [0; TYPOS_MAX + 1];
        let mut place_before = 0;
        for letter in other.chars() {
            let is_done = |typos: &u8| *typos == 0 || now[usize::from(*typos) - 1] == 0;
            if near.is_prefix
                && let Some(typos) = self.reached(&now[..=most]).filter(is_done)
            {
                return Some(typos);
            }
            if now[most] == 0 {
                return None;
            }
            let place = self.places_of(letter);
            let mut next = [now[0] << 1 & place, 0, 0];
            for typos in 1..=TYPOS_MAX {
                let fewer = typos - 1;
                let too_many = now[fewer];
                let wrong = now[fewer] << 1;
                let missing = next[fewer] << 1;
                let swapped = before[fewer] << 2 & place_before & place << 1;
                next[typos] = now[typos] << 1 & place | too_many | wrong | missing | swapped;
            }
            (before, now, place_before) = (now, next, place);
        }
        self.reached(&now[..=most])
    }

    fn reached(&self, sets: &[u64]) -> Option<u8> {
        let typos = sets.iter().position(|set| set & self.whole != 0);
        typos.map(|typos| typos as u8)
    }

    fn places_of(&self, letter: char) -> u64 {
        if let Some(places) = self.places.get(letter as usize) {
            return *places;
        }
        let letters = self.word.chars().enumerate();
        letters.fold(0, |places, (at, other)| {
            places | if other == letter { 2 << at } else { 0 }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by its definition: a table of the typos between all beginnings of both.
    fn by_table(word: &str, other: &str, is_prefix: bool) -> usize {
        let [word, other] = [word, other].map(|text| text.chars().collect::<Vec<_>>());
        let mut table: Vec<Vec<usize>> = vec![(0..=word.len()).collect()];
        for row in 1..=other.len() {
            if is_prefix && table[row - 1].iter().min() == table[row - 1].last() {
                break;
            }
            table.push(vec![row; word.len() + 1]);
            for column in 1..=word.len() {
                let is_wrong = usize::from(word[column - 1] != other[row - 1]);
                let is_swapped = row > 1
                    && column > 1
                    && word[column - 1] == other[row - 2]
                    && word[column - 2] == other[row - 1];
                let swapped = is_swapped.then(|| table[row - 2][column - 2] + 1);
                table[row][column] = (table[row - 1][column] + 1)
                    .min(table[row][column - 1] + 1)
                    .min(table[row - 1][column - 1] + is_wrong)
                    .min(swapped.unwrap_or(usize::MAX));
            }
        }
        table[table.len() - 1][word.len()]
    }

    proptest! {
        #[test]
        fn typos_are_those_of_the_table_and_no_near_word_is_passed_over(
            word in "[abcż]{1,9}",
            other in "[abcdż]{0,11}",
            typos in 1u8..=2,
            is_prefix: bool,
        ) {
            let near = Near { typos, is_prefix, same_first: false };
            let misspelt = Misspelt::new(&word).unwrap();
            let expected = by_table(&word, &other, is_prefix);
            let found = misspelt.typos(&other, near).map(usize::from);
            prop_assert_eq!(found, Some(expected).filter(|&found| found <= usize::from(typos)));
            prop_assert!(found.is_none() || misspelt.may_be(Letters::of(&other), near));
        }
    }

    #[test]
    fn a_word_nobody_types_is_not_compared() {
        assert!(Misspelt::new(&"a".repeat(LETTERS_MAX)).is_some());
        assert!(Misspelt::new(&"a".repeat(LETTERS_MAX + 1)).is_none());
    }
}

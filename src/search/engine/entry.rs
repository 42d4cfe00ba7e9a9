//! What is put into an index.

use crate::nlu::Lang;

macro_rules! kinds {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// What an entry is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // the names say it
        pub enum Kind { $($variant),* }

        impl Kind {
            /// All of them; a kind's place here is written into the index, so new ones come last.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];

            /// As the API says it.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name),* }
            }
        }
    };
}

kinds! {
    Faq = "faq",
    Portfolio = "portfolio",
    Review = "review",
    Blog = "blog",
    Package = "package",
    Process = "process",
    WhyUs = "why_us",
    Page = "page",
    Lead = "lead",
    Conversation = "conversation",
}

impl Kind {
    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// Kind, language and id of an entry in one number: eight bits, eight bits and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(super) u64);

const ID_BITS: u32 = 48;

impl Key {
    /// The key of the row `id`.
    pub fn new(kind: Kind, lang: Lang, id: i64) -> Self {
        let id = id.unsigned_abs() & ((1 << ID_BITS) - 1);
        Self((kind as u64) << (ID_BITS + 8) | (lang as u64) << ID_BITS | id)
    }

    /// Id of the row.
    pub fn id(self) -> i64 {
        (self.0 & ((1 << ID_BITS) - 1)) as i64
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        let number = (self.0 >> (ID_BITS + 8)) as usize;
        Kind::ALL[number.min(Kind::ALL.len() - 1)]
    }

    /// In which language.
    pub fn lang(self) -> Lang {
        let number = (self.0 >> ID_BITS & 0xff) as usize;
        Lang::ALL[number.min(Lang::ALL.len() - 1)]
    }
}

/// Something that can be found.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is called in the index; another entry with this key is replaced.
    pub key: Key,
    /// Another number whenever its texts are others.
    pub version: u64,
    /// Counts most.
    pub title: String,
    /// Count in between.
    pub tags: Vec<String>,
    /// Counts least.
    pub body: String,
}

//! The index on disk: entries in, segments out. No text is stored, so that the database stays the only place to read it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use tantivy::directory::MmapDirectory;
use tantivy::index::SegmentId;
use tantivy::merge_policy::{LogMergePolicy, MergeCandidate, MergePolicy, NoMergePolicy};
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Index, IndexWriter, SegmentMeta, TantivyDocument, TantivyError, Term};

use super::entry::{Entry, Key};
use super::words::{Word, Words, accented, form, form_into, words};
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// Counts up when the index must be built anew: other fields, other words.
pub const FORMAT: u32 = 1;

/// What a writer may hold in memory before it writes a segment.
const WRITER_BYTES: usize = 32 << 20;

/// Where in an entry a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Title,
    Tags,
    Body,
}

impl Place {
    pub const ALL: [Place; 3] = [Place::Title, Place::Tags, Place::Body];

    fn name(self) -> &'static str {
        match self {
            Place::Title => "title",
            Place::Tags => "tags",
            Place::Body => "body",
        }
    }
}

/// Fields of one language.
#[derive(Debug, Clone, Copy)]
pub struct LangFields {
    /// In the order of [`Place::ALL`].
    pub places: [Field; 3],
    /// Words with diacritics as they are written.
    pub accented: Field,
}

/// Fields of the index.
#[derive(Debug, Clone)]
pub struct Fields {
    schema: Schema,
    /// [`Key`], to replace and remove by.
    pub key: Field,
    /// [`Entry::version`].
    pub version: Field,
    /// Whole tags, folded.
    pub tag: Field,
    /// The words.
    pub langs: PerLang<LangFields>,
}

impl Default for Fields {
    fn default() -> Self {
        let mut schema = Schema::builder();
        let key = schema.add_u64_field("key", INDEXED | FAST);
        let version = schema.add_u64_field("version", FAST);
        let tag = schema.add_text_field("tag", words_of("raw", IndexRecordOption::Basic));
        let mut lang_fields = |lang: Lang| {
            let code = lang.code();
            let forms = words_of(&format!("forms_{code}"), IndexRecordOption::WithFreqs);
            LangFields {
                places: Place::ALL.map(|place| {
                    let name = format!("{}_{code}", place.name());
                    schema.add_text_field(&name, forms.clone())
                }),
                accented: schema.add_text_field(
                    &format!("accented_{code}"),
                    words_of("accented", IndexRecordOption::Basic),
                ),
            }
        };
        let langs = PerLang {
            pl: lang_fields(Lang::Pl),
            en: lang_fields(Lang::En),
            de: lang_fields(Lang::De),
        };
        Self {
            schema: schema.build(),
            key,
            version,
            tag,
            langs,
        }
    }
}

fn words_of(tokenizer: &str, option: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(option)
        .set_fieldnorms(option.has_freq());
    TextOptions::default().set_indexing_options(indexing)
}

/// Cuts a text into the forms of its words: a tokenizer of tantivy.
#[derive(Clone)]
struct Forms(Lang);
/// Cuts a text into its words with diacritics.
#[derive(Clone)]
struct Accented;

/// The tokens of a text.
struct FormStream<'t> {
    words: Words<'t>,
    /// None: words with diacritics only, as they are written.
    lang: Option<Lang>,
    token: Token,
}

impl FormStream<'_> {
    /// False: this word has nothing to index.
    fn set(token: &mut Token, word: Word<'_>, lang: Option<Lang>) -> bool {
        match lang {
            Some(lang) => form_into(word.text, lang, &mut token.text),
            None => match accented(word.text) {
                Some(text) => token.text = text,
                None => return false,
            },
        }
        token.position = token.position.wrapping_add(1);
        !token.text.is_empty()
    }
}

impl TokenStream for FormStream<'_> {
    fn advance(&mut self) -> bool {
        let (token, lang) = (&mut self.token, self.lang);
        self.words.any(|word| Self::set(token, word, lang))
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Tokenizer for Forms {
    type TokenStream<'a> = FormStream<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> FormStream<'a> {
        FormStream {
            words: words(text),
            lang: Some(self.0),
            token: Token::default(),
        }
    }
}

impl Tokenizer for Accented {
    type TokenStream<'a> = FormStream<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> FormStream<'a> {
        FormStream {
            words: words(text),
            lang: None,
            token: Token::default(),
        }
    }
}

fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    for lang in Lang::ALL {
        manager.register(&format!("forms_{}", lang.code()), Forms(lang));
    }
    manager.register("accented", Accented);
    manager
}

/// What an index says of itself with each commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// [`FORMAT`] when it was written.
    pub format: u32,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

/// What becomes of an index in one commit.
#[derive(Default)]
pub struct Change {
    /// Entries to put in, in place of those with the same key.
    pub put: Vec<Entry>,
    /// Keys to take out.
    pub remove: Vec<Key>,
}

/// An index in a folder of its own.
pub struct DiskIndex {
    pub(super) index: Index,
    pub(super) fields: Fields,
}

impl DiskIndex {
    /// Makes an empty one; the folder must be empty.
    pub fn create(dir: &Path) -> Result<Self, TantivyError> {
        let fields = Fields::default();
        let index = Index::builder()
            .schema(fields.schema.clone())
            .tokenizers(tokenizers())
            .create_in_dir(dir)?;
        Ok(Self { index, fields })
    }

    /// Opens what was committed last, after comparing every file with its checksum.
    ///
    /// Errors: there is none, it is damaged, or it has another format.
    pub fn open(dir: &Path) -> Result<Self, TantivyError> {
        let fields = Fields::default();
        let mut index = Index::open(MmapDirectory::open(dir)?)?;
        if index.schema() != fields.schema {
            return Err(TantivyError::SchemaError(
                "the index has other fields".into(),
            ));
        }
        let damaged = index.validate_checksum()?;
        if let Some(file) = damaged.iter().next() {
            return Err(TantivyError::InternalError(format!(
                "{} is damaged",
                file.display()
            )));
        }
        index.set_tokenizers(tokenizers());
        Ok(Self { index, fields })
    }

    /// What the last commit says; nothing before the first.
    pub fn committed(&self) -> Result<Option<Committed>, TantivyError> {
        let payload = self.index.load_metas()?.payload;
        Ok(payload.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Commits a change: after a crash either all of it is there or nothing.
    ///
    /// What was removed is merged away before this returns, so that its words are gone from the files.
    pub fn commit(&self, change: Change, at_ms: i64) -> Result<(), TantivyError> {
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, WRITER_BYTES)?;
        // A merge in the background would keep files of a segment that another merge has emptied.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for key in &change.remove {
            writer.delete_term(Term::from_field_u64(self.fields.key, key.0));
        }
        for entry in change.put {
            writer.delete_term(Term::from_field_u64(self.fields.key, entry.key.0));
            writer.add_document(self.document(&entry))?;
        }
        let mut prepared = writer.prepare_commit()?;
        let payload = Committed {
            format: FORMAT,
            at_ms,
        };
        prepared.set_payload(&serde_json::to_string(&payload).unwrap_or_default());
        prepared.commit()?;
        let holed = self.holed()?;
        if !holed.is_empty() {
            writer.merge(&holed).wait()?;
        }
        for candidate in self.worth_merging()? {
            writer.merge(&candidate.0).wait()?;
        }
        writer.garbage_collect_files().wait()?;
        writer.wait_merging_threads()
    }

    // While a segment's meta is held, tantivy keeps its files: so these hand out ids alone.

    /// Segments that something was deleted from.
    fn holed(&self) -> Result<Vec<SegmentId>, TantivyError> {
        let metas = self.index.searchable_segment_metas()?;
        let holed = metas.iter().filter(|meta| meta.has_deletes());
        Ok(holed.map(SegmentMeta::id).collect())
    }

    /// Segments of about the same size, once there are many of them.
    fn worth_merging(&self) -> Result<Vec<MergeCandidate>, TantivyError> {
        let metas = self.index.searchable_segment_metas()?;
        Ok(LogMergePolicy::default().compute_merge_candidates(&metas))
    }

    fn document(&self, entry: &Entry) -> TantivyDocument {
        let (fields, lang) = (&self.fields, entry.key.lang());
        let texts = fields.langs.get(lang);
        let [title, tags, body] = texts.places;
        let mut document = TantivyDocument::default();
        document.add_u64(fields.key, entry.key.0);
        document.add_u64(fields.version, entry.version);
        for tag in &entry.tags {
            document.add_text(fields.tag, form(tag, lang));
            document.add_text(tags, tag);
            document.add_text(texts.accented, tag);
        }
        for (place, text) in [(title, &entry.title), (body, &entry.body)] {
            document.add_text(place, text);
            document.add_text(texts.accented, text);
        }
        document
    }
}

//! The index on disk: entries in, segments out. No text is stored, so that the database stays the only place to read it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

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

/// The one file that belongs to no segment.
const META_FILE: &str = "meta.json";

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

    /// Takes away what a crash between a commit and its merge left of what was removed.
    pub fn tidy(&self) -> Result<(), TantivyError> {
        match self.committed()? {
            Some(committed) if self.has_remains()? => {
                self.commit(Change::default(), committed.at_ms)
            }
            _ => Ok(()),
        }
    }

    /// Whether removed entries are still in a segment, or files of segments that are no more.
    fn has_remains(&self) -> Result<bool, TantivyError> {
        let live = self.index.searchable_segment_ids()?;
        let live: HashSet<String> = live.iter().map(SegmentId::uuid_string).collect();
        let is_of_none = |file: &PathBuf| {
            let name = file.to_string_lossy();
            let segment = name.split('.').next().unwrap_or_default();
            name != META_FILE && !live.contains(segment)
        };
        let files = self.index.directory().list_managed_files();
        Ok(!self.holed()?.is_empty() || files.iter().any(is_of_none))
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

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn key(id: i64) -> Key {
        Key::new(Kind::Faq, Lang::Pl, id)
    }

    fn entry(id: i64) -> Entry {
        Entry {
            key: key(id),
            version: 1,
            title: format!("Pytanie {id}"),
            tags: Vec::new(),
            body: String::new(),
        }
    }

    /// Three commits, each a segment of its own.
    fn filled(folder: &Path) -> DiskIndex {
        let disk = DiskIndex::create(folder).unwrap();
        for ids in [[1, 2], [3, 4], [5, 6]] {
            let change = Change {
                put: ids.map(entry).into(),
                remove: Vec::new(),
            };
            disk.commit(change, 1).unwrap();
        }
        disk
    }

    /// Every file belongs to a segment that is searched, and none of these has removed entries.
    #[track_caller]
    fn is_tidy(disk: &DiskIndex, folder: &Path) {
        assert!(!disk.has_remains().unwrap());
        let live = disk.index.searchable_segment_ids().unwrap();
        for file in std::fs::read_dir(folder).unwrap().flatten() {
            let name = file.file_name().into_string().unwrap();
            let is_known = name.starts_with('.') || name == META_FILE;
            let is_live = live.iter().any(|id| name.starts_with(&id.uuid_string()));
            assert!(is_known || is_live, "{name} is left over");
        }
    }

    #[test]
    fn what_was_removed_leaves_no_file_behind_even_while_it_is_searched() {
        let folder = tempfile::tempdir().unwrap();
        let disk = filled(folder.path());
        let _searched = disk.index.reader().unwrap().searcher();
        let change = Change {
            put: vec![entry(7)],
            remove: vec![key(1), key(5), key(6)],
        };
        disk.commit(change, 2).unwrap();
        is_tidy(&disk, folder.path());
    }

    #[test]
    fn what_a_crash_left_between_a_commit_and_its_merge_is_tidied_away() {
        let folder = tempfile::tempdir().unwrap();
        let disk = filled(folder.path());
        let mut writer: IndexWriter = disk.index.writer_with_num_threads(1, WRITER_BYTES).unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        writer.delete_term(Term::from_field_u64(disk.fields.key, key(1).0));
        let mut prepared = writer.prepare_commit().unwrap();
        prepared.set_payload("{\"format\": 1, \"at_ms\": 2}");
        prepared.commit().unwrap();
        writer.wait_merging_threads().unwrap();
        assert!(disk.has_remains().unwrap());
        disk.tidy().unwrap();
        is_tidy(&disk, folder.path());
        assert_eq!(disk.committed().unwrap().map(|at| at.at_ms), Some(2));
    }
}

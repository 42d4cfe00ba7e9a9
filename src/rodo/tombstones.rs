//! What remains of who was erased: keyed hashes in a file outside of the database, so that a restored backup, which still
//! has the person, can be made to forget them again.
//!
//! One line of JSON an erasure, only ever added to and flushed before anybody hears that it is done. A line names
//! identifiers and rows by HMAC under a key of `secrets.json`: without the key it says nothing, and a record made after its
//! time is another story of the same person, and stays.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::{Person, RodoError, erase};
use crate::leads::Trace;
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::{Secrets, TombstoneKey};
use crate::{bookings, chat, leads, uploads};

/// The file in the data folder.
pub const TOMBSTONES_FILE: &str = "tombstones.log";
/// Rows looked at by one query.
const PAGE: i64 = 1_000;
/// Bytes of a MAC that are kept.
const MAC_BYTES: usize = 16;

/// One erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Of which receipt.
    pub receipt: String,
    /// When, in milliseconds UTC. What was made later is not meant.
    pub erased_at_ms: i64,
    /// Keyed hashes of identifiers and rows, hex.
    pub macs: BTreeSet<String>,
}

impl Tombstone {
    /// Of a person.
    pub(super) fn of(person: &Person, receipt: &str, erased_at_ms: i64, secrets: &Secrets) -> Self {
        Self {
            receipt: receipt.to_owned(),
            erased_at_ms,
            macs: macs(person, secrets),
        }
    }
}

/// All tombstones in one look-up.
struct Erased<'a> {
    /// When what a MAC names was last erased.
    at_ms: HashMap<&'a str, i64>,
    key: &'a TombstoneKey,
}

impl<'a> Erased<'a> {
    fn new(tombstones: &'a [Tombstone], key: &'a TombstoneKey) -> Self {
        let mut at_ms: HashMap<&str, i64> = HashMap::new();
        for tombstone in tombstones {
            for mac in &tombstone.macs {
                let last = at_ms.entry(mac).or_insert(tombstone.erased_at_ms);
                *last = tombstone.erased_at_ms.max(*last);
            }
        }
        Self { at_ms, key }
    }

    /// Whether what was made then was erased later.
    fn has(&self, kind: &str, key: &str, made_at_ms: i64) -> bool {
        let at_ms = self.at_ms.get(mac(kind, key, self.key).as_str());
        at_ms.is_some_and(|at_ms| made_at_ms <= *at_ms)
    }

    fn has_record(&self, kind: &str, trace: &Trace) -> bool {
        let made_at_ms = trace.created_at_ms;
        let email = trace.email_key.as_ref();
        self.has(kind, &trace.id.to_string(), made_at_ms)
            || email.is_some_and(|key| self.has("email", key, made_at_ms))
    }
}

/// Keyed hashes of everything that leads to a person. A phone number is not among them: others may have it, too.
pub(super) fn macs(person: &Person, secrets: &Secrets) -> BTreeSet<String> {
    let secret = secrets.tombstone_key();
    let emails = person.emails.iter().map(|key| mac("email", key, secret));
    let sessions = person.sessions.iter().map(|id| mac("session", id, secret));
    let leads = person
        .leads
        .iter()
        .map(|id| mac("lead", &id.to_string(), secret));
    let bookings = person
        .bookings
        .iter()
        .map(|id| mac("booking", &id.to_string(), secret));
    emails
        .chain(sessions)
        .chain(leads)
        .chain(bookings)
        .collect()
}

fn mac(kind: &str, named: &str, key: &TombstoneKey) -> String {
    HEXLOWER.encode(&key.mac(format!("{kind}:{named}").as_bytes())[..MAC_BYTES])
}

/// Adds a line and flushes it, unless the file has it (blocking).
///
/// Errors: the file cannot be read or written.
pub fn append(folder: &Path, tombstone: &Tombstone) -> Result<(), RodoError> {
    if load(&folder.join(TOMBSTONES_FILE))?
        .iter()
        .any(|there| there.receipt == tombstone.receipt)
    {
        return Ok(());
    }
    let mut file = File::options()
        .create(true)
        .append(true)
        .read(true)
        .mode(0o600)
        .open(folder.join(TOMBSTONES_FILE))?;
    // What a crash cut off must not swallow this line.
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let mut line = serde_json::to_vec(tombstone)?;
    line.push(b'\n');
    if last != [b'\n'] {
        line.insert(0, b'\n');
    }
    file.write_all(&line)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Reads a file of tombstones (blocking); none is no tombstone. A line that a crash cut off is left out: what it stands for
/// is done again, with its line.
///
/// Errors: the file cannot be read.
pub fn load(path: &Path) -> Result<Vec<Tombstone>, RodoError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// Erases again whom tombstones name, from a database that a backup brought back, before it serves; only what was made
/// before the erasure goes. Answers how many records and sessions went.
///
/// What it leaves to the next start are the jobs it writes: the files of pictures, and the search index.
///
/// Errors: the database cannot be read or written.
pub fn reapply(
    tx: &mut dyn Tx,
    tombstones: &[Tombstone],
    key: &TombstoneKey,
    now_ms: i64,
) -> Result<usize, RodoError> {
    let person = back_again(tx, &Erased::new(tombstones, key))?;
    erase::remove(tx, &person, now_ms)?;
    Ok(person.leads.len() + person.bookings.len() + person.sessions.len())
}

/// What a restored database has of those who were erased, as if it were one person's.
fn back_again(tx: &mut dyn Tx, erased: &Erased<'_>) -> Result<Person, DbError> {
    let mut person = Person::default();
    pages(tx, |tx, after| {
        let page = leads::person::traces_after(tx, after, PAGE)?;
        let named = page.iter().filter(|lead| erased.has_record("lead", lead));
        person.leads.extend(named.map(|lead| lead.id));
        Ok(page.last().map(|lead| lead.id))
    })?;
    pages(tx, |tx, after| {
        let page = bookings::person::traces_after(tx, after, PAGE)?;
        let named = page
            .iter()
            .filter(|booking| erased.has_record("booking", booking));
        person.bookings.extend(named.map(|booking| booking.id));
        Ok(page.last().map(|booking| booking.id))
    })?;
    for sessions_after in [
        chat::person::sessions_after,
        chat::person::consents_after,
        uploads::sessions_after,
    ] {
        pages(tx, |tx, after| {
            let page = sessions_after(tx, after, PAGE)?;
            let named = page
                .iter()
                .filter(|made| erased.has("session", &made.session_id, made.created_at_ms));
            person
                .sessions
                .extend(named.map(|made| made.session_id.clone()));
            Ok(page.last().map(|made| made.id))
        })?;
    }
    Ok(person)
}

/// Calls `page` with the number of the last row seen until there is none.
fn pages(
    tx: &mut dyn Tx,
    mut page: impl FnMut(&mut dyn Tx, i64) -> Result<Option<i64>, DbError>,
) -> Result<(), DbError> {
    let mut after = 0;
    while let Some(last) = page(tx, after)? {
        after = last;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(folder: &Path) -> Secrets {
        Secrets::open(&folder.join("secrets.json")).unwrap()
    }

    fn tombstone(receipt: &str, folder: &Path) -> Tombstone {
        let person = Person {
            emails: BTreeSet::from(["anna@example.com".to_owned()]),
            phones: BTreeSet::from(["+48600100200".to_owned()]),
            leads: BTreeSet::from([7]),
            ..Person::default()
        };
        Tombstone::of(&person, receipt, 1000, &secrets(folder))
    }

    #[test]
    fn a_tombstone_says_nothing_in_plain_words_and_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(TOMBSTONES_FILE);
        let first = tombstone("a", folder.path());
        append(folder.path(), &first).unwrap();
        append(folder.path(), &first).unwrap();
        append(folder.path(), &tombstone("b", folder.path())).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains("anna") && !text.contains("600100200"));
        assert_eq!(load(&path).unwrap()[0], first);
    }

    #[test]
    fn a_line_that_was_cut_off_neither_counts_nor_swallows_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(TOMBSTONES_FILE);
        append(folder.path(), &tombstone("a", folder.path())).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"receipt\":\"b\",\"era");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(load(&path).unwrap().len(), 1);
        append(folder.path(), &tombstone("c", folder.path())).unwrap();
        let receipts: Vec<String> = load(&path)
            .unwrap()
            .into_iter()
            .map(|t| t.receipt)
            .collect();
        assert_eq!(receipts, ["a", "c"]);
    }

    #[test]
    fn a_tombstone_names_what_was_made_before_it_but_no_phone_and_only_with_its_key() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let tombstones = [tombstone("a", here.path())];
        let (own, foreign) = (secrets(here.path()), secrets(there.path()));
        let erased = Erased::new(&tombstones, own.tombstone_key());
        assert!(erased.has("lead", "7", 1000));
        assert!(!erased.has("lead", "7", 1001), "made later");
        assert!(erased.has("email", "anna@example.com", 0));
        assert!(!erased.has("booking", "7", 0));
        assert!(!erased.has("phone", "+48600100200", 0));
        assert!(!Erased::new(&tombstones, foreign.tombstone_key()).has("lead", "7", 0));
    }

    #[test]
    fn a_restored_person_goes_again_and_one_who_came_back_later_or_shares_the_phone_stays() {
        use crate::params;
        use crate::platform::db::in_memory;
        let folder = tempfile::tempdir().unwrap();
        let secrets = secrets(folder.path());
        let tombstones = [tombstone("a", folder.path())];
        in_memory::<_, RodoError>(|tx| {
            for (email, made_at_ms) in [
                ("anna@example.com", 500_i64),
                ("anna@example.com", 1_500),
                ("jan@example.com", 500),
            ] {
                tx.execute(
                    "INSERT INTO leads (is_weak_session, is_shared, name, email, email_key, phone, phone_e164, source, \
                     status, score, score_reasons_json, tags_json, consents_json, is_spam, find_text, created_at_ms, \
                     updated_at_ms) VALUES (0, 0, 'x', ?1, ?1, '600100200', '+48600100200', 'form', 'new', 0, '[]', \
                     '[]', '[]', 0, '', ?2, ?2)",
                    params![email, made_at_ms],
                )?;
            }
            assert_eq!(reapply(tx, &tombstones, secrets.tombstone_key(), 9_000)?, 1);
            let left = leads::person::traces_after(tx, 0, 10)?;
            let left: Vec<i64> = left.iter().map(|lead| lead.id).collect();
            assert_eq!(left, [2, 3]);
            assert_eq!(reapply(tx, &tombstones, secrets.tombstone_key(), 9_000)?, 0);
            Ok(())
        })
        .unwrap();
    }
}

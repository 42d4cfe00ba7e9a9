//! What still stands where: every text of the database, every file of the data folder and of the pictures, the search
//! index and the backups that are not encrypted, searched for the plain values.

use std::fs::{self, File};
use std::path::Path;

use super::{Identifier, Rodo, RodoError, RodoParts};
use crate::platform::byte_search::Needles;
use crate::platform::db::{DATABASE_FILE, scan};

/// Files that hold no data of people: the server's own keys, its lock and its socket.
const LEFT_OUT: [&str; 3] = ["secrets.json", "novahouse.lock", "control.sock"];
/// How deep folders are searched.
const DEPTH_MAX: usize = 8;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Where a value stands, and how often where that is known.
    pub found: Vec<String>,
    /// What could not be searched, and why.
    pub unsearched: Vec<String>,
    /// How many files were searched.
    pub files: usize,
}

impl Checked {
    /// For people, a line each.
    pub fn told(&self) -> String {
        let mut lines: Vec<String> = self
            .found
            .iter()
            .map(|place| format!("stands in {place}"))
            .collect();
        lines.extend(
            self.unsearched
                .iter()
                .map(|place| format!("not searched: {place}")),
        );
        let files = self.files;
        lines.push(if self.found.is_empty() {
            format!("nothing stands anywhere: every text of the database, {files} files and the search index")
        } else {
            format!("searched every text of the database, {files} files and the search index")
        });
        lines.join("\n")
    }
}

impl Rodo {
    /// Searches for an identifier, in the forms in which it may stand, and for more texts (blocking).
    ///
    /// Errors: the database cannot be read.
    pub fn check(&self, identifier: &Identifier, more: &[String]) -> Result<Checked, RodoError> {
        let parts = &self.0;
        let mut forms = forms(identifier);
        forms.extend(more.iter().cloned());
        let needles = Needles::new(forms.iter().map(String::as_str));
        let mut checked = Checked::default();
        let rows = scan(&parts.folder.join(DATABASE_FILE), |text| {
            needles.are_in(text)
        })?;
        let rows = rows
            .into_iter()
            .map(|(column, times)| format!("{column} ({times} rows)"));
        checked.found.extend(rows);
        files(&mut checked, &parts.folder, &parts.folder, &needles, 0);
        if !parts.upload_folder.starts_with(&parts.folder) {
            let folder = &parts.upload_folder;
            files(&mut checked, folder, folder, &needles, 0);
        }
        for form in &forms {
            index(&mut checked, parts, form);
        }
        Ok(checked)
    }
}

/// In which forms an identifier may stand.
fn forms(identifier: &Identifier) -> Vec<String> {
    match identifier {
        Identifier::Phone(phone) => {
            let e164 = phone.e164();
            let digits = e164.trim_start_matches('+');
            let mut forms = vec![digits.to_owned()];
            if let Some(national) = digits.strip_prefix("48").filter(|rest| rest.len() == 9) {
                let (a, b, c) = (&national[..3], &national[3..6], &national[6..]);
                forms.push(national.to_owned());
                forms.extend([" ", "-", "."].map(|between| [a, b, c].join(between)));
            }
            forms
        }
        other => vec![other.key()],
    }
}

/// Searches the files of a folder; what cannot be read is named.
fn files(checked: &mut Checked, root: &Path, folder: &Path, needles: &Needles, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else {
        checked
            .unsearched
            .push(shown(root, folder, "cannot be read"));
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Ok(kind) = fs::symlink_metadata(&path) else {
            continue;
        };
        if LEFT_OUT.contains(&name.as_ref()) || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            if depth < DEPTH_MAX {
                files(checked, root, &path, needles, depth + 1);
            }
        } else if kind.is_file() {
            file(checked, root, &path, needles);
        }
    }
}

fn file(checked: &mut Checked, root: &Path, path: &Path, needles: &Needles) {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    if ending == "age" {
        checked
            .unsearched
            .push(shown(root, path, "encrypted; restoring it erases again"));
        return;
    }
    checked.files += 1;
    let found = match ending.as_ref() {
        "zip" => within_zip(path, needles),
        _ => File::open(path)
            .and_then(|file| needles.are_read_in(file))
            .map(|is_found| is_found.then(|| "its bytes".to_owned()))
            .map_err(RodoError::from),
    };
    match found {
        Ok(None) => {}
        Ok(Some(place)) => checked.found.push(shown(root, path, &place)),
        Err(error) => checked
            .unsearched
            .push(shown(root, path, &error.to_string())),
    }
}

/// The first entry of an archive that holds a needle.
fn within_zip(path: &Path, needles: &Needles) -> Result<Option<String>, RodoError> {
    let mut archive = zip::ZipArchive::new(File::open(path)?)?;
    for at in 0..archive.len() {
        let entry = archive.by_index(at)?;
        let name = entry.name()?.into_owned();
        if needles.are_read_in(entry)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// The index holds words, not texts: a value may stand there when all its words do.
fn index(checked: &mut Checked, parts: &RodoParts, text: &str) {
    match parts.search.holds_words(text) {
        Ok(false) => {}
        Ok(true) => checked
            .found
            .push("the search index (all words of a value, maybe of several people)".to_owned()),
        Err(error) => checked
            .unsearched
            .push(format!("the search index: {error}")),
    }
}

fn shown(root: &Path, path: &Path, what: &str) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    format!("{}: {what}", path.display())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::leads::Phone;

    #[test]
    fn a_number_is_looked_for_as_people_write_it() {
        let forms = forms(&Identifier::Phone(Phone::parse("600 100 200").unwrap()));
        for form in ["48600100200", "600100200", "600 100 200", "600-100-200"] {
            assert!(forms.iter().any(|known| known == form), "{form}");
        }
    }

    #[test]
    fn files_and_entries_of_archives_are_searched_and_encrypted_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("backups");
        fs::create_dir(&inner).unwrap();
        fs::write(folder.path().join("a.txt"), "to ANNA@example.com").unwrap();
        fs::write(folder.path().join("secrets.json"), "anna@example.com").unwrap();
        fs::write(inner.join("b.age"), "anna@example.com").unwrap();
        let mut zip = zip::ZipWriter::new(File::create(inner.join("c.zip")).unwrap());
        zip.start_file("rows.json", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all("anna@example.com".repeat(100).as_bytes())
            .unwrap();
        zip.finish().unwrap();
        fs::write(inner.join("d.zip"), "no archive").unwrap();
        let mut checked = Checked::default();
        let needles = Needles::new(["anna@example.com"]);
        files(&mut checked, folder.path(), folder.path(), &needles, 0);
        checked.found.sort();
        assert_eq!(
            checked.found,
            ["a.txt: its bytes", "backups/c.zip: rows.json"]
        );
        assert_eq!(checked.unsearched.len(), 2, "{:?}", checked.unsearched);
    }
}

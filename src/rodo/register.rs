//! The register of personal data: what is kept where, whose it is, why, for how long, and what erasing does to it.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Deserialize;

use super::RodoError;

const TEXT: &str = include_str!("../../assets/rodo/register.toml");

/// The register as the file has it.
#[derive(Debug, Deserialize)]
pub(super) struct Register {
    group: BTreeMap<String, Group>,
    place: BTreeMap<String, Place>,
    /// `<class>: <why>` by table and column.
    #[serde(flatten)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    tables: Vec<String>,
    whose: String,
    found_by: String,
    purpose: String,
    legal_basis: String,
    retention: String,
    rule: Option<String>,
    erasure: Erasure,
    why: Option<String>,
    #[serde(default)]
    except: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    #[serde(rename = "where")]
    at: String,
    whose: String,
    found_by: String,
    purpose: String,
    legal_basis: String,
    retention: String,
    erasure: Erasure,
    why: Option<String>,
}

/// What erasing a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, poem_openapi::Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(super) enum Erasure {
    /// It goes.
    Delete,
    /// It stays, without the person.
    Blank,
    /// It stays.
    Keep,
    /// It holds nothing of clients and visitors.
    None,
}

/// A column, a folder or another place where data is.
#[derive(Debug, Object)]
pub(super) struct DataInventoryEntry {
    /// `table.column`, or the name of a place outside of the database.
    name: String,
    /// `none`, `technical`, `account`, `contact`, `content` or `pseudonym`; null for a place.
    class: Option<String>,
    /// What it holds, or where the place is.
    holds: String,
    /// The group of the register it belongs to.
    group: String,
    whose: String,
    found_by: String,
    retention: String,
    erasure: Erasure,
    /// Why it stays, where it does.
    why_kept: Option<String>,
}

/// A record of processing activities (Art. 30(1) GDPR).
#[derive(Debug, Object)]
pub(super) struct ProcessingActivity {
    name: String,
    /// Categories of persons.
    whose: String,
    /// Categories of data: tables, or the place.
    data: Vec<String>,
    purpose: String,
    legal_basis: String,
    /// Time limits for erasure.
    retention: String,
    /// The rule in force, in days; null where the row above says all.
    retention_days: Option<u32>,
    erasure: Erasure,
}

impl Register {
    /// Reads the file.
    ///
    /// Errors: it does not parse.
    pub(super) fn read() -> Result<Self, RodoError> {
        toml::from_str(TEXT).map_err(|error| RodoError::Register(error.to_string()))
    }

    /// Every column and every other place, by name.
    pub(super) fn inventory(&self) -> Vec<DataInventoryEntry> {
        let mut entries = Vec::new();
        for (group_name, group) in &self.group {
            for table in &group.tables {
                for (column, said) in self.tables.get(table).into_iter().flatten() {
                    entries.push(group.entry(group_name, &format!("{table}.{column}"), said));
                }
            }
        }
        entries.extend(self.place.iter().map(|(name, place)| DataInventoryEntry {
            name: name.clone(),
            class: None,
            holds: place.at.clone(),
            group: name.clone(),
            whose: place.whose.clone(),
            found_by: place.found_by.clone(),
            retention: place.retention.clone(),
            erasure: place.erasure,
            why_kept: place.why.clone(),
        }));
        entries
    }

    /// The records of processing activities.
    ///
    /// * `days`: what the rules of retention say now.
    pub(super) fn activities(&self, days: &BTreeMap<String, u32>) -> Vec<ProcessingActivity> {
        let groups = self.group.iter().map(|(name, group)| ProcessingActivity {
            name: name.clone(),
            whose: group.whose.clone(),
            data: group.tables.clone(),
            purpose: group.purpose.clone(),
            legal_basis: group.legal_basis.clone(),
            retention: group.retention.clone(),
            retention_days: group.rule.as_ref().and_then(|rule| days.get(rule).copied()),
            erasure: group.erasure,
        });
        let places = self.place.iter().map(|(name, place)| ProcessingActivity {
            name: name.clone(),
            whose: place.whose.clone(),
            data: vec![place.at.clone()],
            purpose: place.purpose.clone(),
            legal_basis: place.legal_basis.clone(),
            retention: place.retention.clone(),
            retention_days: None,
            erasure: place.erasure,
        });
        groups.chain(places).collect()
    }

    /// What stays of a person who is erased, and why: `(table.column, reason)`.
    pub(super) fn blanked(&self) -> impl Iterator<Item = (&str, &str)> {
        let excepted = self.group.values().flat_map(|group| &group.except);
        excepted.filter_map(|(column, said)| Some((column.as_str(), said.strip_prefix("blank: ")?)))
    }
}

impl Group {
    fn entry(&self, group: &str, name: &str, said: &str) -> DataInventoryEntry {
        let (class, holds) = said.split_once(": ").unwrap_or(("", said));
        let (erasure, why) = match self.except.get(name).and_then(|said| said.split_once(": ")) {
            Some(("blank", why)) => (Erasure::Blank, Some(why.to_owned())),
            Some((_, why)) => (Erasure::Keep, Some(why.to_owned())),
            None => (self.erasure, self.why.clone()),
        };
        DataInventoryEntry {
            name: name.to_owned(),
            class: Some(class.to_owned()),
            holds: holds.to_owned(),
            group: group.to_owned(),
            whose: self.whose.clone(),
            found_by: self.found_by.clone(),
            retention: self.retention.clone(),
            erasure,
            why_kept: why,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::platform::db::SCHEMA_SQL;

    const CLASSES: [&str; 6] = [
        "none",
        "technical",
        "account",
        "contact",
        "content",
        "pseudonym",
    ];

    /// Columns as SQLite reads the schema.
    fn columns() -> BTreeSet<(String, String)> {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        database.execute_batch(SCHEMA_SQL).unwrap();
        let mut statement = database
            .prepare(
                "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_column_is_in_the_register_and_no_row_of_it_is_stale() {
        let register = Register::read().unwrap();
        let listed: BTreeSet<(String, String)> = register
            .tables
            .iter()
            .flat_map(|(table, rows)| rows.keys().map(move |name| (table.clone(), name.clone())))
            .collect();
        let columns = columns();
        let missing: Vec<_> = columns.difference(&listed).collect();
        let stale: Vec<_> = listed.difference(&columns).collect();
        assert!(missing.is_empty(), "not classified: {missing:?}");
        assert!(stale.is_empty(), "not in the schema: {stale:?}");
    }

    #[test]
    fn every_column_has_a_class_and_every_table_one_group() {
        let register = Register::read().unwrap();
        for (table, rows) in &register.tables {
            let groups = register.group.values();
            let times = groups.filter(|group| group.tables.contains(table)).count();
            assert_eq!(times, 1, "{table} belongs to {times} groups");
            for (column, said) in rows {
                let is_well_formed = said
                    .split_once(": ")
                    .is_some_and(|(class, why)| CLASSES.contains(&class) && !why.is_empty());
                assert!(is_well_formed, "{table}.{column}: {said:?}");
            }
        }
    }

    #[test]
    fn what_a_group_names_exists_and_what_is_kept_says_why() {
        let register = Register::read().unwrap();
        for (name, group) in &register.group {
            for table in &group.tables {
                assert!(register.tables.contains_key(table), "{name}: {table}");
            }
            for (column, said) in &group.except {
                let (table, column) = column.split_once('.').unwrap();
                assert!(register.tables[table].contains_key(column), "{column}");
                assert!(said.starts_with("blank: ") || said.starts_with("keep: "));
            }
            assert_eq!(
                group.erasure == Erasure::Keep,
                group.why.is_some(),
                "{name}"
            );
        }
        for (name, place) in &register.place {
            assert_eq!(
                place.erasure == Erasure::Keep,
                place.why.is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn the_inventory_has_a_row_for_every_column_and_place() {
        let register = Register::read().unwrap();
        let inventory = register.inventory();
        assert_eq!(inventory.len(), columns().len() + register.place.len());
        let quote = inventory
            .iter()
            .find(|entry| entry.name == "quotes.lead_id")
            .unwrap();
        assert_eq!(quote.erasure, Erasure::Blank);
        assert!(quote.why_kept.is_some());
    }
}

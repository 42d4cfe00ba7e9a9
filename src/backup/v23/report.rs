//! What became of the rows: counts, and what could not be taken over, by table, id and field.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::source::Source;
use super::values::Fault;
use super::{EXPERIMENTS_FILE, mapping};

/// What became of the rows of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    read: u64,
    taken: u64,
    known: u64,
    left_out: u64,
}

/// What was wrong with a row. Nothing of what it says stands here.
#[derive(Debug)]
struct Remark {
    table: String,
    id: Option<i64>,
    field: &'static str,
    why: String,
    is_left_out: bool,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is here now.
    Taken,
    /// It was here before.
    Known,
    /// It could not be taken over.
    LeftOut(Fault),
}

/// What was taken over, and what not.
#[derive(Debug, Default)]
pub struct Report {
    tables: BTreeMap<String, Counts>,
    remarks: Vec<Remark>,
    /// Rows of tables that are left behind, and of experiments.
    others: BTreeMap<String, u64>,
    /// Records and sessions of persons who were erased here before, and so are erased again.
    pub forgotten: u64,
}

impl Report {
    /// Counts a row.
    pub(super) fn row(&mut self, table: &str, id: Option<i64>, outcome: Outcome) {
        let counts = self.tables.entry(table.to_owned()).or_default();
        counts.read += 1;
        match outcome {
            Outcome::Taken => counts.taken += 1,
            Outcome::Known => counts.known += 1,
            Outcome::LeftOut(fault) => {
                counts.left_out += 1;
                self.remark(table, id, fault, true);
            }
        }
    }

    /// Notes a field that a row was taken over without.
    pub(super) fn without(&mut self, table: &str, id: Option<i64>, fault: Fault) {
        self.remark(table, id, fault, false);
    }

    fn remark(&mut self, table: &str, id: Option<i64>, (field, why): Fault, is_left_out: bool) {
        self.remarks.push(Remark {
            table: table.to_owned(),
            id,
            field,
            why,
            is_left_out,
        });
    }

    /// Notes the tables that nothing was read from.
    pub(super) fn note_others(&mut self, source: &Source) {
        for (name, rows) in source.tables() {
            if !rows.is_empty() && !self.tables.contains_key(name) {
                self.others.insert(name.to_owned(), rows.len() as u64);
            }
        }
    }

    /// How many rows of each table are here now.
    pub(super) fn taken(&self) -> BTreeMap<&str, u64> {
        let tables = self.tables.iter();
        tables
            .map(|(name, counts)| (name.as_str(), counts.taken))
            .collect()
    }

    /// For people, a line each.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for (table, counts) in &self.tables {
            let Counts {
                read,
                taken,
                known,
                left_out,
            } = counts;
            let table = table.escape_debug();
            // Writing into a String does not fail.
            let _ = writeln!(
                text,
                "{table}: {read} read, {taken} taken, {known} here already, {left_out} left out"
            );
        }
        for remark in &self.remarks {
            let id = remark
                .id
                .map_or_else(|| "without id".to_owned(), |id| id.to_string());
            let what = if remark.is_left_out {
                "left out"
            } else {
                "taken without"
            };
            let (table, field, why) = (&remark.table, remark.field, &remark.why);
            let _ = writeln!(text, "  {table} {id}, {what}: {field} {why}");
        }
        for (table, rows) in &self.others {
            let where_to = if mapping::EXPERIMENTS.contains(&table.as_str()) {
                format!("kept in {EXPERIMENTS_FILE}, with no table of their own")
            } else {
                "has no place here and stays behind".to_owned()
            };
            let _ = writeln!(text, "{}: {rows} rows, {where_to}", table.escape_debug());
        }
        if self.forgotten > 0 {
            let forgotten = self.forgotten;
            let _ = writeln!(
                text,
                "records and sessions of erased persons, erased again: {forgotten}"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_counted_once_and_told_by_table_id_and_field() {
        let mut report = Report::default();
        report.row("leads", Some(1), Outcome::Taken);
        report.row("leads", Some(2), Outcome::Known);
        let fault = ("email", "must be an address".to_owned());
        report.row("leads", Some(3), Outcome::LeftOut(fault.clone()));
        report.without("leads", Some(1), fault);
        assert_eq!(report.taken()["leads"], 1);
        assert_eq!(
            report.told(),
            "leads: 3 read, 1 taken, 1 here already, 1 left out\n  \
             leads 3, left out: email must be an address\n  \
             leads 1, taken without: email must be an address\n"
        );
    }
}

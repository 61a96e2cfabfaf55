//! The journal: append-only, numbered by the store, without personal data.

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde_json::Value;

use super::rows::{converted, parsed, parsed_or_none, plain, time};
use super::{StoreError, Tx, View, ms};
use crate::domain::ids::CaseId;
use crate::journal::EventKind;

/// Who an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with a login.
    Officer(String),
    /// An enrolled machine, e.g. a kiosk that speaks for the applicant.
    Station(String),
    /// The program itself or the person at its command line.
    System,
}

impl Actor {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Officer(_) => "officer",
            Self::Station(_) => "station",
            Self::System => "system",
        }
    }

    /// Returns the login or the station's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Officer(name) | Self::Station(name) => name,
            Self::System => "anjungan",
        }
    }
}

/// An event to be written down.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What happened.
    pub event: EventKind,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// At which station.
    pub station: Option<String>,
    /// The case, if it is about one.
    pub case_id: Option<CaseId>,
    /// Facts of the event; never a NIK, a name or a secret.
    pub detail: Value,
}

/// A number in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry(u64);

impl Entry {
    /// Returns the number.
    #[must_use]
    pub const fn seq(self) -> u64 {
        self.0
    }

    pub(super) fn column(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

/// An event as it stands in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    /// Number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: EventKind,
    /// Who did it: a login or a station's name.
    pub actor: String,
    /// At which station.
    pub station: Option<String>,
    /// The case.
    pub case_id: Option<CaseId>,
    /// Facts of the event.
    pub detail: Value,
}

const COLUMNS: &str = "seq, at_ms, event, actor, station, case_id, detail";

fn read(row: &Row<'_>) -> Result<JournalRow, StoreError> {
    let detail: Detail = converted(row, "detail")?;
    Ok(JournalRow {
        seq: u64::try_from(plain::<i64>(row, "seq")?).map_err(|_| StoreError::Garbled { column: "seq" })?,
        at: time(row, "at_ms")?,
        event: parsed(row, "event")?,
        actor: plain(row, "actor")?,
        station: plain(row, "station")?,
        case_id: parsed_or_none(row, "case_id")?,
        detail: detail.0,
    })
}

struct Detail(Value);

impl TryFrom<String> for Detail {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl Tx<'_> {
    /// Writes an event down and returns its number.
    ///
    /// # Errors
    /// When the engine refuses.
    pub fn note(&self, entry: &NewEntry) -> Result<Entry, StoreError> {
        self.run(
            "INSERT INTO journal (at_ms, office, event, actor_kind, actor, station, case_id, detail)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                ms(entry.at),
                self.office.as_str(),
                entry.event.key(),
                entry.actor.kind(),
                entry.actor.name(),
                entry.station,
                entry.case_id.map(|id| id.to_string()),
                entry.detail.to_string(),
            ],
        )?;
        let seq = self.conn.last_insert_rowid();
        Ok(Entry(u64::try_from(seq).map_err(|_| StoreError::Garbled { column: "seq" })?))
    }
}

impl View<'_> {
    /// Returns the events after a number, oldest first.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse.
    pub fn journal_after(&self, seq: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE office = ? AND seq > ? ORDER BY seq LIMIT ?");
        self.rows(&sql, params![self.office.as_str(), i64::try_from(seq).unwrap_or(i64::MAX), limit], read)
    }

    /// Returns the events of one case, oldest first.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse.
    pub fn journal_of(&self, case: CaseId) -> Result<Vec<JournalRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE office = ? AND case_id = ? ORDER BY seq");
        self.rows(&sql, params![self.office.as_str(), case.to_string()], read)
    }
}

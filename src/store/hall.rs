//! Counters, queues, posts and the notice of the hall; who queued how often on a day.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::rows::{parsed, plain, time};
use super::{StoreError, Tx, View, ms};
use crate::domain::hall::{DeskState, Skills};
use crate::domain::ids::TicketId;
use crate::domain::ticket::Queue;

/// A counter as the hall knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRecord {
    /// Name of the station.
    pub counter: String,
    /// Open, on a break, closed.
    pub state: DeskState,
    /// What it may serve.
    pub skills: Skills,
    /// Login of whoever worked there last.
    pub officer: Option<String>,
    /// In this state since.
    pub since: Timestamp,
    /// Grows with every change; 0 before the first.
    pub version: u32,
}

impl DeskRecord {
    /// A counter about which nobody has decided anything.
    #[must_use]
    pub fn new(counter: &str, at: Timestamp) -> Self {
        Self {
            counter: counter.to_owned(),
            state: DeskState::Open,
            skills: Skills::default(),
            officer: None,
            since: at,
            version: 0,
        }
    }
}

fn read_desk(row: &Row<'_>) -> Result<DeskRecord, StoreError> {
    Ok(DeskRecord {
        counter: plain(row, "counter")?,
        state: parsed(row, "state")?,
        skills: parsed(row, "skills")?,
        officer: plain(row, "officer")?,
        since: time(row, "since_ms")?,
        version: plain(row, "version")?,
    })
}

impl View<'_> {
    /// Finds a counter about which somebody has decided something.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn desk(&self, counter: &str) -> Result<Option<DeskRecord>, StoreError> {
        let sql = "SELECT * FROM hall_desks WHERE office = ? AND counter = ?";
        self.row(sql, params![self.office.as_str(), counter], read_desk)
    }

    /// Lists the names of the enrolled counters.
    #[allow(clippy::missing_errors_doc)]
    pub fn counters(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM stations WHERE office = ? AND kind = 'counter' ORDER BY name LIMIT ?";
        self.rows(sql, params![self.office.as_str(), limit], |row| plain(row, "name"))
    }

    /// Lists the logins of a role.
    #[allow(clippy::missing_errors_doc)]
    pub fn logins(&self, role: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM users WHERE office = ? AND role = ? ORDER BY name LIMIT ?";
        self.rows(sql, params![self.office.as_str(), role, limit], |row| plain(row, "name"))
    }

    /// Returns whether a queue is open, and the version of that decision; 0 before the first.
    #[allow(clippy::missing_errors_doc)]
    pub fn queue_is_open(&self, queue: Queue) -> Result<(bool, u32), StoreError> {
        let sql = "SELECT open, version FROM hall_queues WHERE office = ? AND queue = ?";
        let found = self.row(sql, params![self.office.as_str(), queue.key()], |row| {
            Ok((plain(row, "open")?, plain(row, "version")?))
        })?;
        Ok(found.unwrap_or((true, 0)))
    }

    /// Tells whether the latest call of a day and queue went first.
    #[allow(clippy::missing_errors_doc)]
    pub fn last_went_first(&self, day: Date, queue: Queue) -> Result<bool, StoreError> {
        let sql = "SELECT went_first FROM hall_turns WHERE office = ? AND queue = ? AND day = ?";
        let params = params![self.office.as_str(), queue.key(), day.to_string()];
        Ok(self.row(sql, params, |row| plain(row, "went_first"))?.unwrap_or(false))
    }

    /// Finds the counter to which an officer was sent today.
    #[allow(clippy::missing_errors_doc)]
    pub fn post_of(&self, officer: &str, day: Date) -> Result<Option<String>, StoreError> {
        let sql = "SELECT counter FROM hall_posts WHERE office = ? AND officer = ? AND day = ?";
        self.row(sql, params![self.office.as_str(), officer, day.to_string()], |row| plain(row, "counter"))
    }

    /// Returns the line of text on the boards, and its version; 0 before the first.
    #[allow(clippy::missing_errors_doc)]
    pub fn notice(&self) -> Result<(Option<String>, u32), StoreError> {
        let sql = "SELECT text, version FROM hall_notice WHERE office = ?";
        let found =
            self.row(sql, params![self.office.as_str()], |row| Ok((plain(row, "text")?, plain(row, "version")?)))?;
        Ok(found.unwrap_or((None, 0)))
    }

    /// Counts the tickets of a day that somebody took, by the digest of their NIK.
    #[allow(clippy::missing_errors_doc)]
    pub fn tickets_held(&self, day: Date, digest: &str) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) AS tickets FROM ticket_holders WHERE office = ? AND day = ? AND digest = ?";
        let params = params![self.office.as_str(), day.to_string(), digest];
        Ok(self.row(sql, params, |row| plain(row, "tickets"))?.unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Writes a counter; its version grows.
    ///
    /// # Errors
    /// When the engine refuses; so for every write below.
    pub fn save_desk(&self, desk: &DeskRecord) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO hall_desks (office, counter, state, skills, officer, since_ms, version)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET state = excluded.state, skills = excluded.skills, officer = excluded.officer,
               since_ms = excluded.since_ms, version = excluded.version",
            params![
                self.office.as_str(),
                desk.counter,
                desk.state.key(),
                desk.skills.to_string(),
                desk.officer,
                ms(desk.since),
                desk.version + 1,
            ],
        )?;
        Ok(())
    }

    /// Opens or closes a queue.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_queue(&self, queue: Queue, open: bool, version: u32) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO hall_queues (office, queue, open, version) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET open = excluded.open, version = excluded.version",
            params![self.office.as_str(), queue.key(), open, version],
        )?;
        Ok(())
    }

    /// Keeps whether the latest call of a queue went first.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_turn(&self, day: Date, queue: Queue, went_first: bool) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO hall_turns (office, queue, day, went_first) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET day = excluded.day, went_first = excluded.went_first",
            params![self.office.as_str(), queue.key(), day.to_string(), went_first],
        )?;
        Ok(())
    }

    /// Sends an officer to a counter for a day, or lets them work wherever they like.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_post(&self, officer: &str, day: Date, counter: Option<&str>) -> Result<(), StoreError> {
        match counter {
            Some(counter) => self.run(
                "INSERT INTO hall_posts (office, officer, day, counter) VALUES (?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET day = excluded.day, counter = excluded.counter",
                params![self.office.as_str(), officer, day.to_string(), counter],
            )?,
            None => self.run(
                "DELETE FROM hall_posts WHERE office = ? AND officer = ?",
                params![self.office.as_str(), officer],
            )?,
        };
        Ok(())
    }

    /// Replaces the line of text on the boards.
    #[allow(clippy::missing_errors_doc)]
    pub fn set_notice(&self, text: Option<&str>, version: u32) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO hall_notice (office, text, version) VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET text = excluded.text, version = excluded.version",
            params![self.office.as_str(), text, version],
        )?;
        Ok(())
    }

    /// Counts a ticket of a day for somebody, by the digest of their NIK.
    #[allow(clippy::missing_errors_doc)]
    pub fn add_holder(&self, day: Date, digest: &str, ticket: TicketId) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO ticket_holders (office, day, digest, ticket_id) VALUES (?, ?, ?, ?)",
            params![self.office.as_str(), day.to_string(), digest, ticket.to_string()],
        )?;
        Ok(())
    }

    /// Forgets who queued before a day.
    #[allow(clippy::missing_errors_doc)]
    pub fn forget_holders(&self, before: Date) -> Result<usize, StoreError> {
        let sql = "DELETE FROM ticket_holders WHERE office = ? AND day < ?";
        self.run(sql, params![self.office.as_str(), before.to_string()])
    }
}

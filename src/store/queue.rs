//! Rows of `tickets`. The order of a queue is the journal's, never the clock's.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Row, params};

use super::journal::Entry;
use super::rows::{day, parsed, parsed_or_none, plain, time, time_or_none};
use super::{StoreError, Tx, View, ms};
use crate::domain::ids::{CaseId, TicketId};
use crate::domain::priority::Priority;
use crate::domain::ticket::{Queue, Series, TicketNumber, TicketState};

/// A ticket that enters a queue.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Names it.
    pub ticket_id: TicketId,
    /// Business day.
    pub day: Date,
    /// Which queue.
    pub queue: Queue,
    /// Number as printed.
    pub number: TicketNumber,
    /// Its case; none for somebody who wants help in person.
    pub case_id: Option<CaseId>,
    /// Why its holder should not wait long.
    pub priority: Option<Priority>,
    /// Waiting since.
    pub since: Timestamp,
    /// The event with which it entered: its place in the queue.
    pub entered: Entry,
}

/// A ticket as it stands.
#[derive(Debug, Clone)]
pub struct TicketRecord {
    /// Names it.
    pub ticket_id: TicketId,
    /// Business day.
    pub day: Date,
    /// Which queue.
    pub queue: Queue,
    /// Number as printed.
    pub number: TicketNumber,
    /// Its case; none for somebody who wants help in person.
    pub case_id: Option<CaseId>,
    /// Why its holder should not wait long.
    pub priority: Option<Priority>,
    /// How far it is.
    pub state: TicketState,
    /// Waiting since.
    pub since: Timestamp,
    /// Counter that called or serves it.
    pub counter: Option<String>,
    /// Serial of its latest call.
    pub call_serial: Option<u64>,
    /// When it was called for the first time.
    pub called_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: u32,
    /// Calls and recalls since it last entered a queue.
    pub calls: u32,
    /// Login of whoever called it.
    pub officer: Option<String>,
    /// It comes back to a queue through no fault of its holder.
    pub comes_back: bool,
    /// The only counter that may call it.
    pub aimed_at: Option<String>,
    /// When its counter last did something with it.
    pub touched_at: Option<Timestamp>,
    /// When its counter was found silent.
    pub lost_at: Option<Timestamp>,
}

impl TicketRecord {
    /// Tells whether it goes before those who have waited longer, in turns with them.
    #[must_use]
    pub const fn goes_first(&self) -> bool {
        self.priority.is_some() || self.comes_back
    }
}

/// Tickets of a day and queue, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TicketCounts {
    /// All of them.
    pub taken: u32,
    /// Those that wait.
    pub waiting: u32,
}

fn read(row: &Row<'_>) -> Result<TicketRecord, StoreError> {
    let series: String = plain(row, "series")?;
    let number = Series::parse(&series)
        .and_then(|series| TicketNumber::new(series, row.get("number").unwrap_or(0)))
        .map_err(|_| StoreError::Garbled { column: "number" })?;
    let call_serial: Option<i64> = plain(row, "call_serial")?;
    Ok(TicketRecord {
        ticket_id: parsed(row, "ticket_id")?,
        day: day(row, "day")?,
        queue: parsed(row, "queue")?,
        number,
        case_id: parsed_or_none(row, "case_id")?,
        priority: parsed_or_none(row, "priority")?,
        state: parsed(row, "state")?,
        since: time(row, "since_ms")?,
        counter: plain(row, "counter")?,
        call_serial: call_serial.and_then(|serial| u64::try_from(serial).ok()),
        called_at: time_or_none(row, "called_at_ms")?,
        version: plain(row, "version")?,
        calls: plain(row, "calls")?,
        officer: plain(row, "officer")?,
        comes_back: plain(row, "comes_back")?,
        aimed_at: plain(row, "aimed_at")?,
        touched_at: time_or_none(row, "touched_at_ms")?,
        lost_at: time_or_none(row, "lost_at_ms")?,
    })
}

impl View<'_> {
    /// Finds a ticket.
    ///
    /// # Errors
    /// When the engine refuses or a row does not parse; so for every read below.
    pub fn ticket(&self, ticket: TicketId) -> Result<Option<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND ticket_id = ?";
        self.row(sql, params![self.office.as_str(), ticket.to_string()], read)
    }

    /// Finds the ticket of a day by its number.
    #[allow(clippy::missing_errors_doc)]
    pub fn ticket_of_day(
        &self,
        day: Date,
        queue: Queue,
        number: TicketNumber,
    ) -> Result<Option<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND queue = ? AND series = ? AND number = ?";
        let series = number.series().to_string();
        self.row(sql, params![self.office.as_str(), day.to_string(), queue.key(), series, number.number()], read)
    }

    /// Lists the waiting tickets of a queue, longest waiting first.
    #[allow(clippy::missing_errors_doc)]
    pub fn waiting(&self, day: Date, queue: Queue, limit: u32) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting'
                   ORDER BY entered_seq LIMIT ?";
        self.rows(sql, params![self.office.as_str(), day.to_string(), queue.key(), limit], read)
    }

    /// Finds whoever has waited longest in a queue for a counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn longest(&self, day: Date, queue: Queue, counter: &str) -> Result<Option<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting'
                     AND (aimed_at IS NULL OR aimed_at = ?)
                   ORDER BY entered_seq LIMIT 1";
        self.row(sql, params![self.office.as_str(), day.to_string(), queue.key(), counter], read)
    }

    /// Finds the first of those in a queue who go before the others.
    #[allow(clippy::missing_errors_doc)]
    pub fn first(&self, day: Date, queue: Queue, counter: &str) -> Result<Option<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting'
                     AND (priority IS NOT NULL OR comes_back = 1) AND (aimed_at IS NULL OR aimed_at = ?)
                   ORDER BY entered_seq LIMIT 1";
        self.row(sql, params![self.office.as_str(), day.to_string(), queue.key(), counter], read)
    }

    /// Counts the tickets of a day and queue.
    #[allow(clippy::missing_errors_doc)]
    pub fn counts(&self, day: Date, queue: Queue) -> Result<TicketCounts, StoreError> {
        let count = |sql: &str| -> Result<u32, StoreError> {
            let params = params![self.office.as_str(), day.to_string(), queue.key()];
            Ok(self.row(sql, params, |row| plain(row, "tickets"))?.unwrap_or(0))
        };
        Ok(TicketCounts {
            taken: count("SELECT count(*) AS tickets FROM tickets WHERE office = ? AND day = ? AND queue = ?")?,
            waiting: count(
                "SELECT count(*) AS tickets FROM tickets
                 WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting'",
            )?,
        })
    }

    /// Returns since when the longest wait of a queue goes on.
    #[allow(clippy::missing_errors_doc)]
    pub fn waiting_since(&self, day: Date, queue: Queue) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(since_ms) AS since_ms FROM tickets
                   WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting'";
        let params = params![self.office.as_str(), day.to_string(), queue.key()];
        Ok(self.row(sql, params, |row| time_or_none(row, "since_ms"))?.flatten())
    }

    /// Lists the called and serving tickets, latest call first: those of a day, and what is still being served of an
    /// earlier one.
    #[allow(clippy::missing_errors_doc)]
    pub fn called(&self, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND (day = ? OR state = 'serving') AND state <> 'held'
                     AND state IN ('called', 'serving', 'held')
                   ORDER BY call_serial DESC NULLS LAST, entered_seq";
        self.rows(sql, params![self.office.as_str(), day.to_string()], read)
    }

    /// Lists what is at a counter, whatever its day.
    #[allow(clippy::missing_errors_doc)]
    pub fn at_counters(&self) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND state IN ('called', 'serving', 'held')
                     AND state <> 'held' ORDER BY call_serial";
        self.rows(sql, params![self.office.as_str()], read)
    }

    /// Lists the tickets of a day that are laid aside.
    #[allow(clippy::missing_errors_doc)]
    pub fn held(&self, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND state = 'held'
                     AND state IN ('called', 'serving', 'held')
                   ORDER BY call_serial DESC";
        self.rows(sql, params![self.office.as_str(), day.to_string()], read)
    }

    /// Lists the tickets of a day whose holders did not come, latest call first.
    #[allow(clippy::missing_errors_doc)]
    pub fn missed(&self, day: Date, limit: u32) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND state = 'no_show'
                     AND state IN ('no_show', 'expired')
                   ORDER BY call_serial DESC LIMIT ?";
        self.rows(sql, params![self.office.as_str(), day.to_string(), limit], read)
    }

    /// Finds what an officer, or a counter, is at.
    #[allow(clippy::missing_errors_doc)]
    pub fn at_hand(&self, officer: &str, counter: &str) -> Result<Option<TicketRecord>, StoreError> {
        let sql =
            "SELECT * FROM tickets WHERE office = ? AND state IN ('called', 'serving', 'held') AND state <> 'held'
                     AND (officer = ? OR counter = ?) LIMIT 1";
        self.row(sql, params![self.office.as_str(), officer, counter], read)
    }

    /// Lists the latest calls of a day, newest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn last_calls(&self, day: Date, limit: u32) -> Result<Vec<TicketRecord>, StoreError> {
        // Who was sent back to wait has no counter any more.
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND call_serial IS NOT NULL
                     AND state NOT IN ('waiting', 'expired')
                   ORDER BY call_serial DESC LIMIT ?";
        self.rows(sql, params![self.office.as_str(), day.to_string(), limit], read)
    }

    /// Lists the tickets of a queue that were called for the first time last, newest first: the pace of the day.
    #[allow(clippy::missing_errors_doc)]
    pub fn first_calls(&self, day: Date, queue: Queue, limit: u32) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND queue = ? AND called_at_ms IS NOT NULL
                   ORDER BY called_at_ms DESC LIMIT ?";
        self.rows(sql, params![self.office.as_str(), day.to_string(), queue.key(), limit], read)
    }

    /// Lists the pickup tickets of a day whose KK lies ready at the counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn ready(&self, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT t.* FROM tickets t JOIN cases c ON c.case_id = t.case_id
                   WHERE t.office = ? AND t.day = ? AND t.queue = 'pickup' AND t.state <> 'done'
                     AND c.stage = 'received'
                   ORDER BY t.entered_seq";
        self.rows(sql, params![self.office.as_str(), day.to_string()], read)
    }

    /// Lists the tickets of a case on a day, latest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn tickets_of(&self, case: CaseId, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND case_id = ? AND day = ? ORDER BY entered_seq DESC";
        self.rows(sql, params![self.office.as_str(), case.to_string(), day.to_string()], read)
    }

    /// Finds the ticket of a day under which the holder of a case's slip waits for the KK, or missed their call.
    #[allow(clippy::missing_errors_doc)]
    pub fn open_pickup(&self, case: CaseId, day: Date) -> Result<Option<TicketRecord>, StoreError> {
        let mut tickets = self.tickets_of(case, day)?.into_iter();
        Ok(tickets.find(|ticket| ticket.queue == Queue::Pickup && ticket.state != TicketState::Done))
    }

    /// Returns the serial of the latest call, 0 before the first.
    #[allow(clippy::missing_errors_doc)]
    pub fn call_serial(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COALESCE(MAX(call_serial), 0) AS serial FROM tickets
                   WHERE office = ? AND call_serial IS NOT NULL";
        let serial: Option<i64> = self.row(sql, params![self.office.as_str()], |row| plain(row, "serial"))?;
        Ok(serial.and_then(|serial| u64::try_from(serial).ok()).unwrap_or(0))
    }
}

impl Tx<'_> {
    /// Adds a waiting ticket.
    ///
    /// # Errors
    /// When the engine refuses, also for a second ticket with this number; so for every write below.
    pub fn add_ticket(&self, ticket: &NewTicket) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO tickets (ticket_id, office, day, queue, series, number, case_id, priority, state, since_ms,
               entered_seq)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)",
            params![
                ticket.ticket_id.to_string(),
                self.office.as_str(),
                ticket.day.to_string(),
                ticket.queue.key(),
                ticket.number.series().to_string(),
                ticket.number.number(),
                ticket.case_id.map(|id| id.to_string()),
                ticket.priority.map(Priority::key),
                ms(ticket.since),
                ticket.entered.column(),
            ],
        )?;
        Ok(())
    }

    /// Writes what may change of a ticket; its version grows.
    #[allow(clippy::missing_errors_doc)]
    pub fn save_ticket(&self, ticket: &TicketRecord) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = ?, priority = ?, counter = ?, call_serial = ?, called_at_ms = ?, calls = ?,
               officer = ?, aimed_at = ?, touched_at_ms = ?, lost_at_ms = ?, version = version + 1
             WHERE office = ? AND ticket_id = ?",
            params![
                ticket.state.key(),
                ticket.priority.map(Priority::key),
                ticket.counter,
                ticket.call_serial.and_then(|serial| i64::try_from(serial).ok()),
                ticket.called_at.map(ms),
                ticket.calls,
                ticket.officer,
                ticket.aimed_at,
                ticket.touched_at.map(ms),
                ticket.lost_at.map(ms),
                self.office.as_str(),
                ticket.ticket_id.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Puts a ticket into its queue again, behind everybody. One that comes back goes before others, in turns.
    #[allow(clippy::missing_errors_doc)]
    pub fn wait_again(&self, ticket: &TicketRecord, since: Timestamp, entered: Entry) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = 'waiting', queue = ?, counter = NULL, officer = NULL, calls = 0, aimed_at = ?,
               comes_back = ?, touched_at_ms = NULL, lost_at_ms = NULL, since_ms = ?, entered_seq = ?,
               version = version + 1
             WHERE office = ? AND ticket_id = ?",
            params![
                ticket.queue.key(),
                ticket.aimed_at,
                ticket.comes_back,
                ms(since),
                entered.column(),
                self.office.as_str(),
                ticket.ticket_id.to_string()
            ],
        )?;
        Ok(())
    }

    /// Ends every open ticket of a case in a queue, whatever its day.
    #[allow(clippy::missing_errors_doc)]
    pub fn finish_tickets(&self, case: CaseId, queue: Queue) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = 'done', version = version + 1
             WHERE office = ? AND case_id = ? AND queue = ? AND state NOT IN ('done', 'expired')",
            params![self.office.as_str(), case.to_string(), queue.key()],
        )?;
        Ok(())
    }

    /// Lets a counter's own tickets be called by every counter.
    #[allow(clippy::missing_errors_doc)]
    pub fn aim_at_nobody(&self, day: Date, counter: &str) -> Result<(), StoreError> {
        for queue in Queue::ALL {
            self.run(
                "UPDATE tickets SET aimed_at = NULL, version = version + 1
                 WHERE office = ? AND day = ? AND queue = ? AND state = 'waiting' AND aimed_at = ?",
                params![self.office.as_str(), day.to_string(), queue.key(), counter],
            )?;
        }
        Ok(())
    }

    /// Ends what still waits of the days before one, and returns how many. What is being served goes on.
    #[allow(clippy::missing_errors_doc)]
    pub fn expire_before(&self, day: Date) -> Result<usize, StoreError> {
        let params = params![self.office.as_str(), day.to_string()];
        let waiting = self.run(
            "UPDATE tickets SET state = 'expired', version = version + 1
             WHERE office = ? AND day < ? AND state = 'waiting'",
            params,
        )?;
        let called = self.run(
            "UPDATE tickets SET state = 'expired', version = version + 1
             WHERE office = ? AND day < ? AND state IN ('called', 'serving', 'held') AND state <> 'serving'",
            params,
        )?;
        Ok(waiting + called)
    }

    /// Lets what was ended of a day wait again, in its old order, and returns how many: the clock had run ahead.
    #[allow(clippy::missing_errors_doc)]
    pub fn revive(&self, day: Date) -> Result<usize, StoreError> {
        self.run(
            "UPDATE tickets SET state = 'waiting', counter = NULL, officer = NULL, calls = 0, version = version + 1
             WHERE office = ? AND day = ? AND state = 'expired' AND state IN ('no_show', 'expired')",
            params![self.office.as_str(), day.to_string()],
        )
    }
}

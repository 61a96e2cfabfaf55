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

    /// Lists the waiting tickets of a day, longest waiting first.
    #[allow(clippy::missing_errors_doc)]
    pub fn waiting(&self, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND state = 'waiting' ORDER BY entered_seq";
        self.rows(sql, params![self.office.as_str(), day.to_string()], read)
    }

    /// Lists the called and serving tickets of a day, latest call first.
    #[allow(clippy::missing_errors_doc)]
    pub fn called(&self, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND state IN ('called', 'serving')
                   ORDER BY call_serial DESC NULLS LAST, entered_seq";
        self.rows(sql, params![self.office.as_str(), day.to_string()], read)
    }

    /// Lists the latest calls of a day, newest first.
    #[allow(clippy::missing_errors_doc)]
    pub fn last_calls(&self, day: Date, limit: u32) -> Result<Vec<TicketRecord>, StoreError> {
        let sql = "SELECT * FROM tickets WHERE office = ? AND day = ? AND call_serial IS NOT NULL
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

    /// Writes what may change of a ticket.
    #[allow(clippy::missing_errors_doc)]
    pub fn save_ticket(&self, ticket: &TicketRecord) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = ?, priority = ?, counter = ?, call_serial = ?, called_at_ms = ?
             WHERE office = ? AND ticket_id = ?",
            params![
                ticket.state.key(),
                ticket.priority.map(Priority::key),
                ticket.counter,
                ticket.call_serial.and_then(|serial| i64::try_from(serial).ok()),
                ticket.called_at.map(ms),
                self.office.as_str(),
                ticket.ticket_id.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Puts a ticket whose holder missed the call back into its queue, behind everybody.
    #[allow(clippy::missing_errors_doc)]
    pub fn wait_again(&self, ticket: TicketId, since: Timestamp, entered: Entry) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = 'waiting', counter = NULL, since_ms = ?, entered_seq = ?
             WHERE office = ? AND ticket_id = ?",
            params![ms(since), entered.column(), self.office.as_str(), ticket.to_string()],
        )?;
        Ok(())
    }

    /// Ends every open ticket of a case in a queue, whatever its day.
    #[allow(clippy::missing_errors_doc)]
    pub fn finish_tickets(&self, case: CaseId, queue: Queue) -> Result<(), StoreError> {
        self.run(
            "UPDATE tickets SET state = 'done'
             WHERE office = ? AND case_id = ? AND queue = ? AND state IN ('waiting', 'called', 'serving', 'no_show')",
            params![self.office.as_str(), case.to_string(), queue.key()],
        )?;
        Ok(())
    }
}

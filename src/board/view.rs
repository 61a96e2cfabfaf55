//! What the board shows, as plain data: one field for each property of the contract.

use super::flow::BoardFlow;
use crate::domain::office::long_date_text;
use crate::domain::ticket::{Queue, TicketState};
use crate::wire::queue::{Hall, TicketRow};

/// Earlier calls on the board.
const LAST_CALLS_MAX: usize = 5;
/// Tickets in the strip of those that are ready.
const READY_MAX: usize = 12;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLine {
    /// Number.
    pub ticket: String,
    /// Where to.
    pub counter: String,
    /// What for.
    pub queue: String,
}

/// Everything on the window. Names follow `ui/api/board.slint`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct BoardView {
    pub office_name: String,
    pub clock: String,
    pub date: String,
    pub now: Option<CallLine>,
    pub call_serial: u64,
    pub last: Vec<CallLine>,
    pub waiting_verification: usize,
    pub waiting_pickup: usize,
    pub ready: Vec<String>,
    /// How long whoever joins now will wait; negative while too little is known.
    pub wait_minutes: i32,
    /// What the office tells everybody; empty for nothing.
    pub notice: String,
    pub age_s: u32,
    pub simulated: bool,
}

impl BoardFlow {
    /// Words the state for the window.
    #[must_use]
    pub fn view(&self) -> BoardView {
        let hall = self.hall.as_ref();
        let waiting = |queue| hall.map_or(0, |hall| hall.waiting.iter().filter(|row| row.queue == queue).count());
        let calls = hall.map(calls).unwrap_or_default();
        // What is heard is what is seen: the number being read aloud, and otherwise the latest. Whoever did not come, or is
        // done, is no longer called; the board goes on with the next one.
        let said = self.announcer.saying().map(|call| call.ticket_id);
        let at = said.and_then(|said| calls.iter().position(|row| row.ticket_id == said)).unwrap_or(0);
        let now = calls.get(at).filter(|row| said == Some(row.ticket_id) || is_open(row)).map(|row| line(row));
        let shown = now.as_ref().map(|_| at);
        let last = calls.iter().enumerate().filter(|(other, _)| shown != Some(*other)).map(|(_, row)| row);
        BoardView {
            office_name: self.facts.office.clone(),
            clock: self.facts.zone.clock_text(self.now),
            date: long_date_text(self.facts.zone.day(self.now)),
            now,
            call_serial: hall.map_or(0, |hall| hall.call_serial),
            last: last.take(LAST_CALLS_MAX).map(|row| line(row)).collect(),
            waiting_verification: waiting(Queue::Verification),
            waiting_pickup: waiting(Queue::Pickup),
            ready: hall.iter().flat_map(|hall| &hall.ready).take(READY_MAX).map(ToString::to_string).collect(),
            wait_minutes: hall
                .and_then(|hall| hall.wait_minutes)
                .and_then(|minutes| i32::try_from(minutes).ok())
                .unwrap_or(-1),
            notice: hall.and_then(|hall| hall.floor.notice.clone()).unwrap_or_default(),
            age_s: self.age_s,
            simulated: self.simulated,
        }
    }
}

/// Calls, newest first, each ticket once; an open call stands before what is over.
fn calls(hall: &Hall) -> Vec<&TicketRow> {
    let mut rows: Vec<&TicketRow> = Vec::new();
    for row in hall.called.iter().chain(&hall.last_calls) {
        if !rows.iter().any(|known| known.ticket_id == row.ticket_id && known.number == row.number) {
            rows.push(row);
        }
    }
    rows
}

const fn is_open(row: &TicketRow) -> bool {
    matches!(row.state, TicketState::Called | TicketState::Serving)
}

fn line(row: &TicketRow) -> CallLine {
    CallLine {
        ticket: row.number.to_string(),
        counter: row.counter.clone().unwrap_or_default(),
        queue: row.queue.title().to_owned(),
    }
}

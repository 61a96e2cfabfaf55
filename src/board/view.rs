//! What the board shows, as plain data: one field for each property of the contract.

use super::flow::BoardFlow;
use crate::domain::hall::DeskState;
use crate::domain::office::long_date_text;
use crate::domain::ticket::{Queue, TicketState};
use crate::wire::hall::CounterState;
use crate::wire::queue::{Hall, TicketRow};

/// Earlier calls on the board.
const LAST_CALLS_MAX: usize = 5;
/// Tickets in the strip of those that are ready.
const READY_MAX: usize = 12;
/// Counters that are named one by one; more are counted.
const DESKS_NAMED_MAX: usize = 5;

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
    /// Which counters are open and which rest; empty while that is not known.
    pub desks: String,
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
            desks: hall.map(|hall| desk_words(&hall.floor.counters)).unwrap_or_default(),
            notice: hall.and_then(|hall| hall.floor.notice.clone()).unwrap_or_default(),
            age_s: self.age_s,
            simulated: self.simulated,
        }
    }
}

/// Where people are served, and where for the moment nobody is.
fn desk_words(counters: &[CounterState]) -> String {
    let named = |state: DeskState| {
        let names: Vec<&str> =
            counters.iter().filter(|counter| counter.state == state).map(|counter| counter.name.as_str()).collect();
        match names.len() {
            0 => None,
            1..=DESKS_NAMED_MAX => Some(names.join(", ")),
            more => Some(format!("{more} loket")),
        }
    };
    let open = named(DeskState::Open).map(|names| format!("Buka: {names}"));
    let resting = named(DeskState::Break).map(|names| format!("Istirahat: {names}"));
    match (open, resting) {
        (None, None) if counters.is_empty() => String::new(),
        (None, None) => "Belum ada loket yang buka".to_owned(),
        (open, resting) => open.into_iter().chain(resting).collect::<Vec<_>>().join("  ·  "),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hall::Skills;

    fn counter(number: usize, state: DeskState) -> CounterState {
        CounterState {
            name: format!("Loket {number}"),
            state,
            skills: Skills::default(),
            officer: None,
            ticket: None,
            since: jiff::Timestamp::UNIX_EPOCH,
            version: 0,
        }
    }

    #[test]
    fn the_hall_reads_where_people_are_served() {
        let words = |states: &[DeskState]| {
            let counters: Vec<_> = states.iter().enumerate().map(|(at, state)| counter(at + 1, *state)).collect();
            desk_words(&counters)
        };
        let (open, rest, closed) = (DeskState::Open, DeskState::Break, DeskState::Closed);
        assert_eq!(words(&[]), "", "an older hub says nothing");
        assert_eq!(words(&[open, closed, rest, open]), "Buka: Loket 1, Loket 4  ·  Istirahat: Loket 3");
        assert_eq!(words(&[rest]), "Istirahat: Loket 1");
        assert_eq!(words(&[closed, closed]), "Belum ada loket yang buka");
        assert_eq!(words(&[open; 9]), "Buka: 9 loket");
    }
}

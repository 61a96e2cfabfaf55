//! The sheet about numbers and this counter: to call a number, set one aside, send one elsewhere, take a break.

use super::CounterFlow;
use super::asking::Decision;
use super::messages::TicketStep;
use crate::domain::case_search::Wanted;
use crate::domain::hall::DeskState;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::wire::hall::CounterState;
use crate::wire::queue::TicketRow;

/// Places that are offered for a transfer.
const PLACES_MAX: usize = 6;

/// A place that a called number may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::counter) struct Place {
    /// For choosing it.
    pub(in crate::counter) key: String,
    queue: Queue,
    counter: Option<String>,
}

impl Place {
    pub(in crate::counter) fn title(&self) -> String {
        match &self.counter {
            Some(counter) => format!("Ke {counter}"),
            None => format!("Ke antrean {}", self.queue.title()),
        }
    }
}

impl CounterFlow {
    fn counters(&self) -> impl Iterator<Item = &CounterState> {
        self.hall.iter().flat_map(|hall| &hall.floor.counters)
    }

    fn own_counter(&self) -> Option<&CounterState> {
        self.counters().find(|counter| counter.name == self.facts.counter)
    }

    /// What this counter does; an older hub knows only open ones.
    pub(in crate::counter) fn desk_state(&self) -> DeskState {
        self.own_counter().map_or(DeskState::Open, |counter| counter.state)
    }

    /// Where whoever was called here may be sent: the other queues first, then the other open counters that serve theirs.
    pub(in crate::counter) fn places(&self) -> Vec<Place> {
        let Some(called) = &self.called else { return Vec::new() };
        let queues = Queue::ALL.into_iter().filter(|queue| *queue != called.queue);
        // Nobody collects who has no case.
        let queues = queues.filter(|queue| *queue != Queue::Pickup || called.case_id.is_some());
        let queues = queues.map(|queue| Place { key: format!("q:{}", queue.key()), queue, counter: None });
        let others = self.counters().filter(|other| {
            other.name != self.facts.counter && other.state == DeskState::Open && other.skills.has(called.queue)
        });
        let others = others.map(|other| Place {
            key: format!("c:{}", other.name),
            queue: called.queue,
            counter: Some(other.name.clone()),
        });
        queues.chain(others).take(PLACES_MAX).collect()
    }

    pub(super) fn transfer(&mut self, key: &str) {
        let Some(place) = self.places().into_iter().find(|place| place.key == key) else { return };
        let Some((ticket, version)) = self.called_version() else { return };
        self.decide(Decision::Transfer { ticket, version, queue: place.queue, counter: place.counter });
    }

    /// Numbers that were set aside: who comes back, then who did not come; latest first, as the hub gives them.
    pub(in crate::counter) fn aside(&self) -> impl Iterator<Item = &TicketRow> {
        let floor = self.hall.iter().map(|hall| &hall.floor);
        floor.flat_map(|floor| floor.held.iter().chain(&floor.missed))
    }

    fn aside_row(&self, key: &str) -> Option<&TicketRow> {
        let ticket = key.strip_prefix("t:")?.parse().ok()?;
        self.aside().find(|row| row.ticket_id == ticket)
    }

    pub(super) fn call_aside(&mut self, key: &str) {
        let row = self.aside_row(key).map(|row| (row.queue, row.number));
        match row {
            Some((queue, number)) => self.decide(Decision::CallNumber { queue, number }),
            None => self.fail(Failure::TicketUnknown),
        }
    }

    pub(super) fn restore(&mut self, key: &str) {
        let row = self.aside_row(key).map(|row| (row.ticket_id, row.version));
        match row {
            Some((ticket, version)) => {
                self.decide(Decision::Step { step: TicketStep::Restore, ticket, version });
            }
            None => self.fail(Failure::TicketUnknown),
        }
    }

    /// Calls a number as somebody says it: `A-012`, `a12`, `A 12`.
    pub(super) fn call_number(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let Ok(Wanted::Ticket(number)) = Wanted::typed(text) else {
            self.fail(Failure::TicketUnknown);
            return;
        };
        let waiting = self.hall.iter().flat_map(|hall| &hall.waiting);
        let known = waiting.chain(self.aside()).find(|row| row.number == number).map(|row| row.queue);
        // The hub knows numbers that this list does not show, and says what is wrong with the others.
        self.decide(Decision::CallNumber { queue: known.unwrap_or(Queue::Verification), number });
    }

    pub(super) fn set_desk(&mut self, state: DeskState) {
        let version = self.own_counter().map_or(0, |counter| counter.version);
        self.decide(Decision::SetCounter { version, state });
    }

    pub(super) fn toggle_break(&mut self) {
        self.set_desk(if self.desk_state() == DeskState::Open { DeskState::Break } else { DeskState::Open });
    }

    pub(super) fn desk_decided(&mut self, state: DeskState) {
        let counter = self.facts.counter.clone();
        // The hub's next word about the hall brings the version; until then this is what was decided.
        if let Some(own) = self.hall.as_mut().and_then(|hall| {
            let mut counters = hall.floor.counters.iter_mut();
            counters.find(|other| other.name == counter)
        }) {
            own.state = state;
        }
        self.tell(match state {
            DeskState::Open => format!("{counter} buka."),
            DeskState::Break => format!("{counter} istirahat."),
            DeskState::Closed => format!("{counter} tutup."),
        });
    }
}

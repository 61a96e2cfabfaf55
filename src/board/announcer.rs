//! Which call is read aloud next. One announcement at a time, in the order of the calls; nothing overlaps, nothing is
//! cut, nobody is called who already stands at the counter.

use std::collections::VecDeque;

use jiff::civil::Date;

use super::words::CallForm;
use crate::domain::ids::TicketId;
use crate::domain::ticket::{Queue, TicketNumber, TicketState};
use crate::wire::queue::{Hall, TicketRow};

/// Calls that wait to be said. An office with twenty counters calls fewer in the minute that this takes.
const WAITING_MAX: usize = 24;
/// An announcement of which nothing was heard for this long is taken as said: a voice that hangs must not silence the
/// hall for good.
const SAYING_MAX_S: u32 = 30;

/// A call on its way to the loudspeaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: TicketNumber,
    /// What for.
    pub queue: Queue,
    /// Where to.
    pub counter: String,
    /// Which call of this number it is.
    pub form: CallForm,
    serial: u64,
}

/// The one queue of announcements of a hall.
#[derive(Debug, Default)]
pub struct Announcer {
    day: Option<Date>,
    /// The latest call that was taken into the queue.
    heard: u64,
    waiting: VecDeque<Call>,
    saying: Option<Call>,
    saying_s: u32,
}

impl Announcer {
    /// What is being said.
    #[must_use]
    pub const fn saying(&self) -> Option<&Call> {
        self.saying.as_ref()
    }

    /// How many wait to be said.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the calls of the hall that are new. The first hall of a board brings none: what was called before it was
    /// switched on has been heard.
    pub fn take(&mut self, hall: &Hall) {
        let known = self.day.is_some();
        if self.day != Some(hall.day) {
            let heard = if known { 0 } else { hall.call_serial };
            let saying = self.saying.take();
            *self = Self { day: Some(hall.day), heard, saying, saying_s: self.saying_s, ..Self::default() };
        }
        let heard = self.heard;
        let mut calls: Vec<(u64, &TicketRow)> = hall
            .called
            .iter()
            .chain(&hall.last_calls)
            .filter_map(|row| row.call_serial.filter(|serial| *serial > heard).map(|serial| (serial, row)))
            .collect();
        calls.sort_by_key(|(serial, _)| *serial);
        calls.dedup_by_key(|(serial, _)| *serial);
        for (serial, row) in calls {
            self.add(serial, row, hall.floor.calls_before_no_show);
        }
        self.heard = heard.max(hall.call_serial);
        // Whoever came, was passed over or called back to wait need not be called any more.
        let still = |call: &Call| {
            let same = |row: &&TicketRow| row.ticket_id == call.ticket_id;
            hall.called.iter().find(same).is_some_and(|row| row.state == TicketState::Called)
        };
        self.waiting.retain(still);
    }

    fn add(&mut self, serial: u64, row: &TicketRow, calls_max: u32) {
        let form = match row.calls {
            0 | 1 => CallForm::First,
            // After this one the number is passed over.
            calls if calls == calls_max => CallForm::Last,
            _ => CallForm::Again,
        };
        let call = Call {
            ticket_id: row.ticket_id,
            number: row.number,
            queue: row.queue,
            counter: row.counter.clone().unwrap_or_default(),
            form,
            serial,
        };
        // Called again before the first call was said: said once, at its place, and it is the first.
        if let Some(before) = self.waiting.iter_mut().find(|before| before.ticket_id == call.ticket_id) {
            *before = Call { form: before.form, ..call };
            return;
        }
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(call);
    }

    /// What is to be said now: nothing while something is being said.
    pub fn begin_next(&mut self) -> Option<&Call> {
        if self.saying.is_some() {
            return None;
        }
        self.saying = self.waiting.pop_front();
        self.saying_s = 0;
        self.saying.as_ref()
    }

    /// The announcement is over, heard or not.
    pub fn said(&mut self) {
        self.saying = None;
    }

    /// It was not heard. The next one waits a little: the chime, at least, may be sounding.
    pub fn failed(&mut self) {
        self.saying_s = SAYING_MAX_S - 2;
    }

    /// Nothing is said here at all.
    pub fn keep_silent(&mut self) {
        self.waiting.clear();
        self.saying = None;
    }

    /// A second passed.
    pub fn tick(&mut self) {
        if self.saying.is_some() {
            self.saying_s += 1;
            if self.saying_s >= SAYING_MAX_S {
                self.saying = None;
            }
        }
    }
}

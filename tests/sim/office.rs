//! What a day needs of an office, and the office in memory: the rules of `domain::hall` and nothing else.

use anjungan::domain::hall::Line;
use anjungan::domain::pace::{CALLS_LOOKED_AT, Call, wait_minutes};
use jiff::Timestamp;

/// Calls before somebody is said not to have come.
pub const CALLS: u32 = 3;

/// An office of one queue. People and counters have numbers; times are milliseconds of the day.
pub trait Office {
    /// The clock moves on.
    fn now(&mut self, ms: i64);
    /// Somebody takes a ticket. Returns how long they will wait, in minutes, as they are told before.
    fn take(&mut self, who: usize, goes_first: bool) -> Option<u32>;
    /// A counter calls the next one.
    fn call(&mut self, counter: usize) -> Option<usize>;
    fn recall(&mut self, counter: usize, who: usize);
    fn no_show(&mut self, counter: usize, who: usize);
    /// Whoever missed the call waits again.
    fn restore(&mut self, counter: usize, who: usize);
    fn finish(&mut self, counter: usize, who: usize);
}

/// When the days begin: 08.00 WIB.
pub fn instant(ms: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
    Timestamp::from_millisecond(start.as_millisecond() + ms).unwrap()
}

pub struct InMemory {
    now: i64,
    line: Line<usize>,
    first: Vec<bool>,
    since: Vec<i64>,
    called: Vec<bool>,
    calls: Vec<Call>,
}

impl InMemory {
    pub fn new(_counters: usize) -> Self {
        let (first, since, called, calls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { now: 0, line: Line::new(false), first, since, called, calls }
    }
}

impl Office for InMemory {
    fn now(&mut self, ms: i64) {
        self.now = ms;
    }

    fn take(&mut self, who: usize, goes_first: bool) -> Option<u32> {
        assert_eq!(who, self.since.len());
        let latest: Vec<Call> = self.calls.iter().rev().take(CALLS_LOOKED_AT as usize).copied().collect();
        // The earliest of those who wait stands at the head of its part of the line; the day keeps it by number.
        let waiting_since = (0..who).filter(|w| !self.called[*w]).map(|w| self.since[w]).min().map(instant);
        let told = wait_minutes(&latest, self.line.len(), waiting_since, instant(self.now));
        self.since.push(self.now);
        self.first.push(goes_first);
        self.called.push(false);
        self.line.enter(who, goes_first);
        told
    }

    fn call(&mut self, _counter: usize) -> Option<usize> {
        let who = self.line.call()?;
        if !std::mem::replace(&mut self.called[who], true) && self.since[who] <= self.now {
            self.calls.push(Call { since: instant(self.since[who]), called_at: instant(self.now) });
        }
        Some(who)
    }

    fn recall(&mut self, _counter: usize, _who: usize) {}

    fn no_show(&mut self, _counter: usize, _who: usize) {}

    fn restore(&mut self, _counter: usize, who: usize) {
        self.line.enter(who, self.first[who]);
    }

    fn finish(&mut self, _counter: usize, _who: usize) {}
}

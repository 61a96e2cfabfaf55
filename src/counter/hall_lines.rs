//! Words for the hall: who waits, who was called, what was set aside.

use jiff::Timestamp;

use super::flow::CounterFlow;
use crate::domain::office::{Zone, date_text};
use crate::domain::ticket::{HELP_TITLE, Queue, TicketState};
use crate::wire::case::CaseRow;
use crate::wire::queue::TicketRow;

/// A ticket, or a printed case on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLine {
    /// For opening it.
    pub key: String,
    /// Number.
    pub ticket: String,
    /// Service.
    pub service: String,
    /// What for.
    pub queue: String,
    /// Why this person should not wait long; may be empty.
    pub priority: String,
    /// How long.
    pub waiting: String,
    /// Called to this counter.
    pub called_here: bool,
}

/// A number that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideLine {
    /// For choosing it.
    pub key: String,
    /// Number.
    pub ticket: String,
    /// Service.
    pub service: String,
    /// Why it is not in the queue.
    pub state: String,
}

/// A place that a called number may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceLine {
    /// For choosing it.
    pub key: String,
    /// Words.
    pub title: String,
}

impl CounterFlow {
    pub(super) fn waiting_lines(&self) -> Vec<QueueLine> {
        let line = |(row, called_here): (&TicketRow, bool)| QueueLine {
            key: format!("t:{}", row.ticket_id),
            ticket: row.number.to_string(),
            service: row.title.clone().unwrap_or_default(),
            queue: queue_words(row.queue).to_owned(),
            priority: row.priority.map(|priority| priority.title().to_owned()).unwrap_or_default(),
            waiting: waiting_text(self.now, row.since),
            called_here,
        };
        self.rows().map(line).collect()
    }

    pub(super) fn printed_lines(&self) -> Vec<QueueLine> {
        let printed = self.hall.iter().flat_map(|hall| &hall.printed);
        let line = |row: &CaseRow| QueueLine {
            key: format!("c:{}", row.case_id),
            ticket: row.ticket.to_string(),
            service: row.title.clone(),
            queue: "KK dicetak".to_owned(),
            priority: String::new(),
            waiting: when_text(self.facts.zone, self.now, row.since),
            called_here: false,
        };
        printed.map(line).collect()
    }

    /// Cases of which one is to be chosen.
    pub(super) fn found_lines(&self) -> Vec<QueueLine> {
        let line = |row: &CaseRow| QueueLine {
            key: row.case_id.to_string(),
            ticket: row.ticket.to_string(),
            service: row.title.clone(),
            queue: row.stage.short_words().to_owned(),
            priority: String::new(),
            waiting: date_text(row.day),
            called_here: false,
        };
        self.found_cases().0.iter().map(line).collect()
    }

    /// How often whoever was called here has been called; empty when that is not the question.
    pub(super) fn calls_words(&self) -> String {
        match self.calls() {
            Some((calls, enough)) if calls > 0 && enough > 0 => format!("Panggilan ke-{calls} dari {enough}"),
            _ => String::new(),
        }
    }

    pub(super) fn place_lines(&self) -> Vec<PlaceLine> {
        self.places().into_iter().map(|place| PlaceLine { title: place.title(), key: place.key }).collect()
    }

    pub(super) fn aside_lines(&self) -> Vec<AsideLine> {
        let line = |row: &TicketRow| AsideLine {
            key: format!("t:{}", row.ticket_id),
            ticket: row.number.to_string(),
            service: row.title.clone().unwrap_or_default(),
            state: match row.state {
                TicketState::NoShow => "Tidak hadir".to_owned(),
                _ => "Ditahan".to_owned(),
            },
        };
        self.aside().map(line).collect()
    }
}

/// What the called person came for, and why they should not wait long.
pub(super) fn called_words(row: &TicketRow) -> String {
    let what = if row.case_id.is_some() { row.queue.title() } else { HELP_TITLE };
    match row.priority {
        Some(priority) => format!("{what} · {}", priority.title()),
        None => what.to_owned(),
    }
}

const fn queue_words(queue: Queue) -> &'static str {
    match queue {
        Queue::Verification => "Verifikasi",
        Queue::Pickup => "Pengambilan",
    }
}

/// `baru`, `4 mnt`, `1 j 05 mnt`.
fn waiting_text(now: Timestamp, since: Timestamp) -> String {
    // A kiosk's clock may run ahead of ours.
    let minutes = (now.as_second() - since.as_second()).max(0) / 60;
    match minutes {
        0 => "baru".to_owned(),
        1..60 => format!("{minutes} mnt"),
        _ => format!("{} j {:02} mnt", minutes / 60, minutes % 60),
    }
}

/// The time, and the day when it was not today.
fn when_text(zone: Zone, now: Timestamp, at: Timestamp) -> String {
    let day = zone.day(at);
    if day == zone.day(now) { zone.clock_text(at) } else { format!("{} {}", date_text(day), zone.clock_text(at)) }
}

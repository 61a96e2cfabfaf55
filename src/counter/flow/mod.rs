//! The decisions of the counter: events in, effects out.
//!
//! Nothing here reads a clock, draws chance, owns a thread or keeps a password.

mod asking;
mod case;
mod devices;
mod finding;
mod hall_sheet;
mod handover;
mod messages;
mod overview;
mod queue;
mod session;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use case::{Mark, OpenCase, ScanState};
pub use handover::HandoverPhase;
pub use messages::{
    Ask, CardTrouble, Collector, CounterEffect, CounterEvent, Officer, Private, Refusal, Reply, TicketStep,
};
pub use session::Screen;

use crate::domain::catalogue::Catalogue;
use crate::domain::device::DeviceKind;
use crate::domain::office::Zone;
use crate::domain::slip_token::SCANNED_TEXT_LENGTH_MAX;
use crate::failure::Failure;
use crate::station::devices::DeviceState;
use crate::wire::find::FoundCases;
use crate::wire::problem::Problem;
use crate::wire::queue::{Hall, TicketRow};
use asking::{Background, Named, Names, Pending};

/// How long a notice stays, in seconds.
const NOTICE_SHOWN_S: i64 = 8;

/// What a counter is told once.
#[derive(Debug, Clone)]
pub struct CounterFacts {
    /// Name of the office.
    pub office: String,
    /// Name of this counter, as called.
    pub counter: String,
    /// The office's clock.
    pub zone: Zone,
    /// The KTP-el reader is configured.
    pub has_reader: bool,
}

/// A failure on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Stable code.
    pub code: String,
    /// Heading.
    pub title: String,
    /// What happened.
    pub cause: String,
    /// What to do.
    pub action: String,
}

impl From<Problem> for Failing {
    fn from(problem: Problem) -> Self {
        let cause = match &problem.fact {
            Some(fact) => format!("{} ({fact}).", problem.detail.trim_end_matches('.')),
            None => problem.detail,
        };
        Self { code: problem.code, title: problem.title, cause, action: problem.action }
    }
}

/// A line that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Notice {
    text: String,
    since: Timestamp,
}

/// The counter's state.
pub struct CounterFlow {
    pub(super) facts: CounterFacts,
    pub(super) catalogue: Catalogue,
    pub(super) now: Timestamp,
    devices: BTreeMap<DeviceKind, DeviceState>,
    card_there: Option<devices::CardThere>,
    card_reminded: bool,
    pub(super) staff_open: bool,
    pub(super) hall_open: bool,
    pub(super) note_open: bool,
    /// Cases of which one is to be chosen.
    found: Option<FoundCases>,
    pub(super) online: bool,
    pub(super) screen: Screen,
    pub(super) officer: Option<String>,
    pub(super) hall: Option<Hall>,
    pub(super) called: Option<TicketRow>,
    pub(super) case: Option<OpenCase>,
    pub(super) failing: Option<Failing>,
    notice: Option<Notice>,
    pending: Option<Pending>,
    /// The slip that the hub is being asked for.
    asked_slip: Option<Private>,
    /// A slip that was scanned while the hub was asked for something else.
    held_slip: Option<Private>,
    background: BTreeMap<u64, Background>,
    unanswered: Vec<Named>,
    names: Names,
    asked: u64,
    watches: u64,
    services_known: bool,
    effects: Vec<CounterEffect>,
}

impl std::fmt::Debug for CounterFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CounterFlow").field("counter", &self.facts.counter).finish_non_exhaustive()
    }
}

impl CounterFlow {
    /// Starts at the login. `seed` is random; request identifiers are made from it.
    #[must_use]
    pub fn new(facts: CounterFacts, seed: [u8; 32], now: Timestamp) -> Self {
        Self {
            facts,
            catalogue: Catalogue::built_in(),
            now,
            devices: BTreeMap::new(),
            card_there: None,
            card_reminded: false,
            staff_open: false,
            hall_open: false,
            note_open: false,
            found: None,
            online: true,
            screen: Screen::login(),
            officer: None,
            hall: None,
            called: None,
            case: None,
            failing: None,
            notice: None,
            pending: None,
            asked_slip: None,
            held_slip: None,
            background: BTreeMap::new(),
            unanswered: Vec::new(),
            names: Names::new(seed),
            asked: 0,
            watches: 0,
            services_known: false,
            effects: Vec::new(),
        }
    }

    /// Takes one event and says what is to be done.
    #[must_use]
    pub fn step(&mut self, event: CounterEvent, now: Timestamp) -> Vec<CounterEffect> {
        self.now = now;
        match event {
            CounterEvent::Ticked => self.ticked(),
            CounterEvent::DeviceChanged { device, state } => self.device_changed(device, state),
            CounterEvent::CardSeen { present, card_id } => self.card_seen(present, card_id),
            CounterEvent::StaffToggled => self.staff_open = !self.staff_open,
            CounterEvent::HallChanged(hall) => self.hall_changed(*hall),
            CounterEvent::HubOnline(online) => self.online = online,
            CounterEvent::CaseTouched(case) => self.case_touched(case),
            CounterEvent::HubAnswered { number, answer } => self.answered(number, answer),
            CounterEvent::FailureDismissed => self.failing = None,
            CounterEvent::LogOutAsked => self.log_out(),
            CounterEvent::ScanLoaded(document) => self.scan_known(document, ScanState::Shown),
            CounterEvent::ScanFailed(document) => self.scan_known(document, ScanState::Missing),
            other => match self.screen {
                Screen::Login { .. } => self.step_at_login(other),
                Screen::Desk => self.step_at_desk(other),
            },
        }
        self.take_up_slip();
        std::mem::take(&mut self.effects)
    }

    /// A scanned slip is no second press: it waits its turn, and of two the later one is meant. The slip that is being
    /// opened, read twice, is one slip.
    fn hold_slip(&mut self, text: Private) {
        if self.asked_slip.as_ref().is_none_or(|asked| asked.0 != text.0.trim()) {
            self.held_slip = Some(text);
        }
    }

    /// Opens the slip that had to wait, unless the officer has gone.
    fn take_up_slip(&mut self) {
        if self.is_busy() {
            return;
        }
        self.asked_slip = None;
        let held = self.held_slip.take().filter(|_| matches!(self.screen, Screen::Desk));
        if let Some(text) = held {
            self.slip_shown(text);
        }
    }

    fn step_at_desk(&mut self, event: CounterEvent) {
        match event {
            CounterEvent::CardPlaced { watch } => self.card_placed(watch),
            CounterEvent::CardRead { watch, nik, origin, card_id } => self.card_read(watch, nik, origin, card_id),
            CounterEvent::CardFailed { watch, why } => self.card_failed(watch, why),
            CounterEvent::DocumentSelected(index) => self.select_document(index),
            CounterEvent::DocumentMarked { index, ok } => self.mark_document(index, ok),
            CounterEvent::OverviewToggled => self.toggle_overview(),
            CounterEvent::AllMarked => self.mark_all(),
            CounterEvent::ReasonToggled(key) => self.toggle_reason(&key),
            CounterEvent::ReturnCancelled => self.cancel_return(),
            CounterEvent::HallToggled => self.hall_open = !self.hall_open,
            CounterEvent::NoteToggled => self.note_open = !self.note_open && self.case.is_some(),
            CounterEvent::FoundClosed => self.found = None,
            CounterEvent::SlipScanned(text) if self.is_busy() => self.hold_slip(text),
            // Whatever follows changes what the running request is about: a second press must not count.
            _ if self.is_busy() => {}
            CounterEvent::NextAsked => self.call(crate::domain::ticket::Queue::Verification),
            CounterEvent::PickupAsked => self.call(crate::domain::ticket::Queue::Pickup),
            CounterEvent::RecallAsked => self.step_called(TicketStep::Recall),
            CounterEvent::NoShowAsked => self.step_called(TicketStep::NoShow),
            CounterEvent::HelpFinished if self.is_helping() => self.step_called(TicketStep::Finish),
            CounterEvent::HoldAsked => self.step_called(TicketStep::Hold),
            CounterEvent::SkipAsked => self.step_called(TicketStep::Skip),
            CounterEvent::TransferAsked(key) => self.transfer(&key),
            CounterEvent::NumberTyped(text) => self.call_number(&text),
            CounterEvent::AsideCalled(key) => self.call_aside(&key),
            CounterEvent::AsideRestored(key) => self.restore(&key),
            CounterEvent::DeskAsked(state) => self.set_desk(state),
            CounterEvent::BreakToggled => self.toggle_break(),
            CounterEvent::CodeTyped(text) if text.0.trim().is_empty() => {}
            CounterEvent::CodeTyped(text) => self.code_typed(text),
            CounterEvent::SlipScanned(text) => self.slip_shown(text),
            CounterEvent::FoundOpened(index) => self.open_found(index),
            CounterEvent::NoteWritten(text) => self.write_note(&text),
            CounterEvent::SlipGarbled => self.fail(Failure::SlipUnreadable),
            CounterEvent::RowOpened(key) => self.open_row(&key),
            CounterEvent::CaseAccepted => self.accept_case(),
            CounterEvent::ReturnStarted => self.start_return(),
            CounterEvent::ReturnConfirmed { note } => self.confirm_return(&note),
            CounterEvent::KkReceived => self.receive_kk(),
            CounterEvent::CollectorChosen(who) => self.choose_collector(who),
            CounterEvent::CardAsked => self.ask_card(),
            CounterEvent::HandOverAsked => self.hand_over(),
            CounterEvent::FallbackStarted => self.start_fallback(),
            CounterEvent::FallbackChosen { key, nik, note } => self.choose_fallback(&key, &nik, &note),
            CounterEvent::CaseClosed => self.close_case(),
            // The rest belongs to the login or was taken before.
            _ => {}
        }
    }

    /// A slip was scanned or typed: its case opens in one gesture.
    fn slip_shown(&mut self, text: Private) {
        let trimmed = text.0.trim();
        if text.0.len() > SCANNED_TEXT_LENGTH_MAX || trimmed.is_empty() || trimmed.chars().any(char::is_control) {
            self.fail(Failure::SlipUnreadable);
            return;
        }
        self.failing = None;
        self.found = None;
        let text = Private(trimmed.to_owned());
        self.asked_slip = Some(text.clone());
        self.ask_slip(text);
    }

    fn ticked(&mut self) {
        let age_s = |since: Timestamp| self.now.as_second() - since.as_second();
        // A clock that jumped back must not keep a notice for ever.
        if self.notice.as_ref().is_some_and(|notice| !(0..NOTICE_SHOWN_S).contains(&age_s(notice.since))) {
            self.notice = None;
        }
        if self.online && !self.services_known {
            self.ask_in_background(Background::Services);
        }
        self.keep_watching();
        self.remind_of_card();
    }

    fn catalogue_arrived(&mut self, catalogue: Catalogue) {
        self.catalogue = catalogue;
        self.services_known = true;
    }

    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), since: self.now });
    }

    pub(super) fn notice_text(&self) -> &str {
        self.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    pub(super) const fn waits_for_hub(&self) -> bool {
        self.is_busy()
    }
}

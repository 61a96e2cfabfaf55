//! What the kiosk decides. Pure: events and the time go in, effects come out; no clock, no device, no window.
//!
//! The flow is a place ([`Place`]), the trail of places behind it, and what the person has said so far ([`Session`]).
//! Every screen has a way back and a way to the start, and whatever ends a session wipes all of it.

mod card;
mod choose;
mod comfort;
mod devices;
mod event;
mod guide;
mod hours;
mod identify;
mod idle;
mod numbers;
mod scan;
mod session;
mod staff;
mod submit;
mod typed;

pub use comfort::{Comfort, Contrast, TextSize, Turn};
pub use event::{Application, DocumentTaken, KioskEffect, KioskEvent, Receipt, SeenDoubt, Touch, Who};
pub(super) use guide::GUIDE_CARD;
pub use idle::IDLE_WARNING;
pub(super) use numbers::NO_PRIORITY;
pub use session::{Errand, ListPhase};
pub(super) use session::{NikIssue, Purpose, ScanState, Scope, Session, SlipPhase, SlipSeen};
use staff::StaffDoor;
pub use staff::{PinState, StaffAction};
pub use typed::PhoneIssue;

use std::collections::BTreeMap;
use std::sync::Arc;

use card::CardWatch;
use devices::TouchStorm;
use jiff::{SignedDuration, Timestamp};

use crate::domain::catalogue::Catalogue;
use crate::domain::device::DeviceKind;
use crate::domain::hours::OfficeHours;
use crate::domain::office::Zone;
use crate::domain::ticket::TicketNumber;
use crate::failure::Failure;
use crate::station::devices::DeviceState;

/// Two touches on committing buttons within this time are one touch (trembling hands, worn panels).
pub const REPEAT_GUARD: SignedDuration = SignedDuration::from_millis(300);

/// What does not change while the kiosk runs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The service file.
    pub catalogue: Arc<Catalogue>,
    /// Name of the office.
    pub office_name: String,
    /// Where people complain.
    pub complaints: String,
    /// Name of the machine.
    pub kiosk_name: String,
    /// Clock of the office.
    pub zone: Zone,
    /// Address of the published status page.
    pub url_base: Option<String>,
    /// Time without a touch before the kiosk asks.
    pub idle: SignedDuration,
    /// See [`REPEAT_GUARD`]; zero for programs that touch faster than people.
    pub repeat_guard: SignedDuration,
    /// A document scanner is configured; without one documents are shown at the counter.
    pub can_scan: bool,
    /// When numbers are given; none: always.
    pub hours: Option<OfficeHours>,
    /// The staff's PIN; none: the staff screen shows nothing but the devices' state.
    pub staff_pin: Option<String>,
}

/// Where the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Attract,
    Notice,
    Need,
    Variant,
    Unsure(usize),
    Question(usize),
    Checklist(Scope),
    Incomplete(Scope),
    Applicant,
    Nik(Purpose),
    NikConfirm(Purpose),
    Phone,
    Priority,
    Scan(usize),
    Review,
    Submitting,
    Slip,
    Status,
    Code,
    Closed,
    OutOfService,
    StaffPin,
    Staff,
}

/// What the kiosk knows of the world around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    pub(super) hub_online: bool,
    pub(super) waiting: Vec<TicketNumber>,
    pub(super) wait_minutes: Option<u32>,
    pub(super) no_numbers: Option<Failure>,
    pub(super) devices: BTreeMap<DeviceKind, DeviceState>,
    pub(super) storage_refuses: bool,
}

/// The state of the kiosk.
#[derive(Debug, Clone)]
pub struct Flow {
    pub(super) setup: Setup,
    pub(super) place: Place,
    trail: Vec<Place>,
    pub(super) session: Session,
    pub(super) comfort: Comfort,
    pub(super) door: StaffDoor,
    pub(super) around: Around,
    pub(super) failure: Option<Failure>,
    touched_at: Timestamp,
    pub(super) warned_at: Option<Timestamp>,
    committed_at: Option<Timestamp>,
    storm: TouchStorm,
    card: CardWatch,
    /// Numbers scans, prints, keeps and questions; grows for ever, so that a late answer is never taken for a new one.
    last_order: u64,
}

impl Flow {
    /// Begins at the attract screen.
    #[must_use]
    pub fn new(setup: Setup, now: Timestamp) -> Self {
        let session = Session::new(Arc::clone(&setup.catalogue));
        let mut flow = Self {
            setup,
            place: Place::Attract,
            trail: Vec::new(),
            session,
            comfort: Comfort::default(),
            door: StaffDoor::default(),
            around: Around::default(),
            failure: None,
            touched_at: now,
            warned_at: None,
            committed_at: None,
            storm: TouchStorm::default(),
            card: CardWatch::default(),
            last_order: 0,
        };
        flow.settle(now);
        flow
    }

    /// Takes an event and returns what is to be done.
    pub fn step(&mut self, event: KioskEvent, now: Timestamp) -> Vec<KioskEffect> {
        self.heed_clock(now);
        let mut effects = Vec::new();
        let (before, ticked) = (self.place, matches!(event, KioskEvent::Ticked));
        match event {
            KioskEvent::Touched(touch) => self.touch(touch, now, &mut effects),
            KioskEvent::Ticked => self.tick(now, &mut effects),
            KioskEvent::ScanProgressed { .. } | KioskEvent::PageScanned { .. } | KioskEvent::ScanFailed { .. } => {
                self.touched_at = now;
                self.scan_event(&event);
            }
            KioskEvent::PageJudged { order, doubts } => {
                self.session.judged.insert(order, doubts);
            }
            KioskEvent::PrinterCooling { order } => self.printer_cooling(order),
            KioskEvent::SlipPrinted { order, outcome } => self.slip_printed(order, &outcome),
            KioskEvent::SlipSeen(text) => self.slip_seen(&text, now, &mut effects),
            KioskEvent::SlipUnreadable => self.slip_refused(Failure::SlipUnreadable, now),
            KioskEvent::StatusKnown { ask, result } => self.status_known(ask, result, now),
            KioskEvent::CaseKept { order, receipt } => self.case_kept(order, *receipt, now, &mut effects),
            KioskEvent::CardWatched { watch, result } => self.card_watched(watch, result, now),
            KioskEvent::CardTaken => self.card_taken(),
            KioskEvent::KeepFailed { order } => self.keep_failed(order),
            KioskEvent::Delivered { case_id, number } => self.delivered(case_id, number),
            KioskEvent::TicketDelivered { number, called_as } => {
                self.ticket_delivered(number, called_as, &mut effects);
            }
            KioskEvent::HubOnline(online) => self.around.hub_online = online,
            KioskEvent::NumberAllowed { ask, refused } => self.number_allowed(ask, refused),
            KioskEvent::HallSeen { waiting, wait_minutes, no_numbers } => {
                (self.around.waiting, self.around.wait_minutes) = (waiting, wait_minutes);
                self.around.no_numbers = no_numbers;
            }
            KioskEvent::DeviceChanged { device, state } => self.device_changed(device, state, &mut effects),
            KioskEvent::VolumeKnown(volume) => self.door.volume = volume,
            KioskEvent::BrightnessKnown(brightness) => self.door.brightness = brightness,
            KioskEvent::StorageUsable(usable) => {
                self.around.storage_refuses = !usable;
                self.settle(now);
            }
        }
        self.tend_card(self.place != before, ticked, &mut effects);
        self.tend_number(&mut effects);
        effects
    }

    fn touch(&mut self, touch: Touch, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if self.storm_touched(now, effects) {
            return;
        }
        self.touched_at = now;
        self.warned_at = None;
        if touch.commits() {
            let too_soon = self.committed_at.is_some_and(|at| now.duration_since(at) < self.setup.repeat_guard);
            if too_soon {
                return;
            }
            self.committed_at = Some(now);
        }
        // A failure covers the screen: it is read and put away before anything else.
        if self.failure.is_some() && !matches!(touch, Touch::Restart) {
            if touch == Touch::DismissFailure {
                self.failure = None;
            }
            return;
        }
        match touch {
            Touch::Start => self.start(now, effects),
            Touch::WalkIn => self.walk_in(now),
            Touch::TypeCode => self.type_code(now),
            Touch::Turn(turn) => self.turn(turn),
            Touch::Back => self.back(now, effects),
            Touch::Next => self.next(now, effects),
            Touch::Restart => self.begin_anew(now, effects),
            Touch::PickCard(key) => self.pick_card(&key, effects),
            Touch::Answer(yes) => self.answer(yes),
            Touch::SetHave { key, have } => self.set_have(&key, have),
            Touch::PickApplicant(who) => self.pick_applicant(who),
            Touch::Digit(digit) => self.digit(digit),
            Touch::Sign(sign) => self.code_sign(sign),
            Touch::Erase => self.erase(),
            Touch::Clear => self.clear(),
            Touch::Scan | Touch::Retake => self.scan(effects),
            Touch::CancelScan => self.cancel_scan(effects),
            Touch::AcceptScan => self.accept_scan(),
            Touch::Edit(key) => self.edit(&key),
            Touch::Submit => self.submit(effects),
            Touch::Reprint => self.reprint(effects),
            Touch::PrintList => self.print_list(effects),
            Touch::Finish => self.finish(now, effects),
            Touch::Correct => self.correct(now, effects),
            Touch::Collect => self.collect(effects),
            Touch::OpenStaff => self.open_staff(now),
            Touch::CloseStaff => self.close_staff(now),
            Touch::StaffAct(action) => self.staff_act(action, effects),
            Touch::MoreTime | Touch::DismissFailure => {}
        }
    }

    fn start(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if self.place != Place::Attract || self.refuses_numbers() {
            return;
        }
        self.door.forget_paper();
        self.session = Session::new(self.catalogue_of(now));
        self.session.started_at = Some(now);
        effects.push(KioskEffect::ReadyDevices);
        self.go(Place::Notice);
    }

    /// The catalogue of the day. A clock that fell back to 1970 must not empty the kiosk.
    fn catalogue_of(&self, now: Timestamp) -> Arc<Catalogue> {
        let today = self.setup.catalogue.in_force(self.setup.zone.day(now));
        if today.groups().is_empty() { Arc::clone(&self.setup.catalogue) } else { Arc::new(today) }
    }

    fn next(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        match self.place {
            Place::Notice => self.go(Place::Need),
            Place::Checklist(scope) => self.checklist_next(scope),
            Place::Incomplete(_) | Place::Slip | Place::Status => self.finish(now, effects),
            Place::Phone => self.phone_next(),
            Place::Code => self.code_next(effects),
            Place::StaffPin => self.pin_next(now),
            Place::Nik(purpose) => self.nik_next(purpose, now),
            Place::NikConfirm(purpose) => self.nik_confirmed(purpose),
            Place::Scan(at) => self.scan_next(at),
            Place::Review => self.submit(effects),
            _ => {}
        }
    }

    fn finish(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if matches!(self.place, Place::Incomplete(_) | Place::Slip | Place::Status) {
            self.end_session(now, effects);
        }
    }

    /// Goes on to a place, remembering where from. A place that was passed before is returned to instead, so the
    /// trail never holds a loop.
    pub(super) fn go(&mut self, place: Place) {
        // What was passed before the review stays: "Kembali" out of an edit leads to the review.
        let review = self.trail.iter().rposition(|passed| *passed == Place::Review).unwrap_or(0);
        match self.trail.iter().skip(review).position(|passed| *passed == place) {
            Some(at) => self.trail.truncate(review + at),
            None if self.place != place => self.trail.push(self.place),
            None => {}
        }
        self.arrive(place);
    }

    fn arrive(&mut self, place: Place) {
        self.place = place;
        match place {
            Place::Scan(at) => self.arrive_at_scan(at),
            Place::Review => self.session.editing = false,
            _ => {}
        }
    }

    /// Goes on: in order, or while something is being edited to the first place with unfinished business.
    pub(super) fn advance(&mut self, natural: Place) {
        let place = if self.session.editing { self.gap() } else { natural };
        self.go(place);
    }

    /// The first place, in order, where something is still to be said.
    pub(super) fn gap(&self) -> Place {
        let session = &self.session;
        if session.correcting.is_none() {
            if session.variant().is_none() {
                return Place::Need;
            }
            if let Some(at) = session.first_unanswered() {
                return Place::Question(at);
            }
            if let Some(place) = self.checklist_gap(Scope::Service) {
                return place;
            }
            if session.who.is_none() {
                return Place::Applicant;
            }
            if session.needs_letter()
                && let Some(place) = self.checklist_gap(Scope::Proxy)
            {
                return place;
            }
            if session.nik.is_none() {
                return Place::Nik(Purpose::Applicant);
            }
            if session.who == Some(Who::Proxy) && session.proxy_nik.is_none() {
                return Place::Nik(Purpose::Proxy);
            }
            if !session.phone_asked {
                return Place::Phone;
            }
            if !session.priority_asked {
                return Place::Priority;
            }
        }
        let scans = self.scan_list();
        match scans.iter().position(|kind| !session.is_scan_done(kind)) {
            Some(at) => Place::Scan(at),
            None => Place::Review,
        }
    }

    fn back(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if !self.can_back() {
            return;
        }
        self.leave_scan(effects);
        if let Place::Nik(purpose) = self.place {
            self.session.restore_digits(purpose);
        }
        while let Some(place) = self.trail.pop() {
            if self.can_return_to(place) {
                self.arrive(place);
                return;
            }
        }
        self.begin_anew(now, effects);
    }

    fn can_return_to(&self, place: Place) -> bool {
        let session = &self.session;
        match place {
            Place::Notice | Place::Need | Place::Applicant | Place::Phone | Place::Review => true,
            Place::Priority => session.purpose == Errand::Application,
            Place::Variant => session.group_variants().len() > 1,
            Place::Unsure(at) => at <= session.guide.len(),
            Place::Question(at) => at < session.questions().len(),
            Place::Checklist(scope) => !session.requirements(scope).is_empty() && self.scope_applies(scope),
            Place::Nik(purpose) => purpose == Purpose::Applicant || session.who == Some(Who::Proxy),
            Place::Scan(at) => at < self.scan_list().len(),
            Place::Status => session.status().is_some(),
            // Remarks on the way, and ends: nobody goes back to those.
            Place::NikConfirm(_) | Place::Incomplete(_) => false,
            Place::Attract | Place::Submitting | Place::Slip | Place::Code | Place::Closed | Place::OutOfService => {
                false
            }
            Place::StaffPin | Place::Staff => false,
        }
    }

    /// Whether the button "Kembali" works.
    pub(super) fn can_back(&self) -> bool {
        !matches!(
            self.place,
            Place::Attract
                | Place::Submitting
                | Place::Slip
                | Place::Status
                | Place::Closed
                | Place::OutOfService
                | Place::StaffPin
                | Place::Staff
        )
    }

    /// Whether the button "Lanjut" works.
    pub(super) fn can_next(&self) -> bool {
        match self.place {
            Place::Checklist(scope) => self.first_undecided(scope).is_none(),
            Place::Phone => true,
            Place::Code => self.is_code_whole(),
            Place::StaffPin => self.can_open_door(),
            Place::Nik(purpose) => self.is_nik_acceptable(purpose),
            Place::Scan(_) => match self.session.scan {
                // A paper can always be shown at the counter instead.
                ScanState::Preview { .. } | ScanState::Failed(_) | ScanState::Guide => true,
                ScanState::Scanning { .. } => false,
            },
            Place::Review | Place::Notice | Place::NikConfirm(_) => true,
            Place::Incomplete(_) | Place::Slip | Place::Status => true,
            _ => false,
        }
    }

    /// Ends the session and wipes every trace of it.
    /// Back to the start by the person's own hand: everything said is wiped, but whoever is guided by ear still is, or
    /// they would not find the start.
    fn begin_anew(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        let comfort = self.comfort;
        self.end_session(now, effects);
        if comfort.by_ear {
            self.comfort = comfort;
        }
    }

    fn end_session(&mut self, now: Timestamp, effects: &mut Vec<KioskEffect>) {
        if matches!(self.place, Place::Submitting) {
            // The case is being written; its end decides what the person sees.
            return;
        }
        self.leave_scan(effects);
        self.session = Session::new(Arc::clone(&self.setup.catalogue));
        self.trail.clear();
        self.failure = None;
        self.warned_at = None;
        self.comfort = Comfort::default();
        self.place = Place::Attract;
        effects.push(KioskEffect::Wipe);
        self.settle(now);
    }

    /// Between sessions the kiosk is open, closed or out of service, as disk, panel and clock say.
    fn settle(&mut self, now: Timestamp) {
        if matches!(self.place, Place::Attract | Place::Closed | Place::OutOfService) {
            self.place = if self.is_out_of_service() {
                Place::OutOfService
            } else if self.gives_tickets(now) {
                Place::Attract
            } else {
                Place::Closed
            };
        }
    }

    /// Whether nobody can be served: the disk refuses, or the panel touches itself.
    const fn is_out_of_service(&self) -> bool {
        self.around.storage_refuses || self.storm.rages()
    }

    /// Draws the next order number.
    pub(super) fn order(&mut self) -> u64 {
        self.last_order += 1;
        self.last_order
    }

    /// The last order number drawn: what a world without workers answers to.
    #[must_use]
    pub const fn last_order(&self) -> u64 {
        self.last_order
    }
}

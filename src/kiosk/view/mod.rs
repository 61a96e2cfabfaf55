//! What the kiosk shows, as plain data: one field for each property of the window's contract.

use jiff::Timestamp;

use super::flow::{
    Comfort, Errand, Flow, GUIDE_CARD, ListPhase, NO_PRIORITY, NikIssue, PhoneIssue, PinState, Place, Purpose,
    ScanState, Scope, SlipPhase, Who,
};
use crate::domain::catalogue::{DocumentKey, Missing, Need, Requirement};
use crate::domain::device::DeviceKind;
use crate::domain::language::Language;
use crate::domain::priority::Priority;
use crate::domain::slip_token::ManualCode;
use crate::failure::Failure;
use crate::kiosk::panel::Brightness;
use crate::station::health::DeviceLine;
use crate::words;

mod parts;

use parts::{
    hours, priority_cards, review, show_cards, show_checklist, show_guide, show_missing, show_nik, show_question,
    show_scan, show_slip, show_status, tr,
};

/// Which screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Screen {
    Attract,
    Notice,
    Need,
    Variant,
    Unsure,
    Question,
    Checklist,
    Incomplete,
    Applicant,
    Nik,
    NikConfirm,
    Phone,
    Priority,
    Scan,
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

/// A card to touch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Card {
    pub key: String,
    pub title: String,
    pub detail: String,
    pub icon: String,
}

/// How a document is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RowNeed {
    Mandatory,
    OneOf,
    Practice,
}

/// A document of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Key of the document.
    pub key: String,
    /// Official label.
    pub title: String,
    /// What it is.
    pub hint: String,
    /// Icon.
    pub icon: String,
    /// How it is asked for.
    pub need: RowNeed,
    /// What the person said.
    pub have: Option<bool>,
    /// Shown and not scanned.
    pub shown_only: bool,
}

/// A line of the review.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ReviewLine {
    pub key: &'static str,
    pub label: String,
    pub value: String,
    pub icon: &'static str,
    pub editable: bool,
}

/// A step on the path of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PathLine {
    pub title: String,
    pub done: bool,
    pub current: bool,
}

/// How far a scan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ScanPhaseView {
    Guide,
    Scanning,
    Preview,
    Failed,
}

/// How far the paper has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum SlipPhaseView {
    Printing,
    Cooling,
    Printed,
    TearOff,
    NotPrinted,
    Unknown,
}

/// What stands under the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum NikIssueView {
    None,
    Incomplete,
    AllSame,
    SerialZero,
    UnknownProvince,
    DateDoubtful,
    LooksLikeNoKk,
    SameAsApplicant,
    CardUnreadable,
}

/// Why no number is given now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ClosedReasonView {
    Hours,
    Late,
    Holiday,
}

/// Everything the window shows.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct KioskView {
    pub screen: Screen,
    pub comfort: Comfort,
    pub office_name: String,
    pub kiosk_name: String,
    pub simulated: bool,
    pub clock: String,
    pub date: String,
    pub hub_online: bool,
    pub printer_ready: bool,
    pub scanner_ready: bool,
    pub qr_ready: bool,
    pub devices: Vec<DeviceLine>,
    pub card_ready: bool,
    pub voice_ready: bool,
    pub waiting_count: usize,
    /// Negative while too little is known.
    pub wait_minutes: i32,
    pub open_until: String,
    pub pause: bool,
    pub closed_reason: ClosedReasonView,
    pub holiday: String,
    pub opens_at: String,
    pub step: u8,
    pub can_back: bool,
    pub can_next: bool,
    pub group_title: String,
    pub cards: Vec<Card>,
    pub variant_title: String,
    pub question: String,
    pub question_help: String,
    pub question_number: usize,
    pub question_count: usize,
    pub checklist: Vec<DocumentRow>,
    /// The first row that wants an answer; the number of rows when there is none.
    pub checklist_open: usize,
    pub list_phase: ListPhase,
    pub applicant: Option<Who>,
    pub nik_for_proxy: bool,
    pub nik_groups: [String; 4],
    pub nik_length: usize,
    pub nik_issue: NikIssueView,
    pub phone: String,
    pub phone_issue: PhoneIssue,
    pub code: String,
    pub code_length: usize,
    pub code_mistyped: bool,
    /// One dot for each digit typed.
    pub pin_dots: String,
    pub pin_state: PinState,
    pub can_reprint: bool,
    /// How loud the voice begins, from 1; 0 where there is no voice.
    pub volume_step: u8,
    /// How bright the panel is, from 1; 0 where it cannot be turned from here.
    pub brightness_step: u8,
    pub scan_title: String,
    pub scan_hint: String,
    pub scan_number: usize,
    pub scan_count: usize,
    pub scan_phase: ScanPhaseView,
    pub scan_progress: f32,
    /// The scan whose picture is shown.
    pub scan_preview: Option<u64>,
    pub scan_failure: String,
    /// What may be wrong with the page that is shown; empty when nothing is.
    pub scan_doubt: String,
    /// Where, as parts of the picture: left, top, width, height.
    pub scan_doubt_place: Option<[f32; 4]>,
    /// Somebody looked at it and found it good.
    pub scan_good: bool,
    pub review: Vec<ReviewLine>,
    pub slip_kind: Errand,
    pub priority: String,
    pub ticket: String,
    pub slip_code: String,
    /// What the QR on the screen says.
    pub slip_qr: Option<String>,
    pub slip_phase: SlipPhaseView,
    pub slip_delivered: bool,
    pub waiting_ahead: usize,
    pub status_title: String,
    pub status_detail: String,
    pub status_path: Vec<PathLine>,
    pub status_now: usize,
    pub status_can_correct: bool,
    pub status_can_collect: bool,
    pub failure: Option<Failure>,
    pub idle_warning: bool,
    pub idle_seconds: i64,
    pub idle_seconds_left: i64,
}

/// Says what to show.
#[must_use]
pub fn view(flow: &Flow, now: Timestamp) -> KioskView {
    let mut view = frame(flow, now);
    match flow.place {
        Place::Need | Place::Variant => show_cards(flow, &mut view),
        Place::Unsure(at) => show_guide(flow, at, &mut view),
        Place::Priority => view.cards = priority_cards(flow.comfort.language),
        Place::Phone => {
            flow.session.phone_digits.clone_into(&mut view.phone);
            view.phone_issue = flow.session.phone_issue;
        }
        Place::Code => {
            view.code = ManualCode::grouped(&flow.session.code);
            view.code_length = flow.session.code.len();
            view.code_mistyped = flow.session.code_mistyped;
        }
        Place::StaffPin => {
            view.pin_dots = "•".repeat(flow.door.length());
            view.pin_state = flow.door.state;
        }
        Place::Question(at) => show_question(flow, at, &mut view),
        Place::Checklist(scope) => show_checklist(flow, scope, &mut view),
        Place::Incomplete(scope) => show_missing(flow, scope, &mut view),
        Place::Nik(purpose) | Place::NikConfirm(purpose) => show_nik(flow, purpose, &mut view),
        Place::Scan(at) => show_scan(flow, at, &mut view),
        Place::Review => view.review = review(flow),
        Place::Slip => show_slip(flow, &mut view),
        Place::Status => show_status(flow, &mut view),
        Place::Staff => {
            view.devices = flow.device_lines();
            view.can_reprint = flow.can_reprint_last();
            view.volume_step = if view.voice_ready { flow.door.volume.step() + 1 } else { 0 };
            view.brightness_step = flow.door.brightness.map_or(0, Brightness::step);
        }
        Place::Attract | Place::Closed | Place::Notice | Place::Applicant | Place::Submitting | Place::OutOfService => {
        }
    }
    view
}

const fn screen(place: Place) -> (Screen, u8) {
    match place {
        Place::Attract => (Screen::Attract, 0),
        Place::Notice => (Screen::Notice, 0),
        Place::Need => (Screen::Need, 1),
        Place::Variant => (Screen::Variant, 1),
        Place::Unsure(_) => (Screen::Unsure, 1),
        Place::Question(_) => (Screen::Question, 2),
        Place::Checklist(_) => (Screen::Checklist, 2),
        Place::Incomplete(_) => (Screen::Incomplete, 2),
        Place::Applicant => (Screen::Applicant, 3),
        Place::Nik(_) => (Screen::Nik, 3),
        Place::NikConfirm(_) => (Screen::NikConfirm, 3),
        Place::Phone => (Screen::Phone, 3),
        Place::Priority => (Screen::Priority, 3),
        Place::Scan(_) => (Screen::Scan, 4),
        Place::Review => (Screen::Review, 4),
        Place::Submitting => (Screen::Submitting, 5),
        Place::Slip => (Screen::Slip, 5),
        Place::Status => (Screen::Status, 0),
        Place::Code => (Screen::Code, 0),
        Place::Closed => (Screen::Closed, 0),
        Place::OutOfService => (Screen::OutOfService, 0),
        Place::StaffPin => (Screen::StaffPin, 0),
        Place::Staff => (Screen::Staff, 0),
    }
}

/// What every screen has.
fn frame(flow: &Flow, now: Timestamp) -> KioskView {
    let (screen, step) = screen(flow.place);
    // A number alone has no five steps.
    let step = if flow.session.purpose == Errand::Application { step } else { 0 };
    let (setup, session, language) = (&flow.setup, &flow.session, flow.comfort.language);
    let hours = hours(flow, now);
    KioskView {
        screen,
        comfort: flow.comfort,
        office_name: setup.office_name.clone(),
        kiosk_name: setup.kiosk_name.clone(),
        simulated: flow.around.devices.values().any(|state| state.simulated),
        clock: setup.zone.clock_text(now),
        date: words::date(language, setup.zone.day(now)),
        hub_online: flow.around.hub_online,
        printer_ready: flow.works(DeviceKind::Printer),
        scanner_ready: flow.works(DeviceKind::DocumentScanner),
        qr_ready: flow.works(DeviceKind::QrScanner),
        devices: Vec::new(),
        card_ready: flow.is_ready(DeviceKind::EktpReader),
        voice_ready: flow.is_ready(DeviceKind::Speaker),
        waiting_count: flow.around.waiting.len(),
        wait_minutes: flow.around.wait_minutes.and_then(|minutes| i32::try_from(minutes).ok()).unwrap_or(-1),
        open_until: hours.open_until,
        pause: hours.pause,
        closed_reason: hours.closed_reason,
        holiday: hours.holiday,
        opens_at: hours.opens_at,
        step,
        can_back: flow.can_back(),
        can_next: flow.can_next(),
        group_title: words::of(language, session.group_title()).to_owned(),
        cards: Vec::new(),
        variant_title: session.variant().map(|variant| tr(flow, &variant.title)).unwrap_or_default(),
        question: String::new(),
        question_help: String::new(),
        question_number: 0,
        question_count: 0,
        checklist: Vec::new(),
        checklist_open: 0,
        list_phase: session.list,
        applicant: session.who,
        nik_for_proxy: false,
        nik_groups: Default::default(),
        nik_length: 0,
        nik_issue: NikIssueView::None,
        phone: String::new(),
        phone_issue: PhoneIssue::None,
        code: String::new(),
        code_length: 0,
        code_mistyped: false,
        pin_dots: String::new(),
        pin_state: PinState::Typing,
        can_reprint: false,
        volume_step: 0,
        brightness_step: 0,
        scan_title: String::new(),
        scan_hint: String::new(),
        scan_number: 0,
        scan_count: 0,
        scan_phase: ScanPhaseView::Guide,
        scan_progress: 0.0,
        scan_preview: None,
        scan_failure: String::new(),
        scan_doubt: String::new(),
        scan_doubt_place: None,
        scan_good: false,
        review: Vec::new(),
        slip_kind: session.purpose,
        priority: session.priority.map(|priority| tr(flow, priority.title())).unwrap_or_default(),
        ticket: String::new(),
        slip_code: String::new(),
        slip_qr: None,
        slip_phase: SlipPhaseView::Printing,
        slip_delivered: false,
        waiting_ahead: 0,
        status_title: String::new(),
        status_detail: String::new(),
        status_path: Vec::new(),
        status_now: 0,
        status_can_correct: false,
        status_can_collect: false,
        failure: flow.failure,
        idle_warning: flow.warned_at.is_some(),
        idle_seconds: flow.idle_seconds(),
        idle_seconds_left: flow.idle_seconds_left(now).unwrap_or(0),
    }
}

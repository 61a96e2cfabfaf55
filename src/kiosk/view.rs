//! What the kiosk shows, as plain data: one field for each property of the window's contract.

use jiff::Timestamp;

use super::flow::{Flow, NikIssue, Place, Purpose, ScanState, Scope, SlipPhase, Who};
use crate::domain::catalogue::{DocumentKey, Missing, Need, Requirement};
use crate::domain::device::DeviceKind;
use crate::domain::office::long_date_text;
use crate::failure::Failure;
use crate::station::health::DeviceLine;

/// Which screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Screen {
    Attract,
    Notice,
    Need,
    Variant,
    Question,
    Checklist,
    Incomplete,
    Applicant,
    Nik,
    NikConfirm,
    Scan,
    Review,
    Submitting,
    Slip,
    Status,
    OutOfService,
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
    /// Heading of the group; empty for the window's own words.
    pub group_title: String,
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
    pub label: &'static str,
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
}

/// Everything the window shows.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct KioskView {
    pub screen: Screen,
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
    pub waiting_count: usize,
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
    pub checklist_page: usize,
    pub checklist_pages: usize,
    pub applicant: Option<Who>,
    pub nik_for_proxy: bool,
    pub nik_groups: [String; 4],
    pub nik_length: usize,
    pub nik_issue: NikIssueView,
    pub scan_title: String,
    pub scan_hint: String,
    pub scan_number: usize,
    pub scan_count: usize,
    pub scan_phase: ScanPhaseView,
    pub scan_progress: f32,
    /// The scan whose picture is shown.
    pub scan_preview: Option<u64>,
    pub scan_failure: String,
    pub review: Vec<ReviewLine>,
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
    pub status_can_correct: bool,
    pub failure: Option<Failure>,
    pub idle_warning: bool,
    pub idle_seconds_left: i64,
}

/// Says what to show.
#[must_use]
pub fn view(flow: &Flow, now: Timestamp) -> KioskView {
    let mut view = frame(flow, now);
    match flow.place {
        Place::Need | Place::Variant => show_cards(flow, &mut view),
        Place::Question(at) => show_question(flow, at, &mut view),
        Place::Checklist { scope, page } => show_checklist(flow, scope, page, &mut view),
        Place::Incomplete(scope) => show_missing(flow, scope, &mut view),
        Place::Nik(purpose) | Place::NikConfirm(purpose) => show_nik(flow, purpose, &mut view),
        Place::Scan(at) => show_scan(flow, at, &mut view),
        Place::Review => view.review = review(flow),
        Place::Slip => show_slip(flow, &mut view),
        Place::Status => show_status(flow, &mut view),
        Place::Staff => view.devices = flow.device_lines(),
        Place::Attract | Place::Notice | Place::Applicant | Place::Submitting | Place::OutOfService => {}
    }
    view
}

const fn screen(place: Place) -> (Screen, u8) {
    match place {
        Place::Attract => (Screen::Attract, 0),
        Place::Notice => (Screen::Notice, 0),
        Place::Need => (Screen::Need, 1),
        Place::Variant => (Screen::Variant, 1),
        Place::Question(_) => (Screen::Question, 2),
        Place::Checklist { .. } => (Screen::Checklist, 2),
        Place::Incomplete(_) => (Screen::Incomplete, 2),
        Place::Applicant => (Screen::Applicant, 3),
        Place::Nik(_) => (Screen::Nik, 3),
        Place::NikConfirm(_) => (Screen::NikConfirm, 3),
        Place::Scan(_) => (Screen::Scan, 4),
        Place::Review => (Screen::Review, 4),
        Place::Submitting => (Screen::Submitting, 5),
        Place::Slip => (Screen::Slip, 5),
        Place::Status => (Screen::Status, 0),
        Place::OutOfService => (Screen::OutOfService, 0),
        Place::Staff => (Screen::Staff, 0),
    }
}

/// What every screen has.
fn frame(flow: &Flow, now: Timestamp) -> KioskView {
    let (screen, step) = screen(flow.place);
    let (setup, session) = (&flow.setup, &flow.session);
    KioskView {
        screen,
        office_name: setup.office_name.clone(),
        kiosk_name: setup.kiosk_name.clone(),
        simulated: flow.around.devices.values().any(|state| state.simulated),
        clock: setup.zone.clock_text(now),
        date: long_date_text(setup.zone.day(now)),
        hub_online: flow.around.hub_online,
        printer_ready: flow.works(DeviceKind::Printer),
        scanner_ready: flow.works(DeviceKind::DocumentScanner),
        qr_ready: flow.works(DeviceKind::QrScanner),
        devices: Vec::new(),
        waiting_count: flow.around.waiting.len(),
        step,
        can_back: flow.can_back(),
        can_next: flow.can_next(),
        group_title: session.group_title().to_owned(),
        cards: Vec::new(),
        variant_title: session.variant().map(|variant| variant.title.clone()).unwrap_or_default(),
        question: String::new(),
        question_help: String::new(),
        question_number: 0,
        question_count: 0,
        checklist: Vec::new(),
        checklist_page: 1,
        checklist_pages: 1,
        applicant: session.who,
        nik_for_proxy: false,
        nik_groups: Default::default(),
        nik_length: 0,
        nik_issue: NikIssueView::None,
        scan_title: String::new(),
        scan_hint: String::new(),
        scan_number: 0,
        scan_count: 0,
        scan_phase: ScanPhaseView::Guide,
        scan_progress: 0.0,
        scan_preview: None,
        scan_failure: String::new(),
        review: Vec::new(),
        ticket: String::new(),
        slip_code: String::new(),
        slip_qr: None,
        slip_phase: SlipPhaseView::Printing,
        slip_delivered: false,
        waiting_ahead: 0,
        status_title: String::new(),
        status_detail: String::new(),
        status_path: Vec::new(),
        status_can_correct: false,
        failure: flow.failure,
        idle_warning: flow.warned_at.is_some(),
        idle_seconds_left: flow.idle_seconds_left(now).unwrap_or(0),
    }
}

fn show_cards(flow: &Flow, view: &mut KioskView) {
    view.cards = if flow.place == Place::Need {
        let groups = flow.session.catalogue.groups().into_iter();
        groups
            .map(|group| Card {
                key: group.key.to_string(),
                title: group.title.clone(),
                detail: group.detail.clone(),
                icon: group.icon.to_string(),
            })
            .collect()
    } else {
        let variants = flow.session.group_variants().into_iter();
        variants
            .map(|variant| Card {
                key: variant.key.to_string(),
                title: variant.title.clone(),
                detail: variant.detail.clone(),
                icon: variant.icon.to_string(),
            })
            .collect()
    };
}

fn show_question(flow: &Flow, at: usize, view: &mut KioskView) {
    let questions = flow.session.questions();
    view.question_number = at + 1;
    view.question_count = questions.len();
    if let Some(question) = questions.get(at) {
        view.question.clone_from(&question.text);
        view.question_help.clone_from(&question.help);
    }
}

fn document_row(flow: &Flow, document: &DocumentKey, need: RowNeed, note: &str) -> DocumentRow {
    let kind = flow.session.catalogue.document(document);
    let hint = if note.is_empty() { kind.map(|kind| kind.hint.clone()).unwrap_or_default() } else { note.to_owned() };
    DocumentRow {
        key: document.to_string(),
        title: kind.map_or_else(|| document.to_string(), |kind| kind.label.clone()),
        hint,
        icon: kind.map(|kind| kind.icon.to_string()).unwrap_or_default(),
        need,
        group_title: String::new(),
        have: flow.session.has(document),
        shown_only: kind.is_some_and(|kind| !kind.scan),
    }
}

fn requirement_row(flow: &Flow, requirement: &Requirement) -> DocumentRow {
    let need = match requirement.need {
        Need::Mandatory => RowNeed::Mandatory,
        Need::OneOf(_) => RowNeed::OneOf,
        Need::Practice => RowNeed::Practice,
    };
    document_row(flow, &requirement.document, need, &requirement.note)
}

fn show_checklist(flow: &Flow, scope: Scope, page: usize, view: &mut KioskView) {
    view.checklist = flow.page_rows(scope, page).iter().map(|row| requirement_row(flow, row)).collect();
    view.checklist_page = page + 1;
    view.checklist_pages = flow.pages(scope).max(1);
}

fn show_missing(flow: &Flow, scope: Scope, view: &mut KioskView) {
    let missing = flow.session.missing(scope).into_iter();
    view.checklist = missing
        .flat_map(|missing| match missing {
            Missing::Document(document) => vec![document_row(flow, &document, RowNeed::Mandatory, "")],
            Missing::OneOf { documents, .. } => {
                documents.iter().map(|document| document_row(flow, document, RowNeed::OneOf, "")).collect()
            }
        })
        .collect();
}

fn show_nik(flow: &Flow, purpose: Purpose, view: &mut KioskView) {
    let digits = flow.session.digits(purpose);
    view.nik_for_proxy = purpose == Purpose::Proxy;
    view.nik_length = digits.len();
    for (group, digits) in view.nik_groups.iter_mut().zip(digits.as_bytes().chunks(4)) {
        *group = String::from_utf8_lossy(digits).into_owned();
    }
    view.nik_issue = match flow.session.nik_issue {
        NikIssue::None => NikIssueView::None,
        NikIssue::Incomplete => NikIssueView::Incomplete,
        NikIssue::AllSame => NikIssueView::AllSame,
        NikIssue::SerialZero => NikIssueView::SerialZero,
        NikIssue::UnknownProvince => NikIssueView::UnknownProvince,
        NikIssue::DateDoubtful => NikIssueView::DateDoubtful,
        NikIssue::LooksLikeNoKk => NikIssueView::LooksLikeNoKk,
        NikIssue::SameAsApplicant => NikIssueView::SameAsApplicant,
    };
}

fn show_scan(flow: &Flow, at: usize, view: &mut KioskView) {
    let list = flow.scan_list();
    view.scan_number = at + 1;
    view.scan_count = list.len();
    if let Some(kind) = list.get(at).and_then(|kind| flow.session.catalogue.document(kind)) {
        view.scan_title.clone_from(&kind.label);
        view.scan_hint.clone_from(&kind.hint);
    }
    view.scan_phase = match flow.session.scan {
        ScanState::Guide => ScanPhaseView::Guide,
        ScanState::Scanning { part, .. } => {
            view.scan_progress = part;
            ScanPhaseView::Scanning
        }
        ScanState::Preview { order } => {
            view.scan_preview = Some(order);
            ScanPhaseView::Preview
        }
        ScanState::Failed(failure) => {
            view.scan_failure = failure.cause().to_owned();
            ScanPhaseView::Failed
        }
    };
}

fn review(flow: &Flow) -> Vec<ReviewLine> {
    let session = &flow.session;
    let line = |key, label, value, icon| ReviewLine { key, label, value, icon, editable: true };
    let mut lines = Vec::new();
    if session.correcting.is_none() {
        let title = session.variant().map(|variant| variant.title.clone()).unwrap_or_default();
        lines.push(line("variant", "Layanan", title, "file-text"));
        let who = if session.who == Some(Who::Proxy) { "Penerima kuasa" } else { "Pemohon sendiri" };
        lines.push(line("applicant", "Yang mengajukan", who.to_owned(), "user"));
        if let Some(typed) = session.nik {
            lines.push(line("nik", "NIK pemohon", typed.nik.masked(), "id"));
        }
        if let (Some(Who::Proxy), Some(typed)) = (session.who, session.proxy_nik) {
            lines.push(line("proxy-nik", "NIK penerima kuasa", typed.nik.masked(), "user-share"));
        }
        let count = flow.documents_here();
        lines.push(line("documents", "Dokumen yang dibawa", count.to_string(), "files"));
    }
    let list = flow.scan_list();
    if !list.is_empty() {
        let scanned = flow.scanned_count();
        lines.push(line("scans", "Dokumen dipindai", format!("{scanned}/{}", list.len()), "scan"));
    }
    lines
}

fn show_slip(flow: &Flow, view: &mut KioskView) {
    let Some(receipt) = &flow.session.receipt else { return };
    view.ticket = receipt.ticket.to_string();
    view.slip_code = receipt.token.manual_code().to_string();
    view.slip_qr = Some(receipt.token.qr_text(flow.setup.url_base.as_deref()));
    view.slip_delivered = flow.session.delivered;
    view.slip_phase = match flow.session.slip_phase {
        SlipPhase::Printing => SlipPhaseView::Printing,
        SlipPhase::Cooling => SlipPhaseView::Cooling,
        SlipPhase::Printed => SlipPhaseView::Printed,
        SlipPhase::TearOff => SlipPhaseView::TearOff,
        SlipPhase::NotPrinted => SlipPhaseView::NotPrinted,
        SlipPhase::Unknown => SlipPhaseView::Unknown,
    };
    let waiting = &flow.around.waiting;
    let own = waiting.iter().position(|number| *number == receipt.ticket);
    view.waiting_ahead = own.unwrap_or(waiting.len());
}

fn show_status(flow: &Flow, view: &mut KioskView) {
    let Some(status) = flow.session.status() else { return };
    // The hub's words are two short sentences: what is, and what comes.
    let (title, detail) = status.words.split_once(". ").unwrap_or((&status.words, ""));
    view.status_title = title.trim_end_matches('.').to_owned();
    let wanted = status.wanted.iter().map(|wanted| format!("{}: {}", wanted.title, wanted.what_to_do));
    let details: Vec<String> =
        std::iter::once(detail.to_owned()).chain(wanted).filter(|text| !text.is_empty()).collect();
    view.status_detail = details.join(" ");
    let current = status.trail.iter().position(|step| !step.done).filter(|_| !status.stage.is_final());
    view.status_path = status
        .trail
        .iter()
        .enumerate()
        .map(|(at, step)| PathLine { title: step.title.clone(), done: step.done, current: Some(at) == current })
        .collect();
    view.status_can_correct = flow.can_correct();
}

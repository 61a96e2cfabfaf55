//! What the kiosk shows, as plain data: one field for each property of the window's contract.

use jiff::Timestamp;

use super::flow::{
    Comfort, Errand, Flow, GUIDE_CARD, ListPhase, NO_PRIORITY, NikIssue, PhoneIssue, PinState, Place, Purpose, ScanState,
    Scope, Service, SlipPhase, Who,
};
use crate::domain::catalogue::{DocumentKey, Missing, Need, Requirement};
use crate::domain::device::DeviceKind;
use crate::domain::language::Language;
use crate::domain::priority::Priority;
use crate::failure::Failure;
use crate::station::health::DeviceLine;
use crate::words;

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
    pub pin_length: usize,
    pub pin_state: PinState,
    pub volume: u8,
    /// Negative where the panel's light cannot be set.
    pub brightness: i32,
    pub can_reprint: bool,
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
            view.code = flow.code_text();
            view.code_length = flow.session.code.len();
            view.code_mistyped = flow.session.code_mistyped;
        }
        Place::StaffPin => {
            view.pin_length = flow.door.length();
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
        }
        Place::Attract
        | Place::Closed
        | Place::Notice
        | Place::Applicant
        | Place::Submitting
        | Place::OutOfService => {}
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
        card_ready: flow.device(DeviceKind::EktpReader).is_some_and(|state| state.works(DeviceKind::EktpReader)),
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
        pin_length: 0,
        pin_state: PinState::Typing,
        volume: flow.volume,
        brightness: flow.around.brightness.map_or(-1, i32::from),
        can_reprint: false,
        scan_title: String::new(),
        scan_hint: String::new(),
        scan_number: 0,
        scan_count: 0,
        scan_phase: ScanPhaseView::Guide,
        scan_progress: 0.0,
        scan_preview: None,
        scan_failure: String::new(),
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
        idle_seconds_left: flow.idle_seconds_left(now).unwrap_or(0),
    }
}

fn show_cards(flow: &Flow, view: &mut KioskView) {
    view.cards = if flow.place == Place::Need {
        let groups = flow.session.catalogue.groups().into_iter();
        groups
            .map(|group| Card {
                key: group.key.to_string(),
                title: tr(flow, &group.title),
                detail: tr(flow, &group.detail),
                icon: group.icon.to_string(),
            })
            .chain(flow.has_guide().then(|| Card {
                key: GUIDE_CARD.to_owned(),
                title: tr(flow, "Saya belum yakin"),
                detail: tr(flow, "Kami bantu memilih, paling banyak tiga pertanyaan."),
                icon: "question-mark".to_owned(),
            }))
            .collect()
    } else {
        let variants = flow.session.group_variants().into_iter();
        variants
            .map(|variant| Card {
                key: variant.key.to_string(),
                title: tr(flow, &variant.title),
                detail: tr(flow, &variant.detail),
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
        view.question = tr(flow, &question.text);
        view.question_help = tr(flow, &question.help);
    }
}

fn show_guide(flow: &Flow, at: usize, view: &mut KioskView) {
    view.question_number = at + 1;
    view.question = flow.guide_question(at).map(|question| tr(flow, &question.text)).unwrap_or_default();
    let answers = flow.guide_answers(at).into_iter().enumerate();
    view.cards = answers
        .map(|(number, answer)| Card {
            key: number.to_string(),
            title: tr(flow, &answer.title),
            detail: tr(flow, &answer.detail),
            icon: answer.icon.to_string(),
        })
        .collect();
}

fn priority_cards(language: Language) -> Vec<Card> {
    let card = |key: &str, title: &str, detail: &str, icon: &str| Card {
        key: key.to_owned(),
        title: words::of(language, title).to_owned(),
        detail: words::of(language, detail).to_owned(),
        icon: icon.to_owned(),
    };
    let none = card(NO_PRIORITY, "Tidak perlu", "Saya antre seperti biasa.", "user");
    let each = Priority::ALL.map(|priority| {
        let (detail, icon) = match priority {
            Priority::Elderly => ("Umur 60 tahun atau lebih.", "cane"),
            Priority::Disability => ("Juga bagi pendampingnya.", "wheelchair"),
            Priority::Pregnant => ("Atau baru melahirkan.", "baby-bottle"),
            Priority::Toddler => ("Anak di bawah lima tahun.", "baby-carriage"),
            Priority::Ill => ("Tidak kuat menunggu lama.", "stethoscope"),
        };
        card(priority.key(), priority.title(), detail, icon)
    });
    std::iter::once(none).chain(each).collect()
}

/// A text in the person's language.
fn tr(flow: &Flow, text: &str) -> String {
    words::of(flow.comfort.language, text).to_owned()
}

struct Hours {
    open_until: String,
    pause: bool,
    closed_reason: ClosedReasonView,
    holiday: String,
    opens_at: String,
}

/// What is to be said about the office's hours.
fn hours(flow: &Flow, now: Timestamp) -> Hours {
    let time_text = |time: jiff::civil::Time| format!("{:02}.{:02}", time.hour(), time.minute());
    let mut hours = Hours {
        open_until: String::new(),
        pause: false,
        closed_reason: ClosedReasonView::Hours,
        holiday: String::new(),
        opens_at: String::new(),
    };
    match flow.service(now) {
        Service::Open { until, pause } => {
            hours.open_until = until.map(time_text).unwrap_or_default();
            hours.pause = pause;
        }
        Service::Closed { late, holiday, opens } => {
            hours.closed_reason = match (late, &holiday) {
                (true, _) => ClosedReasonView::Late,
                (false, Some(_)) => ClosedReasonView::Holiday,
                (false, None) => ClosedReasonView::Hours,
            };
            hours.holiday = holiday.unwrap_or_default();
            hours.opens_at = opens.map_or_else(String::new, |at| {
                let day = words::date(flow.comfort.language, at.date());
                words::fill(flow.comfort.language, "{}, pukul {}", &[&day, &time_text(at.time())])
            });
        }
    }
    hours
}

fn document_row(flow: &Flow, document: &DocumentKey, need: RowNeed, note: &str) -> DocumentRow {
    let kind = flow.session.catalogue.document(document);
    let hint = if note.is_empty() { kind.map_or("", |kind| kind.hint.as_str()) } else { note };
    DocumentRow {
        key: document.to_string(),
        title: kind.map_or_else(|| document.to_string(), |kind| tr(flow, &kind.label)),
        hint: tr(flow, hint),
        icon: kind.map(|kind| kind.icon.to_string()).unwrap_or_default(),
        need,
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

fn show_checklist(flow: &Flow, scope: Scope, view: &mut KioskView) {
    view.checklist = flow.session.requirements(scope).iter().map(|row| requirement_row(flow, row)).collect();
    view.checklist_open = flow.first_undecided(scope).unwrap_or(view.checklist.len());
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
        view.scan_title = tr(flow, &kind.label);
        view.scan_hint = tr(flow, &kind.hint);
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
            view.scan_failure = tr(flow, failure.cause());
            ScanPhaseView::Failed
        }
    };
}

fn review(flow: &Flow) -> Vec<ReviewLine> {
    let session = &flow.session;
    let line = |key, label: &str, value: String, icon| ReviewLine {
        key,
        label: tr(flow, label),
        value,
        icon,
        editable: true,
    };
    let mut lines = Vec::new();
    if session.correcting.is_none() {
        let title = session.variant().map(|variant| tr(flow, &variant.title)).unwrap_or_default();
        lines.push(line("variant", "Layanan", title, "file-text"));
        let who = match session.who {
            Some(Who::Proxy) => "Penerima kuasa",
            Some(Who::Family) => "Keluarga dalam satu KK",
            Some(Who::InPerson) | None => "Pemohon sendiri",
        };
        lines.push(line("applicant", "Yang mengajukan", tr(flow, who), "user"));
        if let Some(typed) = session.nik {
            lines.push(line("nik", "NIK pemohon", typed.nik.masked(), "id"));
        }
        if let (Some(Who::Proxy), Some(typed)) = (session.who, session.proxy_nik) {
            lines.push(line("proxy-nik", "NIK penerima kuasa", typed.nik.masked(), "user-share"));
        }
        let phone = session.phone.as_ref().map_or_else(|| tr(flow, "Tidak diisi"), crate::domain::phone::Phone::masked);
        lines.push(line("phone", "Nomor telepon", phone, "phone-call"));
        let priority = session.priority.map_or("Tidak perlu", Priority::title);
        lines.push(line("priority", "Didahulukan", tr(flow, priority), "cane"));
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
    if let Some(token) = &receipt.token {
        view.slip_code = token.manual_code().to_string();
        view.slip_qr = Some(token.qr_text(flow.setup.url_base.as_deref()));
    }
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
    view.status_title = tr(flow, title.trim_end_matches('.'));
    let wanted = status.wanted.iter().map(|wanted| format!("{}: {}", tr(flow, &wanted.title), tr(flow, &wanted.what_to_do)));
    let details: Vec<String> = std::iter::once(tr(flow, detail)).chain(wanted).filter(|text| !text.is_empty()).collect();
    view.status_detail = details.join(" ");
    if let Some(number) = status.pickup {
        let waits = words::fill(flow.comfort.language, "Nomor pengambilan Anda {}.", &[&number.to_string()]);
        view.status_detail = format!("{waits} {}", view.status_detail).trim_end().to_owned();
    }
    let current = status.trail.iter().position(|step| !step.done).filter(|_| !status.stage.is_final());
    view.status_now = current.unwrap_or(status.trail.len().saturating_sub(1));
    view.status_path = status
        .trail
        .iter()
        .enumerate()
        .map(|(at, step)| PathLine { title: tr(flow, &step.title), done: step.done, current: Some(at) == current })
        .collect();
    view.status_can_collect = flow.can_collect();
    view.status_can_correct = flow.can_correct();
}

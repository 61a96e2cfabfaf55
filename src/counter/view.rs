//! What the counter's window shows, as plain data: one field for each property of the contract.

use jiff::Timestamp;

use super::flow::{Collector, CounterFlow, HandoverPhase, Mark, OpenCase, ScanState, Screen};
use super::hall_lines::{AsideLine, PlaceLine, QueueLine, called_words};
use super::stations::StationLine;
use crate::domain::catalogue::Catalogue;
use crate::domain::hall::DeskState;
use crate::domain::ids::DocumentId;
use crate::domain::office::Zone;
use crate::domain::stage::Stage;
use crate::station::health::DeviceLine;
use crate::wire::case::{CaseDetail, CaseDocument, NeedWire, TrailStep};
use crate::wire::find::CaseNote;

/// Which screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterScreen {
    /// Name and password.
    Login,
    /// The desk.
    Desk,
}

/// What the desk's right column offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseMode {
    /// No case.
    None,
    /// Step 2.
    Verify,
    /// Another desk has it.
    WaitingElsewhere,
    /// Step 7.
    Receive,
    /// Step 8.
    HandOver,
    /// Nothing left to do.
    Done,
}

/// How a document is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedMood {
    /// Must be there.
    Mandatory,
    /// One of a group.
    OneOf,
    /// Often asked.
    Practice,
}

/// What is known of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentMood {
    /// Nothing.
    Unknown,
    /// The applicant said they brought it.
    Have,
    /// Not brought.
    Missing,
    /// Scanned, not looked at.
    Scanned,
    /// Scanned and good.
    Accepted,
    /// Not good.
    Rejected,
    /// Seen on paper.
    Shown,
}

/// A document of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLine {
    /// Kind.
    pub key: String,
    /// Label.
    pub title: String,
    /// How it is asked for.
    pub need: NeedMood,
    /// What is known of it.
    pub state: DocumentMood,
    /// Why it is not good.
    pub reason: String,
    /// There is a scan.
    pub has_scan: bool,
    /// It is only shown, never scanned.
    pub shown_only: bool,
    /// What the kiosk doubts about the scan, in few words; empty for nothing.
    pub doubts: String,
    /// The scan carries the QR code of a KK's electronic signature.
    pub signature_qr: bool,
}

/// A document among all, with its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileLine {
    /// Its scan, once it is here.
    pub scan: Option<DocumentId>,
    /// Its scan is on the way.
    pub loading: bool,
}

/// A return reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonLine {
    /// For ticking it.
    pub key: String,
    /// Words.
    pub text: String,
    /// Ticked.
    pub checked: bool,
}

/// A step of the SOP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailLine {
    /// Name.
    pub title: String,
    /// When it was done.
    pub when: String,
    /// By whom.
    pub who: String,
    /// Done.
    pub done: bool,
    /// Being waited for.
    pub current: bool,
}

/// Another way to know who collects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallbackLine {
    /// For choosing it.
    pub key: String,
    /// Words.
    pub title: String,
    /// More words.
    pub detail: String,
}

/// A failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailureLine {
    /// Shown.
    pub visible: bool,
    /// Stable code.
    pub code: String,
    /// Heading.
    pub title: String,
    /// What happened.
    pub cause: String,
    /// What to do.
    pub action: String,
}

/// Everything on the window. Names follow `ui/api/counter.slint`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CounterView {
    pub screen: CounterScreen,
    pub office_name: String,
    pub counter_name: String,
    pub officer: String,
    pub clock: String,
    pub hub_online: bool,
    pub simulated: bool,
    pub devices: Vec<DeviceLine>,
    pub devices_open: bool,
    pub card_forgotten: bool,
    pub busy: bool,
    pub login_message: String,
    pub must_change_password: bool,
    pub waiting: Vec<QueueLine>,
    pub ready_count: usize,
    pub printed: Vec<QueueLine>,
    pub called_ticket: String,
    pub called_queue: String,
    pub called_for_help: bool,
    pub called_calls: String,
    pub can_no_show: bool,
    pub desk_state: DeskState,
    pub hall_open: bool,
    pub places: Vec<PlaceLine>,
    pub aside: Vec<AsideLine>,
    pub station_lines: Vec<StationLine>,
    pub station_lines_more: usize,
    pub has_case: bool,
    pub ticket: String,
    pub case_title: String,
    pub case_stage: String,
    pub applicant_nik: String,
    pub applicant_note: String,
    pub applicant_phone: String,
    pub notes: Vec<String>,
    pub note_open: bool,
    pub found: Vec<QueueLine>,
    pub found_more: bool,
    pub proxy_nik: String,
    pub documents: Vec<DocumentLine>,
    pub selected_document: usize,
    pub scan: Option<DocumentId>,
    pub scan_loading: bool,
    pub overview: bool,
    pub tiles: Vec<TileLine>,
    pub trail: Vec<TrailLine>,
    pub mode: CaseMode,
    pub can_accept: bool,
    pub return_panel: bool,
    pub reasons: Vec<ReasonLine>,
    pub can_return: bool,
    pub return_needs_note: bool,
    pub handover: HandoverPhase,
    pub has_proxy: bool,
    pub card_nik: String,
    pub fallbacks: Vec<FallbackLine>,
    pub notice: String,
    pub failure: FailureLine,
}

impl CounterFlow {
    /// Words the state for the window.
    #[must_use]
    pub fn view(&self) -> CounterView {
        let mut view = self.view_without_case();
        if let (Some(case), CounterScreen::Desk) = (&self.case, view.screen) {
            self.word_case(case, &mut view);
        }
        view
    }

    fn view_without_case(&self) -> CounterView {
        let (screen, login_message, must_change_password) = match &self.screen {
            Screen::Login { message, must_change_password } => {
                (CounterScreen::Login, message.clone(), *must_change_password)
            }
            Screen::Desk => (CounterScreen::Desk, String::new(), false),
        };
        let screen_is_desk = screen == CounterScreen::Desk;
        let (station_lines, station_lines_more) = self.station_lines();
        CounterView {
            screen,
            office_name: self.facts.office.clone(),
            counter_name: self.facts.counter.clone(),
            officer: self.officer.clone().unwrap_or_default(),
            clock: self.facts.zone.clock_text(self.now),
            hub_online: self.online,
            simulated: self.is_simulated(),
            devices: self.device_lines(),
            devices_open: self.staff_open,
            card_forgotten: self.card_forgotten(),
            busy: self.waits_for_hub(),
            login_message,
            must_change_password,
            waiting: self.waiting_lines(),
            ready_count: self.ready_count(),
            printed: self.printed_lines(),
            called_ticket: self.called.as_ref().map(|row| row.number.to_string()).unwrap_or_default(),
            called_queue: self.called.as_ref().map(called_words).unwrap_or_default(),
            called_for_help: self.is_helping(),
            called_calls: self.calls_words(),
            can_no_show: self.calls().is_none_or(|(calls, enough)| calls >= enough),
            desk_state: self.desk_state(),
            hall_open: self.hall_open && screen_is_desk,
            places: self.place_lines(),
            aside: self.aside_lines(),
            station_lines,
            station_lines_more,
            has_case: false,
            ticket: String::new(),
            case_title: String::new(),
            case_stage: String::new(),
            applicant_nik: String::new(),
            applicant_note: String::new(),
            applicant_phone: String::new(),
            notes: Vec::new(),
            note_open: self.note_open && screen_is_desk,
            found: self.found_lines(),
            found_more: self.found_cases().1,
            proxy_nik: String::new(),
            documents: Vec::new(),
            selected_document: 0,
            scan: None,
            scan_loading: false,
            overview: false,
            tiles: Vec::new(),
            trail: Vec::new(),
            mode: CaseMode::None,
            can_accept: false,
            return_panel: false,
            reasons: Vec::new(),
            can_return: false,
            return_needs_note: false,
            handover: HandoverPhase::WaitCard,
            has_proxy: false,
            card_nik: String::new(),
            fallbacks: Vec::new(),
            notice: self.notice_text().to_owned(),
            failure: self.failing.as_ref().map_or_else(FailureLine::default, |failing| FailureLine {
                visible: true,
                code: failing.code.clone(),
                title: failing.title.clone(),
                cause: failing.cause.clone(),
                action: failing.action.clone(),
            }),
        }
    }

    fn word_case(&self, case: &OpenCase, view: &mut CounterView) {
        let detail = &case.detail;
        view.has_case = true;
        view.ticket = detail.row.ticket.to_string();
        view.case_title.clone_from(&detail.row.title);
        view.case_stage = stage_words(detail);
        view.applicant_nik = detail.applicant.grouped();
        view.applicant_note = self.case_note(detail);
        view.applicant_phone = detail.phone.as_ref().map(crate::wire::case::ShownPhone::text).unwrap_or_default();
        view.notes = note_lines(self.facts.zone, self.now, detail);
        view.proxy_nik = detail.proxy.as_ref().map(crate::domain::nik::Nik::grouped).unwrap_or_default();
        view.has_proxy = detail.proxy.is_some();
        view.documents = detail.documents.iter().map(|document| self.document_line(case, document)).collect();
        view.selected_document = case.selected;
        let selected = detail.documents.get(case.selected).and_then(|document| document.document_id);
        view.scan = selected.filter(|_| case.scan == ScanState::Shown);
        view.scan_loading = case.scan == ScanState::Loading;
        view.overview = case.overview;
        if case.overview {
            view.tiles = detail.documents.iter().map(|document| tile_line(case, document)).collect();
        }
        view.trail = trail_lines(self.facts.zone, self.now, detail);
        view.mode = mode(detail.row.stage);
        view.can_accept = view.mode == CaseMode::Verify && case.is_complete();
        view.return_panel = case.draft.is_some();
        view.reasons =
            self.reasons().into_iter().map(|(key, text, checked)| ReasonLine { key, text, checked }).collect();
        view.can_return = case.can_return();
        view.return_needs_note = self.needs_note();
        view.handover = case.handover.phase;
        view.card_nik = case.handover.card.as_ref().map(|(nik, _)| nik.grouped()).unwrap_or_default();
        if case.handover.phase == HandoverPhase::Fallback {
            view.fallbacks = fallback_lines(case.handover.collector);
        }
    }

    fn document_line(&self, case: &OpenCase, document: &CaseDocument) -> DocumentLine {
        let shown_only = self.catalogue.document(&document.kind).is_some_and(|kind| !kind.scan);
        let chosen = case.draft.iter().flatten().filter(|(kind, _)| kind.as_ref() == Some(&document.kind));
        let mut reasons: Vec<&str> = chosen
            .filter_map(|(_, key)| self.catalogue.return_reason(key))
            .map(|reason| reason.label.as_str())
            .collect();
        let recorded = document.reason.as_ref().and_then(|key| self.catalogue.return_reason(key));
        let rejected = case.mark(document) == Some(Mark::NotGood);
        if reasons.is_empty() && rejected {
            reasons.extend(recorded.map(|reason| reason.label.as_str()));
        }
        DocumentLine {
            key: document.kind.to_string(),
            title: document.title.clone(),
            need: match document.need {
                NeedWire::Mandatory => NeedMood::Mandatory,
                NeedWire::OneOf(_) => NeedMood::OneOf,
                NeedWire::Practice => NeedMood::Practice,
            },
            state: document_mood(case, document, shown_only),
            reason: reasons.join(", ").to_lowercase(),
            doubts: doubt_words(document),
            signature_qr: document.seen.as_ref().is_some_and(|seen| seen.signature_qr),
            has_scan: document.has_scan && case_has_picture(case, document),
            shown_only,
        }
    }

    /// What the officer should know before anything else.
    fn case_note(&self, detail: &CaseDetail) -> String {
        let mut notes = Vec::new();
        if detail.applicant_doubtful {
            notes.push("NIK ini terlihat janggal di anjungan: cocokkan dengan KTP-el.".to_owned());
        }
        if detail.row.stage == Stage::Returned {
            notes.extend(returned_words(&self.catalogue, detail));
        }
        if let Some(register) = detail.register_number {
            notes.push(format!("Nomor register {register}."));
        }
        notes.join(" ")
    }
}

fn tile_line(case: &OpenCase, document: &CaseDocument) -> TileLine {
    let (scan, state) = case.scan_of(document);
    TileLine { scan: scan.filter(|_| state == ScanState::Shown), loading: state == ScanState::Loading }
}

/// The scan of the selected document may be missing at the hub; then the window says to look at the original.
fn case_has_picture(case: &OpenCase, document: &CaseDocument) -> bool {
    let selected = case.detail.documents.get(case.selected).is_some_and(|other| other.kind == document.kind);
    !(selected && case.scan == ScanState::Missing)
}

fn document_mood(case: &OpenCase, document: &CaseDocument, shown_only: bool) -> DocumentMood {
    match case.mark(document) {
        Some(Mark::Good) if document.has_scan => DocumentMood::Accepted,
        Some(Mark::Good) => DocumentMood::Shown,
        Some(Mark::NotGood) => DocumentMood::Rejected,
        None if document.has_scan => DocumentMood::Scanned,
        None if document.document_id.is_some() => DocumentMood::Have,
        None if shown_only => DocumentMood::Unknown,
        None => DocumentMood::Missing,
    }
}

fn returned_words(catalogue: &Catalogue, detail: &CaseDetail) -> Option<String> {
    let words: Vec<String> = detail
        .return_reasons
        .iter()
        .filter_map(|reason| {
            let label = &catalogue.return_reason(&reason.reason)?.label;
            let document = reason.document.as_ref().and_then(|kind| catalogue.document(kind));
            Some(document.map_or_else(|| label.clone(), |document| format!("{}: {label}", document.short)))
        })
        .chain(detail.return_note.clone())
        .collect();
    (!words.is_empty()).then(|| format!("Dikembalikan karena {}.", words.join("; ")))
}

const fn mode(stage: Stage) -> CaseMode {
    match stage {
        Stage::Submitted | Stage::Returned => CaseMode::Verify,
        Stage::Verified | Stage::Proposed | Stage::Endorsed | Stage::Signed => CaseMode::WaitingElsewhere,
        Stage::Printed => CaseMode::Receive,
        Stage::Received => CaseMode::HandOver,
        Stage::HandedOver | Stage::Cancelled | Stage::Unclaimed => CaseMode::Done,
    }
}

/// Says where the case is, and at whose desk.
fn stage_words(detail: &CaseDetail) -> String {
    let words = match detail.row.stage {
        Stage::Submitted => "Menunggu pemeriksaan dokumen",
        Stage::Verified => "Di meja operator: menunggu input SIAK",
        Stage::Proposed => "Di meja Kepala Bidang: menunggu pemeriksaan",
        Stage::Endorsed if detail.row.signature_deferred => "Di meja Kepala Dinas: tanda tangan elektronik tertunda",
        Stage::Endorsed => "Di meja Kepala Dinas: menunggu persetujuan",
        Stage::Signed => "Di meja operator: menunggu cetak KK",
        Stage::Printed => "KK sudah dicetak, belum diterima loket",
        Stage::Received => "KK siap diserahkan",
        Stage::HandedOver => "KK sudah diserahkan",
        Stage::Returned => "Dikembalikan kepada pemohon",
        Stage::Cancelled => "Permohonan dibatalkan",
        Stage::Unclaimed => "Batas waktu pengambilan lewat",
    };
    words.to_owned()
}

/// The time, and before it day and month in figures when it was not today: a step of the path is narrow.
pub(super) fn short_when_text(zone: Zone, now: Timestamp, at: Timestamp) -> String {
    let (day, clock) = (zone.day(at), zone.clock_text(at));
    if day == zone.day(now) { clock } else { format!("{:02}/{:02} {clock}", day.day(), day.month()) }
}

fn trail_lines(zone: Zone, now: Timestamp, detail: &CaseDetail) -> Vec<TrailLine> {
    let stage = detail.row.stage;
    // Beside the path: what was reached counts only up to the desk that sent it back.
    let reached = stage.sop_step().unwrap_or(1);
    let line = |step: &TrailStep| {
        let done = step.step <= reached && step.at.is_some();
        TrailLine {
            title: step.stage.short_words().to_owned(),
            when: step.at.filter(|_| done).map(|at| short_when_text(zone, now, at)).unwrap_or_default(),
            who: step.by.clone().filter(|_| done).unwrap_or_default(),
            done,
            current: !stage.is_final() && step.step == reached + 1,
        }
    };
    detail.trail.iter().map(line).collect()
}

fn fallback_lines(collector: Collector) -> Vec<FallbackLine> {
    let who = match collector {
        Collector::Applicant => "pemohon",
        Collector::Proxy => "penerima kuasa",
    };
    [
        ("retry", "Baca kartu sekali lagi", "Bersihkan kartu dan letakkan rata di alat".to_owned()),
        (
            "visual",
            "Cocokkan wajah dan data kartu",
            format!("Bandingkan foto pada KTP-el dengan {who}, lalu ketik NIK-nya"),
        ),
        ("ikd", "Identitas Kependudukan Digital", format!("Lihat IKD di ponsel {who}, lalu ketik NIK-nya")),
    ]
    .into_iter()
    .map(|(key, title, detail)| FallbackLine { key: key.to_owned(), title: title.to_owned(), detail })
    .collect()
}

/// Notes of earlier officers, as they stand on the window.
fn note_lines(zone: Zone, now: Timestamp, detail: &CaseDetail) -> Vec<String> {
    let line = |note: &CaseNote| format!("{} · {}, {}", note.text, note.by, short_when_text(zone, now, note.at));
    detail.notes.iter().map(line).collect()
}

/// What the kiosk doubts about a scan, until an officer has looked.
fn doubt_words(document: &CaseDocument) -> String {
    let doubts = document.seen.iter().flat_map(|seen| &seen.doubts);
    doubts.map(|doubt| doubt.short_words()).collect::<Vec<_>>().join(", ")
}

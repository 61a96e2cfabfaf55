//! What stands on each screen.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

use super::*;
use crate::domain::hours::ServiceState;

pub(super) fn show_cards(flow: &Flow, view: &mut KioskView) {
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

pub(super) fn show_question(flow: &Flow, at: usize, view: &mut KioskView) {
    let questions = flow.session.questions();
    view.question_number = at + 1;
    view.question_count = questions.len();
    if let Some(question) = questions.get(at) {
        view.question = tr(flow, &question.text);
        view.question_help = tr(flow, &question.help);
    }
}

pub(super) fn show_guide(flow: &Flow, at: usize, view: &mut KioskView) {
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

pub(super) fn priority_cards(language: Language) -> Vec<Card> {
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
pub(super) fn tr(flow: &Flow, text: &str) -> String {
    words::of(flow.comfort.language, text).to_owned()
}

pub(super) struct Hours {
    pub(super) open_until: String,
    pub(super) pause: bool,
    pub(super) closed_reason: ClosedReasonView,
    pub(super) holiday: String,
    pub(super) opens_at: String,
}

/// What is to be said about the office's hours.
pub(super) fn hours(flow: &Flow, now: Timestamp) -> Hours {
    let time_text = |time: Time| format!("{:02}.{:02}", time.hour(), time.minute());
    let mut hours = Hours {
        open_until: String::new(),
        pause: false,
        closed_reason: ClosedReasonView::Hours,
        holiday: String::new(),
        opens_at: String::new(),
    };
    let opens_at = |opens: Option<DateTime>| {
        opens.map_or_else(String::new, |at| {
            let day = words::date(flow.comfort.language, at.date());
            words::fill(flow.comfort.language, "{}, pukul {}", &[&day, &time_text(at.time())])
        })
    };
    match flow.service(now) {
        None => {}
        Some(ServiceState::Open { until }) => hours.open_until = time_text(until),
        Some(ServiceState::Break { until }) => {
            hours.open_until = time_text(until);
            hours.pause = true;
        }
        Some(ServiceState::ClosingSoon { .. }) => hours.closed_reason = ClosedReasonView::Late,
        Some(ServiceState::Closed { opens }) => hours.opens_at = opens_at(opens),
        Some(ServiceState::Holiday { name, opens }) => {
            hours.closed_reason = ClosedReasonView::Holiday;
            hours.holiday = name;
            hours.opens_at = opens_at(opens);
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

pub(super) fn show_checklist(flow: &Flow, scope: Scope, view: &mut KioskView) {
    view.checklist = flow.session.requirements(scope).iter().map(|row| requirement_row(flow, row)).collect();
    view.checklist_open = flow.first_undecided(scope).unwrap_or(view.checklist.len());
}

pub(super) fn show_missing(flow: &Flow, scope: Scope, view: &mut KioskView) {
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

pub(super) fn show_nik(flow: &Flow, purpose: Purpose, view: &mut KioskView) {
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
        NikIssue::CardUnreadable => NikIssueView::CardUnreadable,
    };
}

pub(super) fn show_scan(flow: &Flow, at: usize, view: &mut KioskView) {
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
            if let Some(seen) = flow.doubt_about(order) {
                view.scan_doubt = tr(flow, seen.doubt.plain_words());
                view.scan_doubt_place = seen.place;
            }
            view.scan_good = flow.is_found_good(order);
            ScanPhaseView::Preview
        }
        ScanState::Failed(failure) => {
            view.scan_failure = tr(flow, failure.cause());
            ScanPhaseView::Failed
        }
    };
}

pub(super) fn review(flow: &Flow) -> Vec<ReviewLine> {
    let session = &flow.session;
    let line =
        |key, label: &str, value: String, icon| ReviewLine { key, label: tr(flow, label), value, icon, editable: true };
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

pub(super) fn show_slip(flow: &Flow, view: &mut KioskView) {
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

pub(super) fn show_status(flow: &Flow, view: &mut KioskView) {
    let Some(status) = flow.session.status() else { return };
    // The hub's words are two short sentences: what is, and what comes.
    let words = tr(flow, &status.words);
    let (title, detail) = words.split_once(". ").unwrap_or((&words, ""));
    title.trim_end_matches('.').clone_into(&mut view.status_title);
    let wanted =
        status.wanted.iter().map(|wanted| format!("{}: {}", tr(flow, &wanted.title), tr(flow, &wanted.what_to_do)));
    let details: Vec<String> =
        std::iter::once(detail.to_owned()).chain(wanted).filter(|text| !text.is_empty()).collect();
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

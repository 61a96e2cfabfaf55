//! One case on a desk: who, what papers, how far, and what may be done now.

use maud::{Markup, html};

use super::case_actions::{actions, return_sheet};
use super::case_documents::documents;
use super::case_notes::notes;
use super::case_trail::trail;
use super::frame::{Shell, document, notice};
use super::icon::{Icon, icon};
use super::words;
use crate::domain::stage::Stage;
use crate::hub::page_model::CasePage;
use crate::wire::case::{CaseDetail, ReturnReason};

/// Draws `GET /meja/{case_id}`.
#[must_use]
pub fn case_page(page: &CasePage) -> Markup {
    let detail = &page.detail;
    let row = &detail.row;
    let content = html! {
        main id="isi" tabindex="-1" data-case={ "/meja/" (row.case_id) } data-version=(row.version) {
            div.stack {
                div {
                    a.back href="/meja" { (icon(Icon::Back)) "Kembali ke meja" }
                    div.title {
                        h1 { span.ticket { (row.ticket) } " " span.unseen { ": " } br; (row.title) }
                        p.tags {
                            span.tag.primary id="tahap" data-stage=(row.stage) { (words::stage(row.stage)) }
                            @if row.signature_deferred { span.tag.caution { (icon(Icon::Hourglass)) "TTE tertunda" } }
                        }
                    }
                }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                div.say.caution id="berubah" role="status" hidden {
                    (icon(Icon::Bell))
                    p {
                        "Permohonan ini baru saja diubah petugas lain. "
                        a href={ "/meja/" (row.case_id) } { "Muat ulang" }
                    }
                }
                (filed(page))
                (returned(page))
                div.case.stack {
                    div.aside.stack {
                        (facts(detail))
                        (trail(&page.frame, detail))
                    }
                    div.stack {
                        (notes(page))
                        (documents(page))
                        (return_sheet(page))
                    }
                }
            }
        }
        (actions(page))
    };
    let mut shell = Shell::new(format!("{} {}", row.ticket, row.title));
    shell.live = true;
    document(&page.frame, &shell, &content)
}

fn facts(detail: &CaseDetail) -> Markup {
    html! {
        section.card aria-labelledby="data" {
            h2.unseen id="data" { "Data permohonan" }
            dl.facts {
                div {
                    dt { "NIK pemohon" }
                    dd.nik.num { (detail.applicant.grouped()) }
                    @if detail.applicant_doubtful {
                        dd { span.tag.caution { (icon(Icon::Alert)) "Cocokkan dengan KTP-el" } }
                    }
                }
                @if let Some(no_kk) = &detail.no_kk { div { dt { "Nomor KK" } dd.nik.num { (no_kk.grouped()) } } }
                @if let Some(proxy) = &detail.proxy { div { dt { "NIK penerima kuasa" } dd.nik.num { (proxy.grouped()) } } }
                @if let Some(phone) = &detail.phone { div { dt { "Nomor HP pemohon" } dd.num id="nomor-hp" { (phone.text()) } } }
                @if let Some(number) = &detail.siak_number {
                    div { dt { "Nomor pengajuan SIAK" } dd id="nomor-siak" { (number) } }
                }
                @if let Some(number) = detail.register_number { div { dt { "Nomor buku register" } dd.num { (number) } } }
            }
        }
    }
}

/// The way to the archive, once the case is filed there.
fn filed(page: &CasePage) -> Markup {
    let Some(archived) = page.archived else { return html! {} };
    html! {
        div.say id="diarsipkan" {
            (icon(Icon::Archive))
            p {
                @if archived.readable {
                    "Permohonan ini sudah diarsipkan. "
                } @else {
                    "Permohonan ini sudah diarsipkan dan dokumennya dimusnahkan. "
                }
                a href={ "/arsip/" (page.detail.row.case_id) } id="ke-arsip" { "Buka arsip " (archived.number) }
            }
        }
    }
}

/// Why the case came back: to the applicant, or to the operator's desk for correction.
fn returned(page: &CasePage) -> Markup {
    let detail = &page.detail;
    if detail.return_reasons.is_empty() && detail.return_note.is_none() {
        return html! {};
    }
    let heading = match detail.row.stage {
        Stage::Returned => "Dikembalikan kepada pemohon",
        _ if detail.row.sent_back => "Dikirim kembali untuk diperbaiki",
        _ => "Pernah dikembalikan",
    };
    html! {
        div.say.caution id="dikembalikan" {
            (icon(Icon::Return))
            div {
                strong { (heading) }
                @if !detail.return_reasons.is_empty() {
                    ul.list { @for reason in &detail.return_reasons { li { (reason_words(page, reason)) } } }
                }
                @if let Some(note) = &detail.return_note { p { "Catatan: " (note) } }
            }
        }
    }
}

/// Returns the office's words for a reason; its key, readably, where the service file no longer knows it.
pub(super) fn reason_words(page: &CasePage, reason: &ReturnReason) -> String {
    let title = page.detail.documents.iter().find(|document| Some(&document.kind) == reason.document.as_ref());
    let label = page
        .reasons
        .iter()
        .find(|choice| choice.key == reason.reason)
        .map_or_else(|| reason.reason.as_str().replace('_', " "), |choice| choice.label.clone());
    match (title, &reason.document) {
        (Some(document), _) => format!("{}: {label}", document.title),
        (None, Some(kind)) => format!("{}: {label}", kind.as_str().replace('_', " ")),
        (None, None) => label,
    }
}

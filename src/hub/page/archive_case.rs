//! One archived case: where its papers lie, what its documents are, and how they are opened or taken along.

use maud::{Markup, html};

use super::frame::{Shell, document};
use super::icon::{Icon, icon};
use super::words;
use crate::domain::office::date_text;
use crate::hub::page_model::{ArchiveCasePage, Frame};
use crate::wire::archive::{ArchiveDocument, ArchiveRow};

/// Digits of a SHA-256 that stand on the page; the whole is in the title.
const DIGEST_SHOWN: usize = 12;

/// Draws `GET /arsip/{case_id}`.
#[must_use]
pub fn archive_case_page(page: &ArchiveCasePage) -> Markup {
    let row = &page.detail.row;
    let content = html! {
        main id="isi" tabindex="-1" {
            div.stack {
                div {
                    a.back href="/arsip" { (icon(Icon::Back)) "Kembali ke pencarian" }
                    div.title {
                        h1 { span.ticket { (row.number) } " " span.unseen { ": " } br; (row.title) }
                        p.tags { (state(&page.frame, row)) }
                    }
                }
                @if !is_kept(row) { (gone(&page.frame, row)) }
                div.case.stack {
                    div.aside.stack { (facts(&page.frame, row)) @if is_kept(row) { (take_along(page)) } }
                    (documents(page))
                }
            }
        }
    };
    document(&page.frame, &Shell::new(format!("Arsip {}", row.number)), &content)
}

/// The words of the API are keys; only what is kept can be opened.
fn is_kept(row: &ArchiveRow) -> bool {
    row.state == "kept"
}

/// Draws whether a file can still be read.
pub(super) fn state(frame: &Frame, row: &ArchiveRow) -> Markup {
    match (row.state.as_str(), row.destroyed_at) {
        ("kept", _) => html! { span.tag.success { (icon(Icon::Lock)) "Tersimpan" } },
        (_, Some(at)) => html! {
            span.tag.danger { (icon(Icon::Stop)) "Dimusnahkan " (date_text(frame.zone.day(at))) }
        },
        (_, None) => html! { span.tag.caution { (icon(Icon::Hourglass)) "Sedang dimusnahkan" } },
    }
}

fn gone(frame: &Frame, row: &ArchiveRow) -> Markup {
    html! {
        div.say.caution id="musnah" {
            (icon(Icon::Info))
            div {
                @match row.destroyed_at {
                    Some(at) => strong { "Berkas ini dimusnahkan pada " (words::dated(frame, at)) "." },
                    None => strong { "Berkas ini sedang dimusnahkan." },
                }
                p {
                    "Masa simpannya sudah habis. Dokumen di server tidak dapat dibuka lagi; yang tersisa hanya catatan di \
                     bawah ini."
                }
            }
        }
    }
}

fn facts(frame: &Frame, row: &ArchiveRow) -> Markup {
    html! {
        section.card aria-labelledby="data" {
            h2.unseen id="data" { "Data arsip" }
            dl.facts {
                div { dt { "Tempat berkas kertas" } dd id="rak" { (row.shelf) } }
                @if let Some(register) = &row.register {
                    div {
                        dt { "Buku register " (register.year) }
                        dd.num { "Nomor " (register.number) ", " (date_text(register.date)) }
                        dd.soft { "Dicatat oleh " (register.officer) }
                    }
                } @else {
                    div { dt { "Buku register" } dd { "Tidak tercatat: KK tidak diserahkan" } }
                }
                @if let Some(collector) = &row.register.as_ref().and_then(|register| register.collector.as_deref()) {
                    div { dt { "KK diambil oleh" } dd { (collected_by(collector)) } }
                }
                div {
                    dt { "Diarsipkan" }
                    dd { (words::dated(frame, row.filed_at)) }
                    dd.soft { "Oleh " (row.filed_by) }
                }
            }
            p.onward { a href={ "/meja/" (row.case_id) } id="permohonan" { "Lihat permohonannya" } }
        }
    }
}

fn collected_by(collector: &str) -> &str {
    match collector {
        "applicant" => "Pemohon sendiri",
        "proxy" => "Penerima kuasa",
        other => other,
    }
}

fn take_along(page: &ArchiveCasePage) -> Markup {
    html! {
        section.card.stack aria-labelledby="bawa" {
            h2 id="bawa" { "Membawa berkas" }
            @if page.may_take_along {
                a.button.plain.wide href={ "/arsip/" (page.detail.row.case_id) "/zip" } id="do-zip" {
                    (icon(Icon::Download)) "Unduh semua (ZIP)"
                }
                p.soft { "ZIP tidak terkunci: siapa pun yang memegangnya dapat membacanya. Pengunduhan dicatat atas nama Anda." }
            } @else {
                p.soft { "Hanya Kepala Bidang dan Kepala Dinas yang dapat mengunduh seluruh berkas (ZIP)." }
            }
        }
    }
}

fn documents(page: &ArchiveCasePage) -> Markup {
    let documents = &page.detail.documents;
    html! {
        section aria-labelledby="dokumen" {
            h2 id="dokumen" { "Dokumen " span.count.num { "(" (documents.len()) ")" } }
            @if documents.is_empty() {
                p.empty { "Tidak ada hasil pindai dalam berkas ini; kertasnya ada di rak." }
            } @else {
                div.docs { @for document in documents { (one(page, document)) } }
            }
        }
    }
}

fn one(page: &ArchiveCasePage, document: &ArchiveDocument) -> Markup {
    let address = format!("/arsip/{}/dokumen/{}", page.detail.row.case_id, document.document_id);
    html! {
        article.card.doc {
            h3 { (document.title) }
            @if document.replaced {
                p.tags { span.tag.caution { (icon(Icon::Refresh)) "Sudah diganti" } }
                p.soft { "Ada hasil pindai yang lebih baru dalam berkas ini." }
            }
            p {
                (document.pages) " halaman · " (words::size(document.pdf_bytes)) " · " (document.dpi) " dpi"
            }
            dl.facts.small {
                div {
                    dt { "Dipindai" }
                    dd { (words::dated(&page.frame, document.scanned_at)) " di " (document.kiosk) }
                    @if let Some(device) = &document.device { dd { "Pemindai: " (device) } }
                }
                div { dt { "SHA-256 PDF" } dd { (digest(document.pdf_sha256.as_str())) } }
                div { dt { "SHA-256 hasil pindai" } dd { (digest(document.original_sha256.as_str())) } }
            }
            @if is_kept(&page.detail.row) {
                a.button.wide href=(address) type="application/pdf" {
                    (icon(Icon::Document)) "Buka PDF" span.unseen { " " (document.title) }
                }
            }
        }
    }
}

fn digest(whole: &str) -> Markup {
    html! { code title=(whole) { (whole.get(..DIGEST_SHOWN).unwrap_or(whole)) "…" } }
}

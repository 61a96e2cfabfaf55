//! The papers of a case, scans side by side.

use maud::{Markup, html};

use super::case::reason_words;
use super::icon::{Icon, icon};
use crate::hub::page_model::CasePage;
use crate::wire::case::{CaseDocument, NeedWire, ReturnReason, Verdict};

/// Draws every document: the scan, a tap away from its full size, or why there is none.
pub(super) fn documents(page: &CasePage) -> Markup {
    let documents = &page.detail.documents;
    html! {
        section aria-labelledby="dokumen" {
            h2 id="dokumen" { "Dokumen " span.count.num { "(" (documents.len()) ")" } }
            div.docs { @for document in documents { (one(page, document)) } }
        }
    }
}

fn one(page: &CasePage, document: &CaseDocument) -> Markup {
    html! {
        article.card.doc {
            h3 { (document.title) }
            p.tags { (need(&document.need)) (verdict(document.verdict)) (seen(document)) }
            @if let Some(reason) = &document.reason {
                p { (reason_words(page, &ReturnReason { document: None, reason: reason.clone() })) }
            }
            (paper(page, document))
        }
    }
}

fn paper(page: &CasePage, document: &CaseDocument) -> Markup {
    match document.document_id {
        Some(_) if document.has_scan && page.archived.is_some_and(|archived| !archived.readable) => {
            absent(Icon::Archive, "Sudah dimusnahkan menurut masa simpan arsip.")
        }
        Some(id) if document.scan_arrived => {
            let address = format!("/meja/{}/dokumen/{id}", page.detail.row.case_id);
            html! {
                a.paper href=(address) {
                    img src=(address) alt={ "Hasil pindai " (document.title) } loading="lazy" decoding="async";
                    span.tag.enlarge { (icon(Icon::Enlarge)) "Perbesar" }
                }
            }
        }
        Some(_) if document.has_scan => {
            absent(Icon::Hourglass, "Gambar belum sampai dari anjungan. Muat ulang sebentar lagi.")
        }
        Some(_) => absent(Icon::Eye, "Tidak dipindai; ditunjukkan di loket."),
        None if document.verdict == Verdict::Accepted => absent(Icon::Eye, "Aslinya sudah dilihat petugas loket."),
        None => absent(Icon::Document, "Tidak ada dalam berkas."),
    }
}

fn absent(mark: Icon, words: &str) -> Markup {
    html! { div.paper.absent { p { (icon(mark)) (words) } } }
}

/// What the kiosk saw on the scan, until the counter has looked.
fn seen(document: &CaseDocument) -> Markup {
    let Some(seen) = document.seen.as_ref().filter(|_| document.verdict == Verdict::Open) else { return html! {} };
    html! {
        @for doubt in &seen.doubts { span class="tag caution" { (icon(Icon::Alert)) (doubt.short_words()) } }
        @if seen.signature_qr { span.tag { "QR TTE Kemendagri" } }
    }
}

fn need(need: &NeedWire) -> Markup {
    let words = match need {
        NeedWire::Mandatory => "Wajib",
        NeedWire::OneOf(_) => "Pilih salah satu",
        NeedWire::Practice => "Bila diminta",
    };
    html! { span.tag { (words) } }
}

fn verdict(verdict: Verdict) -> Markup {
    let (tone, mark, words) = match verdict {
        Verdict::Open => ("tag", Icon::Clock, "Belum diperiksa"),
        Verdict::Accepted => ("tag success", Icon::Check, "Diterima loket"),
        Verdict::Rejected => ("tag danger", Icon::Stop, "Ditolak"),
    };
    html! { span class=(tone) { (icon(mark)) (words) } }
}

//! The public page behind the QR of a slip: where the case is, in large words, and nothing about anybody.

use maud::{Markup, html};

use super::frame::{Shell, document};
use super::icon::{Icon, icon};
use super::words;
use crate::domain::stage::Stage;
use crate::hub::page_model::{Frame, StatusPage};
use crate::wire::case::{SlipStatus, StatusStep};

/// Draws `GET /s/{token}`. Shows ticket, service and stage; it must never show a NIK, a name or a document.
#[must_use]
pub fn status_page(page: &StatusPage) -> Markup {
    let StatusPage { frame, status } = page;
    let (mark, look) = face(status.stage);
    let content = html! {
        main.status id="isi" tabindex="-1" {
            div.stack {
                p.ticketline {
                    span { "Nomor antrean" } b { (status.ticket) }
                }
                div class=(look) {
                    (icon(mark))
                    h1 id="tahap" data-stage=(status.stage) { (status.words) }
                }
                p.soft {
                    (status.title) br;
                    "Keadaan pukul " (frame.zone.clock_text(frame.now)) " " (frame.zone.abbreviation()) ". "
                    a.whole href="" { "Muat ulang" }
                }
                (bring(status))
                (path(frame, status))
                div.card.free {
                    p { strong { "GRATIS" } br; "Jangan memberi uang kepada siapa pun." }
                }
                @if !frame.complaints.is_empty() {
                    div.card { h2 { "Pengaduan" } p { (frame.complaints) } }
                }
            }
        }
    };
    let mut shell = Shell::new(format!("{}: {}", status.ticket, status.words));
    shell.secret_address = true;
    shell.foot = false;
    document(frame, &shell, &content)
}

const fn face(stage: Stage) -> (Icon, &'static str) {
    match stage {
        Stage::Received => (Icon::Ready, "big ready"),
        Stage::HandedOver => (Icon::Done, "big ready"),
        Stage::Returned => (Icon::Return, "big bring"),
        Stage::Cancelled | Stage::Unclaimed => (Icon::Alert, "big bring"),
        Stage::Submitted | Stage::Verified | Stage::Proposed | Stage::Endorsed | Stage::Signed | Stage::Printed => {
            (Icon::Hourglass, "big")
        }
    }
}

/// What to bring: the papers that came back, or the proof for collecting.
fn bring(status: &SlipStatus) -> Markup {
    match status.stage {
        Stage::Returned => html! {
            section.card aria-labelledby="bawa" {
                h2 id="bawa" { "Yang perlu Anda bawa" }
                @if status.wanted.is_empty() {
                    p { "Silakan bertanya di loket. Bawa slip ini." }
                } @else {
                    ul.wanted { @for paper in &status.wanted { li { strong { (paper.title) } span { (paper.what_to_do) } } } }
                    p.soft { "Bawa juga slip ini. Tidak perlu mengajukan lagi." }
                }
            }
        },
        Stage::Received => html! {
            section.card aria-labelledby="bawa" {
                h2 id="bawa" { "Untuk mengambil KK" }
                ul.wanted {
                    li { strong { "Slip ini" } span { "Kertas atau foto kodenya." } }
                    li { strong { "KTP-el asli" } span { "Bila diwakilkan: surat kuasa " span.whole { "F-1.07" } " dan " span.whole { "KTP-el" } " penerima kuasa." } }
                }
            }
        },
        _ => html! {},
    }
}

fn path(frame: &Frame, status: &SlipStatus) -> Markup {
    let walking = !status.stage.is_final() && status.stage != Stage::Returned;
    let next = status.trail.iter().position(|step| !step.done).filter(|_| walking);
    html! {
        section.card aria-labelledby="perjalanan" {
            h2 id="perjalanan" { "Perjalanan permohonan" }
            ol.path {
                @for (at, step) in status.trail.iter().enumerate() { (one(frame, at + 1, step, next == Some(at))) }
            }
        }
    }
}

fn one(frame: &Frame, number: usize, step: &StatusStep, now: bool) -> Markup {
    html! {
        li.done[step.done].now[now] {
            span.dot aria-hidden="true" { @if step.done { (icon(Icon::Check)) } @else { (number) } }
            div.step {
                b { (step.title) }
                @if step.done {
                    span { "Selesai" @if let Some(at) = step.at { " " (words::moment(frame, at)) } }
                } @else if now {
                    span { "Sedang dikerjakan" }
                } @else {
                    span { "Belum" }
                }
            }
        }
    }
}

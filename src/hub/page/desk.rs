//! A desk: what waits for the person signed in.

use maud::{Markup, html};

use super::frame::{Shell, document, notice};
use super::icon::{Icon, icon};
use super::words;
use crate::domain::role::Role;
use crate::hub::page_model::{DeskPage, DeskSection, Frame};
use crate::wire::case::CaseRow;

/// Draws `GET /meja`. `live.js` swaps the element `daftar` for a fresh one when something changed.
#[must_use]
pub fn desk_page(page: &DeskPage) -> Markup {
    let frame = &page.frame;
    let waiting: usize = page.sections.iter().map(|section| section.rows.len()).sum();
    let role = frame.officer.as_ref().map_or("", |officer| officer.role.title());
    let content = html! {
        main id="isi" tabindex="-1" {
            div.stack {
                div.bar {
                    h1 { "Meja " (role) }
                    div.tools {
                        @if frame.officer.as_ref().is_some_and(|officer| matches!(officer.role, Role::Kabid | Role::Kadis)) {
                            a.button.plain.small href="/antrean" id="ruang-layanan" { (icon(Icon::Clock)) "Ruang layanan" }
                        }
                        @if works_on_cases(frame) {
                            a.button.plain.small href="/belum-diambil" id="ke-belum-diambil" {
                                (icon(Icon::Hourglass)) "KK belum diambil"
                            }
                            a.button.plain.small href="/arsip" id="ke-arsip" { (icon(Icon::Archive)) "Arsip" }
                        }
                        a.button.plain.small href="/meja" id="muat-ulang" { (icon(Icon::Refresh)) "Muat ulang" }
                    }
                }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                @if let Some(verb) = page.done {
                    div.say.success role="status" id="berhasil" { (icon(Icon::Done)) p { (words::done(verb)) } }
                }
                div id="daftar" {
                    @if page.sections.is_empty() {
                        p.empty { "Peran Anda tidak mempunyai daftar di sini. Petugas loket bekerja di program loket." }
                    }
                    div.desk.stack {
                        @for (number, section) in page.sections.iter().enumerate() { (list(frame, number, section)) }
                    }
                    p.soft.clock role="status" {
                        "Daftar pukul " (frame.zone.clock_text(frame.now)) " " (frame.zone.abbreviation()) "."
                    }
                }
            }
        }
    };
    let title = if waiting == 0 { format!("Meja {role}") } else { format!("({waiting}) Meja {role}") };
    let mut shell = Shell::new(title);
    shell.live = true;
    document(frame, &shell, &content)
}

/// An administrator keeps accounts and stations; the archive and the list of KK would refuse them.
fn works_on_cases(frame: &Frame) -> bool {
    frame.officer.as_ref().is_some_and(|officer| officer.role != Role::Admin)
}

fn list(frame: &Frame, number: usize, section: &DeskSection) -> Markup {
    let heading = format!("bagian-{}", number + 1);
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { (section.title) " " span.count.num { "(" (section.rows.len()) ")" } }
            @if section.rows.is_empty() {
                p.empty { "Tidak ada yang menunggu." }
            } @else {
                ol.rows { @for row in &section.rows { li { (entry(frame, row)) } } }
            }
        }
    }
}

fn entry(frame: &Frame, row: &CaseRow) -> Markup {
    html! {
        a.row.waits[row.signature_deferred || row.sent_back] href={ "/meja/" (row.case_id) } {
            span.ticket { (row.ticket) }
            span.what {
                (row.title)
                span.since {
                    (words::waited(row.since, frame.now)) ", sejak " (words::moment(frame, row.since))
                }
                @if row.signature_deferred { span.tags { span.tag.caution { (icon(Icon::Hourglass)) "TTE tertunda" } } }
                @if row.sent_back { span.tags { span.tag.caution { (icon(Icon::Return)) "Dikirim kembali" } } }
            }
            (icon(Icon::Go))
        }
    }
}

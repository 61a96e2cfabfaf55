//! KK that lie at the counter: since when, who was reminded, and who is to be.

use maud::{Markup, html};

use super::frame::{Shell, document, form_token, notice};
use super::icon::{Icon, icon};
use crate::domain::ids::RequestId;
use crate::domain::office::{date_text, short_date_text};
use crate::domain::unclaimed::{REMIND_AFTER_DAYS, ReminderWay};
use crate::hub::page_model::{Frame, UnclaimedPage};
use crate::wire::unclaimed::UnclaimedRow;

/// Draws `GET /belum-diambil`.
#[must_use]
pub fn unclaimed_page(page: &UnclaimedPage) -> Markup {
    let content = html! {
        main id="isi" tabindex="-1" {
            div.stack {
                div {
                    a.back href="/meja" { (icon(Icon::Back)) "Kembali ke meja" }
                    div.bar {
                        h1 { "KK belum diambil " span.count.num { "(" (page.total) ")" } }
                        a.button.plain.small href=(address(page.days, page.page)) id="muat-ulang" {
                            (icon(Icon::Refresh)) "Muat ulang"
                        }
                    }
                    p.soft { "KK yang sudah ada di loket dan menunggu pemohonnya." }
                }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                @if page.done {
                    div.say.success role="status" id="berhasil" { (icon(Icon::Done)) p { "Pengingat sudah dicatat." } }
                }
                div.say {
                    (icon(Icon::Info))
                    p {
                        "Sistem ini tidak mengirim pesan. Ingatkan pemohon lebih dahulu, lalu catat di sini. "
                        "Nomor HP ada di halaman permohonan."
                    }
                }
                (periods(page))
                @if page.rows.is_empty() { (nothing(page)) } @else { (list(page)) }
            }
        }
    };
    document(&page.frame, &Shell::new(format!("({}) KK belum diambil", page.total)), &content)
}

fn address(days: u16, page: usize) -> String {
    format!("/belum-diambil?days={days}&page={page}")
}

fn periods(page: &UnclaimedPage) -> Markup {
    html! {
        nav.tools aria-label="Lama di loket" {
            @for days in [0].into_iter().chain(REMIND_AFTER_DAYS) {
                a.button.small.plain[page.days != days] href=(address(days, 0))
                    aria-current=[(page.days == days).then_some("true")] {
                    @if days == 0 { "Semua" } @else { (days) " hari atau lebih" }
                }
            }
        }
    }
}

fn nothing(page: &UnclaimedPage) -> Markup {
    html! {
        p.empty id="kosong" {
            @if page.days == 0 { "Tidak ada KK yang menunggu diambil." }
            @else { "Tidak ada KK yang sudah " (page.days) " hari atau lebih di loket." }
        }
    }
}

fn list(page: &UnclaimedPage) -> Markup {
    let (first, last) = (page.before + 1, page.before + page.rows.len());
    html! {
        p id="batas" {
            @if page.due > 0 { strong { (page.due) " perlu diingatkan." } " " }
            "Ditampilkan KK " (first) " sampai " (last) " dari " (page.total) "."
            @if page.listed < page.total {
                " Daftar ini berhenti pada " (page.listed) " KK yang paling lama di loket; sisanya tidak ditampilkan."
            }
        }
        table.lying {
            thead {
                tr {
                    th scope="col" { "Nomor" }
                    th scope="col" { "Layanan" }
                    th scope="col" { "Di loket sejak" }
                    th scope="col" { "Nomor HP" }
                    th scope="col" { "Pengingat" }
                }
            }
            tbody { @for (row, request_id) in &page.rows { (entry(page, row, *request_id)) } }
        }
        @if page.page > 0 || page.has_next {
            nav.tools aria-label="Bagian daftar" {
                @if page.page > 0 {
                    a.button.plain href=(address(page.days, page.page - 1)) id="sebelumnya" {
                        (icon(Icon::Back)) "Sebelumnya"
                    }
                }
                @if page.has_next {
                    a.button.plain href=(address(page.days, page.page + 1)) id="berikutnya" {
                        "Berikutnya" (icon(Icon::Forward))
                    }
                }
            }
        }
    }
}

fn entry(page: &UnclaimedPage, row: &UnclaimedRow, request_id: RequestId) -> Markup {
    let frame = &page.frame;
    html! {
        tr data-due=(row.due) {
            th scope="row" {
                a.ticket href={ "/meja/" (row.case_id) } { (row.ticket) }
                span.since { (date_text(row.day)) }
            }
            td { (row.title) }
            td { strong { (lain(row.days)) } span.since { (date_text(frame.zone.day(row.since))) } }
            td { @if row.has_phone { "Ada nomor HP" } @else { "Tanpa nomor HP" } }
            td {
                @if row.due { span.tag.caution { (icon(Icon::Bell)) "Perlu diingatkan" } " " }
                span { (reminded(frame, row)) }
                (form(page, row, request_id))
            }
        }
    }
}

/// How long it has lain.
fn lain(days: u32) -> String {
    if days == 0 { "Sejak hari ini".to_owned() } else { format!("{days} hari di loket") }
}

/// `Diingatkan 2 kali, terakhir 28 Nov`.
fn reminded(frame: &Frame, row: &UnclaimedRow) -> String {
    match row.last_reminder {
        None => "Belum pernah diingatkan".to_owned(),
        Some(at) => {
            let last = short_date_text(frame.zone.day(at), frame.zone.day(frame.now));
            format!("Diingatkan {} kali, terakhir {last}", row.reminders)
        }
    }
}

fn form(page: &UnclaimedPage, row: &UnclaimedRow, request_id: RequestId) -> Markup {
    html! {
        form.tools method="post" action={ "/belum-diambil/" (row.case_id) } {
            @if let Some(officer) = &page.frame.officer { (form_token(officer)) }
            input type="hidden" name="request_id" value=(request_id);
            input type="hidden" name="days" value=(page.days);
            input type="hidden" name="page" value=(page.page);
            select name="way" aria-label={ "Cara mengingatkan pemohon " (row.ticket) } {
                @for way in ReminderWay::ALL { option value=(way.key()) { (way.title()) } }
            }
            button.button.plain.small type="submit" { "Catat sudah diingatkan" }
        }
    }
}

//! The hall for whoever answers for it: queues, counters, stations, and what may be decided with one tap.

use maud::{Markup, html};

use super::frame::{Shell, document, form_token, notice};
use super::icon::{Icon, icon};
use super::words;
use crate::domain::device::{DeviceHealth, DeviceKind};
use crate::domain::hall::DeskState;
use crate::domain::ticket::Queue;
use crate::hub::page_model::{Frame, HallPage};
use crate::wire::hall::{CounterState, QueueState};
use crate::wire::health::StationState;

/// Draws `GET /antrean`. `live.js` swaps the element `daftar` for a fresh one when something changed.
#[must_use]
pub fn hall_page(page: &HallPage) -> Markup {
    let frame = &page.frame;
    let floor = &page.hall.floor;
    let content = html! {
        main id="isi" tabindex="-1" {
            div.stack {
                a.back href="/meja" { (icon(Icon::Back)) "Kembali ke meja" }
                div.bar {
                    h1 { "Ruang layanan" }
                    a.button.plain.small href="/antrean" id="muat-ulang" { (icon(Icon::Refresh)) "Muat ulang" }
                }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                @if page.done { div.say.success role="status" id="berhasil" { (icon(Icon::Done)) p { "Sudah diubah." } } }
                div id="daftar" data-from="/antrean" {
                    div.stack {
                        section aria-labelledby="antrean" {
                            h2 id="antrean" { "Antrean" }
                            ul.rows { @for queue in &floor.queues { li { (queue_card(page, queue)) } } }
                        }
                        section aria-labelledby="loket" {
                            h2 id="loket" { "Loket" }
                            @if floor.counters.is_empty() { p.empty { "Belum ada loket yang terdaftar." } }
                            ul.rows { @for counter in &floor.counters { li { (counter_card(page, counter)) } } }
                        }
                        section aria-labelledby="perangkat" {
                            h2 id="perangkat" { "Perangkat" }
                            @if page.stations.is_empty() { p.empty { "Belum ada perangkat yang melapor." } }
                            ul.rows { @for station in &page.stations { li { (station_card(frame, station)) } } }
                        }
                        p.soft.clock role="status" {
                            "Keadaan pukul " (frame.zone.clock_text(frame.now)) " " (frame.zone.abbreviation()) "."
                        }
                    }
                }
                (move_form(page))
                (notice_form(page))
            }
        }
    };
    let mut shell = Shell::new("Ruang layanan");
    shell.live = true;
    document(frame, &shell, &content)
}

/// What every form of this page carries.
fn hidden(page: &HallPage, version: u32) -> Markup {
    html! {
        @if let Some(officer) = &page.frame.officer { (form_token(officer)) }
        input type="hidden" name="request_id" value=(page.request_id);
        input type="hidden" name="version" value=(version);
    }
}

fn queue_card(page: &HallPage, queue: &QueueState) -> Markup {
    let promise = i64::from(page.hall.floor.promise_minutes);
    let longest = queue.waiting_since.map(|since| page.frame.now.duration_since(since).as_mins().max(0));
    let late = longest.is_some_and(|minutes| minutes > promise);
    html! {
        div.card.stack data-queue=(queue.queue.key()) {
            div.bar {
                h3 { (queue.queue.title()) }
                @if queue.open { span.tag.success { (icon(Icon::Check)) "Buka" } }
                @else { span.tag.caution { (icon(Icon::Stop)) "Ditutup" } }
            }
            dl.facts {
                div { dt { "Menunggu" } dd.num { (queue.waiting) " nomor" } }
                div {
                    dt { "Paling lama menunggu" }
                    dd {
                        @match longest {
                            Some(minutes) => { (words::length(minutes * 60)) " dari janji " (promise) " menit" }
                            None => "–",
                        }
                    }
                    @if late { dd { span.tag.caution { (icon(Icon::Hourglass)) "Melewati janji" } } }
                }
                div {
                    dt { "Perkiraan bagi yang baru datang" }
                    dd { @match queue.wait_minutes { Some(minutes) => { (minutes) " menit" }, None => "Belum diketahui" } }
                }
                div {
                    dt { "Nomor hari ini" }
                    dd.num { (queue.taken) @if let Some(left) = queue.left { ", sisa " (left) } }
                }
            }
            form method="post" action="/antrean/queue" {
                (hidden(page, queue.version))
                input type="hidden" name="queue" value=(queue.queue.key());
                input type="hidden" name="open" value=(!queue.open);
                button.button.plain type="submit" {
                    @if queue.open { (icon(Icon::Stop)) "Tutup antrean " } @else { (icon(Icon::Check)) "Buka antrean " }
                    (queue.queue.title())
                }
            }
        }
    }
}

fn counter_card(page: &HallPage, counter: &CounterState) -> Markup {
    let mark = match counter.state {
        DeskState::Open => "success",
        DeskState::Break | DeskState::Closed => "caution",
    };
    html! {
        div.card.stack data-counter=(counter.name) {
            div.bar {
                h3 { (counter.name) }
                span.tags {
                    span class={ "tag " (mark) } { (counter.state.title()) }
                    @if counter.state == DeskState::Open {
                        @match counter.ticket {
                            Some(number) => span.tag { "Melayani " (number) },
                            None => span.tag { "Kosong" },
                        }
                    }
                }
            }
            p.soft {
                @match &counter.officer { Some(officer) => { "Petugas: " (officer) }, None => "Belum ada petugas" }
            }
            form.stack method="post" action="/antrean/counter" {
                (hidden(page, counter.version))
                input type="hidden" name="counter" value=(counter.name);
                @for queue in Queue::ALL {
                    label.check {
                        input type="checkbox" name="skill" value=(queue.key()) checked[counter.skills.has(queue)];
                        (queue.title())
                    }
                }
                div.bar {
                    @for state in DeskState::ALL {
                        button.button.plain.small type="submit" name="state" value=(state.key()) { (state.title()) }
                    }
                }
            }
        }
    }
}

fn station_card(frame: &Frame, station: &StationState) -> Markup {
    html! {
        div.card data-station=(station.name) {
            div.bar {
                h3 { (station.name) }
                span.tags {
                    @if station.silent { span.tag.caution { (icon(Icon::Alert)) "Tidak melapor" } }
                    @for device in &station.devices {
                        @if device.needs_staff() {
                            span.tag.caution { (icon(Icon::Alert)) (device_name(device.device)) ": " (health(device.health)) }
                        } @else {
                            span.tag.success { (icon(Icon::Check)) (device_name(device.device)) }
                        }
                    }
                }
            }
            p.soft { "Laporan terakhir " (words::moment(frame, station.seen_at)) }
        }
    }
}

fn move_form(page: &HallPage) -> Markup {
    html! {
        section aria-labelledby="pindah" {
            h2 id="pindah" { "Pindahkan petugas" }
            form.card.stack method="post" action="/antrean/move" {
                (hidden(page, 0))
                div.field {
                    label for="officer" { "Petugas" }
                    select id="officer" name="officer" required {
                        @for officer in &page.officers { option value=(officer) { (officer) } }
                    }
                }
                div.field {
                    label for="counter" { "Ke loket" }
                    select id="counter" name="counter" {
                        option value="" { "Bebas memilih loket" }
                        @for counter in &page.hall.floor.counters { option value=(counter.name) { (counter.name) } }
                    }
                }
                button.button type="submit" { (icon(Icon::Go)) "Pindahkan untuk hari ini" }
            }
        }
    }
}

fn notice_form(page: &HallPage) -> Markup {
    let floor = &page.hall.floor;
    html! {
        section aria-labelledby="pengumuman" {
            h2 id="pengumuman" { "Pengumuman di papan" }
            form.card.stack method="post" action="/antrean/notice" {
                (hidden(page, floor.notice_version))
                div.field {
                    label for="text" { "Satu kalimat" }
                    input id="text" name="text" type="text" maxlength="160" value=(floor.notice.as_deref().unwrap_or(""))
                        aria-describedby="aturan";
                    small id="aturan" { "Kosongkan untuk menghapus. Tanpa nama orang dan nomor pribadi." }
                }
                button.button type="submit" { (icon(Icon::Send)) "Tampilkan" }
            }
        }
    }
}

const fn device_name(device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Printer => "Pencetak slip",
        DeviceKind::QrScanner => "Pemindai QR",
        DeviceKind::DocumentScanner => "Pemindai dokumen",
        DeviceKind::EktpReader => "Pembaca KTP-el",
        DeviceKind::Speaker => "Pengeras suara",
        DeviceKind::Touchscreen => "Layar sentuh",
    }
}

const fn health(health: DeviceHealth) -> &'static str {
    match health {
        DeviceHealth::Ready => "siap",
        DeviceHealth::MediaAbsent => "tidak ada kertas atau kartu",
        DeviceHealth::MediaEmpty => "kertas habis",
        DeviceHealth::MediaLow => "kertas hampir habis",
        DeviceHealth::MediaFull => "penampung penuh",
        DeviceHealth::Jammed => "macet",
        DeviceHealth::Misplaced => "penutup terbuka",
        DeviceHealth::Damaged => "rusak",
        DeviceHealth::NotReachable => "tidak terhubung",
        DeviceHealth::NotResponding => "tidak menjawab",
    }
}

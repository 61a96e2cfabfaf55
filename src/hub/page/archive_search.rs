//! The search of the archive: one field for whatever number an officer holds, two for days of the register book.

use maud::{Markup, html};

use super::archive_case::state;
use super::frame::{Shell, document, form_token, notice};
use super::icon::{Icon, icon};
use crate::domain::archive_search::{Sought, SoughtFault};
use crate::domain::office::date_text;
use crate::hub::page_model::{ArchiveFound, ArchiveOutcome, ArchiveSearchPage, Frame};
use crate::wire::archive::ArchiveRow;

/// Longest text of the field for numbers; the three numbers are far shorter, also with words before them.
const TEXT_LENGTH_MAX: usize = 60;

/// Where the forms go: on a phone what was found would else begin below both of them.
const RESULTS: &str = "/arsip#hasil";

/// Draws `GET /arsip` and what `POST /arsip` found.
#[must_use]
pub fn archive_search_page(page: &ArchiveSearchPage) -> Markup {
    let fault = match page.outcome {
        ArchiveOutcome::Wrong(fault) => Some(fault),
        _ => None,
    };
    let content = html! {
        main id="isi" tabindex="-1" {
            div.stack {
                div {
                    a.back href="/meja" { (icon(Icon::Back)) "Kembali ke meja" }
                    h1 { "Arsip" }
                    p.soft { "Permohonan yang sudah selesai, dibatalkan, atau tidak diambil." }
                }
                @if let Some(fault) = fault { (wrong(page, fault)) }
                @if let ArchiveOutcome::Refused(refusal) = &page.outcome { (notice(refusal)) }
                div.seek { (by_number(page, fault)) (by_days(page, fault)) }
                @if let ArchiveOutcome::Found(found) = &page.outcome { (results(page, found)) }
            }
        }
    };
    let title = match &page.outcome {
        ArchiveOutcome::Found(found) => format!("({}) Arsip", found.total),
        _ => "Arsip".to_owned(),
    };
    document(&page.frame, &Shell::new(title), &content)
}

fn by_number(page: &ArchiveSearchPage, fault: Option<SoughtFault>) -> Markup {
    let is_wrong = fault.is_some_and(|fault| !about_days(page, fault));
    let is_first = is_wrong || matches!(page.outcome, ArchiveOutcome::Blank);
    html! {
        form.card.stack method="post" action=(RESULTS) role="search" aria-labelledby="cari-nomor" {
            (hidden(&page.frame, "number"))
            h2 id="cari-nomor" { "Cari dengan nomor" }
            div.field {
                label for="nomor" { "Nomor arsip, NIK, atau nomor KK" }
                input id="nomor" name="text" type="text" inputmode="numeric" value=(page.typed.text)
                    maxlength=(TEXT_LENGTH_MAX) autocomplete="off" autocapitalize="none" autocorrect="off"
                    spellcheck="false" enterkeyhint="search" aria-describedby=(described("nomor-aturan", is_wrong))
                    aria-invalid=[is_wrong.then_some("true")] autofocus[is_first];
                small id="nomor-aturan" { "Contoh: 2026-000042, atau 16 angka. Spasi dan tanda hubung tidak berpengaruh." }
            }
            button.button.main type="submit" id="do-cari" { (icon(Icon::Search)) "Cari" }
        }
    }
}

fn by_days(page: &ArchiveSearchPage, fault: Option<SoughtFault>) -> Markup {
    let is_wrong = fault.is_some_and(|fault| about_days(page, fault));
    let field = |id: &str, name: &str, label: &str, value: &str, is_first: bool| {
        html! {
            div.field {
                label for=(id) { (label) }
                input id=(id) name=(name) type="date" value=(value) autocomplete="off" autofocus[is_first]
                    aria-describedby=(described("tanggal-aturan", is_wrong)) aria-invalid=[is_wrong.then_some("true")];
            }
        }
    };
    html! {
        form.card.stack method="post" action=(RESULTS) role="search" aria-labelledby="cari-tanggal" {
            (hidden(&page.frame, "days"))
            h2 id="cari-tanggal" { "Cari dengan tanggal buku register" }
            div.field {
                div.dates {
                    (field("dari", "from", "Dari tanggal", &page.typed.from, is_wrong))
                    (field("sampai", "to", "Sampai tanggal", &page.typed.to, false))
                }
                small id="tanggal-aturan" { "Kosongkan “Sampai tanggal” untuk satu hari saja." }
            }
            button.button.plain.main type="submit" id="do-cari-tanggal" { (icon(Icon::Search)) "Cari tanggal" }
        }
    }
}

fn described(hint: &str, is_wrong: bool) -> String {
    if is_wrong { format!("gagal {hint}") } else { hint.to_owned() }
}

fn hidden(frame: &Frame, by: &str) -> Markup {
    html! {
        @if let Some(officer) = &frame.officer { (form_token(officer)) }
        input type="hidden" name="by" value=(by);
    }
}

/// An empty form is told which of the two it was by what the page was asked for.
fn about_days(page: &ArchiveSearchPage, fault: SoughtFault) -> bool {
    fault.is_about_days() || (fault == SoughtFault::Empty && page.typed.by_days)
}

fn wrong(page: &ArchiveSearchPage, fault: SoughtFault) -> Markup {
    let (what, hint) = match fault {
        SoughtFault::Empty if page.typed.by_days => {
            ("Tanggal belum diisi.".to_owned(), "Pilih hari penyerahan yang tercatat di buku register.")
        }
        SoughtFault::Empty => ("Nomor belum diisi.".to_owned(), "Isi nomor arsip, NIK, atau nomor KK."),
        SoughtFault::NotANumber => (
            "Yang diketik bukan nomor arsip, NIK, atau nomor KK.".to_owned(),
            "Nama, nomor antrean, dan nomor SIAK tidak dapat dicari di sini. Isi nomornya saja, misalnya 2026-000042.",
        ),
        SoughtFault::WrongLength { digits } => (
            format!("Yang diketik {digits} angka."),
            "NIK dan nomor KK terdiri dari 16 angka. Nomor arsip terdiri dari tahun dan nomor urut, misalnya 2026-000042.",
        ),
        SoughtFault::NoSuchNumber => (
            "Nomor arsip seperti itu tidak ada.".to_owned(),
            "Tulis tahun dan nomor urut seperti pada sampul berkas, misalnya 2026-000042.",
        ),
        SoughtFault::NoSuchIdentity => (
            "Angka ini tidak mungkin NIK atau nomor KK.".to_owned(),
            "Cocokkan sekali lagi dengan KTP-el atau KK: mungkin ada angka yang salah ketik.",
        ),
        SoughtFault::DayMissing => {
            ("“Dari tanggal” belum diisi.".to_owned(), "Isi hari pertama; untuk satu hari saja, cukup isi yang itu.")
        }
        SoughtFault::NotADay => {
            ("Tanggal tidak dikenal.".to_owned(), "Tulis seperti 23-11-2026: tanggal, bulan, tahun.")
        }
        SoughtFault::Backwards => {
            ("“Sampai tanggal” lebih awal daripada “Dari tanggal”.".to_owned(), "Tukar kedua tanggal itu.")
        }
        SoughtFault::TooLong => (
            "Rentang tanggal terlalu panjang.".to_owned(),
            "Sekali cari paling lama satu tahun. Bagi menjadi beberapa pencarian.",
        ),
    };
    html! {
        div.say.danger role="alert" id="gagal" {
            (icon(Icon::Alert))
            div { strong { (what) } p { (hint) } }
        }
    }
}

fn results(page: &ArchiveSearchPage, found: &ArchiveFound) -> Markup {
    html! {
        section aria-labelledby="hasil" {
            h2 id="hasil" tabindex="-1" { (heading(&found.sought)) " " span.count.num { "(" (count(found)) ")" } }
            @if found.rows.is_empty() {
                (nothing(&found.sought))
            } @else {
                @if found.rows.len() < found.total || found.cut_off { (limit(found)) }
                ol.rows { @for row in &found.rows { li { (entry(&page.frame, row)) } } }
                @if let Some(next) = found.next_page { (more(page, next)) }
            }
        }
    }
}

fn heading(sought: &Sought) -> String {
    match sought {
        Sought::Number(number) => format!("Nomor arsip {number}"),
        Sought::Identity { .. } => "NIK atau nomor KK itu".to_owned(),
        Sought::Days { from, to } if from == to => format!("Buku register {}", date_text(*from)),
        Sought::Days { from, to } => format!("Buku register {} sampai {}", date_text(*from), date_text(*to)),
    }
}

fn count(found: &ArchiveFound) -> String {
    if found.cut_off { format!("{} atau lebih", found.total) } else { found.total.to_string() }
}

/// What is not on this page, in so many words.
fn limit(found: &ArchiveFound) -> Markup {
    let (first, last) = (found.before + 1, found.before + found.rows.len());
    html! {
        p.soft id="batas" {
            "Ditampilkan berkas " (first) " sampai " (last) " dari " (found.total) "."
            @if found.cut_off {
                " Pencarian berhenti pada " (found.total) " berkas, jadi mungkin masih ada yang lain: persempit tanggalnya."
            }
        }
    }
}

fn more(page: &ArchiveSearchPage, next: usize) -> Markup {
    let typed = &page.typed;
    html! {
        form.more method="post" action=(RESULTS) {
            (hidden(&page.frame, if typed.by_days { "days" } else { "number" }))
            @for (name, value) in [("text", &typed.text), ("from", &typed.from), ("to", &typed.to)] {
                @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
            }
            input type="hidden" name="page" value=(next);
            button.button.plain type="submit" id="do-lanjut" { "Berkas berikutnya" (icon(Icon::Forward)) }
        }
    }
}

/// An empty result says what else to try, and why a file may not be found this way.
fn nothing(sought: &Sought) -> Markup {
    let tries: &[&str] = match sought {
        Sought::Number(_) => &[
            "Cocokkan tahun dan nomor urut dengan sampul berkas.",
            "Cari dengan NIK, nomor KK, atau tanggal buku register.",
        ],
        Sought::Identity { .. } => &[
            "Cocokkan angka demi angka dengan KTP-el atau KK.",
            "Coba NIK penerima kuasa, atau nomor KK yang dulu ditulis pemohon.",
            "Permohonan yang belum selesai belum ada di arsip; lihat di meja atau di loket.",
            "Berkas yang sudah dimusnahkan hanya ditemukan dengan nomor arsip atau tanggal.",
        ],
        Sought::Days { .. } => &[
            "Buku register mencatat hari penyerahan KK, bukan hari permohonan: coba rentang yang lebih lebar.",
            "Permohonan yang dibatalkan atau tidak diambil tidak masuk buku register: cari dengan NIK atau nomor KK.",
        ],
    };
    html! {
        div.empty id="kosong" {
            p { strong { "Tidak ada berkas arsip yang cocok." } }
            ul.list { @for line in tries { li { (line) } } }
        }
    }
}

fn entry(frame: &Frame, row: &ArchiveRow) -> Markup {
    html! {
        a.row.file href={ "/arsip/" (row.case_id) } {
            span.ticket { (row.number) }
            span.what {
                (row.title)
                span.since {
                    @match &row.register {
                        Some(register) => { "Register " (register.number) ", " (date_text(register.date)) },
                        None => { "Tidak tercatat di buku register" },
                    }
                    " · " span.whole { (row.shelf) }
                }
                span.since { "Diarsipkan " (date_text(frame.zone.day(row.filed_at))) " oleh " (row.filed_by) }
            }
            span.tags { (state(frame, row)) }
            (icon(Icon::Go))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::archive_search::PERIOD_DAYS_MAX;

    #[test]
    fn the_words_and_the_rule_name_the_same_period() {
        assert_eq!(PERIOD_DAYS_MAX, 366, "the page says a year");
    }
}

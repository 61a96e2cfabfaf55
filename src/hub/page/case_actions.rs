//! What may be done with a case now: the bar under the thumb, and the sheet for returning it.

use maud::{Markup, html};

use super::frame::form_token;
use super::icon::{Icon, icon};
use crate::domain::catalogue::{FixBy, ReturnScope};
use crate::hub::page_model::{CasePage, DeskVerb, ReasonChoice};
use crate::wire::NOTE_LENGTH_MAX;

/// Draws the bar of actions; nothing when this person has nothing to do here.
pub(super) fn actions(page: &CasePage) -> Markup {
    if page.verbs.is_empty() {
        return html! {};
    }
    let may = |verb| page.verbs.contains(&verb);
    html! {
        div.act role="region" aria-label="Tindakan" {
            div {
                @if may(DeskVerb::Propose) { (siak_number(page)) }
                @if may(DeskVerb::MarkPrinted) {
                    p.hint.all { (icon(Icon::Printer)) "Cetak pada kertas HVS A4 80 g, putih, tanpa laminasi." }
                }
                @if may(DeskVerb::Sign) {
                    p.hint.all { (icon(Icon::Info)) "Tanda tangani di SIAK dahulu, lalu catat hasilnya di sini." }
                    (press(page, DeskVerb::Sign, "all main", "button", Icon::Signature, "Sudah ditandatangani (TTE terbit)"))
                }
                @if may(DeskVerb::Defer) {
                    (press(page, DeskVerb::Defer, "side", "button plain", Icon::Hourglass, "TTE tertunda"))
                }
                @if may(DeskVerb::Return) {
                    a.button.warn href="#kembalikan" id="buka-kembalikan" { (icon(Icon::Return)) "Kembalikan" }
                }
                @if may(DeskVerb::Propose) {
                    button.button.main type="submit" form="ajukan" id="do-propose" { (icon(Icon::Send)) "Ajukan" }
                }
                @if may(DeskVerb::Endorse) {
                    (press(page, DeskVerb::Endorse, "main", "button", Icon::Check, "Setujui"))
                }
                @if may(DeskVerb::MarkPrinted) {
                    (press(page, DeskVerb::MarkPrinted, "all main", "button", Icon::Printer, "Tandai sudah dicetak"))
                }
            }
        }
    }
}

fn siak_number(page: &CasePage) -> Markup {
    html! {
        form.all id="ajukan" method="post" action=(address(page, DeskVerb::Propose)) {
            (hidden(page))
            div.field {
                label for="siak_number" { "Nomor pengajuan SIAK" }
                input id="siak_number" name="siak_number" type="text" required minlength="4" maxlength="40"
                    pattern="[A-Za-z0-9\\/.\\-]{4,40}" title="4 sampai 40 huruf, angka, garis miring, titik, atau garis datar"
                    autocomplete="off" autocapitalize="characters" spellcheck="false" enterkeyhint="send"
                    value=[page.detail.siak_number.as_deref()];
            }
        }
    }
}

fn press(page: &CasePage, verb: DeskVerb, place: &str, look: &str, mark: Icon, words: &str) -> Markup {
    html! {
        form class=(place) method="post" action=(address(page, verb)) {
            (hidden(page))
            button class=(look) type="submit" id={ "do-" (verb.key()) } { (icon(mark)) (words) }
        }
    }
}

fn address(page: &CasePage, verb: DeskVerb) -> String {
    format!("/meja/{}/{}", page.detail.row.case_id, verb.key())
}

fn hidden(page: &CasePage) -> Markup {
    html! {
        @if let Some(officer) = &page.frame.officer { (form_token(officer)) }
        input type="hidden" name="request_id" value=(page.request_id);
        input type="hidden" name="version" value=(page.detail.row.version);
    }
}

/// Draws the reasons, hidden until "Kembalikan" is pressed: one form per direction, so that nobody is sent for nothing.
pub(super) fn return_sheet(page: &CasePage) -> Markup {
    if !page.verbs.contains(&DeskVerb::Return) {
        return html! {};
    }
    html! {
        section.sheet.stack id="kembalikan" aria-labelledby="judul-kembalikan" {
            div.bar {
                h2 id="judul-kembalikan" { "Kembalikan permohonan" }
                a.button.plain.small href="#isi" { "Batal" }
            }
            @if page.may_send_to_operator {
                (direction(page, "operator", FixBy::Office, "Kepada operator", "Data diperbaiki di kantor. Pemohon tidak perlu datang."))
            }
            (direction(page, "applicant", FixBy::Applicant, "Kepada pemohon", "Pemohon melengkapi berkas. Slip yang sama tetap berlaku."))
        }
    }
}

fn direction(page: &CasePage, to: &str, fix_by: FixBy, heading: &str, meaning: &str) -> Markup {
    let reasons: Vec<&ReasonChoice> = page.reasons.iter().filter(|reason| reason.fix_by == fix_by).collect();
    let whole: Vec<&ReasonChoice> =
        reasons.iter().copied().filter(|reason| reason.scope == ReturnScope::Case).collect();
    let note = format!("catatan-{to}");
    html! {
        form.card.stack method="post" action=(address(page, DeskVerb::Return)) {
            (hidden(page))
            input type="hidden" name="to" value=(to);
            div { h3 { (heading) } p.soft { (meaning) } }
            @for (title, choices) in by_document(&reasons) {
                details {
                    summary { (title) }
                    fieldset {
                        legend.unseen { "Alasan untuk " (title) }
                        @for reason in choices { (choice(to, reason, reasons.len() == 1)) }
                    }
                }
            }
            @if !whole.is_empty() {
                fieldset {
                    legend { "Tentang seluruh berkas" }
                    @for reason in whole { (choice(to, reason, reasons.len() == 1)) }
                }
            }
            div.field {
                label for=(note) { "Catatan (bila perlu)" }
                textarea id=(note) name="note" maxlength=(NOTE_LENGTH_MAX) rows="3" aria-describedby={ (note) "-aturan" } {}
                small id={ (note) "-aturan" } { "Paling banyak " (NOTE_LENGTH_MAX) " huruf. Jangan tulis nama, NIK, atau nomor KK." }
            }
            button.button.warn.wide type="submit" id={ "do-return-" (to) } {
                (icon(Icon::Return)) "Kembalikan " (heading.to_lowercase())
            }
        }
    }
}

fn by_document<'a>(reasons: &[&'a ReasonChoice]) -> Vec<(&'a str, Vec<&'a ReasonChoice>)> {
    let mut groups: Vec<(&str, Vec<&ReasonChoice>)> = Vec::new();
    for reason in reasons.iter().copied().filter(|reason| reason.scope == ReturnScope::Document) {
        let title = reason.document_title.as_deref().unwrap_or("Dokumen lain");
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, choices)) => choices.push(reason),
            None => groups.push((title, vec![reason])),
        }
    }
    groups
}

fn choice(to: &str, reason: &ReasonChoice, only: bool) -> Markup {
    let value = match &reason.document {
        Some(document) => format!("{document}:{}", reason.key),
        None => reason.key.to_string(),
    };
    html! {
        label.check {
            input type="checkbox" name="reason" value=(value) id={ (to) "-" (value) } checked[only];
            span { (reason.label) @if reason.needs_note { " " span.soft { "(wajib dengan catatan)" } } }
        }
    }
}

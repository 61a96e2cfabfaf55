//! What officers have told each other on a case, and the field to add a line.

use maud::{Markup, html};

use super::frame::form_token;
use super::icon::{Icon, icon};
use super::words;
use crate::hub::page_model::CasePage;
use crate::wire::{CASE_NOTES_MAX, NOTE_LENGTH_MAX};

/// Draws the notes, the newest last, and the form below them.
pub(super) fn notes(page: &CasePage) -> Markup {
    let notes = &page.detail.notes;
    html! {
        section.card.stack id="catatan" aria-labelledby="judul-catatan" {
            h2 id="judul-catatan" { "Catatan petugas " span.count.num { "(" (notes.len()) ")" } }
            @if !notes.is_empty() {
                ol.notes {
                    @for note in notes {
                        li {
                            p { (note.text) }
                            p.soft { (note.by) ", " (words::moment(&page.frame, note.at)) }
                        }
                    }
                }
            }
            @if page.archived.is_some_and(|archived| !archived.readable) {
                p.soft { "Catatan ikut dimusnahkan bersama dokumennya." }
            } @else if notes.len() >= CASE_NOTES_MAX {
                p.soft { "Sudah ada " (CASE_NOTES_MAX) " catatan. Catatan tidak dapat ditambah lagi." }
            } @else {
                (add(page))
            }
        }
    }
}

fn add(page: &CasePage) -> Markup {
    html! {
        form.stack method="post" action={ "/meja/" (page.detail.row.case_id) "/note" } {
            @if let Some(officer) = &page.frame.officer { (form_token(officer)) }
            input type="hidden" name="request_id" value=(page.note_request_id);
            input type="hidden" name="version" value=(page.detail.row.version);
            div.field {
                label for="catatan-baru" { "Tambah catatan" }
                textarea id="catatan-baru" name="text" required maxlength=(NOTE_LENGTH_MAX) rows="2"
                    aria-describedby="catatan-baru-aturan" {}
                small id="catatan-baru-aturan" {
                    "Paling banyak " (NOTE_LENGTH_MAX) " huruf. Jangan tulis nama, NIK, nomor KK, atau nomor HP."
                }
            }
            button.button.plain type="submit" id="do-note" { (icon(Icon::Check)) "Simpan catatan" }
        }
    }
}

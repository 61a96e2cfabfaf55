//! Any page that could not be shown.

use maud::{Markup, html};

use super::frame::{Shell, document, notice, notice_with};
use super::icon::{Icon, icon};
use crate::failure::Failure;
use crate::hub::page_model::RefusedPage;

/// Draws a page that says why there is no other.
#[must_use]
pub fn refused_page(page: &RefusedPage) -> Markup {
    let content = html! {
        main id="isi" tabindex="-1" {
            div.narrow.stack.gate {
                h1 { "Halaman tidak dapat dibuka" }
                @if page.frame.officer.is_some() {
                    (notice(&page.notice))
                    a.button.wide href="/meja" { (icon(Icon::Back)) "Kembali ke meja" }
                } @else {
                    (notice_with(&page.notice, public_action(page.notice.failure)))
                    p.soft { "Perlu bantuan? Silakan datang ke loket atau hubungi kantor." }
                }
            }
        }
    };
    let mut shell = Shell::new(page.notice.failure.title());
    shell.secret_address = page.frame.officer.is_none();
    document(&page.frame, &shell, &content)
}

/// What to do for somebody without a login: the catalogue speaks to officers about slips, here their holder reads.
fn public_action(failure: Failure) -> &'static str {
    match failure {
        Failure::SlipUnknown | Failure::SlipUsed | Failure::SlipUnreadable => {
            "Periksa alamat, atau pindai lagi QR pada slip Anda. Petugas loket siap membantu."
        }
        Failure::SlipMistyped | Failure::SlipNotArrived => "Silakan coba lagi sebentar lagi, atau datang ke loket.",
        _ => failure.action(),
    }
}

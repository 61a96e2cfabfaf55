//! What stands on every page: document head, office, who is signed in, foot, and refusals.

use maud::{DOCTYPE, Markup, html};

use super::asset::{LIVE, MARK, STYLE, address};
use super::icon::{Icon, icon};
use crate::failure::WhoActs;
use crate::hub::page_model::{Frame, Notice, SignedIn};

/// How a page wants its frame.
pub(super) struct Shell {
    /// Words for the tab.
    pub(super) title: String,
    /// Loads `live.js`.
    pub(super) live: bool,
    /// The address is a secret: it must not travel on with a link.
    pub(super) secret_address: bool,
    /// Ends with the foot; off where the page itself says the same in large words.
    pub(super) foot: bool,
}

impl Shell {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), live: false, secret_address: false, foot: true }
    }
}

/// Wraps `content` (a `main` element and what follows it) in the whole document.
pub(super) fn document(frame: &Frame, shell: &Shell, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="id" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow, noarchive";
                meta name="referrer" content=(if shell.secret_address { "no-referrer" } else { "same-origin" });
                meta name="format-detection" content="telephone=no";
                title { (shell.title) " · " (frame.office) }
                link rel="icon" type="image/svg+xml" href=(address(&MARK));
                link rel="stylesheet" href=(address(&STYLE));
                @if shell.live { script defer src=(address(&LIVE)) {} }
            }
            body {
                a.skip href="#isi" { "Langsung ke isi" }
                header.head {
                    div {
                        img src=(address(&MARK)) alt="" width="40" height="40";
                        p.office {
                            (frame.office)
                            @if let Some(officer) = &frame.officer { small { (officer.name) " · " (officer.role.title()) } }
                        }
                        @if let Some(officer) = &frame.officer { (leave(officer)) }
                    }
                }
                (content)
                @if shell.foot { (foot(frame)) }
            }
        }
    }
}

fn foot(frame: &Frame) -> Markup {
    html! {
        footer.foot {
            div {
                p { "Pelayanan Kartu Keluarga tidak dipungut biaya: " strong { "GRATIS" } "." }
                @if !frame.complaints.is_empty() { p { "Pengaduan: " (frame.complaints) } }
            }
        }
    }
}

fn leave(officer: &SignedIn) -> Markup {
    html! {
        form method="post" action="/keluar" {
            (form_token(officer))
            button.button.plain.small type="submit" id="keluar" { (icon(Icon::Leave)) "Keluar" }
        }
    }
}

/// The hidden field without which a form is refused.
pub(super) fn form_token(officer: &SignedIn) -> Markup {
    html! { input type="hidden" name="form_token" value=(officer.form_token); }
}

/// A refusal at the head of a page: what happened, what to do, and the code to tell the technician.
pub(super) fn notice(notice: &Notice) -> Markup {
    notice_with(notice, notice.failure.action())
}

/// The same, with other words for what to do.
pub(super) fn notice_with(notice: &Notice, action: &str) -> Markup {
    let failure = notice.failure;
    let mark = if failure.who() == WhoActs::Technician { Icon::Stop } else { Icon::Alert };
    html! {
        div.say.danger role="alert" id="gagal" data-code=(failure.code()) {
            (icon(mark))
            div {
                strong { (failure.title()) }
                p { (failure.cause()) }
                @if let Some(fact) = &notice.fact { p { "Keterangan: " (fact) } }
                p { (action) }
                p { code { "Kode: " (failure.code()) } }
            }
        }
    }
}

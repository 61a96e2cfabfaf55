//! The way in: login and the change of a password.

use maud::{Markup, html};

use super::asset::{MARK, address};
use super::frame::{Shell, document, form_token, notice};
use super::icon::{Icon, icon};
use crate::hub::page_model::{LoginPage, PasswordPage};

/// Draws `GET /masuk`.
#[must_use]
pub fn login_page(page: &LoginPage) -> Markup {
    let content = html! {
        main id="isi" tabindex="-1" {
            div.narrow.stack.gate {
                img.mark src=(address(&MARK)) alt="" width="72" height="72";
                h1 { "Masuk ke meja kerja" }
                p.soft { "Untuk operator, Kepala Bidang, dan Kepala Dinas." }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                form.card.stack method="post" action="/masuk" {
                    div.field {
                        label for="name" { "Nama pengguna" }
                        input id="name" name="name" type="text" value=(page.name) required autocomplete="username"
                            autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="64"
                            autofocus[page.notice.is_none()];
                    }
                    div.field {
                        label for="password" { "Kata sandi" }
                        input id="password" name="password" type="password" required autocomplete="current-password"
                            maxlength="128";
                    }
                    button.button.wide type="submit" id="masuk" { (icon(Icon::SignIn)) "Masuk" }
                }
                p.soft { "Lupa kata sandi? Hubungi admin kantor." }
            }
        }
    };
    document(&page.frame, &Shell::new("Masuk"), &content)
}

/// Draws `GET /sandi`.
#[must_use]
pub fn password_page(page: &PasswordPage) -> Markup {
    let content = html! {
        main id="isi" tabindex="-1" {
            div.narrow.stack.gate {
                @if !page.must_change { a.back href="/meja" { (icon(Icon::Back)) "Kembali ke meja" } }
                h1 { "Buat kata sandi baru" }
                @if page.must_change {
                    div.say {
                        (icon(Icon::Lock))
                        p { "Anda masuk dengan kata sandi sekali pakai. Ganti dahulu, lalu mulai bekerja." }
                    }
                }
                @if let Some(refusal) = &page.notice { (notice(refusal)) }
                form.card.stack method="post" action="/sandi" {
                    @if let Some(officer) = &page.frame.officer {
                        (form_token(officer))
                        // Password managers file the new password under this name.
                        input.unseen type="text" name="name" value=(officer.name) autocomplete="username" readonly
                            tabindex="-1" aria-hidden="true";
                    }
                    div.field {
                        label for="new_password" { "Kata sandi baru" }
                        input id="new_password" name="new_password" type="password" required minlength="10" maxlength="128"
                            autocomplete="new-password" aria-describedby="aturan" autofocus[page.notice.is_none()];
                        small id="aturan" { "Sedikitnya 10 karakter dan bukan nama Anda. Beberapa kata lebih mudah diingat." }
                    }
                    div.field {
                        label for="again" { "Ketik sekali lagi" }
                        input id="again" name="again" type="password" required minlength="10" maxlength="128"
                            autocomplete="new-password";
                    }
                    button.button.wide type="submit" id="simpan" { (icon(Icon::Check)) "Simpan kata sandi" }
                }
            }
        }
    };
    document(&page.frame, &Shell::new("Kata sandi baru"), &content)
}

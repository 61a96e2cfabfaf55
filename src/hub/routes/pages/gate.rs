//! Signing in and out, passwords, on pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::super::Hub;
use super::super::super::access::{AnySession, SESSION_COOKIE};
use super::super::super::operations;
use super::super::super::page;
use super::super::super::page_model::{LoginPage, PasswordPage};
use super::super::super::peer::Source;
use super::super::super::refusal::Refusal;
use super::form::Form;
use super::{Newcomer, drawn, frame, html, notice, refused};
use crate::failure::Failure;
use crate::wire::session::{ChangePassword, Session, SignIn};

/// `GET /masuk`
pub(super) async fn login_form(State(hub): State<Hub>) -> Response {
    login(&hub, String::new(), None)
}

fn login(hub: &Hub, name: String, refusal: Option<&Refusal>) -> Response {
    let page = LoginPage { frame: frame(hub, None), name, notice: refusal.map(notice) };
    html(refusal.map_or(200, Refusal::status), page::login_page(&page))
}

/// `POST /masuk`
pub(super) async fn sign_in(State(hub): State<Hub>, source: Source, request: Request) -> Response {
    let secure = is_secure(&hub, request.headers());
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(refusal) => return login(&hub, String::new(), Some(&refusal)),
    };
    // Phones like to begin a name with a capital letter and end it with a space.
    let name = form.text("name").trim().to_ascii_lowercase();
    if let Err(refusal) = hub.admit_sign_in(source) {
        return login(&hub, name, Some(&refusal));
    }
    let sign_in = SignIn { name: name.clone(), password: form.text("password").to_owned() };
    match operations::sign_in::sign_in(&hub, None, sign_in).await {
        Ok(session) => enter(&session, secure),
        Err(refusal) => login(&hub, name, Some(&refusal)),
    }
}

fn enter(session: &Session, secure: bool) -> Response {
    let to = if session.must_change_password { "/sandi" } else { "/meja" };
    (cookie(&session.token, None, secure), Redirect::to(to)).into_response()
}

/// The cookie of a session. It ends with the browser, and at the hub in any case.
fn cookie(token: &str, max_age_s: Option<u32>, secure: bool) -> HeaderMap {
    let max_age = max_age_s.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{max_age}");
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(header::SET_COOKIE, value);
    }
    headers
}

/// Tells whether the session's cookie may travel by https only: so where the office publishes its pages by https. Who
/// comes by plain http from inside all the same says so, and would never send such a cookie back.
fn is_secure(hub: &Hub, headers: &HeaderMap) -> bool {
    let is_https = |address: &str| address.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    match headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) {
        Some(origin) => is_https(origin),
        None => hub.slip_url_base().is_some_and(is_https),
    }
}

/// `POST /keluar`
pub(super) async fn sign_out(State(hub): State<Hub>, Newcomer(session): Newcomer, request: Request) -> Response {
    let secure = is_secure(&hub, request.headers());
    drawn(&hub, Some(&session), async {
        Form::of(&session, request).await?;
        operations::sign_out::sign_out(&hub, &session, None).await?;
        Ok((cookie("", Some(0), secure), Redirect::to("/masuk")).into_response())
    })
    .await
}

/// `GET /sandi`
pub(super) async fn password_form(State(hub): State<Hub>, Newcomer(session): Newcomer) -> Response {
    password(&hub, &session, None)
}

fn password(hub: &Hub, session: &AnySession, refusal: Option<&Refusal>) -> Response {
    let (frame, must_change) = (frame(hub, Some(session)), session.must_change());
    let page = PasswordPage { frame, must_change, notice: refusal.map(notice) };
    html(refusal.map_or(200, Refusal::status), page::password_page(&page))
}

/// `POST /sandi`
pub(super) async fn change_password(State(hub): State<Hub>, Newcomer(session): Newcomer, request: Request) -> Response {
    let secure = is_secure(&hub, request.headers());
    let form = match Form::of(&session, request).await {
        Ok(form) => form,
        Err(refusal) => return refused(&hub, Some(&session), &refusal),
    };
    if form.text("new_password") != form.text("again") {
        let refusal = Refusal::new(Failure::PasswordWeak).with_fact("kedua isian berbeda");
        return password(&hub, &session, Some(&refusal));
    }
    let change = ChangePassword { new_password: form.text("new_password").to_owned() };
    match operations::change_password::change_password(&hub, &session, None, change).await {
        Ok(session) => enter(&session, secure),
        Err(refusal) => password(&hub, &session, Some(&refusal)),
    }
}

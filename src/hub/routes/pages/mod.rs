//! The hub's pages: for approvers' phones and computers, and the public status of a slip.
//!
//! A form is taken only with a strict cookie, from our own origin, and with the form token of its session.

mod archive;
mod desk;
mod form;
mod gate;
mod hall;
mod unclaimed;

use std::future::Future;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use super::super::Hub;
use super::super::access::{AnySession, PageSession};
use super::super::extract::Path;
use super::super::operations::open_slip::token_status;
use super::super::page;
use super::super::page_model::{Frame, Notice, RefusedPage, SignedIn, StatusPage};
use super::super::peer::Source;
use super::super::refusal::Refusal;
use crate::domain::slip_token::SlipReference;
use crate::failure::Failure;

/// A bundled file may be kept this long: its address changes with its content.
const ASSET_CACHE: &str = "public, max-age=31536000, immutable";

pub(super) fn router() -> Router<Hub> {
    Router::new()
        .route("/", get(|_: Visitor| async { Redirect::to("/meja") }))
        .route("/masuk", get(gate::login_form).post(gate::sign_in))
        .route("/keluar", post(gate::sign_out))
        .route("/sandi", get(gate::password_form).post(gate::change_password))
        .route("/meja", get(desk::desk))
        .route("/meja/{case_id}", get(desk::case))
        .route("/meja/{case_id}/note", post(desk::note))
        .route("/meja/{case_id}/{verb}", post(desk::act))
        .route("/meja/{case_id}/dokumen/{document_id}", get(desk::scan))
        .route("/antrean", get(hall::hall))
        .route("/antrean/{verb}", post(hall::act))
        .route("/belum-diambil", get(unclaimed::list))
        .route("/belum-diambil/{case_id}", post(unclaimed::remind))
        .route("/arsip", get(archive::blank).post(archive::search))
        .route("/arsip/{case_id}", get(archive::case))
        .route("/arsip/{case_id}/dokumen/{document_id}", get(archive::document))
        .route("/arsip/{case_id}/zip", get(archive::export))
        .route("/s/{token}", get(status))
        .route("/web/{file}", get(asset))
}

/// A person on the pages: signed in, and with a password of their own. Others are led where they can mend that.
struct Visitor(AnySession);

impl FromRequestParts<Hub> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Response> {
        let Newcomer(session) = Newcomer::from_request_parts(parts, hub).await?;
        if session.must_change() { Err(Redirect::to("/sandi").into_response()) } else { Ok(Self(session)) }
    }
}

/// A person on the pages, also one who must change their password first.
struct Newcomer(AnySession);

impl FromRequestParts<Hub> for Newcomer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Response> {
        match PageSession::from_request_parts(parts, hub).await {
            Ok(PageSession(session)) => Ok(Self(session)),
            Err(refusal) if refusal.failure() == Failure::NotSignedIn => Err(Redirect::to("/masuk").into_response()),
            Err(refusal) => Err(refused(hub, None, &refusal)),
        }
    }
}

/// Fills head and foot of a page.
fn frame(hub: &Hub, session: Option<&AnySession>) -> Frame {
    Frame {
        office: hub.office.name.clone(),
        complaints: hub.office.complaints.clone(),
        zone: hub.zone(),
        now: hub.world.now(),
        officer: session.map(|session| SignedIn {
            name: session.person().name().to_owned(),
            role: session.person().role(),
            form_token: session.form_token(),
        }),
    }
}

fn notice(refusal: &Refusal) -> Notice {
    Notice { failure: refusal.failure(), fact: refusal.fact().map(str::to_owned) }
}

/// Answers with a page.
fn html(status: u16, markup: Markup) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::CSP)),
        // With `no-referrer` a browser would send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, markup.into_string()).into_response()
}

/// Answers with a page that says why not.
fn refused(hub: &Hub, session: Option<&AnySession>, refusal: &Refusal) -> Response {
    let status = refusal.status();
    let page = RefusedPage { frame: frame(hub, session), notice: notice(refusal), status };
    html(status, page::refused_page(&page))
}

/// Runs a page's handler and draws its refusal.
async fn drawn<F>(hub: &Hub, session: Option<&AnySession>, handler: F) -> Response
where
    F: Future<Output = Result<Response, Refusal>>,
{
    match handler.await {
        Ok(response) => response,
        Err(refusal) => refused(hub, session, &refusal),
    }
}

/// `GET /s/{token}`: where a case is, for whoever holds its slip.
async fn status(State(hub): State<Hub>, source: Source, Path(token): Path<String>) -> Response {
    let mut response = drawn(&hub, None, async {
        hub.admit_status(source)?;
        let token = SlipReference::from_path(&token).ok_or(Failure::SlipUnknown)?;
        let status = token_status(&hub, token).await?;
        Ok(html(200, page::status_page(&StatusPage { frame: frame(&hub, None), status })))
    })
    .await;
    // The address is the secret: it must not travel on with a link.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `GET /web/{file}`: what the pages refer to.
async fn asset(Path(file): Path<String>) -> Response {
    let Some(asset) = page::asset(&file) else { return Refusal::new(Failure::NotFound).into_response() };
    let headers = [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, ASSET_CACHE)];
    (headers, asset.bytes).into_response()
}

/// Refuses a form that another site made the browser send.
fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let ours = match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => site == "same-origin",
        (None, Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
        // Neither header: no browser of today, so no browser that was tricked.
        (None, None, _) => true,
        (None, Some(_), None) => false,
    };
    if ours { Ok(()) } else { Err(Failure::FormExpired.into()) }
}

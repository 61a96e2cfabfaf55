//! What surrounds every handler: a cap, a net for panics, problem documents for whatever nobody answers, headers.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use super::Hub;
use super::peer::Peer;
use super::refusal::Refusal;
use super::rest::Rest;
use crate::failure::Failure;

/// Policy of everything that is not a page: nothing may be loaded, run or framed.
const CSP_API: &str = "default-src 'none'; frame-ancestors 'none'";

/// Surrounds the routes.
pub(super) fn surround(router: Router<Hub>, hub: &Hub) -> Router {
    router
        .fallback(|| async { Refusal::new(Failure::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::new(Failure::NotFound).with_status(405) })
        .layer(from_fn_with_state(hub.clone(), bounded))
        .layer(from_fn(headers))
        .with_state(hub.clone())
}

/// Lets a bounded number of requests in, and turns a panic into a problem document.
async fn bounded(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().cloned();
    // First the machine's own turn: a machine that asks for too much waits for itself, not in front of others.
    let turn = match &peer {
        Some(peer) => peer.turn().await,
        None => None,
    };
    let Ok(permit) = Arc::clone(&hub.request_permits).acquire_owned().await else {
        return Refusal::new(Failure::HubFault).into_response();
    };
    // In a task of its own, a handler also finishes its work when the caller hangs up half-way.
    let handler = tokio::spawn(async move {
        let (request, rest) = Rest::of(request);
        let response = next.run(request).await;
        // What is still to be read waits for the caller's line: no reason to keep others at the door.
        drop(permit);
        // After a success too: a scan sent twice is not read twice, and its sender must still hear the answer.
        rest.discard().await;
        drop(turn);
        response
    });
    match handler.await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a handler panicked");
            Refusal::new(Failure::HubFault).into_response()
        }
    }
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::CONTENT_SECURITY_POLICY, CSP_API);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

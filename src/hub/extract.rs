//! Reading requests: every rejection becomes a problem document, and nothing is read without a limit and a deadline.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::failure::Failure;
use crate::wire::JSON_BYTES_MAX;

/// A JSON body must be here within this time, in seconds.
const BODY_DEADLINE_S: u64 = 10;

/// A JSON body in, or a JSON answer out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if media_type(request.headers()) != Some("application/json") {
            return Err(Refusal::new(Failure::RequestMalformed).with_status(415));
        }
        let bytes = small_body(request).await?;
        // The message of the parser may repeat what was sent; the place does not.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Refusal::new(Failure::RequestMalformed).with_fact(format!(
                "baris {} kolom {}",
                error.line(),
                error.column()
            ))
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                Refusal::new(Failure::HubFault).into_response()
            }
        }
    }
}

/// Reads a form or JSON body: at most [`JSON_BYTES_MAX`], within [`BODY_DEADLINE_S`].
pub(super) async fn small_body(request: Request) -> Result<axum::body::Bytes, Refusal> {
    if announced_length(request.headers()).is_some_and(|length| length > JSON_BYTES_MAX) {
        return Err(Failure::RequestTooLarge.into());
    }
    let body = to_bytes(request.into_body(), JSON_BYTES_MAX);
    match tokio::time::timeout(Duration::from_secs(BODY_DEADLINE_S), body).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(Failure::RequestTooLarge.into()),
        Ok(Err(_)) => Err(Failure::RequestMalformed.into()),
        Err(_) => Err(Refusal::new(Failure::RequestMalformed).with_status(StatusCode::REQUEST_TIMEOUT.as_u16())),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Returns the length a request announces.
pub(super) fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns the media type without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next().map(str::trim)
}

/// Parameters in the address.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Failure::NotFound.into())
    }
}

/// Parameters behind the question mark.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Self(value)).map_err(|_| Failure::RequestMalformed.into())
    }
}

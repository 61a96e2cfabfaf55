//! Health, the API's description, services, the journal of a case.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::super::Hub;
use super::super::access::{AnyRole, Insider, Officer};
use super::super::extract::{Json, Query};
use super::super::refusal::Refusal;
use crate::domain::ids::CaseId;
use crate::failure::Failure;
use crate::store::StoreError;
use crate::wire::case::JournalLine;
use crate::wire::session::HubHealth;

/// Tells that the hub answers and its store can be read.
#[utoipa::path(get, path = "/health", tag = "office", responses((status = 200, body = HubHealth)))]
pub async fn health(State(hub): State<Hub>) -> Result<Json<HubHealth>, Refusal> {
    hub.store.read::<_, StoreError, _>(|view| view.call_serial()).await?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Json(HubHealth { status: "ready".to_owned(), version, at: hub.world.now() }))
}

/// Describes this API.
#[utoipa::path(get, path = "/openapi.json", tag = "office", responses((status = 200, content_type = "application/json")))]
pub async fn openapi() -> impl IntoResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    ([(CONTENT_TYPE, "application/json")], TEXT.get_or_init(super::openapi_json).as_str())
}

/// Returns the service catalogue.
#[utoipa::path(get, path = "/api/v1/services", tag = "office",
    responses((status = 200, content_type = "application/json")))]
pub async fn services(State(hub): State<Hub>, _proof: Insider) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], hub.catalogue_json.clone())
}

/// Which case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhichCase {
    case: CaseId,
}

/// Returns the events of one case, oldest first.
#[utoipa::path(get, path = "/api/v1/journal", tag = "office",
    params(("case" = uuid::Uuid, Query, description = "The case")),
    responses((status = 200, body = Vec<JournalLine>)))]
pub async fn journal(
    State(hub): State<Hub>,
    _proof: Officer<AnyRole>,
    Query(which): Query<WhichCase>,
) -> Result<Json<Vec<JournalLine>>, Refusal> {
    let rows = hub.store.read::<_, StoreError, _>(move |view| view.journal_of(which.case)).await?;
    if rows.is_empty() {
        return Err(Failure::CaseUnknown.into());
    }
    let lines = rows.into_iter().map(|row| JournalLine {
        seq: row.seq,
        at: row.at,
        event: row.event.key().to_owned(),
        by: row.actor,
        station: row.station,
    });
    Ok(Json(lines.collect()))
}

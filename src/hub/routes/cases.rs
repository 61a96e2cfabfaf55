//! Cases: delivered, read, and carried from step to step.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::super::Hub;
use super::super::access::{AtCounter, CaseRoles, Kabid, Kadis, Kiosk, Officer, Operator, Station};
use super::super::extract::{Json, Path, Query, announced_length, media_type};
use super::super::operations;
use super::super::operations::archive::look::Take;
use super::super::operations::put_scan::Announced;
use super::super::operations::submit::Delivered;
use super::super::refusal::Refusal;
use super::super::views;
use super::sessions::Done;
use crate::domain::ids::{CaseId, DocumentId, RequestId};
use crate::domain::stage::Stage;
use crate::failure::Failure;
use crate::store::{StoreError, StoredAnswer};
use crate::wire::SCAN_BYTES_MAX;
use crate::wire::case::{
    CaseDetail, CaseRow, CaseState, Correction, HandOver, Propose, Return, Sign, Submission, Submitted, Verify, Write,
};
use crate::wire::find::{AddNote, CaseNoted, FindCases, FoundCases};

/// Most cases of one list.
pub(super) const LIST_LENGTH_MAX: u32 = 200;

/// Which list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhichStage {
    stage: Stage,
}

/// Lists the cases of a stage, longest waiting first.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases",
    params(("stage" = String, Query, description = "Stage, e.g. `proposed`")),
    responses((status = 200, body = Vec<CaseRow>)))]
pub async fn list(
    State(hub): State<Hub>,
    _proof: Officer<CaseRoles>,
    Query(which): Query<WhichStage>,
) -> Result<Json<Vec<CaseRow>>, Refusal> {
    rows(&hub, which.stage).await.map(Json)
}

/// Returns the rows of a stage.
pub(super) async fn rows(hub: &Hub, stage: Stage) -> Result<Vec<CaseRow>, Refusal> {
    let found = hub.store.read::<_, StoreError, _>(move |view| view.cases_at(stage, LIST_LENGTH_MAX)).await?;
    Ok(found.iter().map(|case| views::case_row(&hub.catalogue, case)).collect())
}

/// Finds cases by a number that somebody at the counter holds: ticket, NIK, No KK or archive number.
#[utoipa::path(post, path = "/api/v1/cases/find", tag = "cases", request_body = FindCases,
    responses((status = 200, body = FoundCases)))]
pub async fn find(
    State(hub): State<Hub>,
    counter: AtCounter,
    Json(body): Json<FindCases>,
) -> Result<Json<FoundCases>, Refusal> {
    operations::find_cases::find_cases(&hub, &counter, body).await.map(Json)
}

/// Returns one case.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}", tag = "cases",
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseDetail)))]
pub async fn detail(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
) -> Result<Json<CaseDetail>, Refusal> {
    case(&hub, &officer, case_id).await.map(Json)
}

/// Returns a case with everything its officers need.
pub(super) async fn case(hub: &Hub, officer: &Officer<CaseRoles>, case_id: CaseId) -> Result<CaseDetail, Refusal> {
    let (catalogue, today) = (Arc::clone(&hub.catalogue), hub.zone().day(hub.world.now()));
    let role = officer.person().role();
    hub.store
        .read(move |view| {
            let case = view.case(case_id)?.ok_or(Failure::CaseUnknown)?;
            Ok(views::case_detail(&catalogue, view, &case, today, role)?)
        })
        .await
}

/// Takes a case from a kiosk.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}", tag = "cases", request_body = Submission,
    params(("case_id" = uuid::Uuid, Path, description = "The case, named by the kiosk")),
    responses((status = 201, body = Submitted), (status = 200, body = Submitted, description = "Delivered before")))]
pub async fn submit(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Submission>,
) -> Result<(StatusCode, Json<Submitted>), Refusal> {
    Ok(match operations::submit::submit(&hub, &kiosk, case_id, body).await? {
        Delivered::Created(submitted) => (StatusCode::CREATED, Json(submitted)),
        Delivered::Known(submitted) => (StatusCode::OK, Json(submitted)),
    })
}

/// Takes returned documents scanned again.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/corrections/{request_id}", tag = "cases",
    request_body = Correction,
    params(("case_id" = uuid::Uuid, Path, description = "The case"),
           ("request_id" = uuid::Uuid, Path, description = "Names this request")),
    responses((status = 200, body = Submitted)))]
pub async fn correct(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Path((case_id, request)): Path<(CaseId, RequestId)>,
    Json(body): Json<Correction>,
) -> Result<StoredAnswer, Refusal> {
    operations::correct::correct(&hub, &kiosk, case_id, request, body).await
}

/// Takes the bytes of a scan.
#[utoipa::path(put, path = "/api/v1/cases/{case_id}/documents/{document_id}", tag = "cases",
    request_body(content_type = "image/jpeg", content = Vec<u8>),
    params(("case_id" = uuid::Uuid, Path, description = "The case"),
           ("document_id" = uuid::Uuid, Path, description = "The document")),
    responses((status = 200, body = Done)))]
pub async fn put_scan(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Path((case_id, document_id)): Path<(CaseId, DocumentId)>,
    request: Request,
) -> Result<Json<Done>, Refusal> {
    let length = announced_length(request.headers());
    if length.is_some_and(|length| length > SCAN_BYTES_MAX) {
        return Err(Failure::RequestTooLarge.into());
    }
    let announced = Announced {
        media_type: media_type(request.headers()).map(str::to_owned),
        length: length.and_then(|length| u64::try_from(length).ok()),
    };
    operations::put_scan::put_scan(&hub, &kiosk, case_id, document_id, announced, request.into_body()).await?;
    Ok(Json(Done {}))
}

/// Returns the bytes of a scan.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/documents/{document_id}", tag = "cases",
    params(("case_id" = uuid::Uuid, Path, description = "The case"),
           ("document_id" = uuid::Uuid, Path, description = "The document")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>)))]
pub async fn scan(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path((case_id, document_id)): Path<(CaseId, DocumentId)>,
) -> Result<Response, Refusal> {
    scan_bytes(&hub, &officer, case_id, document_id).await
}

/// Answers with the bytes of a scan, checked against their digest.
pub(super) async fn scan_bytes(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    case_id: CaseId,
    document_id: DocumentId,
) -> Result<Response, Refusal> {
    let found = hub.store.read::<_, StoreError, _>(move |view| {
        Ok((view.document(case_id, document_id)?, view.archived(case_id)?.is_some()))
    });
    let (document, is_filed) = found.await?;
    let document = document.ok_or(Failure::ScanMissing)?;
    if is_filed {
        return super::archive::opened(hub, officer, case_id, document_id, Take::Picture).await;
    }
    let scan = document.given.scan.filter(|_| document.arrived_at.is_some()).ok_or(Failure::ScanMissing)?;
    let (files, facts) = (hub.store.scans().clone(), scan.clone());
    let read = tokio::task::spawn_blocking(move || files.read(&facts)).await;
    let bytes = read.map_err(|_| Refusal::new(Failure::HubFault))??;
    Ok(([(header::CONTENT_TYPE, scan.media_type)], bytes).into_response())
}

/// Sticks a note to a case.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/notes", tag = "cases", request_body = AddNote,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseNoted)))]
pub async fn add_note(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<AddNote>,
) -> Result<StoredAnswer, Refusal> {
    operations::add_note::add_note(&hub, &officer, case_id, body).await
}

/// Step 2: the documents are complete.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/verify", tag = "cases", request_body = Verify,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn verify(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Verify>,
) -> Result<StoredAnswer, Refusal> {
    operations::verify::verify(&hub, &counter, case_id, body).await
}

/// Sends a case back to the applicant or the operator.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/return", tag = "cases", request_body = Return,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn return_case(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Return>,
) -> Result<StoredAnswer, Refusal> {
    operations::return_case::return_case(&hub, &officer, case_id, body).await
}

/// Step 3: proposed under its SIAK number.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/propose", tag = "cases", request_body = Propose,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn propose(
    State(hub): State<Hub>,
    officer: Officer<Operator>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Propose>,
) -> Result<StoredAnswer, Refusal> {
    operations::propose::propose(&hub, &officer, case_id, body).await
}

/// Step 4: the section head agrees.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/endorse", tag = "cases", request_body = Write,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn endorse(
    State(hub): State<Hub>,
    officer: Officer<Kabid>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Write>,
) -> Result<StoredAnswer, Refusal> {
    operations::endorse::endorse(&hub, &officer, case_id, body).await
}

/// Step 5: signed, or waiting for the signature.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/sign", tag = "cases", request_body = Sign,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn sign(
    State(hub): State<Hub>,
    officer: Officer<Kadis>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Sign>,
) -> Result<StoredAnswer, Refusal> {
    operations::sign::sign(&hub, &officer, case_id, body).await
}

/// Step 6: the KK is printed.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/mark-printed", tag = "cases", request_body = Write,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn mark_printed(
    State(hub): State<Hub>,
    officer: Officer<Operator>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Write>,
) -> Result<StoredAnswer, Refusal> {
    operations::mark_printed::mark_printed(&hub, &officer, case_id, body).await
}

/// Step 7: the KK is at the counter, in the register.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/receive", tag = "cases", request_body = Write,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn receive(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Write>,
) -> Result<StoredAnswer, Refusal> {
    operations::receive::receive(&hub, &counter, case_id, body).await
}

/// Step 8: the KK is given against a proof of identity.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/hand-over", tag = "cases", request_body = HandOver,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = CaseState)))]
pub async fn hand_over(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(case_id): Path<CaseId>,
    Json(body): Json<HandOver>,
) -> Result<StoredAnswer, Refusal> {
    operations::hand_over::hand_over(&hub, &counter, case_id, body).await
}

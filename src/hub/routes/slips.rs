//! Slips: the key to a case.

use axum::extract::State;

use super::super::Hub;
use super::super::access::{CaseRoles, Kiosk, MaybeStation, Officer, Station};
use super::super::extract::Json;
use super::super::operations::open_slip;
use super::super::refusal::Refusal;
use crate::domain::role::{Role, StationKind};
use crate::wire::case::{CaseDetail, SlipStatus, SlipText};

/// Opens the case behind a slip.
#[utoipa::path(post, path = "/api/v1/slips/open", tag = "slips", request_body = SlipText,
    responses((status = 200, body = CaseDetail)))]
pub async fn open(
    State(hub): State<Hub>,
    station: MaybeStation,
    officer: Officer<CaseRoles>,
    Json(body): Json<SlipText>,
) -> Result<Json<CaseDetail>, Refusal> {
    let at_counter = officer.person().role() == Role::PetugasLoket;
    let counter = station.0.filter(|station| at_counter && station.kind() == StationKind::Counter);
    let counter = counter.map(|station| station.name().to_owned());
    open_slip::open_slip(&hub, &officer, counter, &body.text).await.map(Json)
}

/// Tells the holder of a slip where the case is.
#[utoipa::path(post, path = "/api/v1/slips/status", tag = "slips", request_body = SlipText,
    responses((status = 200, body = SlipStatus)))]
pub async fn status(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Json(body): Json<SlipText>,
) -> Result<Json<SlipStatus>, Refusal> {
    open_slip::slip_status(&hub, &kiosk, &body.text).await.map(Json)
}

//! What stations say of themselves and of their devices.

use axum::extract::State;

use super::super::Hub;
use super::super::access::AnyStation;
use super::super::extract::{Json, Path};
use super::super::operations::{report_fault, report_health, report_readiness};
use super::super::refusal::Refusal;
use super::sessions::Done;
use crate::domain::ids::FaultId;
use crate::store::StoredAnswer;
use crate::wire::health::{DeviceFault, Readiness, StationHealth};

/// Takes how all devices of the calling station are now.
#[utoipa::path(put, path = "/api/v1/station/health", tag = "stations", request_body = StationHealth,
    responses((status = 200, body = Done)))]
pub async fn health(
    State(hub): State<Hub>,
    station: AnyStation,
    Json(body): Json<StationHealth>,
) -> Result<Json<Done>, Refusal> {
    report_health::report_health(&hub, &station, body).await?;
    Ok(Json(Done {}))
}

/// Takes a fault of a device, or its end.
#[utoipa::path(put, path = "/api/v1/device-faults/{fault_id}", tag = "stations", request_body = DeviceFault,
    params(("fault_id" = uuid::Uuid, Path, description = "The fault, named by the station")),
    responses((status = 200, body = Done)))]
pub async fn fault(
    State(hub): State<Hub>,
    station: AnyStation,
    Path(fault_id): Path<FaultId>,
    Json(body): Json<DeviceFault>,
) -> Result<Json<Done>, Refusal> {
    report_fault::report_fault(&hub, &station, fault_id, body).await?;
    Ok(Json(Done {}))
}

/// Takes what the calling station found when it checked itself.
#[utoipa::path(post, path = "/api/v1/station/readiness", tag = "stations", request_body = Readiness,
    responses((status = 200, body = Done)))]
pub async fn readiness(
    State(hub): State<Hub>,
    station: AnyStation,
    Json(body): Json<Readiness>,
) -> Result<StoredAnswer, Refusal> {
    report_readiness::report_readiness(&hub, &station, body).await
}

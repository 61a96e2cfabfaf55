//! The hub's addresses: thin handlers that prove, parse, call one operation and word its answer.

mod archive;
mod cases;
mod events;
mod office;
mod pages;
mod queue;
mod sessions;
mod slips;
mod stations;
mod unclaimed;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Hub;
use super::guards::describe;
use super::refusal::PROBLEM_JSON;
use crate::store::StoredAnswer;
use crate::wire::problem::Problem;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Anjungan hub",
        description = "Office server of the Kartu Keluarga service. Refusals are RFC 9457 problem documents.",
        license(name = "GPL-3.0-only")
    ),
    components(schemas(Problem))
)]
struct Api;

fn api() -> OpenApiRouter<Hub> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(office::health))
        .routes(routes!(office::openapi))
        .routes(routes!(office::services))
        .routes(routes!(office::journal))
        .routes(routes!(events::events))
        .routes(routes!(queue::hall))
        .routes(routes!(queue::call))
        .routes(routes!(queue::recall))
        .routes(routes!(queue::no_show))
        .routes(routes!(queue::finish))
        .routes(routes!(queue::take))
        .routes(routes!(queue::serve))
        .routes(routes!(queue::hold))
        .routes(routes!(queue::skip))
        .routes(routes!(queue::restore))
        .routes(routes!(queue::transfer))
        .routes(routes!(queue::call_number))
        .routes(routes!(queue::ask))
        .routes(routes!(queue::own_counter))
        .routes(routes!(queue::set_counter))
        .routes(routes!(queue::set_queue))
        .routes(routes!(queue::move_officer))
        .routes(routes!(queue::announce))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(sessions::change_password))
        .routes(routes!(slips::open))
        .routes(routes!(slips::status))
        .routes(routes!(stations::health))
        .routes(routes!(stations::fault))
        .routes(routes!(stations::readiness))
        .routes(routes!(cases::list))
        .routes(routes!(cases::find))
        .routes(routes!(cases::detail, cases::submit))
        .routes(routes!(cases::correct))
        .routes(routes!(cases::put_scan, cases::scan))
        .routes(routes!(cases::add_note))
        .routes(routes!(unclaimed::remind))
        .routes(routes!(unclaimed::list))
        .routes(routes!(cases::verify))
        .routes(routes!(cases::return_case))
        .routes(routes!(cases::propose))
        .routes(routes!(cases::endorse))
        .routes(routes!(cases::sign))
        .routes(routes!(cases::mark_printed))
        .routes(routes!(cases::receive))
        .routes(routes!(cases::hand_over))
        .routes(routes!(archive::find))
        .routes(routes!(archive::look, archive::file))
        .routes(routes!(archive::document))
        .routes(routes!(archive::export))
}

/// Returns all routes.
pub(super) fn router() -> Router<Hub> {
    let (router, _) = api().split_for_parts();
    router.merge(pages::router()).route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

/// Returns the description of the API, the same as `GET /openapi.json`.
#[must_use]
pub fn openapi_json() -> String {
    let mut openapi = api().into_openapi();
    describe(&mut openapi);
    openapi.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the API's description cannot be written");
        "{}".to_owned()
    })
}

impl IntoResponse for StoredAnswer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if status.is_success() { "application/json" } else { PROBLEM_JSON };
        (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], self.body).into_response()
    }
}

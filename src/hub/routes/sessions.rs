//! Signing in and out, passwords.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::Hub;
use super::super::access::{AnySession, MaybeStation};
use super::super::extract::Json;
use super::super::operations;
use super::super::peer::Source;
use super::super::refusal::Refusal;
use crate::wire::session::{ChangePassword, Session, SignIn};

/// Done, and nothing to tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {}

fn name(station: MaybeStation) -> Option<String> {
    station.0.map(|station| station.name().to_owned())
}

/// Signs a person in.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 200, body = Session)))]
pub async fn sign_in(
    State(hub): State<Hub>,
    station: MaybeStation,
    source: Source,
    Json(body): Json<SignIn>,
) -> Result<Json<Session>, Refusal> {
    if station.0.is_none() {
        hub.admit_sign_in(source)?;
    }
    operations::sign_in::sign_in(&hub, name(station), body).await.map(Json)
}

/// Signs a person out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 200, body = Done)))]
pub async fn sign_out(
    State(hub): State<Hub>,
    station: MaybeStation,
    session: AnySession,
) -> Result<Json<Done>, Refusal> {
    operations::sign_out::sign_out(&hub, &session, name(station)).await?;
    Ok(Json(Done {}))
}

/// Replaces the password; every earlier session ends and a new one begins.
#[utoipa::path(post, path = "/api/v1/password", tag = "sessions", request_body = ChangePassword,
    responses((status = 200, body = Session)))]
pub async fn change_password(
    State(hub): State<Hub>,
    station: MaybeStation,
    session: AnySession,
    Json(body): Json<ChangePassword>,
) -> Result<Json<Session>, Refusal> {
    operations::change_password::change_password(&hub, &session, name(station), body).await.map(Json)
}

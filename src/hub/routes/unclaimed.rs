//! KK that lie at the counter, and reminders of them.

use axum::extract::State;
use serde::Deserialize;

use super::super::Hub;
use super::super::access::{AtCounter, CaseRoles, Officer};
use super::super::extract::{Json, Path, Query};
use super::super::operations;
use super::super::refusal::Refusal;
use super::super::views;
use super::cases::LIST_LENGTH_MAX;
use crate::domain::ids::CaseId;
use crate::store::{StoreError, StoredAnswer};
use crate::wire::unclaimed::{Remind, Reminded, Unclaimed};

/// Since when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HowLong {
    #[serde(default)]
    days: u16,
}

/// Lists the KK that lie at the counter: whoever is to be reminded first, then the others, oldest first.
#[utoipa::path(get, path = "/api/v1/unclaimed", tag = "cases",
    params(("days" = Option<u16>, Query, description = "Only those that have lain for at least so many days")),
    responses((status = 200, body = Unclaimed)))]
pub async fn list(
    State(hub): State<Hub>,
    _proof: AtCounter,
    Query(how_long): Query<HowLong>,
) -> Result<Json<Unclaimed>, Refusal> {
    let mut list = lying(&hub, how_long.days).await?;
    list.rows.truncate(usize::try_from(LIST_LENGTH_MAX).unwrap_or(usize::MAX));
    Ok(Json(list))
}

/// Returns the whole list, for the API and for the page.
pub(super) async fn lying(hub: &Hub, days: u16) -> Result<Unclaimed, Refusal> {
    let (this, at) = (hub.clone(), hub.world.now());
    let list = hub
        .store
        .read::<_, StoreError, _>(move |view| views::unclaimed(&this.catalogue, this.zone(), view, days, at))
        .await?;
    Ok(list)
}

/// Notes that somebody has reminded the applicant. The hub itself sends nothing.
#[utoipa::path(post, path = "/api/v1/cases/{case_id}/reminders", tag = "cases", request_body = Remind,
    params(("case_id" = uuid::Uuid, Path, description = "The case")), responses((status = 200, body = Reminded)))]
pub async fn remind(
    State(hub): State<Hub>,
    officer: Officer<CaseRoles>,
    Path(case_id): Path<CaseId>,
    Json(body): Json<Remind>,
) -> Result<StoredAnswer, Refusal> {
    operations::remind::remind(&hub, &officer, case_id, body).await
}

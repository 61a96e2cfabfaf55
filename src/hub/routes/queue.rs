//! The hall and its tickets.

use std::sync::Arc;

use axum::extract::State;

use super::super::Hub;
use super::super::access::{AtCounter, Insider, Kiosk, Station};
use super::super::extract::{Json, Path};
use super::super::operations::{call_next, take_ticket, ticket};
use super::super::refusal::Refusal;
use super::super::views;
use crate::domain::ids::TicketId;
use crate::store::{StoreError, StoredAnswer, View};
use crate::wire::queue::{CallNext, Called, Hall, TakeTicket, TicketTaken, TicketWrite};

/// Returns the hall right now, as much of it as the caller may see.
#[utoipa::path(get, path = "/api/v1/queue", tag = "queue", responses((status = 200, body = Hall)))]
pub async fn hall(State(hub): State<Hub>, insider: Insider) -> Result<Json<Hall>, Refusal> {
    let viewer = match insider {
        Insider::Station(station) => Some(station.kind()),
        Insider::Officer { .. } => None,
    };
    let (at, zone, catalogue) = (hub.world.now(), hub.zone(), Arc::clone(&hub.catalogue));
    let day = zone.day(at);
    let since = hub.listens_since;
    let hall = move |view: &View<'_>| views::hall(&catalogue, view, day, viewer, since, at);
    hub.store.read::<_, StoreError, _>(hall).await.map(Json).map_err(Refusal::from)
}

/// Calls the next ticket to this counter.
#[utoipa::path(post, path = "/api/v1/queue/call", tag = "queue", request_body = CallNext,
    responses((status = 200, body = Called)))]
pub async fn call(
    State(hub): State<Hub>,
    counter: AtCounter,
    Json(body): Json<CallNext>,
) -> Result<StoredAnswer, Refusal> {
    call_next::call_next(&hub, &counter, body).await
}

/// Takes a ticket that comes with no new case: for help in person, or for collecting a KK.
#[utoipa::path(put, path = "/api/v1/tickets/{ticket_id}", tag = "queue", request_body = TakeTicket,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket, named by the kiosk")),
    responses((status = 200, body = TicketTaken)))]
pub async fn take(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TakeTicket>,
) -> Result<StoredAnswer, Refusal> {
    take_ticket::take_ticket(&hub, &kiosk, ticket_id, body).await
}

/// Calls a ticket again.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/recall", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn recall(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::recall(&hub, &counter, ticket_id, body).await
}

/// Notes that nobody came.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/no-show", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn no_show(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::no_show(&hub, &counter, ticket_id, body).await
}

/// Notes that whoever came without a case was helped.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/finish", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn finish(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::finish(&hub, &counter, ticket_id, body).await
}

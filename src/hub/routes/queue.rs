//! The hall and its tickets.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::super::Hub;
use super::super::access::{AtCounter, Heads, Insider, Kiosk, Officer, Station};
use super::super::extract::{Json, Path};
use super::super::operations::{ask_ticket, call_next, hall as decide, take_ticket, ticket};
use super::super::refusal::Refusal;
use super::super::views;
use crate::domain::hall::TicketVerb;
use crate::domain::ids::TicketId;
use crate::domain::role::StationKind;
use crate::failure::Failure;
use crate::store::{StoredAnswer, View};
use crate::wire::hall::{
    Announce, AskTicket, CallNumber, Decided, MoveOfficer, QueueState, SetCounter, SetQueue, Transfer,
};
use crate::wire::queue::{CallNext, Called, Hall, TakeTicket, TicketTaken, TicketWrite};

/// Returns the hall right now, as much of it as the caller may see.
#[utoipa::path(get, path = "/api/v1/queue", tag = "queue", responses((status = 200, body = Hall)))]
pub async fn hall(State(hub): State<Hub>, insider: Insider) -> Result<Response, Refusal> {
    let viewer = match insider {
        Insider::Station(station) => Some(station.kind()),
        Insider::Officer { .. } => None,
    };
    let at = hub.world.now();
    // Whoever sees no people sees the same as every other station of the kind.
    let shared = viewer.filter(|kind| matches!(kind, StationKind::Board | StationKind::Kiosk));
    let seq = *hub.store.follow().borrow();
    if let Some(body) = shared.and_then(|kind| hub.shared_halls.get(kind, seq, at)) {
        return Ok(([(CONTENT_TYPE, "application/json")], body).into_response());
    }
    let this = hub.clone();
    let read = move |view: &View<'_>| -> Result<Bytes, Refusal> {
        // While this one waited for its turn another may have made it.
        if let Some(body) = shared.and_then(|kind| this.shared_halls.get(kind, seq, at)) {
            return Ok(body);
        }
        let hall = views::hall(&this, view, viewer, at)?;
        let body = Bytes::from(serde_json::to_vec(&hall).map_err(|_| Failure::HubFault)?);
        if let Some(kind) = shared {
            this.shared_halls.put(kind, seq, at, body.clone());
        }
        Ok(body)
    };
    let body = hub.store.read(read).await?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
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
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Recall).await
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
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::NoShow).await
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
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Finish).await
}

/// Notes that the person has come to the counter.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/serve", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn serve(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Serve).await
}

/// Lays a ticket aside: the person fetches something and comes back.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/hold", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn hold(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Hold).await
}

/// Lets a called ticket wait again, behind everybody.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/skip", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn skip(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Skip).await
}

/// Lets a ticket that missed its call, or was laid aside, wait again.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/restore", tag = "queue", request_body = TicketWrite,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn restore(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<TicketWrite>,
) -> Result<StoredAnswer, Refusal> {
    ticket::change(&hub, &counter, ticket_id, body, TicketVerb::Restore).await
}

/// Sends a ticket at this counter to another queue or counter.
#[utoipa::path(post, path = "/api/v1/tickets/{ticket_id}/transfer", tag = "queue", request_body = Transfer,
    params(("ticket_id" = uuid::Uuid, Path, description = "The ticket")), responses((status = 200, body = Called)))]
pub async fn transfer(
    State(hub): State<Hub>,
    counter: AtCounter,
    Path(ticket_id): Path<TicketId>,
    Json(body): Json<Transfer>,
) -> Result<StoredAnswer, Refusal> {
    ticket::transfer(&hub, &counter, ticket_id, body).await
}

/// Calls a number of today to this counter: one that waits, was laid aside or missed its call.
#[utoipa::path(post, path = "/api/v1/queue/call-number", tag = "queue", request_body = CallNumber,
    responses((status = 200, body = Called)))]
pub async fn call_number(
    State(hub): State<Hub>,
    counter: AtCounter,
    Json(body): Json<CallNumber>,
) -> Result<StoredAnswer, Refusal> {
    call_next::call_number(&hub, &counter, body).await
}

/// Tells a kiosk, before it prints a number, whether it may; with the NIK of whoever asks, also how many they have.
#[utoipa::path(post, path = "/api/v1/queue/ask", tag = "queue", request_body = AskTicket,
    responses((status = 200, body = QueueState)))]
pub async fn ask(
    State(hub): State<Hub>,
    kiosk: Station<Kiosk>,
    Json(body): Json<AskTicket>,
) -> Result<Json<QueueState>, Refusal> {
    ask_ticket::ask_ticket(&hub, &kiosk, body).await.map(Json)
}

/// Opens this counter, closes it, or takes a break.
#[utoipa::path(post, path = "/api/v1/counter", tag = "hall", request_body = SetCounter,
    responses((status = 200, body = Decided)))]
pub async fn own_counter(
    State(hub): State<Hub>,
    counter: AtCounter,
    Json(body): Json<SetCounter>,
) -> Result<StoredAnswer, Refusal> {
    decide::set_own_counter(&hub, &counter, body).await
}

/// Opens, closes or changes any counter.
#[utoipa::path(post, path = "/api/v1/hall/counters", tag = "hall", request_body = SetCounter,
    responses((status = 200, body = Decided)))]
pub async fn set_counter(
    State(hub): State<Hub>,
    officer: Officer<Heads>,
    Json(body): Json<SetCounter>,
) -> Result<StoredAnswer, Refusal> {
    decide::set_counter(&hub, &officer, body).await
}

/// Opens or closes a queue; whoever waits is still called.
#[utoipa::path(post, path = "/api/v1/hall/queues", tag = "hall", request_body = SetQueue,
    responses((status = 200, body = Decided)))]
pub async fn set_queue(
    State(hub): State<Hub>,
    officer: Officer<Heads>,
    Json(body): Json<SetQueue>,
) -> Result<StoredAnswer, Refusal> {
    decide::set_queue(&hub, &officer, body).await
}

/// Sends an officer to a counter for today.
#[utoipa::path(post, path = "/api/v1/hall/posts", tag = "hall", request_body = MoveOfficer,
    responses((status = 200, body = Decided)))]
pub async fn move_officer(
    State(hub): State<Hub>,
    officer: Officer<Heads>,
    Json(body): Json<MoveOfficer>,
) -> Result<StoredAnswer, Refusal> {
    decide::move_officer(&hub, &officer, body).await
}

/// Replaces the line of text on the boards.
#[utoipa::path(post, path = "/api/v1/hall/notice", tag = "hall", request_body = Announce,
    responses((status = 200, body = Decided)))]
pub async fn announce(
    State(hub): State<Hub>,
    officer: Officer<Heads>,
    Json(body): Json<Announce>,
) -> Result<StoredAnswer, Refusal> {
    decide::announce(&hub, &officer, body).await
}

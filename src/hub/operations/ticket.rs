//! What a counter does with a ticket it has called: calls it again, notes that nobody came, or that it was helped.

use std::sync::Arc;

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::ids::TicketId;
use crate::domain::role::StationKind;
use crate::domain::ticket::TicketState;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views::ticket_row;
use crate::journal::EventKind;
use crate::store::{StoredAnswer, TicketRecord, Tx};
use crate::wire::queue::{Called, TicketWrite};

/// Calls a ticket again, also one whose holder came late.
pub(in crate::hub) async fn recall(
    hub: &Hub,
    counter: &AtCounter,
    ticket: TicketId,
    body: TicketWrite,
) -> Result<StoredAnswer, Refusal> {
    change(hub, counter, ticket, body, EventKind::TicketRecalled).await
}

/// Notes that nobody came.
pub(in crate::hub) async fn no_show(
    hub: &Hub,
    counter: &AtCounter,
    ticket: TicketId,
    body: TicketWrite,
) -> Result<StoredAnswer, Refusal> {
    change(hub, counter, ticket, body, EventKind::TicketNoShow).await
}

/// Ends the ticket of somebody who was helped in person. A ticket with a case ends with a step of its case.
pub(in crate::hub) async fn finish(
    hub: &Hub,
    counter: &AtCounter,
    ticket: TicketId,
    body: TicketWrite,
) -> Result<StoredAnswer, Refusal> {
    change(hub, counter, ticket, body, EventKind::TicketFinished).await
}

async fn change(
    hub: &Hub,
    counter: &AtCounter,
    ticket_id: TicketId,
    body: TicketWrite,
    event: EventKind,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let counter = counter.counter().to_owned();
    let digest = fingerprint(&[event.key(), &ticket_id.to_string(), &counter, hand.person.name()], &body)?;
    let (catalogue, zone) = (Arc::clone(&hub.catalogue), hub.zone());
    hub.once(body.request_id, digest, move |tx, at| {
        let today = zone.day(at);
        let found = tx.ticket(ticket_id)?.filter(|ticket| ticket.day == today);
        let mut ticket = found.ok_or(Failure::TicketUnknown)?;
        check(&ticket, &counter, event)?;
        apply(tx, &mut ticket, counter, event)?;
        tx.save_ticket(&ticket)?;
        let detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "call": ticket.call_serial });
        hand.note(tx, ticket.case_id, at, event, detail)?;
        let row = ticket_row(&catalogue, tx, &ticket, Some(StationKind::Counter))?;
        Ok(Outcome::Done(Called { ticket: Some(row) }))
    })
    .await
}

fn check(ticket: &TicketRecord, counter: &str, event: EventKind) -> Result<(), Refusal> {
    if event == EventKind::TicketFinished && ticket.case_id.is_some() {
        return Err(Failure::TicketHasCase.into());
    }
    let mine = ticket.counter.as_deref() == Some(counter);
    match ticket.state {
        TicketState::Called | TicketState::Serving if mine => Ok(()),
        TicketState::Called | TicketState::Serving => {
            Err(Refusal::new(Failure::TicketTaken).with_fact(ticket.counter.clone().unwrap_or_default()))
        }
        // Whoever missed the call may come back to any counter.
        TicketState::NoShow if event == EventKind::TicketRecalled => Ok(()),
        _ => Err(Failure::TicketUnknown.into()),
    }
}

fn apply(tx: &Tx<'_>, ticket: &mut TicketRecord, counter: String, event: EventKind) -> Result<(), Refusal> {
    match event {
        EventKind::TicketNoShow => ticket.state = TicketState::NoShow,
        EventKind::TicketFinished => ticket.state = TicketState::Done,
        _ => recalled(tx, ticket, counter)?,
    }
    Ok(())
}

fn recalled(tx: &Tx<'_>, ticket: &mut TicketRecord, counter: String) -> Result<(), Refusal> {
    if ticket.state == TicketState::NoShow {
        ticket.state = TicketState::Called;
    }
    ticket.counter = Some(counter);
    ticket.call_serial = Some(tx.call_serial()? + 1);
    Ok(())
}

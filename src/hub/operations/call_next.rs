//! Calls the next ticket to a counter. Two counters at once never get the same one.

use std::sync::Arc;

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::role::StationKind;
use crate::domain::ticket::TicketState;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views::{ticket_row, waiting_in};
use crate::journal::EventKind;
use crate::store::StoredAnswer;
use crate::wire::queue::{CallNext, Called};

/// Calls the ticket that has waited longest, by the journal's order; one that should not wait long goes before.
pub(in crate::hub) async fn call_next(hub: &Hub, counter: &AtCounter, body: CallNext) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let counter = counter.counter().to_owned();
    let digest = fingerprint(&["call_next", &counter, hand.person.name()], &body)?;
    let (catalogue, zone) = (Arc::clone(&hub.catalogue), hub.zone());
    hub.once(body.request_id, digest, move |tx, at| {
        let Some(mut ticket) = waiting_in(tx, zone.day(at), body.queue)?.into_iter().next() else {
            return Ok(Outcome::Done(Called { ticket: None }));
        };
        ticket.state = TicketState::Called;
        ticket.counter = Some(counter);
        ticket.called_at = ticket.called_at.or(Some(at));
        ticket.call_serial = Some(tx.call_serial()? + 1);
        tx.save_ticket(&ticket)?;
        let detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "call": ticket.call_serial });
        hand.note(tx, ticket.case_id, at, EventKind::TicketCalled, detail)?;
        let row = ticket_row(&catalogue, tx, &ticket, Some(StationKind::Counter))?;
        Ok(Outcome::Done(Called { ticket: Some(row) }))
    })
    .await
}

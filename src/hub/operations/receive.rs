//! Step 7: the KK is back at the counter and in the register book; its applicant, if here today, queues for it.

use serde_json::json;

use super::{Hand, Outcome, fingerprint};
use crate::domain::case::Verb;
use crate::domain::ids::CaseId;
use crate::domain::ticket::Queue;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{NewTicket, StoredAnswer};
use crate::wire::case::Write;

/// Receives a KK.
pub(in crate::hub) async fn receive(
    hub: &Hub,
    counter: &AtCounter,
    case_id: CaseId,
    body: Write,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let digest = fingerprint(&["receive", &case_id.to_string(), hand.person.name()], &body)?;
    let (world, zone) = (hub.world.clone(), hub.zone());
    hub.once(body.request_id, digest, move |tx, at| {
        let (mut case, next) = hand.take(tx, case_id, body, Verb::Receive)?;
        let day = zone.day(at);
        let number = tx.register(case_id, day.year(), hand.person.name(), at)?;
        case.register_number = Some(number);
        let detail = json!({ "register_number": number, "register_year": day.year() });
        let state = hand.put(tx, case, next, at, EventKind::KkReceived, detail)?;
        let tickets = tx.tickets_of(case_id, day)?;
        let printed = tickets.iter().find(|ticket| ticket.queue == Queue::Verification);
        if let Some(ticket) = printed
            && tx.ticket_of_day(day, Queue::Pickup, ticket.number)?.is_none()
        {
            let detail = json!({ "ticket": ticket.number, "day": day });
            let entered = hand.note(tx, Some(case_id), at, EventKind::TicketQueued, detail)?;
            tx.add_ticket(&NewTicket {
                ticket_id: world.ticket_id(),
                day,
                queue: Queue::Pickup,
                number: ticket.number,
                case_id: Some(case_id),
                // Whoever should not wait long the first time should not the second time.
                priority: ticket.priority,
                since: at,
                entered,
            })?;
        }
        Ok(Outcome::Done(state))
    })
    .await
}

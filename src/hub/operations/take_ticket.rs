//! A ticket that comes with no new case: somebody wants help in person, or collects a KK that lies at the counter.

use jiff::Timestamp;
use serde_json::json;

use super::incoming::check_number;
use super::{Outcome, fingerprint};
use crate::domain::ids::{CaseId, RequestId, TicketId};
use crate::domain::slip_token::SlipDigest;
use crate::domain::stage::Stage;
use crate::domain::ticket::{Queue, TicketState};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Kiosk, Station};
use crate::hub::refusal::Refusal;
use crate::hub::secret::same;
use crate::journal::EventKind;
use crate::store::{Actor, Entry, NewEntry, NewTicket, StoredAnswer, Tx};
use crate::wire::queue::{TakeTicket, TicketPurpose, TicketTaken};

/// Takes a ticket that a kiosk has already issued and printed. The same ticket again gives the same answer.
pub(in crate::hub) async fn take_ticket(
    hub: &Hub,
    kiosk: &Station<Kiosk>,
    ticket_id: TicketId,
    body: TakeTicket,
) -> Result<StoredAnswer, Refusal> {
    let digest = fingerprint(&["take_ticket", &ticket_id.to_string()], &body)?;
    let kiosk = kiosk.name().to_owned();
    hub.once(RequestId::new(ticket_id.uuid()), digest, move |tx, at| {
        let taking = Taking { ticket_id, body, kiosk };
        let taken = match &taking.body.purpose {
            TicketPurpose::Help => taking.help(tx, at),
            TicketPurpose::Pickup { case_id, slip_token } => taking.pickup(tx, *case_id, slip_token, at),
        };
        match taken {
            Ok(taken) => Ok(Outcome::Done(taken)),
            Err(refusal) if is_noted(refusal.failure()) => {
                let detail = json!({
                    "code": refusal.failure().code(),
                    "ticket": taking.body.number,
                    "day": taking.body.day,
                });
                taking.note(tx, EventKind::TicketRefused, None, at, detail)?;
                Ok(Outcome::Offered(refusal))
            }
            Err(refusal) => Err(refusal),
        }
    })
    .await
}

/// Tells whether an auditor will ask for it: somebody holds a printed number that is not called.
const fn is_noted(failure: Failure) -> bool {
    matches!(failure, Failure::TicketDuplicate | Failure::RequestReused | Failure::PickupNotReady)
}

/// A ticket on its way in.
struct Taking {
    ticket_id: TicketId,
    body: TakeTicket,
    kiosk: String,
}

impl Taking {
    fn help(&self, tx: &Tx<'_>, at: Timestamp) -> Result<TicketTaken, Refusal> {
        self.enter(tx, Queue::Verification, None, at)
    }

    /// Queues the holder of a slip for their KK. Whoever queues already keeps their number; whoever missed their call
    /// waits again under it.
    fn pickup(
        &self,
        tx: &Tx<'_>,
        case_id: CaseId,
        slip_token: &SlipDigest,
        at: Timestamp,
    ) -> Result<TicketTaken, Refusal> {
        let case = tx.case(case_id)?.ok_or(Failure::CaseUnknown)?;
        if !same(case.given.slip_token.as_str(), slip_token.as_str()) {
            return Err(Failure::SlipUnknown.into());
        }
        if case.stage != Stage::Received {
            return Err(Refusal::new(Failure::PickupNotReady).with_fact(case.stage.plain_words()));
        }
        let Some(mut ticket) = tx.open_pickup(case_id, self.body.day)? else {
            return self.enter(tx, Queue::Pickup, Some(case_id), at);
        };
        if self.body.priority.is_some() {
            ticket.priority = self.body.priority;
            tx.save_ticket(&ticket)?;
        }
        if matches!(ticket.state, TicketState::NoShow | TicketState::Expired) {
            let detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "day": ticket.day });
            let entered = self.note(tx, EventKind::TicketTaken, Some(case_id), at, detail)?;
            tx.wait_again(&ticket, at, entered)?;
        }
        Ok(TicketTaken { number: ticket.number, queue: ticket.queue })
    }

    fn enter(&self, tx: &Tx<'_>, queue: Queue, case_id: Option<CaseId>, at: Timestamp) -> Result<TicketTaken, Refusal> {
        let TakeTicket { day, number, priority, taken_at, .. } = &self.body;
        if tx.ticket(self.ticket_id)?.is_some() {
            return Err(Failure::RequestReused.into());
        }
        check_number(tx, *day, queue, *number)?;
        // No priority here: it may tell of a disability or an illness.
        let detail = json!({ "ticket": number, "queue": queue, "day": day, "taken_at": taken_at });
        let entered = self.note(tx, EventKind::TicketTaken, case_id, at, detail)?;
        tx.add_ticket(&NewTicket {
            ticket_id: self.ticket_id,
            day: *day,
            queue,
            number: *number,
            case_id,
            priority: *priority,
            since: at,
            entered,
        })?;
        Ok(TicketTaken { number: *number, queue })
    }

    fn note(
        &self,
        tx: &Tx<'_>,
        event: EventKind,
        case_id: Option<CaseId>,
        at: Timestamp,
        detail: serde_json::Value,
    ) -> Result<Entry, Refusal> {
        let actor = Actor::Station(self.kiosk.clone());
        Ok(tx.note(&NewEntry { event, at, actor, station: Some(self.kiosk.clone()), case_id, detail })?)
    }
}

//! Calls the next ticket to a counter, or a number of the officer's choice. Two counters at once never get the same one.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::ticket::refused;
use super::{Hand, Outcome, fingerprint};
use crate::domain::hall::{DeskState, Holder, TicketVerb, Turn, after, turn};
use crate::domain::role::StationKind;
use crate::domain::ticket::{Queue, TicketState};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views::ticket_row;
use crate::journal::EventKind;
use crate::store::{DeskRecord, StoreError, StoredAnswer, TicketRecord, Tx, View};
use crate::wire::hall::CallNumber;
use crate::wire::queue::{CallNext, Called};

/// Calls the ticket whose turn it is. It stays with this counter until the counter ends it: one at a time.
pub(in crate::hub) async fn call_next(hub: &Hub, counter: &AtCounter, body: CallNext) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let counter = counter.counter().to_owned();
    let digest = fingerprint(&["call_next", &counter, hand.person.name()], &body)?;
    let this = hub.clone();
    hub.once(body.request_id, digest, move |tx, at| {
        let order = this.order(at);
        order.keep(tx)?;
        let caller = Caller { hand, counter, today: order.today, at };
        caller.may_call(tx, body.queue)?;
        let Some((ticket, went_first)) = next(tx, caller.today, body.queue, &caller.counter)? else {
            return Ok(Outcome::Done(Called { ticket: None }));
        };
        tx.set_turn(caller.today, body.queue, went_first)?;
        caller.call(&this, tx, ticket, false)
    })
    .await
}

/// Calls a number that waits, was laid aside or missed its call.
pub(in crate::hub) async fn call_number(
    hub: &Hub,
    counter: &AtCounter,
    body: CallNumber,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let counter = counter.counter().to_owned();
    let digest = fingerprint(&["call_number", &counter, hand.person.name()], &body)?;
    let this = hub.clone();
    hub.once(body.request_id, digest, move |tx, at| {
        let order = this.order(at);
        order.keep(tx)?;
        let caller = Caller { hand, counter, today: order.today, at };
        caller.may_call(tx, body.queue)?;
        let ticket = tx.ticket_of_day(caller.today, body.queue, body.number)?.ok_or(Failure::TicketUnknown)?;
        after(TicketVerb::CallNumber, ticket.state, Holder::Other, ticket.calls, 0)
            .map_err(|why| refused(why, &ticket))?;
        caller.call(&this, tx, ticket, true)
    })
    .await
}

/// Finds whose turn it is at a counter, and whether they go before somebody.
fn next(view: &View<'_>, day: Date, queue: Queue, counter: &str) -> Result<Option<(TicketRecord, bool)>, StoreError> {
    let first = view.first(day, queue, counter)?;
    let next = match (turn(view.last_went_first(day, queue)?, first.is_some()), first) {
        (Turn::First, Some(first)) => Some(first),
        _ => view.longest(day, queue, counter)?,
    };
    Ok(next.map(|ticket| {
        let went_first = ticket.goes_first();
        (ticket, went_first)
    }))
}

/// An officer at a counter who calls.
struct Caller {
    hand: Hand,
    counter: String,
    today: Date,
    at: Timestamp,
}

impl Caller {
    /// Refuses an officer who was sent elsewhere, a counter that is not open or does not serve the queue, and whoever
    /// still has somebody.
    fn may_call(&self, tx: &Tx<'_>, queue: Queue) -> Result<(), Refusal> {
        let officer = self.hand.person.name();
        if let Some(post) = tx.post_of(officer, self.today)?.filter(|post| *post != self.counter) {
            return Err(Refusal::new(Failure::OfficerPosted).with_fact(post));
        }
        let desk = tx.desk(&self.counter)?.unwrap_or_else(|| DeskRecord::new(&self.counter, self.at));
        if desk.state != DeskState::Open {
            return Err(Refusal::new(Failure::CounterNotOpen).with_fact(desk.state.title()));
        }
        if !desk.skills.has(queue) {
            return Err(Refusal::new(Failure::CounterSkill).with_fact(queue.title()));
        }
        if let Some(ticket) = tx.at_hand(officer, &self.counter)? {
            let fact = format!("{} ({})", ticket.number, ticket.counter.unwrap_or_default());
            return Err(Refusal::new(Failure::OfficerBusy).with_fact(fact));
        }
        if desk.officer.as_deref() != Some(officer) {
            tx.save_desk(&DeskRecord { officer: Some(officer.to_owned()), ..desk })?;
        }
        Ok(())
    }

    fn call(
        self,
        hub: &Hub,
        tx: &Tx<'_>,
        mut ticket: TicketRecord,
        by_number: bool,
    ) -> Result<Outcome<Called>, Refusal> {
        ticket.state = TicketState::Called;
        ticket.counter = Some(self.counter);
        ticket.officer = Some(self.hand.person.name().to_owned());
        ticket.called_at = ticket.called_at.or(Some(self.at));
        ticket.call_serial = Some(tx.call_serial()? + 1);
        ticket.calls += 1;
        ticket.touched_at = Some(self.at);
        ticket.lost_at = None;
        tx.save_ticket(&ticket)?;
        ticket.version += 1;
        let mut detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "call": ticket.call_serial });
        if by_number {
            detail["by_number"] = true.into();
        }
        self.hand.note(tx, ticket.case_id, self.at, EventKind::TicketCalled, detail)?;
        let catalogue = Arc::clone(&hub.catalogue);
        let row = ticket_row(&catalogue, tx, &ticket, Some(StationKind::Counter))?;
        Ok(Outcome::Done(Called { ticket: Some(row) }))
    }
}

//! What a counter does with a ticket, one verb each: `domain::hall::after` says which fits.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Hand, Outcome, fingerprint};
use crate::domain::hall::{DeskState, Holder, TicketVerb, VerbRefused, after};
use crate::domain::ids::TicketId;
use crate::domain::role::StationKind;
use crate::domain::ticket::{Queue, TicketState};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::AtCounter;
use crate::hub::refusal::Refusal;
use crate::hub::views::ticket_row;
use crate::journal::EventKind;
use crate::store::{StoredAnswer, TicketRecord, Tx};
use crate::wire::hall::Transfer;
use crate::wire::queue::{Called, TicketWrite};

/// Words why a verb does not fit a ticket.
pub(super) fn refused(why: VerbRefused, ticket: &TicketRecord) -> Refusal {
    match why {
        VerbRefused::State => Failure::TicketUnknown.into(),
        VerbRefused::Taken => Refusal::new(Failure::TicketTaken).with_fact(ticket.counter.clone().unwrap_or_default()),
        VerbRefused::CallAgain => {
            Refusal::new(Failure::TicketCallAgain).with_fact(format!("dipanggil {} kali", ticket.calls))
        }
    }
}

const fn event(verb: TicketVerb) -> EventKind {
    match verb {
        TicketVerb::Recall => EventKind::TicketRecalled,
        TicketVerb::Serve => EventKind::TicketServed,
        TicketVerb::NoShow => EventKind::TicketNoShow,
        TicketVerb::Finish => EventKind::TicketFinished,
        TicketVerb::Hold => EventKind::TicketHeld,
        TicketVerb::Skip => EventKind::TicketSkipped,
        TicketVerb::Transfer => EventKind::TicketTransferred,
        TicketVerb::Restore => EventKind::TicketRestored,
        TicketVerb::CallNumber => EventKind::TicketCalled,
    }
}

/// Does a verb that needs nothing but the ticket.
pub(in crate::hub) async fn change(
    hub: &Hub,
    counter: &AtCounter,
    ticket: TicketId,
    body: TicketWrite,
    verb: TicketVerb,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let digest = fingerprint(&[event(verb).key(), &ticket.to_string(), counter.counter(), hand.person.name()], &body)?;
    step(hub, Step { hand, counter: counter.counter().to_owned(), ticket, write: body, verb, to: None }, digest).await
}

/// Sends a ticket to another queue or counter.
pub(in crate::hub) async fn transfer(
    hub: &Hub,
    counter: &AtCounter,
    ticket: TicketId,
    body: Transfer,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::at(counter);
    let digest = fingerprint(&["transfer", &ticket.to_string(), counter.counter(), hand.person.name()], &body)?;
    let Transfer { write, queue, counter: to } = body;
    let (counter, verb) = (counter.counter().to_owned(), TicketVerb::Transfer);
    step(hub, Step { hand, counter, ticket, write, verb, to: Some((queue, to)) }, digest).await
}

/// Counters of one office that are looked at.
const COUNTERS_MAX: u32 = 100;

/// A verb on its way.
struct Step {
    hand: Hand,
    counter: String,
    ticket: TicketId,
    write: TicketWrite,
    verb: TicketVerb,
    to: Option<(Queue, Option<String>)>,
}

async fn step(hub: &Hub, step: Step, digest: String) -> Result<StoredAnswer, Refusal> {
    let this = hub.clone();
    hub.once(step.write.request_id, digest, move |tx, at| {
        let order = this.order(at);
        let (ticket, next) = step.check(tx, order.today, this.rules.calls_before_no_show)?;
        step.apply(tx, ticket, next, at)?;
        let ticket = tx.ticket(step.ticket)?.ok_or(Failure::TicketUnknown)?;
        let row = ticket_row(&this.catalogue, tx, &ticket, Some(StationKind::Counter))?;
        Ok(Outcome::Done(Called { ticket: Some(row) }))
    })
    .await
}

impl Step {
    fn check(&self, tx: &Tx<'_>, today: Date, calls_min: u32) -> Result<(TicketRecord, TicketState), Refusal> {
        let found = tx.ticket(self.ticket)?;
        let is_mine = |ticket: &TicketRecord| ticket.counter.as_deref() == Some(self.counter.as_str());
        // A service that began before midnight is brought to its end.
        let found =
            found.filter(|ticket| ticket.day == today || (ticket.state == TicketState::Serving && is_mine(ticket)));
        let ticket = found.ok_or(Failure::TicketUnknown)?;
        let holder = if is_mine(&ticket) { Holder::Mine } else { Holder::Other };
        if self.write.version.is_some_and(|seen| seen != ticket.version) {
            let fact = ticket.counter.clone().filter(|_| holder == Holder::Other);
            let refusal = Refusal::new(Failure::TicketChanged);
            return Err(match fact {
                Some(counter) => refusal.with_fact(counter),
                None => refusal,
            });
        }
        if self.verb == TicketVerb::Finish && ticket.case_id.is_some() {
            return Err(Failure::TicketHasCase.into());
        }
        let next = after(self.verb, ticket.state, holder, ticket.calls, calls_min);
        let next = next.map_err(|why| refused(why, &ticket))?;
        if ticket.state == TicketState::NoShow && next == TicketState::Called {
            let at_hand = tx.at_hand(self.hand.person.name(), &self.counter)?;
            if let Some(other) = at_hand {
                return Err(Refusal::new(Failure::OfficerBusy).with_fact(other.number.to_string()));
            }
        }
        if let Some((queue, counter)) = &self.to {
            self.check_aim(tx, &ticket, *queue, counter.as_deref())?;
        }
        Ok((ticket, next))
    }

    /// A ticket goes only where somebody can call it, and where its number is free.
    fn check_aim(&self, tx: &Tx<'_>, ticket: &TicketRecord, queue: Queue, to: Option<&str>) -> Result<(), Refusal> {
        let refuse = |fact: &str| Err(Refusal::new(Failure::TransferRefused).with_fact(fact));
        if queue == Queue::Pickup && ticket.case_id.is_none() {
            return refuse("nomor tanpa permohonan");
        }
        if queue != ticket.queue && tx.ticket_of_day(ticket.day, queue, ticket.number)?.is_some() {
            return refuse("nomor ini sudah ada di antrean tujuan");
        }
        match to {
            None if queue == ticket.queue => refuse("antrean tujuan sama"),
            None => Ok(()),
            Some(to) if to == self.counter || !tx.counters(COUNTERS_MAX)?.iter().any(|known| known == to) => {
                refuse("loket tujuan tidak dikenal")
            }
            Some(to) => match tx.desk(to)? {
                Some(desk) if desk.state == DeskState::Closed || !desk.skills.has(queue) => {
                    refuse("loket tujuan tutup atau tidak melayani antrean ini")
                }
                _ => Ok(()),
            },
        }
    }

    fn apply(&self, tx: &Tx<'_>, mut ticket: TicketRecord, next: TicketState, at: Timestamp) -> Result<(), Refusal> {
        let (day_queue, was) = (ticket.queue, ticket.state);
        if let Some((queue, aim)) = &self.to {
            ticket.queue = *queue;
            ticket.aimed_at.clone_from(aim);
        }
        if self.verb == TicketVerb::Recall {
            ticket.counter = Some(self.counter.clone());
            ticket.officer = Some(self.hand.person.name().to_owned());
            ticket.call_serial = Some(tx.call_serial()? + 1);
            ticket.calls += 1;
        }
        let detail = self.detail(&ticket, day_queue);
        let entered = self.hand.note(tx, ticket.case_id, at, event(self.verb), detail)?;
        if next == TicketState::Waiting {
            // Whoever was sent on has waited already; whoever missed the call, or stepped aside, has not.
            ticket.comes_back = match self.verb {
                TicketVerb::Transfer => true,
                TicketVerb::Restore => was == TicketState::Held,
                _ => false,
            };
            tx.wait_again(&ticket, at, entered)?;
        } else {
            ticket.state = next;
            ticket.touched_at = Some(at);
            ticket.lost_at = None;
            tx.save_ticket(&ticket)?;
        }
        Ok(())
    }

    fn detail(&self, ticket: &TicketRecord, from: Queue) -> Value {
        let mut detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "call": ticket.call_serial });
        if self.verb == TicketVerb::Transfer {
            detail["from"] = from.key().into();
            detail["to"] = ticket.aimed_at.clone().into();
        }
        detail
    }
}

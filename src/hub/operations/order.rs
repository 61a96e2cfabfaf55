//! What keeps the hall in order by itself: counters that fell silent lose their ticket, days end, the clock is mended.
//!
//! It runs before every call, so that nobody is called out of order, and every half minute for the screens.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::domain::hall::{Watch, watch};
use crate::domain::ticket::TicketState;
use crate::hub::Hub;
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{Actor, NewEntry, StoreError, TicketRecord, Tx};

/// What the rules of order need to know of the office.
#[derive(Debug, Clone, Copy)]
pub(in crate::hub) struct Order {
    /// Business day.
    pub today: Date,
    /// Now.
    pub at: Timestamp,
    /// How long a counter may be silent.
    pub lease: SignedDuration,
}

impl Hub {
    /// Returns the rules of order for an instant.
    pub(in crate::hub) fn order(&self, at: Timestamp) -> Order {
        let lease = SignedDuration::from_mins(i64::from(self.rules.lease_minutes));
        Order { today: self.zone().day(at), at, lease }
    }
}

impl Order {
    /// Puts the hall in order.
    pub(in crate::hub) fn keep(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.turn_the_day(tx)?;
        for ticket in tx.at_counters()? {
            self.look_after(tx, ticket)?;
        }
        Ok(())
    }

    /// Ends what waits of the days before; lets wait again what was ended of today by a clock that had run ahead.
    fn turn_the_day(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let ended = tx.expire_before(self.today)?;
        if ended > 0 {
            tx.forget_holders(self.today)?;
            self.note(tx, EventKind::DayClosed, None, json!({ "before": self.today, "tickets": ended }))?;
        }
        let revived = tx.revive(self.today)?;
        if revived > 0 {
            self.note(tx, EventKind::DayReopened, None, json!({ "day": self.today, "tickets": revived }))?;
        }
        Ok(())
    }

    fn look_after(self, tx: &Tx<'_>, mut ticket: TicketRecord) -> Result<(), StoreError> {
        let reported = match &ticket.counter {
            Some(counter) => tx.reported_at(counter)?,
            None => None,
        };
        // A sign from before the clock was set back is as good as one of now.
        let Some(sign) = ticket.touched_at.max(reported) else {
            ticket.touched_at = Some(self.at);
            return tx.save_ticket(&ticket);
        };
        match watch(sign, ticket.lost_at, self.lease, self.at) {
            Watch::Keep if ticket.lost_at.is_none() => Ok(()),
            Watch::Keep => {
                ticket.lost_at = None;
                tx.save_ticket(&ticket)
            }
            Watch::Suspect if ticket.lost_at.is_some_and(|lost_at| lost_at <= self.at) => Ok(()),
            Watch::Suspect => {
                ticket.lost_at = Some(self.at);
                tx.save_ticket(&ticket)
            }
            Watch::GiveBack => self.give_back(tx, ticket),
        }
    }

    /// Its holder stands before a counter that is dead: they go first, in turns with those who wait longest. What is
    /// left of an earlier day has ended.
    fn give_back(self, tx: &Tx<'_>, mut ticket: TicketRecord) -> Result<(), StoreError> {
        let detail = json!({ "ticket": ticket.number, "queue": ticket.queue, "counter": ticket.counter });
        let entered = self.note(tx, EventKind::TicketReturned, Some(&ticket), detail)?;
        if ticket.day < self.today {
            ticket.state = TicketState::Expired;
            return tx.save_ticket(&ticket);
        }
        ticket.comes_back = true;
        ticket.aimed_at = None;
        tx.wait_again(&ticket, ticket.since, entered)
    }

    fn note(
        self,
        tx: &Tx<'_>,
        event: EventKind,
        ticket: Option<&TicketRecord>,
        detail: serde_json::Value,
    ) -> Result<crate::store::Entry, StoreError> {
        let case_id = ticket.and_then(|ticket| ticket.case_id);
        tx.note(&NewEntry { event, at: self.at, actor: Actor::System, station: None, case_id, detail })
    }
}

/// Puts the hall in order now.
pub(in crate::hub) async fn keep_order(hub: &Hub) -> Result<(), Refusal> {
    let (hub, store) = (hub.clone(), hub.store.clone());
    store.write(move |tx| Ok(hub.order(hub.world.now()).keep(tx)?)).await
}

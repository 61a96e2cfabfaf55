//! Who waits, in the order in which they are called: the list that is shown, and the next call.

use jiff::civil::Date;

use crate::domain::priority::call_order;
use crate::domain::ticket::Queue;
use crate::store::{StoreError, TicketRecord, View};

/// Lists those who wait in one queue, first to be called first.
pub(in crate::hub) fn waiting_in(view: &View<'_>, day: Date, queue: Queue) -> Result<Vec<TicketRecord>, StoreError> {
    let waiting = view.waiting(day)?.into_iter().filter(|ticket| ticket.queue == queue).collect();
    ordered(view, day, queue, waiting)
}

/// Lists those who wait in both queues, each queue in its order, in the places of those who came in this order.
pub(super) fn waiting(view: &View<'_>, day: Date) -> Result<Vec<TicketRecord>, StoreError> {
    let all = view.waiting(day)?;
    let places: Vec<Queue> = all.iter().map(|ticket| ticket.queue).collect();
    let (verification, pickup): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|ticket| ticket.queue == Queue::Verification);
    let mut verification = ordered(view, day, Queue::Verification, verification)?.into_iter();
    let mut pickup = ordered(view, day, Queue::Pickup, pickup)?.into_iter();
    let place = |queue| match queue {
        Queue::Verification => verification.next(),
        Queue::Pickup => pickup.next(),
    };
    Ok(places.into_iter().filter_map(place).collect())
}

fn ordered(
    view: &View<'_>,
    day: Date,
    queue: Queue,
    waiting: Vec<TicketRecord>,
) -> Result<Vec<TicketRecord>, StoreError> {
    let last = view.first_calls(day, queue, 1)?;
    let last_had_priority = last.first().is_some_and(|ticket| ticket.priority.is_some());
    Ok(call_order(waiting, |ticket| ticket.priority.is_some(), last_had_priority))
}

//! Who waits, in the order in which they are called: the list that is shown tells what the next calls will be.

use jiff::civil::Date;

use crate::domain::priority::call_order;
use crate::domain::ticket::Queue;
use crate::store::{StoreError, TicketRecord, View};

/// Most of a queue that is shown; the rest is only counted.
const WAITING_MAX: u32 = 1_000;

/// Lists those who wait in one queue, first to be called first.
pub(super) fn waiting(view: &View<'_>, day: Date, queue: Queue) -> Result<Vec<TicketRecord>, StoreError> {
    let waiting = view.waiting(day, queue, WAITING_MAX)?;
    Ok(call_order(waiting, TicketRecord::goes_first, view.last_went_first(day, queue)?))
}

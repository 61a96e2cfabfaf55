//! May a kiosk give a number now? Asked before paper is printed. What is printed is a promise and is always taken.

use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{Kiosk, Station};
use crate::hub::refusal::Refusal;
use crate::hub::views;
use crate::wire::hall::{AskTicket, QueueState};

/// Answers how the queue is, or why no number is given: hours, a closed queue, the quota of the day, the limit of one NIK.
pub(in crate::hub) async fn ask_ticket(
    hub: &Hub,
    _proof: &Station<Kiosk>,
    body: AskTicket,
) -> Result<QueueState, Refusal> {
    let this = hub.clone();
    hub.store
        .read(move |view| {
            let at = this.world.now();
            let day = this.zone().day(at);
            if !this.gives_tickets(at) {
                return Err(Failure::OfficeClosed.into());
            }
            let state = views::queue_state(&this, view, day, body.queue, at)?;
            if !state.open {
                return Err(Failure::QueueClosed.into());
            }
            if state.left == Some(0) {
                return Err(Failure::QuotaReached.into());
            }
            if let (Some(limit), Some(nik)) = (this.rules.tickets_per_nik, &body.nik)
                && view.tickets_held(day, &this.holder_digest(day, nik))? >= limit
            {
                return Err(Failure::TicketLimit.into());
            }
            Ok(state)
        })
        .await
}

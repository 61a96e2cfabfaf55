//! The hall right now. Boards see numbers, kiosks titles too, counters and officers the cases behind them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::case::{case_row, variant_title};
use super::stations::stations;
use super::waiting::waiting;
use crate::domain::catalogue::Catalogue;
use crate::domain::pace::{CALLS_LOOKED_AT, Call, wait_minutes};
use crate::domain::role::StationKind;
use crate::domain::stage::Stage;
use crate::domain::ticket::{HELP_TITLE, Queue};
use crate::store::{StoreError, TicketRecord, View};
use crate::wire::queue::{Hall, TicketRow};

/// Latest calls that a board may want to show.
const LAST_CALLS_MAX: u32 = 10;
/// Printed cases on their way to the counter that a counter may want to show.
const PRINTED_MAX: u32 = 200;

/// Returns a ticket as one kind of viewer may see it; no kind is an officer.
pub(in crate::hub) fn ticket_row(
    catalogue: &Catalogue,
    view: &View<'_>,
    ticket: &TicketRecord,
    viewer: Option<StationKind>,
) -> Result<TicketRow, StoreError> {
    let title = match viewer {
        Some(StationKind::Board) => None,
        _ => Some(match ticket.case_id {
            Some(case) => match view.case(case)? {
                Some(case) => variant_title(catalogue, &case.given.variant),
                None => String::new(),
            },
            None => HELP_TITLE.to_owned(),
        }),
    };
    let sees_case = !matches!(viewer, Some(StationKind::Board | StationKind::Kiosk));
    Ok(TicketRow {
        ticket_id: ticket.ticket_id,
        number: ticket.number,
        queue: ticket.queue,
        state: ticket.state,
        case_id: ticket.case_id.filter(|_| sees_case),
        title,
        priority: ticket.priority.filter(|_| sees_case),
        since: ticket.since,
        counter: ticket.counter.clone(),
        call_serial: ticket.call_serial,
    })
}

/// Returns the hall of a day, as a hub sees it that listens since an instant.
pub(in crate::hub) fn hall(
    catalogue: &Catalogue,
    view: &View<'_>,
    day: Date,
    viewer: Option<StationKind>,
    listens_since: Timestamp,
    at: Timestamp,
) -> Result<Hall, StoreError> {
    let rows = |tickets: Vec<TicketRecord>| -> Result<Vec<TicketRow>, StoreError> {
        tickets.iter().map(|ticket| ticket_row(catalogue, view, ticket, viewer)).collect()
    };
    let (printed, stations) = match viewer {
        Some(StationKind::Board | StationKind::Kiosk) => (Vec::new(), Vec::new()),
        _ => (view.cases_at(Stage::Printed, PRINTED_MAX)?, stations(view, listens_since, at)?),
    };
    let waiting = waiting(view, day)?;
    Ok(Hall {
        day,
        call_serial: view.call_serial()?,
        wait_minutes: wait(view, day, &waiting, at)?,
        waiting: rows(waiting)?,
        called: rows(view.called(day)?)?,
        last_calls: rows(view.last_calls(day, LAST_CALLS_MAX)?)?,
        ready: view.ready(day)?.into_iter().map(|ticket| ticket.number).collect(),
        printed: printed.iter().map(|case| case_row(catalogue, case)).collect(),
        stations,
        at,
    })
}

/// Estimates the wait of whoever joins the verification queue now.
fn wait(view: &View<'_>, day: Date, waiting: &[TicketRecord], at: Timestamp) -> Result<Option<u32>, StoreError> {
    let called = view.first_calls(day, Queue::Verification, CALLS_LOOKED_AT)?;
    let call = |ticket: &TicketRecord| ticket.called_at.map(|called_at| Call { since: ticket.since, called_at });
    let calls: Vec<Call> = called.iter().filter_map(call).collect();
    let ahead: Vec<&TicketRecord> = waiting.iter().filter(|ticket| ticket.queue == Queue::Verification).collect();
    let waiting_since = ahead.iter().map(|ticket| ticket.since).min();
    Ok(wait_minutes(&calls, ahead.len(), waiting_since, at))
}

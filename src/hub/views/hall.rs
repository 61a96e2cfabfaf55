//! The hall right now. Boards see numbers, kiosks titles too, counters and officers the cases behind them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::case::{case_row, variant_title};
use super::stations::stations;
use crate::domain::catalogue::Catalogue;
use crate::domain::role::StationKind;
use crate::domain::stage::Stage;
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
        _ => view.case(ticket.case_id)?.map(|case| variant_title(catalogue, &case.given.variant)),
    };
    let sees_case = !matches!(viewer, Some(StationKind::Board | StationKind::Kiosk));
    Ok(TicketRow {
        ticket_id: ticket.ticket_id,
        number: ticket.number,
        queue: ticket.queue,
        state: ticket.state,
        case_id: sees_case.then_some(ticket.case_id),
        title,
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
    Ok(Hall {
        day,
        call_serial: view.call_serial()?,
        waiting: rows(view.waiting(day)?)?,
        called: rows(view.called(day)?)?,
        last_calls: rows(view.last_calls(day, LAST_CALLS_MAX)?)?,
        ready: view.ready(day)?.into_iter().map(|ticket| ticket.number).collect(),
        printed: printed.iter().map(|case| case_row(catalogue, case)).collect(),
        stations,
        at,
    })
}

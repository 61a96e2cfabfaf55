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
use crate::hub::Hub;
use crate::store::{DeskRecord, StoreError, TicketRecord, View};
use crate::wire::hall::{CounterState, Floor, QueueState};
use crate::wire::queue::{Hall, TicketRow};

/// Latest calls that a board may want to show.
const LAST_CALLS_MAX: u32 = 10;
/// Printed cases on their way to the counter that a counter may want to show.
const PRINTED_MAX: u32 = 200;
/// Tickets whose holders did not come that a counter may want to show.
const MISSED_MAX: u32 = 50;
/// Counters of one office that are shown.
const COUNTERS_MAX: u32 = 100;

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
        version: ticket.version,
        calls: ticket.calls,
        wait_minutes: None,
        aimed_at: ticket.aimed_at.clone(),
    })
}

/// Returns the hall at an instant.
pub(in crate::hub) fn hall(
    hub: &Hub,
    view: &View<'_>,
    viewer: Option<StationKind>,
    at: Timestamp,
) -> Result<Hall, StoreError> {
    let (day, catalogue) = (hub.zone().day(at), &*hub.catalogue);
    let rows = |tickets: Vec<TicketRecord>| -> Result<Vec<TicketRow>, StoreError> {
        tickets.iter().map(|ticket| ticket_row(catalogue, view, ticket, viewer)).collect()
    };
    let sees_people = !matches!(viewer, Some(StationKind::Board | StationKind::Kiosk));
    let (printed, stations, held, missed) = if sees_people {
        let printed = view.cases_at(Stage::Printed, PRINTED_MAX)?;
        let stations = stations(view, hub.listens_since, at)?;
        (printed, stations, rows(view.held(day)?)?, rows(view.missed(day, MISSED_MAX)?)?)
    } else {
        (Vec::new(), Vec::new(), Vec::new(), Vec::new())
    };
    let mut lines = Vec::new();
    for queue in Queue::ALL {
        let calls = calls(view, day, queue)?;
        let line = waiting(view, day, queue)?;
        let since = line.iter().map(|ticket| ticket.since).min();
        for (ahead, ticket) in line.iter().enumerate() {
            let mut row = ticket_row(catalogue, view, ticket, viewer)?;
            row.wait_minutes = wait_minutes(&calls, ahead, since, at);
            lines.push(row);
        }
    }
    let called = view.called(day)?;
    let queues = Queue::ALL.into_iter().map(|queue| queue_state(hub, view, day, queue, at));
    let queues = queues.collect::<Result<Vec<_>, _>>()?;
    let (notice, notice_version) = view.notice()?;
    Ok(Hall {
        day,
        call_serial: view.call_serial()?,
        wait_minutes: queues.iter().find(|state| state.queue == Queue::Verification).and_then(|q| q.wait_minutes),
        waiting: lines,
        last_calls: rows(view.last_calls(day, LAST_CALLS_MAX)?)?,
        ready: view.ready(day)?.into_iter().map(|ticket| ticket.number).collect(),
        printed: printed.iter().map(|case| case_row(catalogue, case)).collect(),
        stations,
        floor: Floor {
            queues,
            counters: counters(view, &called, sees_people, at)?,
            held,
            missed,
            notice,
            notice_version,
            calls_before_no_show: hub.rules.calls_before_no_show,
            promise_minutes: hub.rules.promise_minutes.into(),
        },
        called: rows(called)?,
        at,
    })
}

/// Returns the latest first calls of a queue: the pace of the day.
fn calls(view: &View<'_>, day: Date, queue: Queue) -> Result<Vec<Call>, StoreError> {
    let called = view.first_calls(day, queue, CALLS_LOOKED_AT)?;
    let call = |ticket: &TicketRecord| ticket.called_at.map(|called_at| Call { since: ticket.since, called_at });
    Ok(called.iter().filter_map(call).collect())
}

/// Returns how a queue is: for kiosks before they give a number, and for whoever looks after the hall.
pub(in crate::hub) fn queue_state(
    hub: &Hub,
    view: &View<'_>,
    day: Date,
    queue: Queue,
    at: Timestamp,
) -> Result<QueueState, StoreError> {
    let (open, version) = view.queue_is_open(queue)?;
    let counts = view.counts(day, queue)?;
    let quota = match queue {
        Queue::Verification => hub.rules.verification_quota,
        Queue::Pickup => hub.rules.pickup_quota,
    };
    let left = quota.map(|quota| quota.saturating_sub(counts.taken));
    // The clock may have jumped between two who came, so the one who came first is not the one since the earliest time.
    let waiting_since = view.waiting_since(day, queue)?;
    let ahead = usize::try_from(counts.waiting).unwrap_or(usize::MAX);
    Ok(QueueState {
        queue,
        open,
        version,
        gives: open && left != Some(0) && hub.gives_tickets(at),
        taken: counts.taken,
        left,
        waiting: counts.waiting,
        waiting_since,
        wait_minutes: wait_minutes(&calls(view, day, queue)?, ahead, waiting_since, at),
    })
}

/// Returns every enrolled counter; who works there is nothing for boards.
fn counters(
    view: &View<'_>,
    called: &[TicketRecord],
    sees_people: bool,
    at: Timestamp,
) -> Result<Vec<CounterState>, StoreError> {
    let names = view.counters(COUNTERS_MAX)?.into_iter();
    names
        .map(|name| {
            let desk = view.desk(&name)?.unwrap_or_else(|| DeskRecord::new(&name, at));
            let ticket = called.iter().find(|ticket| ticket.counter.as_ref() == Some(&name));
            Ok(CounterState {
                ticket: ticket.map(|ticket| ticket.number),
                name,
                state: desk.state,
                skills: desk.skills,
                officer: desk.officer.filter(|_| sees_people),
                since: desk.since,
                version: desk.version,
            })
        })
        .collect()
}

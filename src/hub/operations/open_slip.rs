//! Slips: an officer opens the case behind one; its holder asks where the case is.

use std::sync::Arc;

use serde_json::json;

use super::Hand;
use crate::domain::office::date_text;
use crate::domain::slip_token::{SlipReference, SlipToken};
use crate::domain::ticket::TicketState;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{CaseRoles, Kiosk, Officer, Station};
use crate::hub::refusal::Refusal;
use crate::hub::views;
use crate::journal::EventKind;
use crate::store::{CaseRecord, Tx, View};
use crate::wire::case::{CaseDetail, SlipStatus};

fn find(view: &View<'_>, reference: &SlipReference) -> Result<CaseRecord, Refusal> {
    let found = match reference {
        SlipReference::Token(token) => view.case_of_token(&token.digest())?,
        SlipReference::Code(code) => view.case_of_code(&code.digest())?,
    };
    found.ok_or_else(|| Failure::SlipUnknown.into())
}

/// Opens the case behind a slip. A used slip opens nothing. At a counter, the ticket of the day is being served.
pub(in crate::hub) async fn open_slip(
    hub: &Hub,
    officer: &Officer<CaseRoles>,
    counter: Option<String>,
    text: &str,
) -> Result<CaseDetail, Refusal> {
    let reference = SlipReference::read(text, hub.slip_url_base())?;
    let hand = Hand::of(officer);
    let (world, zone, catalogue) = (hub.world.clone(), hub.zone(), Arc::clone(&hub.catalogue));
    hub.store
        .write(move |tx| {
            let case = find(tx, &reference)?;
            if case.stage.is_final() {
                let (day, time) = (date_text(zone.day(case.stage_since)), zone.clock_text(case.stage_since));
                let fact = format!("sudah dilayani {day} {time}");
                return Err(Refusal::new(Failure::SlipUsed).with_fact(fact));
            }
            let at = world.now();
            let today = zone.day(at);
            if let Some(counter) = counter {
                serve(tx, &case, (hand.person.name(), &counter), today, at)?;
            }
            let by = if matches!(reference, SlipReference::Code(_)) { "code" } else { "qr" };
            hand.note(tx, Some(case.given.case_id), at, EventKind::CaseOpened, json!({ "by": by }))?;
            Ok(views::case_detail(&catalogue, tx, &case, today, hand.person.role())?)
        })
        .await
}

/// Marks the ticket of the day as being served, if it waits or was called to this counter. Whoever has somebody else
/// before them only looks.
fn serve(
    tx: &Tx<'_>,
    case: &CaseRecord,
    (officer, counter): (&str, &str),
    today: jiff::civil::Date,
    at: jiff::Timestamp,
) -> Result<(), Refusal> {
    let tickets = tx.tickets_of(case.given.case_id, today)?;
    let open = tickets.into_iter().find(|ticket| match ticket.state {
        TicketState::Waiting | TicketState::Held => true,
        TicketState::Called => ticket.counter.as_deref() == Some(counter),
        _ => false,
    });
    let Some(mut ticket) = open else { return Ok(()) };
    if tx.at_hand(officer, counter)?.is_some_and(|other| other.ticket_id != ticket.ticket_id) {
        return Ok(());
    }
    ticket.state = TicketState::Serving;
    ticket.counter = Some(counter.to_owned());
    ticket.officer = Some(officer.to_owned());
    ticket.touched_at = Some(at);
    ticket.lost_at = None;
    tx.save_ticket(&ticket)?;
    Ok(())
}

/// Tells a kiosk where the case behind a slip is.
pub(in crate::hub) async fn slip_status(hub: &Hub, _proof: &Station<Kiosk>, text: &str) -> Result<SlipStatus, Refusal> {
    let reference = SlipReference::read(text, hub.slip_url_base())?;
    status(hub, reference).await
}

/// Tells the holder of a slip's token where the case is: the public page.
pub(in crate::hub) async fn token_status(hub: &Hub, token: SlipToken) -> Result<SlipStatus, Refusal> {
    status(hub, SlipReference::Token(token)).await
}

async fn status(hub: &Hub, reference: SlipReference) -> Result<SlipStatus, Refusal> {
    let (catalogue, today) = (Arc::clone(&hub.catalogue), hub.zone().day(hub.world.now()));
    hub.store.read(move |view| Ok(views::slip_status(&catalogue, view, &find(view, &reference)?, today)?)).await
}

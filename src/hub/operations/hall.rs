//! What is decided about the hall: counters, queues, posts of officers, the line of text on the boards.

use serde_json::json;

use super::{Hand, Outcome, fingerprint, is_plain_text};
use crate::domain::hall::DeskState;
use crate::domain::role::Role;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::hub::access::{AtCounter, Heads, Officer};
use crate::hub::refusal::Refusal;
use crate::journal::EventKind;
use crate::store::{DeskRecord, StoredAnswer, Tx};
use crate::wire::hall::{Announce, Decided, MoveOfficer, SetCounter, SetQueue};

/// Longest line on the boards, in characters.
const NOTICE_CHARS_MAX: usize = 160;
/// Most logins of one role that are looked at.
const LOGINS_MAX: u32 = 500;

/// Opens this counter, closes it, or takes a break.
pub(in crate::hub) async fn set_own_counter(
    hub: &Hub,
    counter: &AtCounter,
    body: SetCounter,
) -> Result<StoredAnswer, Refusal> {
    let own = counter.counter().to_owned();
    if body.counter.as_ref().is_some_and(|named| *named != own) || body.skills.is_some() {
        return Err(Failure::NotAllowed.into());
    }
    desk(hub, Hand::at(counter), own, body).await
}

/// Opens, closes or changes any counter, for a supervisor.
pub(in crate::hub) async fn set_counter(
    hub: &Hub,
    officer: &Officer<Heads>,
    body: SetCounter,
) -> Result<StoredAnswer, Refusal> {
    let counter = body.counter.clone().ok_or(Failure::HallUnknown)?;
    desk(hub, Hand::of(officer), counter, body).await
}

async fn desk(hub: &Hub, hand: Hand, counter: String, body: SetCounter) -> Result<StoredAnswer, Refusal> {
    let digest = fingerprint(&["set_counter", &counter, hand.person.name()], &body)?;
    let zone = hub.zone();
    hub.once(body.request_id, digest, move |tx, at| {
        check_counter(tx, &counter)?;
        let known = tx.desk(&counter)?.unwrap_or_else(|| DeskRecord::new(&counter, at));
        check_version(known.version, body.version, known.state.title())?;
        // A counter of its own takes no break from somebody who stands before it; a supervisor may close a dead one.
        if hand.station.as_deref() == Some(counter.as_str())
            && body.state != DeskState::Open
            && let Some(ticket) = tx.at_hand(hand.person.name(), &counter)?
        {
            return Err(Refusal::new(Failure::OfficerBusy).with_fact(ticket.number.to_string()));
        }
        let since = if known.state == body.state { known.since } else { at };
        let desk = DeskRecord { state: body.state, skills: body.skills.unwrap_or(known.skills), since, ..known };
        if desk.state == DeskState::Closed {
            tx.aim_at_nobody(zone.day(at), &counter)?;
        }
        tx.save_desk(&desk)?;
        let detail = json!({ "counter": counter, "state": desk.state, "skills": desk.skills });
        hand.note(tx, None, at, EventKind::CounterChanged, detail)?;
        Ok(Outcome::Done(Decided { version: desk.version + 1 }))
    })
    .await
}

/// Opens or closes a queue. Whoever waits is still called; kiosks give no more numbers.
pub(in crate::hub) async fn set_queue(
    hub: &Hub,
    officer: &Officer<Heads>,
    body: SetQueue,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["set_queue", hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let (open, version) = tx.queue_is_open(body.queue)?;
        check_version(version, body.version, if open { "buka" } else { "tutup" })?;
        tx.set_queue(body.queue, body.open, version + 1)?;
        let detail = json!({ "queue": body.queue, "open": body.open });
        hand.note(tx, None, at, EventKind::QueueChanged, detail)?;
        Ok(Outcome::Done(Decided { version: version + 1 }))
    })
    .await
}

/// Sends an officer to a counter for today. What they have at hand they bring to its end where they are.
pub(in crate::hub) async fn move_officer(
    hub: &Hub,
    officer: &Officer<Heads>,
    body: MoveOfficer,
) -> Result<StoredAnswer, Refusal> {
    let hand = Hand::of(officer);
    let digest = fingerprint(&["move_officer", hand.person.name()], &body)?;
    let zone = hub.zone();
    hub.once(body.request_id, digest, move |tx, at| {
        if !tx.logins(Role::PetugasLoket.key(), LOGINS_MAX)?.contains(&body.officer) {
            return Err(Failure::HallUnknown.into());
        }
        if let Some(counter) = &body.counter {
            check_counter(tx, counter)?;
        }
        tx.set_post(&body.officer, zone.day(at), body.counter.as_deref())?;
        let detail = json!({ "officer": body.officer, "counter": body.counter });
        hand.note(tx, None, at, EventKind::OfficerMoved, detail)?;
        Ok(Outcome::Done(Decided { version: 1 }))
    })
    .await
}

/// Replaces the line of text on the boards.
pub(in crate::hub) async fn announce(
    hub: &Hub,
    officer: &Officer<Heads>,
    body: Announce,
) -> Result<StoredAnswer, Refusal> {
    if body.text.as_ref().is_some_and(|text| !is_plain_text(text, 1..=NOTICE_CHARS_MAX)) {
        return Err(Failure::NoticeInvalid.into());
    }
    let hand = Hand::of(officer);
    let digest = fingerprint(&["announce", hand.person.name()], &body)?;
    hub.once(body.request_id, digest, move |tx, at| {
        let (_, version) = tx.notice()?;
        check_version(version, body.version, "pengumuman")?;
        tx.set_notice(body.text.as_deref().map(str::trim), version + 1)?;
        hand.note(tx, None, at, EventKind::NoticeAnnounced, json!({ "text": body.text }))?;
        Ok(Outcome::Done(Decided { version: version + 1 }))
    })
    .await
}

fn check_version(known: u32, seen: u32, now: &str) -> Result<(), Refusal> {
    if known == seen { Ok(()) } else { Err(Refusal::new(Failure::HallChanged).with_fact(now)) }
}

fn check_counter(tx: &Tx<'_>, counter: &str) -> Result<(), Refusal> {
    if tx.counters(LOGINS_MAX)?.iter().any(|known| known == counter) {
        Ok(())
    } else {
        Err(Failure::HallUnknown.into())
    }
}

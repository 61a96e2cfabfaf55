//! Server-sent events: something changed, ask again. The journal is the source, so nothing is lost in between.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use super::super::Hub;
use super::super::access::Insider;
use super::super::refusal::Refusal;
use crate::domain::role::StationKind;
use crate::failure::Failure;
use crate::store::{JournalRow, StoreError};
use crate::wire::health::STATION_HEALTH_EVENT;
use crate::wire::queue::Change;

/// A beat this often shows that the hub is there, in seconds.
const BEAT_S: u64 = 10;
/// A stream lives this long at most, in seconds: a proof is asked for again every hour.
const STREAM_LIFE_MAX_S: u64 = 3_600;
/// Most events replayed to a client that was away; it asks for everything anew anyhow.
const REPLAY_MAX: u64 = 500;
/// Events read from the journal at once.
const BATCH_MAX: u32 = 500;

/// Follows the changes of the office.
#[utoipa::path(get, path = "/api/v1/events", tag = "office",
    params(("Last-Event-ID" = Option<u64>, Header, description = "Replays what came after; at most 500")),
    responses((status = 200, content_type = "text/event-stream", body = Change)))]
pub async fn events(
    State(hub): State<Hub>,
    insider: Insider,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let permit = Arc::clone(&hub.stream_permits).try_acquire_owned().map_err(|_| Failure::TooManyRequests)?;
    let latest = *hub.store.follow().borrow();
    let asked: Option<u64> = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let after = asked.map_or(latest, |asked| asked.clamp(latest.saturating_sub(REPLAY_MAX), latest));
    let (life, sees_cases) = (life(&hub, &insider), sees_cases(&insider));
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        // The stream ends in good order; its reader opens it anew, with a proof that still holds.
        let _ = tokio::time::timeout(life, feed(hub, after, sees_cases, sender)).await;
        drop(permit);
    });
    let beat = KeepAlive::new().interval(Duration::from_secs(BEAT_S)).text("beat");
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(beat))
}

/// How long a stream may live: no longer than the session that opened it.
fn life(hub: &Hub, insider: &Insider) -> Duration {
    let longest = Duration::from_secs(STREAM_LIFE_MAX_S);
    match insider {
        Insider::Station(_) => longest,
        Insider::Officer { expires_at, .. } => {
            let left = expires_at.duration_since(hub.world.now());
            Duration::try_from(left).map_or(Duration::ZERO, |left| left.min(longest))
        }
    }
}

/// Boards and kiosks see numbers, not the cases behind them, as in the hall.
fn sees_cases(insider: &Insider) -> bool {
    match insider {
        Insider::Station(station) => !matches!(station.kind(), StationKind::Board | StationKind::Kiosk),
        Insider::Officer { .. } => true,
    }
}

async fn feed(hub: Hub, mut after: u64, sees_cases: bool, sender: mpsc::Sender<Result<Event, Infallible>>) {
    if sender.send(Ok(Event::default().comment("beat"))).await.is_err() {
        return;
    }
    let mut latest = hub.store.follow();
    let mut health = hub.health_changes.subscribe();
    loop {
        latest.mark_unchanged();
        let rows = hub.store.read::<_, StoreError, _>(move |view| view.journal_after(after, BATCH_MAX)).await;
        let Ok(rows) = rows else { return };
        let is_all = rows.is_empty();
        for row in rows {
            after = row.seq;
            let Some(event) = word(row, sees_cases) else { continue };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
        if !is_all {
            continue;
        }
        tokio::select! {
            changed = latest.changed() => if changed.is_err() { return },
            changed = health.changed(), if sees_cases => {
                let Some(event) = health_event(after).filter(|_| changed.is_ok()) else { return };
                if sender.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            () = sender.closed() => return,
            () = hub.closing() => return,
        }
    }
}

/// A change beside the journal: it has no number of its own, so a replay starts from the last one that has.
fn health_event(after: u64) -> Option<Event> {
    let change = Change { seq: after, event: STATION_HEALTH_EVENT.to_owned(), case_id: None };
    Some(Event::default().event("change").data(serde_json::to_string(&change).ok()?))
}

fn word(row: JournalRow, sees_cases: bool) -> Option<Event> {
    let case_id = row.case_id.filter(|_| sees_cases);
    let change = Change { seq: row.seq, event: row.event.key().to_owned(), case_id };
    let data = serde_json::to_string(&change).ok()?;
    Some(Event::default().event("change").id(row.seq.to_string()).data(data))
}

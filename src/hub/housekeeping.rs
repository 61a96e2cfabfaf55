//! What the hub forgets by itself: answers nobody asks for again, sessions that have ended, stations taken
//! away, uploads that broke off.

use std::time::Duration;

use jiff::SignedDuration;

use super::Hub;
use super::operations::order::keep_order;
use crate::clock::World;
use crate::store::{Store, StoreError};

/// An answer is told again for this long, in hours: a kiosk that was cut off for a month may still ask.
const ANSWERS_KEEP_HOURS: i64 = 30 * 24;
/// A fault that has ended may be told again for as long as any request, in hours.
const FAULTS_KEEP_HOURS: i64 = ANSWERS_KEEP_HOURS;
/// A station silent for longer than this has been taken away, in hours.
const REPORTS_KEEP_HOURS: i64 = 7 * 24;
/// How often, in seconds: daily.
const EVERY_S: u64 = 24 * 3_600;

/// How often the hall is put in order, in seconds.
const ORDER_EVERY_S: u64 = 30;

/// Tidies up. A failure costs nothing but room, so it is logged and tried again a day later.
pub(super) fn tidy(store: &Store, world: &World) {
    let now = world.now();
    let forgotten = store.write_blocking::<_, StoreError, _>(move |tx| {
        let answers = tx.forget_answers(now - SignedDuration::from_hours(ANSWERS_KEEP_HOURS))?;
        tx.forget_faults(now - SignedDuration::from_hours(FAULTS_KEEP_HOURS))?;
        tx.forget_reports(now - SignedDuration::from_hours(REPORTS_KEEP_HOURS))?;
        Ok((answers, tx.forget_sessions(now)?))
    });
    match forgotten {
        Ok((answers, sessions)) => tracing::info!(answers, sessions, "forgot what is over"),
        Err(error) => tracing::warn!(%error, "cannot forget what is over"),
    }
    if let Err(error) = store.scans().sweep() {
        tracing::warn!(%error, "cannot remove uploads that broke off");
    }
}

/// Tidies up every day until the hub ends.
pub(super) async fn daily(hub: Hub) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(EVERY_S)) => {}
            () = hub.closing() => return,
        }
        let (store, world) = (hub.store.clone(), hub.world.clone());
        // Both wait for the disk: not for an async thread. A panic there is logged by the store.
        let _ = tokio::task::spawn_blocking(move || tidy(&store, &world)).await;
    }
}

/// Puts the hall in order until the hub ends: days end and dead counters lose their ticket though nobody calls.
pub(super) async fn order(hub: Hub) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(ORDER_EVERY_S)) => {}
            () = hub.closing() => return,
        }
        if let Err(refusal) = keep_order(&hub).await {
            tracing::warn!(code = refusal.failure().code(), "cannot put the hall in order");
        }
    }
}

//! The way from worker threads to the thread of the window.
//!
//! Workers send events into an [`Inbox`]; after each one they call a [`Wake`]. In a real program that asks the event
//! loop to pump the inbox; in a test it does nothing and the test pumps by itself.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::{Duration, Instant};

/// Events an inbox holds before senders wait.
const INBOX_EVENTS_MAX: usize = 256;
/// A sender that finds the inbox full for this long gives up: the window is gone or hangs.
const FULL_WAIT_MAX: Duration = Duration::from_secs(5);
/// Pause between two looks at a full inbox.
const FULL_PAUSE: Duration = Duration::from_millis(2);

/// Called from any thread after an event was put into the inbox.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A wake that does nothing, for programs that are pumped by hand.
#[must_use]
pub fn no_wake() -> Wake {
    Arc::new(|| {})
}

/// The end at which events come out; owned by the program.
#[derive(Debug)]
pub struct Inbox<E> {
    events: Receiver<E>,
}

/// The end at which events go in; cloned into every worker.
pub struct Sender<E> {
    deliver: Arc<dyn Fn(E) -> bool + Send + Sync>,
}

impl<E> Clone for Sender<E> {
    fn clone(&self) -> Self {
        Self { deliver: Arc::clone(&self.deliver) }
    }
}

impl<E> fmt::Debug for Sender<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

/// Makes an inbox and its sender.
#[must_use]
pub fn inbox<E: Send + 'static>(wake: Wake) -> (Sender<E>, Inbox<E>) {
    let (sender, events) = mpsc::sync_channel(INBOX_EVENTS_MAX);
    let deliver = move |event| {
        let sent = push(&sender, event);
        if sent {
            wake();
        }
        sent
    };
    (Sender { deliver: Arc::new(deliver) }, Inbox { events })
}

/// Puts an event in, waiting for room, but never for ever: a worker must be able to end after the window has.
fn push<E>(sender: &SyncSender<E>, mut event: E) -> bool {
    let began = Instant::now();
    loop {
        match sender.try_send(event) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(back)) => event = back,
        }
        if began.elapsed() > FULL_WAIT_MAX {
            tracing::error!("an event is lost: the window does not take its events");
            return false;
        }
        thread::sleep(FULL_PAUSE);
    }
}

impl<E: 'static> Sender<E> {
    /// Puts an event into the inbox and wakes its owner. False when the owner is gone.
    pub fn send(&self, event: E) -> bool {
        (self.deliver)(event)
    }

    /// Returns a sender for another kind of event that `wrap` turns into this one.
    pub fn adapt<D>(&self, wrap: impl Fn(D) -> E + Send + Sync + 'static) -> Sender<D> {
        let deliver = Arc::clone(&self.deliver);
        Sender { deliver: Arc::new(move |event| deliver(wrap(event))) }
    }
}

impl<E> Inbox<E> {
    /// Returns the next event if there is one.
    #[must_use]
    pub fn try_next(&self) -> Option<E> {
        self.events.try_recv().ok()
    }

    /// Waits for the next event, at most for `max_wait`.
    #[must_use]
    pub fn next(&self, max_wait: Duration) -> Option<E> {
        self.events.recv_timeout(max_wait).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn every_event_arrives_in_order_and_wakes_once() {
        let woken = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&woken);
        let (sender, inbox) = inbox::<String>(Arc::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        let numbers = sender.adapt(|number: u32| number.to_string());
        assert!(sender.send("a".to_owned()) && numbers.send(7));
        assert_eq!(inbox.try_next().as_deref(), Some("a"));
        assert_eq!(inbox.next(Duration::from_secs(1)).as_deref(), Some("7"));
        assert_eq!(inbox.try_next(), None);
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_sender_outlives_its_inbox_quietly() {
        let (sender, inbox) = inbox::<u32>(no_wake());
        drop(inbox);
        assert!(!sender.send(1));
    }
}

//! The watch over the hall: follows the hub's changes, and asks anyway every few seconds.
//!
//! One thread follows the event stream and only says "look"; the other one looks. So a lost stream costs at most one
//! polling pause, and a storm of changes costs one question.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::bridge::Sender;
use super::worker::{Poker, StopFlag, Task, Worker};
use crate::wire::client::HubClient;
use crate::wire::queue::{Change, Hall};

/// The hub is asked at least this often.
const POLL_EVERY: Duration = Duration::from_secs(5);
/// Pause before a lost event stream is opened again.
const FOLLOW_PAUSE: Duration = Duration::from_secs(2);
/// How often the follower looks whether it is still wanted while it pauses.
const FOLLOW_STEP: Duration = Duration::from_millis(100);

/// What the watch tells.
#[derive(Debug, Clone)]
pub enum HallEvent {
    /// The hall as it is now.
    Hall(Box<Hall>),
    /// Something changed at the hub; the hall follows by itself.
    Changed(Box<Change>),
    /// The hub came back or went away.
    Online(bool),
}

#[derive(Debug, Clone)]
struct Look;

/// The watch; dropping it ends it.
#[derive(Debug)]
pub struct HallWatch {
    worker: Worker<Look>,
}

impl HallWatch {
    /// Starts watching.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(client: HubClient, events: Sender<HallEvent>) -> std::io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let (asking, told, flag) = (client.clone(), events.clone(), Arc::clone(&asked));
        let worker = Worker::start(
            "hall-watch",
            move |_: &StopFlag| {
                Ok::<_, String>(Looking {
                    client: asking.clone(),
                    events: told.clone(),
                    asked: Arc::clone(&flag),
                    online: None,
                    due: Instant::now(),
                })
            },
            |_, _| {},
        )?;
        let poker = worker.poker();
        thread::Builder::new()
            .name("hall-follow".to_owned())
            // Not joined: it may sit in a read until the hub's next beat; it holds nothing but its connection.
            .spawn(move || follow(&client, &events, &poker, &asked))?;
        Ok(Self { worker })
    }

    /// Asks at once, e.g. after an action of our own.
    pub fn refresh(&self) {
        self.worker.send(Look);
    }
}

fn follow(client: &HubClient, events: &Sender<HallEvent>, poker: &Poker<Look>, asked: &AtomicBool) {
    while poker.is_wanted() {
        let ended = client.follow(|change| {
            if let Some(change) = change {
                events.send(HallEvent::Changed(Box::new(change)));
            }
            // One question answers any number of changes that came before it.
            let already_asked = asked.swap(true, Ordering::SeqCst);
            if already_asked { poker.is_wanted() } else { poker.poke(Look) }
        });
        if let Err(error) = ended {
            tracing::debug!(%error, "the event stream ended");
        }
        let until = Instant::now() + FOLLOW_PAUSE;
        while poker.is_wanted() && Instant::now() < until {
            thread::sleep(FOLLOW_STEP);
        }
    }
}

struct Looking {
    client: HubClient,
    events: Sender<HallEvent>,
    asked: Arc<AtomicBool>,
    online: Option<bool>,
    due: Instant,
}

impl Looking {
    fn look(&mut self) {
        self.asked.store(false, Ordering::SeqCst);
        let hall = self.client.hall();
        let online = hall.is_ok();
        if self.online != Some(online) {
            if let Err(error) = &hall {
                tracing::warn!(%error, "the hub is away");
            } else if self.online.is_some() {
                tracing::info!("the hub is back");
            }
            self.online = Some(online);
            self.events.send(HallEvent::Online(online));
        }
        if let Ok(hall) = hall {
            self.events.send(HallEvent::Hall(Box::new(hall)));
        }
        self.due = Instant::now() + POLL_EVERY;
    }
}

impl Task for Looking {
    type Command = Look;

    fn run(&mut self, _: Look) {
        self.due = Instant::now();
    }

    fn idle(&mut self) -> Duration {
        let wait = self.due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            return wait;
        }
        self.look();
        POLL_EVERY
    }
}

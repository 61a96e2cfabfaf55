//! A named thread that owns one resource.
//!
//! The resource is opened on the thread, serves commands, and is opened anew with a growing pause when opening fails
//! or a command panics. A command that could not be served is given back, so that whoever waits hears of it.

use std::any::Any;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Commands a worker holds; the window never waits, so a full queue refuses.
const COMMANDS_MAX: usize = 64;
/// First pause before a resource is opened again.
const REOPEN_PAUSE_MIN: Duration = Duration::from_millis(200);
/// Longest pause before a resource is opened again.
const REOPEN_PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long the end of a program waits for a worker that is inside a device call.
const JOIN_WAIT_MAX: Duration = Duration::from_secs(5);

/// What a worker does with its resource.
pub trait Task: Sized + 'static {
    /// What it is told. Cloned before each run, so that a panic can name what was lost.
    type Command: Clone + Send + 'static;

    /// Does one command.
    fn run(&mut self, command: Self::Command);

    /// Runs whenever no command waits; returns the longest time until it wants to run again.
    fn idle(&mut self) -> Duration {
        Duration::from_secs(3600)
    }
}

/// Why a command was not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The resource is not open.
    NotOpen,
    /// The command ended in a panic; it may have been done in part.
    Panicked,
}

/// Tells a task inside a long call that the program ends.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Whether the worker is to end.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The handle of a worker; dropping it ends the thread.
pub struct Worker<C> {
    name: &'static str,
    commands: Option<Arc<SyncSender<C>>>,
    stop: StopFlag,
    thread: Option<JoinHandle<()>>,
}

impl<C> fmt::Debug for Worker<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<C: Clone + Send + 'static> Worker<C> {
    /// Starts the thread. `open` makes the resource there; `lost` hears of every command that was not served.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start<T, E>(
        name: &'static str,
        open: impl FnMut(&StopFlag) -> Result<T, E> + Send + 'static,
        lost: impl FnMut(C, Lost) + Send + 'static,
    ) -> io::Result<Self>
    where
        T: Task<Command = C>,
        E: fmt::Display,
    {
        let (sender, commands) = mpsc::sync_channel(COMMANDS_MAX);
        let stop = StopFlag::default();
        let mut life = Life { name, commands, stop: stop.clone(), open, lost, pause: REOPEN_PAUSE_MIN };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || life.live())?;
        Ok(Self { name, commands: Some(Arc::new(sender)), stop, thread: Some(thread) })
    }

    /// Gives a command without waiting. False when the worker is busy with too many, or gone.
    pub fn send(&self, command: C) -> bool {
        let sent = self.commands.as_ref().is_some_and(|commands| commands.try_send(command).is_ok());
        if !sent {
            tracing::warn!(worker = self.name, "a command is refused: the worker's queue is full");
        }
        sent
    }

    /// Returns a way for other threads to give commands.
    #[must_use]
    pub fn poker(&self) -> Poker<C> {
        Poker(self.commands.as_ref().map_or_else(Weak::new, Arc::downgrade))
    }
}

/// A way to give commands to a worker that does not keep it alive.
#[derive(Debug)]
pub struct Poker<C>(Weak<SyncSender<C>>);

impl<C> Poker<C> {
    /// Gives a command without waiting. False when the worker is gone; a full queue is no refusal here, because a
    /// worker with a full queue has enough to look at.
    pub fn poke(&self, command: C) -> bool {
        match self.0.upgrade() {
            Some(commands) => {
                let _ = commands.try_send(command);
                true
            }
            None => false,
        }
    }

    /// Whether the worker is still wanted.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl<C> Drop for Worker<C> {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::Relaxed);
        self.commands = None;
        let Some(thread) = self.thread.take() else { return };
        let began = Instant::now();
        while !thread.is_finished() {
            if began.elapsed() > JOIN_WAIT_MAX {
                tracing::warn!(worker = self.name, "left behind inside a device call");
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        // A panic was logged where it was caught.
        let _ = thread.join();
    }
}

struct Life<C, O, L> {
    name: &'static str,
    commands: Receiver<C>,
    stop: StopFlag,
    open: O,
    lost: L,
    pause: Duration,
}

impl<C: Clone + Send + 'static, O, L: FnMut(C, Lost)> Life<C, O, L> {
    fn live<T, E>(&mut self)
    where
        T: Task<Command = C>,
        E: fmt::Display,
        O: FnMut(&StopFlag) -> Result<T, E>,
    {
        let mut faulty = false;
        while !self.stop.is_set() {
            match catch_unwind(AssertUnwindSafe(|| (self.open)(&self.stop))) {
                Ok(Ok(task)) => {
                    if faulty {
                        tracing::info!(worker = self.name, "fault cleared");
                    }
                    if self.serve(task) {
                        return;
                    }
                }
                Ok(Err(error)) => tracing::warn!(worker = self.name, %error, "fault: cannot be opened"),
                Err(panic) => self.log_panic(&*panic),
            }
            faulty = true;
            if self.refuse_for(self.pause) {
                return;
            }
            self.pause = (self.pause * 2).min(REOPEN_PAUSE_MAX);
        }
    }

    /// Serves until the end (true) or a panic (false).
    fn serve<T: Task<Command = C>>(&mut self, mut task: T) -> bool {
        loop {
            let wait = match catch_unwind(AssertUnwindSafe(|| task.idle())) {
                Ok(wait) => wait,
                Err(panic) => {
                    self.log_panic(&*panic);
                    return false;
                }
            };
            let command = match self.commands.recv_timeout(wait) {
                Ok(command) => command,
                Err(RecvTimeoutError::Timeout) if !self.stop.is_set() => continue,
                Err(_) => return true,
            };
            if self.stop.is_set() {
                return true;
            }
            let kept = command.clone();
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| task.run(command))) {
                self.log_panic(&*panic);
                (self.lost)(kept, Lost::Panicked);
                return false;
            }
            self.pause = REOPEN_PAUSE_MIN;
        }
    }

    /// Gives back commands while the resource is closed; true when the program ends.
    fn refuse_for(&mut self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        loop {
            match self.commands.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(command) => (self.lost)(command, Lost::NotOpen),
                Err(RecvTimeoutError::Timeout) => return self.stop.is_set(),
                Err(RecvTimeoutError::Disconnected) => return true,
            }
        }
    }

    fn log_panic(&self, panic: &(dyn Any + Send)) {
        // Our own panic texts hold no personal data; what a library says is cut short.
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        let text: String = text.chars().take(120).collect();
        tracing::error!(worker = self.name, panic = text, "fault: the worker panicked and starts again");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;
    use crate::station::bridge::{Sender, inbox, no_wake};

    struct Echo(Sender<String>);

    impl Task for Echo {
        type Command = String;
        fn run(&mut self, command: String) {
            assert_ne!(command, "panic", "asked to");
            self.0.send(command);
        }
    }

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn a_panic_is_reported_and_the_worker_goes_on() {
        let (sender, inbox) = inbox(no_wake());
        let (echo, lost) = (sender.clone(), sender);
        let worker = Worker::start(
            "echo",
            move |_| Ok::<_, String>(Echo(echo.clone())),
            move |command, why| {
                lost.send(format!("{command} {why:?}"));
            },
        )
        .unwrap();
        assert!(worker.send("panic".to_owned()));
        assert_eq!(inbox.next(SOON).as_deref(), Some("panic Panicked"));
        // Until it is open again commands come back; then they are served.
        let mut heard = String::new();
        let until = Instant::now() + SOON;
        while Instant::now() < until {
            worker.send("on".to_owned());
            heard = inbox.next(SOON).unwrap();
            if heard == "on" {
                break;
            }
        }
        assert_eq!(heard, "on");
    }

    #[test]
    fn opening_is_tried_again_and_meanwhile_commands_come_back() {
        let (sender, inbox) = inbox(no_wake());
        let tries = Arc::new(AtomicU32::new(0));
        let (seen, echo, lost) = (Arc::clone(&tries), sender.clone(), sender);
        let worker = Worker::start(
            "late",
            move |_| match seen.fetch_add(1, Ordering::SeqCst) {
                0 => Err("not yet"),
                _ => Ok(Echo(echo.clone())),
            },
            move |command, why| {
                lost.send(format!("{command} {why:?}"));
            },
        )
        .unwrap();
        worker.send("early".to_owned());
        assert_eq!(inbox.next(SOON).as_deref(), Some("early NotOpen"));
        drop(worker);
        assert!(tries.load(Ordering::SeqCst) >= 1);
    }
}

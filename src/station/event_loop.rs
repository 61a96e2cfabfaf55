//! Runs a program inside Slint's event loop: it is pumped after every event of a worker, and once a second. With the
//! second goes a sign of life to the service manager: a window that hangs is started anew.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use slint::{PlatformError, Timer, TimerMode};

use super::bridge::Wake;
use crate::notify::ServiceManager;

/// A program is pumped at least this often, so that clocks move and waits end.
const PUMP_EVERY: Duration = Duration::from_secs(1);

/// Names another backend than the one the programs ship with.
const BACKEND_VARIABLE: &str = "SLINT_BACKEND";

thread_local! {
    /// The program of this process; it lives on the thread of its window.
    static PROGRAM: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) };
}

/// Whether a pump is already asked for: a storm of events costs one.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Chooses the renderer the programs ship with, unless the environment names one. Before the first window.
///
/// # Errors
/// When this build or this machine has no such backend.
pub fn select_backend() -> Result<(), PlatformError> {
    if std::env::var_os(BACKEND_VARIABLE).is_some() {
        return Ok(());
    }
    slint::BackendSelector::new().backend_name("winit".to_owned()).renderer_name("software".to_owned()).select()
}

/// Returns a wake that asks the event loop to pump the program given to [`run`].
#[must_use]
pub fn wake() -> Wake {
    Arc::new(|| {
        if !ASKED.swap(true, Ordering::SeqCst) {
            // Without a loop nobody needs waking; the program is pumped once when the loop begins.
            if slint::invoke_from_event_loop(pump).is_err() {
                ASKED.store(false, Ordering::SeqCst);
            }
        }
    })
}

fn pump() {
    ASKED.store(false, Ordering::SeqCst);
    PROGRAM.with(|program| {
        // Busy means that we are inside a pump already; the timer comes again.
        if let Ok(mut program) = program.try_borrow_mut()
            && let Some(program) = program.as_mut()
        {
            program();
        }
    });
}

/// Runs the event loop until the last window closes, pumping all the while.
///
/// # Errors
/// When the platform gives no event loop.
pub fn run(program: impl FnMut() + 'static) -> Result<(), PlatformError> {
    PROGRAM.with(|slot| *slot.borrow_mut() = Some(Box::new(program)));
    pump();
    let manager = Rc::new(ServiceManager::from_environment());
    let started = Rc::clone(&manager);
    Timer::single_shot(Duration::ZERO, move || started.ready());
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, PUMP_EVERY, move || {
        pump();
        manager.alive();
    });
    let ended = slint::run_event_loop();
    drop(timer);
    // The program ends with its loop: devices are closed before the process does.
    PROGRAM.with(|slot| slot.borrow_mut().take());
    ended
}

/// Ends the event loop, and with it the program.
pub fn quit() {
    // Without a loop there is nothing to end.
    let _ = slint::quit_event_loop();
}

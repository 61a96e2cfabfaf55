//! Runs the rig with its window, or without.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};

use super::binding::Binding;
use super::devices::{Devices, Endpoints, RigError, RigOptions};
use crate::station::event_loop;

/// How often the window looks at the devices.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Starts the devices, prints their URLs as one line of JSON, and serves until the window closes; without a window
/// until it is terminated or its standard input ends.
///
/// # Errors
/// Says which device did not start.
pub fn run(folder: &Path, options: RigOptions, headless: bool) -> Result<(), RigError> {
    let devices = Devices::start(folder, options)?;
    let endpoints = devices.endpoints().clone();
    if headless {
        say(&endpoints, true);
        wait_for_end();
        return Ok(());
    }
    event_loop::select_backend()?;
    let binding = Binding::new(devices)?;
    // Only now: whoever reads this line may count on the devices and the window.
    say(&endpoints, false);
    binding.window().window().set_fullscreen(false);
    binding.window().show()?;
    let timer = Timer::default();
    let looking = Rc::clone(&binding);
    timer.start(TimerMode::Repeated, LOOK_EVERY, move || {
        looking.show_slips();
        looking.show_states();
    });
    slint::run_event_loop()?;
    Ok(())
}

/// The first line is for programs, one line per endpoint follows for people.
fn say(endpoints: &Endpoints, for_people: bool) {
    let mut out = io::stdout().lock();
    let json = serde_json::to_string(endpoints).unwrap_or_default();
    let mut text = format!("{json}\n");
    if for_people {
        for (name, url) in [
            ("printer", &endpoints.printer),
            ("counter QR scanner", &endpoints.counter_scanner),
            ("kiosk QR scanner", &endpoints.kiosk_scanner),
            ("KTP-el reader", &endpoints.reader),
            ("document scanner", &endpoints.document_scanner),
            ("network scanner", &endpoints.escl),
        ] {
            text.push_str(&format!("{name:<19} {url}\n"));
        }
    }
    // Nobody listens: the devices run all the same.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Returns when standard input ends. `/dev/null` ends at once and means: until terminated.
fn wait_for_end() {
    if std::fs::read_link("/proc/self/fd/0").is_ok_and(|target| target == Path::new("/dev/null")) {
        loop {
            std::thread::park();
        }
    }
    let mut byte = [0; 256];
    loop {
        match io::stdin().lock().read(&mut byte) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

//! `anjungan doctor`: finds devices, checks each configured one, tries one for real, and writes the readiness report.
//!
//! For the person who installs a machine alone: every line says what is there, how it is, and what to do. It needs no
//! window and no hub.

mod attempt;
mod check;
mod find;
mod page;
mod readiness;
mod report;

pub use attempt::{Attempt, AttemptError};
pub use readiness::{morning, print_report, send};
pub use report::write;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::clock::World;
use crate::config::Config;
use crate::wire::health::Verdict;

/// No device may keep the report waiting longer.
pub const CHECK_LIMIT: Duration = Duration::from_secs(5);

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which: a section of the configuration, or `found` for a device that no section names.
    pub device: String,
    /// Its URL, as the configuration takes it.
    pub url: String,
    /// A CUSS word; `found` for a device that is there and not configured, `unknown` where nothing can be said.
    pub health: String,
    /// What was seen, for the person at the terminal.
    pub detail: String,
    /// What to do; empty while there is nothing to do.
    pub fix: String,
}

impl Finding {
    /// What it means for the day: fine, soon somebody's task, or somebody's task now.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.health.as_str() {
            "ready" | "media_absent" | "found" => Verdict::Ok,
            "media_low" => Verdict::Warn,
            _ => Verdict::Fail,
        }
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The configured devices and what a station needs besides.
    pub configured: Vec<Finding>,
    /// What else is plugged in or on the network.
    pub found: Vec<Finding>,
}

impl Examination {
    /// How many of the configured need somebody now.
    #[must_use]
    pub fn troubled(&self) -> usize {
        self.configured.iter().filter(|finding| finding.verdict() == Verdict::Fail).count()
    }
}

/// Checks what is configured and looks for what else is there, each within [`CHECK_LIMIT`], all side by side.
#[must_use]
pub fn examine(config: &Config, world: &World) -> Examination {
    let checks = check::checks(config, world);
    let searches = find::searches();
    let (checks, searches) = (start(checks), start(searches));
    let until = Instant::now() + CHECK_LIMIT;
    let configured: Vec<Finding> = finish(checks, until).into_iter().flatten().collect();
    let mut found: Vec<Finding> = finish(searches, until).into_iter().flatten().collect();
    found.retain(|other| !configured.iter().any(|own| own.url.starts_with(&other.url) && !other.url.is_empty()));
    Examination { configured, found }
}

/// What a station of this machine is told to find its hub.
struct Station<'a> {
    section: &'static str,
    name: &'a str,
    hub: &'a str,
    token: &'a str,
}

/// Kiosk, counter, board: those that the configuration has.
fn stations(config: &Config) -> impl Iterator<Item = Station<'_>> {
    let station = |section, name, hub, token| Station { section, name, hub, token };
    let kiosk = config.kiosk.as_ref().map(|own| station("kiosk", &own.name, &own.hub, &own.token));
    let counter = config.counter.as_ref().map(|own| station("counter", &own.name, &own.hub, &own.token));
    let board = config.board.as_ref().map(|own| station("board", &own.name, &own.hub, &own.token));
    [kiosk, counter, board].into_iter().flatten()
}

/// Something to look at: what is told when it does not answer in time, and how to look.
struct Look {
    silent: Vec<Finding>,
    look: Box<dyn FnOnce() -> Vec<Finding> + Send>,
}

struct Running {
    silent: Vec<Finding>,
    answer: mpsc::Receiver<Vec<Finding>>,
}

fn start(looks: Vec<Look>) -> Vec<Running> {
    let begin = |Look { silent, look }: Look| {
        let (sender, answer) = mpsc::channel();
        // Not joined: a device that hangs for minutes must not hold the report, and the process ends soon.
        let started = thread::Builder::new().name("doctor".to_owned()).spawn(move || sender.send(look()));
        if let Err(error) = started {
            tracing::error!(%error, "no thread for a check");
        }
        Running { silent, answer }
    };
    looks.into_iter().map(begin).collect()
}

fn finish(running: Vec<Running>, until: Instant) -> Vec<Vec<Finding>> {
    let end = |Running { silent, answer }: Running| {
        answer.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap_or(silent)
    };
    running.into_iter().map(end).collect()
}

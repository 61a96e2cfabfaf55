//! A kiosk without a window and without people: a scripted applicant who touches what the screen offers.
//!
//! Serves the kill tests (`run_day` prints one line for each acknowledged case) and every test that needs a complete
//! session through the real shell.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::flow::{GUIDE_CARD, Touch, Who};
use super::shell::{KioskError, KioskShell};
use super::view::{KioskView, ScanPhaseView, Screen};
use crate::clock::World;
use crate::config::Config;
use crate::station::bridge::no_wake;
use crate::station::outbox::{Outbox, OutboxError};

/// How long a scripted applicant waits for the kiosk before giving up.
const PATIENCE: Duration = Duration::from_secs(30);
/// One wait for news.
const PUMP: Duration = Duration::from_millis(20);

/// A scripted applicant: number `n` always does the same.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Which service group and variant, which answers.
    pub number: u32,
    /// NIK to type.
    pub nik: String,
    /// NIK of the proxy; none for an applicant who comes in person.
    pub proxy: Option<String>,
}

impl Visitor {
    /// Makes applicant `number`; every third one is a proxy.
    #[must_use]
    pub fn new(number: u32) -> Self {
        // Invented numbers: no office counts beyond 9000 on one day.
        let serial = 9_001 + number % 998;
        Self {
            number,
            nik: format!("331513520890{serial:04}"),
            proxy: (number % 3 == 2).then(|| format!("331514110285{serial:04}")),
        }
    }

    fn pick<'a, T>(&self, rows: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(rows.len()).ok().filter(|count| *count > 0)?;
        rows.get(usize::try_from(self.number % count).ok()?)
    }

    /// What this person touches next; none while there is only to wait.
    #[must_use]
    pub fn next_touch(&self, view: &KioskView) -> Option<Touch> {
        if view.failure.is_some() {
            return Some(Touch::DismissFailure);
        }
        if view.idle_warning {
            return Some(Touch::MoreTime);
        }
        match view.screen {
            Screen::Attract => Some(Touch::Start),
            Screen::Notice | Screen::NikConfirm => Some(Touch::Next),
            // The guide's way is walked by a test of its own: this person knows what they want.
            Screen::Need => {
                let cards: Vec<_> = view.cards.iter().filter(|card| card.key != GUIDE_CARD).collect();
                self.pick(&cards).map(|card| Touch::PickCard(card.key.clone()))
            }
            Screen::Variant | Screen::Unsure | Screen::Priority => {
                self.pick(&view.cards).map(|card| Touch::PickCard(card.key.clone()))
            }
            Screen::Phone => Some(Touch::Next),
            Screen::Question => Some(Touch::Answer(self.number.is_multiple_of(2))),
            Screen::Checklist => {
                let open = view.checklist.iter().find(|row| row.have.is_none());
                Some(open.map_or(Touch::Next, |row| Touch::SetHave { key: row.key.clone(), have: true }))
            }
            Screen::Applicant => {
                let who = if self.proxy.is_some() { Who::Proxy } else { Who::InPerson };
                Some(Touch::PickApplicant(who))
            }
            Screen::Nik => {
                let own = if view.nik_for_proxy { self.proxy.as_ref()? } else { &self.nik };
                let next = own.chars().nth(view.nik_length);
                Some(next.map_or(Touch::Next, Touch::Digit))
            }
            Screen::Scan => match view.scan_phase {
                ScanPhaseView::Guide => Some(Touch::Scan),
                ScanPhaseView::Scanning => None,
                ScanPhaseView::Preview => Some(Touch::AcceptScan),
                ScanPhaseView::Failed => Some(Touch::Next),
            },
            Screen::Review => Some(Touch::Submit),
            Screen::Incomplete | Screen::Slip | Screen::Status => Some(Touch::Finish),
            Screen::Code => Some(Touch::Back),
            Screen::Staff | Screen::StaffPin => Some(Touch::CloseStaff),
            Screen::Submitting | Screen::Closed | Screen::OutOfService => None,
        }
    }

    /// Walks until a screen is shown. False when it does not come in time.
    pub fn walk_to(&self, shell: &mut KioskShell, goal: Screen) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let view = shell.view();
            if view.screen == goal {
                return true;
            }
            match self.next_touch(&view) {
                Some(touch) => shell.touch(touch),
                None => drop(shell.pump(PUMP)),
            }
            shell.pump(Duration::ZERO);
        }
        false
    }
}

/// Serves `cases` scripted applicants as fast as the disk allows, printing `case <uuid> <ticket>` for each one right
/// after the kiosk acknowledged it; then delivers what is left. Made to be killed at any point and started again.
///
/// # Errors
/// When the kiosk cannot start, or a case is not acknowledged in time.
pub fn run_day(config: &Config, cases: u32) -> Result<(), KioskError> {
    let mut shell = KioskShell::open(config, World::system(), no_wake())?;
    shell.set_repeat_guard(Duration::ZERO);
    for number in 0..cases {
        let visitor = Visitor::new(number);
        let stuck = || io_error("a case was not acknowledged in time");
        if !visitor.walk_to(&mut shell, Screen::Slip) {
            return Err(stuck());
        }
        let receipt = shell.receipt().ok_or_else(stuck)?;
        let mut out = std::io::stdout().lock();
        let case_id = receipt.case_id.ok_or_else(stuck)?;
        writeln!(out, "case {case_id} {}", receipt.ticket)?;
        out.flush()?;
        drop(out);
        shell.touch(Touch::Finish);
    }
    deliver_all(config, &mut shell)
}

/// Goes on until the hub has everything, as a kiosk does after its last applicant.
fn deliver_all(config: &Config, shell: &mut KioskShell) -> Result<(), KioskError> {
    let Some(kiosk) = &config.kiosk else { return Ok(()) };
    let fault = |error: OutboxError| KioskError::Thread(std::io::Error::other(error.to_string()));
    let outbox = Outbox::open(&kiosk.data).map_err(fault)?;
    while outbox.counts().map_err(fault)?.kept > 0 {
        shell.pump(PUMP);
    }
    Ok(())
}

fn io_error(what: &str) -> KioskError {
    KioskError::Thread(std::io::Error::new(std::io::ErrorKind::TimedOut, what))
}

//! Who works here: login, password change, the end of a session.

use super::CounterFlow;
use super::asking::Background;
use super::messages::{CounterEffect, CounterEvent, Officer, Refusal};
use crate::domain::role::Role;
use crate::failure::Failure;
use crate::wire::problem::Problem;

/// Which screen is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// Name and password, or a new password.
    Login {
        /// What went wrong, for the person there.
        message: String,
        /// A new password is asked for.
        must_change_password: bool,
    },
    /// The desk.
    Desk,
}

impl Screen {
    pub(super) const fn login() -> Self {
        Self::Login { message: String::new(), must_change_password: false }
    }
}

fn words(problem: &Problem) -> String {
    format!("{} {}", problem.detail, problem.action)
}

impl CounterFlow {
    pub(super) fn step_at_login(&mut self, event: CounterEvent) {
        if self.is_busy() {
            return;
        }
        match event {
            CounterEvent::LogInAsked(sign_in) => self.ask_sign_in(sign_in),
            CounterEvent::NewPasswordGiven(change) if self.must_change_password() => self.ask_password(change),
            CounterEvent::SlipScanned(_) | CounterEvent::SlipGarbled => {
                self.say_at_login(&Problem::new(Failure::NotSignedIn, 0));
            }
            _ => {}
        }
    }

    const fn must_change_password(&self) -> bool {
        matches!(self.screen, Screen::Login { must_change_password: true, .. })
    }

    fn say_at_login(&mut self, problem: &Problem) {
        let must_change_password = self.must_change_password();
        self.screen = Screen::Login { message: words(problem), must_change_password };
    }

    pub(super) fn signed_in(&mut self, officer: Officer) {
        if officer.must_change_password {
            self.screen = Screen::Login { message: String::new(), must_change_password: true };
            return;
        }
        if officer.role != Role::PetugasLoket {
            self.ask_in_background(Background::SignOut);
            self.screen = Screen::login();
            self.say_at_login(&Problem::new(Failure::NotAllowed, 0));
            return;
        }
        // The case of somebody whose session ran out waits for them, and for nobody else.
        if self.officer.as_ref().is_some_and(|before| *before != officer.name) {
            self.put_away();
            // A request belongs to the person who sent it.
            self.unanswered.clear();
        }
        self.tell(format!("Selamat bekerja, {}.", officer.name));
        self.officer = Some(officer.name);
        self.screen = Screen::Desk;
        if let Some(case) = self.case.as_ref().map(|case| case.detail.row.case_id) {
            self.ask_in_background(Background::Refresh(case));
        }
        self.load_selected();
        self.resume_card();
    }

    pub(super) fn login_failed(&mut self, refusal: &Refusal) {
        if super::asking::is(refusal, Failure::NotSignedIn) {
            self.screen = Screen::login();
        }
        self.say_at_login(&refusal.problem);
    }

    /// The hub no longer knows the session: the officer signs in again and finds the case as it was.
    pub(super) fn session_ended(&mut self) {
        if self.screen != Screen::Desk {
            return;
        }
        self.stop_waiting();
        self.pause_card();
        self.effects.push(CounterEffect::ForgetSession);
        // Scans are personal data; they are fetched again after the login.
        self.effects.push(CounterEffect::DropScans);
        if let Some(case) = &mut self.case {
            case.scan = super::ScanState::None;
        }
        self.failing = None;
        self.found = None;
        self.screen = Screen::login();
        self.say_at_login(&Problem::new(Failure::NotSignedIn, 0));
    }

    pub(super) fn log_out(&mut self) {
        if matches!(self.screen, Screen::Login { must_change_password: false, .. }) {
            return;
        }
        self.stop_waiting();
        self.put_away();
        self.unanswered.clear();
        self.officer = None;
        self.failing = None;
        self.notice = None;
        self.found = None;
        self.screen = Screen::login();
        self.ask_in_background(Background::SignOut);
    }
}

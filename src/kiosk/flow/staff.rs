//! The staff's door: a hidden touch, a PIN, the devices, and a few things to do. It leads to no shell.

use jiff::{SignedDuration, Timestamp};

use super::{Flow, KioskEffect, Place};
use crate::domain::language::Language;
use crate::kiosk::panel::Brightness;
use crate::slip::{Paper, SlipContent, TicketContent};
use crate::station::voice::Volume;

/// The staff screens close by themselves.
const STAFF_SHOWN: SignedDuration = SignedDuration::from_secs(60);
/// Wrong PINs in a row after which the door stays shut for a while.
const WRONG_MAX: u8 = 5;
/// For how long.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Digits of the longest PIN.
pub const PIN_DIGITS: usize = 8;
/// What was printed last can be printed again for this long, and not once somebody else has begun.
const LAST_PAPER_KEPT: SignedDuration = SignedDuration::from_mins(15);

/// How the PIN stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum PinState {
    #[default]
    Typing,
    Wrong,
    Locked,
    /// No PIN is configured: the door shows the devices and does nothing.
    Unset,
}

/// What staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum StaffAction {
    Reprint,
    Restart,
    Softer,
    Louder,
    Darker,
    Brighter,
}

/// The door.
#[derive(Debug, Clone, Default)]
pub(in crate::kiosk) struct StaffDoor {
    digits: String,
    pub(in crate::kiosk) state: PinState,
    wrong: u8,
    locked_at: Option<Timestamp>,
    last_paper: Option<(Timestamp, Language, Box<Paper>)>,
    /// How loud the voice begins.
    pub(in crate::kiosk) volume: Volume,
    /// None where the panel's light cannot be turned from here.
    pub(in crate::kiosk) brightness: Option<Brightness>,
}

impl StaffDoor {
    /// Digits typed.
    pub(in crate::kiosk) fn length(&self) -> usize {
        self.digits.len()
    }

    /// Remembers a paper, so that one that jammed can be printed again.
    pub(super) fn keep_paper(&mut self, paper: Paper, language: Language, now: Timestamp) {
        self.last_paper = Some((now, language, Box::new(paper)));
    }

    /// The same person's paper says something else now.
    pub(super) fn replace_paper(&mut self, paper: Paper) {
        if let Some((_, _, kept)) = &mut self.last_paper {
            **kept = paper;
        }
    }

    /// Somebody else begins: what was printed before is nobody's business.
    pub(super) fn forget_paper(&mut self) {
        self.last_paper = None;
    }
}

impl Flow {
    /// Opens the door; only where no person's session is.
    pub(super) fn open_staff(&mut self, now: Timestamp) {
        if matches!(self.place, Place::Attract | Place::Closed | Place::OutOfService) {
            self.place = Place::StaffPin;
            self.touched_at = now;
            self.comfort = Default::default();
            self.door.digits.clear();
            self.door.state = match (self.setup.staff_pin.is_some(), self.is_door_locked(now)) {
                (false, _) => PinState::Unset,
                (true, true) => PinState::Locked,
                (true, false) => PinState::Typing,
            };
        }
    }

    fn is_door_locked(&self, now: Timestamp) -> bool {
        self.door.locked_at.is_some_and(|at| now.duration_since(at).abs() < LOCKED_FOR)
    }

    pub(super) fn pin_digit(&mut self, digit: char) {
        if self.door.state != PinState::Locked && digit.is_ascii_digit() && self.door.digits.len() < PIN_DIGITS {
            self.door.digits.push(digit);
            if self.door.state == PinState::Wrong {
                self.door.state = PinState::Typing;
            }
        }
    }

    pub(super) fn pin_taken_back(&mut self, take: impl FnOnce(&mut String)) {
        take(&mut self.door.digits);
    }

    /// Whether the button "Buka" works.
    pub(super) fn can_open_door(&self) -> bool {
        matches!(self.door.state, PinState::Typing | PinState::Wrong) && self.door.digits.len() >= 4
    }

    pub(super) fn pin_next(&mut self, now: Timestamp) {
        if !self.can_open_door() {
            return;
        }
        let typed = std::mem::take(&mut self.door.digits);
        if self.setup.staff_pin.as_deref() == Some(typed.as_str()) {
            self.door.wrong = 0;
            self.door.state = PinState::Typing;
            self.place = Place::Staff;
            return;
        }
        self.door.wrong += 1;
        if self.door.wrong >= WRONG_MAX {
            self.door.wrong = 0;
            self.door.locked_at = Some(now);
            self.door.state = PinState::Locked;
        } else {
            self.door.state = PinState::Wrong;
        }
    }

    pub(super) fn close_staff(&mut self, now: Timestamp) {
        if matches!(self.place, Place::Staff | Place::StaffPin) {
            self.door.digits.clear();
            self.place = Place::Attract;
            self.settle(now);
        }
    }

    pub(super) fn staff_tick(&mut self, now: Timestamp) {
        if matches!(self.place, Place::Staff | Place::StaffPin) && now.duration_since(self.touched_at) >= STAFF_SHOWN {
            self.close_staff(now);
        }
        if self.door.state == PinState::Locked && !self.is_door_locked(now) {
            self.door.state = PinState::Typing;
        }
        if self.door.last_paper.as_ref().is_some_and(|(at, ..)| now.duration_since(*at).abs() >= LAST_PAPER_KEPT) {
            self.door.last_paper = None;
        }
    }

    /// Whether there is a slip or number that can be printed again.
    pub(in crate::kiosk) fn can_reprint_last(&self) -> bool {
        self.door.last_paper.is_some()
    }

    pub(super) fn staff_act(&mut self, action: StaffAction, effects: &mut Vec<KioskEffect>) {
        if self.place != Place::Staff {
            return;
        }
        match action {
            StaffAction::Reprint => {
                if let Some((_, language, paper)) = &self.door.last_paper {
                    let language = *language;
                    let content = Box::new(as_copy((**paper).clone()));
                    let order = self.order();
                    effects.push(KioskEffect::PrintSlip { order, content, language });
                }
            }
            StaffAction::Softer | StaffAction::Louder => {
                let volume = self.door.volume;
                let turned = if action == StaffAction::Louder { volume.louder() } else { volume.softer() };
                if let Some(volume) = turned {
                    self.door.volume = volume;
                    effects.push(KioskEffect::SetVolume(volume));
                }
            }
            StaffAction::Darker | StaffAction::Brighter => {
                let brighter = action == StaffAction::Brighter;
                let now = self.door.brightness;
                let turned = now.and_then(|now| if brighter { now.brighter() } else { now.darker() });
                // What is shown is what the panel says afterwards.
                effects.extend(turned.map(KioskEffect::SetBrightness));
            }
            StaffAction::Restart => effects.push(KioskEffect::RestartProgram),
        }
    }
}

/// The same paper, marked as a copy.
fn as_copy(paper: Paper) -> Paper {
    match paper {
        Paper::Slip(slip) => Paper::Slip(SlipContent { copy: true, ..slip }),
        Paper::Number(ticket) => Paper::Number(TicketContent { copy: true, ..ticket }),
        list @ Paper::List(_) => list,
    }
}

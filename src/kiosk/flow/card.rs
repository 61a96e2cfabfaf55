//! A KTP-el on the kiosk's reader types its number itself. It is a convenience, no proof: the counter checks the person.

use jiff::Timestamp;

use super::{Flow, KioskEffect, NikIssue, Place};
use crate::domain::device::DeviceKind;
use crate::domain::nik::Nik;

/// The wait for a card, while a NIK is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CardWatch {
    /// The watch that is out.
    out: Option<u64>,
    /// The card that lies there was read: it must not type over what a person corrects.
    seen: bool,
}

impl Flow {
    /// Begins or ends the wait for a card, as the place wants it. A new one begins when somebody arrives and with each
    /// tick, so that a reader that fails at once is not asked without end.
    pub(super) fn tend_card(&mut self, arrived: bool, ticked: bool, effects: &mut Vec<KioskEffect>) {
        if arrived {
            self.card.seen = false;
        }
        let has_reader = self.is_ready(DeviceKind::EktpReader);
        let wanted = matches!(self.place, Place::Nik(_)) && has_reader && !self.card.seen && self.failure.is_none();
        match self.card.out {
            None if wanted && (arrived || ticked) => {
                let watch = self.order();
                self.card.out = Some(watch);
                effects.push(KioskEffect::WatchForCard { watch });
            }
            Some(_) if !wanted => {
                self.card.out = None;
                effects.push(KioskEffect::ForgetCard);
            }
            _ => {}
        }
    }

    /// A card gave its number, nothing that can be read, or did not come.
    pub(super) fn card_watched(&mut self, watch: u64, result: Result<Nik, bool>, now: Timestamp) {
        if self.card.out != Some(watch) {
            return;
        }
        self.card.out = None;
        let Place::Nik(purpose) = self.place else { return };
        match result {
            Ok(nik) => {
                self.touched_at = now;
                self.warned_at = None;
                self.card.seen = true;
                nik.as_str().clone_into(self.session.digits_mut(purpose));
                self.session.nik_issue = self.hard_issue(purpose);
            }
            // Said once: a card that was left there is no sign of life, and must not talk into what is typed.
            Err(true) if self.session.digits(purpose).is_empty() => {
                if self.session.nik_issue != NikIssue::CardUnreadable {
                    self.touched_at = now;
                }
                self.session.nik_issue = NikIssue::CardUnreadable;
            }
            Err(_) => {}
        }
    }

    /// The card was taken away: the next one counts.
    pub(super) const fn card_taken(&mut self) {
        self.card.seen = false;
    }
}

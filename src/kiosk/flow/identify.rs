//! The NIK on the keypad: hard errors block, doubts ask once more.

use jiff::Timestamp;

use super::session::TypedNik;
use super::{Flow, NikIssue, Place, Purpose, Who};
use crate::domain::nik::{Nik, NikDoubt, NikError};

/// Digits of a NIK.
const NIK_DIGITS: usize = 16;

impl Flow {
    pub(super) fn digit(&mut self, digit: char) {
        let purpose = match self.place {
            Place::Nik(purpose) => purpose,
            Place::Phone => return self.phone_digit(digit),
            Place::StaffPin => return self.pin_digit(digit),
            _ => return,
        };
        if !digit.is_ascii_digit() || self.session.digits(purpose).len() >= NIK_DIGITS {
            return;
        }
        self.session.digits_mut(purpose).push(digit);
        let complete = self.session.digits(purpose).len() == NIK_DIGITS;
        self.session.nik_issue = if complete { self.hard_issue(purpose) } else { NikIssue::None };
    }

    pub(super) fn erase(&mut self) {
        self.take_back(|typed| {
            typed.pop();
        });
    }

    pub(super) fn clear(&mut self) {
        self.take_back(String::clear);
    }

    /// Takes back what was typed, on whichever pad.
    fn take_back(&mut self, take: impl FnOnce(&mut String)) {
        match self.place {
            Place::Nik(purpose) => {
                take(self.session.digits_mut(purpose));
                self.session.nik_issue = NikIssue::None;
            }
            Place::Phone => {
                take(&mut self.session.phone_digits);
                self.session.phone_issue = Default::default();
            }
            Place::Code => {
                take(&mut self.session.code);
                self.session.code_mistyped = false;
            }
            Place::StaffPin => self.pin_taken_back(take),
            _ => {}
        }
    }

    /// What makes the digits impossible as a NIK here.
    pub(super) fn hard_issue(&self, purpose: Purpose) -> NikIssue {
        match Nik::parse(self.session.digits(purpose)) {
            Ok(nik) if purpose == Purpose::Proxy && self.session.nik.is_some_and(|own| own.nik == nik) => {
                NikIssue::SameAsApplicant
            }
            Ok(_) => NikIssue::None,
            Err(NikError::AllSame) => NikIssue::AllSame,
            Err(NikError::SerialZero) => NikIssue::SerialZero,
            Err(NikError::NotADigit | NikError::WrongLength { .. }) => NikIssue::Incomplete,
        }
    }

    pub(super) fn is_nik_acceptable(&self, purpose: Purpose) -> bool {
        self.hard_issue(purpose) == NikIssue::None
    }

    pub(super) fn nik_next(&mut self, purpose: Purpose, now: Timestamp) {
        self.session.nik_issue = self.hard_issue(purpose);
        if self.session.nik_issue != NikIssue::None {
            return;
        }
        let Ok(nik) = Nik::parse(self.session.digits(purpose)) else { return };
        let doubts = nik.applicant_doubts(self.setup.zone.day(now), None);
        let ask = doubts.iter().find(|doubt| doubt.asks_applicant()).map(|doubt| match doubt {
            NikDoubt::UnknownProvince | NikDoubt::UnknownDistrict => NikIssue::UnknownProvince,
            NikDoubt::ImpossibleDate => NikIssue::DateDoubtful,
            NikDoubt::LooksLikeNoKk | NikDoubt::SameAsNoKk => NikIssue::LooksLikeNoKk,
        });
        match ask {
            Some(issue) => {
                self.session.nik_issue = issue;
                self.go(Place::NikConfirm(purpose));
            }
            None => self.accept_nik(purpose, TypedNik { nik, doubtful: false }),
        }
    }

    pub(super) fn nik_confirmed(&mut self, purpose: Purpose) {
        if let Ok(nik) = Nik::parse(self.session.digits(purpose)) {
            self.accept_nik(purpose, TypedNik { nik, doubtful: true });
        }
    }

    fn accept_nik(&mut self, purpose: Purpose, typed: TypedNik) {
        self.session.nik_issue = NikIssue::None;
        match purpose {
            Purpose::Applicant => {
                self.session.nik = Some(typed);
                if self.session.proxy_nik.is_some_and(|proxy| proxy.nik == typed.nik) {
                    // The applicant's number was corrected to the proxy's: one of the two is asked again.
                    self.session.proxy_nik = None;
                    self.session.digits_mut(Purpose::Proxy).clear();
                }
            }
            Purpose::Proxy => self.session.proxy_nik = Some(typed),
        }
        let proxy_next = purpose == Purpose::Applicant && self.session.who == Some(Who::Proxy);
        let next = if proxy_next { Place::Nik(Purpose::Proxy) } else { Place::Phone };
        self.advance(next);
    }
}

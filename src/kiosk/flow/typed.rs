//! What is typed on a pad apart from a NIK: a telephone number, the code of a slip.

use jiff::Timestamp;

use super::{Flow, KioskEffect, Place, Session, SlipSeen};
use crate::domain::phone::{PHONE_DIGITS_MAX, Phone, PhoneError};
use crate::domain::slip_token::ManualCode;
use crate::failure::Failure;

/// What is to be said about the telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum PhoneIssue {
    #[default]
    None,
    Incomplete,
    NotAPhone,
}

impl Flow {
    pub(super) fn phone_digit(&mut self, digit: char) {
        if digit.is_ascii_digit() && self.session.phone_digits.len() < PHONE_DIGITS_MAX {
            self.session.phone_digits.push(digit);
            self.session.phone_issue = PhoneIssue::None;
        }
    }

    /// Goes on: without a number, or with one that can be called.
    pub(super) fn phone_next(&mut self) {
        let digits = &self.session.phone_digits;
        if digits.is_empty() {
            self.session.phone = None;
        } else {
            match Phone::parse(digits) {
                Ok(phone) => self.session.phone = Some(phone),
                Err(PhoneError::WrongLength { .. }) => return self.session.phone_issue = PhoneIssue::Incomplete,
                Err(PhoneError::NotADigit | PhoneError::NotMobile) => {
                    return self.session.phone_issue = PhoneIssue::NotAPhone;
                }
            }
        }
        self.session.phone_asked = true;
        self.advance(Place::Priority);
    }

    /// A slip that the scanner cannot read has its code in letters.
    pub(super) fn type_code(&mut self, now: Timestamp) {
        if matches!(self.place, Place::Attract | Place::Closed) {
            self.session = Session::new(self.catalogue_of(now));
            self.place = Place::Code;
        }
    }

    pub(super) fn code_sign(&mut self, sign: char) {
        if self.place == Place::Code && ManualCode::is_symbol(sign) && self.session.code.len() < ManualCode::SYMBOLS {
            self.session.code.push(sign);
            self.session.code_mistyped = false;
        }
    }

    /// The code is whole and its check sign is right.
    pub(super) fn code_next(&mut self, effects: &mut Vec<KioskEffect>) {
        if !self.is_code_whole() {
            return;
        }
        if ManualCode::parse(&self.session.code).is_err() {
            self.session.code_mistyped = true;
            return;
        }
        if !self.around.hub_online {
            self.failure = Some(Failure::HubUnreachable);
            return;
        }
        let (text, ask) = (std::mem::take(&mut self.session.code), self.order());
        self.session.slip_seen = Some(SlipSeen { token: None, ask, status: None });
        self.place = Place::Status;
        effects.push(KioskEffect::AskStatus { ask, text });
    }

    /// Whether the button "Cari" works.
    pub(super) fn is_code_whole(&self) -> bool {
        self.session.code.len() == ManualCode::SYMBOLS
    }
}

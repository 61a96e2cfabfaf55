//! A mobile number of Indonesia, as a person types it.
//!
//! Nothing here shows a whole number by accident: there is no `Display`, `Debug` masks, errors never repeat the input.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Fewest digits of a number, the leading zero counted.
pub const PHONE_DIGITS_MIN: usize = 10;
/// Most digits of a number, the leading zero counted.
pub const PHONE_DIGITS_MAX: usize = 14;

/// A well-formed number, written with a leading zero.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text cannot be a number. Never carries the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// A character other than a digit, space, dot, dash or a leading plus.
    #[error("a phone number has digits only")]
    NotADigit,
    /// It does not begin with 08, 628 or +628.
    #[error("a mobile number begins with 08")]
    NotMobile,
    /// Too few or too many digits.
    #[error("a phone number has {PHONE_DIGITS_MIN} to {PHONE_DIGITS_MAX} digits, this has {digits}")]
    WrongLength {
        /// Number of digits found, counted with the leading zero.
        digits: usize,
    },
}

impl Phone {
    /// Parses what was typed. Spaces, dots and dashes are dropped; 62 or +62 becomes 0.
    ///
    /// # Errors
    /// See [`PhoneError`]; the first that holds.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let typed: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
        let digits = typed.strip_prefix('+').unwrap_or(&typed);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::NotADigit);
        }
        let abroad = typed.starts_with('+');
        let number = match digits.strip_prefix("62") {
            Some(rest) => format!("0{rest}"),
            None if abroad => return Err(PhoneError::NotMobile),
            None => digits.to_owned(),
        };
        if !number.starts_with("08") {
            return Err(PhoneError::NotMobile);
        }
        if !(PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&number.len()) {
            return Err(PhoneError::WrongLength { digits: number.len() });
        }
        Ok(Self(number))
    }

    /// The whole number, for storage and for the officer's work; never for a lobby screen or a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole number in groups of four, as a person reads it back.
    #[must_use]
    pub fn grouped(&self) -> String {
        groups(self.0.chars())
    }

    /// The number with only its first four and last two digits, in groups of four.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown_to = self.0.len() - 2;
        groups(self.0.chars().enumerate().map(|(at, digit)| if at < 4 || at >= shown_to { digit } else { '•' }))
    }
}

fn groups(digits: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for (at, digit) in digits.enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(08…)")
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::parse(&text)
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // No operator has 0840: nobody's telephone rings.
    const INVENTED: &str = "084000009001";

    #[test]
    fn one_number_typed_in_many_ways_is_one_number() {
        for text in [INVENTED, "0840 0000 9001", "0840-0000-9001", "+62 840 0000 9001", "6284000009001"] {
            assert_eq!(Phone::parse(text).as_ref().map(Phone::as_str), Ok(INVENTED), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_mobile_number_is_refused_with_its_reason() {
        let refused = |text: &str| Phone::parse(text).expect_err("no number");
        for text in ["0840x0009001", "0840+0009001", "++6284000009001", "0８4000009001"] {
            assert_eq!(refused(text), PhoneError::NotADigit, "{text}");
        }
        for text in ["", "0291000009001", "84000009001", "+084000009001", "+6024000009001"] {
            assert_eq!(refused(text), PhoneError::NotMobile, "{text}");
        }
        assert_eq!(refused("084000900"), PhoneError::WrongLength { digits: 9 });
        assert_eq!(refused("084000000009001"), PhoneError::WrongLength { digits: 15 });
        assert!(Phone::parse("0840009001").is_ok() && Phone::parse("08400000009001").is_ok());
    }

    #[test]
    fn shows_only_what_it_is_asked_for() {
        let phone = Phone::parse(INVENTED).expect("a number");
        assert_eq!((phone.grouped().as_str(), phone.masked().as_str()), ("0840 0000 9001", "0840 •••• ••01"));
        assert!(!format!("{phone:?}").contains("9001"));
        assert_eq!(serde_json::to_string(&phone).expect("JSON"), format!("\"{INVENTED}\""));
        assert!(serde_json::from_str::<Phone>("\"0291\"").is_err_and(|error| !error.to_string().contains("0291")));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_reads_back(text in "[+0-9 .x-]{0,20}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.grouped()), Ok(phone.clone()));
                prop_assert!(phone.masked().matches('•').count() >= PHONE_DIGITS_MIN - 6);
            }
        }
    }
}

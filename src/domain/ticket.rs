//! Tickets (nomor antrean): the number that is called, and its day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The letter of a kiosk's own number series. A kiosk alone in the dark issues numbers that no other kiosk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Series(char);

/// A text that is not a series letter or a ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not one letter from A to Z.
    #[error("a series is one letter from A to Z")]
    Series,
    /// Not a number from 1 to 9999.
    #[error("a ticket number is a series letter and a number from 1 to 9999, e.g. A-001")]
    Number,
}

impl Series {
    /// Parses one letter from A to Z.
    ///
    /// # Errors
    /// Anything else is refused.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter @ 'A'..='Z'), None) => Ok(Self(letter)),
            _ => Err(TicketError::Series),
        }
    }

    /// Returns the letter.
    #[must_use]
    pub const fn letter(self) -> char {
        self.0
    }
}

impl TryFrom<String> for Series {
    type Error = TicketError;

    fn try_from(text: String) -> Result<Self, TicketError> {
        Self::parse(&text)
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.0.to_string()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A printed ticket number, e.g. `A-001`. Unique within its business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketNumber {
    series: Series,
    number: u16,
}

/// The largest number of one series on one day.
pub const TICKET_NUMBER_MAX: u16 = 9_999;

impl TicketNumber {
    /// Joins a series and a number from 1 to [`TICKET_NUMBER_MAX`].
    ///
    /// # Errors
    /// Refuses zero and anything above the limit.
    pub const fn new(series: Series, number: u16) -> Result<Self, TicketError> {
        if number == 0 || number > TICKET_NUMBER_MAX {
            return Err(TicketError::Number);
        }
        Ok(Self { series, number })
    }

    /// Returns the series letter.
    #[must_use]
    pub const fn series(self) -> Series {
        self.series
    }

    /// Returns the number within the series.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:03}", self.series, self.number)
    }
}

impl FromStr for TicketNumber {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let (series, number) = text.split_once('-').ok_or(TicketError::Number)?;
        if number.len() < 3 || number.len() > 4 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TicketError::Number);
        }
        Self::new(Series::parse(series)?, number.parse().map_err(|_| TicketError::Number)?)
    }
}

impl TryFrom<String> for TicketNumber {
    type Error = TicketError;

    fn try_from(text: String) -> Result<Self, TicketError> {
        text.parse()
    }
}

impl From<TicketNumber> for String {
    fn from(number: TicketNumber) -> Self {
        number.to_string()
    }
}

/// What somebody without a case waits for, in words for screens and slips.
pub const HELP_TITLE: &str = "Bantuan petugas";

/// What people wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// To have documents checked (step 2).
    Verification,
    /// To collect a KK (step 8).
    Pickup,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 2] = [Self::Verification, Self::Pickup];

    /// Returns the stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::Pickup => "pickup",
        }
    }

    /// Returns the words for screens.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Verification => "Pemeriksaan dokumen",
            Self::Pickup => "Pengambilan KK",
        }
    }
}

impl FromStr for Queue {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        Self::ALL.into_iter().find(|queue| queue.key() == text).ok_or(TicketError::Number)
    }
}

/// How far a ticket has come on its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// Not called yet.
    Waiting,
    /// Called to a counter.
    Called,
    /// The person is at the counter.
    Serving,
    /// Served.
    Done,
    /// Called and did not come.
    NoShow,
    /// Laid aside: the person fetches something and comes back.
    Held,
    /// Its day was over before it was served.
    Expired,
}

impl TicketState {
    /// Returns the stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Called => "called",
            Self::Serving => "serving",
            Self::Done => "done",
            Self::NoShow => "no_show",
            Self::Held => "held",
            Self::Expired => "expired",
        }
    }
}

impl FromStr for TicketState {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        [Self::Waiting, Self::Called, Self::Serving, Self::Done, Self::NoShow, Self::Held, Self::Expired]
            .into_iter()
            .find(|state| state.key() == text)
            .ok_or(TicketError::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_printed_with_three_digits_and_reads_back() {
        let number = TicketNumber::new(Series::parse("A").expect("a letter"), 7).expect("in range");
        assert_eq!(number.to_string(), "A-007");
        assert_eq!("A-007".parse(), Ok(number));
        assert_eq!("A-1000".parse::<TicketNumber>().map(|n| n.number()), Ok(1000));
        for wrong in ["", "A", "A-7", "a-007", "AA-007", "A-000", "A-10000", "A-00x", "-001"] {
            assert!(wrong.parse::<TicketNumber>().is_err(), "{wrong:?} was accepted");
        }
    }
}

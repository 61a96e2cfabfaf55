//! No KK: the number of a family card, `PPKKCC DDMMYY SSSS`.
//!
//! Region of issue, date of recording, serial number; made by SIAK. A family gets a new No KK when its head changes,
//! when it splits or when it moves to another region, so a No KK is **never a key**: the type has neither `Hash` nor
//! `Ord`. Nobody adds 40 to a recording date, so 41 to 71 in digits 7-8 means that a NIK was typed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::nik::{Digits, DigitsFault, Nik, digits_serde};
use super::region;

/// A well-formed No KK. Text, never a number, never a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NoKk(Digits);

/// Why a text cannot be a No KK. Never carries the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKkError {
    /// A character other than a digit, space, dot or dash.
    #[error("a No KK has digits only")]
    NotADigit,
    /// Not sixteen digits.
    #[error("a No KK has 16 digits, this has {digits}")]
    WrongLength {
        /// Number of digits found.
        digits: usize,
    },
    /// Sixteen times the same digit.
    #[error("a No KK is not one digit sixteen times")]
    AllSame,
    /// The last four digits are 0000; SIAK counts from 0001.
    #[error("a No KK does not end in 0000")]
    SerialZero,
}

/// A soft remark about a No KK. None of them blocks an applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoKkDoubt {
    /// The same number was given as NIK: one of the two fields is wrong.
    SameAsNik,
    /// Digits 7-8 are 41 to 71: this is the NIK of a woman.
    IsNik,
    /// The first two digits are no province code.
    UnknownProvince,
    /// The date part is no possible recording date.
    ImpossibleDate,
    /// Begins with 3315 but the district is not one of the 19: a note for the officer only.
    UnknownDistrict,
}

impl NoKkDoubt {
    /// Whether the applicant is asked to look at the number again (otherwise it is a note for the officer).
    pub fn asks_applicant(self) -> bool {
        self != Self::UnknownDistrict
    }
}

/// What the digits of a No KK say. The region of issue may differ from the present address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKkFindings {
    /// Whether the province code exists (38 of today, legacy 54, abroad 99).
    pub province_known: bool,
    /// Name of the province of issue.
    pub province: Option<&'static str>,
    /// Whether the card was issued in Kabupaten Grobogan.
    pub in_grobogan: bool,
    /// Name of the kecamatan, only for a card issued in Grobogan.
    pub district: Option<&'static str>,
    /// The date part is no calendar date up to today.
    pub date_doubtful: bool,
    /// Digits 7-8 are 41 to 71: a NIK was typed. When false, the number could still be a man's NIK.
    pub certainly_nik: bool,
    /// Soft remarks in the order in which they are best raised.
    pub doubts: Vec<NoKkDoubt>,
}

impl NoKk {
    /// Parses what was typed or scanned. Spaces, dots and dashes are dropped.
    pub fn parse(text: &str) -> Result<Self, NoKkError> {
        Digits::parse(text).map(Self).map_err(|fault| match fault {
            DigitsFault::NotADigit => NoKkError::NotADigit,
            DigitsFault::WrongLength(digits) => NoKkError::WrongLength { digits },
            DigitsFault::AllSame => NoKkError::AllSame,
            DigitsFault::SerialZero => NoKkError::SerialZero,
        })
    }

    /// The whole number as sixteen digits: for storage and for the officer's work, never for a lobby screen or a log.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The whole number in groups of four, as a person reads it back.
    pub fn grouped(&self) -> String {
        self.0.grouped()
    }

    /// The number for screens and paper, digits 7-14 hidden.
    pub fn masked(&self) -> String {
        self.0.masked()
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        self.0.last4()
    }

    /// Reads what the digits say; `nik` is the number in the NIK field, if there is one.
    pub fn examine(&self, today: Date, nik: Option<&Nik>) -> NoKkFindings {
        let province = region::province(self.0.pair(0));
        let in_grobogan = self.as_str().starts_with(region::GROBOGAN);
        let district = region::district(&self.as_str()[..6]).map(|district| district.name);
        let certainly_nik = (41..=71).contains(&self.0.pair(6));
        let date_doubtful = !self.0.dates(self.0.pair(6)).any(|date| date <= today);

        let mut doubts = Vec::new();
        if nik.is_some_and(|nik| nik.as_str() == self.as_str()) {
            doubts.push(NoKkDoubt::SameAsNik);
        } else if certainly_nik {
            doubts.push(NoKkDoubt::IsNik);
        }
        if province.is_none() {
            doubts.push(NoKkDoubt::UnknownProvince);
        }
        if date_doubtful && !certainly_nik {
            doubts.push(NoKkDoubt::ImpossibleDate);
        }
        if in_grobogan && district.is_none() {
            doubts.push(NoKkDoubt::UnknownDistrict);
        }
        NoKkFindings {
            province_known: province.is_some(),
            province: province.map(|province| province.name),
            in_grobogan,
            district,
            date_doubtful,
            certainly_nik,
            doubts,
        }
    }
}

impl fmt::Debug for NoKk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoKk(************{})", self.last4())
    }
}

impl FromStr for NoKk {
    type Err = NoKkError;

    fn from_str(text: &str) -> Result<Self, NoKkError> {
        Self::parse(text)
    }
}

digits_serde!(NoKk, "a No KK as text of 16 digits");

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    fn doubts(text: &str) -> Vec<NoKkDoubt> {
        NoKk::parse(text).unwrap().examine(TODAY, None).doubts
    }

    #[test]
    fn ordinary_number_has_no_doubt() {
        let found = NoKk::parse("3315 1301 0115 9001").unwrap().examine(TODAY, None);
        assert!(found.doubts.is_empty() && !found.certainly_nik);
        assert_eq!((found.province, found.district), (Some("Jawa Tengah"), Some("Purwodadi")));
    }

    #[test]
    fn day_above_forty_is_a_nik() {
        assert_eq!(doubts("3315134101909002"), [NoKkDoubt::IsNik]);
        assert_eq!(doubts("3315137112859003"), [NoKkDoubt::IsNik]);
        assert_eq!(doubts("3315134001909002"), [NoKkDoubt::ImpossibleDate]);
        assert_eq!(doubts("3315137201909002"), [NoKkDoubt::ImpossibleDate]);
    }

    #[test]
    fn same_number_in_both_fields_is_raised_first() {
        let nik = Nik::parse("3315134101909002").unwrap();
        let found = NoKk::parse(nik.as_str()).unwrap().examine(TODAY, Some(&nik));
        assert_eq!(found.doubts, [NoKkDoubt::SameAsNik]);
        assert!(found.certainly_nik);
    }

    #[test]
    fn odd_numbers_are_doubted_and_not_refused() {
        assert_eq!(doubts("3715130101159001"), [NoKkDoubt::UnknownProvince]);
        assert_eq!(doubts("3315200101159001"), [NoKkDoubt::UnknownDistrict]);
        assert_eq!(doubts("3315133002159001"), [NoKkDoubt::ImpossibleDate]);
    }

    #[test]
    fn broken_numbers_are_refused() {
        assert_eq!(NoKk::parse("331513010115900"), Err(NoKkError::WrongLength { digits: 15 }));
        assert_eq!(NoKk::parse("331513010115900x"), Err(NoKkError::NotADigit));
        assert_eq!(NoKk::parse("3333333333333333"), Err(NoKkError::AllSame));
        assert_eq!(NoKk::parse("3315130101150000"), Err(NoKkError::SerialZero));
    }

    #[test]
    fn shows_only_what_it_is_asked_for() {
        let no_kk = NoKk::parse("3315130101159035").unwrap();
        assert_eq!(no_kk.masked(), "3315 13•• •••• ••35");
        assert_eq!(format!("{no_kk:?}"), "NoKk(************9035)");
        assert_eq!(serde_json::to_string(&no_kk).unwrap(), "\"3315130101159035\"");
        assert!(serde_json::from_str::<NoKk>("3315130101159035").is_err());
    }

    proptest! {
        #[test]
        fn parse_never_panics(text in "[0-9 .x-]{0,24}") {
            if let Ok(no_kk) = NoKk::parse(&text) {
                prop_assert_eq!(NoKk::parse(&no_kk.grouped()), Ok(no_kk));
                no_kk.examine(TODAY, None);
            }
        }
    }
}

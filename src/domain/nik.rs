//! NIK: the national identity number, `PPKKCC DDMMYY SSSS`.
//!
//! Province, regency and district of **first registration**, birth date (day + 40 for women), serial number. There is
//! no check digit. A NIK is for life and never changes, also not when the owner moves or when the birth date or sex is
//! corrected later (PP 40/2019 Pasal 30(2); Permendagri 108/2019 Pasal 15). So only the shape is checked hard; whatever
//! the digits say about a person is a finding that a person weighs, never a refusal and never a guess. If two documents
//! disagree, the NIK on the KTP-el rules (PP 40/2019 Pasal 33).
//!
//! Nothing here shows a whole NIK by accident: there is no `Display`, `Debug` masks, errors never repeat the input.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::no_kk::NoKk;
use super::region;

/// Oldest age at which a birth date read from a NIK is still a candidate.
pub const AGE_MAX_YEARS: i16 = 120;

/// Age from which a person holds a KTP-el and can apply (Permendagri 108/2019 Pasal 10(4)); married people earlier.
pub const APPLICANT_AGE_MIN_YEARS: i16 = 17;

/// Beyond this age a number typed by an applicant is more likely a mistyped NIK or a No KK than a true one.
const APPLICANT_AGE_PLAUSIBLE_MAX_YEARS: i16 = 100;

/// What women have added to the day of birth.
const WOMAN_DAY_OFFSET: u8 = 40;

/// A well-formed NIK. Text, never a number: sixteen digits do not survive a spreadsheet or a JSON number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nik(Digits);

/// Why a text cannot be a NIK. Never carries the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NikError {
    /// A character other than a digit, space, dot or dash.
    #[error("a NIK has digits only")]
    NotADigit,
    /// Not sixteen digits.
    #[error("a NIK has 16 digits, this has {digits}")]
    WrongLength {
        /// Number of digits found.
        digits: usize,
    },
    /// Sixteen times the same digit.
    #[error("a NIK is not one digit sixteen times")]
    AllSame,
    /// The last four digits are 0000; SIAK counts from 0001.
    #[error("a NIK does not end in 0000")]
    SerialZero,
}

/// Sex as encoded in the day of birth; it may legally disagree with the card after a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Laki-laki: day 01 to 31.
    Male,
    /// Perempuan: day 41 to 71.
    Female,
}

/// A soft remark about a NIK. None of them blocks an applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NikDoubt {
    /// The first two digits are no province code: ask once more, then let the officer decide.
    UnknownProvince,
    /// Begins with 3315 but the district is not one of the 19: a note for the officer only.
    UnknownDistrict,
    /// The date part is no possible birth date: ask "Apakah NIK sudah benar?", never block.
    ImpossibleDate,
    /// The applicant would be a child or older than 100: maybe the No KK was typed.
    LooksLikeNoKk,
    /// The same number was given as No KK: one of the two fields is wrong.
    SameAsNoKk,
}

impl NikDoubt {
    /// Whether the applicant is asked to look at the number again (otherwise it is a note for the officer).
    pub fn asks_applicant(self) -> bool {
        self != Self::UnknownDistrict
    }
}

/// What the digits of a NIK say. `Debug` leaves the birth dates out.
#[derive(Clone, PartialEq, Eq)]
pub struct NikFindings {
    /// Whether the province code exists (38 of today, legacy 54, abroad 99).
    pub province_known: bool,
    /// Name of the province of first registration.
    pub province: Option<&'static str>,
    /// Whether the NIK was issued in Kabupaten Grobogan. Says nothing about the present address.
    pub in_grobogan: bool,
    /// Name of the kecamatan, only for a NIK issued in Grobogan.
    pub district: Option<&'static str>,
    /// Sex as encoded, if the day part can be read.
    pub sex: Option<Sex>,
    /// Every birth date that fits, oldest first: none, one or two. Never a guess.
    pub birth_dates: Vec<Date>,
    /// No birth date fits.
    pub date_doubtful: bool,
    /// Two birth dates fit, a century apart: show no age.
    pub date_ambiguous: bool,
    /// Digits 7-8 are 41 to 71, which no No KK has. When false, the number could be either.
    pub certainly_not_no_kk: bool,
    /// Soft remarks in the order in which they are best raised.
    pub doubts: Vec<NikDoubt>,
}

/// Birth date of an applicant as far as the NIK tells it. `Debug` leaves the dates out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BirthDate {
    /// Only one date fits.
    Certain(Date),
    /// Two dates fit; an applicant is at least 17 or married, so the older is the likely one.
    Likely {
        /// The date in the 1900s.
        older: Date,
        /// The date in the 2000s.
        younger: Date,
    },
    /// No date fits.
    Unknown,
}

impl Nik {
    /// Parses what was typed, scanned or read from a card. Spaces, dots and dashes are dropped.
    pub fn parse(text: &str) -> Result<Self, NikError> {
        Digits::parse(text).map(Self).map_err(|fault| match fault {
            DigitsFault::NotADigit => NikError::NotADigit,
            DigitsFault::WrongLength(digits) => NikError::WrongLength { digits },
            DigitsFault::AllSame => NikError::AllSame,
            DigitsFault::SerialZero => NikError::SerialZero,
        })
    }

    /// The whole number as sixteen digits: for storage and for the officer's work, never for a lobby screen or a log.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The whole number in groups of four, as a person reads it back: `3315 1301 0190 9001`.
    pub fn grouped(&self) -> String {
        self.0.grouped()
    }

    /// The number for screens and paper, digits 7-14 (birth date and half of the serial) hidden: `3315 13•• •••• ••01`.
    pub fn masked(&self) -> String {
        self.0.masked()
    }

    /// The last four digits, as printed on a slip.
    pub fn last4(&self) -> &str {
        self.0.last4()
    }

    /// Whether the number begins with a region code, for example the `3315` of the office's settings.
    pub fn issued_in(&self, region_code: &str) -> bool {
        self.as_str().starts_with(region_code)
    }

    /// Reads what the digits say about province, district, sex and birth date.
    pub fn examine(&self, today: Date) -> NikFindings {
        let province = region::province(self.0.pair(0));
        let in_grobogan = self.issued_in(region::GROBOGAN);
        let district = region::district(&self.as_str()[..6]).map(|district| district.name);
        let (sex, day) = match self.0.pair(6) {
            day @ 1..=31 => (Some(Sex::Male), day),
            day @ 41..=71 => (Some(Sex::Female), day - WOMAN_DAY_OFFSET),
            _ => (None, 0),
        };
        let birth_dates: Vec<Date> =
            self.0.dates(day).filter(|date| *date <= today && age_years(*date, today) <= AGE_MAX_YEARS).collect();

        let mut doubts = Vec::new();
        if province.is_none() {
            doubts.push(NikDoubt::UnknownProvince);
        }
        if birth_dates.is_empty() {
            doubts.push(NikDoubt::ImpossibleDate);
        }
        if in_grobogan && district.is_none() {
            doubts.push(NikDoubt::UnknownDistrict);
        }
        NikFindings {
            province_known: province.is_some(),
            province: province.map(|province| province.name),
            in_grobogan,
            district,
            sex,
            date_doubtful: birth_dates.is_empty(),
            date_ambiguous: birth_dates.len() > 1,
            birth_dates,
            certainly_not_no_kk: sex == Some(Sex::Female),
            doubts,
        }
    }

    /// The remarks about a NIK that an **applicant** typed: those of [`Nik::examine`], and whether it may be a No KK.
    pub fn applicant_doubts(&self, today: Date, no_kk: Option<&NoKk>) -> Vec<NikDoubt> {
        let findings = self.examine(today);
        let implausible = !findings.birth_dates.is_empty()
            && findings.birth_dates.iter().all(|date| {
                let age = age_years(*date, today);
                !(APPLICANT_AGE_MIN_YEARS..=APPLICANT_AGE_PLAUSIBLE_MAX_YEARS).contains(&age)
            });
        let mut doubts = findings.doubts;
        if no_kk.is_some_and(|no_kk| no_kk.as_str() == self.as_str()) {
            doubts.insert(0, NikDoubt::SameAsNoKk);
        } else if implausible && !findings.certainly_not_no_kk {
            doubts.push(NikDoubt::LooksLikeNoKk);
        }
        doubts
    }
}

impl NikFindings {
    /// Birth date if this person is the applicant. For anyone else (a baby, for example) use `birth_dates` as they are.
    pub fn applicant_birth_date(&self) -> BirthDate {
        match self.birth_dates[..] {
            [] => BirthDate::Unknown,
            [date] => BirthDate::Certain(date),
            [older, .., younger] => BirthDate::Likely { older, younger },
        }
    }
}

impl BirthDate {
    /// The certain date, or the older of two.
    pub fn best(self) -> Option<Date> {
        match self {
            Self::Certain(date) | Self::Likely { older: date, .. } => Some(date),
            Self::Unknown => None,
        }
    }
}

/// Completed years of life on `today`.
fn age_years(birth: Date, today: Date) -> i16 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(!had_birthday)
}

impl fmt::Debug for Nik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nik(************{})", self.last4())
    }
}

impl fmt::Debug for NikFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NikFindings")
            .field("province", &self.province)
            .field("district", &self.district)
            .field("birth_dates", &self.birth_dates.len())
            .field("doubts", &self.doubts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certain(_) => "Certain(..)",
            Self::Likely { .. } => "Likely(..)",
            Self::Unknown => "Unknown",
        })
    }
}

impl FromStr for Nik {
    type Err = NikError;

    fn from_str(text: &str) -> Result<Self, NikError> {
        Self::parse(text)
    }
}

/// Serde for a sixteen-digit number: text only, and an error that never repeats what was sent. `deserialize_any` is
/// there so that a number reaches the visitor; `deserialize_str` would put it into the error. JSON and TOML allow that.
macro_rules! digits_serde {
    ($number:ty, $expected:literal) => {
        impl serde::Serialize for $number {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $number {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $number;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        <$number>::parse(text).map_err(E::custom)
                    }
                    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
                        Err(E::custom(concat!("expected ", $expected)))
                    }
                    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
                        Err(E::custom(concat!("expected ", $expected)))
                    }
                    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
                        Err(E::custom(concat!("expected ", $expected)))
                    }
                }
                deserializer.deserialize_any(Visitor)
            }
        }
    };
}
pub(super) use digits_serde;

digits_serde!(Nik, "a NIK as text of 16 digits");

/// Sixteen ASCII digits, shared by NIK and No KK: not all the same, and the last four are not 0000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Digits([u8; 16]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DigitsFault {
    NotADigit,
    WrongLength(usize),
    AllSame,
    SerialZero,
}

impl Digits {
    pub(super) fn parse(text: &str) -> Result<Self, DigitsFault> {
        let mut digits = [0; 16];
        let mut count = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-')) {
            if !c.is_ascii_digit() {
                return Err(DigitsFault::NotADigit);
            }
            if let Some(place) = digits.get_mut(count) {
                *place = c as u8;
            }
            count += 1;
        }
        if count != digits.len() {
            return Err(DigitsFault::WrongLength(count));
        }
        if digits.iter().all(|digit| *digit == digits[0]) {
            return Err(DigitsFault::AllSame);
        }
        if digits.ends_with(b"0000") {
            return Err(DigitsFault::SerialZero);
        }
        Ok(Self(digits))
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII digits are stored")
    }

    pub(super) fn grouped(&self) -> String {
        let text = self.as_str();
        [&text[..4], &text[4..8], &text[8..12], &text[12..]].join(" ")
    }

    pub(super) fn masked(&self) -> String {
        let text = self.as_str();
        format!("{} {}•• •••• ••{}", &text[..4], &text[4..6], &text[14..])
    }

    pub(super) fn last4(&self) -> &str {
        &self.as_str()[12..]
    }

    /// Two digits as a number, counted from zero.
    pub(super) fn pair(&self, at: usize) -> u8 {
        (self.0[at] - b'0') * 10 + (self.0[at + 1] - b'0')
    }

    /// The dates of the 1900s and 2000s that the month and year digits allow for this day, oldest first.
    pub(super) fn dates(&self, day: u8) -> impl Iterator<Item = Date> {
        let (month, year) = (self.pair(8), self.pair(10));
        [1900, 2000].into_iter().filter_map(move |century| {
            Date::new(century + i16::from(year), i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

//! The office itself: its code and its clock.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// Four digits of the Kemendagri region code of the kabupaten or kota, e.g. `3315` for Grobogan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficeCode(String);

/// A text that is not a region code of four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an office code is four digits, e.g. 3315")]
pub struct OfficeCodeError;

impl OfficeCode {
    /// Parses four ASCII digits.
    ///
    /// # Errors
    /// Anything else is refused.
    pub fn parse(text: &str) -> Result<Self, OfficeCodeError> {
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OfficeCodeError)
        }
    }

    /// Returns the digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OfficeCode {
    type Error = OfficeCodeError;

    fn try_from(text: String) -> Result<Self, OfficeCodeError> {
        Self::parse(&text)
    }
}

impl From<OfficeCode> for String {
    fn from(code: OfficeCode) -> Self {
        code.0
    }
}

impl fmt::Display for OfficeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of Indonesia's three time zones. None has daylight saving, so a fixed offset is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Zone {
    /// Waktu Indonesia Barat, UTC+7.
    #[default]
    #[serde(rename = "Asia/Jakarta")]
    Wib,
    /// Waktu Indonesia Tengah, UTC+8.
    #[serde(rename = "Asia/Makassar")]
    Wita,
    /// Waktu Indonesia Timur, UTC+9.
    #[serde(rename = "Asia/Jayapura")]
    Wit,
}

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

impl Zone {
    /// Returns the abbreviation printed beside a time.
    #[must_use]
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Wib => "WIB",
            Self::Wita => "WITA",
            Self::Wit => "WIT",
        }
    }

    const fn offset(self) -> Offset {
        Offset::constant(match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        })
    }

    /// Returns the local date and time of an instant.
    #[must_use]
    pub fn local(self, at: Timestamp) -> DateTime {
        self.offset().to_datetime(at)
    }

    /// Returns the instant at which a day begins; none at the very ends of time.
    #[must_use]
    pub fn begin_of(self, day: Date) -> Option<Timestamp> {
        self.offset().to_timestamp(day.to_datetime(Time::midnight())).ok()
    }

    /// Returns the business day of an instant: the local date.
    #[must_use]
    pub fn day(self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// Writes a time as Indonesian offices do: `08.31`.
    #[must_use]
    pub fn clock_text(self, at: Timestamp) -> String {
        let local = self.local(at);
        format!("{:02}.{:02}", local.hour(), local.minute())
    }

    /// Writes a date and time: `23 November 2026 08.31 WIB`.
    #[must_use]
    pub fn stamp_text(self, at: Timestamp) -> String {
        format!("{} {} {}", date_text(self.day(at)), self.clock_text(at), self.abbreviation())
    }
}

/// Names the weekday of a date: `Senin`.
#[must_use]
pub fn weekday_name(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Senin",
        Weekday::Tuesday => "Selasa",
        Weekday::Wednesday => "Rabu",
        Weekday::Thursday => "Kamis",
        Weekday::Friday => "Jumat",
        Weekday::Saturday => "Sabtu",
        Weekday::Sunday => "Minggu",
    }
}

/// Names the month of a date: `November`.
#[must_use]
pub fn month_name(date: Date) -> &'static str {
    MONTHS[usize::from(date.month().unsigned_abs()).saturating_sub(1).min(11)]
}

/// Writes a date: `23 November 2026`.
#[must_use]
pub fn date_text(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date), date.year())
}

/// Writes a date in few letters: `28 Nov`, and `28 Nov 2025` in another year than the one now.
#[must_use]
pub fn short_date_text(date: Date, today: Date) -> String {
    // The names of all months begin with their abbreviation.
    let month = &month_name(date)[..3];
    if date.year() == today.year() {
        format!("{} {month}", date.day())
    } else {
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// Writes a date with its weekday: `Senin, 23 November 2026`.
#[must_use]
pub fn long_date_text(date: Date) -> String {
    format!("{}, {}", weekday_name(date), date_text(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_day_starts_at_local_midnight() {
        let before: Timestamp = "2026-11-23T16:59:59Z".parse().expect("a timestamp");
        let after: Timestamp = "2026-11-23T17:00:00Z".parse().expect("a timestamp");
        assert_eq!(Zone::Wib.day(before).to_string(), "2026-11-23");
        assert_eq!(Zone::Wib.day(after).to_string(), "2026-11-24");
        assert_eq!(Zone::Wib.stamp_text(after), "24 November 2026 00.00 WIB");
        assert_eq!(long_date_text(Zone::Wib.day(before)), "Senin, 23 November 2026");
    }

    #[test]
    fn a_short_date_names_its_year_only_when_it_is_another() {
        let day = |year, month, day| Date::new(year, month, day).expect("a day");
        let today = day(2026, 12, 1);
        assert_eq!(short_date_text(day(2026, 11, 28), today), "28 Nov");
        assert_eq!(short_date_text(day(2025, 8, 3), today), "3 Agu 2025");
        let months = (1..=12).map(|month| short_date_text(day(2026, month, 1), today)).collect::<Vec<_>>();
        assert_eq!(months[4], "1 Mei");
        assert_eq!(months[11], "1 Des");
    }

    #[test]
    fn an_office_code_is_four_digits() {
        assert_eq!(OfficeCode::parse("3315").map(|c| c.to_string()), Ok("3315".to_owned()));
        for wrong in ["", "331", "33155", "33a5", "٣٣١٥"] {
            assert_eq!(OfficeCode::parse(wrong), Err(OfficeCodeError));
        }
    }
}

//! What somebody looks for in the archive, read from what they typed.
//!
//! An archive number, a NIK and a No KK tell themselves apart only as far as their digits do: nobody can see whether
//! sixteen digits are a person's or a family's, so they are looked for as both. Errors never repeat what was typed.

use jiff::civil::Date;

use super::archive::ArchiveNumber;
use super::nik::Nik;
use super::no_kk::NoKk;

/// Longest period of one search, in days, both ends included.
pub const PERIOD_DAYS_MAX: i32 = 366;
/// Digits of an archive number that was typed without its dash: a year and six more.
const NUMBER_DIGITS: usize = 10;
/// Digits of its year.
const YEAR_DIGITS: usize = 4;
/// Digits of a NIK and of a No KK.
const IDENTITY_DIGITS: usize = 16;
/// What people write before a number, or what a saved file is called; it says nothing that the digits do not say.
const FILLERS: [&str; 6] = ["arsip", "nomor", "no", "nik", "kk", "zip"];

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// One file.
    Number(ArchiveNumber),
    /// Sixteen digits, as a NIK and as a No KK.
    Identity {
        /// The digits as a NIK.
        nik: Nik,
        /// The same digits as a No KK.
        no_kk: NoKk,
    },
    /// Days of the register book, both included.
    Days {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
}

/// Why nothing can be looked for. Never carries what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SoughtFault {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// Something else than digits: a name, a ticket.
    #[error("only numbers can be looked for")]
    NotANumber,
    /// Digits, but as many as none of the three numbers has.
    #[error("no number of the archive has {digits} digits")]
    WrongLength {
        /// Digits found.
        digits: usize,
    },
    /// As long as an archive number, but no office ever gave it.
    #[error("there is no such archive number")]
    NoSuchNumber,
    /// Sixteen digits that nobody can have: all the same, or ending in 0000.
    #[error("nobody has this number of identity")]
    NoSuchIdentity,
    /// No first day.
    #[error("the first day is missing")]
    DayMissing,
    /// A text that is no day of the calendar.
    #[error("not a day of the calendar")]
    NotADay,
    /// The period ends before it begins.
    #[error("the period ends before it begins")]
    Backwards,
    /// Longer than [`PERIOD_DAYS_MAX`].
    #[error("the period is too long")]
    TooLong,
}

impl SoughtFault {
    /// Tells whether the fault is in the two fields for days.
    #[must_use]
    pub const fn is_about_days(self) -> bool {
        matches!(self, Self::DayMissing | Self::NotADay | Self::Backwards | Self::TooLong)
    }
}

impl Sought {
    /// Reads the one field into which officers type whatever number they hold.
    ///
    /// # Errors
    /// When it is none of the three numbers.
    pub fn typed(text: &str) -> Result<Self, SoughtFault> {
        let parts: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty() && !FILLERS.iter().any(|filler| part.eq_ignore_ascii_case(filler)))
            .collect();
        if parts.is_empty() {
            return Err(if text.trim().is_empty() { SoughtFault::Empty } else { SoughtFault::NotANumber });
        }
        if parts.iter().any(|part| !part.bytes().all(|b| b.is_ascii_digit())) {
            return Err(SoughtFault::NotANumber);
        }
        let digits = parts.concat();
        match parts[..] {
            [year, number] if year.len() == YEAR_DIGITS && number.len() <= NUMBER_DIGITS - YEAR_DIGITS => {
                Self::numbered(year, number)
            }
            _ if digits.len() == NUMBER_DIGITS => {
                let (year, number) = digits.split_at(YEAR_DIGITS);
                Self::numbered(year, number)
            }
            _ if digits.len() == IDENTITY_DIGITS => match (Nik::parse(&digits), NoKk::parse(&digits)) {
                (Ok(nik), Ok(no_kk)) => Ok(Self::Identity { nik, no_kk }),
                _ => Err(SoughtFault::NoSuchIdentity),
            },
            _ => Err(SoughtFault::WrongLength { digits: digits.len() }),
        }
    }

    fn numbered(year: &str, number: &str) -> Result<Self, SoughtFault> {
        format!("{year}-{number}").parse().map(Self::Number).map_err(|_| SoughtFault::NoSuchNumber)
    }

    /// Reads the two fields for days of the register book. Without a last day the first is the only one.
    ///
    /// # Errors
    /// When a day is missing or none of the calendar, or the period is backwards or too long.
    pub fn days(from: &str, to: &str) -> Result<Self, SoughtFault> {
        let (from, to) = (from.trim(), to.trim());
        if from.is_empty() {
            return Err(if to.is_empty() { SoughtFault::Empty } else { SoughtFault::DayMissing });
        }
        let first = day(from).ok_or(SoughtFault::NotADay)?;
        let last = if to.is_empty() { first } else { day(to).ok_or(SoughtFault::NotADay)? };
        match first.until(last).map(|span| span.get_days()) {
            Ok(days) if days < 0 => Err(SoughtFault::Backwards),
            Ok(days) if days < PERIOD_DAYS_MAX => Ok(Self::Days { from: first, to: last }),
            _ => Err(SoughtFault::TooLong),
        }
    }
}

/// Reads `2026-11-23`, as browsers send a day, or `23-11-2026`, as people write it where a browser shows no calendar.
fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if first.len() == YEAR_DIGITS { (first, last) } else { (last, first) };
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if year.len() != YEAR_DIGITS || !digits(year, YEAR_DIGITS) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_number_is_known_however_it_is_typed() {
        let number = ArchiveNumber::new(2026, 42).expect("a number");
        for text in [
            "2026-000042",
            " 2026-42 ",
            "2026 000042",
            "2026/42",
            "2026–000042",
            "2026000042",
            "Arsip 2026-000042",
            "arsip-2026-000042.zip",
            "No. 2026-000042",
        ] {
            assert_eq!(Sought::typed(text), Ok(Sought::Number(number)), "{text}");
        }
        for text in ["2026-0", "1999-000042", "2026000000"] {
            assert_eq!(Sought::typed(text), Err(SoughtFault::NoSuchNumber), "{text}");
        }
    }

    #[test]
    fn sixteen_digits_are_meant_both_ways() {
        for text in ["3315130101909001", "3315 1301 0190 9001", "3315-1301-0190-9001", "NIK: 3315.1301.0190.9001"] {
            let Ok(Sought::Identity { nik, no_kk }) = Sought::typed(text) else { panic!("{text}") };
            assert_eq!((nik.as_str(), no_kk.as_str()), ("3315130101909001", "3315130101909001"));
        }
        for text in ["1111111111111111", "3315130101900000"] {
            assert_eq!(Sought::typed(text), Err(SoughtFault::NoSuchIdentity), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_typed_is_named_for_what_it_is() {
        let faults = [
            ("", SoughtFault::Empty),
            (" \t ", SoughtFault::Empty),
            ("--", SoughtFault::NotANumber),
            ("nik", SoughtFault::NotANumber),
            ("Siti Contoh", SoughtFault::NotANumber),
            ("A-007", SoughtFault::NotANumber),
            ("٣٣١٥", SoughtFault::NotANumber),
            ("2026", SoughtFault::WrongLength { digits: 4 }),
            ("331513010190900", SoughtFault::WrongLength { digits: 15 }),
            ("33151301019090011", SoughtFault::WrongLength { digits: 17 }),
        ];
        for (text, fault) in faults {
            assert_eq!(Sought::typed(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn days_come_from_a_calendar_or_from_a_keyboard() {
        let date = |year, month, day| Date::new(year, month, day).expect("a day");
        let days = |from, to| Ok(Sought::Days { from, to });
        let first = date(2026, 11, 1);
        assert_eq!(Sought::days("2026-11-01", "2026-11-30"), days(first, date(2026, 11, 30)));
        assert_eq!(Sought::days("1/11/2026", "30.11.2026"), days(first, date(2026, 11, 30)));
        assert_eq!(Sought::days("2026-11-01", ""), days(first, first), "one day");
        assert_eq!(Sought::days("2024-01-01", "2024-12-31"), days(date(2024, 1, 1), date(2024, 12, 31)), "a leap year");
        let faults = [
            ("", "", SoughtFault::Empty),
            ("", "2026-11-01", SoughtFault::DayMissing),
            ("2026-02-30", "", SoughtFault::NotADay),
            ("kemarin", "", SoughtFault::NotADay),
            ("01-11-26", "", SoughtFault::NotADay),
            ("2026-11-01", "2026-11-3x", SoughtFault::NotADay),
            ("2026-11-02", "2026-11-01", SoughtFault::Backwards),
            ("2026-01-01", "2027-01-02", SoughtFault::TooLong),
        ];
        for (from, to, fault) in faults {
            assert_eq!(Sought::days(from, to), Err(fault), "{from} to {to}");
        }
    }
}

//! A KK that lies at the counter and that nobody collects: how long, and when its applicant is to be reminded.
//!
//! Days are business days of the office's calendar, not hours: what came on Monday evening lies for a day on Tuesday
//! morning. People remind people; nothing here sends anything.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A reminder is due after so many days.
pub const REMIND_AFTER_DAYS: [u16; 4] = [3, 7, 14, 30];

/// Counts the days a KK has lain at the counter; none while the clock says that it has not come yet.
#[must_use]
pub fn days_lying(since: Date, today: Date) -> u32 {
    since.until(today).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

/// Tells whether the applicant is to be reminded: one of [`REMIND_AFTER_DAYS`] has come, and nobody has reminded them
/// since that day.
#[must_use]
pub fn is_due(since: Date, last_reminder: Option<Date>, today: Date) -> bool {
    let lying = days_lying(since, today);
    let Some(step) = REMIND_AFTER_DAYS.into_iter().map(u32::from).rev().find(|days| *days <= lying) else {
        return false;
    };
    last_reminder.is_none_or(|reminded| reminded < since || days_lying(since, reminded) < step)
}

/// How somebody reminded an applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReminderWay {
    /// By telephone.
    #[serde(rename = "telepon")]
    Phone,
    /// By a written message from the officer's own phone.
    #[serde(rename = "pesan")]
    Message,
    /// In some other way, e.g. through the village.
    #[serde(rename = "lainnya")]
    Other,
}

/// A word that names no way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a way to remind: use telepon, pesan or lainnya")]
pub struct UnknownWay;

impl ReminderWay {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Phone, Self::Message, Self::Other];

    /// Returns the stable key, e.g. `telepon`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Phone => "telepon",
            Self::Message => "pesan",
            Self::Other => "lainnya",
        }
    }

    /// Returns the words for screens.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Phone => "Telepon",
            Self::Message => "Pesan",
            Self::Other => "Cara lain",
        }
    }
}

impl fmt::Display for ReminderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for ReminderWay {
    type Err = UnknownWay;

    fn from_str(text: &str) -> Result<Self, UnknownWay> {
        Self::ALL.into_iter().find(|way| way.key() == text).ok_or(UnknownWay)
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    fn day(after: i32) -> Date {
        Date::new(2026, 11, 23).expect("a day").checked_add(after.days()).expect("a day")
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(days_lying(day(0), day(0)), 0);
        assert_eq!(days_lying(day(0), day(1)), 1);
        assert_eq!(days_lying(day(0), day(400)), 400, "across a year");
        assert_eq!(days_lying(day(0), day(-3)), 0, "a clock that was set back");
    }

    #[test]
    fn a_reminder_is_due_on_four_days_and_until_somebody_reminds() {
        let due = |today, last: Option<i32>| is_due(day(0), last.map(day), day(today));
        for (today, expected) in [(0, false), (2, false), (3, true), (6, true), (7, true), (30, true), (365, true)] {
            assert_eq!(due(today, None), expected, "day {today}");
        }
        for (last, today, expected) in [
            // Too early a reminder does not count for the day that comes after it.
            (2, 3, true),
            (3, 3, false),
            (3, 6, false),
            (3, 7, true),
            (6, 7, true),
            (7, 13, false),
            (7, 14, true),
            (20, 29, false),
            (20, 30, true),
            (30, 365, false),
        ] {
            assert_eq!(due(today, Some(last)), expected, "reminded on day {last}, today is day {today}");
        }
        assert!(due(3, Some(-5)), "a reminder from before it came is none");
        assert!(!due(3, Some(9)), "a clock that was set back does not ask again");
    }

    #[test]
    fn ways_read_back() {
        for way in ReminderWay::ALL {
            assert_eq!(way.key().parse(), Ok(way));
            assert_eq!(serde_json::to_string(&way).expect("JSON"), format!("\"{way}\""));
        }
        assert_eq!("sms".parse::<ReminderWay>(), Err(UnknownWay));
    }
}

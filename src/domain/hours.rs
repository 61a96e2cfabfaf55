//! When the office serves: hours of each weekday, breaks, holidays. Data only; the words are made by the screens.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use serde::Deserialize;

/// The next opening is looked for on this many days after today.
pub const OPENING_DAYS_MAX: i64 = 60;
/// Most holidays that can be listed: some years of them.
pub const HOLIDAYS_MAX: usize = 200;
/// Longest name of a holiday, in characters: one line of a screen.
pub const HOLIDAY_NAME_MAX: usize = 60;
/// Longest time before closing without new tickets, in minutes.
pub const LAST_TICKET_MINUTES_MAX: u16 = 180;

/// A weekday without service.
const CLOSED: &str = "tutup";
/// A break that is not held.
const NO_BREAK: &str = "tidak ada";

/// Why hours are refused. The text names the key to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Neither two times nor a closed day.
    #[error("[hours] {0} must be two times like \"08.00-15.00\", the first one earlier, or \"tutup\"")]
    Day(&'static str),
    /// Neither two times nor no break.
    #[error("[hours] {0} must be two times like \"12.00-13.00\", the first one earlier, or \"tidak ada\"")]
    Break(&'static str),
    /// A break that begins or ends with the day, or reaches out of it.
    #[error("[hours] {pause} must begin after {day} opens and end before it closes, or lie outside its hours")]
    BreakCrosses {
        /// Key of the break.
        pause: &'static str,
        /// Key of the day.
        day: &'static str,
    },
    /// No day is open.
    #[error("[hours] every day is \"tutup\"; leave the whole section out to be always open")]
    NeverOpen,
    /// No ticket could be had between an opening, or the end of a break, and the closing.
    #[error("[hours] last_ticket_minutes must be at most 180 and leave time to take a ticket on {0}")]
    LastTicket(&'static str),
    /// Not a date and a name.
    #[error("[hours] holidays: entry {0} must be a date and a name like \"2027-01-01 Tahun Baru\"")]
    Holiday(usize),
    /// One date twice.
    #[error("[hours] holidays: {0} is listed twice")]
    HolidayTwice(Date),
    /// More holidays than the limit.
    #[error("[hours] holidays: at most 200 can be listed")]
    Holidays,
}

/// The section `[hours]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    monday: String,
    tuesday: String,
    wednesday: String,
    thursday: String,
    friday: String,
    saturday: String,
    sunday: String,
    #[serde(rename = "break")]
    pause: String,
    friday_break: String,
    last_ticket_minutes: u16,
    holidays: Vec<String>,
}

impl Default for Written {
    fn default() -> Self {
        let (open, closed) = ("08.00-15.00".to_owned(), CLOSED.to_owned());
        Self {
            monday: open.clone(),
            tuesday: open.clone(),
            wednesday: open.clone(),
            thursday: open.clone(),
            friday: open,
            saturday: closed.clone(),
            sunday: closed,
            pause: NO_BREAK.to_owned(),
            // The Friday prayer.
            friday_break: "11.30-13.00".to_owned(),
            last_ticket_minutes: 15,
            holidays: Vec::new(),
        }
    }
}

/// From one time until before another, on one day. Written `12.00-13.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ClockSpan {
    from: Time,
    to: Time,
}

impl ClockSpan {
    /// Reads `08.00-15.00`.
    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (clock(from)?, clock(to)?);
        (from < to).then_some(Self { from, to })
    }

    /// Whether it is within.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        self.from <= time && time < self.to
    }
}

impl TryFrom<String> for ClockSpan {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a span of the day is written 12.00-13.00")
    }
}

/// Reads `08.00`: two digits, a dot, two digits.
fn clock(text: &str) -> Option<Time> {
    let two = |text: &str| -> Option<i8> {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
    };
    let (hour, minute) = text.split_once('.')?;
    Time::new(two(hour)?, two(minute)?, 0, 0).ok()
}

/// The service of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    open: ClockSpan,
    pause: Option<ClockSpan>,
    /// From here on no ticket is given.
    last_ticket: Time,
}

impl Day {
    /// Reads a weekday; none when it is closed.
    fn parse(
        key: &'static str,
        text: &str,
        (pause_key, pause): (&'static str, Option<ClockSpan>),
        last_ticket_minutes: u16,
    ) -> Result<Option<Self>, HoursError> {
        if text == CLOSED {
            return Ok(None);
        }
        let open = ClockSpan::parse(text).ok_or(HoursError::Day(key))?;
        // A short day may end before the break begins.
        let pause = pause.filter(|pause| pause.from < open.to && open.from < pause.to);
        if pause.is_some_and(|pause| pause.from <= open.from || open.to <= pause.to) {
            return Err(HoursError::BreakCrosses { pause: pause_key, day: key });
        }
        let last_opening = pause.map_or(open.from, |pause| pause.to);
        let last_ticket = open.to.checked_sub(i64::from(last_ticket_minutes).minutes()).ok();
        match last_ticket.filter(|last| last_opening < *last && last_ticket_minutes <= LAST_TICKET_MINUTES_MAX) {
            Some(last_ticket) => Ok(Some(Self { open, pause, last_ticket })),
            None => Err(HoursError::LastTicket(key)),
        }
    }
}

/// When the office serves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct OfficeHours {
    /// Monday first.
    week: [Option<Day>; 7],
    holidays: BTreeMap<Date, String>,
}

impl TryFrom<Written> for OfficeHours {
    type Error = HoursError;

    fn try_from(written: Written) -> Result<Self, HoursError> {
        let usual = ("break", read_break("break", &written.pause)?);
        let friday = ("friday_break", read_break("friday_break", &written.friday_break)?);
        let day = |key, text: &str, pause| Day::parse(key, text, pause, written.last_ticket_minutes);
        let week = [
            day("monday", &written.monday, usual)?,
            day("tuesday", &written.tuesday, usual)?,
            day("wednesday", &written.wednesday, usual)?,
            day("thursday", &written.thursday, usual)?,
            day("friday", &written.friday, friday)?,
            day("saturday", &written.saturday, usual)?,
            day("sunday", &written.sunday, usual)?,
        ];
        if week.iter().all(Option::is_none) {
            return Err(HoursError::NeverOpen);
        }
        if written.holidays.len() > HOLIDAYS_MAX {
            return Err(HoursError::Holidays);
        }
        let mut holidays = BTreeMap::new();
        for (place, entry) in written.holidays.iter().enumerate() {
            let (date, name) = read_holiday(entry).ok_or(HoursError::Holiday(place + 1))?;
            if holidays.insert(date, name).is_some() {
                return Err(HoursError::HolidayTwice(date));
            }
        }
        Ok(Self { week, holidays })
    }
}

fn read_break(key: &'static str, text: &str) -> Result<Option<ClockSpan>, HoursError> {
    if text == NO_BREAK { Ok(None) } else { ClockSpan::parse(text).map(Some).ok_or(HoursError::Break(key)) }
}

/// Reads `2027-01-01 Tahun Baru`.
fn read_holiday(entry: &str) -> Option<(Date, String)> {
    let (date, name) = entry.split_once(' ')?;
    // The library reads more forms of a date than people should write here.
    let date = date.parse::<Date>().ok().filter(|read| read.to_string() == date)?;
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= HOLIDAY_NAME_MAX && !name.chars().any(char::is_control);
    fits.then(|| (date, name.to_owned()))
}

/// What the office does at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// Counters serve and tickets are given.
    Open {
        /// When the break begins or the office closes.
        until: Time,
    },
    /// Counters serve those who have a ticket; no more tickets today.
    ClosingSoon {
        /// When the office closes.
        until: Time,
    },
    /// Counters rest; who takes a ticket now is served afterwards.
    Break {
        /// When the counters serve again.
        until: Time,
    },
    /// Before opening, after closing, or a weekday without service.
    Closed {
        /// The next opening; none within [`OPENING_DAYS_MAX`] days.
        opens: Option<DateTime>,
    },
    /// A listed holiday, all day long.
    Holiday {
        /// Its name, as the office wrote it.
        name: String,
        /// The next opening; none within [`OPENING_DAYS_MAX`] days.
        opens: Option<DateTime>,
    },
}

impl ServiceState {
    /// Whether the kiosk gives tickets: while open, and in a break, so that people need not stand in line for it.
    #[must_use]
    pub const fn gives_tickets(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Break { .. })
    }
}

impl OfficeHours {
    /// Returns what the office does at a local date and time.
    #[must_use]
    pub fn state(&self, now: DateTime) -> ServiceState {
        let time = now.time();
        if let Some(name) = self.holidays.get(&now.date()) {
            return ServiceState::Holiday { name: name.clone(), opens: self.next_opening(now) };
        }
        let Some(day) = self.day(now.date()).filter(|day| day.open.contains(time)) else {
            return ServiceState::Closed { opens: self.next_opening(now) };
        };
        match day.pause {
            Some(pause) if pause.contains(time) => ServiceState::Break { until: pause.to },
            Some(pause) if time < pause.from => ServiceState::Open { until: pause.from },
            _ if time < day.last_ticket => ServiceState::Open { until: day.open.to },
            _ => ServiceState::ClosingSoon { until: day.open.to },
        }
    }

    /// Returns the first opening of a day after this moment; none within [`OPENING_DAYS_MAX`] days.
    #[must_use]
    pub fn next_opening(&self, now: DateTime) -> Option<DateTime> {
        (0..=OPENING_DAYS_MAX)
            .map_while(|days| now.date().checked_add(days.days()).ok())
            .filter(|date| !self.holidays.contains_key(date))
            .filter_map(|date| self.day(date).map(|day| date.to_datetime(day.open.from)))
            .find(|opening| *opening > now)
    }

    fn day(&self, date: Date) -> Option<&Day> {
        let monday_first = date.weekday().to_monday_zero_offset();
        self.week.get(usize::from(monday_first.unsigned_abs()))?.as_ref()
    }
}

#[cfg(test)]
mod tests;

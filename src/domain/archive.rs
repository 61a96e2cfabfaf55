//! The archive of finished cases: its numbers, and the places of their papers on the shelf.
//!
//! Both run in unbroken series for each office and year. Nothing here knows who a case is about.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Most files of one year: six digits.
const NUMBER_MAX: u32 = 999_999;
/// Years that a number may name.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2999;

/// Number of an archived case, e.g. `2026-000042`: the 42nd file of that year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ArchiveNumber {
    year: i16,
    number: u32,
}

impl ArchiveNumber {
    /// Makes a number from a year and a place in its series.
    ///
    /// # Errors
    /// Refuses a year that is not of this millennium's count, and a number outside 1 to 999999.
    pub fn new(year: i16, number: u32) -> Result<Self, ArchiveNumberError> {
        if YEARS.contains(&year) && (1..=NUMBER_MAX).contains(&number) {
            Ok(Self { year, number })
        } else {
            Err(ArchiveNumberError)
        }
    }

    /// Returns the year.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Returns the place in the year's series, from 1.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }
}

impl fmt::Display for ArchiveNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", self.year, self.number)
    }
}

impl TryFrom<String> for ArchiveNumber {
    type Error = ArchiveNumberError;

    fn try_from(text: String) -> Result<Self, ArchiveNumberError> {
        text.parse()
    }
}

impl From<ArchiveNumber> for String {
    fn from(number: ArchiveNumber) -> Self {
        number.to_string()
    }
}

/// A text that is no archive number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an archive number: write it as 2026-000042")]
pub struct ArchiveNumberError;

impl FromStr for ArchiveNumber {
    type Err = ArchiveNumberError;

    fn from_str(text: &str) -> Result<Self, ArchiveNumberError> {
        let (year, number) = text.trim().split_once('-').ok_or(ArchiveNumberError)?;
        // `parse` alone would also take a plus sign.
        let digits =
            |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(number, 6) {
            return Err(ArchiveNumberError);
        }
        Self::new(year.parse().map_err(|_| ArchiveNumberError)?, number.parse().map_err(|_| ArchiveNumberError)?)
    }
}

/// Where the papers of a case lie. Boxes are counted through the year, racks too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShelfPlace {
    /// Rack of the year, from 1.
    pub rack: u32,
    /// Box of the year, from 1.
    pub r#box: u32,
}

impl fmt::Display for ShelfPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rak {} / Boks {}", self.rack, self.r#box)
    }
}

/// How an office fills its shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelving {
    /// Files in one box.
    pub files_per_box: NonZeroU16,
    /// Boxes in one rack.
    pub boxes_per_rack: NonZeroU16,
}

impl Shelving {
    /// Returns the place of the next file: the last box while it has room, else the next one. What is filed stays where
    /// it is when the office takes other boxes.
    ///
    /// `last` is the place of the year's last file, how many files its box holds, and how many boxes its rack.
    #[must_use]
    pub fn next(self, last: Option<Filled>) -> ShelfPlace {
        let Some(Filled { place, files_in_box, boxes_in_rack }) = last else { return ShelfPlace { rack: 1, r#box: 1 } };
        if files_in_box < u32::from(self.files_per_box.get()) {
            return place;
        }
        let rack = place.rack + u32::from(boxes_in_rack >= u32::from(self.boxes_per_rack.get()));
        ShelfPlace { rack, r#box: place.r#box + 1 }
    }
}

/// How far a year's shelf is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// Place of the last file.
    pub place: ShelfPlace,
    /// Files in its box.
    pub files_in_box: u32,
    /// Boxes begun in its rack.
    pub boxes_in_rack: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_and_nothing_else_does() {
        let number = ArchiveNumber::new(2026, 42).expect("a number");
        assert_eq!(number.to_string(), "2026-000042");
        assert_eq!("2026-000042".parse(), Ok(number));
        assert_eq!(" 2026-42 ".parse(), Ok(number), "as somebody types it");
        for wrong in
            ["", "2026", "2026-", "-42", "2026-0", "2026-1000000", "2026-+42", "20261-42", "1999-1", "a-b", "٢-٣"]
        {
            assert_eq!(wrong.parse::<ArchiveNumber>(), Err(ArchiveNumberError), "{wrong}");
        }
    }

    #[test]
    fn boxes_and_racks_fill_up_in_order() {
        let shelving = |files, boxes| Shelving {
            files_per_box: NonZeroU16::new(files).expect("not zero"),
            boxes_per_rack: NonZeroU16::new(boxes).expect("not zero"),
        };
        let place = |rack, r#box| ShelfPlace { rack, r#box };
        let filled = |place, files_in_box, boxes_in_rack| Some(Filled { place, files_in_box, boxes_in_rack });
        assert_eq!(shelving(50, 20).next(None), place(1, 1));
        assert_eq!(shelving(50, 20).next(filled(place(1, 1), 49, 1)), place(1, 1));
        assert_eq!(shelving(50, 20).next(filled(place(1, 1), 50, 1)), place(1, 2));
        assert_eq!(shelving(50, 20).next(filled(place(1, 20), 50, 20)), place(2, 21));
        assert_eq!(shelving(10, 20).next(filled(place(1, 3), 50, 3)), place(1, 4), "smaller boxes from now on");
        assert_eq!(shelving(80, 20).next(filled(place(1, 3), 50, 3)), place(1, 3), "larger boxes");
        assert_eq!(place(2, 21).to_string(), "Rak 2 / Boks 21");
    }
}

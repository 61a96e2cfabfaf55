//! Which case an officer looks for, read from what they typed: a ticket number, an archive number, or sixteen digits.
//!
//! The archive's rule for numbers holds here too: sixteen digits are meant as a NIK and as a No KK, and errors never
//! repeat what was typed.

use super::archive::ArchiveNumber;
use super::archive_search::{Sought, SoughtFault};
use super::nik::Nik;
use super::no_kk::NoKk;
use super::ticket::{Series, TicketNumber};

/// Digits of a ticket number.
const TICKET_DIGITS_MAX: usize = 4;
/// What people write before a ticket number.
const FILLERS: [&str; 4] = ["nomor", "antrean", "no", "tiket"];

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The case of a ticket.
    Ticket(TicketNumber),
    /// A filed case.
    Archive(ArchiveNumber),
    /// Sixteen digits, as a NIK and as a No KK.
    Identity {
        /// The digits as a NIK.
        nik: Nik,
        /// The same digits as a No KK.
        no_kk: NoKk,
    },
}

impl Wanted {
    /// Reads the one field into which an officer types whatever number the person before them holds.
    ///
    /// # Errors
    /// When it is none of these numbers.
    pub fn typed(text: &str) -> Result<Self, SoughtFault> {
        if let Some(number) = ticket(text) {
            return Ok(Self::Ticket(number));
        }
        match Sought::typed(text)? {
            Sought::Number(number) => Ok(Self::Archive(number)),
            Sought::Identity { nik, no_kk } => Ok(Self::Identity { nik, no_kk }),
            Sought::Days { .. } => Err(SoughtFault::NotANumber),
        }
    }
}

/// Reads `A-007` as people type it: in small letters, without the dash, without the zeros in front.
fn ticket(text: &str) -> Option<TicketNumber> {
    let joined: String = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !FILLERS.iter().any(|filler| part.eq_ignore_ascii_case(filler)))
        .collect();
    let (letter, digits) = joined.split_at_checked(1)?;
    let is_number = (1..=TICKET_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let series = Series::parse(&letter.to_ascii_uppercase()).ok().filter(|_| is_number)?;
    TicketNumber::new(series, digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_known_however_it_is_typed() {
        let number: TicketNumber = "A-007".parse().expect("a number");
        for text in ["A-007", "a-007", "A007", "a7", " A 7 ", "Nomor A-007", "no. antrean a.007"] {
            assert_eq!(Wanted::typed(text), Ok(Wanted::Ticket(number)), "{text}");
        }
        for text in ["A", "A-0", "A-00000", "AB-007", "7", "Ä7", "A-7x"] {
            assert!(!matches!(Wanted::typed(text), Ok(Wanted::Ticket(_))), "{text}");
        }
    }

    #[test]
    fn the_other_numbers_are_the_archives() {
        let number = ArchiveNumber::new(2026, 42).expect("a number");
        assert_eq!(Wanted::typed("2026-000042"), Ok(Wanted::Archive(number)));
        let Ok(Wanted::Identity { nik, no_kk }) = Wanted::typed("3315 1301 0190 9001") else { panic!("two meanings") };
        assert_eq!((nik.as_str(), no_kk.as_str()), ("3315130101909001", "3315130101909001"));
        let faults = [
            ("", SoughtFault::Empty),
            ("Siti Contoh", SoughtFault::NotANumber),
            ("331513010190900", SoughtFault::WrongLength { digits: 15 }),
            ("1111111111111111", SoughtFault::NoSuchIdentity),
        ];
        for (text, fault) in faults {
            assert_eq!(Wanted::typed(text), Err(fault), "{text}");
        }
    }
}

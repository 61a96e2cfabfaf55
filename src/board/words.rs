//! How a call is read aloud in the hall. `{}` stands for the number and then for the counter.

use crate::domain::language::Language;
use crate::domain::ticket::{Queue, TicketNumber};
use crate::station::voice::cardinal;
use crate::words;

/// The first call.
pub const FIRST: &str = "Nomor antrean {}, silakan menuju {}";
/// A call that was made before.
pub const AGAIN: &str = "Panggilan ulang. Nomor antrean {}, silakan menuju {}";
/// The last one before the number is passed over.
pub const LAST: &str = "Panggilan terakhir. Nomor antrean {}, silakan menuju {}";
/// Somebody's KK lies at the counter.
pub const PICKUP: &str = "Nomor antrean {}, Kartu Keluarga Anda sudah siap. Silakan menuju {}";
/// What a counter is called.
pub const COUNTER: &str = "loket";

/// Every source text, for whoever translates.
pub const ALL: &[&str] = &[FIRST, AGAIN, LAST, PICKUP, COUNTER];

/// Which call of a number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallForm {
    /// The first.
    First,
    /// One more.
    Again,
    /// The last.
    Last,
}

/// The sentence of a call, still with the number as it is printed: the voice knows how to read one.
#[must_use]
pub fn call(form: CallForm, number: TicketNumber, queue: Queue, counter: &str, language: Language) -> String {
    let text = match (form, queue) {
        (CallForm::First, Queue::Pickup) => PICKUP,
        (CallForm::First, Queue::Verification) => FIRST,
        (CallForm::Again, _) => AGAIN,
        (CallForm::Last, _) => LAST,
    };
    let counter = counter_words(counter, language);
    words::of(language, text).replacen("{}", &number.to_string(), 1).replacen("{}", &counter, 1) + "."
}

/// `Loket 12` as it is said: its number in words, its name in the language of the call.
fn counter_words(counter: &str, language: Language) -> String {
    let said = |part: &str| match part.parse::<u16>() {
        Ok(number) => cardinal(number, language),
        Err(_) if part.eq_ignore_ascii_case(COUNTER) => words::of(language, COUNTER).to_owned(),
        Err(_) => part.to_owned(),
    };
    counter.split_whitespace().map(said).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::station::voice::spoken;

    fn heard(form: CallForm, number: &str, queue: Queue, counter: &str, language: Language) -> String {
        spoken(&call(form, number.parse().unwrap(), queue, counter, language), language)
    }

    #[test]
    fn a_number_is_read_digit_by_digit_and_a_counter_as_a_number() {
        let id = Language::Indonesian;
        assert_eq!(
            heard(CallForm::First, "A-001", Queue::Verification, "Loket 2", id),
            "Nomor antrean A, nol nol satu, silakan menuju loket dua."
        );
        assert_eq!(
            heard(CallForm::Again, "R-105", Queue::Verification, "Loket 12", id),
            "Panggilan ulang. Nomor antrean R, satu nol lima, silakan menuju loket dua belas."
        );
        assert_eq!(
            heard(CallForm::Last, "K-1010", Queue::Pickup, "Loket 21", id),
            "Panggilan terakhir. Nomor antrean K, satu nol satu nol, silakan menuju loket dua puluh satu."
        );
        assert_eq!(
            heard(CallForm::First, "A-010", Queue::Pickup, "Loket 1", id),
            "Nomor antrean A, nol satu nol, Kartu Keluarga Anda sudah siap. Silakan menuju loket satu."
        );
        assert_eq!(
            heard(CallForm::First, "A-010", Queue::Verification, "Meja Prioritas", id),
            "Nomor antrean A, nol satu nol, silakan menuju Meja Prioritas."
        );
    }

    #[test]
    fn the_javanese_call_is_krama() {
        assert_eq!(
            heard(CallForm::First, "A-001", Queue::Verification, "Loket 2", Language::Javanese),
            "Nomer antrean A, nol nol setunggal, kula aturi tumuju loket kalih."
        );
    }
}

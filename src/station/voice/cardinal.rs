//! Small numbers in words, as one says how many or which one: a counter is "loket dua belas", not "satu dua".

use super::spoken::digit_words;
use crate::domain::language::Language;

/// Numbers from here on are left to the speech program.
const END: u16 = 1_000;

/// A number in words; what is beyond 999, and what Javanese needs beyond 99, stays in digits.
#[must_use]
pub fn cardinal(number: u16, language: Language) -> String {
    match language {
        Language::Indonesian if number < END => indonesian(number),
        Language::Javanese if number < 100 => krama(number),
        _ => number.to_string(),
    }
}

fn indonesian(number: u16) -> String {
    let digit = |number: u16| digit_words(Language::Indonesian)[usize::from(number)];
    match number {
        0..=9 => digit(number).to_owned(),
        10 => "sepuluh".to_owned(),
        11 => "sebelas".to_owned(),
        12..=19 => format!("{} belas", digit(number - 10)),
        20..=99 => with_rest(format!("{} puluh", digit(number / 10)), number % 10, indonesian),
        100..=199 => with_rest("seratus".to_owned(), number - 100, indonesian),
        _ => with_rest(format!("{} ratus", digit(number / 100)), number % 100, indonesian),
    }
}

fn krama(number: u16) -> String {
    let digit = |number: u16| digit_words(Language::Javanese)[usize::from(number)];
    // Before "welas" and "dasa" some digits are short.
    let short = |number: u16| match number {
        3 => "tigang",
        4 => "kawan",
        8 => "wolung",
        9 => "sangang",
        other => digit(other),
    };
    match number {
        0..=9 => digit(number).to_owned(),
        10 => "sedasa".to_owned(),
        11 => "sewelas".to_owned(),
        12..=19 => format!("{} welas", short(number - 10)),
        _ => with_rest(format!("{} dasa", short(number / 10)), number % 10, krama),
    }
}

fn with_rest(words: String, rest: u16, say: impl Fn(u16) -> String) -> String {
    if rest == 0 { words } else { format!("{words} {}", say(rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indonesian_numbers_are_said_as_in_school() {
        for (number, words) in [
            (0, "nol"),
            (1, "satu"),
            (10, "sepuluh"),
            (11, "sebelas"),
            (12, "dua belas"),
            (19, "sembilan belas"),
            (20, "dua puluh"),
            (21, "dua puluh satu"),
            (100, "seratus"),
            (101, "seratus satu"),
            (111, "seratus sebelas"),
            (999, "sembilan ratus sembilan puluh sembilan"),
            (1000, "1000"),
        ] {
            assert_eq!(cardinal(number, Language::Indonesian), words);
        }
    }

    #[test]
    fn javanese_numbers_are_krama() {
        for (number, words) in [
            (2, "kalih"),
            (10, "sedasa"),
            (11, "sewelas"),
            (12, "kalih welas"),
            (21, "kalih dasa setunggal"),
            (100, "100"),
        ] {
            assert_eq!(cardinal(number, Language::Javanese), words);
        }
        assert_eq!(cardinal(7, Language::English), "7");
    }

    #[test]
    fn every_number_has_words_of_its_own() {
        let all: std::collections::BTreeSet<_> =
            (0..END).map(|number| cardinal(number, Language::Indonesian)).collect();
        assert_eq!(all.len(), usize::from(END));
        let krama: std::collections::BTreeSet<_> =
            (0..100).map(|number| cardinal(number, Language::Javanese)).collect();
        assert_eq!(krama.len(), 100);
    }
}

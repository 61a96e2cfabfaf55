//! Written text becomes text that a speech program reads as an office reads it aloud.
//!
//! A speech program reads `A-001` as a letter and a number with a dash, and a NIK as three quadrillion. Here numbers
//! that name something (tickets, codes, NIK, No KK) become single digits, abbreviations become letters, and signs that
//! only the eye uses disappear. Amounts stay as they are: how many is read as a number. Nothing here reads the clock.

use crate::domain::language::Language;

/// From this many digits on a number names something and is not an amount.
const NAME_DIGITS_MIN: usize = 5;
/// Digits of one breath.
const GROUP_DIGITS: usize = 4;
/// What covers digits, once it is one sign.
const HIDDEN: &str = "*";
/// Longest token that can be a code; beyond it is a word.
const CODE_CHARS_MAX: usize = 40;

/// Abbreviations read letter by letter in every language.
const LETTERS: &[&str] =
    &["NIK", "KK", "KTP", "QR", "RT", "RW", "WNI", "WNA", "SOP", "TTE", "IKD", "KIA", "UU", "SPTJM", "SKPWNI"];

/// Turns written text into text for the ear.
///
/// # Examples
/// `A-001` becomes `A, nol nol satu`; `3315 1301` becomes `tiga tiga satu lima, satu tiga nol satu`; `KTP-el` becomes
/// `K T P elektronik`; `12 dokumen` stays.
#[must_use]
pub fn spoken(text: &str, language: Language) -> String {
    let text = plain(text, language);
    let tokens: Vec<Token<'_>> = text.split_whitespace().map(Token::cut).collect();
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let group = groups(&tokens[at..]);
        let (words, taken) = if group > 1 {
            let part = |token: &Token<'_>| match token.core {
                HIDDEN => hidden(language).to_owned(),
                number => digits(number, language),
            };
            let parts: Vec<_> = tokens[at..at + group].iter().map(part).collect();
            (parts.join(", "), group)
        } else {
            (word(token.core, tokens.get(at + 1), language), 1)
        };
        let after = tokens[at + taken - 1].after;
        // The dot of "No." is none of a sentence.
        let pause = if matches!(words.as_str(), "nomor" | "nomer" | "number") { "" } else { after };
        append(&mut out, &words, pause);
        at += taken;
    }
    out.trim_start_matches([',', '.', ';', ':', ' ']).to_owned()
}

fn append(out: &mut String, words: &str, pause: &str) {
    if !words.is_empty() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(words);
    }
    // One pause is enough.
    if let Some(pause) = pause.chars().next()
        && !out.ends_with(['.', ',', ';', ':', '!', '?'])
    {
        out.push(pause);
    }
}

/// The text without signs that only the eye uses. Two or more signs that cover digits become [`HIDDEN`].
fn plain(text: &str, language: Language) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        if covers(sign) {
            let mut covered = 1;
            // Several hidden groups are one.
            while let Some(next) = rest.next_if(|next| covers(*next) || *next == ' ') {
                covered += usize::from(covers(next));
            }
            out.push(' ');
            if covered > 1 {
                out.push_str(HIDDEN);
                out.push(' ');
            }
            before = ' ';
            continue;
        }
        let after = rest.peek().copied().unwrap_or(' ');
        match sign {
            '/' if before.is_alphabetic() && after.is_alphabetic() => out.push_str(or(language)),
            '–' | '—' => out.push_str(" , "),
            '-' if before.is_whitespace() && after.is_whitespace() => out.push_str(" , "),
            // A dash inside a word or a code: the tokens decide.
            '-' | '.' | ',' | ':' | ';' | '!' | '?' | '%' | '\'' | '/' => out.push(sign),
            '’' => out.push('\''),
            _ if sign.is_alphanumeric() => out.push(sign),
            _ => out.push(' '),
        }
        before = sign;
    }
    out
}

fn covers(sign: char) -> bool {
    matches!(sign, '•' | '●' | '*')
}

/// A token without the punctuation around it.
struct Token<'a> {
    before: &'a str,
    core: &'a str,
    after: &'a str,
}

impl<'a> Token<'a> {
    fn cut(text: &'a str) -> Self {
        let edge = |sign: char| !sign.is_alphanumeric() && !matches!(sign, '*' | '%');
        let (before, rest) = text.split_at(text.len() - text.trim_start_matches(edge).len());
        let core = rest.trim_end_matches(edge);
        let (before, after) = if core.is_empty() { ("", text) } else { (before, &rest[core.len()..]) };
        Self { before, core, after: after.trim_start_matches(['-', '/', '\'']) }
    }

    fn is_digits(&self) -> bool {
        !self.core.is_empty() && self.core.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// How many tokens from the first on are the groups of one long number: four digits or hidden ones each, and fewer at
/// the end or beside hidden ones. No number is 0.
fn groups(tokens: &[Token<'_>]) -> usize {
    let is_group = |token: &Token<'_>| token.is_digits() && token.core.len() <= GROUP_DIGITS || token.core == HIDDEN;
    let mut count = 0;
    for (at, token) in tokens.iter().enumerate() {
        let starts = token.core.len() == GROUP_DIGITS || token.core == HIDDEN;
        if !is_group(token) || (at == 0 && !starts) || (at > 0 && !token.before.is_empty()) {
            break;
        }
        count += 1;
        let hidden_follows = tokens.get(at + 1).is_some_and(|next| next.core == HIDDEN);
        let ends = token.is_digits() && token.core.len() < GROUP_DIGITS && !hidden_follows;
        if ends || !token.after.is_empty() {
            break;
        }
    }
    count
}

fn word(core: &str, next: Option<&Token<'_>>, language: Language) -> String {
    if core == HIDDEN {
        return hidden(language).to_owned();
    }
    if let Some(words) = known(core, next, language) {
        return words;
    }
    if core.len() > CODE_CHARS_MAX {
        return core.to_owned();
    }
    if let Some(time) = time(core, language) {
        return time;
    }
    if is_thousands(core) {
        return core.replace('.', "");
    }
    if core.bytes().all(|byte| byte.is_ascii_digit()) {
        let amount = core.len() < NAME_DIGITS_MIN && !(core.len() > 1 && core.starts_with('0'));
        return if amount { core.to_owned() } else { digits(core, language) };
    }
    if is_code(core) { code(core, language) } else { core.to_owned() }
}

/// Words of the office that no speech program knows.
fn known(core: &str, next: Option<&Token<'_>>, language: Language) -> Option<String> {
    let number_follows = next.is_some_and(|next| next.core.starts_with(|sign: char| sign.is_ascii_digit()));
    let own = match (core, language) {
        ("KTP-el" | "KTP-EL", Language::English) => "electronic K T P",
        ("KTP-el" | "KTP-EL", _) => "K T P elektronik",
        ("WIB", Language::English) => "western Indonesia time",
        ("WIB", _) => "waktu Indonesia barat",
        ("No" | "no", Language::Indonesian) => "nomor",
        ("No" | "no", Language::Javanese) => "nomer",
        ("No" | "no", Language::English) if number_follows => "number",
        _ => {
            return LETTERS.contains(&core).then(|| letters(core));
        }
    };
    Some(own.to_owned())
}

/// A time of day, written with a dot or a colon: `08.30`.
fn time(core: &str, language: Language) -> Option<String> {
    let (hour, minute) = core.split_once(['.', ':'])?;
    let number = |text: &str, max: u8| {
        let shaped = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| shaped && *number <= max)
    };
    let (hour, minute) = (number(hour, 24)?, number(minute, 59)?);
    Some(match (minute, language) {
        (0, Language::English) => format!("{hour} o'clock"),
        (0, _) => hour.to_string(),
        (1..=9, Language::English) => format!("{hour} oh {minute}"),
        (1..=9, _) => format!("{hour} lewat {minute}"),
        _ => format!("{hour} {minute}"),
    })
}

/// An amount with dots between its thousands: `1.088.517`.
fn is_thousands(core: &str) -> bool {
    let mut groups = core.split('.');
    let whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && whole(first));
    let mut more = groups.peekable();
    first && more.peek().is_some() && more.all(|group| group.len() == 3 && whole(group))
}

/// Tickets, codes for typing and form numbers: capitals and digits, with dashes or dots. A code for typing can be without
/// a digit by chance: four, four and three signs.
fn is_code(core: &str) -> bool {
    let typed = || core.split('-').map(str::len).eq([4, 4, 3]);
    (core.bytes().any(|byte| byte.is_ascii_digit()) || typed())
        && core.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// Each sign of a code by itself, with a pause at each dash and after each letter in front of digits.
fn code(core: &str, language: Language) -> String {
    let parts = core.split('-').filter(|part| !part.is_empty());
    let spelled = |part: &str| part.chars().map(|sign| name(sign, language)).collect::<Vec<_>>().join(" ");
    let parts: Vec<_> = parts.map(spelled).collect();
    parts.join(", ")
}

fn name(sign: char, language: Language) -> String {
    match sign.to_digit(10) {
        Some(digit) => digit_words(language)[digit as usize].to_owned(),
        None if sign == '.' => point(language).to_owned(),
        None => sign.to_string(),
    }
}

fn letters(word: &str) -> String {
    word.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// Digits one by one, with a pause after each four.
fn digits(number: &str, language: Language) -> String {
    let words: Vec<_> = number.chars().map(|digit| name(digit, language)).collect();
    words.chunks(GROUP_DIGITS).map(|group| group.join(" ")).collect::<Vec<_>>().join(", ")
}

pub(super) const fn digit_words(language: Language) -> [&'static str; 10] {
    match language {
        Language::Indonesian => ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"],
        // Krama, as one speaks to a guest.
        Language::Javanese => {
            ["nol", "setunggal", "kalih", "tiga", "sekawan", "gangsal", "enem", "pitu", "wolu", "sanga"]
        }
        Language::English => ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    }
}

const fn or(language: Language) -> &'static str {
    match language {
        Language::Indonesian => " atau ",
        Language::Javanese => " utawi ",
        Language::English => " or ",
    }
}

const fn point(language: Language) -> &'static str {
    match language {
        Language::English => "point",
        Language::Indonesian | Language::Javanese => "titik",
    }
}

const fn hidden(language: Language) -> &'static str {
    match language {
        Language::Indonesian => "disembunyikan",
        Language::Javanese => "dipunsingidaken",
        Language::English => "hidden",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> String {
        spoken(text, Language::Indonesian)
    }

    fn en(text: &str) -> String {
        spoken(text, Language::English)
    }

    #[test]
    fn tickets_and_codes_are_read_sign_by_sign() {
        assert_eq!(id("Nomor antrean A-001."), "Nomor antrean A, nol nol satu.");
        assert_eq!(id("A-010, A-105"), "A, nol satu nol, A, satu nol lima");
        assert_eq!(id("K-1204"), "K, satu dua nol empat");
        assert_eq!(id("Kode: 7K3M-QWRX-2A1"), "Kode: tujuh K tiga M, Q W R X, dua A satu");
        assert_eq!(id("KRMA-QWRX-ABY"), "K R M A, Q W R X, A B Y");
        assert_eq!(id("formulir F-1.02"), "formulir F, satu titik nol dua");
        assert_eq!(en("Ticket A-001."), "Ticket A, zero zero one.");
        assert_eq!(spoken("A-001", Language::Javanese), "A, nol nol setunggal");
    }

    #[test]
    fn long_numbers_are_read_in_breaths_of_four() {
        let breaths = "tiga tiga satu lima, satu tiga nol satu, nol satu sembilan nol, sembilan nol nol satu";
        assert_eq!(id("NIK 3315130101909001"), format!("N I K {breaths}"));
        assert_eq!(id("NIK: 3315 1301 0190 9001."), format!("N I K: {breaths}."));
        assert_eq!(id("3315 13"), "tiga tiga satu lima, satu tiga");
        assert_eq!(id("3315 •••• •••• 9001"), "tiga tiga satu lima, disembunyikan, sembilan nol nol satu");
        assert_eq!(id("3315 13•• •••• ••01"), "tiga tiga satu lima, satu tiga, disembunyikan, nol satu");
        assert_eq!(id("Nama *"), "Nama");
        assert_eq!(en("12345"), "one two three four, five");
        assert_eq!(id("007"), "nol nol tujuh");
    }

    #[test]
    fn amounts_years_and_times_stay_numbers() {
        assert_eq!(id("1 dari 6"), "1 dari 6");
        assert_eq!(id("4 Januari 2022"), "4 Januari 2022");
        assert_eq!(id("pada 2022, 2023"), "pada 2022, 2023");
        assert_eq!(id("1.088.517 orang"), "1088517 orang");
        assert_eq!(id("pukul 08.30 WIB"), "pukul 8 30 waktu Indonesia barat");
        assert_eq!(id("pukul 13.00"), "pukul 13");
        assert_eq!(id("pukul 08.05"), "pukul 8 lewat 5");
        assert_eq!(en("at 08:05"), "at 8 oh 5");
        assert_eq!(id("50%"), "50%");
    }

    #[test]
    fn words_of_the_office_are_readable() {
        assert_eq!(id("Siapkan KTP-el dan KK."), "Siapkan K T P elektronik dan K K.");
        assert_eq!(en("Your KTP-el"), "Your electronic K T P");
        assert_eq!(id("No. KK"), "nomor K K");
        assert_eq!(en("No, thank you. No. 5"), "No, thank you. number 5");
        assert_eq!(id("RT/RW"), "R T atau R W");
        assert_eq!(id("suami/istri"), "suami atau istri");
        assert_eq!(id("GRATIS"), "GRATIS");
        assert_eq!(id("Kembali – lanjut → ✓ “selesai”"), "Kembali, lanjut selesai");
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!((id(""), id(" \n\u{1b}[2J ")), (String::new(), "dua J".to_owned()));
    }

    proptest! {
        #[test]
        fn whatever_is_written_can_be_spoken(text in "\\PC{0,80}|[A-Z0-9 .,:/*•-]{0,80}|(?s).{0,40}") {
            for language in [Language::Indonesian, Language::Javanese, Language::English] {
                let said = spoken(&text, language);
                // No sign that could be a command to a speech program.
                prop_assert!(!said.contains(|sign: char| sign.is_control() || "[]<>&{}\\|".contains(sign)), "{said:?}");
            }
        }

        #[test]
        fn each_digit_of_a_long_number_is_heard(number in "[0-9]{5,16}") {
            let said = id(&number);
            let words: Vec<_> = said.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            let names = digit_words(Language::Indonesian);
            let expected: Vec<_> = number.bytes().map(|digit| names[usize::from(digit - b'0')]).collect();
            prop_assert_eq!(words, expected);
        }
    }
}

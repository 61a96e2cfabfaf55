//! The words that come from Rust and from data, in the languages of the kiosk.
//!
//! The source text is the key: Indonesian is always right, and a text without a translation is said in Indonesian, also
//! one that an office wrote into its own service file. The windows' own words are beside these, in `anjungan-ui.po`.
//! Nothing here reads a clock or a file.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::domain::language::Language;
use crate::domain::office::{month_name, weekday_name};

/// Where a value goes in a text.
const PLACE: &str = "{}";

type Table = HashMap<String, String>;

static JAVANESE: LazyLock<Table> = LazyLock::new(|| table(include_str!("../assets/lang/jv/LC_MESSAGES/anjungan.po")));
static ENGLISH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../assets/lang/en/LC_MESSAGES/anjungan.po")));

fn table(po: &str) -> Table {
    let catalogue = polib::po_file::parse_from_reader(po.as_bytes()).expect("a test reads the built-in files");
    let ready = catalogue.messages().filter(|message| message.is_singular() && message.is_translated());
    ready
        .filter(|message| !message.is_fuzzy())
        .filter_map(|message| Some((message.msgid().to_owned(), message.msgstr().ok()?.to_owned())))
        .collect()
}

/// Returns a text in a language: the source itself where there is no translation.
#[must_use]
pub fn of(language: Language, source: &str) -> &str {
    let table = match language {
        Language::Indonesian => return source,
        Language::Javanese => &JAVANESE,
        Language::English => &ENGLISH,
    };
    table.get(source).map_or(source, String::as_str)
}

/// Returns a text in a language with its values put in, in order. A place without a value stays as it is.
#[must_use]
pub fn fill(language: Language, template: &str, values: &[&str]) -> String {
    put(of(language, template), values)
}

/// Puts values into a text, in order. A place without a value stays as it is.
#[must_use]
pub fn put(template: &str, values: &[&str]) -> String {
    let mut parts = template.split(PLACE);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        text.push_str(values.get(at).copied().unwrap_or(PLACE));
        text.push_str(part);
    }
    text
}

/// Writes a date with its weekday: `Senin, 23 November 2026`, `Senèn, 23 November 2026`, `Monday, 23 November 2026`.
#[must_use]
pub fn date(language: Language, date: Date) -> String {
    let (weekday, month) = (of(language, weekday_name(date)), of(language, month_name(date)));
    format!("{weekday}, {} {month} {}", date.day(), date.year())
}

#[cfg(test)]
mod tests;

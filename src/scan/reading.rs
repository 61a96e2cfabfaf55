//! Numbers and names on a page, proposed from what an OCR program read.
//!
//! A proposal is shown to a person. It is called sure only where the number has no doubt by its own rules, stands behind
//! its label, was read without any correction and with confidence, and a second reading of another picture of it says the
//! same ([`confirm`]): one reading alone is never sure.

use jiff::civil::Date;

use super::geometry::Region;
use crate::domain::nik::Nik;
use crate::domain::no_kk::NoKk;

/// Most words of a page that are looked at: a full KK has 400.
const WORDS_MAX: usize = 4000;
/// Most numbers of a kind that are proposed: a KK has ten members.
const NUMBERS_MAX: usize = 24;
/// Least confidence of every part of a number that can be sure, of 100.
const CONFIDENCE_SURE: f32 = 60.0;
/// Most words of a name.
const NAME_WORDS_MAX: usize = 8;
/// Digits of a NIK and of a No KK.
const DIGITS: usize = 16;

/// A word as an OCR program read it.
#[derive(Clone, PartialEq)]
pub struct Word {
    /// The text.
    pub text: String,
    /// 0 to 100.
    pub confidence: f32,
    /// Where, in pixels of the page that was read.
    pub region: Region,
}

impl std::fmt::Debug for Word {
    /// Without the text: it may be somebody's number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Word({} letters, {})", self.text.chars().count(), self.confidence)
    }
}

/// A line of words, from left to right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextLine {
    /// Its words.
    pub words: Vec<Word>,
}

impl TextLine {
    /// The line's text.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A value with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<T> {
    /// The value.
    pub value: T,
    /// Whether nothing speaks against it; set by [`confirm`] alone.
    pub sure: bool,
    /// Whether it may become sure: labelled, without doubts, without corrections, with confidence.
    pub fit: bool,
    /// Where it stands, in pixels of the page that was read.
    pub region: Region,
}

/// What a page says.
#[derive(Clone, PartialEq, Default)]
pub struct Reading {
    /// NIKs, in the order of the page.
    pub niks: Vec<Proposal<Nik>>,
    /// The number of the KK.
    pub no_kk: Option<Proposal<NoKk>>,
    /// Names that stand behind a label.
    pub names: Vec<String>,
}

impl std::fmt::Debug for Reading {
    /// Without numbers and names.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reading({} NIK, {} names)", self.niks.len(), self.names.len())
    }
}

/// What an OCR program sees around a number: punctuation, and rules of a table.
const AROUND: [char; 17] = [':', '.', ',', ';', '\'', '"', '|', '[', ']', '(', ')', '_', '-', '=', '“', '”', '’'];

/// Letters that an OCR program reads where a figure stands.
fn figure(letter: char) -> Option<(char, bool)> {
    let figure = match letter {
        '0'..='9' => return Some((letter, false)),
        'O' | 'o' | 'D' | 'Q' => '0',
        'l' | 'I' | 'i' | '|' | '!' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'b' | 'G' => '6',
        'B' => '8',
        _ => return None,
    };
    Some((figure, true))
}

struct Number {
    digits: String,
    corrected: bool,
    confidence: f32,
    region: Region,
    /// What stands before it in its line, in capitals.
    before: String,
}

/// Sixteen figures in one word, or in parts that follow each other.
fn numbers(line: &TextLine) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.words.len() {
        let taken = (1..=4.min(line.words.len() - at)).find_map(|count| {
            let words = &line.words[at..at + count];
            let (mut digits, mut corrected, mut real) = (String::new(), false, 0);
            for word in words {
                let text = word.text.trim_matches(|c: char| AROUND.contains(&c));
                // A colon alone is no part of a number.
                if text.is_empty() {
                    return None;
                }
                for letter in text.chars().filter(|c| !matches!(c, '.' | ' ')) {
                    let (figure, changed) = figure(letter)?;
                    digits.push(figure);
                    corrected |= changed;
                    real += usize::from(!changed);
                }
            }
            (digits.len() == DIGITS && real >= DIGITS - 4).then(|| {
                let confidence = words.iter().map(|word| word.confidence).fold(100.0, f32::min);
                let corners = words.iter().flat_map(|word| word.region.corners());
                let region = Region::around(corners, usize::MAX >> 16, usize::MAX >> 16);
                let before = line.words[..at].iter().map(|word| word.text.to_uppercase()).collect::<Vec<_>>().join(" ");
                (count, Number { digits, corrected: corrected || count > 1, confidence, region, before })
            })
        });
        match taken {
            Some((count, number)) => {
                found.push(number);
                at += count;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether the last words before a number are a label.
fn labelled(before: &str, labels: &[&str]) -> bool {
    let letters: String = before.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    let tail: Vec<&str> = letters.split_whitespace().rev().take(3).collect();
    let tail = tail.into_iter().rev().collect::<Vec<_>>().join(" ");
    labels.iter().any(|label| tail.ends_with(label))
}

/// Whether the number stands under a heading `NIK`, as in the table of a KK.
fn under_heading(lines: &[TextLine], region: Region) -> bool {
    lines.iter().flat_map(|line| &line.words).any(|word| {
        let heading = word.text.trim_matches(|c: char| !c.is_alphanumeric()) == "NIK";
        let middle = word.region.left + word.region.width / 2;
        let over = (region.left..region.left + region.width).contains(&middle);
        heading && over && word.region.top < region.top
    })
}

/// Reads numbers and names. `today` bounds the dates within the numbers.
#[must_use]
pub fn read(lines: &[TextLine], today: Date) -> Reading {
    let mut reading = Reading::default();
    let mut left = WORDS_MAX;
    for line in lines {
        if line.words.len() > left {
            break;
        }
        left -= line.words.len();
        reading.names.extend(name(line));
        for number in numbers(line) {
            let clean = !number.corrected && number.confidence >= CONFIDENCE_SURE;
            let of_kk = labelled(
                &number.before,
                &["NO", "NO KK", "NOMOR KK", "KARTU KELUARGA", "NO KARTU KELUARGA", "NOMOR", "NOMOR KARTU KELUARGA"],
            );
            if of_kk
                && reading.no_kk.is_none()
                && let Ok(value) = NoKk::parse(&number.digits)
            {
                let fit = clean && value.examine(today, None).doubts.is_empty();
                reading.no_kk = Some(Proposal { value, sure: false, fit, region: number.region });
            } else if reading.niks.len() < NUMBERS_MAX
                && let Ok(value) = Nik::parse(&number.digits)
            {
                let label = labelled(&number.before, &["NIK"]) || under_heading(lines, number.region);
                let fit = clean && label && value.examine(today).doubts.is_empty();
                reading.niks.push(Proposal { value, sure: false, fit, region: number.region });
            }
        }
    }
    reading.names.truncate(NUMBERS_MAX);
    reading
}

/// What stands behind `Nama` or `Nama Kepala Keluarga`: words in the same letters (all capitals, as offices print names, or
/// each with one), up to a gap, for the next column may begin in the same line.
fn name(line: &TextLine) -> Option<String> {
    let label = |text: &str| ["NAMA", "KEPALA", "KELUARGA", "LENGKAP"].contains(&text.to_uppercase().as_str());
    if !line.words.first().is_some_and(|word| word.text.to_uppercase().starts_with("NAMA")) {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let (mut last, mut capitals): (Option<Region>, bool) = (None, true);
    for word in &line.words {
        let text = word.text.trim_matches(|c: char| !c.is_alphabetic());
        if text.is_empty() || (names.is_empty() && label(text)) {
            continue;
        }
        let gap = last.map_or(0, |last| word.region.left.saturating_sub(last.left + last.width));
        let shouted = text.chars().all(|c| c.is_uppercase() || matches!(c, '\'' | '.' | ',' | '-'));
        capitals &= shouted || !names.is_empty();
        let begins = text.chars().next().is_some_and(char::is_uppercase);
        if gap > word.region.height * 2 || !begins || (capitals && !shouted) || names.len() >= NAME_WORDS_MAX {
            break;
        }
        names.push(text);
        last = Some(word.region);
    }
    let name = names.join(" ");
    (name.chars().count() >= 3).then_some(name)
}

/// Calls a number sure where a second reading, of an enlarged picture of that place alone, read the same figures.
///
/// `again` holds the figures of the second reading in the order of [`places`].
#[must_use]
pub fn confirm(mut reading: Reading, again: &[String]) -> Reading {
    let mut again = again.iter();
    if let Some(no_kk) = &mut reading.no_kk {
        no_kk.sure = no_kk.fit && again.next().is_some_and(|text| same(text, no_kk.value.as_str()));
    }
    for nik in &mut reading.niks {
        nik.sure = nik.fit && again.next().is_some_and(|text| same(text, nik.value.as_str()));
    }
    reading
}

fn same(text: &str, digits: &str) -> bool {
    let figures: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    figures == digits
}

/// The places to be read a second time: the number of the KK if there is one, then each NIK.
#[must_use]
pub fn places(reading: &Reading) -> Vec<Region> {
    let no_kk = reading.no_kk.iter().map(|number| number.region);
    no_kk.chain(reading.niks.iter().map(|number| number.region)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    fn line(text: &str, top: u32) -> TextLine {
        let mut left = 10;
        let words = text.split(' ').map(|text| {
            let width = text.len() as u32 * 10;
            let word =
                Word { text: text.to_owned(), confidence: 92.0, region: Region { left, top, width, height: 20 } };
            left += width + 10;
            word
        });
        TextLine { words: words.collect() }
    }

    #[test]
    fn a_labelled_number_is_fit_and_sure_only_when_read_twice() {
        let reading = read(&[line("NIK : 3315134101909002", 10), line("Nama : SITI CONTOH", 40)], TODAY);
        let nik = &reading.niks[0];
        assert!(nik.fit && !nik.sure && nik.value.as_str() == "3315134101909002");
        assert_eq!(reading.names, ["SITI CONTOH"]);
        assert_eq!(places(&reading).len(), 1);
        assert!(confirm(reading.clone(), &["3315134101909002".to_owned()]).niks[0].sure);
        assert!(!confirm(reading.clone(), &["3315134101909003".to_owned()]).niks[0].sure);
        assert!(!confirm(reading, &[]).niks[0].sure);
    }

    #[test]
    fn a_name_ends_where_the_next_column_begins() {
        let names = |text: &str| read(&[line(text, 10)], TODAY).names;
        assert_eq!(names("Nama Kepala Keluarga : EKO PERAGAAN Desa/Kelurahan : DESA"), ["EKO PERAGAAN"]);
        assert_eq!(names("Nama: Eko Peragaan"), ["Eko Peragaan"]);
        assert!(names("nama saya tidak ada").is_empty() && names("Alamat : DUSUN").is_empty());
    }

    #[test]
    fn what_was_corrected_or_has_no_label_is_never_fit() {
        for text in ["NIK : 33I5134101909002", "3315134101909002", "NIK 3315 1341 0190 9002", "NIK 3315139901909002"] {
            let reading = read(&[line(text, 10)], TODAY);
            assert!(!reading.niks.is_empty() && reading.niks.iter().all(|nik| !nik.fit), "{text}");
        }
        assert!(read(&[line("NIK : 331513410190900", 10)], TODAY).niks.is_empty());
        assert!(read(&[line("NIK : SSSSBBBBOOOOlIIl", 10)], TODAY).niks.is_empty());
    }

    #[test]
    fn a_table_has_its_heading_above() {
        let lines = [line("No NIK", 10), line("1 3315134101909002", 40)];
        let mut lines = lines.to_vec();
        lines[0].words[1].region.left = 80;
        assert!(read(&lines, TODAY).niks[0].fit);
        lines.swap(0, 1);
        lines[1].words[1].region.top = 90;
        assert!(!read(&lines, TODAY).niks[0].fit);
    }

    #[test]
    fn the_number_of_the_card_is_not_a_nik() {
        let reading = read(&[line("KARTU KELUARGA", 5), line("No. 3315130101159001", 30)], TODAY);
        assert!(reading.niks.is_empty() && reading.no_kk.unwrap().fit);
    }
}

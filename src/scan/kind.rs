//! Which kind of document a page is, by words that stand on it. The words are data of the service file (`marks`).

use strsim::normalized_levenshtein;

use super::reading::TextLine;
use crate::domain::catalogue::{DocumentKey, DocumentKind};

/// How alike words must be, from 0 to 1: an OCR program errs in one letter of eight.
const ALIKE_MIN: f64 = 0.82;
/// Part of its line that a heading fills.
const HEADING_PART: f64 = 0.6;
/// Most lines that are compared.
const LINES_MAX: usize = 400;

/// What was made of a page's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The kind whose words stand in a heading: the one that was asked for, if it is among them.
    pub found: Option<DocumentKey>,
    /// Whether it is another kind than the one that was asked for. Only a heading of another kind, on a page without any
    /// word of the right one, is a doubt; a page that cannot be read is none.
    pub other: bool,
}

fn plain(text: &str) -> String {
    let letters = text.to_uppercase();
    letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a mark stands in a line, and whether the line is hardly more than that.
fn stands(mark: &str, line: &str) -> (bool, bool) {
    let count = mark.split(' ').count();
    let words: Vec<&str> = line.split(' ').collect();
    let found = words.windows(count).any(|part| normalized_levenshtein(mark, &part.join(" ")) >= ALIKE_MIN);
    (found, found && mark.len() as f64 >= line.len() as f64 * HEADING_PART)
}

/// Judges a page by its lines; `asked` is the kind that was asked for.
#[must_use]
pub fn judge(lines: &[TextLine], kinds: &[&DocumentKind], asked: Option<&DocumentKey>) -> Kind {
    let lines: Vec<String> = lines.iter().take(LINES_MAX).map(|line| plain(&line.text())).collect();
    let (mut found, mut asked_stands, mut asked_heads) = (None, false, false);
    for kind in kinds {
        let (mut any, mut heading) = (false, false);
        for mark in kind.marks.iter().map(|mark| plain(mark)) {
            for line in &lines {
                let (stands, heads) = stands(&mark, line);
                any |= stands;
                heading |= heads;
            }
        }
        if asked == Some(&kind.key) {
            asked_stands |= any;
            asked_heads |= heading;
        }
        if heading && found.is_none() {
            found = Some(kind.key.clone());
        }
    }
    let known = asked.is_some_and(|asked| kinds.iter().any(|kind| kind.key == *asked && !kind.marks.is_empty()));
    let other = known && !asked_stands && found.is_some();
    let found = if asked_heads { asked.cloned() } else { found };
    Kind { found, other }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Region;
    use super::super::reading::Word;
    use super::*;
    use crate::domain::catalogue::Catalogue;

    fn lines(texts: &[&str]) -> Vec<TextLine> {
        let region = Region { left: 0, top: 0, width: 1, height: 1 };
        let word = |text: &str| Word { text: text.to_owned(), confidence: 90.0, region };
        texts.iter().map(|text| TextLine { words: text.split(' ').map(word).collect() }).collect()
    }

    #[test]
    fn a_heading_tells_the_kind_and_a_mention_does_not() {
        let catalogue = Catalogue::built_in();
        let judged = |texts: &[&str], asked: &str| {
            let asked = asked.parse().ok();
            judge(&lines(texts), &catalogue.documents(), asked.as_ref())
        };
        let kk = judged(&["KARTU KELUARGA", "No. 3315"], "kk_rusak");
        assert_eq!((kk.found.unwrap().as_str(), kk.other), ("kk_rusak", false));
        assert!(judged(&["KARTU KELUARGA"], "akta_kelahiran").other);
        assert!(!judged(&["KARTV KELUARGA"], "kk_lama").other);
        let letter = ["SURAT KETERANGAN HILANG", "telah kehilangan sebuah Kartu Keluarga atas nama tersebut di atas"];
        assert!(!judged(&letter, "kk_lama").other);
        assert!(!judged(&["xx yy"], "kk_lama").other && !judged(&[], "kk_lama").other);
        assert!(judged(&["KUTIPAN AKTA KELAHIRAN"], "kk_lama").other);
    }
}

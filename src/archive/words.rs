//! The text layer: words that a reader of pages found, laid invisibly over the picture so that it can be searched.

use crate::scan::Rotation;

/// Most words of one page that are kept; a page full of small print has about a thousand.
pub const WORDS_MAX: usize = 20_000;
/// Longest word, in characters; longer ones are no words.
const WORD_CHARS_MAX: usize = 200;

/// A word with its box on the picture. The origin is the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word<'a> {
    /// What it says.
    pub text: &'a str,
    /// Left edge, in pixels of the picture.
    pub x: f32,
    /// Upper edge, in pixels.
    pub y: f32,
    /// Width, in pixels.
    pub w: f32,
    /// Height, in pixels.
    pub h: f32,
    /// By how many quarter turns it stands in the picture.
    pub rotation: Rotation,
}

/// A word as a PDF places it: points, origin at the lower left corner.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    /// In WinAnsiEncoding (ISO 32000-1, annex D).
    pub text: Vec<u8>,
    /// Where its baseline begins.
    pub x: f32,
    /// Likewise.
    pub y: f32,
    /// Which way the baseline runs: cosine and sine.
    pub along: [f32; 2],
    /// Size of the face.
    pub size: f32,
    /// Stretch in percent, so that the word is as wide as its box.
    pub stretch: f32,
}

/// Width of every letter of Courier, in parts of its size: no table of widths is needed.
const COURIER_WIDTH: f32 = 0.6;
/// Part of a letter's box below the baseline.
const BELOW_BASELINE: f32 = 0.2;

/// Places a word; none for one that is empty, has no box or lies outside the page.
pub(super) fn place(word: &Word<'_>, points_per_px: f32, page_w: f32, page_h: f32) -> Option<Placed> {
    let text: Vec<u8> = word.text.trim().chars().take(WORD_CHARS_MAX).map(win_ansi).collect();
    let numbers = [word.x, word.y, word.w, word.h];
    if text.is_empty() || !numbers.iter().all(|number| number.is_finite()) || word.w < 1.0 || word.h < 1.0 {
        return None;
    }
    let [x, y, w, h] = numbers.map(|px| px * points_per_px);
    // The four edges of the box as a PDF counts them: from below.
    let (left, right, top, bottom) = (x, x + w, page_h - y, page_h - y - h);
    let (length, size) = match word.rotation {
        Rotation::None | Rotation::Half => (w, h),
        Rotation::Right | Rotation::Left => (h, w),
    };
    let below = BELOW_BASELINE * size;
    let (x, y, along) = match word.rotation {
        Rotation::None => (left, bottom + below, [1.0, 0.0]),
        Rotation::Right => (left + below, top, [0.0, -1.0]),
        Rotation::Half => (right, top - below, [-1.0, 0.0]),
        Rotation::Left => (right - below, bottom, [0.0, 1.0]),
    };
    let inside = (0.0..=page_w).contains(&x) && (0.0..=page_h).contains(&y) && w <= page_w && h <= page_h;
    // Words have at most 200 letters: exact as a float.
    let natural = text.len() as f32 * COURIER_WIDTH * size;
    inside.then(|| Placed { text, x, y, along, size, stretch: (100.0 * length / natural).clamp(1.0, 1000.0) })
}

/// Latin letters as they are; what the encoding does not have becomes a question mark.
fn win_ansi(c: char) -> u8 {
    match c {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\u{2018}' | '\u{2019}' => b'\'',
        '\u{201C}' | '\u{201D}' => b'"',
        '\u{2013}' | '\u{2014}' => b'-',
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_lies_in_its_box() {
        let word = Word { text: "KELUARGA", x: 100.0, y: 200.0, w: 300.0, h: 50.0, rotation: Rotation::None };
        let placed = place(&word, 0.5, 600.0, 800.0).expect("inside");
        assert_eq!((placed.x, placed.y, placed.size), (50.0, 800.0 - 125.0 + 5.0, 25.0));
        let width = placed.text.len() as f32 * COURIER_WIDTH * placed.size * placed.stretch / 100.0;
        assert!((width - 150.0).abs() < 0.01, "{width}");
    }

    #[test]
    fn a_word_of_a_turned_page_runs_as_its_line_does() {
        for (rotation, begin, along) in [
            (Rotation::Right, (50.0 + 30.0, 700.0), [0.0, -1.0]),
            (Rotation::Half, (200.0, 700.0 - 5.0), [-1.0, 0.0]),
            (Rotation::Left, (200.0 - 30.0, 675.0), [0.0, 1.0]),
        ] {
            let word = Word { text: "NIK", x: 100.0, y: 200.0, w: 300.0, h: 50.0, rotation };
            let placed = place(&word, 0.5, 600.0, 800.0).expect("inside");
            assert_eq!(((placed.x, placed.y), placed.along), (begin, along), "{rotation:?}");
            let width = placed.text.len() as f32 * COURIER_WIDTH * placed.size * placed.stretch / 100.0;
            let long = if rotation == Rotation::Half { 150.0 } else { 25.0 };
            assert!((width - long).abs() < 0.01, "{rotation:?}: {width}");
        }
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let word = Word { text: "x", x: 1.0, y: 1.0, w: 5.0, h: 5.0, rotation: Rotation::None };
        for wrong in [
            Word { text: " ", ..word },
            Word { w: 0.0, ..word },
            Word { h: -5.0, ..word },
            Word { x: f32::NAN, ..word },
            Word { y: f32::INFINITY, ..word },
            Word { x: 9_000.0, ..word },
        ] {
            assert_eq!(place(&wrong, 1.0, 100.0, 100.0), None, "{wrong:?}");
        }
        assert_eq!(place(&Word { text: "é–漢", ..word }, 1.0, 100.0, 100.0).expect("placed").text, b"\xE9-?");
    }
}

//! Reads the words of a page with Tesseract, as a process of its own (ADR 13): optional, killed when it takes too long,
//! and shown only pictures that we wrote ourselves.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use jiff::civil::Date;

use crate::domain::catalogue::{DocumentKey, DocumentKind};
use crate::program::{self, ProgramError, Stop};
use crate::scan::kind::{Kind, judge};
use crate::scan::reading::{Reading, TextLine, Word, confirm, places, read};
use crate::scan::{Page, Region, Rotation};

/// Longest time for a page, as a rule.
pub const PAGE_MAX: Duration = Duration::from_secs(20);
/// Longest table that is read, in bytes: a full page has 40 KB.
const TABLE_BYTES_MAX: usize = 4 << 20;
/// Most words of a page.
const WORDS_MAX: usize = 4000;
/// Least confidence with which Tesseract knows which way is up.
const TURN_SURE: f32 = 2.0;

/// The program and its language.
#[derive(Debug, Clone)]
pub struct Tesseract {
    /// `tesseract`, found in the path, or a path.
    pub program: PathBuf,
    /// Language of its data files.
    pub language: &'static str,
    /// Longest time for a page.
    pub page_max: Duration,
    /// Ends it when nobody waits any more.
    pub stop: Stop,
}

impl Default for Tesseract {
    /// The Debian packages tesseract-ocr and tesseract-ocr-ind.
    fn default() -> Self {
        Self { program: PathBuf::from("tesseract"), language: "ind", page_max: PAGE_MAX, stop: Stop::default() }
    }
}

impl Tesseract {
    /// Whether the program with its Indonesian data is there.
    #[must_use]
    pub fn installed(&self) -> bool {
        let mut command = Command::new(&self.program);
        command.arg("--list-langs");
        let most = Duration::from_secs(5);
        let said = program::run_until(command, Vec::new(), most, 64 << 10, &self.stop).unwrap_or_default();
        String::from_utf8_lossy(&said).lines().any(|line| line.trim() == self.language)
    }

    fn run(&self, picture: Vec<u8>, dpi: u16, arguments: &[&str]) -> Result<String, ProgramError> {
        let mut command = Command::new(&self.program);
        // One core: the others serve the window.
        command.env("OMP_THREAD_LIMIT", "1").args(["stdin", "stdout", "--dpi", &dpi.to_string()]).args(arguments);
        let table = program::run_until(command, picture, self.page_max, TABLE_BYTES_MAX, &self.stop)?;
        Ok(String::from_utf8_lossy(&table).into_owned())
    }

    /// Reads a straight page, line by line.
    ///
    /// # Errors
    /// When the program is missing, fails or takes too long.
    pub fn lines(&self, page: &Page) -> Result<Vec<TextLine>, ProgramError> {
        let dpi = page.dpi().unwrap_or(300);
        let table = self.run(page.to_pgm(), dpi, &["-l", self.language, "--psm", "11", "tsv"])?;
        Ok(lines(&table))
    }

    /// Reads a straight page: which of `kinds` it is, `asked` being expected, and its numbers, each read twice where that
    /// can be done.
    ///
    /// # Errors
    /// When the program is missing, fails or takes too long.
    pub fn words(
        &self,
        page: &Page,
        kinds: &[&DocumentKind],
        asked: Option<&DocumentKey>,
        today: Date,
    ) -> Result<(Kind, Reading), ProgramError> {
        let lines = self.lines(page)?;
        let once = read(&lines, today);
        let reading = self.confirmed(page, once.clone()).unwrap_or(once);
        Ok((judge(&lines, kinds, asked), reading))
    }

    /// Reads the numbers of a reading a second time, each enlarged and alone, and calls sure what is the same.
    ///
    /// # Errors
    /// When the program is missing, fails or takes too long.
    pub fn confirmed(&self, page: &Page, reading: Reading) -> Result<Reading, ProgramError> {
        let mut again = Vec::new();
        for place in places(&reading) {
            let picture = page.enlarged(place).to_pgm();
            let figures = ["-l", self.language, "--psm", "7", "-c", "tessedit_char_whitelist=0123456789", "tsv"];
            let found = lines(&self.run(picture, 300, &figures)?);
            again.push(found.iter().map(TextLine::text).collect::<String>());
        }
        Ok(confirm(reading, &again))
    }

    /// Which way the page stands, where Tesseract is sure.
    ///
    /// # Errors
    /// When the program is missing, fails or takes too long. It also fails where there are too few letters.
    pub fn rotation(&self, page: &Page) -> Result<Option<Rotation>, ProgramError> {
        let said = self.run(page.to_pgm(), page.dpi().unwrap_or(300), &["--psm", "0"])?;
        let value = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)?.trim().parse::<f32>().ok());
        let sure = value("Orientation confidence:").is_some_and(|sure| sure >= TURN_SURE);
        let turned = value("Orientation in degrees:").and_then(|degrees| Rotation::of_degrees(degrees as u16));
        Ok(turned.filter(|_| sure))
    }
}

/// Reads the table that `tesseract … tsv` writes: level, page, block, paragraph, line, word, left, top, width, height,
/// confidence, text. A row that is not understood is left out.
#[must_use]
pub fn lines(table: &str) -> Vec<TextLine> {
    let mut lines: Vec<TextLine> = Vec::new();
    let mut last = None;
    let rows = table.lines().skip(1).filter_map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let [level, page, block, paragraph, line, _, left, top, width, height, confidence, text] = cells[..] else {
            return None;
        };
        if level != "5" || text.trim().is_empty() {
            return None;
        }
        let number = |cell: &str| cell.parse::<u32>().ok().filter(|value| *value < 100_000);
        let region = Region {
            left: number(left)?,
            top: number(top)?,
            width: number(width)?.max(1),
            height: number(height)?.max(1),
        };
        let confidence = confidence.parse::<f32>().ok()?.clamp(0.0, 100.0);
        Some(((page, block, paragraph, line), Word { text: text.trim().to_owned(), confidence, region }))
    });
    for (place, word) in rows.take(WORDS_MAX) {
        if last != Some(place) {
            lines.push(TextLine::default());
            last = Some(place);
        }
        if let Some(line) = lines.last_mut() {
            line.words.push(word);
        }
    }
    joined(lines)
}

/// Puts together what stands beside each other: a program that looks for sparse text calls each cell a line.
fn joined(lines: Vec<TextLine>) -> Vec<TextLine> {
    let mut words: Vec<Word> = lines.into_iter().flat_map(|line| line.words).collect();
    words.sort_by_key(|word| (word.region.top + word.region.height / 2, word.region.left));
    let mut rows: Vec<TextLine> = Vec::new();
    for word in words {
        let middle = word.region.top + word.region.height / 2;
        let beside = rows.iter_mut().rev().take(6).find(|row| {
            row.words.last().is_some_and(|last| {
                let (top, height) = (last.region.top, last.region.height);
                let apart = (top + height / 2).abs_diff(middle);
                apart * 2 < height.min(word.region.height)
            })
        });
        match beside {
            Some(row) => row.words.push(word),
            None => rows.push(TextLine { words: vec![word] }),
        }
    }
    for row in &mut rows {
        row.words.sort_by_key(|word| word.region.left);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_lines_and_nonsense_none() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            1\t1\t0\t0\t0\t0\t0\t0\t640\t480\t-1\t\n\
            5\t1\t1\t1\t1\t1\t36\t92\t60\t24\t96.5\tNIK\n\
            5\t1\t2\t1\t1\t1\t120\t93\t300\t24\t91\t3315134101909002\n\
            5\t1\t3\t1\t1\t1\t36\t140\t80\t24\t90\tNama\n\
            5\t1\t3\t1\t1\tx\t9999999\t1\t1\t1\tnan\tx\n5\tshort\n";
        let lines = lines(table);
        assert_eq!(lines.iter().map(TextLine::text).collect::<Vec<_>>(), ["NIK 3315134101909002", "Nama"]);
        assert!(super::lines("").is_empty());
    }
}

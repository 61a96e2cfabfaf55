//! Reads the words of a case's scans before it is filed, with Tesseract: they become the text layer of its PDFs.
//!
//! It takes seconds a page, so it is done before anything is locked and never for somebody who waits. Whatever goes wrong
//! costs the words and nothing else. What was read stands in no log and not in the database.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{ArchiveError, Archivist};
use crate::archive::{self, Word};
use crate::domain::ids::CaseId;
use crate::domain::slip_token::SlipDigest;
use crate::program::ProgramError;
use crate::scan::{self, Reason, Rotation, reading};
use crate::store::{DocumentRecord, KeyFault, StoreError};
use crate::tesseract::{PAGE_MAX, Tesseract};

/// Longest time for the pages of one case.
const CASE_MAX: Duration = Duration::from_secs(120);
/// Most words of one case; a KK has 400.
const CASE_WORDS_MAX: usize = 20_000;
/// Failures in a row after which Tesseract is not asked again before the next day.
const FAILURES_MAX: u32 = 3;
/// Most pixels that Tesseract is shown: A4 at 350 dpi. It reads more no better, only longer.
const PIXELS_MAX: usize = 12_000_000;
/// Beyond this, in degrees, lines leave the level boxes of their words.
const SKEW_MAX_DEG: f64 = 3.0;
/// Least confidence of a word that is kept, of 100: below are rules, stamps and dirt.
const CONFIDENCE_MIN: f32 = 40.0;
/// And of one with hardly a letter: a dash in a table is read as a figure, with some confidence.
const SHORT_CONFIDENCE_MIN: f32 = 80.0;
const SHORT_LETTERS_MAX: usize = 2;

/// The words of scans, by the digest of the scan.
pub(crate) type Words = BTreeMap<SlipDigest, Vec<OwnedWord>>;

/// A word that owns its text.
#[derive(Clone)]
pub(crate) struct OwnedWord {
    text: String,
    /// Left, upper edge, width, height, in pixels of the scan.
    area: [f32; 4],
    rotation: Rotation,
}

impl OwnedWord {
    pub(super) fn borrowed(&self) -> Word<'_> {
        let [x, y, w, h] = self.area;
        Word { text: &self.text, x, y, w, h, rotation: self.rotation }
    }
}

impl fmt::Debug for OwnedWord {
    /// Without the text: it may be somebody's number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedWord({} letters)", self.text.chars().count())
    }
}

/// Tesseract, as far as it is there and does its work.
#[derive(Debug, Default)]
pub(crate) struct WordReader {
    program: Tesseract,
    /// It was asked whether it is there, and it is.
    there: AtomicBool,
    /// Pages in a row on which it failed; [`FAILURES_MAX`] also when it is not there.
    failures: AtomicU32,
    /// The log has its line of today.
    told: AtomicBool,
}

impl WordReader {
    /// Ends what is being read, and reads nothing more.
    pub fn stop(&self) {
        self.program.stop.set();
    }

    /// A new day: it may have been installed or mended.
    pub fn try_again(&self) {
        self.there.store(false, Ordering::Relaxed);
        self.failures.store(0, Ordering::Relaxed);
        self.told.store(false, Ordering::Relaxed);
    }

    fn rests(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= FAILURES_MAX || self.stopped()
    }

    fn stopped(&self) -> bool {
        self.program.stop.is_set()
    }

    /// Asks the program once a day whether it is there.
    fn is_there(&self) -> bool {
        if !self.there.load(Ordering::Relaxed) && !self.rests() {
            if self.program.installed() {
                self.there.store(true, Ordering::Relaxed);
            } else if !self.stopped() {
                self.failures.store(FAILURES_MAX, Ordering::Relaxed);
                self.tell("it is not installed, or without Indonesian");
            }
        }
        self.there.load(Ordering::Relaxed) && !self.rests()
    }

    /// Reads a scan within the time that is left. No words when there are none, or when it cannot be done.
    fn read(&self, picture: &[u8], dpi: u16, left: Duration) -> Vec<OwnedWord> {
        if self.rests() {
            return Vec::new();
        }
        let Ok(whole) = scan::decode(picture) else { return Vec::new() };
        let whole = if dpi == 0 { whole } else { whole.with_dpi(dpi) };
        let (page, factor) = whole.light(PIXELS_MAX);
        drop(whole);
        let mut look = scan::look(&page);
        if look.verdict.has(Reason::Blank) || look.skew_deg.abs() > SKEW_MAX_DEG || !self.is_there() {
            return Vec::new();
        }
        let (began, most) = (Instant::now(), left.min(PAGE_MAX));
        let within = |most| Tesseract { page_max: most, ..self.program.clone() };
        let mut straight = scan::straighten(&page, &look);
        // What Tesseract says is against the page as it was straightened.
        if !look.rotation_sure
            && let Ok(Some(more)) = within(most).rotation(&straight)
            && let Some(turned) = Rotation::of_degrees(look.rotation.degrees() + more.degrees())
        {
            look = look.with_rotation(turned);
            straight = scan::straighten(&page, &look);
        }
        let lines = match within(most.saturating_sub(began.elapsed())).lines(&straight) {
            Ok(lines) => lines,
            Err(error) => {
                self.failed(&error, most < PAGE_MAX);
                return Vec::new();
            }
        };
        self.failures.store(0, Ordering::Relaxed);
        let words = lines.into_iter().flat_map(|line| line.words).filter(is_word);
        let words = words.map(|word| OwnedWord {
            area: look.on_picture(word.region).map(|px| px * f32::from(factor)),
            text: word.text,
            rotation: look.rotation,
        });
        words.collect()
    }

    /// Counts a failure. One that had less than a page's time says nothing of the program.
    fn failed(&self, error: &ProgramError, hurried: bool) {
        // Never what the program said: it may be what it read.
        let why = match error {
            ProgramError::Stopped { .. } => return,
            ProgramError::TimedOut { .. } if hurried => return,
            ProgramError::Missing { .. } => "it cannot be started",
            ProgramError::TimedOut { .. } => "it took too long",
            ProgramError::Failed { .. } => "it failed",
            ProgramError::TooMuch { .. } => "it gave too much",
        };
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.tell(why);
    }

    /// One line a day is enough.
    fn tell(&self, why: &str) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(why, "tesseract does not read scans: filed without their words; told once a day");
        }
    }
}

/// Whether what was read is worth being found.
fn is_word(word: &reading::Word) -> bool {
    let letters = word.text.chars().filter(|letter| letter.is_alphanumeric()).count();
    let least = if letters <= SHORT_LETTERS_MAX { SHORT_CONFIDENCE_MIN } else { CONFIDENCE_MIN };
    letters > 0 && word.confidence >= least
}

impl Archivist {
    /// Reads the words of a case that can be filed. None where they are not wanted, or where filing will say why not.
    pub fn read_words(&self, case_id: CaseId, reader: &WordReader) -> Words {
        let mut words = Words::new();
        if !self.read_words || reader.rests() {
            return words;
        }
        let (deadline, mut room) = (Instant::now() + CASE_MAX, CASE_WORDS_MAX);
        for document in self.fileable(case_id).unwrap_or_default() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || room == 0 || reader.rests() {
                break;
            }
            let (Some(facts), Ok(picture)) = (&document.given.scan, self.scan(&document)) else { break };
            if !words.contains_key(&facts.sha256) {
                let mut found = reader.read(&picture, facts.dpi, left);
                found.truncate(room);
                room -= found.len();
                words.insert(facts.sha256.clone(), found);
            }
        }
        words
    }

    /// The documents of a case, if nothing that can be known beforehand keeps it from being filed: reading takes long, and
    /// would be done again for each try.
    fn fileable(&self, case_id: CaseId) -> Result<Vec<DocumentRecord>, ArchiveError> {
        if self.store.read_blocking::<_, StoreError, _>(|view| view.archived(case_id))?.is_some() {
            return Ok(Vec::new());
        }
        let waiting = self.waiting(case_id)?;
        match self.vault.office_key() {
            Err(KeyFault::Absent { .. }) if !waiting.archive_begun => {}
            key => drop(self.right_key(key?)?),
        }
        for document in &waiting.documents {
            let unfit = |source| ArchiveError::Unfit { document: document.given.document_id, source };
            archive::fits(&self.scan(document)?).map_err(unfit)?;
        }
        Ok(waiting.documents)
    }
}

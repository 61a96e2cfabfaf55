//! What a simulated scanner sends for what it is shown, and when: the part that the scanner on a pseudo-terminal and
//! the one of a `sim:` URL have in common.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::{Error, statefile};

/// How often a stuck trigger scans.
const STUCK_EVERY: Duration = Duration::from_millis(100);

/// `state.json` in the simulator's folder. Every key may be left out; no file means a sound scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScannerState {
    /// What comes before each code, such as an AIM prefix or STX.
    pub prefix: String,
    /// What comes after each code; may be empty.
    pub suffix: String,
    /// The plug is pulled.
    pub unplugged: bool,
    /// The trigger is stuck: the last code is scanned again and again, ten times a second.
    pub stuck_trigger: bool,
    /// The line sends noise without end and no code.
    pub babbling: bool,
    /// Each code comes as bytes that are no text, as with a wrong baud rate.
    pub garbage: bool,
    /// Every how many bytes one is lost; 0 for none.
    pub lose_every: usize,
    /// After how many bytes a code pauses; 0 for never.
    pub split_after: usize,
    /// How long it pauses, in milliseconds (at most ten seconds).
    pub split_ms: u64,
}

impl Default for ScannerState {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            suffix: "\r".into(),
            unplugged: false,
            stuck_trigger: false,
            babbling: false,
            garbage: false,
            lose_every: 0,
            split_after: 0,
            split_ms: 30,
        }
    }
}

impl ScannerState {
    /// Reads the state of a simulator's folder; a file that is absent or half written is a sound scanner.
    pub fn load(state_dir: impl AsRef<Path>) -> Self {
        statefile::read(&state_dir.as_ref().join("state.json")).ok().flatten().unwrap_or_default()
    }

    /// Writes the state into a simulator's folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, state_dir: impl AsRef<Path>) -> Result<(), Error> {
        statefile::make_folder(state_dir.as_ref())?;
        statefile::write(&state_dir.as_ref().join("state.json"), self)
    }

    /// The bytes of one code, with the pause before each part.
    fn parts(&self, code: &str, lost: &mut usize) -> Vec<(Duration, Vec<u8>)> {
        let mut bytes = [&self.prefix, code, &self.suffix].concat().into_bytes();
        if self.garbage {
            let end = bytes.len() - self.suffix.len();
            for byte in &mut bytes[..end] {
                *byte |= 0x80;
            }
        }
        if self.lose_every > 0 {
            bytes.retain(|_| {
                *lost = (*lost + 1) % self.lose_every;
                *lost != 0
            });
        }
        let mut parts = vec![(Duration::ZERO, bytes)];
        if self.split_after > 0 && self.split_after < parts[0].1.len() {
            let rest = parts[0].1.split_off(self.split_after);
            parts.push((Duration::from_millis(self.split_ms.min(10_000)), rest));
        }
        parts
    }
}

/// A simulator's folder: `state.json`, and `scan.txt` with one code a line, which is taken away when it was read.
pub(super) struct Folder {
    path: PathBuf,
    last: ScannerState,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        statefile::make_folder(path)?;
        Ok(Self { path: path.to_owned(), last: ScannerState::default() })
    }

    /// The state now. While an editor writes the file, the state stays what it was.
    pub(super) fn state(&mut self) -> &ScannerState {
        if let Ok(state) = statefile::read(&self.path.join("state.json")) {
            self.last = state.unwrap_or_default();
        }
        &self.last
    }

    /// Takes the codes of `scan.txt`. The file is moved away and then read, so that each writing of it is seen once. An
    /// empty file stays: somebody has made it and is about to write.
    pub(super) fn take_codes(&self) -> Result<Vec<String>, Error> {
        let inbox = self.path.join("scan.txt");
        let taken = inbox.with_extension("taken");
        let fail = |error| Error::io(format!("cannot take {}", inbox.display()), error);
        let is_written = match fs::metadata(&inbox) {
            Ok(file) => file.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(fail(error)),
        };
        if !is_written {
            return Ok(Vec::new());
        }
        fs::rename(&inbox, &taken).map_err(fail)?;
        let bytes = fs::read(&taken).map_err(fail)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

/// What a scanner still has to send.
#[derive(Default)]
pub(super) struct Sender {
    queue: VecDeque<(Instant, Vec<u8>)>,
    last_code: Option<String>,
    last_scan: Option<Instant>,
    lost: usize,
}

impl Sender {
    /// Scans a code.
    pub(super) fn scan(&mut self, code: &str, state: &ScannerState, now: Instant) {
        // Behind what is still to be sent.
        let mut at = self.queue.back().map_or(now, |(last, _)| (*last).max(now));
        for (pause, bytes) in state.parts(code, &mut self.lost) {
            at += pause;
            self.queue.push_back((at, bytes));
        }
        self.last_code = Some(code.to_owned());
        self.last_scan = Some(now);
    }

    /// The bytes that are on the line at `now`.
    pub(super) fn due(&mut self, state: &ScannerState, now: Instant) -> Vec<u8> {
        let is_due = self.last_scan.is_some_and(|last| now.duration_since(last) >= STUCK_EVERY);
        if let Some(code) = self.last_code.clone().filter(|_| state.stuck_trigger && is_due) {
            self.scan(&code, state, now);
        }
        let mut bytes = Vec::new();
        while self.next().is_some_and(|at| at <= now) {
            bytes.extend(self.queue.pop_front().map(|(_, part)| part).unwrap_or_default());
        }
        if state.babbling {
            bytes.extend([b'U'; 512]);
        }
        bytes
    }

    /// When the next bytes are due, if there are any.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.front().map(|(at, _)| *at)
    }

    /// What was to be sent is lost.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
    }
}

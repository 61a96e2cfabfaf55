//! The mechanics: takes commands one after the other and puts them on paper, or waits while it cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};

use super::paper::{Cell, Paper, Place};
use super::parser::Command;
use super::state::{PaperSupply, StateFile};
use super::{Answers, CodePage};
use crate::simulation::{Stop, TICK};
use crate::slip_printer::encode::draw_qr;
use crate::{Error, statefile};

/// A command with the connection that sent it.
pub(super) struct Work {
    pub(super) command: Command,
    pub(super) bytes: usize,
    pub(super) answers: Arc<Answers>,
}

/// Number of the newest slip, and a bell for who waits for it.
#[derive(Default)]
pub(super) struct SlipCounter {
    count: Mutex<usize>,
    changed: Condvar,
}

impl SlipCounter {
    pub(super) fn get(&self) -> usize {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, count: usize) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        self.changed.notify_all();
    }

    pub(super) fn wait(&self, count: usize, timeout: Duration) -> bool {
        let guard = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) =
            self.changed.wait_timeout_while(guard, timeout, |now| *now < count).unwrap_or_else(PoisonError::into_inner);
        *guard >= count
    }
}

/// The path of a slip in the state folder.
pub(super) fn slip_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("slip-{number:04}.png"))
}

/// What a slip says, beside its picture: for who cannot look at pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipRecord {
    /// Printed lines, top down.
    pub lines: Vec<String>,
    /// Texts of the QR codes that the printer drew itself; one sent as a picture is only in the picture.
    pub qr: Vec<String>,
}

impl SlipRecord {
    /// Lines that are kept of one slip; no real one is longer.
    const LINES_MAX: usize = 1000;

    fn add_line(&mut self, line: &str) {
        if self.lines.len() < Self::LINES_MAX && !line.trim().is_empty() {
            self.lines.push(line.trim_end().to_owned());
        }
    }
}

/// The path of a slip's words in the state folder.
pub(super) fn record_path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("slip-{number:04}.json"))
}

/// What `ESC @` sets back.
#[derive(Clone)]
struct Style {
    page: CodePage,
    width: u32,
    height: u32,
    bold: bool,
    qr_module: u8,
    qr_level: EcLevel,
}

impl Default for Style {
    fn default() -> Self {
        Self { page: CodePage::Pc437, width: 1, height: 1, bold: false, qr_module: 3, qr_level: EcLevel::L }
    }
}

pub(super) struct Engine {
    folder: PathBuf,
    state: Arc<StateFile>,
    slips: Arc<SlipCounter>,
    stop: Stop,
    paper: Paper,
    style: Style,
    qr_data: Vec<u8>,
    line: String,
    record: SlipRecord,
}

impl Engine {
    pub(super) fn new(
        folder: &Path,
        state: Arc<StateFile>,
        slips: Arc<SlipCounter>,
        stop: Stop,
    ) -> Result<Self, Error> {
        slips.set(newest_slip(folder));
        let paper = Paper::new(state.get().columns)?;
        Ok(Self {
            folder: folder.to_owned(),
            state,
            slips,
            stop,
            paper,
            style: Style::default(),
            qr_data: Vec::new(),
            line: String::new(),
            record: SlipRecord::default(),
        })
    }

    pub(super) fn run(mut self, queue: &Receiver<Work>) {
        while !self.stop.is_set() {
            match queue.recv_timeout(TICK) {
                Ok(work) => self.work_off(work),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn work_off(&mut self, work: Work) {
        let latency = self.state.get().latency_us_per_byte.min(100_000);
        if latency > 0 {
            thread::sleep(Duration::from_micros(latency * work.bytes.min(1000) as u64));
        }
        match work.command {
            Command::Initialize => {
                self.style = Style::default();
                self.paper.place = Place::Left;
                self.paper.spacing = None;
                self.fit_paper();
            }
            Command::Align(n) => {
                self.paper.place = match n {
                    1 => Place::Center,
                    2 => Place::Right,
                    _ => Place::Left,
                };
            }
            Command::Size { width, height } => (self.style.width, self.style.height) = (width.into(), height.into()),
            Command::Bold(bold) => self.style.bold = bold,
            Command::CodePage(n) => self.style.page = CodePage::from_number(n).unwrap_or(CodePage::Pc437),
            Command::Character(byte) => {
                let Style { page, width, height, bold, .. } = self.style;
                let cell = Cell { character: page.decode(byte), width, height, bold };
                if !self.paper.has_room(cell) {
                    self.print_line();
                }
                self.line.push(cell.character);
                self.paper.add(cell);
            }
            Command::LineFeed => self.print_line(),
            Command::FeedLines(n) => (0..n).for_each(|_| self.print_line()),
            Command::FeedDots(n) => {
                if !self.paper.line_is_empty() {
                    self.print_line();
                }
                if self.wait_until_ready() {
                    self.paper.feed_dots(n.into());
                }
            }
            Command::LineSpacing(n) => self.paper.spacing = n,
            Command::Raster { double_width, double_height, row_bytes, rows } => {
                if self.ready_for_line() {
                    let scale = (1 + u32::from(double_width), 1 + u32::from(double_height));
                    self.paper.picture(row_bytes, &rows, scale);
                }
            }
            Command::QrModule(n) => self.style.qr_module = n.clamp(1, 16),
            Command::QrCorrection(n) => {
                self.style.qr_level = match n {
                    49 => EcLevel::M,
                    50 => EcLevel::Q,
                    51 => EcLevel::H,
                    _ => EcLevel::L,
                };
            }
            Command::QrStore(data) => self.qr_data = data,
            Command::QrPrint => self.print_qr(),
            Command::Cut(feed) => self.cut(feed),
            Command::Status(n) => {
                if self.wait_until_ready()
                    && let Some(byte) = self.state.get().queued_answer(n)
                {
                    work.answers.send(byte, &self.state);
                }
            }
            Command::Ignored => {}
            Command::Unknown(byte) => tracing::debug!(byte, "printer simulator: unknown command"),
        }
    }

    fn print_line(&mut self) {
        if self.ready_for_line() {
            self.paper.print_line();
            self.record.add_line(&std::mem::take(&mut self.line));
        }
    }

    fn print_qr(&mut self) {
        let drawn = QrCode::with_error_correction_level(&self.qr_data, self.style.qr_level)
            .map_err(|error| error.to_string())
            .and_then(|code| draw_qr(&code, self.style.qr_module.into()).map_err(|error| error.to_string()));
        match drawn {
            Ok(raster) => {
                if self.ready_for_line() {
                    self.paper.picture(raster.row_bytes(), raster.rows(), (1, 1));
                    self.record.qr.push(String::from_utf8_lossy(&self.qr_data).into_owned());
                }
            }
            Err(error) => tracing::warn!(error, "printer simulator: QR code"),
        }
    }

    fn cut(&mut self, feed: u8) {
        if !self.paper.line_is_empty() {
            self.print_line();
        }
        if !self.wait_until_ready() || self.paper.is_blank() {
            return;
        }
        self.paper.feed_dots(feed.into());
        let number = self.slips.get() + 1;
        let record = std::mem::take(&mut self.record);
        let saved = self.paper.cut().and_then(|png| {
            statefile::write(&record_path(&self.folder, number), &record)?;
            statefile::replace(&slip_path(&self.folder, number), &png)?;
            statefile::replace(&self.folder.join("latest.png"), &png)
        });
        match saved {
            Ok(()) => self.slips.set(number),
            Err(error) => tracing::error!(%error, "printer simulator: the slip is lost"),
        }
        self.fit_paper();
    }

    /// Takes up a changed paper width between two slips.
    fn fit_paper(&mut self) {
        if self.paper.is_blank()
            && let Ok(mut paper) = Paper::new(self.state.get().columns)
        {
            paper.place = self.paper.place;
            paper.spacing = self.paper.spacing;
            self.paper = paper;
        }
    }

    /// Waits until a line can be printed and counts it against the rest of the roll.
    fn ready_for_line(&self) -> bool {
        loop {
            if !self.wait_until_ready() {
                return false;
            }
            let counted = self.state.update(|state| match state.paper_out_after_lines {
                Some(0) => {
                    state.paper = PaperSupply::Out;
                    state.paper_out_after_lines = None;
                    false
                }
                Some(left) => {
                    state.paper_out_after_lines = Some(left - 1);
                    true
                }
                None => true,
            });
            match counted {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "printer simulator: state file");
                    return true;
                }
            }
        }
    }

    /// Waits while a fault holds the printer; false when the simulator ends.
    fn wait_until_ready(&self) -> bool {
        while !self.stop.is_set() {
            if self.state.get().can_print() {
                return true;
            }
            thread::sleep(TICK);
        }
        false
    }
}

/// Number of the newest slip in a folder, so that a restarted printer goes on counting.
fn newest_slip(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("slip-")?.strip_suffix(".png")?.parse().ok())
        .max()
        .unwrap_or(0)
}

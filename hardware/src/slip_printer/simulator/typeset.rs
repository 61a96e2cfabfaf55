//! Commands become marks on paper; nothing here waits, fails or knows a connection.

use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};

use super::CodePage;
use super::paper::{Cell, Paper, Place};
use super::parser::Command;
use crate::Error;
use crate::slip_printer::encode::draw_qr;

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

    /// QR codes that are kept of one slip.
    const QR_MAX: usize = 20;

    fn add_qr(&mut self, data: &[u8]) {
        if self.qr.len() < Self::QR_MAX {
            self.qr.push(String::from_utf8_lossy(data).into_owned());
        }
    }

    fn add_line(&mut self, line: &str) {
        if self.lines.len() < Self::LINES_MAX && !line.trim().is_empty() {
            self.lines.push(line.trim_end().to_owned());
        }
    }
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

/// A picture of `GS ( L` that waits for its print command.
#[derive(Clone)]
struct Stored {
    row_bytes: usize,
    rows: Vec<u8>,
    scale: (u32, u32),
}

/// A slip that was cut or torn off.
pub(super) struct Slip {
    pub(super) png: Vec<u8>,
    pub(super) record: SlipRecord,
}

/// Whether this many dots of paper can be fed now; a printer waits in here until they can.
pub(super) type Gate<'a> = dyn FnMut(u32) -> bool + 'a;

/// The paper since the last cut and the settings in force.
pub(super) struct Typesetter {
    paper: Paper,
    style: Style,
    qr_data: Vec<u8>,
    stored: Option<Stored>,
    line: String,
    record: SlipRecord,
}

impl Typesetter {
    pub(super) fn new(columns: u16) -> Result<Self, Error> {
        Ok(Self {
            paper: Paper::new(columns)?,
            style: Style::default(),
            qr_data: Vec::new(),
            stored: None,
            line: String::new(),
            record: SlipRecord::default(),
        })
    }

    pub(super) fn is_blank(&self) -> bool {
        self.paper.is_blank()
    }

    /// Works off one command; gives the slip that ends with it.
    pub(super) fn apply(&mut self, command: Command, gate: &mut Gate<'_>) -> Option<Result<Slip, Error>> {
        match command {
            Command::Initialize => {
                self.style = Style::default();
                self.paper.place = Place::Left;
                self.paper.spacing = None;
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
            Command::Mode(n) => {
                self.style.bold = n & 0x08 != 0;
                self.style.height = 1 + u32::from(n & 0x10 != 0);
                self.style.width = 1 + u32::from(n & 0x20 != 0);
            }
            Command::CodePage(n) => self.style.page = CodePage::from_number(n).unwrap_or(CodePage::Pc437),
            Command::Character(byte) => self.character(byte, gate),
            Command::LineFeed => self.print_line(gate),
            Command::FeedLines(n) => (0..n).for_each(|_| self.print_line(gate)),
            Command::FeedDots(n) => {
                self.flush_line(gate);
                if gate(n.into()) {
                    self.paper.feed_dots(n.into());
                }
            }
            Command::LineSpacing(n) => self.paper.spacing = n,
            Command::Raster { double_width, double_height, row_bytes, rows } => {
                self.picture(row_bytes, &rows, (1 + u32::from(double_width), 1 + u32::from(double_height)), gate);
            }
            Command::PictureStore { double_width, double_height, row_bytes, rows } => {
                let scale = (1 + u32::from(double_width), 1 + u32::from(double_height));
                self.stored = Some(Stored { row_bytes, rows, scale });
            }
            Command::PicturePrint => {
                if let Some(Stored { row_bytes, rows, scale }) = self.stored.take() {
                    self.picture(row_bytes, &rows, scale, gate);
                }
            }
            Command::Columns { double_width, tall, data } => {
                let (row_bytes, rows) = upright(&data, if tall { 3 } else { 1 });
                if row_bytes > 0 {
                    // Eight-dot columns are three dots high each.
                    let scale = (1 + u32::from(double_width), if tall { 1 } else { 3 });
                    // The line feed after it moves the paper on; here the picture does, and the feed is taken back.
                    self.picture(row_bytes, &rows, scale, gate);
                    self.paper.swallow_feed();
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
            Command::QrPrint => self.print_qr(gate),
            Command::Cut(feed) => {
                self.flush_line(gate);
                if gate(feed.into()) && !self.paper.is_blank() {
                    self.paper.feed_dots(feed.into());
                    return Some(self.take_slip());
                }
            }
            Command::Status(_) | Command::TellChanges(_) | Command::Identity(_) | Command::Ignored => {}
            Command::Unknown(byte) => tracing::debug!(byte, "printer simulator: unknown command"),
        }
        None
    }

    /// The strip as it is now, cut or torn off.
    pub(super) fn take_slip(&mut self) -> Result<Slip, Error> {
        let record = std::mem::take(&mut self.record);
        Ok(Slip { png: self.paper.cut()?, record })
    }

    /// Takes up a changed paper width between two slips.
    pub(super) fn fit_paper(&mut self, columns: u16) {
        if self.paper.is_blank()
            && let Ok(mut paper) = Paper::new(columns)
        {
            paper.place = self.paper.place;
            paper.spacing = self.paper.spacing;
            self.paper = paper;
        }
    }

    fn character(&mut self, byte: u8, gate: &mut Gate<'_>) {
        let Style { page, width, height, bold, .. } = self.style;
        let cell = Cell { character: page.decode(byte), width, height, bold };
        if !self.paper.has_room(cell) {
            self.print_line(gate);
        }
        self.line.push(cell.character);
        self.paper.add(cell);
    }

    fn print_line(&mut self, gate: &mut Gate<'_>) {
        if gate(self.paper.line_dots()) {
            self.paper.print_line();
            self.record.add_line(&std::mem::take(&mut self.line));
        }
    }

    fn flush_line(&mut self, gate: &mut Gate<'_>) {
        if !self.paper.line_is_empty() {
            self.print_line(gate);
        }
    }

    fn picture(&mut self, row_bytes: usize, rows: &[u8], scale: (u32, u32), gate: &mut Gate<'_>) {
        let height = u32::try_from(rows.len() / row_bytes.max(1)).unwrap_or(u32::MAX).saturating_mul(scale.1);
        if gate(height) {
            self.paper.picture(row_bytes, rows, scale);
        }
    }

    fn print_qr(&mut self, gate: &mut Gate<'_>) {
        let drawn = QrCode::with_error_correction_level(&self.qr_data, self.style.qr_level)
            .map_err(|error| error.to_string())
            .and_then(|code| draw_qr(&code, self.style.qr_module.into()).map_err(|error| error.to_string()));
        match drawn {
            Ok(raster) => {
                self.picture(raster.row_bytes(), raster.rows(), (1, 1), gate);
                self.record.add_qr(&self.qr_data);
            }
            Err(error) => tracing::warn!(error, "printer simulator: QR code"),
        }
    }
}

/// Columns of `column_bytes` bytes, top bit first, as packed rows.
fn upright(data: &[u8], column_bytes: usize) -> (usize, Vec<u8>) {
    let columns = data.len() / column_bytes;
    let row_bytes = columns.div_ceil(8);
    let mut rows = vec![0; row_bytes * column_bytes * 8];
    for (x, column) in data.chunks_exact(column_bytes).enumerate() {
        for y in (0..column_bytes * 8).filter(|y| column[y / 8] & (0x80 >> (y % 8)) != 0) {
            rows[y * row_bytes + x / 8] |= 0x80 >> (x % 8);
        }
    }
    (row_bytes, rows)
}

/// Draws what a printer with `columns` characters a line would make of `bytes`: one PNG per cut, and one for what
/// comes after the last cut. Any bytes will do; those that are no command leave no mark.
#[must_use]
pub fn render(bytes: &[u8], columns: u16) -> Vec<Vec<u8>> {
    let Ok(mut typesetter) = Typesetter::new(columns) else { return Vec::new() };
    let mut parser = super::parser::Parser::default();
    parser.push(bytes);
    let mut slips = Vec::new();
    let mut always = |_| true;
    while let Some((command, _)) = parser.next_command() {
        if slips.len() < SLIPS_MAX
            && let Some(Ok(slip)) = typesetter.apply(command, &mut always)
        {
            slips.push(slip.png);
        }
    }
    let _ = typesetter.apply(Command::Cut(0), &mut always).and_then(Result::ok).map(|slip| slips.push(slip.png));
    slips
}

/// Slips rendered from one capture, so that no stream can fill the memory.
const SLIPS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_picture_for_each_cut_and_one_for_the_rest() {
        assert_eq!(render(b"", 48).len(), 0);
        assert_eq!(render(b"a\n\x1dV\x00b\n\x1dVA\x10c", 32).len(), 3);
        assert_eq!(render(b"\x1dV\x00\x1dV\x00", 32).len(), 0, "blank paper is no slip");
    }

    #[test]
    fn any_bytes_are_drawn_or_ignored() {
        let mut seed = 0x0bad_cafe_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        };
        for _ in 0..15 {
            // Mostly the first bytes of commands, or the noise would be text.
            let noise: Vec<u8> = (0..400)
                .map(|_| match next() % 4 {
                    0 => [0x1b, 0x1d, 0x10, 0x0a][usize::from(next() % 4)],
                    1 => b"@!*taEdJ23vV(krIL"[usize::from(next() % 17)],
                    2 => next() % 8,
                    _ => next(),
                })
                .collect();
            let _ = render(&noise, 32);
        }
    }
}

//! A job as ESC/POS bytes. The `escpos` crate writes the commands; pictures are our own `GS v 0`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use escpos::driver::Driver;
use escpos::errors::PrinterError;
use escpos::printer::Printer;
use escpos::printer_options::PrinterOptions;
use escpos::utils::{Encoder, JustifyMode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption};
use qrcode::{Color, EcLevel, QrCode};

use super::{Align, CodePage, Cutter, PrintJob, PrinterProfile, QrMode, Raster, SlipLine};
use crate::{Error, ErrorKind};

/// Rows sent in one `GS v 0`: small printers hold one command in a buffer of a few kilobytes.
const BAND_ROWS: usize = 64;

/// Modules of blank paper a QR code needs around it.
const QUIET_MODULES: u32 = 4;

/// Height of a font A character cell, in dots.
const CELL_HEIGHT: u32 = 24;

/// Distance between two lines unless the text is taller, in dots.
const LINE_DOTS: u32 = 30;

/// From the head to the cutter or the tear bar, in millimetres: what a slip needs beyond its last line.
const EDGE_MM: f32 = 20.0;

/// Collects the bytes of the encoder; the transport sends them, with its own timeouts and its own short writes.
#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Driver for Buffer {
    fn name(&self) -> String {
        "buffer".to_owned()
    }

    fn write(&self, data: &[u8]) -> Result<(), PrinterError> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> Result<usize, PrinterError> {
        Ok(0)
    }

    fn flush(&self) -> Result<(), PrinterError> {
        Ok(())
    }
}

/// A job as a printer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoded {
    /// The commands.
    pub(super) bytes: Vec<u8>,
    /// Paper it takes, in dots.
    pub(super) dots: u32,
}

/// The bytes of a job for a printer.
///
/// # Errors
///
/// `InvalidRequest` when a QR code or picture does not fit the paper.
pub(super) fn encode(job: &PrintJob, profile: &PrinterProfile) -> Result<Encoded, Error> {
    let buffer = Buffer::default();
    let columns = u8::try_from(profile.columns).unwrap_or(u8::MAX);
    let options = PrinterOptions::new(None, None, columns);
    let mut printer = Printer::new(buffer.clone(), Protocol::new(Encoder::default()), Some(options));
    printer.init().map_err(refused)?;
    let mut writer = Writer { printer, profile, pages: Pages::of(job, profile.code_page), dots: 0 };
    let first = writer.pages.next();
    writer.change_page(first)?;
    for line in &job.lines {
        writer.line(line)?;
    }
    writer.printer.print().map_err(refused)?;
    let dots = writer.dots;
    drop(writer);
    Ok(Encoded { bytes: buffer.0.take(), dots })
}

fn refused(error: PrinterError) -> Error {
    Error::new(ErrorKind::InvalidRequest, "the job cannot be encoded").with_source(error)
}

/// The code page for each character of a job, in the order they are written.
struct Pages {
    runs: VecDeque<(usize, CodePage)>,
    last: CodePage,
}

impl Pages {
    fn of(job: &PrintJob, page: CodePage) -> Self {
        let text: String = job
            .lines
            .iter()
            .filter_map(|line| match line {
                SlipLine::Text { text, .. } => {
                    Some(text.split('\n').map(|part| page.printable(part)).collect::<String>())
                }
                _ => None,
            })
            .collect();
        let runs: VecDeque<_> = page.runs(&text).into();
        let last = runs.front().map_or(CodePage::Pc437, |(_, page)| *page);
        Self { runs, last }
    }

    /// The page of the next character.
    fn next(&self) -> CodePage {
        self.runs.front().map_or(self.last, |(_, page)| *page)
    }

    /// Goes on by one character.
    fn advance(&mut self) {
        if let Some((left, page)) = self.runs.front_mut() {
            self.last = *page;
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.runs.pop_front();
            }
        }
    }
}

/// Writes elements one after the other and adds up the paper they take.
struct Writer<'a> {
    printer: Printer<Buffer>,
    profile: &'a PrinterProfile,
    pages: Pages,
    dots: u32,
}

impl Writer<'_> {
    fn change_page(&mut self, page: CodePage) -> Result<(), Error> {
        self.custom(&[0x1b, b't', page.number()])
    }

    fn custom(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.printer.custom(bytes).map(|_| ()).map_err(refused)
    }

    fn justify(&mut self, mode: JustifyMode) -> Result<(), Error> {
        self.printer.justify(mode).map(|_| ()).map_err(refused)
    }

    fn line(&mut self, line: &SlipLine) -> Result<(), Error> {
        match line {
            SlipLine::Text { text, align, size, bold } => {
                self.justify(match align {
                    Align::Left => JustifyMode::LEFT,
                    Align::Center => JustifyMode::CENTER,
                    Align::Right => JustifyMode::RIGHT,
                })?;
                let (width, height) = (size.width.clamp(1, 8), size.height.clamp(1, 8));
                self.printer.bold(*bold).and_then(|p| p.size(width, height)).map_err(refused)?;
                for part in text.split('\n') {
                    self.text(part)?;
                    self.printer.feed().map_err(refused)?;
                    let room = usize::from((self.profile.columns / u16::from(width)).max(1));
                    let rows = u32::try_from(part.chars().count().div_ceil(room)).unwrap_or(u32::MAX).max(1);
                    self.dots =
                        self.dots.saturating_add(rows.saturating_mul(LINE_DOTS.max(CELL_HEIGHT * u32::from(height))));
                }
            }
            SlipLine::Qr { data, size_mm } => self.qr(data, *size_mm)?,
            SlipLine::Raster(raster) => {
                if raster.width() > self.profile.dots() {
                    return Err(too_wide("picture", raster.width().into(), self.profile));
                }
                self.justify(JustifyMode::CENTER)?;
                self.raster(raster)?;
            }
            SlipLine::Rule => {
                let width = self.profile.dots();
                // Blank rows above and below, or the line sits on the text.
                const ROWS: usize = 20;
                const INKED: std::ops::Range<usize> = 9..11;
                let row_bytes = usize::from(width).div_ceil(8);
                let mut rows = vec![0; row_bytes * ROWS];
                rows[INKED.start * row_bytes..INKED.end * row_bytes].fill(0xff);
                self.justify(JustifyMode::LEFT)?;
                self.raster(&Raster::new(width, rows)?)?;
            }
            SlipLine::Feed(lines) => {
                self.printer.feeds(*lines).map_err(refused)?;
                self.dots += LINE_DOTS * u32::from(*lines);
            }
            SlipLine::Cut => {
                let to_edge = self.profile.mm_to_dots(EDGE_MM);
                match self.profile.cutter {
                    Cutter::Full => self.printer.cut().map(|_| ()).map_err(refused)?,
                    // The crate's partial cut is a full one with a feed of one dot (`GS V 65 1`).
                    Cutter::Partial => self.custom(&[0x1d, 0x56, 66, 0])?,
                    Cutter::TearBar => self.custom(&feed_dots(to_edge))?,
                }
                self.dots += to_edge;
            }
        }
        Ok(())
    }

    /// Text in the code pages that carry it.
    fn text(&mut self, text: &str) -> Result<(), Error> {
        let text = self.profile.code_page.printable(text);
        let mut bytes = Vec::with_capacity(text.len());
        let mut page = self.pages.last;
        for character in text.chars() {
            let next = self.pages.next();
            if next != page {
                bytes.extend_from_slice(&[0x1b, b't', next.number()]);
                page = next;
            }
            bytes.push(page.encode(character).unwrap_or(b'?'));
            self.pages.advance();
        }
        self.custom(&bytes)
    }

    fn qr(&mut self, data: &str, size_mm: f32) -> Result<(), Error> {
        let code = QrCode::with_error_correction_level(data, EcLevel::M)
            .map_err(|error| Error::new(ErrorKind::InvalidRequest, "the QR code cannot be made").with_source(error))?;
        let modules = u32::try_from(code.width()).unwrap_or(u32::MAX);
        // Two dots per module is the least a phone camera reads from thermal paper.
        let dots = (self.profile.mm_to_dots(size_mm) / modules).clamp(2, 16);
        let width = dots * modules;
        // The quiet zone beside the code must be on the paper as well: the margins beyond the printable width are
        // not the same on every printer.
        let with_quiet = width + 2 * dots * QUIET_MODULES;
        if with_quiet > u32::from(self.profile.dots()) {
            return Err(too_wide("QR code", with_quiet, self.profile));
        }
        let quiet = dots * QUIET_MODULES;
        self.justify(JustifyMode::CENTER)?;
        self.custom(&feed_dots(quiet))?;
        // Bytes of a code with control characters could hold a real-time command, which a printer obeys anywhere.
        if self.profile.qr == QrMode::Native && !data.chars().any(char::is_control) {
            let size = u8::try_from(dots).unwrap_or(16);
            let option = QRCodeOption::new(QRCodeModel::Model2, size, QRCodeCorrectionLevel::M);
            self.printer.qrcode_option(data, option).map_err(refused)?;
            self.dots += width;
        } else {
            self.raster(&draw_qr(&code, dots)?)?;
        }
        self.custom(&feed_dots(quiet))?;
        self.dots += 2 * quiet;
        Ok(())
    }

    fn raster(&mut self, raster: &Raster) -> Result<(), Error> {
        let row_bytes = raster.row_bytes();
        for band in raster.rows().chunks(row_bytes * BAND_ROWS) {
            let [xl, xh] = u16::try_from(row_bytes).unwrap_or(u16::MAX).to_le_bytes();
            let [yl, yh] = u16::try_from(band.len() / row_bytes).unwrap_or(u16::MAX).to_le_bytes();
            let mut command = vec![0x1d, 0x76, 0x30, 0x00, xl, xh, yl, yh];
            command.extend_from_slice(band);
            disarm(&mut command[8..]);
            self.custom(&command)?;
        }
        self.dots += u32::from(raster.height());
        Ok(())
    }
}

/// Real-time commands (DLE EOT, DLE ENQ, DLE DC4) are obeyed wherever they stand, so a picture must not contain one:
/// a dot beside the lonely one makes its byte another.
fn disarm(picture: &mut [u8]) {
    for at in 1..picture.len() {
        if picture[at - 1] == 0x10 && matches!(picture[at], 0x04 | 0x05 | 0x14) {
            picture[at - 1] |= 0x08;
        }
    }
}

/// Draws a QR code without a quiet zone, `dots` dots per module.
pub(super) fn draw_qr(code: &QrCode, dots: u32) -> Result<Raster, Error> {
    let dots = dots as usize;
    let modules = code.width();
    let width = modules * dots;
    let row_bytes = width.div_ceil(8);
    let colors = code.to_colors();
    let mut rows = Vec::with_capacity(row_bytes * width);
    for line in colors.chunks(modules) {
        let mut row = vec![0_u8; row_bytes];
        for x in 0..width {
            if line[x / dots] == Color::Dark {
                row[x / 8] |= 0x80 >> (x % 8);
            }
        }
        for _ in 0..dots {
            rows.extend_from_slice(&row);
        }
    }
    let width = u16::try_from(width)
        .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the QR code is larger than any paper"))?;
    Raster::new(width, rows)
}

/// `ESC J n`: feeds paper by dots.
fn feed_dots(dots: u32) -> [u8; 3] {
    [0x1b, b'J', u8::try_from(dots).unwrap_or(u8::MAX)]
}

fn too_wide(what: &str, width: u32, profile: &PrinterProfile) -> Error {
    let room = profile.dots();
    Error::new(ErrorKind::InvalidRequest, format!("the {what} is {width} dots wide, the paper {room}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slip_printer::TextSize;

    fn bytes(job: PrintJob) -> Vec<u8> {
        encode(&job, &PrinterProfile::columns_48()).unwrap().bytes
    }

    #[test]
    fn text_is_bytes_of_the_code_page_and_nothing_else() {
        let job = PrintJob::new().styled("Café\u{1b}m 漢", Align::Center, TextSize::DOUBLE, true);
        let expected: Vec<u8> = [
            &[0x1b, 0x40, 0x1b, 0x74, 0][..],
            &[0x1b, 0x61, 1, 0x1b, 0x45, 1, 0x1d, 0x21, 0x11],
            b"Caf\x82 m ?",
            &[0x1b, 0x64, 1],
        ]
        .concat();
        assert_eq!(bytes(job), expected);
    }

    #[test]
    fn the_native_qr_code_is_the_five_known_commands() {
        let out = bytes(PrintJob::new().qr("ANJ1:TEST", 30.0));
        // 30 mm are 240 dots; version 1 has 21 modules, so 11 dots each.
        let expected: Vec<u8> = [
            &[0x1b, 0x61, 1, 0x1b, 0x4a, 44][..],
            &[0x1d, 0x28, 0x6b, 4, 0, 0x31, 0x41, 0x32, 0],
            &[0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x43, 11],
            &[0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x45, 0x31],
            &[0x1d, 0x28, 0x6b, 12, 0, 0x31, 0x50, 0x30],
            b"ANJ1:TEST",
            &[0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30],
            &[0x1b, 0x4a, 44],
        ]
        .concat();
        assert_eq!(&out[5..], expected);
    }

    #[test]
    fn a_picture_goes_in_bands_of_whole_rows() {
        let raster = Raster::new(10, vec![0xa5; 2 * 100]).unwrap();
        let out = bytes(PrintJob::new().raster(raster));
        assert_eq!(&out[5..16], [0x1b, 0x61, 1, 0x1d, 0x76, 0x30, 0, 2, 0, 64, 0]);
        let second = 16 + 128;
        assert_eq!(&out[second..second + 8], [0x1d, 0x76, 0x30, 0, 2, 0, 36, 0]);
        assert_eq!(out.len(), second + 8 + 72);
    }

    #[test]
    fn what_is_wider_than_the_paper_is_refused() {
        let narrow = PrinterProfile::columns_32();
        let raster = Raster::new(400, vec![0; 50]).unwrap();
        assert!(encode(&PrintJob::new().raster(raster), &narrow).is_err());
        assert!(encode(&PrintJob::new().qr("x".repeat(60), 80.0), &narrow).is_err());
        assert!(encode(&PrintJob::new().qr("x".repeat(5000), 30.0), &narrow).is_err());
    }

    #[test]
    fn a_slip_leaves_the_roll_as_the_printer_can() {
        for (cutter, end) in [
            (Cutter::Full, &[0x1d, 0x56, 0x41, 0][..]),
            (Cutter::Partial, &[0x1d, 0x56, 0x42, 0]),
            // 20 mm of 203 dots per inch, and no cut.
            (Cutter::TearBar, &[0x1b, 0x4a, 160]),
        ] {
            let profile = PrinterProfile { cutter, ..PrinterProfile::columns_48() };
            let out = encode(&PrintJob::new().text("a\n").cut(), &profile).unwrap();
            assert!(out.bytes.ends_with(end), "{cutter:?} {:02x?}", out.bytes);
        }
    }

    #[test]
    fn the_code_page_changes_inside_a_job_only_where_it_must() {
        let count = |job: PrintJob| bytes(job).windows(2).filter(|pair| pair == b"\x1bt").count();
        assert_eq!(count(PrintJob::new().text("Café").text("5 €").text("Łódź")), 2);
        assert_eq!(count(PrintJob::new().text("Café – 5 €").text("é").rule().text("GRATIS")), 1);
        let out = bytes(PrintJob::new().text("5 €").text("Ł"));
        assert!(out.starts_with(&[0x1b, 0x40, 0x1b, 0x74, 19]));
        assert!(out.windows(4).any(|part| part == [0x1b, 0x74, 18, 0x9d]), "{out:02x?}");
    }

    #[test]
    fn a_qr_code_is_the_nearest_size_below_and_keeps_its_quiet_zone() {
        for profile in [PrinterProfile::columns_32(), PrinterProfile::columns_48()] {
            for length in [5_usize, 20, 62, 120] {
                for mm in [15.0_f32, 24.0, 30.0, 33.1, 40.0] {
                    let data = "k".repeat(length);
                    let modules = QrCode::with_error_correction_level(&data, EcLevel::M).unwrap().width() as u32;
                    let wanted = profile.mm_to_dots(mm);
                    let Ok(out) = encode(&PrintJob::new().qr(data, mm), &profile) else {
                        let least = (wanted / modules).clamp(2, 16) * (modules + 8);
                        assert!(least > u32::from(profile.dots()), "{length} {mm}");
                        continue;
                    };
                    let at = out.bytes.windows(7).position(|part| part == b"\x1d(k\x03\x001C").unwrap();
                    let dots = u32::from(out.bytes[at + 7]);
                    assert!(dots * modules <= wanted || dots == 2);
                    assert!((dots + 1) * modules > wanted || dots == 16);
                    assert!(dots * (modules + 8) <= u32::from(profile.dots()));
                    assert_eq!(out.dots, dots * (modules + 8));
                }
            }
        }
    }

    #[test]
    fn nothing_in_a_job_is_a_command_to_the_printer_at_once() {
        let picture = Raster::new(64, [0x10, 0x04, 0x01, 0x10, 0x05, 0x02, 0x10, 0x14].repeat(9)).unwrap();
        let job = PrintJob::new().raster(picture).qr("a\u{10}\u{5}\u{2}", 30.0).text("\u{10}\u{4}\u{1}");
        let out = bytes(job);
        assert!(!out.windows(2).any(|pair| pair[0] == 0x10 && [0x04, 0x05, 0x14].contains(&pair[1])));
    }

    #[test]
    fn the_paper_of_a_job_is_known_before_it_is_printed() {
        let job = PrintJob::new().text("a").styled("b", Align::Left, TextSize::DOUBLE, false).feed(2).rule();
        assert_eq!(encode(&job, &PrinterProfile::columns_48()).unwrap().dots, 30 + 48 + 60 + 20);
        // A line of 60 characters takes two.
        assert_eq!(encode(&PrintJob::new().text("x".repeat(60)), &PrinterProfile::columns_48()).unwrap().dots, 60);
    }
}

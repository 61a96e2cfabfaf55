//! A job as ESC/POS bytes. The `escpos` crate writes the commands; pictures are our own `GS v 0`.

use std::cell::RefCell;
use std::rc::Rc;

use escpos::driver::Driver;
use escpos::errors::PrinterError;
use escpos::printer::Printer;
use escpos::printer_options::PrinterOptions;
use escpos::utils::{Encoder, JustifyMode, PageCode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption};
use qrcode::{Color, EcLevel, QrCode};

use super::{Align, CodePage, PrintJob, PrinterProfile, QrMode, Raster, SlipLine};
use crate::{Error, ErrorKind};

/// Rows sent in one `GS v 0`: small printers hold one command in a buffer of a few kilobytes.
const BAND_ROWS: usize = 64;

/// Modules of blank paper a QR code needs around it.
const QUIET_MODULES: u32 = 4;

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

/// The bytes of a job for a printer.
///
/// # Errors
///
/// `InvalidRequest` when a QR code or picture does not fit the paper.
pub(super) fn encode(job: &PrintJob, profile: &PrinterProfile) -> Result<Vec<u8>, Error> {
    let buffer = Buffer::default();
    let page = match profile.code_page {
        CodePage::Pc437 => PageCode::PC437,
        CodePage::Wpc1252 => PageCode::WPC1252,
    };
    let columns = u8::try_from(profile.columns).unwrap_or(u8::MAX);
    let options = PrinterOptions::new(Some(page), None, columns);
    let mut printer = Printer::new(buffer.clone(), Protocol::new(Encoder::default()), Some(options));
    let refused =
        |error: PrinterError| Error::new(ErrorKind::InvalidRequest, "the job cannot be encoded").with_source(error);
    printer.init().map_err(refused)?;
    for line in &job.lines {
        write_line(&mut printer, line, profile)?;
    }
    printer.print().map_err(refused)?;
    let bytes = buffer.0.take();
    Ok(bytes)
}

fn write_line(printer: &mut Printer<Buffer>, line: &SlipLine, profile: &PrinterProfile) -> Result<(), Error> {
    let refused =
        |error: PrinterError| Error::new(ErrorKind::InvalidRequest, "the job cannot be encoded").with_source(error);
    match line {
        SlipLine::Text { text, align, size, bold } => {
            let justify = match align {
                Align::Left => JustifyMode::LEFT,
                Align::Center => JustifyMode::CENTER,
                Align::Right => JustifyMode::RIGHT,
            };
            printer
                .justify(justify)
                .and_then(|p| p.bold(*bold))
                .and_then(|p| p.size(size.width.clamp(1, 8), size.height.clamp(1, 8)))
                .map_err(refused)?;
            for part in text.split('\n') {
                printer.writeln(&profile.code_page.printable(part)).map_err(refused)?;
            }
        }
        SlipLine::Qr { data, size_mm } => write_qr(printer, data, *size_mm, profile)?,
        SlipLine::Raster(raster) => {
            if raster.width() > profile.dots() {
                return Err(too_wide("picture", raster.width().into(), profile));
            }
            printer.justify(JustifyMode::CENTER).map_err(refused)?;
            write_raster(printer, raster)?;
        }
        SlipLine::Rule => {
            let width = profile.dots();
            // Blank rows above and below, or the line sits on the text.
            const ROWS: usize = 20;
            const INKED: std::ops::Range<usize> = 9..11;
            let row_bytes = usize::from(width).div_ceil(8);
            let mut rows = vec![0; row_bytes * ROWS];
            rows[INKED.start * row_bytes..INKED.end * row_bytes].fill(0xff);
            printer.justify(JustifyMode::LEFT).map_err(refused)?;
            write_raster(printer, &Raster::new(width, rows)?)?;
        }
        SlipLine::Feed(lines) => {
            printer.feeds(*lines).map_err(refused)?;
        }
        SlipLine::Cut => {
            printer.cut().map_err(refused)?;
        }
    }
    Ok(())
}

fn write_qr(printer: &mut Printer<Buffer>, data: &str, size_mm: f32, profile: &PrinterProfile) -> Result<(), Error> {
    let refused =
        |error: PrinterError| Error::new(ErrorKind::InvalidRequest, "the QR code cannot be encoded").with_source(error);
    let code = QrCode::with_error_correction_level(data, EcLevel::M)
        .map_err(|error| Error::new(ErrorKind::InvalidRequest, "the QR code cannot be made").with_source(error))?;
    let modules = u32::try_from(code.width()).unwrap_or(u32::MAX);
    // Two dots per module is the least a phone camera reads from thermal paper.
    let dots = (profile.mm_to_dots(size_mm) / modules).clamp(2, 16);
    let width = dots * modules;
    if width > u32::from(profile.dots()) {
        return Err(too_wide("QR code", width, profile));
    }
    let quiet = feed_dots(dots * QUIET_MODULES);
    printer.justify(JustifyMode::CENTER).and_then(|p| p.custom(&quiet)).map_err(refused)?;
    match profile.qr {
        QrMode::Native => {
            let size = u8::try_from(dots).unwrap_or(16);
            let option = QRCodeOption::new(QRCodeModel::Model2, size, QRCodeCorrectionLevel::M);
            printer.qrcode_option(data, option).map_err(refused)?;
        }
        QrMode::Raster => write_raster(printer, &draw_qr(&code, dots)?)?,
    }
    printer.custom(&quiet).map_err(refused)?;
    Ok(())
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

fn write_raster(printer: &mut Printer<Buffer>, raster: &Raster) -> Result<(), Error> {
    let row_bytes = raster.row_bytes();
    for band in raster.rows().chunks(row_bytes * BAND_ROWS) {
        let [xl, xh] = u16::try_from(row_bytes).unwrap_or(u16::MAX).to_le_bytes();
        let [yl, yh] = u16::try_from(band.len() / row_bytes).unwrap_or(u16::MAX).to_le_bytes();
        let mut command = vec![0x1d, 0x76, 0x30, 0x00, xl, xh, yl, yh];
        command.extend_from_slice(band);
        printer.custom(&command).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the picture cannot be encoded").with_source(error)
        })?;
    }
    Ok(())
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
        encode(&job, &PrinterProfile::columns_48()).unwrap()
    }

    #[test]
    fn text_is_bytes_of_the_code_page_and_nothing_else() {
        let job = PrintJob::new().styled("Café\u{1b}m 漢", Align::Center, TextSize::DOUBLE, true);
        let expected: Vec<u8> = [
            &[0x1b, 0x40, 0x1b, 0x74, 16][..],
            &[0x1b, 0x61, 1, 0x1b, 0x45, 1, 0x1d, 0x21, 0x11],
            b"Caf\xe9 m ?",
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
}

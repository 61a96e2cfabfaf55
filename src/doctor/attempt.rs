//! Tries one device for real, so that an installer sees paper, hears sound, and holds a card to the reader.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anjungan_hardware::{
    Align, CardEvent, DeviceUrl, Error, PageFormat, PrintJob, PrintOutcome, Scan, ScanRequest, Scope, TextSize,
    open_document_scanner, open_ektp_reader, open_qr_scanner, open_speaker,
};

use super::page;
use crate::clock::World;
use crate::config::Config;
use crate::station::devices::{CHIME, open_configured_printer};

/// What the sample slip's QR says.
const SAMPLE_CODE: &str = "ANJUNGAN-UJI-CETAK-0001";
/// Edge of the sample QR, as on a real slip.
const SAMPLE_QR_MM: f32 = 33.1;
/// How long somebody has to hold a card or a code.
const PERSON_WAIT: Duration = Duration::from_secs(20);
/// Longest time for reading a card.
const READ_LIMIT: Duration = Duration::from_secs(20);

/// What to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Prints a sample slip.
    Print,
    /// Scans a page into a file.
    Scan {
        /// Which file; its ending is set by what the scanner gives.
        to: PathBuf,
    },
    /// Waits for a QR code.
    ScanQr,
    /// Waits for a card and reads it.
    Read,
    /// Plays the chime.
    Speak,
    /// Prints an A4 page.
    Page,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// The configuration names no such device.
    #[error("section [{0}] is missing; see docs/configuration.md")]
    SectionMissing(&'static str),
    /// The device failed.
    #[error("{0}")]
    Device(#[from] Error),
    /// The slip did not come out, or not certainly.
    #[error("the slip: {0}")]
    Slip(String),
    /// The A4 page did not come out.
    #[error("the page: {0}")]
    Page(String),
    /// Nobody held anything to the device.
    #[error("nothing came within {} seconds", PERSON_WAIT.as_secs())]
    Nothing,
    /// The result cannot be written.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

impl Attempt {
    /// Tries it and says what happened.
    ///
    /// # Errors
    /// Says why nothing came of it.
    pub fn run(&self, config: &Config, world: &World, out: &mut dyn Write) -> Result<(), AttemptError> {
        match self {
            Self::Print => print(config, world, out),
            Self::Scan { to } => scan(config, to, out),
            Self::ScanQr => scan_qr(config, out),
            Self::Read => read(config, out),
            Self::Speak => speak(config, out),
            Self::Page => print_page(config, world, out),
        }
    }
}

fn stamp(config: &Config, world: &World) -> String {
    config.office.timezone.stamp_text(world.now())
}

fn print(config: &Config, world: &World, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.printer.as_ref().ok_or(AttemptError::SectionMissing("printer"))?;
    let mut printer = open_configured_printer(section)?;
    let job = PrintJob::new()
        .styled("UJI CETAK", Align::Center, TextSize::DOUBLE, true)
        .styled(config.office.name.clone(), Align::Center, TextSize::NORMAL, false)
        .styled(stamp(config, world), Align::Center, TextSize::NORMAL, false)
        .rule()
        .qr(SAMPLE_CODE, SAMPLE_QR_MM)
        .styled(SAMPLE_CODE, Align::Center, TextSize::NORMAL, false)
        .text("Pindai kode di atas dengan pemindai loket; hasilnya harus sama dengan tulisan di bawahnya.")
        .feed(1)
        .cut();
    match printer.print(&job) {
        PrintOutcome::Printed => {
            writeln!(out, "Slip uji tercetak. Ambil, lalu pindai kodenya dengan `anjungan doctor scan-qr`.")?;
            Ok(())
        }
        PrintOutcome::NotPrinted(fault) => Err(AttemptError::Slip(format!("not printed: {}", fault.detail))),
        PrintOutcome::Unknown(fault) => Err(AttemptError::Slip(format!("perhaps printed: {}", fault.detail))),
    }
}

fn scan(config: &Config, to: &std::path::Path, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.document_scanner.as_ref().ok_or(AttemptError::SectionMissing("document_scanner"))?;
    let mut scanner = open_document_scanner(&section.url.parse()?)?;
    let request = ScanRequest { dpi: section.dpi, ..ScanRequest::a4("default") };
    let began = Instant::now();
    let page = scanner.scan(&request, &mut |_| true)?;
    let ending = match page.format {
        PageFormat::Jpeg => "jpg",
        PageFormat::Png => "png",
    };
    let to = to.with_extension(ending);
    fs::write(&to, &page.bytes)?;
    let (wide, high, kilobytes) = (page.width_px, page.height_px, page.bytes.len() / 1024);
    let took = began.elapsed().as_secs_f32();
    writeln!(out, "Halaman {wide} x {high} piksel, {kilobytes} kB, {took:.1} detik: {}", to.display())?;
    Ok(())
}

fn scan_qr(config: &Config, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.qr_scanner.as_ref().ok_or(AttemptError::SectionMissing("qr_scanner"))?;
    let mut scanner = open_qr_scanner(&section.url.parse()?)?;
    scanner.flush()?;
    writeln!(out, "Dekatkan kode QR ke pemindai…")?;
    match scanner.wait_scan(PERSON_WAIT)? {
        // A code opens a case: only the sample's own text is shown.
        Some(Scan::Code(text)) if text == SAMPLE_CODE => writeln!(out, "Terbaca: {SAMPLE_CODE}")?,
        Some(Scan::Code(text)) => writeln!(out, "Terbaca: kode dengan {} huruf", text.chars().count())?,
        Some(Scan::TooLong) => writeln!(out, "Terbaca, tetapi terlalu panjang untuk slip.")?,
        Some(Scan::Unreadable) => writeln!(out, "Pemindai mengirim data yang bukan tulisan; periksa kecepatannya.")?,
        None => return Err(AttemptError::Nothing),
    }
    Ok(())
}

fn read(config: &Config, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.ektp_reader.as_ref().ok_or(AttemptError::SectionMissing("ektp_reader"))?;
    let url: DeviceUrl = section.url.parse()?;
    let mut reader = open_ektp_reader(&url)?;
    let status = reader.status()?;
    writeln!(out, "{}: letakkan KTP-el pada pembaca…", status.model)?;
    if reader.wait_card(PERSON_WAIT)? == CardEvent::NoCard {
        return Err(AttemptError::Nothing);
    }
    let reading = reader.read(&[Scope::Identity], READ_LIMIT)?;
    // Whose card it is stays on the card: the last digits prove that it was read.
    let last4: String = reading.nik.chars().skip(12).collect();
    writeln!(out, "Kartu terbaca: NIK berakhir {last4}, sumber {:?}", reading.origin)?;
    Ok(())
}

fn speak(config: &Config, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.speaker.as_ref().ok_or(AttemptError::SectionMissing("speaker"))?;
    let mut speaker = open_speaker(&section.url.parse()?)?;
    speaker.play(CHIME)?;
    let until = Instant::now() + PERSON_WAIT;
    while speaker.is_playing() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    writeln!(out, "Tiga nada sudah dibunyikan. Bila tidak terdengar, periksa volume dan kabel.")?;
    Ok(())
}

fn print_page(config: &Config, world: &World, out: &mut dyn Write) -> Result<(), AttemptError> {
    let section = config.page_printer.as_ref().ok_or(AttemptError::SectionMissing("page_printer"))?;
    page::print_test_page(&section.url, &config.office.name, &stamp(config, world)).map_err(AttemptError::Page)?;
    writeln!(out, "Halaman uji tercetak. Ukur bingkainya: 10 mm dari tepi, garisnya 100 mm.")?;
    Ok(())
}

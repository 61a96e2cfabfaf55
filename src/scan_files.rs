//! Pages from files, for the command line: pictures as they are, PDFs of a network scanner through poppler's `pdftoppm`.
//!
//! The one place where scanning touches files and programs; everything about pictures is in [`crate::scan`].

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::catalogue::{Catalogue, DocumentKey};
use crate::program::{self, ProgramError};
use crate::scan::{self, DecodeError, EncodeError, Look, QUALITY, Reason, qr, reading};
use crate::tesseract::Tesseract;

/// Most pages of a file.
pub const PAGES_MAX: usize = 64;
/// Resolution at which pages of a PDF are drawn, in dots per inch, and the longest side in pixels: 14 inches.
const PDF_DPI: u16 = 300;
const PDF_SIDE_MAX_PX: u32 = 4200;
/// Longest time for one page of a PDF, and its largest picture, in bytes.
const PDF_PAGE_MAX: Duration = Duration::from_secs(30);
const PDF_PICTURE_BYTES_MAX: usize = 64 << 20;

/// Why a file gave no pages.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no page.
    #[error("is no page: {0}")]
    Decode(#[from] DecodeError),
    /// The program for PDFs did not do its work.
    #[error("is a PDF that cannot be drawn: {0}")]
    Pdf(#[from] ProgramError),
    /// A PDF without a page, or with too many.
    #[error("has {0} pages; 1 to {PAGES_MAX} can be read")]
    Pages(usize),
    /// The straight page cannot be written.
    #[error("cannot be written: {0}")]
    Encode(#[from] EncodeError),
}

/// An encoded picture, and its resolution in dots per inch where it is known.
pub type EncodedPage = (Vec<u8>, Option<u16>);

/// Reads a file: one encoded picture for each page, and its resolution where the file is a PDF.
///
/// # Errors
/// When it cannot be read, or is a PDF that cannot be drawn.
pub fn open(path: &Path) -> Result<Vec<EncodedPage>, FileError> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("not a plain file").into());
    }
    file.take(scan::BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > scan::BYTES_MAX {
        return Err(DecodeError::TooLarge.into());
    }
    if bytes.starts_with(b"%PDF-") { pdf(&bytes) } else { Ok(vec![(bytes, None)]) }
}

fn pdf(bytes: &[u8]) -> Result<Vec<EncodedPage>, FileError> {
    let info = |arguments: &[&str]| {
        let mut command = Command::new("pdfinfo");
        command.args(arguments).arg("-").env("LC_ALL", "C");
        let said = program::run(command, bytes.to_vec(), PDF_PAGE_MAX, 1 << 20)?;
        Ok::<_, ProgramError>(String::from_utf8_lossy(&said).into_owned())
    };
    let pages = value(&info(&[])?, "Pages:").and_then(|count| count.parse().ok()).unwrap_or(0);
    if !(1..=PAGES_MAX).contains(&pages) {
        return Err(FileError::Pages(pages));
    }
    (1..=pages)
        .map(|page| {
            let page = page.to_string();
            // `Page    1 size:  595.32 x 841.92 pts (A4)`
            let said = info(&["-f", &page, "-l", &page])?;
            let line =
                said.lines().find(|line| line.starts_with("Page") && line.contains(" size:")).unwrap_or_default();
            let sides = line.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
            let long = sides.filter(|side| *side > 20.0).fold(0.0, f64::max) / 72.0;
            let wished = (long * f64::from(PDF_DPI)).round();
            let (mut command, mut dpi) = (Command::new("pdftoppm"), PDF_DPI);
            command.args(["-f", &page, "-l", &page, "-jpeg", "-jpegopt", "quality=93"]);
            if (100.0..=f64::from(PDF_SIDE_MAX_PX)).contains(&wished) {
                command.args(["-r", &PDF_DPI.to_string()]);
            } else {
                command.args(["-scale-to", &PDF_SIDE_MAX_PX.to_string()]);
                dpi = (f64::from(PDF_SIDE_MAX_PX) / long.max(0.1)).clamp(1.0, 1200.0) as u16;
            }
            command.arg("-");
            let picture = program::run(command, bytes.to_vec(), PDF_PAGE_MAX, PDF_PICTURE_BYTES_MAX)?;
            Ok((picture, Some(dpi)))
        })
        .collect()
}

fn value<'a>(said: &'a str, key: &str) -> Option<&'a str> {
    said.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// What is told of a page, one JSON object.
#[derive(Debug, Serialize)]
pub struct PageReport {
    /// The file.
    pub file: String,
    /// Page within the file, from 1.
    pub page: usize,
    /// `good` or `doubtful`.
    pub verdict: &'static str,
    /// Codes of the reasons, the first the most important.
    pub reasons: Vec<&'static str>,
    /// What is wrong and what to do, in Indonesian.
    pub words: Vec<&'static str>,
    /// By how much the lines were turned, in degrees, clockwise.
    pub skew_deg: f64,
    /// And by how many degrees in quarter turns.
    pub rotation: u16,
    /// Dots per inch.
    pub dpi: Option<u16>,
    /// 1 where print can just be read.
    pub sharpness: Option<f64>,
    /// Kind of document by its heading.
    pub kind: Option<DocumentKey>,
    /// NIKs on the page, with whether each is sure.
    pub nik: Vec<Number>,
    /// Number of the KK.
    pub no_kk: Option<Number>,
    /// What each QR code is.
    pub qr: Vec<&'static str>,
    /// Time for the page without reading words and codes, in milliseconds.
    pub ms: u64,
    /// The straight page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
}

/// A number that was read.
#[derive(Debug, Serialize)]
pub struct Number {
    /// 16 digits.
    pub value: String,
    /// Whether two readings agreed and nothing speaks against it.
    pub sure: bool,
}

/// A page after everything was done to it.
#[derive(Debug)]
pub struct Scanned {
    /// What was seen, with the kind's doubt among the others.
    pub look: Look,
    /// The straight page as JPEG.
    pub jpeg: Vec<u8>,
    /// Kind by its heading.
    pub kind: Option<DocumentKey>,
    /// Numbers and names; none without an OCR program.
    pub reading: Option<reading::Reading>,
    /// QR codes.
    pub codes: Vec<qr::Code>,
    /// Time without reading words and codes.
    pub took: Duration,
}

/// Does everything to one page. Without `reader` no words are read; a reader that fails is as none, and is logged.
///
/// # Errors
/// When the bytes are not a page.
pub fn scan_page(
    bytes: &[u8],
    dpi: Option<u16>,
    reader: Option<&Tesseract>,
    asked: Option<&DocumentKey>,
    today: Date,
) -> Result<Scanned, FileError> {
    let began = Instant::now();
    let page = scan::decode(bytes)?;
    let page = match dpi {
        Some(dpi) => page.with_dpi(dpi),
        None => page,
    };
    let mut look = scan::look(&page);
    let mut straight = scan::straighten(&page, &look);
    let mut jpeg = scan::to_jpeg(&straight, QUALITY)?;
    let took = began.elapsed();
    let blank = look.verdict.has(Reason::Blank);
    // What Tesseract says is against the page as it was straightened.
    if let Some(reader) = reader.filter(|_| !look.rotation_sure && !blank)
        && let Ok(Some(rotation)) = reader.rotation(&straight)
        && rotation.degrees() != 0
    {
        let turned = scan::Rotation::of_degrees(look.rotation.degrees() + rotation.degrees());
        look = look.clone().with_rotation(turned.unwrap_or(look.rotation));
        straight = scan::straighten(&page, &look);
        jpeg = scan::to_jpeg(&straight, QUALITY)?;
    }
    let codes = if blank { Vec::new() } else { qr::read(&straight) };
    let (mut kind, mut read) = (None, None);
    if let Some(reader) = reader.filter(|_| !blank) {
        match reader.words(&straight, &Catalogue::built_in().documents(), asked, today) {
            Ok((judged, found)) => {
                if judged.other {
                    look.verdict.doubt(Reason::OtherKind, look.region);
                }
                kind = judged.found;
                read = Some(found);
            }
            Err(error) => tracing::warn!(%error, "the page's words were not read"),
        }
    }
    Ok(Scanned { look, jpeg, kind, reading: read, codes, took })
}

impl Scanned {
    /// What is told of it.
    #[must_use]
    pub fn report(&self, file: &Path, page: usize, out: Option<PathBuf>) -> PageReport {
        let doubts = &self.look.verdict.doubts;
        let reading = self.reading.as_ref();
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        PageReport {
            file: file.display().to_string(),
            page,
            verdict: if self.look.verdict.good() { "good" } else { "doubtful" },
            reasons: doubts.iter().map(|doubt| doubt.reason.key()).collect(),
            words: doubts.iter().map(|doubt| doubt.reason.plain_words()).collect(),
            skew_deg: rounded(self.look.skew_deg),
            rotation: self.look.rotation.degrees(),
            dpi: self.look.dpi,
            sharpness: self.look.sharpness.map(rounded),
            kind: self.kind.clone(),
            nik: reading.map_or_else(Vec::new, |reading| {
                reading.niks.iter().map(|nik| Number { value: nik.value.as_str().to_owned(), sure: nik.sure }).collect()
            }),
            no_kk: reading
                .and_then(|reading| reading.no_kk.as_ref())
                .map(|no_kk| Number { value: no_kk.value.as_str().to_owned(), sure: no_kk.sure }),
            qr: self.codes.iter().map(qr::Code::code).collect(),
            ms: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            out,
        }
    }
}

//! `anjungan scan`.

use std::fs;
use std::path::{Path, PathBuf};

use anjungan::clock::World;
use anjungan::domain::catalogue::DocumentKey;
use anjungan::domain::office::Zone;
use anjungan::scan_files::{self, PageReport};
use anjungan::tesseract::Tesseract;

use super::AnyError;

#[derive(Debug, clap::Args)]
pub struct ScanOptions {
    /// JPEG, PNG, TIFF or PDF, one or more.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder for the straight pages; it is made if it is missing.
    #[arg(long)]
    out: PathBuf,
    /// Kind of document that is expected, a key of the service file, e.g. `kk_lama`.
    #[arg(long)]
    kind: Option<DocumentKey>,
    /// Dots per inch, where the files do not say it.
    #[arg(long)]
    dpi: Option<u16>,
    /// One JSON object a page.
    #[arg(long)]
    json: bool,
    /// Reads no words: no kind, no numbers.
    #[arg(long)]
    no_words: bool,
}

/// Goes through all files; one that cannot be read does not stop the others, but the end is a failure.
pub fn execute(options: &ScanOptions) -> Result<(), AnyError> {
    fs::create_dir_all(&options.out)?;
    let today = Zone::default().day(World::system().now());
    let reader = Tesseract::default();
    let reader = (!options.no_words && reader.installed()).then_some(reader);
    let mut failed = 0;
    for (number, file) in options.files.iter().enumerate() {
        if let Err(error) = one(options, file, number, reader.as_ref(), today) {
            failed += 1;
            eprintln!("anjungan: {}: {error}", file.display());
        }
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} files gave no page", options.files.len()).into()) }
}

fn one(
    options: &ScanOptions,
    file: &Path,
    number: usize,
    reader: Option<&Tesseract>,
    today: jiff::civil::Date,
) -> Result<(), AnyError> {
    for (at, (bytes, dpi)) in scan_files::open(file)?.into_iter().enumerate() {
        let scanned = scan_files::scan_page(&bytes, dpi.or(options.dpi), reader, options.kind.as_ref(), today)?;
        let stem = file.file_stem().map_or_else(|| "page".into(), |stem| stem.to_string_lossy().into_owned());
        // Two files of one name in two folders must not overwrite each other.
        let out = options.out.join(format!("{:03}-{stem}-{:02}.jpg", number + 1, at + 1));
        fs::write(&out, &scanned.jpeg)?;
        let report = scanned.report(file, at + 1, Some(out));
        if options.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!("{}", readable(&report));
        }
    }
    Ok(())
}

fn readable(report: &PageReport) -> String {
    let mut line = format!(
        "{} page {}: {}, turned {}°, skew {:.2}°",
        report.file,
        report.page,
        if report.reasons.is_empty() { "good".to_owned() } else { report.reasons.join(", ") },
        report.rotation,
        report.skew_deg,
    );
    if let Some(dpi) = report.dpi {
        line.push_str(&format!(", {dpi} dpi"));
    }
    if let Some(kind) = &report.kind {
        line.push_str(&format!(", {}", kind.as_str()));
    }
    if !report.qr.is_empty() {
        line.push_str(&format!(", QR {}", report.qr.join(", ")));
    }
    let sure = report.nik.iter().filter(|nik| nik.sure).count();
    if !report.nik.is_empty() {
        line.push_str(&format!(", {} NIK ({sure} sure)", report.nik.len()));
    }
    line.push_str(&format!(", {} ms", report.ms));
    report.words.iter().for_each(|words| line.push_str(&format!("\n    {words}")));
    line
}

//! The document scanner: each page of paper becomes one encoded picture.

mod blank;
mod camera;
mod escl;
mod folder;
mod page;
mod pictures;
mod pnm;
mod private_folder;
mod process;
mod sane;
mod simulator;

#[doc(hidden)]
pub mod fuzz;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use blank::{GlassReport, inspect_blank_page};
pub use escl::simulator::{EsclFault, EsclSimulator, EsclState};
pub use page::{MAX_PAGE_BYTES, MAX_PAGE_PIXELS, Page, PageFormat};
pub use sane::{SaneDevice, list_sane, list_sane_with};
pub use simulator::{ScannerFault, ScannerState};

use crate::{Address, DeviceUrl, Error, ErrorKind, Health};

/// Most pages one request may ask for; beyond it the request is refused with `TooLarge`.
pub const MAX_PAGES: u32 = 200;

/// Where the paper lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSource {
    /// What the device offers first, or what its URL says. A network scanner takes its feeder when paper lies in it
    /// and the glass otherwise.
    #[default]
    Default,
    /// The glass.
    Flatbed,
    /// The feeder, one side of each sheet.
    Feeder,
    /// The feeder, both sides of each sheet, front before back.
    FeederDuplex,
}

impl PageSource {
    /// Whether the paper comes out of a feeder for certain.
    pub fn is_feeder(self) -> bool {
        matches!(self, Self::Feeder | Self::FeederDuplex)
    }
}

/// Colour of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourMode {
    /// Shades of grey.
    Gray,
    /// Full colour.
    #[default]
    Colour,
}

/// What is to be scanned and how.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanRequest {
    /// Which document the applicant puts on the glass (`kk_lama`, `akta_kelahiran`); a simulator picks its picture
    /// by it.
    pub kind: String,
    /// Dots per inch.
    pub dpi: u16,
    /// Colour or grey.
    pub colour: ColourMode,
    /// Encoding of the picture where the driver can choose.
    pub format: PageFormat,
    /// Width of the area to scan, from the left edge.
    pub width_mm: f32,
    /// Height of the area to scan, from the top edge.
    pub height_mm: f32,
    /// Longest time for one page, from the request or from the end of the page before it.
    pub timeout: Duration,
    /// Where the paper lies.
    pub source: PageSource,
    /// Most pages of one [`DocumentScanner::scan_all`], 1 to [`MAX_PAGES`].
    pub max_pages: u32,
}

impl ScanRequest {
    /// An A4 page in colour at 300 dpi as JPEG, within 60 seconds, from where the device offers first; at most
    /// 20 pages of a feeder.
    pub fn a4(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            dpi: 300,
            colour: ColourMode::Colour,
            format: PageFormat::Jpeg,
            width_mm: 210.0,
            height_mm: 297.0,
            timeout: Duration::from_secs(60),
            source: PageSource::Default,
            max_pages: 20,
        }
    }

    /// Refuses what no driver will try: more pages than the limit, a picture beyond [`MAX_PAGE_PIXELS`].
    ///
    /// # Errors
    ///
    /// `TooLarge` with the figures, or `InvalidRequest`.
    pub fn check(&self) -> Result<(), Error> {
        let invalid = |what: String| Err(Error::new(ErrorKind::InvalidRequest, what));
        if self.max_pages > MAX_PAGES {
            let what = format!("{} pages were asked for, at most {MAX_PAGES} are allowed", self.max_pages);
            return Err(Error::new(ErrorKind::TooLarge, what));
        }
        if self.max_pages == 0 {
            return invalid("no page was asked for".into());
        }
        if !(MIN_DPI..=MAX_DPI).contains(&self.dpi) {
            return invalid(format!("{} dpi is not within {MIN_DPI} to {MAX_DPI}", self.dpi));
        }
        for length in [self.width_mm, self.height_mm] {
            // Also false for what is not a number.
            if !(1.0..=MAX_LENGTH_MM).contains(&length) {
                return invalid(format!("{length} mm is not within 1 to {MAX_LENGTH_MM}"));
            }
        }
        let dots = |millimetres: f32| f64::from(millimetres) / MM_PER_INCH * f64::from(self.dpi);
        let pixels = dots(self.width_mm) * dots(self.height_mm);
        if pixels > MAX_PAGE_PIXELS as f64 {
            let what = format!(
                "{} x {} mm at {} dpi is {:.0} million pixels, at most {} are allowed",
                self.width_mm,
                self.height_mm,
                self.dpi,
                pixels / 1e6,
                MAX_PAGE_PIXELS / 1_000_000
            );
            return Err(Error::new(ErrorKind::TooLarge, what));
        }
        Ok(())
    }

    /// For a driver whose device has no feeder.
    fn check_no_feeder(&self) -> Result<(), Error> {
        self.check()?;
        if self.source.is_feeder() {
            return Err(Error::new(ErrorKind::InvalidRequest, "this scanner has no feeder"));
        }
        Ok(())
    }
}

/// Millimetres of an inch.
const MM_PER_INCH: f64 = 25.4;

/// Resolutions a request may name.
const MIN_DPI: u16 = 30;
const MAX_DPI: u16 = 1200;

/// Longest side of a page; A3 and a folded certificate fit.
const MAX_LENGTH_MM: f32 = 1000.0;

/// The error of a scan that was told to end.
fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "cancelled")
}

/// The error of a feeder that had more pages than were asked for. The pages before it were delivered.
fn too_many(limit: u32) -> Error {
    Error::new(ErrorKind::TooLarge, format!("the feeder holds more than the {limit} pages that were asked for"))
}

/// A scanner of pages.
pub trait DocumentScanner: Send {
    /// Whether a page can be scanned now; at most ten seconds.
    ///
    /// # Errors
    ///
    /// `NotReachable`, `Busy`, `Denied` and whatever else the driver meets.
    fn status(&mut self) -> Result<Health, Error>;

    /// Scans one page. `progress` gets the done part (0 to 1) at least every tenth of a second or so and returns
    /// false to cancel.
    ///
    /// # Errors
    ///
    /// `Cancelled`, `Timeout`, `MediaAbsent` (no page), `Jammed`, `CoverOpen`, `Busy`, `Denied`, `NotReachable`,
    /// `TooLarge` (beyond [`MAX_PAGE_BYTES`] or [`MAX_PAGE_PIXELS`]), `Garbled` (not a whole picture), `Io`.
    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error>;

    /// Scans the feeder to its end, or one page of a flatbed, and returns how many pages were delivered.
    ///
    /// `progress` speaks of the page that is being scanned, so it starts again with each page. `on_page` gets each
    /// page as soon as it is whole and returns false when it wants no more; then the call ends well. A page that was
    /// delivered stays delivered, whatever happens after it.
    ///
    /// # Errors
    ///
    /// As [`Self::scan`]; `DoubleFeed`; `MediaAbsent` only when there was no page at all; `TooLarge` also for a
    /// `max_pages` beyond [`MAX_PAGES`] and, after `max_pages` pages, for a feeder that holds more.
    fn scan_all(
        &mut self,
        request: &ScanRequest,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> bool,
    ) -> Result<u32, Error> {
        let page = self.scan(request, progress)?;
        on_page(page);
        Ok(1)
    }

    /// Puts aside what was scanned and not fetched, so that no page of an earlier applicant gets into the next
    /// case. For the start of a session.
    ///
    /// # Errors
    ///
    /// When pages are there and cannot be moved; then a session must not start.
    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> Duration {
        crate::LOOK_EVERY
    }

    /// Whether the pages are not real.
    fn simulated(&self) -> bool;

    /// The state in one word; an unreachable scanner is a word, too.
    fn health(&mut self) -> Health {
        self.status().unwrap_or_else(|error| error.health())
    }
}

/// Opens the scanner a URL names. The scanner itself is not touched yet.
///
/// Options in the URL (all: `simulated=1`):
///
/// * `sane:` `config=<dir>` sets `SANE_CONFIG_DIR` for the scan program, `opt.<name>=<value>` is handed to it as
///   `--<name>=<value>`.
/// * `folder:` `keep=1` keeps the files, `settle=<seconds>` is how long a file may stay incomplete (10), `quiet=<seconds>`
///   how long nothing new must come until a stack of pages is complete (5).
/// * `v4l:` `skip=<pictures>` is how many are thrown away while the camera finds light and focus (10),
///   `program=<path>` stands in for `v4l2-ctl`.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_document_scanner(url: &DeviceUrl) -> Result<Box<dyn DocumentScanner>, Error> {
    match url.address() {
        Address::Sane(device) => Ok(Box::new(sane::SaneScanner::new(device, url)?)),
        Address::Escl { host, port, path } => {
            Ok(Box::new(escl::EsclScanner::new(host, *port, path, url.is_simulated())?))
        }
        Address::Camera(path) => Ok(Box::new(camera::Camera::new(path, url)?)),
        Address::Folder(path) => Ok(Box::new(folder::FolderScanner::new(path, url)?)),
        Address::Sim(path) => Ok(Box::new(simulator::SimulatedScanner::new(path)?)),
        _ => Err(url.unsupported("document scanner", "sane:, escl://, folder:///, v4l:, sim:")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_scanner_should_try_is_refused_with_figures() {
        let a4 = ScanRequest::a4("kk_lama");
        assert!(a4.check().is_ok());
        assert!(ScanRequest { dpi: 600, ..a4.clone() }.check().is_ok());
        for (request, kind, word) in [
            (ScanRequest { dpi: 1200, ..a4.clone() }, ErrorKind::TooLarge, "139 million"),
            (ScanRequest { max_pages: 201, ..a4.clone() }, ErrorKind::TooLarge, "200"),
            (ScanRequest { max_pages: 0, ..a4.clone() }, ErrorKind::InvalidRequest, "no page"),
            (ScanRequest { dpi: 0, ..a4.clone() }, ErrorKind::InvalidRequest, "dpi"),
            (ScanRequest { width_mm: f32::NAN, ..a4.clone() }, ErrorKind::InvalidRequest, "mm"),
            (ScanRequest { height_mm: -1.0, ..a4 }, ErrorKind::InvalidRequest, "mm"),
        ] {
            let error = request.check().unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

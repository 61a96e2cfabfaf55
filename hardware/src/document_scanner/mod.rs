//! The document scanner: one page of paper becomes one encoded picture.

mod folder;
mod page;
mod process;
mod sane;
mod simulator;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use page::{MAX_PAGE_BYTES, MAX_PAGE_PIXELS, Page, PageFormat};
pub use simulator::{ScannerFault, ScannerState};

use crate::{Address, DeviceUrl, Error, Health};

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
    /// Longest time for the whole scan.
    pub timeout: Duration,
}

impl ScanRequest {
    /// An A4 page in colour at 300 dpi as JPEG, within 60 seconds.
    pub fn a4(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            dpi: 300,
            colour: ColourMode::Colour,
            format: PageFormat::Jpeg,
            width_mm: 210.0,
            height_mm: 297.0,
            timeout: Duration::from_secs(60),
        }
    }
}

/// A scanner of single pages.
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
/// URL options of `sane:`: `config=<dir>` sets `SANE_CONFIG_DIR` for the scan program, `opt.<name>=<value>` is
/// handed to it as `--<name>=<value>`. All: `simulated=1`.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_document_scanner(url: &DeviceUrl) -> Result<Box<dyn DocumentScanner>, Error> {
    match url.address() {
        Address::Sane(device) => Ok(Box::new(sane::SaneScanner::new(device, url)?)),
        Address::Folder(path) => Ok(Box::new(folder::FolderScanner::new(path, url.is_simulated()))),
        Address::Sim(path) => Ok(Box::new(simulator::SimulatedScanner::new(path)?)),
        _ => Err(url.unsupported("document scanner", "sane:, folder:///, sim:")),
    }
}

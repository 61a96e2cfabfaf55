//! Paper width and abilities of a printer, and the options of its URL that change them.

use std::time::Duration;

use super::CodePage;
use crate::{DeviceUrl, Error, ErrorKind};

/// How a QR code reaches the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrMode {
    /// The printer draws it (`GS ( k`): few bytes, but cheap printers lack it.
    #[default]
    Native,
    /// We draw it and send a picture (`GS v 0`): works on every printer.
    Raster,
}

/// How a slip leaves the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cutter {
    /// Cut right through.
    #[default]
    Full,
    /// Cut but for one point, so that the slip does not fall.
    Partial,
    /// No cutter: the paper is fed to the bar, and no cut command is sent.
    TearBar,
}

/// What has to come back from the printer before a slip counts as printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// The answer to `GS r 1`, which the printer gives in turn: everything before it is worked off.
    #[default]
    Queue,
    /// For printers that do not answer `GS r`: all bytes were taken, and for as long as the slip needs at
    /// [`PrinterProfile::SLOWEST_MM_PER_S`] the printer said, asked again and again, that it has no fault. Weaker: a
    /// printer that is slower than that, or that lost bytes, says the same.
    Status,
}

/// Paper width and abilities of a printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterProfile {
    /// Characters of font A on one line: 32 (58 mm paper) or 48 (80 mm paper).
    pub columns: u16,
    /// Dots per inch of the head, 203 on nearly all slip printers (8 dots per mm).
    pub dpi: u16,
    /// How QR codes are printed.
    pub qr: QrMode,
    /// Characters beyond ASCII.
    pub code_page: CodePage,
    /// How a slip leaves the roll.
    pub cutter: Cutter,
    /// What counts as printed.
    pub confirm: Confirm,
    /// Paper left on the roll when its near-end sensor fires, in millimetres.
    pub near_end_mm: u32,
    /// Other programs use the same printer: connect for each call and leave it free in between.
    pub shared: bool,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for one status answer.
    pub answer_timeout: Duration,
    /// Longest time without progress, while a job is sent and while its confirmation is awaited.
    pub job_timeout: Duration,
}

/// Width of a font A character cell in dots.
pub(crate) const CELL_WIDTH: u16 = 12;

/// The options of a printer's URL.
const OPTIONS: &str = "qr=native|raster, cutter=full|partial|tear, codepage=auto|pc437|pc850|pc852|pc858|wpc1252, \
     confirm=queue|status, share=0|1, near_end_mm=number, answer_ms=50 to 10000, \
     job_s=1 to 300, baud=number, simulated=0|1";

impl PrinterProfile {
    /// The slowest slip printer [`Confirm::Status`] reckons with, in millimetres of paper per second.
    pub const SLOWEST_MM_PER_S: f32 = 50.0;

    /// 58 mm paper: 32 columns, 384 dots.
    pub fn columns_32() -> Self {
        Self { columns: 32, ..Self::columns_48() }
    }

    /// 80 mm paper: 48 columns, 576 dots.
    pub fn columns_48() -> Self {
        Self {
            columns: 48,
            dpi: 203,
            qr: QrMode::Native,
            code_page: CodePage::Auto,
            cutter: Cutter::Full,
            confirm: Confirm::Queue,
            near_end_mm: 3000,
            shared: false,
            connect_timeout: Duration::from_secs(2),
            // A kept connection that is silent is tried once more on a new one: twice this is what a silence lasts.
            answer_timeout: Duration::from_millis(200),
            job_timeout: Duration::from_secs(15),
        }
    }

    /// The profile for a number of columns; `None` for a number no printer of ours has.
    pub fn for_columns(columns: u16) -> Option<Self> {
        match columns {
            32 => Some(Self::columns_32()),
            48 => Some(Self::columns_48()),
            _ => None,
        }
    }

    /// Printable width in dots.
    pub fn dots(&self) -> u16 {
        self.columns * CELL_WIDTH
    }

    /// Millimetres as dots of this head, rounded.
    pub fn mm_to_dots(&self, mm: f32) -> u32 {
        (mm.max(0.0) * f32::from(self.dpi) / 25.4).round() as u32
    }

    /// Dots of this head as millimetres, rounded up.
    pub(super) fn dots_to_mm(&self, dots: u32) -> u32 {
        (dots as f32 * 25.4 / f32::from(self.dpi.max(1))).ceil() as u32
    }

    /// The profile with what the URL of the printer says about it.
    ///
    /// # Errors
    ///
    /// `InvalidUrl` for an option or a value that does not exist, with those that do.
    pub fn with_options(mut self, url: &DeviceUrl) -> Result<Self, Error> {
        for (key, value) in url.options() {
            let bad = || {
                let what = format!("device URL \"{url}\": {key}={value} is not one of {OPTIONS}");
                Error::new(ErrorKind::InvalidUrl, what)
            };
            match key {
                "qr" => {
                    self.qr = match value {
                        "native" => QrMode::Native,
                        "raster" => QrMode::Raster,
                        _ => return Err(bad()),
                    };
                }
                "cutter" => {
                    self.cutter = match value {
                        "full" => Cutter::Full,
                        "partial" => Cutter::Partial,
                        "tear" => Cutter::TearBar,
                        _ => return Err(bad()),
                    };
                }
                "codepage" => self.code_page = CodePage::from_name(value).ok_or_else(bad)?,
                "confirm" => {
                    self.confirm = match value {
                        "queue" => Confirm::Queue,
                        "status" => Confirm::Status,
                        _ => return Err(bad()),
                    };
                }
                "share" => {
                    self.shared = match value {
                        "1" | "true" | "yes" => true,
                        "0" | "false" | "no" => false,
                        _ => return Err(bad()),
                    };
                }
                "near_end_mm" => self.near_end_mm = url.number(key)?.ok_or_else(bad)?,
                "answer_ms" => {
                    let ms = url.number(key)?.filter(|ms| (50..=10_000).contains(ms)).ok_or_else(bad)?;
                    self.answer_timeout = Duration::from_millis(ms.into());
                }
                "job_s" => {
                    let seconds = url.number(key)?.filter(|s| (1..=300).contains(s)).ok_or_else(bad)?;
                    self.job_timeout = Duration::from_secs(seconds.into());
                }
                // Read where the port is opened, and where the banner is decided.
                "baud" | "simulated" => {}
                _ => return Err(bad()),
            }
        }
        Ok(self)
    }

    /// Refuses profiles that would make a call endless or the encoder divide by zero.
    pub(super) fn check(&self) -> Result<(), Error> {
        let sound = (16..=120).contains(&self.columns) && (100..=600).contains(&self.dpi);
        if sound { Ok(()) } else { Err(Error::new(ErrorKind::InvalidRequest, "printer profile out of range")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(options: &str) -> Result<PrinterProfile, Error> {
        let url = DeviceUrl::parse(&format!("tcp://printer{options}")).unwrap();
        PrinterProfile::columns_32().with_options(&url)
    }

    #[test]
    fn the_url_says_what_the_printer_has() {
        assert_eq!(with("").unwrap(), PrinterProfile::columns_32());
        let all = "?qr=raster&cutter=tear&codepage=pc858&confirm=status&share=1&near_end_mm=1200&baud=9600&simulated=1";
        let expected = PrinterProfile {
            qr: QrMode::Raster,
            cutter: Cutter::TearBar,
            code_page: CodePage::Pc858,
            confirm: Confirm::Status,
            shared: true,
            near_end_mm: 1200,
            ..PrinterProfile::columns_32()
        };
        assert_eq!(with(all).unwrap(), expected);
    }

    #[test]
    fn a_mistake_in_the_url_names_the_choices() {
        for options in ["?cuter=tear", "?cutter=saw", "?qr=big", "?codepage=utf8", "?share=2", "?near_end_mm=far"] {
            let error = with(options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidUrl, "{options}");
        }
        assert!(with("?cutter=saw").unwrap_err().to_string().contains("full|partial|tear"));
    }
}

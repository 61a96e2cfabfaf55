//! One TOML file per machine, with only the sections that machine needs.
//!
//! `docs/configuration.md` lists every key with its default; a test compares the two.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::hours::{ClockSpan, OfficeHours};
use crate::domain::language::Language;
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::ticket::Series;

/// Everything a machine is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The office; every machine has it.
    #[serde(default)]
    pub office: Office,
    /// When the office serves; without it, always.
    pub hours: Option<OfficeHours>,
    /// The office server.
    pub hub: Option<Hub>,
    /// Rules of the queues.
    #[serde(default)]
    pub queue: Queue,
    /// Finished cases.
    #[serde(default)]
    pub archive: Archive,
    /// A kiosk in the lobby.
    pub kiosk: Option<Kiosk>,
    /// A counter.
    pub counter: Option<Counter>,
    /// A board in the hall.
    pub board: Option<Board>,
    /// What stands on a slip.
    #[serde(default)]
    pub slip: Slip,
    /// Slip printer of a kiosk.
    pub printer: Option<Printer>,
    /// QR scanner of a kiosk or counter.
    pub qr_scanner: Option<Device>,
    /// KTP-el reader of a counter; at a kiosk it types the card's number.
    pub ektp_reader: Option<Device>,
    /// Document scanner of a kiosk.
    pub document_scanner: Option<DocumentScanner>,
    /// Loudspeaker of a board or counter; of a kiosk, its voice.
    pub speaker: Option<Device>,
    /// Printer of KK and letters.
    pub page_printer: Option<Device>,
}

/// `[office]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Office {
    /// Name on screens and slips.
    pub name: String,
    /// Region code of four digits.
    pub code: OfficeCode,
    /// `Asia/Jakarta`, `Asia/Makassar` or `Asia/Jayapura`.
    pub timezone: Zone,
    /// Where people complain; printed on the slip.
    pub complaints: String,
    /// A service file that replaces the built-in one.
    pub services: Option<PathBuf>,
    /// Also ask for the documents that offices often want without a rule.
    pub practice_documents: bool,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            name: "Dispendukcapil Kabupaten Grobogan".to_owned(),
            code: OfficeCode::parse("3315").expect("four digits"),
            timezone: Zone::Wib,
            complaints: "SP4N-LAPOR! SMS 1708".to_owned(),
            services: None,
            practice_documents: false,
        }
    }
}

/// `[hub]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hub {
    /// Address and port; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Folder of the database and the scans.
    pub data: PathBuf,
}

impl Default for Hub {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8155)), data: PathBuf::from("anjungan-data/hub") }
    }
}

/// `[queue]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Calls to be made before somebody is said not to have come, 1 to 9.
    pub calls_before_no_show: u32,
    /// Tickets of one NIK on one day; without it, as many as they like.
    pub tickets_per_nik: Option<u32>,
    /// Tickets of the verification queue on one day; without it, no limit.
    pub verification_quota: Option<u32>,
    /// Tickets of the pickup queue on one day; without it, no limit.
    pub pickup_quota: Option<u32>,
    /// Minutes without a sign of life after which a counter loses its ticket, 2 to 240.
    pub lease_minutes: u16,
    /// The longest wait that the office promises, in minutes; shown beside the real ones.
    pub promise_minutes: u16,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            calls_before_no_show: 3,
            tickets_per_nik: None,
            verification_quota: None,
            pickup_quota: None,
            lease_minutes: 15,
            promise_minutes: 60,
        }
    }
}

/// `[archive]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// File of the office's key; without one, `office.key` in the hub's folder.
    pub office_key: Option<PathBuf>,
    /// Folder of the wrapped keys of cases; without one, `keys` in the hub's folder.
    pub keys: Option<PathBuf>,
    /// Files in one box of the shelf.
    pub files_per_box: NonZeroU16,
    /// Boxes in one rack.
    pub boxes_per_rack: NonZeroU16,
    /// Read what stands on the scans, so that their PDFs can be searched; needs Tesseract.
    pub read_words: bool,
    /// Years after which `anjungan archive retain` may destroy a case, 1 to 100; without it, never.
    pub retention_years: Option<u8>,
}

impl Default for Archive {
    fn default() -> Self {
        Self {
            office_key: None,
            keys: None,
            files_per_box: NonZeroU16::new(50).expect("not zero"),
            boxes_per_rack: NonZeroU16::new(20).expect("not zero"),
            read_words: true,
            retention_years: None,
        }
    }
}

/// `[kiosk]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kiosk {
    /// Name of the machine.
    pub name: String,
    /// Letter of its own number series; no two kiosks share one.
    pub series: Series,
    /// Address of the hub.
    pub hub: String,
    /// Token from `anjungan admin station add`.
    pub token: String,
    /// Folder of the outbox.
    pub data: PathBuf,
    /// Seconds without a touch before the kiosk asks; 60 to 600.
    #[serde(default = "Kiosk::idle_default")]
    pub idle_s: u32,
    /// Dots per inch of the panel.
    #[serde(default = "Kiosk::dpi_default")]
    pub dpi: u16,
    /// PIN of the staff's door, 4 to 8 digits; without one the door stays shut.
    #[serde(default)]
    pub staff_pin: Option<String>,
    /// Where the system lists panels whose light can be turned.
    #[serde(default = "Kiosk::backlight_default")]
    pub backlight: PathBuf,
    /// Print the readiness report on the slip printer at the first start of each day.
    #[serde(default)]
    pub readiness_print: bool,
}

impl Kiosk {
    const fn idle_default() -> u32 {
        120
    }
    const fn dpi_default() -> u16 {
        92
    }
    fn backlight_default() -> PathBuf {
        PathBuf::from("/sys/class/backlight")
    }
}

/// `[counter]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    /// Name as called, e.g. `Loket 1`.
    pub name: String,
    /// Address of the hub.
    pub hub: String,
    /// Token from `anjungan admin station add`.
    pub token: String,
}

/// `[board]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name of the machine.
    pub name: String,
    /// Address of the hub.
    pub hub: String,
    /// Token from `anjungan admin station add`.
    pub token: String,
    /// Languages in which a call is read aloud, one after the other; empty: only the chime.
    #[serde(default = "Board::call_languages_default")]
    pub call_languages: Vec<Language>,
    /// How loud, in steps from 1 to 5.
    #[serde(default)]
    pub volume: HallVolume,
    /// Hours in which it is otherwise.
    #[serde(default)]
    pub quiet: Vec<QuietHours>,
}

impl Board {
    fn call_languages_default() -> Vec<Language> {
        vec![Language::Indonesian]
    }
}

/// How loud a hall is called, in steps of 6 dB; 5 is as loud as the card goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub struct HallVolume(u8);

impl HallVolume {
    /// The step, 1 to 5.
    #[must_use]
    pub const fn step(self) -> u8 {
        self.0
    }
}

impl Default for HallVolume {
    fn default() -> Self {
        Self(5)
    }
}

impl TryFrom<u8> for HallVolume {
    type Error = &'static str;

    fn try_from(step: u8) -> Result<Self, Self::Error> {
        if (1..=5).contains(&step) { Ok(Self(step)) } else { Err("a volume is a step from 1 to 5") }
    }
}

/// `[[board.quiet]]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When, e.g. `12.00-13.00`.
    pub hours: ClockSpan,
    /// How loud then.
    pub volume: HallVolume,
}

/// `[slip]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slip {
    /// Address under which the office publishes the status page; without it the QR holds the bare token.
    pub url_base: Option<String>,
}

/// `[printer]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Printer {
    /// Device URL, e.g. `tcp://192.168.1.50:9100`.
    pub url: String,
    /// Characters a line: 32 (58 mm paper) or 48 (80 mm).
    #[serde(default = "Printer::columns_default")]
    pub columns: u8,
    /// Device URL of a second printer, used when the first one cannot print.
    pub fallback: Option<String>,
    /// Characters a line of the second printer.
    #[serde(default = "Printer::columns_default")]
    pub fallback_columns: u8,
}

impl Printer {
    const fn columns_default() -> u8 {
        48
    }

    /// Characters a line that both printers have, where there are two: a slip must fit either.
    #[must_use]
    pub fn common_columns(&self) -> u8 {
        if self.fallback.is_some() { self.columns.min(self.fallback_columns) } else { self.columns }
    }
}

/// A section that only names a device.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Device URL.
    pub url: String,
}

impl Device {
    /// Whether this is a QR scanner that types like a keyboard: then the window must hear its keys.
    #[must_use]
    pub fn types(&self) -> bool {
        self.url.trim() == "keyboard:"
    }
}

/// `[document_scanner]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentScanner {
    /// Device URL, e.g. `sane:pixma:04A91912`.
    pub url: String,
    /// Dots per inch.
    #[serde(default = "DocumentScanner::dpi_default")]
    pub dpi: u16,
    /// Look at each page and say what may be wrong with it.
    #[serde(default = "DocumentScanner::check_default")]
    pub check: bool,
}

impl DocumentScanner {
    const fn dpi_default() -> u16 {
        200
    }
    const fn check_default() -> bool {
        true
    }
}

/// Why a configuration cannot be used. The text says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not valid.
    #[error("{path}: {message}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong, where, and what was probably meant.
        message: String,
    },
    /// A program was started whose section is absent.
    #[error("{path}: section [{section}] is missing; see docs/configuration.md")]
    SectionMissing {
        /// Which file.
        path: PathBuf,
        /// Which section.
        section: &'static str,
    },
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Says what is wrong and, for an unknown key, which known one is nearest.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|message| ConfigError::Invalid { path: path.to_owned(), message })
    }

    /// Checks a text.
    ///
    /// # Errors
    /// Says in one line what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| {
            // One line, as every failure on the command line.
            let hint = nearest_key(error.message()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let line =
                error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            format!("{place}{}{hint}", error.message().replace('\n', " "))
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if let Some(printer) = &self.printer
            && !(matches!(printer.columns, 32 | 48) && matches!(printer.fallback_columns, 32 | 48))
        {
            return Err("[printer] columns and fallback_columns must be 32 or 48".to_owned());
        }
        if let Some(scanner) = &self.document_scanner
            && !(75..=600).contains(&scanner.dpi)
        {
            return Err("[document_scanner] dpi must be from 75 to 600".to_owned());
        }
        if let Some(kiosk) = &self.kiosk
            && !(30..=600).contains(&kiosk.idle_s)
        {
            return Err("[kiosk] idle_s must be from 30 to 600".to_owned());
        }
        if !(1..=9).contains(&self.queue.calls_before_no_show) {
            return Err("[queue] calls_before_no_show must be from 1 to 9".to_owned());
        }
        if !(2..=240).contains(&self.queue.lease_minutes) {
            return Err("[queue] lease_minutes must be from 2 to 240".to_owned());
        }
        if let Some(years) = self.archive.retention_years
            && !(1..=100).contains(&years)
        {
            return Err("[archive] retention_years must be from 1 to 100; leave it out to keep for ever".to_owned());
        }
        if let Some(pin) = self.kiosk.as_ref().and_then(|kiosk| kiosk.staff_pin.as_ref())
            && !((4..=8).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err("[kiosk] staff_pin must be 4 to 8 digits".to_owned());
        }
        if let Some(base) = &self.slip.url_base
            && !(base.starts_with("https://") || base.starts_with("http://"))
        {
            return Err("[slip] url_base must start with https:// or http://".to_owned());
        }
        Ok(())
    }
}

/// Finds the known key nearest to the unknown one that serde's message names.
fn nearest_key(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    known
        .map(|key| (strsim::jaro_winkler(unknown, key), key))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, key)| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        let error =
            Config::parse("[printer]\nurl = 'tcp://127.0.0.1:9100'\ncolums = 48\n").expect_err("a typing error");
        assert!(error.contains("did you mean `columns`?") && error.starts_with("line 3: "), "{error}");
        assert!(!error.contains('\n'), "{error}");
        let error = Config::parse("[prnter]\n").expect_err("a typing error");
        assert!(error.contains("did you mean `printer`?"), "{error}");
    }

    #[test]
    fn an_empty_file_is_an_office_with_defaults() {
        let config = Config::parse("").expect("every section has a default or is optional");
        assert_eq!(config.office.code.as_str(), "3315");
        assert!(config.hub.is_none());
    }

    #[test]
    fn hours_name_the_section_the_key_and_the_nearest_known_one() {
        assert!(Config::parse("").expect("defaults").hours.is_none(), "without the section always open");
        assert!(Config::parse("[hours]\n").expect("defaults").hours.is_some());
        let error = Config::parse("[hours]\nmonday = '8-15'\n").expect_err("not two times");
        assert!(error.starts_with("line 1: [hours] monday must be two times"), "{error}");
        let error = Config::parse("[hours]\nbreaks = '12.00-13.00'\n").expect_err("a typing error");
        assert!(error.contains("did you mean `break`?"), "{error}");
    }

    #[test]
    fn limits_are_held() {
        for wrong in [
            "[printer]\nurl='tcp://h:1'\ncolumns=40",
            "[document_scanner]\nurl='sim:x'\ndpi=1200",
            "[slip]\nurl_base='ftp://x'",
            "[office]\ncode='33'",
            "[archive]\nretention_years=0",
            "[archive]\nfiles_per_box=0",
            "[office]\ntimezone='Europe/Paris'",
        ] {
            assert!(Config::parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! A scanner through SANE, by the `scanimage` program: a vendor's driver that crashes or hangs takes only that
//! process with it (ADR 7).

mod answer;
mod list;
mod options;

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use answer::{Parting, check, no_page, parse_progress, wants_raw};
use options::{Abilities, kind_of, within};

use super::page::{MAX_PAGE_BYTES, read_limited, too_large};
use super::private_folder::PrivateFolder;
use super::process::run;
use super::{DocumentScanner, Page, PageFormat, PageSource, ScanRequest, cancelled, pnm, too_many};
use crate::link::Deadline;
use crate::{DeviceUrl, Error, ErrorKind, Health};

pub use list::{SaneDevice, list_sane, list_sane_with};

const PROGRAM: &str = "scanimage";

/// Longest time to ask a scanner for its options; network scanners are slow to wake.
const ASK_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct SaneScanner {
    device: String,
    config_dir: Option<String>,
    extra: Vec<(String, String)>,
    simulated: bool,
    /// By the source that was set, because the area depends on it.
    abilities: HashMap<Option<String>, Abilities>,
    /// The picture libraries cannot begin this device's pages.
    raw: bool,
}

/// What a run of scanimage is to do.
struct Plan {
    source: Option<String>,
    abilities: Abilities,
    /// Pages the program may scan.
    count: u32,
    dpi: u16,
}

impl SaneScanner {
    pub(super) fn new(device: &str, url: &DeviceUrl) -> Result<Self, Error> {
        // A device name that looks like an option would be taken for one.
        if device.starts_with('-') {
            return Err(Error::new(ErrorKind::InvalidUrl, format!("\"{url}\" names no SANE device")));
        }
        let extra = url
            .options()
            .filter_map(|(key, value)| Some((key.strip_prefix("opt.")?.to_owned(), value.to_owned())))
            .collect();
        Ok(Self {
            device: device.to_owned(),
            config_dir: url.option("config").map(str::to_owned),
            extra,
            simulated: url.is_simulated(),
            abilities: HashMap::new(),
            raw: false,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        // Otherwise inherited: SANE_CONFIG_DIR of our own environment is in force.
        if let Some(folder) = &self.config_dir {
            command.env("SANE_CONFIG_DIR", folder);
        }
        // The messages are matched, so they must not be translated.
        command.env("LC_ALL", "C").arg("-d").arg(&self.device);
        command
    }

    /// The source comes first: resolutions and area depend on it.
    fn set_source(&self, command: &mut Command, source: Option<&str>) {
        let own = self.extra.iter().find(|(name, _)| name == "source").map(|(_, value)| value.as_str());
        if let Some(name) = source.or(own) {
            command.arg(format!("--source={name}"));
        }
    }

    /// Options of the URL come after ours, so that they win.
    fn set_extra(&self, command: &mut Command) {
        for (name, value) in self.extra.iter().filter(|(name, _)| name != "source") {
            command.arg(format!("--{name}={value}"));
        }
    }

    /// Asks the device for its options with a source set, once until something fails.
    fn abilities(
        &mut self,
        source: Option<&str>,
        deadline: Deadline,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Abilities, Error> {
        let key = source.map(str::to_owned);
        if let Some(known) = self.abilities.get(&key) {
            return Ok(known.clone());
        }
        let mut command = self.command();
        self.set_source(&mut command, source);
        self.set_extra(&mut command);
        command.arg("-A");
        let finished = run(command, ASK_LIMIT.min(deadline.left()), &mut |_| progress(0.0)).map_err(not_installed)?;
        check(&finished)?;
        let abilities = Abilities::parse(&finished.output);
        self.abilities.insert(key, abilities.clone());
        Ok(abilities)
    }

    /// Decides source, resolution and count. `most` is how many pages the caller takes.
    fn plan(
        &mut self,
        request: &ScanRequest,
        most: u32,
        deadline: Deadline,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Plan, Error> {
        request.check()?;
        let mut abilities = self.abilities(None, deadline, progress)?;
        let source = match request.source {
            PageSource::Default => None,
            // A simple flatbed has no choice of sources at all.
            PageSource::Flatbed if abilities.sources.is_empty() => None,
            wanted => {
                let name = abilities.source_name(wanted).map(str::to_owned);
                Some(name.ok_or_else(|| {
                    let what = format!("the scanner has no source for {wanted:?}, only {:?}", abilities.sources);
                    Error::new(ErrorKind::InvalidRequest, what)
                })?)
            }
        };
        if source.is_some() && source != abilities.source {
            abilities = self.abilities(source.as_deref(), deadline, progress)?;
        }
        let feeder = match request.source {
            PageSource::Default => abilities.source.as_deref().and_then(kind_of).is_some_and(PageSource::is_feeder),
            wanted => wanted.is_feeder(),
        };
        // A flatbed in batch mode scans the same page for ever; a feeder may give one page more than wanted, so that
        // a stack that is too high is noticed.
        let count = if feeder { most } else { 1 };
        let dpi = abilities.nearest_resolution(request.dpi).unwrap_or(request.dpi);
        ScanRequest { dpi, ..request.clone() }.check()?;
        Ok(Plan { source, abilities, count, dpi })
    }

    fn scan_command(&self, request: &ScanRequest, plan: &Plan, folder: &Path) -> Command {
        let mut command = self.command();
        let abilities = &plan.abilities;
        self.set_source(&mut command, plan.source.as_deref());
        if let Some(mode) = abilities.mode(request.colour) {
            command.arg(format!("--mode={mode}"));
        }
        if abilities.resolution.is_some() {
            command.arg(format!("--resolution={}", plan.dpi));
        }
        self.set_extra(&mut command);
        for (name, values, length) in
            [("-x", &abilities.width, request.width_mm), ("-y", &abilities.height, request.height_mm)]
        {
            if let Some(length) = within(values.as_ref(), length) {
                command.arg(name).arg(length.to_string());
            }
        }
        let format = match request.format {
            _ if self.raw => "pnm",
            PageFormat::Jpeg => "jpeg",
            PageFormat::Png => "png",
        };
        command.arg(format!("--format={format}")).arg("--progress");
        command.arg(format!("--batch-count={}", plan.count)).arg(format!("--batch={}/page-%d", folder.display()));
        command
    }

    /// Runs scanimage in batch mode. It writes `page-1.part` and gives it its name once it is whole, so pages are
    /// handed over while the next one is being scanned. A part may be as large as a raw page in any format: of a page
    /// in three passes, scanimage writes the raw dots before it finds that it cannot encode them.
    fn batch(
        &mut self,
        request: &ScanRequest,
        plan: &Plan,
        deadline: &mut Deadline,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let folder = PrivateFolder::make()?;
        let command = self.scan_command(request, plan, folder.path());
        let largest = if self.raw { pnm::MAX_PNM_BYTES } else { MAX_PAGE_BYTES };
        let raw = self.raw;
        let mut next = 1;
        let mut take = |on_page: &mut dyn FnMut(Page) -> Result<bool, Error>| -> Result<(bool, bool), Error> {
            let mut fresh = false;
            while let path = folder.path().join(format!("page-{next}"))
                && fs::symlink_metadata(&path).is_ok()
            {
                let bytes = read_limited(&path, largest)?;
                // Read pages do not add up on the disk.
                let _ = fs::remove_file(&path);
                let page =
                    if raw { pnm::encode(&bytes, request.format, plan.dpi) } else { Page::from_bytes(bytes, plan.dpi) };
                fresh = true;
                next += 1;
                if !on_page(page?)? {
                    return Ok((true, true));
                }
            }
            Ok((fresh, false))
        };
        let (mut done, mut end) = (0.0_f32, None);
        let (mut parting, mut overstayed) = (Parting::default(), false);
        let finished = run(command, Duration::MAX, &mut |said| {
            done = parse_progress(said).unwrap_or(done);
            let verdict = match take(on_page) {
                Err(error) => Err(error),
                Ok((_, true)) => Ok(true),
                Ok((fresh, false)) => {
                    if fresh {
                        *deadline = Deadline::after(request.timeout);
                    }
                    if folder.largest() > pnm::MAX_PNM_BYTES {
                        Err(too_large("the page grows beyond the limit".into()))
                    } else if deadline.passed() {
                        Err(Error::new(ErrorKind::Timeout, format!("{PROGRAM} did not finish a page in time")))
                    } else if !progress(done) {
                        Err(cancelled())
                    } else {
                        overstayed = parting.overstayed(said);
                        return !overstayed;
                    }
                }
            };
            end = Some(verdict);
            false
        });
        match (end, finished) {
            (Some(verdict), _) => verdict.map(|_| ()),
            (None, Err(error)) if !overstayed => Err(not_installed(error)),
            (None, finished) => {
                // What was whole before a jam is delivered before the jam is told.
                if let (_, true) = take(on_page)? {
                    return Ok(());
                }
                let failed = finished.as_ref().is_ok_and(|finished| !finished.status.success());
                let errors = finished.as_ref().map_or("", |finished| &finished.errors);
                if next == 1 && !self.raw && failed && wants_raw(errors) {
                    self.raw = true;
                    let result = self.batch(request, plan, deadline, progress, on_page);
                    self.raw = result.is_ok();
                    return result;
                }
                match finished.as_ref().map_or_else(|_| parting.verdict(), check) {
                    // The end of the paper: told with code 7 when more pages were allowed, with 0 when any number was.
                    Err(error) if error.kind() == ErrorKind::MediaAbsent && next > 1 => Ok(()),
                    Ok(()) if next == 1 => Err(no_page(errors)),
                    ended => ended,
                }
            }
        }
    }

    /// Scans up to `most` pages of a feeder.
    fn run(
        &mut self,
        request: &ScanRequest,
        most: u32,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut deadline = Deadline::after(request.timeout);
        let plan = self.plan(request, most, deadline, progress)?;
        let result = self.batch(request, &plan, &mut deadline, progress, on_page);
        if result.is_err() {
            self.abilities.clear();
        }
        result
    }
}

impl DocumentScanner for SaneScanner {
    fn status(&mut self) -> Result<Health, Error> {
        self.abilities.remove(&None);
        self.abilities(None, Deadline::after(ASK_LIMIT), &mut |_| true)?;
        Ok(Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let mut scanned = None;
        self.run(request, 1, progress, &mut |page| {
            scanned = Some(page);
            Ok(true)
        })?;
        scanned.ok_or_else(|| no_page(""))
    }

    fn scan_all(
        &mut self,
        request: &ScanRequest,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> bool,
    ) -> Result<u32, Error> {
        let mut count = 0;
        let most = request.max_pages;
        self.run(request, most.saturating_add(1), progress, &mut |page| {
            if count == most {
                return Err(too_many(most));
            }
            count += 1;
            Ok(on_page(page))
        })?;
        Ok(count)
    }

    /// Each answer starts a program.
    fn look_every(&self) -> Duration {
        Duration::from_secs(20)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

fn not_installed(error: Error) -> Error {
    if error.kind() == ErrorKind::NotReachable {
        return Error::new(ErrorKind::NotReachable, "scanimage is not installed (Debian package sane-utils)");
    }
    error
}

/// Feeds the parsers of this driver with bytes of any kind.
pub(super) fn fuzz(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let abilities = Abilities::parse(&text);
    for dpi in [1, 300, u16::MAX] {
        let _ = abilities.nearest_resolution(dpi);
    }
    for source in [PageSource::Flatbed, PageSource::Feeder, PageSource::FeederDuplex] {
        let _ = abilities.source_name(source);
    }
    let _ = (abilities.mode(Default::default()), within(abilities.width.as_ref(), 210.0));
    let _ = (parse_progress(&text), list::parse(&text));
    let mut parting = Parting::default();
    let _ = (parting.overstayed(&text), parting.verdict());
    let _ = (answer::verdict(Some(i32::from(bytes.first().copied().unwrap_or(0))), None, &text), no_page(&text));
}

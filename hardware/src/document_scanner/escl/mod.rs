//! A network scanner that speaks eSCL (AirScan): HTTP and XML, no vendor's driver.
//!
//! The course of a scan is that of the eSCL Technical Specification (Mopria Alliance): `GET ScannerStatus`,
//! `POST ScanJobs`, then `GET <job>/NextDocument` until 404. What real devices do beside it is noted where it is met.

mod http;
pub(super) mod simulator;
mod xml;

use std::thread;
use std::time::Duration;

use http::{Call, Http, Reply};
use xml::{Capabilities, Status};

use super::page::MAX_PAGE_BYTES;
use super::{DocumentScanner, Page, PageSource, ScanRequest, cancelled, too_many};
use crate::link::Deadline;
use crate::{Error, ErrorKind, Health};

/// Longest time for a short answer.
const ASK_LIMIT: Duration = Duration::from_secs(5);

/// Largest XML answer; long lists of a rich device have some 100 kB.
const MAX_XML: u64 = 1 << 20;

/// Time between two tries when a scanner says 503 (busy), unless it names its own.
const RETRY: Duration = Duration::from_millis(250);
const MAX_RETRY: Duration = Duration::from_secs(5);

/// Longest time to accept a job: a lamp warms up, a drive wakes.
const BEGIN_LIMIT: Duration = Duration::from_secs(20);

/// Longest time a scanner may refuse to begin before it counts as busy.
const BUSY_LIMIT: Duration = Duration::from_secs(10);

type Progress<'a> = &'a mut dyn FnMut(f32) -> bool;

pub(super) struct EsclScanner {
    http: Http,
    root: String,
    simulated: bool,
    capabilities: Option<Capabilities>,
}

/// A job the scanner has accepted.
struct Job {
    path: String,
    source: PageSource,
    dpi: u16,
}

impl EsclScanner {
    pub(super) fn new(host: &str, port: u16, root: &str, simulated: bool) -> Result<Self, Error> {
        if !root.starts_with('/') {
            return Err(Error::new(ErrorKind::InvalidUrl, "the path of an eSCL service begins with a slash"));
        }
        Ok(Self { http: Http::new(host, port), root: root.to_owned(), simulated, capabilities: None })
    }

    fn send(
        &self,
        method: &'static str,
        path: String,
        body: Option<String>,
        limit: u64,
        deadline: Deadline,
        progress: Progress<'_>,
    ) -> Result<Reply, Error> {
        self.http.call(Call { method, path, body, limit }, deadline, progress)
    }

    fn get_xml(&self, name: &str, deadline: Deadline, progress: Progress<'_>) -> Result<Vec<u8>, Error> {
        let ask = Deadline::after(ASK_LIMIT.min(deadline.left()));
        let path = format!("{}/{name}", self.root);
        let reply = self.send("GET", path, None, MAX_XML, ask, &mut |_| progress(0.0)).map_err(|error| {
            match error.kind() {
                // Our own small limit, not the caller's.
                ErrorKind::Timeout if !deadline.passed() => {
                    Error::new(ErrorKind::NotResponding, "the scanner does not answer in time")
                }
                _ => error,
            }
        })?;
        match reply.status {
            200 => Ok(reply.body),
            503 => Err(Error::new(ErrorKind::Busy, "the scanner is busy")),
            401 | 403 => Err(Error::new(ErrorKind::Denied, "the scanner wants a password")),
            status => Err(unexpected(name, status)),
        }
    }

    fn ask_status(&self, deadline: Deadline, progress: Progress<'_>) -> Result<Status, Error> {
        Status::parse(&self.get_xml("ScannerStatus", deadline, progress)?)
    }

    fn ask_capabilities(&mut self, deadline: Deadline, progress: Progress<'_>) -> Result<Capabilities, Error> {
        if let Some(known) = &self.capabilities {
            return Ok(known.clone());
        }
        let capabilities = Capabilities::parse(&self.get_xml("ScannerCapabilities", deadline, progress)?)?;
        self.capabilities = Some(capabilities.clone());
        Ok(capabilities)
    }

    /// Begins a job: 201 and its `Location`, relative or with a host.
    fn begin(&mut self, request: &ScanRequest, deadline: Deadline, progress: Progress<'_>) -> Result<Job, Error> {
        request.check()?;
        let capabilities = self.ask_capabilities(deadline, progress)?;
        let status = self.ask_status(deadline, progress)?;
        // A job that just ended may still show as Processing; 503 says it for certain.
        if let Some(fault) = status.fault().filter(|fault| fault.kind() != ErrorKind::Busy) {
            return Err(status.feeder_fault().unwrap_or(fault));
        }
        let (source, input) = capabilities.choose(request.source, status.feeder_loaded())?;
        if source.is_feeder() {
            if let Some(fault) = status.feeder_fault() {
                return Err(fault);
            }
            if status.feeder == "ScannerAdfEmpty" {
                return Err(no_paper());
            }
        }
        let dpi = input.nearest_resolution(request.dpi);
        ScanRequest { dpi, ..request.clone() }.check()?;
        let settings = input.settings(request, source, dpi, &capabilities.version);
        let path = format!("{}/ScanJobs", self.root);
        let patience = Deadline::after(BUSY_LIMIT);
        loop {
            let ask = Deadline::after(BEGIN_LIMIT.min(deadline.left()));
            let reply =
                self.send("POST", path.clone(), Some(settings.clone()), MAX_XML, ask, &mut |_| progress(0.0))?;
            match reply.status {
                201 => {
                    let location = reply.location.unwrap_or_default();
                    let job = Http::path_of(&location, &path).ok_or_else(|| {
                        Error::new(ErrorKind::Garbled, "the scanner took the job and gave it no usable address")
                    })?;
                    return Ok(Job { path: job, source, dpi });
                }
                503 if !patience.passed() => pause(&reply, deadline, 0.0, progress)?,
                503 => return Err(Error::new(ErrorKind::Busy, "the scanner is busy")),
                // What is wrong stands in the status, not in the answer.
                status => {
                    let reason = self.reason(source, None, deadline, progress)?;
                    return Err(reason.unwrap_or_else(|| match status {
                        400 | 409 => Error::new(ErrorKind::InvalidRequest, "the scanner refuses these settings"),
                        401 | 403 => Error::new(ErrorKind::Denied, "the scanner wants a password"),
                        status => unexpected("ScanJobs", status),
                    }));
                }
            }
        }
    }

    /// The next page of a job; `Ok(None)` when there is none.
    fn next(&self, job: &Job, first: bool, deadline: Deadline, progress: Progress<'_>) -> Result<Option<Page>, Error> {
        loop {
            let path = format!("{}/NextDocument", job.path);
            let reply = self.send("GET", path, None, MAX_PAGE_BYTES, deadline, progress)?;
            let failure = match reply.status {
                // A mechanical fault shows as 200 with nothing, or with half a picture.
                200 => match Page::from_bytes(reply.body, job.dpi) {
                    Ok(page) => return Ok(Some(page)),
                    Err(error) if error.kind() == ErrorKind::Garbled => error,
                    Err(error) => return Err(error),
                },
                503 => {
                    pause(&reply, deadline, 0.0, progress)?;
                    continue;
                }
                404 | 410 if first && job.source.is_feeder() => no_paper(),
                404 if first => Error::new(ErrorKind::Garbled, "the scanner gave no page"),
                404 => {
                    // The end of the paper, or of the job: a device that is jammed has no next document either.
                    // When it cannot be asked, the end is believed.
                    return self
                        .reason(job.source, Some(job), deadline, progress)
                        .unwrap_or(None)
                        .map_or(Ok(None), Err);
                }
                409 | 410 => Error::new(ErrorKind::Device, "the scanner gave the job up"),
                status => unexpected("NextDocument", status),
            };
            return Err(self.reason(job.source, Some(job), deadline, progress).ok().flatten().unwrap_or(failure));
        }
    }

    /// Why a job failed, as far as `ScannerStatus` tells.
    fn reason(
        &self,
        source: PageSource,
        job: Option<&Job>,
        deadline: Deadline,
        progress: Progress<'_>,
    ) -> Result<Option<Error>, Error> {
        let status = self.ask_status(deadline, progress)?;
        if source.is_feeder()
            && let Some(fault) = status.feeder_fault()
        {
            return Ok(Some(fault));
        }
        match job.and_then(|job| status.job(&job.path)) {
            // Somebody pressed the button on the device.
            Some("Canceled") => return Ok(Some(Error::new(ErrorKind::Cancelled, "cancelled at the scanner"))),
            Some("Aborted") => {
                let fault = Error::new(ErrorKind::Device, "the scanner gave the job up");
                return Ok(Some(status.feeder_fault().or(status.fault()).unwrap_or(fault)));
            }
            _ => {}
        }
        Ok(status.fault().filter(|fault| matches!(fault.kind(), ErrorKind::Device | ErrorKind::NotReachable)))
    }

    /// Ends a job, so that the device is free for the next applicant. Nobody waits for the answer.
    fn end(&self, job: &Job) {
        let answer = self.send("DELETE", job.path.clone(), None, MAX_XML, Deadline::after(RETRY * 4), &mut |_| true);
        if let Err(error) = answer {
            tracing::debug!(%error, "eSCL job could not be ended");
        }
    }

    /// Scans until the paper ends or `on_page` has enough.
    fn run(
        &mut self,
        request: &ScanRequest,
        progress: Progress<'_>,
        on_page: &mut dyn FnMut(Page) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut deadline = Deadline::after(request.timeout);
        let job = self.begin(request, deadline, progress).inspect_err(|_| self.capabilities = None)?;
        let mut first = true;
        loop {
            let more = match self.next(&job, first, deadline, progress) {
                Ok(Some(page)) => on_page(page),
                Ok(None) => return Ok(()),
                Err(error) => Err(error),
            };
            match more {
                Ok(true) => {}
                // The job is not over: it must not block the device.
                ended => {
                    self.end(&job);
                    return ended.map(|_| ());
                }
            }
            first = false;
            deadline = Deadline::after(request.timeout);
        }
    }
}

impl DocumentScanner for EsclScanner {
    fn status(&mut self) -> Result<Health, Error> {
        let deadline = Deadline::after(ASK_LIMIT * 2);
        let status = self.ask_status(deadline, &mut |_| true)?;
        if let Some(fault) = status.feeder_fault().or(status.fault()) {
            return Err(fault);
        }
        let capabilities = self.ask_capabilities(deadline, &mut |_| true)?;
        if capabilities.platen.is_none() && status.feeder == "ScannerAdfEmpty" {
            return Err(no_paper());
        }
        Ok(Health::Ready)
    }

    fn scan(&mut self, request: &ScanRequest, progress: &mut dyn FnMut(f32) -> bool) -> Result<Page, Error> {
        let mut scanned = None;
        self.run(request, progress, &mut |page| {
            scanned = Some(page);
            Ok(false)
        })?;
        scanned.ok_or_else(no_paper)
    }

    fn scan_all(
        &mut self,
        request: &ScanRequest,
        progress: &mut dyn FnMut(f32) -> bool,
        on_page: &mut dyn FnMut(Page) -> bool,
    ) -> Result<u32, Error> {
        let (mut count, most) = (0, request.max_pages);
        self.run(request, progress, &mut |page| {
            if count == most {
                return Err(too_many(most));
            }
            count += 1;
            Ok(on_page(page))
        })?;
        Ok(count)
    }

    /// Two short requests over the network.
    fn look_every(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

/// Waits as long as a 503 asks for, or a little.
fn pause(reply: &Reply, deadline: Deadline, done: f32, progress: Progress<'_>) -> Result<(), Error> {
    let wait = reply.retry_after.map_or(RETRY, |seconds| Duration::from_secs(seconds).clamp(RETRY, MAX_RETRY));
    let wait = Deadline::after(wait);
    while !wait.passed() {
        if !progress(done) {
            return Err(cancelled());
        }
        if deadline.passed() {
            return Err(Error::new(ErrorKind::Timeout, "the scanner stayed busy"));
        }
        thread::sleep(Duration::from_millis(25).min(wait.left()));
    }
    Ok(())
}

fn no_paper() -> Error {
    Error::new(ErrorKind::MediaAbsent, "no page in the scanner")
}

fn unexpected(what: &str, status: u16) -> Error {
    let kind = match status {
        // A web page, a proxy, another service.
        300..=399 | 404 => ErrorKind::Garbled,
        _ => ErrorKind::Device,
    };
    Error::new(kind, format!("the scanner answers {what} with HTTP status {status}"))
}

/// Feeds the parsers of this driver with bytes of any kind.
pub(super) fn fuzz(bytes: &[u8]) {
    if let Ok(capabilities) = Capabilities::parse(bytes) {
        for source in [PageSource::Default, PageSource::Flatbed, PageSource::Feeder, PageSource::FeederDuplex] {
            if let Ok((source, input)) = capabilities.choose(source, true) {
                let dpi = input.nearest_resolution(300);
                let _ = input.settings(&ScanRequest::a4(""), source, dpi, &capabilities.version);
            }
        }
    }
    if let Ok(status) = Status::parse(bytes) {
        let _ = (status.fault(), status.feeder_fault(), status.job("/eSCL/ScanJobs/1").is_some());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Http::path_of(text, "/eSCL/ScanJobs");
    }
}

//! The simulated scanner behind the HTTP server: feeder, jobs, faults.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use image::ImageFormat;
use roxmltree::Document;

use super::super::super::{MAX_PAGE_BYTES, pictures};
use super::server::{Answer, Wire};
use super::{EsclFault, EsclState, answers, state_file};
use crate::statefile;

/// Jobs that are remembered.
const MAX_JOBS: usize = 16;

/// A job nobody fetches from for this long does not hold the scanner any more.
const FORGOTTEN: Duration = Duration::from_secs(30);

const ROOT: &str = "/eSCL";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobState {
    Processing,
    Completed,
    Aborted,
    Canceled,
}

struct Job {
    path: String,
    feeder: bool,
    duplex: bool,
    done: u32,
    state: JobState,
    touched: Instant,
}

impl Job {
    fn words(&self) -> (&'static str, &'static str) {
        match self.state {
            JobState::Processing => ("Processing", "JobScanning"),
            JobState::Completed => ("Completed", "JobCompletedSuccessfully"),
            JobState::Aborted => ("Aborted", "ResourcesAreNotReady"),
            JobState::Canceled => ("Canceled", "JobCanceledByUser"),
        }
    }
}

pub(super) struct Device {
    folder: PathBuf,
    last: EsclState,
    jobs: Vec<Job>,
    next: u32,
    /// Requests answered with 503 since the state was last without that fault.
    refused: u32,
    /// The fault of the paper's way has happened.
    struck: bool,
}

impl Device {
    pub(super) fn new(folder: &Path) -> Self {
        let last = EsclState::default();
        Self { folder: folder.to_owned(), last, jobs: Vec::new(), next: 1, refused: 0, struck: false }
    }

    fn state(&mut self) -> EsclState {
        match statefile::read(&state_file(&self.folder)) {
            Ok(state) => self.last = state.unwrap_or_default(),
            Err(error) => tracing::debug!(%error, "eSCL simulator: state file"),
        }
        if self.last.fault != EsclFault::Busy {
            self.refused = 0;
        }
        if !mechanical(self.last.fault) {
            self.struck = false;
        }
        self.last.clone()
    }

    pub(super) fn answer(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let state = self.state();
        if state.fault == EsclFault::Mute {
            return Answer { wire: Wire::Mute, ..Answer::status(200) };
        }
        let Some(name) = path.strip_prefix(ROOT) else { return Answer::status(404) };
        match (method, name) {
            ("GET", "/ScannerCapabilities" | "/ScannerStatus") if state.fault == EsclFault::GarbageXml => {
                Answer::xml(answers::GARBAGE.into())
            }
            ("GET", "/ScannerCapabilities") => Answer::xml(answers::capabilities(state.platen)),
            ("GET", "/ScannerStatus") => Answer::xml(self.status(&state)),
            ("POST", "/ScanJobs") => self.begin(&state, body),
            ("GET", _) => match path.strip_suffix("/NextDocument") {
                Some(job) => self.next_document(&state, job),
                None => Answer::status(404),
            },
            ("DELETE", _) => match self.jobs.iter_mut().find(|job| job.path == path) {
                Some(job) => {
                    if job.state == JobState::Processing {
                        job.state = JobState::Canceled;
                    }
                    Answer::status(200)
                }
                None => Answer::status(404),
            },
            _ => Answer::status(405),
        }
    }

    fn status(&self, state: &EsclState) -> String {
        let jobs: Vec<_> = self
            .jobs
            .iter()
            .rev()
            .map(|job| {
                let (word, reason) = job.words();
                (job.path.clone(), word, reason, job.done)
            })
            .collect();
        let shows = self.struck || state.after_pages == 0;
        let feeder = match state.fault {
            EsclFault::Jam if shows => "ScannerAdfJam",
            EsclFault::DoubleFeed if shows => "ScannerAdfMultipickDetected",
            EsclFault::CoverOpen if shows => "ScannerAdfHatchOpen",
            EsclFault::EndlessFeed => "ScannerAdfLoaded",
            _ if state.feeder_pages > 0 => "ScannerAdfLoaded",
            _ => "ScannerAdfEmpty",
        };
        answers::status(self.busy(), feeder, &jobs)
    }

    fn busy(&self) -> bool {
        self.jobs.iter().any(|job| job.state == JobState::Processing && job.touched.elapsed() < FORGOTTEN)
    }

    fn refuses(&mut self, state: &EsclState) -> bool {
        let refuses = state.fault == EsclFault::Busy && self.refused < state.times;
        self.refused += u32::from(refuses);
        refuses
    }

    fn begin(&mut self, state: &EsclState, body: &str) -> Answer {
        if self.refuses(state) || self.busy() {
            return Answer::status(503);
        }
        let Ok(document) = Document::parse(body) else { return Answer::status(400) };
        let text = |name| {
            let node = document.descendants().find(|node| node.tag_name().name() == name);
            node.and_then(|node| node.text()).unwrap_or_default().trim().to_owned()
        };
        let feeder = text("InputSource") == "Feeder";
        let jpeg = [text("DocumentFormat"), text("DocumentFormatExt")].iter().any(|format| format == "image/jpeg");
        if !jpeg || (!feeder && !state.platen) {
            return Answer::status(409);
        }
        let path = format!("{ROOT}/ScanJobs/{}", self.next);
        self.next += 1;
        let location = match state.fault {
            EsclFault::ForeignLocation => format!("http://{}{path}", state.elsewhere),
            _ => path.clone(),
        };
        if self.jobs.len() == MAX_JOBS {
            self.jobs.remove(0);
        }
        let duplex = feeder && text("Duplex") == "true";
        self.jobs.push(Job { path, feeder, duplex, done: 0, state: JobState::Processing, touched: Instant::now() });
        Answer { location: Some(location), ..Answer::status(201) }
    }

    fn next_document(&mut self, state: &EsclState, path: &str) -> Answer {
        if self.refuses(state) {
            return Answer::status(503);
        }
        let Some(at) = self.jobs.iter().position(|job| job.path == path) else { return Answer::status(404) };
        let (feeder, duplex, done) = (self.jobs[at].feeder, self.jobs[at].duplex, self.jobs[at].done);
        match self.jobs[at].state {
            JobState::Processing => {}
            JobState::Aborted | JobState::Canceled => return Answer::status(410),
            JobState::Completed => return Answer::status(404),
        }
        let fault = if done >= state.after_pages { state.fault } else { EsclFault::None };
        let endless = fault == EsclFault::EndlessFeed;
        // The back side comes from the sheet that was taken already.
        let back = duplex && done % 2 == 1;
        if feeder && state.feeder_pages == 0 && !back && !endless {
            self.jobs[at].state = JobState::Completed;
            return Answer::status(404);
        }
        if mechanical(fault) {
            self.struck = true;
            self.jobs[at].state = JobState::Aborted;
            return Answer::status(200);
        }
        let Some(bytes) = picture(&self.folder, &state.kind, done + 1) else {
            self.jobs[at].state = JobState::Aborted;
            return Answer::status(200);
        };
        if feeder && !back && !endless {
            let left = EsclState { feeder_pages: state.feeder_pages - 1, ..state.clone() };
            if let Err(error) = left.save(&self.folder) {
                tracing::warn!(%error, "eSCL simulator: state file");
            }
        }
        let job = &mut self.jobs[at];
        job.done += 1;
        job.touched = Instant::now();
        if !feeder {
            job.state = JobState::Completed;
        }
        let duration = Duration::from_millis(state.duration_ms.min(600_000));
        let page = Answer { body: bytes, kind: "image/jpeg", duration, ..Answer::status(200) };
        match fault {
            EsclFault::EmptyAnswer => Answer { body: Vec::new(), ..page },
            EsclFault::CutOff => Answer { body: page.body.iter().take(page.body.len() / 2).copied().collect(), ..page },
            EsclFault::Dropped => Answer { wire: Wire::Dropped, ..page },
            EsclFault::EndlessAnswer => Answer { wire: Wire::Endless, ..page },
            EsclFault::Redirect => {
                Answer { location: Some(format!("http://{}{path}", state.elsewhere)), ..Answer::status(302) }
            }
            _ => page,
        }
    }

    /// A client went away in the middle of a page.
    pub(super) fn abandoned(&mut self, path: &str) {
        let job = path.strip_suffix("/NextDocument").and_then(|path| self.jobs.iter_mut().find(|job| job.path == path));
        if let Some(job) = job.filter(|job| job.state == JobState::Processing) {
            job.state = JobState::Aborted;
        }
    }
}

fn mechanical(fault: EsclFault) -> bool {
    matches!(fault, EsclFault::Jam | EsclFault::DoubleFeed | EsclFault::CoverOpen)
}

/// The page as JPEG.
fn picture(folder: &Path, kind: &str, number: u32) -> Option<Vec<u8>> {
    let path = pictures::page(folder, kind, number)?;
    let size = fs::metadata(&path).ok()?.len();
    let bytes = (size <= MAX_PAGE_BYTES).then(|| fs::read(&path).ok())??;
    if path.extension().is_none_or(|end| end != "png") {
        return Some(bytes);
    }
    let mut jpeg = Cursor::new(Vec::new());
    image::load_from_memory(&bytes).ok()?.to_rgb8().write_to(&mut jpeg, ImageFormat::Jpeg).ok()?;
    Some(jpeg.into_inner())
}

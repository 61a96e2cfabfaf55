//! What scanimage says while it works and how it ended.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use super::super::process::Finished;
use crate::link::Deadline;
use crate::{Error, ErrorKind};

/// `Progress: 45.3%`, the last one when several came at once.
pub(super) fn parse_progress(said: &str) -> Option<f32> {
    let percent: f32 = said.rsplit("Progress: ").next()?.split('%').next()?.trim().parse().ok()?;
    (said.contains("Progress: ") && percent.is_finite()).then_some((percent / 100.0).clamp(0.0, 1.0))
}

/// Whether the picture libraries could not begin a page whose height is not known beforehand (a hand scanner), or got
/// one in three passes. The raw format can do both.
pub(super) fn wants_raw(errors: &str) -> bool {
    ["Maximum supported image dimension", "No IDATs", "too few scanlines", "Empty JPEG image"]
        .iter()
        .any(|words| errors.contains(words))
}

/// The exit code of scanimage is the number of a SANE status (`sane.h`: `SANE_Status`), measured with each status the
/// `test` backend can answer.
pub(super) fn check(finished: &Finished) -> Result<(), Error> {
    verdict(finished.status.code(), finished.status.signal(), &finished.errors)
}

pub(super) fn verdict(code: Option<i32>, signal: Option<i32>, errors: &str) -> Result<(), Error> {
    // A scan that ends at once leaves the picture libraries with nothing: the JPEG one exits, the PNG one aborts.
    if code != Some(0) && wants_raw(errors) {
        return Err(Error::new(ErrorKind::Garbled, "the scanner ended before the page did"));
    }
    let spoken = |line: &&str| line.starts_with("scanimage") && !line.contains("scanimage: rounded value");
    let said = errors.split(['\n', '\r']).map(str::trim).rfind(spoken).unwrap_or_default();
    let Some(code) = code else {
        let signal = signal.unwrap_or(0);
        return Err(Error::new(ErrorKind::Device, format!("the scanner's driver crashed (signal {signal})")));
    };
    let kind = match code {
        0 => return Ok(()),
        _ if said.contains("open of device") => match said {
            _ if said.contains("Device busy") => ErrorKind::Busy,
            _ if said.contains("Access to resource has been denied") => ErrorKind::Denied,
            _ => ErrorKind::NotReachable,
        },
        2 => ErrorKind::Cancelled,
        3 => ErrorKind::Busy,
        1 | 4 => ErrorKind::InvalidRequest,
        5 => ErrorKind::Garbled,
        6 => ErrorKind::Jammed,
        7 => ErrorKind::MediaAbsent,
        8 => ErrorKind::CoverOpen,
        11 => ErrorKind::Denied,
        // 9 I/O error, 10 no memory, and what a shell or a loader says of itself.
        _ => ErrorKind::Device,
    };
    let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
    Err(Error::new(kind, format!("the scanner answers with SANE status {code}: {said}")))
}

/// How long scanimage may take to end after it has said that its batch is over: a lamp may have to move home.
const PARTING: Duration = Duration::from_secs(5);

/// Notices a scanimage that has said everything and does not go. Seen with SANE 1.3 and its `test` backend on a busy
/// machine, in 1 of 100 scans that end with a fault: the reading thread is waited for and never comes. What was said
/// is worth as much as the exit code that does not come.
#[derive(Default)]
pub(super) struct Parting {
    tail: String,
    until: Option<Deadline>,
}

impl Parting {
    /// Takes what was newly said; whether the time to leave is over.
    pub(super) fn overstayed(&mut self, said: &str) -> bool {
        if let Some(until) = self.until {
            return until.passed();
        }
        self.tail.push_str(said);
        if self.tail.contains("Batch terminated") {
            self.until = Some(Deadline::after(PARTING));
        }
        // Enough for the last lines.
        let surplus = self.tail.chars().count().saturating_sub(2_000);
        self.tail.drain(..self.tail.char_indices().nth(surplus).map_or(0, |(at, _)| at));
        false
    }

    /// What the exit code would have told: the status of the last page, where the end of a page (5) is well.
    pub(super) fn verdict(&self) -> Result<(), Error> {
        let status =
            self.tail.rsplit("(scanner status = ").next().and_then(|rest| rest.split(')').next()?.parse().ok());
        match status {
            Some(5) => Ok(()),
            status => verdict(Some(status.unwrap_or(9)), None, &self.tail),
        }
    }
}

/// A batch without a page ends with code 0: its last words say why.
pub(super) fn no_page(errors: &str) -> Error {
    let last = |what: &str| errors.rfind(what);
    if last("out of documents").is_some() || last("(scanner status = 7)").is_some() {
        return Error::new(ErrorKind::MediaAbsent, "no page in the scanner");
    }
    Error::new(ErrorKind::Garbled, "the scan program ended well and left no page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_the_last_one_said() {
        assert_eq!(parse_progress("Progress: 10.0%\rProgress: 45.5%\r"), Some(0.455));
        assert_eq!(parse_progress("Progress: (unknown)\r"), None);
        assert_eq!(parse_progress("Progress: nan%"), None);
        assert_eq!(parse_progress("scanimage: rounded value"), None);
        assert_eq!(parse_progress("50%"), None);
        assert_eq!(parse_progress(""), None);
    }

    #[test]
    fn the_last_words_stand_in_for_an_exit_code_that_does_not_come() {
        let said = |words: &[&str]| {
            let mut parting = Parting::default();
            let gone: Vec<bool> = words.iter().map(|words| parting.overstayed(words)).collect();
            (gone, parting.until.is_some(), parting.verdict().map_err(|error| error.kind()))
        };
        let busy = [
            "Progress: 0.0%\rscanimage: sane_read: Device busy\n",
            "Scanned page 1. (scanner status = 3)\nBatch terminated",
        ];
        assert_eq!(said(&busy), (vec![false, false], true, Err(ErrorKind::Busy)));
        let well = ["Scanned page 1. (scanner status = 5)\n", "Batch termin", "ated, 1 page scanned\n"];
        assert_eq!(said(&well), (vec![false; 3], true, Ok(())));
        let long = "é".repeat(5_000);
        assert_eq!(said(&[&long, "(scanner status = 6)"]), (vec![false; 2], false, Err(ErrorKind::Jammed)));
        assert_eq!(said(&[]), (vec![], false, Err(ErrorKind::Device)));
    }

    #[test]
    fn an_end_has_its_kind() {
        let kind = |code, errors: &str| verdict(Some(code), None, errors).map_err(|error| error.kind());
        assert_eq!(kind(0, "scanimage: rounded value of br-x from 900 to 300"), Ok(()));
        assert_eq!(kind(1, "scanimage: open of device x failed: Invalid argument"), Err(ErrorKind::NotReachable));
        assert_eq!(kind(3, "scanimage: open of device x failed: Device busy"), Err(ErrorKind::Busy));
        let denied = "scanimage: open of device x failed: Access to resource has been denied";
        assert_eq!(kind(11, denied), Err(ErrorKind::Denied));
        assert_eq!(kind(6, ""), Err(ErrorKind::Jammed));
        assert_eq!(kind(127, ""), Err(ErrorKind::Device));
        assert_eq!(verdict(None, Some(11), "").unwrap_err().kind(), ErrorKind::Device);
        assert_eq!(no_page("Scanned page 1. (scanner status = 7)").kind(), ErrorKind::MediaAbsent);
        assert_eq!(no_page("").kind(), ErrorKind::Garbled);
    }
}

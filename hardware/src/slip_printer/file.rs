//! A printer that is a plain file: jobs are appended as the bytes a printer would get. For trying out and support.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::{FaultKind, PrintFault, PrintJob, PrintOutcome, PrinterProfile, PrinterStatus, SlipPrinter, encode};
use crate::Error;

/// Whether a path is a character device (or is likely to become one, such as `/dev/usb/lp0` while unplugged).
pub(super) fn is_device(path: &Path) -> bool {
    fs::metadata(path).map_or_else(|_| path.starts_with("/dev"), |found| found.file_type().is_char_device())
}

pub(super) struct FilePrinter {
    path: PathBuf,
    profile: PrinterProfile,
}

impl FilePrinter {
    pub(super) fn new(path: &Path, profile: PrinterProfile) -> Self {
        Self { path: path.to_owned(), profile }
    }
}

impl SlipPrinter for FilePrinter {
    fn status(&mut self) -> Result<PrinterStatus, Error> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.path)
            .map_err(|error| Error::io(format!("cannot write {}", self.path.display()), error))?;
        PrinterStatus::from_bytes([0x16, 0x12, 0x12, 0x12])
    }

    fn print(&mut self, job: &PrintJob) -> PrintOutcome {
        let bytes = match encode::encode(job, &self.profile) {
            Ok(encoded) => encoded.bytes,
            Err(error) => return PrintOutcome::NotPrinted(error.into()),
        };
        let opened = OpenOptions::new().append(true).create(true).open(&self.path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return PrintOutcome::NotPrinted(PrintFault::new(FaultKind::NotReachable, error.to_string())),
        };
        match file.write_all(&bytes).and_then(|()| file.sync_data()) {
            Ok(()) => PrintOutcome::Printed,
            Err(error) => PrintOutcome::Unknown(PrintFault::new(FaultKind::NotReachable, error.to_string())),
        }
    }

    fn profile(&self) -> &PrinterProfile {
        &self.profile
    }

    /// A plain file is not paper.
    fn simulated(&self) -> bool {
        true
    }
}

//! A link to a program of ours that runs as a child and may be killed at any moment.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{DescriptorLink, Link};
use crate::Error;

/// How long we wait for a killed program to be gone before a thread of its own waits for it.
const REAPING: Duration = Duration::from_millis(100);

/// A running child whose standard input and output are one socket. Dropping it kills the child.
pub(crate) struct ChildLink {
    link: DescriptorLink,
    child: Option<Child>,
    started: Instant,
}

impl ChildLink {
    /// Starts a program. Its error stream stays ours, for the log.
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        let fail = |error| Error::io(format!("cannot start {name}"), error);
        let (ours, theirs) = UnixStream::pair().map_err(fail)?;
        let theirs: OwnedFd = theirs.into();
        let child = command
            .stdin(Stdio::from(theirs.try_clone().map_err(fail)?))
            .stdout(Stdio::from(theirs))
            // A Ctrl-C meant for the main program must not end its helper first.
            .process_group(0)
            .spawn()
            .map_err(fail)?;
        // The command still holds the far end; without this a dead child would not look like a closed link.
        drop(command);
        Ok(Self { link: DescriptorLink::new(ours.into(), name)?, child: Some(child), started: Instant::now() })
    }
}

impl Link for ChildLink {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, Error> {
        self.link.read(buffer, timeout)
    }

    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        self.link.write_all(bytes, timeout)
    }

    fn ended(&mut self) -> Option<Ended> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        Some(Ended { code: status.code(), after: self.started.elapsed() })
    }
}

/// How a child ended by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// How long it lived at most.
    pub(crate) after: Duration,
}

impl Drop for ChildLink {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        // SIGKILL, because a program stuck in a driver hears nothing else.
        let _ = child.kill();
        let end = Instant::now() + REAPING;
        while Instant::now() < end {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        // Stuck in the kernel. The caller does not wait for it, but somebody must, or it stays as a zombie.
        let _ = thread::Builder::new().name("reaper".into()).spawn(move || child.wait());
    }
}

//! A program that is started, fed, read and, when it hangs or is no longer wanted, killed.

use std::io::{ErrorKind as IoErrorKind, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anjungan_hardware::{Error, ErrorKind};

/// Most that is given to a program: a pipe takes this much without a reader, so giving it never waits.
pub(super) const INPUT_BYTES_MAX: usize = 16 << 10;

/// A running program and the thread that reads what it says. Dropping it kills the program.
pub(super) struct Job<R> {
    child: Child,
    reader: Option<JoinHandle<R>>,
    began: Instant,
}

impl<R: Send + 'static> Job<R> {
    /// Starts a program with `input` on its standard input; `read` runs on a thread of its own.
    pub(super) fn start(
        mut command: Command,
        input: &str,
        read: impl FnOnce(ChildStdout) -> R + Send + 'static,
    ) -> Result<Self, Error> {
        debug_assert!(input.len() <= INPUT_BYTES_MAX, "cut before");
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let child = spawned.map_err(|error| Error::io("cannot start the speech program", error))?;
        let mut job = Self { child, reader: None, began: Instant::now() };
        if let Some(mut stdin) = job.child.stdin.take() {
            match stdin.write_all(input.as_bytes()) {
                // It ended without reading; its exit code says more.
                Err(error) if error.kind() == IoErrorKind::BrokenPipe => {}
                given => given.map_err(|error| Error::io("the speech program takes no text", error))?,
            }
        }
        let stdout = job.child.stdout.take().ok_or_else(|| Error::new(ErrorKind::Io, "no pipe to read speech from"))?;
        let reader = thread::Builder::new().name("voice-reader".to_owned()).spawn(move || read(stdout));
        job.reader = Some(reader.map_err(|error| Error::io("no thread to read speech", error))?);
        Ok(job)
    }

    /// What was read once the program has ended well, an error when it has not or took longer than `max`; none while
    /// it runs. Never waits.
    pub(super) fn look(&mut self, max: Duration) -> Option<Result<R, Error>> {
        let read = self.reader.as_ref().is_none_or(JoinHandle::is_finished);
        let ended = self.child.try_wait();
        match ended {
            Ok(Some(status)) if read => {
                let result = self.reader.take().and_then(|reader| reader.join().ok());
                let failed = || Error::new(ErrorKind::Device, format!("the speech program failed: {status}"));
                Some(if status.success() { result.ok_or_else(failed) } else { Err(failed()) })
            }
            Err(error) => Some(Err(Error::io("the speech program is lost", error))),
            _ if self.began.elapsed() > max => {
                Some(Err(Error::new(ErrorKind::NotResponding, format!("the speech program took more than {max:?}"))))
            }
            _ => None,
        }
    }
}

impl<R> Drop for Job<R> {
    fn drop(&mut self) {
        // Both fail only for a program that has ended. The reader then finds the end of its pipe.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::path::Path;

    use super::*;

    fn job(program: &str, arguments: &[&str], input: &str) -> Result<Job<String>, Error> {
        let mut command = Command::new(program);
        command.args(arguments);
        Job::start(command, input, |mut stdout| {
            let mut said = String::new();
            stdout.read_to_string(&mut said).unwrap_or_default();
            said
        })
    }

    fn result(mut job: Job<String>) -> Result<String, Error> {
        loop {
            if let Some(result) = job.look(Duration::from_secs(60)) {
                return result;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        assert_eq!(result(job("cat", &[], "kata").unwrap()).unwrap(), "kata");
        let longest = "k".repeat(INPUT_BYTES_MAX);
        assert_eq!(result(job("cat", &[], &longest).unwrap()).unwrap(), longest);
    }

    #[test]
    fn a_program_that_fails_or_is_missing_is_an_error() {
        assert_eq!(result(job("false", &[], "kata").unwrap()).unwrap_err().kind(), ErrorKind::Device);
        assert_eq!(job("/nonexistent/speech", &[], "").err().unwrap().kind(), ErrorKind::NotReachable);
    }

    #[test]
    fn a_program_that_hangs_is_given_up_and_killed() {
        let mut hanging = job("sleep", &["600"], "").unwrap();
        assert!(hanging.look(Duration::from_secs(60)).is_none());
        let error = hanging.look(Duration::ZERO).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotResponding);
        let process = format!("/proc/{}", hanging.child.id());
        assert!(Path::new(&process).exists());
        drop(hanging);
        assert!(!Path::new(&process).exists());
    }
}

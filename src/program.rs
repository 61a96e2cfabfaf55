//! A program that is started, fed, read and, when it hangs, killed. For programs that only ever see what we made or what
//! a person named: they are optional, and each has a deadline and a limit on what it says.

use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How often the end of a program is looked for.
const POLL: Duration = Duration::from_millis(4);

/// Longest wait for the last words of a program that has failed.
const ERRORS_MAX: Duration = Duration::from_millis(500);

/// Why a program gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed, or cannot be started.
    #[error("{name} cannot be started")]
    Missing {
        /// The program.
        name: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("{name} took too long")]
    TimedOut {
        /// The program.
        name: String,
    },
    /// Nobody waits for it any more; it was ended.
    #[error("{name} was ended")]
    Stopped {
        /// The program.
        name: String,
    },
    /// It failed.
    #[error("{name} failed: {said}")]
    Failed {
        /// The program.
        name: String,
        /// The end of what it said.
        said: String,
    },
    /// It said more than allowed.
    #[error("{name} gave too much")]
    TooMuch {
        /// The program.
        name: String,
    },
}

/// Tells programs that nobody waits for them any more. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends what runs, and whatever is started with it later.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs a program with `input` on its standard input and returns its standard output.
///
/// # Errors
/// When it cannot be started, fails, takes longer than `most`, or says more than `output_max` bytes.
pub fn run(command: Command, input: Vec<u8>, most: Duration, output_max: usize) -> Result<Vec<u8>, ProgramError> {
    run_until(command, input, most, output_max, &Stop::default())
}

/// Does as [`run`], and ends the program when `stop` is set.
///
/// # Errors
/// As [`run`], and when it was ended.
pub fn run_until(
    mut command: Command,
    input: Vec<u8>,
    most: Duration,
    output_max: usize,
    stop: &Stop,
) -> Result<Vec<u8>, ProgramError> {
    let name = command.get_program().to_string_lossy().into_owned();
    if stop.is_set() {
        return Err(ProgramError::Stopped { name });
    }
    let lost = |source| ProgramError::Missing { name: name.clone(), source };
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(lost)?;
    let stdin = child.stdin.take();
    let (said, errors) = (heard(child.stdout.take(), output_max as u64 + 1), heard(child.stderr.take(), 64 << 10));
    // A program that ended leaves broken pipes; its exit code says more.
    thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
    let began = Instant::now();
    let (mut status, mut output) = (None, None);
    // The output is waited for like the end: what a program left running may hold it open for ever.
    let (status, output) = loop {
        if status.is_none() {
            status = child.try_wait().unwrap_or(None);
        }
        output = output.or_else(|| said.try_recv().ok());
        if let (Some(status), Some(output)) = (status, &mut output) {
            break (status, std::mem::take(output));
        }
        if stop.is_set() || began.elapsed() >= most {
            // Both fail only for a program that has ended.
            let _ = child.kill();
            let _ = child.wait();
            let stopped = stop.is_set();
            return Err(if stopped { ProgramError::Stopped { name } } else { ProgramError::TimedOut { name } });
        }
        thread::sleep(POLL);
    };
    if output.len() > output_max {
        return Err(ProgramError::TooMuch { name });
    }
    if !status.success() {
        let said = errors.recv_timeout(ERRORS_MAX).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).trim().chars().rev().take(200).collect::<Vec<_>>();
        return Err(ProgramError::Failed { name, said: said.into_iter().rev().collect() });
    }
    Ok(output)
}

/// Reads a pipe to its end in a thread of its own.
fn heard(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|pipe| pipe.take(most).read_to_end(&mut bytes));
        // Nobody listens any more to a program that was ended.
        let _ = sender.send(bytes);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cat(input: &[u8], most: usize) -> Result<Vec<u8>, ProgramError> {
        run(Command::new("cat"), input.to_vec(), Duration::from_secs(60), most)
    }

    #[test]
    fn what_goes_in_comes_out_within_its_limit() {
        let long = vec![b'k'; 300_000];
        assert_eq!(cat(&long, 300_000).unwrap(), long);
        assert!(matches!(cat(b"kata", 3), Err(ProgramError::TooMuch { .. })));
    }

    #[test]
    fn a_program_that_hangs_fails_or_is_missing_is_an_error() {
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        assert!(matches!(run(sleep, vec![], Duration::from_millis(50), 10), Err(ProgramError::TimedOut { .. })));
        let missing = Command::new("/nonexistent/program");
        assert!(matches!(run(missing, vec![], Duration::from_secs(9), 10), Err(ProgramError::Missing { .. })));
        // It ended, but what it left behind holds its output.
        let mut leaves = Command::new("sh");
        leaves.args(["-c", "sleep 20 & exit 0"]);
        assert!(matches!(run(leaves, vec![], Duration::from_millis(200), 10), Err(ProgramError::TimedOut { .. })));
        let failing = run(Command::new("false"), vec![], Duration::from_secs(60), 10);
        assert!(matches!(failing, Err(ProgramError::Failed { .. })));
    }

    #[test]
    fn a_program_that_nobody_waits_for_is_ended() {
        let stop = Stop::default();
        let sleep = || {
            let mut sleep = Command::new("sleep");
            sleep.arg("600");
            sleep
        };
        let running = thread::spawn({
            let (stop, sleep) = (stop.clone(), sleep());
            move || run_until(sleep, vec![], Duration::from_secs(600), 10, &stop)
        });
        stop.set();
        assert!(matches!(running.join().unwrap(), Err(ProgramError::Stopped { .. })));
        let later = run_until(sleep(), vec![], Duration::from_secs(600), 10, &stop);
        assert!(matches!(later, Err(ProgramError::Stopped { .. })));
    }
}

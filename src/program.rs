//! A program that is started, fed, read and, when it hangs, killed. For programs that only ever see what we made or what
//! a person named: they are optional, and each has a deadline and a limit on what it says.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often the end of a program is looked for.
const POLL: Duration = Duration::from_millis(4);

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

/// Runs a program with `input` on its standard input and returns its standard output.
///
/// # Errors
/// When it cannot be started, fails, takes longer than `most`, or says more than `output_max` bytes.
pub fn run(mut command: Command, input: Vec<u8>, most: Duration, output_max: usize) -> Result<Vec<u8>, ProgramError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let lost = |source| ProgramError::Missing { name: name.clone(), source };
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(lost)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let limit = output_max as u64 + 1;
    // A program that ended leaves broken pipes; its exit code says more.
    let feeder = thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stdout.map(|pipe| pipe.take(limit).read_to_end(&mut bytes));
        bytes
    });
    let errors = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stderr.map(|pipe| pipe.take(64 << 10).read_to_end(&mut bytes));
        bytes
    });
    let began = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if began.elapsed() < most => thread::sleep(POLL),
            _ => break None,
        }
    };
    let Some(status) = status else {
        // Both fail only for a program that has ended.
        let _ = child.kill();
        let _ = child.wait();
        return Err(ProgramError::TimedOut { name });
    };
    let _ = feeder.join();
    let output = reader.join().unwrap_or_default();
    if output.len() > output_max {
        return Err(ProgramError::TooMuch { name });
    }
    if !status.success() {
        let said = String::from_utf8_lossy(&errors.join().unwrap_or_default())
            .trim()
            .chars()
            .rev()
            .take(200)
            .collect::<Vec<_>>();
        return Err(ProgramError::Failed { name, said: said.into_iter().rev().collect() });
    }
    Ok(output)
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
        let failing = run(Command::new("false"), vec![], Duration::from_secs(60), 10);
        assert!(matches!(failing, Err(ProgramError::Failed { .. })));
    }
}

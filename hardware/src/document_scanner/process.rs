//! Runs a program with a deadline, in a process group of its own, and ends it gently first.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};

use crate::link::Deadline;
use crate::{Error, ErrorKind};

/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);

/// Time between asking a program to end and ending it.
const GRACE: Duration = Duration::from_secs(2);

/// Most output that is kept.
const MAX_OUTPUT: usize = 64 * 1024;

/// Most memory a program may map, and the largest file it may write: a driver that reads an endless page dies of it,
/// not the machine. An A4 page of 600 dpi has 104 MB.
const MAX_MEMORY: u64 = 4 << 30;
const MAX_FILE: u64 = 256 << 20;

/// How a program ended and what it said.
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) output: String,
    pub(super) errors: String,
}

enum Said {
    Output(Vec<u8>),
    Errors(Vec<u8>),
}

/// A child that does not outlive its owner, whatever way the owner leaves.
struct Group(Child);

impl Group {
    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.0.id()).ok().and_then(Pid::from_raw)
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Best effort: a machine that forbids it scans all the same.
    fn limit(&self) {
        // A core file of a crashed driver would hold somebody's document.
        for (resource, most) in [(Resource::Core, 0), (Resource::As, MAX_MEMORY), (Resource::Fsize, MAX_FILE)] {
            let _ =
                self.pid().map(|pid| prlimit(Some(pid), resource, Rlimit { current: Some(most), maximum: Some(most) }));
        }
    }

    /// SIGINT lets a scanner driver move its lamp home; after the grace time there is no more asking.
    fn end(&mut self) {
        self.signal(Signal::INT);
        let grace = Deadline::after(GRACE);
        while !grace.passed() {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.signal(Signal::KILL);
        let _ = self.0.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.signal(Signal::KILL);
            let _ = self.0.wait();
        }
    }
}

/// Runs `command` to its end. `on_tick` gets what the program newly said on its error stream and returns false to
/// cancel.
pub(super) fn run(
    mut command: Command,
    timeout: Duration,
    on_tick: &mut dyn FnMut(&str) -> bool,
) -> Result<Finished, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let deadline = Deadline::after(timeout);
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| Error::io(format!("cannot start {name}"), error))?;
    let mut group = Group(child);
    group.limit();
    let (sender, said) = mpsc::channel();
    if let Some(stream) = group.0.stdout.take() {
        listen(stream, sender.clone(), Said::Output)?;
    }
    if let Some(stream) = group.0.stderr.take() {
        listen(stream, sender, Said::Errors)?;
    }
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let mut exited = None;
    loop {
        let mut fresh = Vec::new();
        match said.recv_timeout(TICK) {
            Ok(Said::Output(bytes)) => output.extend(bytes),
            Ok(Said::Errors(bytes)) => fresh = bytes,
            // A grandchild may hold the streams open for ever; after the program's own end one tick is enough.
            Err(RecvTimeoutError::Timeout) if exited.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) if exited.is_some() => break,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(5)),
        }
        if !on_tick(&String::from_utf8_lossy(&fresh)) {
            group.end();
            return Err(Error::new(ErrorKind::Cancelled, "cancelled"));
        }
        errors.extend(fresh);
        output.truncate(MAX_OUTPUT);
        // The end of the error text is what matters.
        let surplus = errors.len().saturating_sub(MAX_OUTPUT);
        errors.drain(..surplus);
        if exited.is_none() {
            exited = group.0.try_wait().map_err(|error| Error::io(name.clone(), error))?;
        }
        if exited.is_none() && deadline.passed() {
            group.end();
            return Err(Error::new(ErrorKind::Timeout, format!("{name} did not finish in time")));
        }
    }
    let status = exited.map_or_else(|| group.0.wait(), Ok).map_err(|error| Error::io(name, error))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Finished { status, output: text(output), errors: text(errors) })
}

fn listen(
    mut stream: impl Read + Send + 'static,
    sender: mpsc::Sender<Said>,
    wrap: fn(Vec<u8>) -> Said,
) -> Result<(), Error> {
    let work = move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            if sender.send(wrap(buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("scan-output".into())
        .spawn(work)
        .map(|_| ())
        .map_err(|error| Error::io("cannot start a thread", error))
}

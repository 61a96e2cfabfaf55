//! The helper's main thread: reads requests, answers what it can at once, and watches over the worker.

use std::os::fd::AsFd;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use super::Config;
use super::connection::Connection;
use super::licence::Licence;
use super::port::Limit;
use super::worker::Worker;
use crate::ektp_reader::Scope;
use crate::ektp_reader::protocol::{Code, LineReader, Reply, Request, StatusBody, VERSION, Verb, to_line};
use crate::helper::GAVE_UP;
use crate::link::{Deadline, DescriptorLink, Link};
use crate::{DeviceUrl, Error, ErrorKind};

/// How often the worker's answer is looked for while no request comes.
const TICK: Duration = Duration::from_millis(5);

/// How long the worker may overrun its time, or a cancellation, before the helper gives up. Less than the time the
/// parent keeps for itself, so that the parent hears why.
const GRACE: Duration = Duration::from_millis(150);

/// Longest wait for the parent to take an answer.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// Runs the driver for a `pcsc:` URL on standard input and output; gives the exit code. When it returns, the process
/// must end, because the worker may be stuck.
pub(crate) fn serve(url: &DeviceUrl) -> u8 {
    match Server::start(url).and_then(|mut server| server.run()) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "card reader helper");
            1
        }
    }
}

struct Job {
    id: u64,
    verb: Verb,
    limit: Limit,
}

/// The job the worker has, and until when.
struct Running {
    id: u64,
    limit: Limit,
    /// When a cancelled job must be over.
    end_of_cancel: Option<Deadline>,
}

struct Server {
    input: DescriptorLink,
    output: DescriptorLink,
    monitor: Monitor,
    jobs: Sender<Job>,
    answers: Receiver<Reply>,
    running: Option<Running>,
}

impl Server {
    fn start(url: &DeviceUrl) -> Result<Self, Error> {
        let fail = |error| Error::io("standard input and output", error);
        let config = Config::new(url)?;
        let input = std::io::stdin().as_fd().try_clone_to_owned().map_err(fail)?;
        let output = std::io::stdout().as_fd().try_clone_to_owned().map_err(fail)?;
        let (jobs, todo) = mpsc::channel::<Job>();
        let (done, answers) = mpsc::channel();
        let connection = Connection::default();
        let mut worker = Worker::new(config.clone(), connection.sibling());
        let work = move || {
            for job in todo {
                let reply = worker.run(job.id, &job.verb, &job.limit);
                if done.send(reply).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("card".into()).spawn(work).map_err(fail)?;
        Ok(Self {
            input: DescriptorLink::new(input, "standard input")?,
            output: DescriptorLink::new(output, "standard output")?,
            monitor: Monitor { config, connection },
            jobs,
            answers,
            running: None,
        })
    }

    fn run(&mut self) -> Result<u8, Error> {
        let mut lines = LineReader::default();
        loop {
            let wait = if self.running.is_some() { TICK } else { WRITE_LIMIT };
            match lines.next_line(&mut self.input, wait) {
                Ok(Some(line)) if line.is_empty() => {}
                Ok(Some(line)) => self.answer(&line)?,
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotReachable => return Ok(0),
                Err(error) if error.kind() == ErrorKind::Garbled => self.send(&Reply::failed(0, &error))?,
                Err(error) => return Err(error),
            }
            while let Ok(reply) = self.answers.try_recv() {
                self.running = None;
                self.send(&reply)?;
            }
            if self.overrun()? {
                return Ok(GAVE_UP);
            }
        }
    }

    fn send(&mut self, reply: &Reply) -> Result<(), Error> {
        self.output.write_all(&to_line(reply)?, WRITE_LIMIT)
    }

    fn answer(&mut self, line: &[u8]) -> Result<(), Error> {
        let Ok(request) = serde_json::from_slice::<Request>(line) else {
            return self.send(&Reply { detail: Some("not a request".into()), ..Reply::new(0, Code::Error) });
        };
        let id = request.id;
        let timeout = match &request.verb {
            Verb::Status { protocol } => {
                let reply = self.monitor.status(id, *protocol);
                return self.send(&reply);
            }
            Verb::Cancel { target } => {
                if let Some(running) = self.running.as_mut().filter(|run| target.is_none_or(|target| target == run.id))
                {
                    running.limit.cancelled.store(true, Ordering::SeqCst);
                    running.end_of_cancel = Some(Deadline::after(GRACE));
                }
                return self.send(&Reply::new(id, Code::Ok));
            }
            Verb::WaitCard { timeout_ms } | Verb::Read { timeout_ms, .. } | Verb::FingerMatch { timeout_ms } => {
                Duration::from_millis(*timeout_ms)
            }
        };
        if self.running.is_some() {
            return self.send(&Reply::new(id, Code::Busy));
        }
        let limit = Limit::new(Deadline::after(timeout));
        self.running = Some(Running { id, limit: limit.clone(), end_of_cancel: None });
        self.jobs
            .send(Job { id, verb: request.verb, limit })
            .map_err(|_| Error::new(ErrorKind::Device, "the card thread is gone"))
    }

    /// Whether the worker is stuck; the parent has been told then.
    fn overrun(&mut self) -> Result<bool, Error> {
        let Some(running) = &self.running else { return Ok(false) };
        let id = running.id;
        let code = if running.end_of_cancel.is_some_and(Deadline::passed) {
            Code::Cancelled
        } else if running.limit.is_stuck() || running.limit.deadline.passed_by(GRACE) {
            Code::NotResponding
        } else {
            return Ok(false);
        };
        tracing::error!("the card reader does not come back from a card");
        self.send(&Reply { detail: Some("the reader hangs on a card".into()), ..Reply::new(id, code) })?;
        Ok(true)
    }
}

/// Answers status requests with a connection of its own, also while the worker is busy.
struct Monitor {
    config: Config,
    connection: Connection,
}

impl Monitor {
    fn status(&mut self, id: u64, protocol: Option<u32>) -> Reply {
        let config = &self.config;
        match self.connection.with_retry(|connection| look(config, connection, protocol)) {
            Ok(body) => Reply { status: Some(body), ..Reply::new(id, Code::Ok) },
            Err(error) => Reply::failed(id, &error),
        }
    }
}

fn look(config: &Config, connection: &mut Connection, protocol: Option<u32>) -> Result<StatusBody, Error> {
    let service = connection.service()?;
    let sam = config.sam.as_ref();
    let (name, sam_name) = service.find(&config.reader, sam.map(|(slot, _)| slot.as_str()))?;
    let slot = service.look(&name)?;
    let mut scopes: Vec<String> = Vec::new();
    let mut model: String = slot.shown_name();
    if let (Some((_, licence)), Some(sam_name)) = (sam, sam_name) {
        Licence::load(licence)?;
        if !service.look(&sam_name)?.card {
            return Err(Error::new(ErrorKind::NotReachable, "no SAM in its slot"));
        }
        scopes = [Scope::Identity, Scope::Biodata, Scope::Photo].map(|scope| scope.word().to_owned()).to_vec();
        // Long names are cut, so that what follows stays within what the parent shows.
        model = format!("{model:.35}, SAM flow not verified with a production SAM");
    }
    let card_id = connection.name_of(&slot);
    Ok(StatusBody {
        protocol: protocol.unwrap_or(1).clamp(1, VERSION),
        model,
        simulated: config.simulated || slot.is_virtual(),
        card: slot.card,
        card_id,
        scopes: Some(scopes),
        finger: false,
    })
}

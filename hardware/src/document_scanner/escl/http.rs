//! HTTP/1.1 to one scanner: every answer limited in time and size, no redirection followed, no proxy used.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Request, header};

use crate::link::Deadline;
use crate::{Error, ErrorKind};

/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(50);

/// Longest time to find and reach the scanner.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Largest head of an answer.
const MAX_HEAD: usize = 32 * 1024;

/// Bytes of a page that are on their way when nobody said how many will come: half of the way at half a megabyte.
const USUAL_PAGE: f32 = 500_000.0;

/// What is sent.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<String>,
    /// Largest body of the answer.
    pub(super) limit: u64,
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// `Location`, as it was sent.
    pub(super) location: Option<String>,
    /// `Retry-After` in seconds.
    pub(super) retry_after: Option<u64>,
    pub(super) body: Vec<u8>,
}

enum Said {
    /// Bytes so far, and how many there will be.
    Progress(u64, Option<u64>),
    Done(Result<Reply, Error>),
}

pub(super) struct Http {
    agent: Agent,
    /// `http://host:port`
    origin: String,
}

impl Http {
    pub(super) fn new(host: &str, port: u16) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy named in the environment is for the web, not for a scanner.
            .proxy(None)
            .max_response_header_size(MAX_HEAD)
            // A scanner that sleeps closes what it kept open.
            .max_idle_connections(0)
            .user_agent("anjungan")
            .build();
        // An IPv6 address stands in brackets.
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        Self { agent: config.into(), origin: format!("http://{host}:{port}") }
    }

    /// Sends a request and waits for its answer, on a thread of its own so that `on_tick` (the done part) can cancel
    /// at any moment. After that the thread ends with the bytes it waits for, or at the deadline.
    pub(super) fn call(
        &self,
        call: Call,
        deadline: Deadline,
        on_tick: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Reply, Error> {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, said) = mpsc::channel();
        let (agent, url, left, stopped) =
            (self.agent.clone(), format!("{}{}", self.origin, call.path), deadline.left(), stop.clone());
        let name = self.origin.clone();
        thread::Builder::new()
            .name("escl".into())
            .spawn(move || {
                let told = sender.clone();
                let result = exchange(&agent, &name, &url, call, left, &mut |done, total| {
                    told.send(Said::Progress(done, total)).is_ok() && !stopped.load(Ordering::Relaxed)
                });
                let _ = sender.send(Said::Done(result));
            })
            .map_err(|error| Error::io("cannot start a thread", error))?;
        let mut part = 0.0;
        loop {
            match said.recv_timeout(TICK) {
                Ok(Said::Done(Err(error))) if error.kind() == ErrorKind::NotResponding && deadline.passed() => {
                    return Err(self.too_late());
                }
                Ok(Said::Done(result)) => return result,
                Ok(Said::Progress(done, total)) => {
                    part = match total {
                        Some(total) if total > 0 => (done as f32 / total as f32).clamp(0.0, 1.0),
                        _ => 1.0 - 1.0 / (1.0 + done as f32 / USUAL_PAGE),
                    };
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Error::new(ErrorKind::Io, "the request was lost")),
            }
            if !on_tick(part) {
                stop.store(true, Ordering::Relaxed);
                return Err(super::super::cancelled());
            }
            if deadline.passed() {
                stop.store(true, Ordering::Relaxed);
                return Err(self.too_late());
            }
        }
    }

    fn too_late(&self) -> Error {
        Error::new(ErrorKind::Timeout, format!("{}: no answer in time", self.origin))
    }

    /// The path of a `Location`. Whatever host it names, the next request goes to the scanner we know: devices give
    /// their own idea of their name, and a hostile one must not send us anywhere else.
    pub(super) fn path_of(location: &str, current: &str) -> Option<String> {
        let location = location.trim();
        let path = match location.split_once("://") {
            Some(("http" | "https", rest)) => rest.find('/').map(|at| rest[at..].to_owned())?,
            Some(_) => return None,
            None if location.is_empty() || location.starts_with("//") => return None,
            None if location.starts_with('/') => location.to_owned(),
            // Relative to the folder of the request.
            None => format!("{}/{location}", current.rsplit_once('/')?.0),
        };
        let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        let fits = plain && path.len() <= 1024 && path.len() > 1 && !path.split('/').any(|part| part == "..");
        fits.then(|| path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
    }
}

fn exchange(
    agent: &Agent,
    name: &str,
    url: &str,
    call: Call,
    left: Duration,
    on_bytes: &mut dyn FnMut(u64, Option<u64>) -> bool,
) -> Result<Reply, Error> {
    let fail = |error| translate(name, error);
    let body = call.body.unwrap_or_default();
    let mut request = Request::builder().method(call.method).uri(url);
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "text/xml");
    }
    let request = request.body(body).map_err(|error| fail(error.into()))?;
    let request = agent
        .configure_request(request)
        .timeout_global(Some(left.max(Duration::from_millis(1))))
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_resolve(Some(CONNECT_LIMIT))
        .build();
    let mut response = agent.run(request).map_err(fail)?;
    let text = |name: &header::HeaderName| response.headers().get(name)?.to_str().ok().map(str::to_owned);
    let mut reply = Reply {
        status: response.status().as_u16(),
        location: text(&header::LOCATION),
        retry_after: text(&header::RETRY_AFTER).and_then(|text| text.trim().parse().ok()),
        body: Vec::new(),
    };
    let total = response.body().content_length();
    let too_large = || Error::new(ErrorKind::TooLarge, format!("{name}: the answer is beyond {} bytes", call.limit));
    if total.is_some_and(|total| total > call.limit) {
        return Err(too_large());
    }
    let mut reader = response.body_mut().as_reader();
    let mut buffer = [0; 16 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(reply),
            Ok(count) => reply.body.extend(buffer.iter().take(count)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(translate(name, ureq::Error::from(error))),
        }
        if reply.body.len() as u64 > call.limit {
            return Err(too_large());
        }
        if !on_bytes(reply.body.len() as u64, total) {
            return Err(super::super::cancelled());
        }
    }
}

fn translate(name: &str, error: ureq::Error) -> Error {
    use ureq::Timeout;
    match error {
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::TimedOut => Error::new(ErrorKind::NotReachable, format!("{name}: nobody answers")),
            _ => Error::io(name, error),
        },
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            Error::new(ErrorKind::NotReachable, format!("{name}: nobody answers"))
        }
        ureq::Error::Timeout(_) => Error::new(ErrorKind::NotResponding, format!("{name}: no answer in time")),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => {
            Error::new(ErrorKind::NotReachable, format!("{name}: no such host"))
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Error::new(ErrorKind::InvalidUrl, format!("{name}: the address cannot be used"))
        }
        error => Error::new(ErrorKind::Garbled, format!("{name}: an answer that is not HTTP")).with_source(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_never_leads_to_another_host() {
        let path = |location: &str| Http::path_of(location, "/eSCL/ScanJobs");
        assert_eq!(path("/eSCL/ScanJobs/7").as_deref(), Some("/eSCL/ScanJobs/7"));
        assert_eq!(path("http://10.0.0.9:80/eSCL/ScanJobs/7/").as_deref(), Some("/eSCL/ScanJobs/7"));
        assert_eq!(path("ScanJobs/7").as_deref(), Some("/eSCL/ScanJobs/7"));
        for bad in ["", "/", "http://host", "ftp://host/x", "//host/x", "/a/../../b", "/a b", "/a\r\nX: y", "/a#b"] {
            assert_eq!(path(bad), None, "{bad:?}");
        }
    }
}

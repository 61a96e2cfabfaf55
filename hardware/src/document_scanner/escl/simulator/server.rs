//! The HTTP/1.1 side of the simulated scanner: small, and with a limit on everything a client sends.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::device::Device;
use crate::link::{Deadline, DescriptorLink, Link};
use crate::simulation::{Stop, TICK};

/// Largest head and largest body of a request.
const MAX_HEAD: usize = 16 * 1024;
const MAX_BODY: usize = 64 * 1024;
const MAX_HEADERS: usize = 64;

/// A connection on which nothing comes for this long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// Longest time a client may take no bytes.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// Parts a slow page is sent in.
const PARTS: u32 = 20;

/// How the bytes go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Sound,
    /// Half of what was announced, then the end of the connection.
    Dropped,
    /// Chunks until the client goes away, at most 64 MB.
    Endless,
    /// Nothing at all.
    Mute,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
    /// Time the body takes.
    pub(super) duration: Duration,
    pub(super) wire: Wire,
}

impl Answer {
    pub(super) fn status(status: u16) -> Self {
        let duration = Duration::ZERO;
        Self { status, kind: "text/plain", location: None, body: Vec::new(), duration, wire: Wire::Sound }
    }

    pub(super) fn xml(text: String) -> Self {
        Self { kind: "text/xml", body: text.into_bytes(), ..Self::status(200) }
    }
}

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    body: String,
    close: bool,
}

/// Serves one connection to its end.
pub(super) fn session(mut link: DescriptorLink, device: &Mutex<Device>, stop: &Stop) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut link, &mut buffer, stop) {
        let lock = || device.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = lock().answer(&request.method, &request.path, &request.body);
        if send(&mut link, &answer, stop).is_none() {
            lock().abandoned(&request.path);
            return;
        }
        if request.close {
            return;
        }
    }
}

fn read_request(link: &mut DescriptorLink, buffer: &mut Vec<u8>, stop: &Stop) -> Option<Request> {
    let deadline = Deadline::after(IDLE);
    let mut welcomed = false;
    loop {
        match parse(buffer) {
            Parsed::Whole(request, length) => {
                buffer.drain(..length);
                return Some(request);
            }
            Parsed::Refused(status) => {
                let _ = send(link, &Answer::status(status), stop);
                return None;
            }
            Parsed::Partial { expects } => {
                if expects && !welcomed {
                    welcomed = true;
                    link.write_all(b"HTTP/1.1 100 Continue\r\n\r\n", WRITE_LIMIT).ok()?;
                }
            }
        }
        if stop.is_set() || deadline.passed() {
            return None;
        }
        let mut chunk = [0; 4096];
        let count = link.read(&mut chunk, TICK).ok()?;
        buffer.extend(chunk.iter().take(count));
    }
}

pub(super) enum Parsed {
    Whole(Request, usize),
    Partial { expects: bool },
    Refused(u16),
}

/// Reads a request from the front of the buffer.
pub(super) fn parse(buffer: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(buffer) {
        Ok(httparse::Status::Complete(head)) if head <= MAX_HEAD => head,
        Ok(httparse::Status::Partial) if buffer.len() <= MAX_HEAD => return Parsed::Partial { expects: false },
        Ok(_) => return Parsed::Refused(431),
        Err(_) => return Parsed::Refused(400),
    };
    let header = |name: &str| {
        let found = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok()).map(|value| value.trim().to_ascii_lowercase())
    };
    if header("transfer-encoding").is_some() {
        return Parsed::Refused(411);
    }
    let length = match header("content-length").map(|text| text.parse::<usize>()) {
        None => 0,
        Some(Ok(length)) if length <= MAX_BODY => length,
        Some(Ok(_)) => return Parsed::Refused(413),
        Some(Err(_)) => return Parsed::Refused(400),
    };
    let Some(body) = buffer.get(head..head + length) else {
        return Parsed::Partial { expects: header("expect").as_deref() == Some("100-continue") };
    };
    let close = header("connection").as_deref() == Some("close") || request.version == Some(0);
    let whole = Request {
        method: request.method.unwrap_or_default().to_owned(),
        path: request.path.unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
        close,
    };
    Parsed::Whole(whole, head + length)
}

/// `None`: the connection is over.
fn send(link: &mut DescriptorLink, answer: &Answer, stop: &Stop) -> Option<()> {
    if answer.wire == Wire::Mute {
        let deadline = Deadline::after(Duration::from_secs(600));
        while !stop.is_set() && !deadline.passed() {
            // Only to see the client go.
            link.read(&mut [0; 256], TICK).ok()?;
        }
        return None;
    }
    let reason = match answer.status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        404 => "Not Found",
        410 => "Gone",
        503 => "Service Unavailable",
        _ => "Refused",
    };
    // The lower-case, relative location is what real devices send.
    let location = answer.location.as_ref().map_or(String::new(), |to| format!("location: {to}\r\n"));
    let body = match answer.wire {
        Wire::Endless => "Transfer-Encoding: chunked".to_owned(),
        _ => format!("Content-Length: {}", answer.body.len()),
    };
    let head = format!(
        "HTTP/1.1 {} {reason}\r\nServer: anjungan-simulator\r\nContent-Type: {}\r\n{location}{body}\r\n\r\n",
        answer.status, answer.kind
    );
    link.write_all(head.as_bytes(), WRITE_LIMIT).ok()?;
    match answer.wire {
        Wire::Sound => {}
        Wire::Dropped => {
            link.write_all(answer.body.get(..answer.body.len() / 2)?, WRITE_LIMIT).ok()?;
            return None;
        }
        Wire::Endless => {
            let chunk = [b"10000\r\n".as_slice(), &[0; 0x10000], b"\r\n"].concat();
            for _ in 0..1024 {
                if stop.is_set() {
                    return None;
                }
                link.write_all(&chunk, WRITE_LIMIT).ok()?;
            }
            return None;
        }
        Wire::Mute => return None,
    }
    if answer.duration.is_zero() {
        return link.write_all(&answer.body, WRITE_LIMIT).ok();
    }
    let size = answer.body.len().div_ceil(PARTS as usize).max(1);
    for part in answer.body.chunks(size) {
        let end = Deadline::after(answer.duration / PARTS);
        while !end.passed() {
            if stop.is_set() {
                return None;
            }
            thread::sleep(TICK.min(end.left()));
        }
        link.write_all(part, WRITE_LIMIT).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_comes_in_pieces_and_has_limits() {
        let whole = b"POST /eSCL/ScanJobs HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET ";
        for cut in 0..whole.len() - 4 {
            assert!(matches!(parse(&whole[..cut]), Parsed::Partial { .. }), "{cut}");
        }
        assert!(
            matches!(parse(whole), Parsed::Whole(request, length) if request.body == "abc" && length == whole.len() - 4)
        );
        let refused = |bytes: &[u8]| matches!(parse(bytes), Parsed::Refused(_));
        assert!(refused(b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"));
        assert!(refused(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assert!(refused(b"\0\0\0\0\r\n\r\n"));
        assert!(refused(&[b"GET /".as_slice(), &[b'a'; 20_000]].concat()));
    }
}

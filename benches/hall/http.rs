//! The lightest client there is: one kept connection, one buffer, requests written by hand.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub struct Client {
    addr: SocketAddr,
    head: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(addr: SocketAddr, station: &str, session: Option<&str>) -> Self {
        let session = session.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!("host: hub\r\nx-anjungan-station: {station}\r\n{session}content-type: application/json\r\n");
        Self { addr, head, stream: None, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Asks until there is an answer: the same request again after a lost one.
    pub fn insist(&mut self, method: &str, path: &str, body: &str) -> Reply {
        loop {
            match self.send(method, path, body) {
                Ok(reply) if reply.status < 500 => return reply,
                _ => {
                    self.stream = None;
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    pub fn send(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect_timeout(&self.addr, Duration::from_secs(2))?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(Duration::from_secs(15)))?;
                stream
            }
        };
        let request = format!("{method} {path} HTTP/1.1\r\n{}content-length: {}\r\n\r\n{body}", self.head, body.len());
        stream.write_all(request.as_bytes())?;
        self.buffer.clear();
        let reply = read(&mut stream, &mut self.buffer)?;
        self.stream = Some(stream);
        Ok(reply)
    }

    /// Opens the stream of changes and returns it, to be read line by line.
    pub fn follow(&self) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.addr)?;
        stream.write_all(format!("GET /api/v1/events HTTP/1.1\r\n{}\r\n", self.head).as_bytes())?;
        Ok(stream)
    }
}

fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Reply> {
    let broken = || std::io::Error::other("not an answer");
    let mut chunk = [0_u8; 16 * 1024];
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end]).map_err(|_| broken())?;
            let status = head.get(9..12).and_then(|text| text.parse().ok()).ok_or_else(broken)?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).ok_or_else(broken)?;
            while buffer.len() < end + 4 + length {
                let got = stream.read(&mut chunk)?;
                if got == 0 {
                    return Err(broken());
                }
                buffer.extend_from_slice(&chunk[..got]);
            }
            return Ok(Reply { status, body: buffer[end + 4..].to_vec() });
        }
        let got = stream.read(&mut chunk)?;
        if got == 0 {
            return Err(broken());
        }
        buffer.extend_from_slice(&chunk[..got]);
    }
}

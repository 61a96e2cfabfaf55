//! A link over a WebSocket: each line is one text frame.

use std::io::{self, Read, Write};
use std::time::Duration;

use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error as SocketError, HandshakeError, Message, WebSocket};

use super::{Deadline, DescriptorLink, Link};
use crate::{Error, ErrorKind};

/// A stream as tungstenite wants it: a read or write that finds nothing by the deadline "would block".
struct Timed {
    link: DescriptorLink,
    deadline: Deadline,
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.link.read(buffer, self.deadline.left()) {
            Ok(0) => Err(io::ErrorKind::WouldBlock.into()),
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::NotReachable => Ok(0),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.link.write_all(bytes, self.deadline.left()) {
            Ok(()) => Ok(bytes.len()),
            Err(error) if error.kind() == ErrorKind::NotReachable => Err(io::ErrorKind::BrokenPipe.into()),
            // A part may be on its way, so it must not be sent again; the caller drops the connection.
            Err(error) if error.kind() == ErrorKind::NotResponding => Err(io::ErrorKind::TimedOut.into()),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines over a WebSocket (RFC 6455), without TLS.
pub(crate) struct WebSocketLink {
    socket: WebSocket<Timed>,
    /// Lines that arrived and were not read yet.
    unread: Vec<u8>,
    name: String,
}

impl WebSocketLink {
    /// Connects and shakes hands. `largest` is the most bytes a message may have.
    pub(crate) fn connect(host: &str, port: u16, path: &str, largest: usize, timeout: Duration) -> Result<Self, Error> {
        let deadline = Deadline::after(timeout);
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let name = format!("ws://{host}:{port}{path}");
        let link = DescriptorLink::connect(host.trim_matches(['[', ']']), port, timeout)?;
        let stream = Timed { link, deadline };
        match tungstenite::client::client_with_config(name.as_str(), stream, Some(limits(largest))) {
            Ok((socket, _)) => Ok(Self { socket, unread: Vec::new(), name }),
            Err(HandshakeError::Interrupted(_)) => {
                Err(Error::new(ErrorKind::NotResponding, format!("{name}: no answer to the WebSocket handshake")))
            }
            Err(HandshakeError::Failure(error)) => Err(explain(&name, error)),
        }
    }

    /// Answers the handshake of a client.
    pub(crate) fn accept(link: DescriptorLink, largest: usize, timeout: Duration) -> Result<Self, Error> {
        let name = "WebSocket client".to_owned();
        let stream = Timed { link, deadline: Deadline::after(timeout) };
        match tungstenite::accept_with_config(stream, Some(limits(largest))) {
            Ok(socket) => Ok(Self { socket, unread: Vec::new(), name }),
            Err(HandshakeError::Interrupted(_)) => {
                Err(Error::new(ErrorKind::NotResponding, format!("{name}: no handshake")))
            }
            Err(HandshakeError::Failure(error)) => Err(explain(&name, error)),
        }
    }
}

impl Link for WebSocketLink {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, Error> {
        if self.unread.is_empty() {
            self.socket.get_mut().deadline = Deadline::after(timeout);
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    // In JSON a line feed can only stand between two words, so a gateway may send it indented.
                    self.unread.extend(text.as_bytes().iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
                    self.unread.push(b'\n');
                }
                Ok(Message::Binary(_)) => {
                    return Err(Error::new(ErrorKind::Garbled, format!("{}: a binary message", self.name)));
                }
                Ok(Message::Close(_)) => {
                    return Err(Error::new(ErrorKind::NotReachable, format!("{}: closed", self.name)));
                }
                // tungstenite answers a ping by itself.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => return Ok(0),
                Err(SocketError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                Err(error) => return Err(explain(&self.name, error)),
            }
        }
        let count = self.unread.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.unread[..count]);
        self.unread.drain(..count);
        Ok(count)
    }

    /// Sends whole lines, each as one message.
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        self.socket.get_mut().deadline = Deadline::after(timeout);
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let text = std::str::from_utf8(line)
                .map_err(|_| Error::new(ErrorKind::InvalidRequest, "a text message must be UTF-8"))?;
            self.socket.send(Message::text(text)).map_err(|error| explain(&self.name, error))?;
        }
        Ok(())
    }
}

fn limits(largest: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(largest * 2)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
}

/// The cause is not repeated where it could quote what the other side sent.
fn explain(name: &str, error: SocketError) -> Error {
    match error {
        SocketError::Io(error) => Error::io(name.to_owned(), error),
        SocketError::ConnectionClosed | SocketError::AlreadyClosed => {
            Error::new(ErrorKind::NotReachable, format!("{name}: closed"))
        }
        SocketError::Http(answer) => {
            let what = format!("{name}: no WebSocket there, HTTP status {}", answer.status().as_u16());
            Error::new(ErrorKind::NotReachable, what)
        }
        SocketError::Capacity(_) => Error::new(ErrorKind::Garbled, format!("{name}: a message beyond the limit")),
        SocketError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            Error::new(ErrorKind::NotReachable, format!("{name}: the other side closed"))
        }
        SocketError::Protocol(tungstenite::error::ProtocolError::HandshakeIncomplete) => {
            Error::new(ErrorKind::NotReachable, format!("{name}: the other side closed during the handshake"))
        }
        _ => Error::new(ErrorKind::Garbled, format!("{name}: not a WebSocket of text messages")),
    }
}

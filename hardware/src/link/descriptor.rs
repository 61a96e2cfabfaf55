//! A link over any file descriptor that can be polled: a TCP socket, a character device, a PTY master.

use std::fs::OpenOptions;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Deadline, Link};
use crate::{Error, ErrorKind};

/// Pause after a device had nothing although it said it had.
const EMPTY_PAUSE: Duration = Duration::from_millis(5);

/// A non-blocking descriptor and the words to name it in errors.
pub(crate) struct DescriptorLink {
    descriptor: OwnedFd,
    name: String,
    /// A read of nothing is the end of the stream. Not so on a device: the kernel's USB printer driver gives 0 for an
    /// empty packet, and says that the plug was pulled by an error.
    zero_is_end: bool,
}

impl DescriptorLink {
    /// Takes a descriptor and makes it non-blocking.
    pub(crate) fn new(descriptor: OwnedFd, name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        rustix::io::ioctl_fionbio(&descriptor, true).map_err(|error| Error::io(name.clone(), error.into()))?;
        Ok(Self { descriptor, name, zero_is_end: true })
    }

    /// A second handle on the same stream, for a thread that only writes.
    pub(crate) fn try_clone(&self) -> Result<Self, Error> {
        let descriptor = self.descriptor.try_clone().map_err(|error| Error::io(self.name.clone(), error))?;
        Ok(Self { descriptor, name: self.name.clone(), zero_is_end: self.zero_is_end })
    }

    /// Connects to a TCP peer.
    pub(crate) fn connect(host: &str, port: u16, timeout: Duration) -> Result<Self, Error> {
        let name = format!("tcp://{host}:{port}");
        let deadline = Deadline::after(timeout);
        let mut last = Error::new(ErrorKind::NotReachable, format!("{name}: no address found"));
        for address in resolve(host, port, deadline, &name)? {
            if deadline.passed() {
                break;
            }
            match TcpStream::connect_timeout(&address, deadline.left().max(Duration::from_millis(1))) {
                Ok(stream) => {
                    // Status requests are three bytes long and must not wait for company.
                    let _ = stream.set_nodelay(true);
                    return Self::new(stream.into(), name);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    last = Error::new(ErrorKind::NotReachable, format!("{name}: nobody answers")).with_source(error);
                }
                Err(error) => last = Error::io(name.clone(), error),
            }
        }
        Err(last)
    }

    /// Opens a character device such as `/dev/usb/lp0` for reading and writing.
    pub(crate) fn open_device(path: &Path) -> Result<Self, Error> {
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
            .open(path)
            .map_err(|error| Error::io(format!("cannot open {}", path.display()), error))?;
        let link = Self::new(file.into(), path.display().to_string())?;
        Ok(Self { zero_is_end: false, ..link })
    }

    /// Asks the system to acknowledge what comes next at once. It forgets this again, so ask before each read.
    pub(crate) fn acknowledge_at_once(&self) {
        let _ = rustix::net::sockopt::set_tcp_quickack(&self.descriptor, true);
    }

    /// Waits until the descriptor is ready for `flags`; false when `timeout` passes first.
    fn wait(&self, flags: PollFlags, timeout: Duration) -> Result<bool, Error> {
        let deadline = Deadline::after(timeout);
        loop {
            let left = deadline.left();
            let spec = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            let mut fds = [PollFd::new(&self.descriptor, flags)];
            match poll(&mut fds, Some(&spec)) {
                Ok(0) => return Ok(false),
                Ok(_) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(Error::io(self.name.clone(), error.into())),
            }
        }
    }
}

impl Link for DescriptorLink {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, Error> {
        if !self.wait(PollFlags::IN, timeout)? {
            return Ok(0);
        }
        match rustix::io::read(&self.descriptor, buffer) {
            Ok(0) if self.zero_is_end => {
                Err(Error::new(ErrorKind::NotReachable, format!("{}: the other side closed", self.name)))
            }
            Ok(0) => {
                // It may say so again at once, and who waits for an answer must not spin.
                std::thread::sleep(EMPTY_PAUSE.min(timeout));
                Ok(0)
            }
            Ok(count) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(Error::io(self.name.clone(), error.into())),
        }
    }

    fn write_all(&mut self, mut bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        let deadline = Deadline::after(timeout);
        while !bytes.is_empty() {
            match rustix::io::write(&self.descriptor, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if !self.wait(PollFlags::OUT, deadline.left())? {
                        let what = format!("{}: takes no more bytes, {} left", self.name, bytes.len());
                        return Err(Error::new(ErrorKind::NotResponding, what));
                    }
                }
                Err(error) => return Err(Error::io(self.name.clone(), error.into())),
            }
        }
        Ok(())
    }
}

/// Addresses of a host. A name is looked up on a thread of its own, because the system's resolver has no deadline.
fn resolve(host: &str, port: u16, deadline: Deadline, name: &str) -> Result<Vec<SocketAddr>, Error> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    std::thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            let _ = sender.send(found);
        })
        .map_err(|error| Error::io("cannot start a thread", error))?;
    match receiver.recv_timeout(deadline.left()) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => {
            Err(Error::new(ErrorKind::NotReachable, format!("{name}: the name is unknown")).with_source(error))
        }
        Err(_) => Err(Error::new(ErrorKind::NotReachable, format!("{name}: the name service does not answer"))),
    }
}

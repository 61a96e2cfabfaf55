//! Tells the service manager that a program is ready and still alive, so that one that hangs is started anew.
//!
//! This is systemd's notification protocol: one datagram a message to the socket that `NOTIFY_SOCKET` names. Without
//! that variable nothing is sent. `WATCHDOG_PID` is not looked at: under a compositor the main process is another one,
//! and the service manager decides by `NotifyAccess=` whom it believes.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Signs of life in the time after which the service manager gives up.
const BEATS: u32 = 3;
/// Between signs of life where nobody waits for one.
const BEAT_IDLE: Duration = Duration::from_secs(3_600);
/// A service manager that wants signs of life more often than this gets them this often.
const BEAT_MIN: Duration = Duration::from_millis(100);

/// The way to the service manager, if there is one.
#[derive(Debug)]
pub struct ServiceManager {
    socket: Option<(UnixDatagram, SocketAddr)>,
    patience: Option<Duration>,
}

impl ServiceManager {
    /// Finds the service manager that started this process, or nobody.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::open(std::env::var_os("NOTIFY_SOCKET"), std::env::var_os("WATCHDOG_USEC"))
    }

    fn open(socket: Option<OsString>, patience: Option<OsString>) -> Self {
        let socket = socket.filter(|name| !name.is_empty()).and_then(|name| match connect(&name) {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::warn!(%error, "cannot reach the service manager");
                None
            }
        });
        let microseconds = patience.and_then(|text| text.to_str()?.parse().ok()).filter(|given| *given > 0);
        Self { socket, patience: microseconds.map(Duration::from_micros) }
    }

    /// Says that the program serves.
    pub fn ready(&self) {
        self.send(b"READY=1");
    }

    /// Says that the program is alive. To be said by the very loop whose standstill matters, never by a thread beside it.
    pub fn alive(&self) {
        if self.patience.is_some() {
            self.send(b"WATCHDOG=1");
        }
    }

    /// Returns how often [`Self::alive`] is to be said.
    #[must_use]
    pub fn beat(&self) -> Duration {
        self.patience.map_or(BEAT_IDLE, |patience| (patience / BEATS).max(BEAT_MIN))
    }

    fn send(&self, message: &[u8]) {
        let Some((socket, address)) = &self.socket else { return };
        // A message that is lost costs nothing, and one that is awaited may cost the window.
        if let Err(error) = socket.send_to_addr(message, address) {
            tracing::debug!(%error, "the service manager does not listen");
        }
    }
}

fn connect(name: &OsStr) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        [b'/', ..] => SocketAddr::from_pathname(name)?,
        _ => return Err(io::Error::new(io::ErrorKind::Unsupported, "NOTIFY_SOCKET is neither a path nor abstract")),
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> Option<String> {
        let mut buffer = [0; 64];
        // A datagram on this machine is there when the sending call returns.
        socket.set_nonblocking(true).expect("a socket");
        let length = socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    #[test]
    fn a_program_says_that_it_is_ready_and_alive() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("a socket");
        let manager = ServiceManager::open(Some(path.into()), Some("30000000".into()));
        manager.ready();
        manager.alive();
        assert_eq!(heard(&listener).as_deref(), Some("READY=1"));
        assert_eq!(heard(&listener).as_deref(), Some("WATCHDOG=1"));
        assert_eq!(heard(&listener), None);
        assert_eq!(manager.beat(), Duration::from_secs(10));
    }

    #[test]
    fn an_abstract_name_is_no_file() {
        let name = format!("anjungan-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a short name");
        let listener = UnixDatagram::bind_addr(&address).expect("a free name");
        ServiceManager::open(Some(format!("@{name}").into()), None).ready();
        assert_eq!(heard(&listener).as_deref(), Some("READY=1"));
    }

    #[test]
    fn who_wants_no_signs_of_life_gets_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("a socket");
        for patience in [None, Some("0"), Some("soon"), Some("-1")] {
            let manager = ServiceManager::open(Some(path.clone().into()), patience.map(Into::into));
            manager.alive();
            assert_eq!((heard(&listener), manager.beat()), (None, BEAT_IDLE), "{patience:?}");
        }
    }

    #[test]
    fn a_service_manager_that_is_gone_or_busy_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("a socket");
        let manager = ServiceManager::open(Some(path.clone().into()), Some("1".into()));
        assert_eq!(manager.beat(), BEAT_MIN);
        // Far more than the queue of a socket takes.
        for _ in 0..5_000 {
            manager.alive();
        }
        assert_eq!(heard(&listener).as_deref(), Some("WATCHDOG=1"));
        drop(listener);
        manager.alive();
        for name in [None, Some(""), Some("relative"), Some("vsock:2:1"), Some("/nobody/there")] {
            ServiceManager::open(name.map(Into::into), Some("1".into())).alive();
        }
    }
}

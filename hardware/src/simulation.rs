//! What the simulators share: a TCP server and a background thread that both end when the simulator is dropped.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::Error;
use crate::link::DescriptorLink;

/// Longest wait of a simulator's thread before it looks at its stop flag.
pub(crate) const TICK: Duration = Duration::from_millis(25);

/// Tells threads to end.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The threads of one simulator. Dropping it stops and joins them.
pub(crate) struct Threads {
    stop: Stop,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn new() -> Self {
        Self { stop: Stop::default(), handles: Vec::new() }
    }

    pub(crate) fn stop_flag(&self) -> Stop {
        self.stop.clone()
    }

    /// Starts a named thread.
    pub(crate) fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let handle = thread::Builder::new()
            .name(name.into())
            .spawn(work)
            .map_err(|error| Error::io("cannot start a thread", error))?;
        self.handles.push(handle);
        Ok(())
    }

    /// Listens on `address` and runs `session` on a thread of its own for each connection.
    pub(crate) fn serve<F>(&mut self, name: &str, address: &str, session: F) -> Result<SocketAddr, Error>
    where
        F: Fn(DescriptorLink) + Send + Sync + 'static,
    {
        let fail = |error| Error::io(format!("cannot listen on {address}"), error);
        let listener = TcpListener::bind(address).map_err(fail)?;
        listener.set_nonblocking(true).map_err(fail)?;
        let bound = listener.local_addr().map_err(fail)?;
        let stop = self.stop.clone();
        let session = Arc::new(session);
        let thread_name = name.to_owned();
        self.spawn(name, move || {
            let mut sessions: Vec<JoinHandle<()>> = Vec::new();
            while !stop.is_set() {
                wait_readable(&listener);
                sessions.retain(|session| !session.is_finished());
                let Ok((stream, peer)) = listener.accept() else { continue };
                let _ = stream.set_nodelay(true);
                let Ok(link) = DescriptorLink::new(stream.into(), peer.to_string()) else { continue };
                let session = session.clone();
                match thread::Builder::new().name(thread_name.clone()).spawn(move || session(link)) {
                    Ok(handle) => sessions.push(handle),
                    Err(error) => tracing::warn!(%error, "simulator: no thread for a connection"),
                }
            }
            for session in sessions {
                let _ = session.join();
            }
        })?;
        Ok(bound)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::Relaxed);
        for handle in self.handles.drain(..) {
            let _ = handle.join();
        }
    }
}

fn wait_readable(listener: &TcpListener) {
    let limit = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    let _ = poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&limit));
}

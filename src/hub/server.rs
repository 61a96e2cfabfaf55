//! Sockets: listens, serves each connection with deadlines, ends in good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::operations::order::keep_order;
use super::peer::{Machines, Peer};
use super::{Hub, HubError, filing, housekeeping, routes, shell};
use crate::clock::World;
use crate::config::Config;
use crate::notify::ServiceManager;

/// A request's head must be here within this time, in seconds; an idle connection is closed after it too.
const HEAD_DEADLINE_S: u64 = 20;
/// Open connections; further ones wait in the kernel.
const CONNECTIONS_MAX: usize = 512;
/// Requests under way at the end may take this long, in seconds.
const END_DEADLINE_S: u64 = 5;

/// A hub that answers.
pub struct RunningHub {
    addr: SocketAddr,
    hub: Hub,
    serving: JoinHandle<Result<(), HubError>>,
    filing: JoinHandle<()>,
}

impl RunningHub {
    /// Returns where it listens.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends it in good order: takes no more connections, finishes what is under way.
    ///
    /// # Errors
    /// When it had ended by itself, for the reason given.
    pub async fn stop(self) -> Result<(), HubError> {
        self.hub.closing.send_replace(true);
        self.ended().await
    }

    /// Waits until it ends by itself.
    async fn ended(self) -> Result<(), HubError> {
        // A panic of the accept loop is as final as a failed commit.
        let outcome = self.serving.await.unwrap_or(Err(HubError::Poisoned));
        // The case that is being filed is brought to its end; a panic there is in the log and costs nothing here.
        let _ = self.filing.await;
        outcome
    }
}

/// Starts a hub and returns once it listens.
///
/// # Errors
/// When the store, the services or the address cannot be used.
pub async fn start(config: &Config, world: World) -> Result<RunningHub, HubError> {
    let listen = config.hub.clone().unwrap_or_default().listen;
    let owned = config.clone();
    // Opening checks the whole file and hashes a password: not for an async thread.
    let opened = tokio::task::spawn_blocking(move || Hub::open(&owned, world)).await;
    let hub = opened.map_err(|error| HubError::Runtime(error.into()))??;
    // Days that ended while nobody was here end before anybody asks.
    if let Err(refusal) = keep_order(&hub).await {
        tracing::warn!(code = refusal.failure().code(), "cannot put the hall in order");
    }
    let listener = TcpListener::bind(listen).await.map_err(|source| HubError::Listen { listen, source })?;
    let addr = listener.local_addr().map_err(|source| HubError::Listen { listen, source })?;
    let router = shell::surround(routes::router(), &hub);
    let serving = tokio::spawn(serve(listener, router, hub.clone()));
    tokio::spawn(housekeeping::daily(hub.clone()));
    tokio::spawn(housekeeping::order(hub.clone()));
    let filing = tokio::spawn(filing::always(hub.clone()));
    tracing::info!(%addr, office = %hub.office.code, "hub started");
    Ok(RunningHub { addr, hub, serving, filing })
}

/// Runs a hub until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start, or a commit failed.
pub fn run(config: &Config) -> Result<(), HubError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("hub")
        .build()
        .map_err(HubError::Runtime)?;
    runtime.block_on(async {
        let running = start(config, World::system()).await?;
        announce(running.addr());
        ServiceManager::from_environment().ready();
        let closing = running.hub.clone();
        tokio::spawn(async move {
            told_to_end().await;
            closing.closing.send_replace(true);
        });
        running.ended().await
    })
}

/// Says that the hub answers. Whoever starts the hub as a process waits for this line.
#[allow(clippy::print_stdout)]
fn announce(addr: SocketAddr) {
    use std::io::Write as _;
    println!("hub ready on http://{addr}");
    // A reader that has gone away is no reason to end.
    let _ = std::io::stdout().flush();
}

async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => {
            tracing::error!("cannot listen for signals");
            std::future::pending::<()>().await;
        }
    }
}

async fn serve(listener: TcpListener, router: Router, hub: Hub) -> Result<(), HubError> {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let machines = Machines::default();
    let store = hub.store.clone();
    let manager = ServiceManager::from_environment();
    let mut beat = tokio::time::interval(manager.beat());
    let outcome = loop {
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = beat.tick() => {
                manager.alive();
                continue;
            }
            () = hub.closing() => break Ok(()),
            () = store.poisoned() => break Err(HubError::Poisoned),
        };
        let (stream, from) = match accepted {
            Ok((stream, from)) => (stream, from.ip()),
            Err(error) => {
                // Out of file handles, mostly: breathing out beats spinning.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some((peer, share)) = machines.enter(from) else {
            // Waiting would fill the kernel's queue, which is everybody's.
            tracing::debug!("a machine has too many connections; one is closed");
            continue;
        };
        let connection = connection(stream, peer, router.clone(), &graceful);
        tokio::spawn(async move {
            connection.await;
            drop((permit, share));
        });
    };
    drop(listener);
    hub.closing.send_replace(true);
    if tokio::time::timeout(Duration::from_secs(END_DEADLINE_S), graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    tracing::info!("hub ended");
    outcome
}

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        router.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_DEADLINE_S))
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}

//! The hub: the office server. HTTP in front, the store behind, and between them one file per verb.
//!
//! Nothing here knows a window or a device. No handler reaches an operation without the handle that proves who asks.

pub mod access;
mod extract;
mod filing;
mod guards;
mod holder;
mod housekeeping;
pub(crate) mod operations;
pub mod page;
pub mod page_model;
mod peer;
mod refusal;
mod rest;
mod routes;
mod secret;
mod server;
mod shared_hall;
mod shell;
mod views;

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, watch};

use crate::clock::World;
use crate::config::Config;
use crate::domain::catalogue::{Catalogue, CatalogueError};
use crate::domain::hours::OfficeHours;
use crate::domain::ids::UserId;
use crate::domain::office::Zone;
use crate::failure::Failure;
use crate::store::{OpenError, Store};
use operations::archive::Archivist;

pub use guards::{Guard, RouteGuard, guards};
pub use operations::add_user::AddRefused;
pub use operations::archive::check::{CheckReport, Finding};
pub use operations::archive::destroy::{Due, Retention};
pub use operations::archive::find::Query as ArchiveQuery;
pub use operations::archive::{ArchiveError, Damage};
pub use refusal::Refusal;
pub use routes::openapi_json;
pub use server::{RunningHub, run, start};
pub(crate) use views::archive_row;

/// Password checks at the same time: each takes 19 MiB and a core.
const PASSWORD_WORKERS_MAX: usize = 2;
/// Archived documents opened at the same time: each takes its size in memory, twice.
const ARCHIVE_WORKERS_MAX: usize = 2;
/// Requests worked on at the same time; more wait at the door.
const REQUESTS_MAX: usize = 64;
/// Streams of changes at the same time: half of all connections, so that questions always find one.
const STREAMS_MAX: usize = 256;

/// Why the hub cannot start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The store cannot be opened.
    #[error("cannot open the hub's store")]
    Store(#[from] OpenError),
    /// The address cannot be used.
    #[error("cannot listen on {listen}")]
    Listen {
        /// Which address.
        listen: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The key under which tickets are counted cannot be made.
    #[error("cannot make queue.key in the hub's folder")]
    QueueKey(#[source] std::io::Error),
    /// The folders of the archive cannot be made.
    #[error("cannot use the folders of the archive")]
    Archive(#[source] std::io::Error),
    /// The office's service file cannot be read.
    #[error("cannot read the service file {path}")]
    ServicesRead {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The service file is refused.
    #[error("the service file is refused")]
    Services(#[from] CatalogueError),
    /// The runtime cannot be built.
    #[error("cannot start the runtime")]
    Runtime(#[source] std::io::Error),
    /// A commit failed: the process must end and the store recover.
    #[error("a commit failed: check the disk, then start the hub again")]
    Poisoned,
}

/// What every handler holds. Clones share it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

/// The parts of a hub.
pub struct Inner {
    store: Store,
    archivist: Archivist,
    /// Rings when a case is finished: there is something to file.
    finished: Notify,
    archive_permits: Arc<Semaphore>,
    world: World,
    office: crate::config::Office,
    hours: Option<OfficeHours>,
    rules: crate::config::Queue,
    holder_key: holder::HolderKey,
    known_stations: access::KnownStations,
    shared_halls: shared_hall::SharedHalls,
    slip_url_base: Option<String>,
    catalogue: Arc<Catalogue>,
    catalogue_json: String,
    dummy_password: String,
    password_permits: Semaphore,
    request_permits: Arc<Semaphore>,
    stream_permits: Arc<Semaphore>,
    status_buckets: peer::Buckets,
    sign_in_buckets: peer::Buckets,
    search_buckets: peer::Buckets<UserId>,
    closing: watch::Sender<bool>,
    /// Grows when what stations say of their devices changes; the journal does not tell.
    health_changes: watch::Sender<u64>,
    /// When this hub began to listen: before that, nobody could report.
    listens_since: Timestamp,
}

impl Deref for Hub {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Hub {
    /// Opens the store and reads the services.
    fn open(config: &Config, world: World) -> Result<Self, HubError> {
        let settings = config.hub.clone().unwrap_or_default();
        let catalogue = read_catalogue(config)?;
        let catalogue_json = serde_json::to_string(&catalogue).unwrap_or_else(|_| "{}".to_owned());
        let store = Store::open(&settings.data, &config.office.code)?;
        housekeeping::tidy(&store, &world);
        let holder_key = holder::HolderKey::open(&settings.data, &world).map_err(HubError::QueueKey)?;
        let catalogue = Arc::new(catalogue);
        let archivist = Archivist::open(config, store.clone(), world.clone(), Arc::clone(&catalogue));
        let archivist = archivist.map_err(HubError::Archive)?;
        let listens_since = world.now();
        let dummy_password = secret::hash_password(&world, &secret::token(&world));
        Ok(Self(Arc::new(Inner {
            store,
            archivist,
            finished: Notify::new(),
            archive_permits: Arc::new(Semaphore::new(ARCHIVE_WORKERS_MAX)),
            world,
            office: config.office.clone(),
            hours: config.hours.clone(),
            rules: config.queue.clone(),
            holder_key,
            known_stations: access::KnownStations::default(),
            shared_halls: shared_hall::SharedHalls::default(),
            slip_url_base: config.slip.url_base.clone(),
            catalogue,
            catalogue_json,
            dummy_password,
            password_permits: Semaphore::new(PASSWORD_WORKERS_MAX),
            request_permits: Arc::new(Semaphore::new(REQUESTS_MAX)),
            stream_permits: Arc::new(Semaphore::new(STREAMS_MAX)),
            status_buckets: peer::Buckets::new(peer::Rate::WITHOUT_PROOF),
            sign_in_buckets: peer::Buckets::new(peer::Rate::WITHOUT_PROOF),
            search_buckets: peer::Buckets::new(peer::Rate::SEARCH),
            closing: watch::Sender::new(false),
            health_changes: watch::Sender::new(0),
            listens_since,
        })))
    }

    fn zone(&self) -> Zone {
        self.office.timezone
    }

    /// Counts a sign-in away from any station: each costs a core, and a wrong one a line in the journal for ever.
    fn admit_sign_in(&self, source: peer::Source) -> Result<(), Refusal> {
        admit(&self.sign_in_buckets, source)
    }

    /// Counts a look at a slip's public page.
    fn admit_status(&self, source: peer::Source) -> Result<(), Refusal> {
        admit(&self.status_buckets, source)
    }

    /// Counts an officer's search for cases: nobody leafs through the numbers of a town.
    fn admit_search(&self, officer: UserId) -> Result<(), Refusal> {
        if self.search_buckets.take(officer, Instant::now()) { Ok(()) } else { Err(Failure::SearchTooOften.into()) }
    }

    fn slip_url_base(&self) -> Option<&str> {
        self.slip_url_base.as_deref()
    }

    /// Waits until the hub is asked to end: streams that never end by themselves listen to it.
    async fn closing(&self) {
        let mut closing = self.closing.subscribe();
        // An error means that the hub is gone, which is an end too.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}

fn admit(buckets: &peer::Buckets, source: peer::Source) -> Result<(), Refusal> {
    if buckets.take(source, Instant::now()) { Ok(()) } else { Err(Failure::TooManyRequests.into()) }
}

/// Reads the office's services, with the office's own switch for practice documents.
pub(crate) fn read_catalogue(config: &Config) -> Result<Catalogue, HubError> {
    let catalogue = match &config.office.services {
        None => Catalogue::built_in(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| HubError::ServicesRead { path: path.clone(), source })?;
            Catalogue::parse(&text)?
        }
    };
    if !config.office.practice_documents {
        return Ok(catalogue);
    }
    // The file is checked again as a whole: there is no other way to change a catalogue.
    let fault = |error: serde_json::Error| HubError::Services(CatalogueError::Syntax(error.to_string()));
    let mut file = serde_json::to_value(&catalogue).map_err(fault)?;
    file["switches"]["practice_documents"] = true.into();
    serde_json::from_value(file).map_err(fault)
}

//! A simulated network scanner: an eSCL service on a TCP port, for our driver and for any other eSCL client.
//!
//! Its pictures lie in a state folder and are chosen as those of a `sim:` scanner; what it does is in `state.json` in
//! the same folder ([`EsclState`]) and may be changed by a test, an editor or another process at any time.

mod answers;
mod device;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use device::Device;

use crate::simulation::Threads;
use crate::{Error, statefile};

/// What is wrong with the simulated scanner, on the paper's way or on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EsclFault {
    /// Nothing.
    #[default]
    None,
    /// Paper is stuck in the feeder: a page of 0 bytes, the reason stands in `ScannerStatus` only.
    Jam,
    /// The feeder takes two sheets at once; told as a jam is.
    DoubleFeed,
    /// The cover of the feeder is open; told as a jam is.
    CoverOpen,
    /// 503 to as many requests as `times` says.
    Busy,
    /// A page of 0 bytes, and a status that knows nothing of it.
    EmptyAnswer,
    /// A picture without its end.
    CutOff,
    /// The connection ends in the middle of a picture.
    Dropped,
    /// Bytes without end.
    EndlessAnswer,
    /// The feeder never ends.
    EndlessFeed,
    /// Answers that are XML with entities to expand.
    GarbageXml,
    /// A job whose address names another host, `elsewhere`.
    ForeignLocation,
    /// Every document is a redirection to another host, `elsewhere`.
    Redirect,
    /// The scanner takes connections and never answers.
    Mute,
}

/// `state.json` in the simulator's folder. Every key may be left out; no file means a sound, fast scanner with a
/// glass and an empty feeder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EsclState {
    /// What is wrong.
    pub fault: EsclFault,
    /// Pages of a job that still come out well before the fault shows.
    pub after_pages: u32,
    /// How often [`EsclFault::Busy`] is answered.
    pub times: u32,
    /// Which document lies in the scanner: the pictures' name.
    pub kind: String,
    /// Sheets in the feeder. Each scanned one is taken off.
    pub feeder_pages: u32,
    /// Whether there is a glass.
    pub platen: bool,
    /// Time one page takes.
    pub duration_ms: u64,
    /// `host:port` of the other host.
    pub elsewhere: String,
}

impl Default for EsclState {
    fn default() -> Self {
        Self {
            fault: EsclFault::None,
            after_pages: 0,
            times: 3,
            kind: "default".into(),
            feeder_pages: 0,
            platen: true,
            duration_ms: 0,
            elsewhere: String::new(),
        }
    }
}

impl EsclState {
    /// Writes the state into a simulator's folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, state_dir: impl AsRef<Path>) -> Result<(), Error> {
        statefile::make_folder(state_dir.as_ref())?;
        statefile::write(&state_file(state_dir.as_ref()), self)
    }
}

fn state_file(folder: &Path) -> PathBuf {
    folder.join("state.json")
}

/// A running simulated network scanner; dropping it switches it off.
pub struct EsclSimulator {
    address: SocketAddr,
    _threads: Threads,
}

impl EsclSimulator {
    /// Starts a scanner on a TCP address such as `127.0.0.1:8080` (port 0 lets the system choose one).
    ///
    /// # Errors
    ///
    /// When the address is taken or the folder cannot be made.
    pub fn start(address: &str, state_dir: impl AsRef<Path>) -> Result<Self, Error> {
        statefile::make_folder(state_dir.as_ref())?;
        let mut threads = Threads::new();
        let stop = threads.stop_flag();
        let device = Arc::new(Mutex::new(Device::new(state_dir.as_ref())));
        let bound = threads.serve("escl-sim", address, move |link| server::session(link, &device, &stop))?;
        Ok(Self { address: bound, _threads: threads })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The device URL of this scanner.
    pub fn url(&self) -> String {
        format!("escl://{}?simulated=1", self.address)
    }
}

/// Feeds the server's parser with bytes of any kind.
pub(in super::super) fn fuzz_request(bytes: &[u8]) {
    let _ = matches!(server::parse(bytes), server::Parsed::Whole(request, _) if request.method == request.path);
}

//! The scanners of the rig: two for QR codes, and one for documents behind two protocols.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anjungan_hardware::document_scanner::{EsclFault, EsclSimulator, EsclState, ScannerFault, ScannerState};
use anjungan_hardware::qr_scanner::{ScannerSimulator, ScannerState as QrState};

use super::state_file::StateFile;
use super::{RigError, device};
use crate::rig::seed;

/// One byte of so many is lost by [`QrFault::LosesBytes`].
const LOSE_EVERY: usize = 5;
/// Time of a page of a slow scanner.
const SLOW_MS: u64 = 20_000;

/// What can be wrong with the simulated document scanner.
pub type ScannerTrouble = ScannerFault;

/// What can be wrong with the simulated document scanner on the network.
pub type EsclTrouble = EsclFault;

/// What can be wrong with a simulated QR scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QrFault {
    /// The plug is pulled.
    Unplugged,
    /// The last code is scanned again and again.
    StuckTrigger,
    /// Codes come as bytes that are no text.
    Garbage,
    /// Bytes of a code are lost.
    LosesBytes,
    /// Noise without end.
    Babbling,
}

impl QrFault {
    /// Every fault, in the order of the window.
    pub const ALL: [Self; 5] = [Self::Unplugged, Self::StuckTrigger, Self::Garbage, Self::LosesBytes, Self::Babbling];

    /// The key in the contract of the window.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unplugged => "unplugged",
            Self::StuckTrigger => "stuck_trigger",
            Self::Garbage => "garbage",
            Self::LosesBytes => "loses_bytes",
            Self::Babbling => "babbling",
        }
    }

    const fn is_in(self, state: &QrState) -> bool {
        match self {
            Self::Unplugged => state.unplugged,
            Self::StuckTrigger => state.stuck_trigger,
            Self::Garbage => state.garbage,
            Self::LosesBytes => state.lose_every > 0,
            Self::Babbling => state.babbling,
        }
    }

    const fn set(self, state: &mut QrState, on: bool) {
        match self {
            Self::Unplugged => state.unplugged = on,
            Self::StuckTrigger => state.stuck_trigger = on,
            Self::Garbage => state.garbage = on,
            Self::LosesBytes => state.lose_every = if on { LOSE_EVERY } else { 0 },
            Self::Babbling => state.babbling = on,
        }
    }
}

/// A QR scanner and its state.
pub(super) struct QrBench {
    name: &'static str,
    simulator: Mutex<ScannerSimulator>,
    state: StateFile<QrState>,
}

impl QrBench {
    /// Plugs in a scanner at `folder/<line>`; its state lies in `folder/<line>-state`.
    pub(super) fn start(name: &'static str, folder: &Path, line: &str) -> Result<(Self, String), RigError> {
        let (path, states) = (folder.join(line), folder.join(format!("{line}-state")));
        let simulator = Mutex::new(device(name, ScannerSimulator::start_in(&path, &states))?);
        let bench = Self { name, simulator, state: StateFile::of(&states) };
        Ok((bench, format!("serial://{}?simulated=1", path.display())))
    }

    pub(super) fn scan(&self, text: &str) -> Result<(), RigError> {
        device(self.name, self.simulator().scan(text))
    }

    pub(super) fn raw(&self, bytes: &[u8]) -> Result<(), RigError> {
        device(self.name, self.simulator().raw(bytes))
    }

    pub(super) fn has(&self, fault: QrFault) -> bool {
        fault.is_in(&self.state.get())
    }

    pub(super) fn set(&self, fault: QrFault, on: bool) -> Result<(), RigError> {
        self.state.update(|state| fault.set(state, on))
    }

    fn simulator(&self) -> MutexGuard<'_, ScannerSimulator> {
        self.simulator.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The document scanner of a folder of pictures, and the one on the network with the same pictures.
pub(super) struct DocumentBench {
    sound_ms: u64,
    folder: StateFile<ScannerState>,
    network: StateFile<EsclState>,
    _simulator: EsclSimulator,
}

/// Where the two document scanners are found.
pub(super) struct DocumentUrls {
    pub(super) folder: String,
    pub(super) network: String,
}

impl DocumentBench {
    /// Starts both. A fault of an earlier run is nobody's.
    pub(super) fn start(folder: &Path, sound_ms: u64) -> Result<(Self, DocumentUrls), RigError> {
        let (pages, shown) = (folder.join("scanner"), folder.join("escl-scanner"));
        let fail = |path: &Path, source| RigError::Folder { path: path.to_owned(), source };
        seed::lay_pages(&pages).map_err(|source| fail(&pages, source))?;
        show_pages(&pages, &shown).map_err(|source| fail(&shown, source))?;
        let states = ScannerState { duration_ms: sound_ms, ..ScannerState::default() };
        device("document scanner", states.save(&pages))?;
        let states = EsclState { duration_ms: sound_ms, ..EsclState::default() };
        device("network scanner", states.save(&shown))?;
        let simulator = device("network scanner", EsclSimulator::start("127.0.0.1:0", &shown))?;
        let urls = DocumentUrls { folder: format!("sim:{}", pages.display()), network: simulator.url() };
        let (folder, network) = (StateFile::of(&pages), StateFile::of(&shown));
        Ok((Self { sound_ms, folder, network, _simulator: simulator }, urls))
    }

    pub(super) fn trouble(&self) -> ScannerTrouble {
        self.folder.get().fault
    }

    pub(super) fn set_trouble(&self, fault: ScannerTrouble) -> Result<(), RigError> {
        self.folder.update(|state| state.fault = fault)
    }

    pub(super) fn network_trouble(&self) -> EsclTrouble {
        self.network.get().fault
    }

    pub(super) fn set_network_trouble(&self, fault: EsclTrouble) -> Result<(), RigError> {
        self.network.update(|state| {
            state.fault = fault;
            // Until it is switched off, and not for a few requests.
            state.times = u32::MAX;
        })
    }

    pub(super) fn is_slow(&self) -> bool {
        self.folder.get().duration_ms >= SLOW_MS
    }

    pub(super) fn set_slow(&self, on: bool) -> Result<(), RigError> {
        self.folder.update(|state| state.duration_ms = self.duration(on))
    }

    pub(super) fn is_network_slow(&self) -> bool {
        self.network.get().duration_ms >= SLOW_MS
    }

    pub(super) fn set_network_slow(&self, on: bool) -> Result<(), RigError> {
        self.network.update(|state| state.duration_ms = self.duration(on))
    }

    const fn duration(&self, slow: bool) -> u64 {
        if slow { SLOW_MS } else { self.sound_ms }
    }
}

/// Lets the network scanner see the pictures of the folder: a page that somebody replaces there is another page here.
fn show_pages(pages: &Path, shown: &Path) -> std::io::Result<()> {
    fs::create_dir_all(shown)?;
    for entry in fs::read_dir(pages)? {
        let entry = entry?;
        let there = shown.join(entry.file_name());
        let is_picture = entry.path().extension().is_some_and(|end| end == "jpg" || end == "jpeg" || end == "png");
        if is_picture && fs::symlink_metadata(&there).is_err() {
            std::os::unix::fs::symlink(entry.path(), there)?;
        }
    }
    Ok(())
}

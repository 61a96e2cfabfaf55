//! The driver of a scanner that types like a keyboard. Its keys arrive in the window that has the cursor; the window
//! gives the codes it found among them ([`WedgeDecoder`]) to this driver through a [`WedgeHandle`].

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::codes::Codes;
use super::wedge::{Wedge, WedgeDecoder};
use super::{QrScanner, Scan};
use crate::link::Deadline;
use crate::{Error, Health};

#[derive(Default)]
struct Shared {
    codes: Mutex<Codes>,
    arrived: Condvar,
}

impl Shared {
    fn codes(&self) -> MutexGuard<'_, Codes> {
        // Codes stay whole whatever panics around them.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The window's end of a keyboard scanner. Clones feed the same scanner.
#[derive(Clone)]
pub struct WedgeHandle(Arc<Shared>);

impl WedgeHandle {
    /// Gives the scanner a code. Returns at once; repeats and what nobody fetches are dropped as with any scanner.
    pub fn push(&self, scan: Scan) {
        let now = Instant::now();
        self.0.codes().add(scan, now, now);
        self.0.arrived.notify_all();
    }
}

impl fmt::Debug for WedgeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WedgeHandle")
    }
}

/// A keyboard scanner of its own and the handle that feeds it.
pub fn keyboard_scanner() -> (WedgeHandle, Box<dyn QrScanner>) {
    let shared = Arc::<Shared>::default();
    (WedgeHandle(Arc::clone(&shared)), Box::new(KeyboardScanner(shared)))
}

/// The handle that feeds every scanner opened as `keyboard:` in this process. There is one keyboard, so there is one
/// feed; each code goes to whichever of them fetches it first.
pub fn keyboard_feed() -> WedgeHandle {
    static FEED: OnceLock<WedgeHandle> = OnceLock::new();
    FEED.get_or_init(|| WedgeHandle(Arc::default())).clone()
}

/// The scanner of `keyboard:`.
pub(super) fn open() -> Box<dyn QrScanner> {
    Box::new(KeyboardScanner(keyboard_feed().0))
}

struct KeyboardScanner(Arc<Shared>);

impl QrScanner for KeyboardScanner {
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error> {
        let deadline = Deadline::after(timeout);
        let mut codes = self.0.codes();
        loop {
            if let Some(scan) = codes.next() {
                return Ok(Some(scan));
            }
            if deadline.passed() {
                return Ok(None);
            }
            let woken = self.0.arrived.wait_timeout(codes, deadline.left());
            codes = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn flush_before(&mut self, session: Instant) -> Result<(), Error> {
        self.0.codes().forget(session);
        Ok(())
    }

    /// A keyboard cannot be asked, and a pulled one is as silent as one that nobody uses: ready, unless its trigger is
    /// stuck.
    fn health(&mut self) -> Health {
        if self.0.codes().is_stuck(Instant::now()) { Health::Damaged } else { Health::Ready }
    }

    fn simulated(&self) -> bool {
        false
    }
}

/// What a window has to do with a key: whether it takes the key from whoever has the cursor, and which keys (in the
/// order they were typed) it gives to them now; and how long from now until it must ask again without a key.
pub type KeyVerdict = (Option<Vec<String>>, Option<Duration>);

/// A [`WedgeDecoder`] with a clock that gives its codes to a scanner: all a window needs besides its own events.
///
/// For each key that is pressed, and whenever the time of the last verdict has passed, the window calls
/// [`Self::judge`] and does what the verdict says.
pub struct WedgeKeys {
    decoder: WedgeDecoder,
    handle: WedgeHandle,
}

impl WedgeKeys {
    /// Feeds `handle`: [`keyboard_feed`] for the scanner of the configuration.
    pub fn new(handle: WedgeHandle) -> Self {
        Self { decoder: WedgeDecoder::default(), handle }
    }

    /// Judges a key: its text, and whether it was pressed alone (see [`WedgeDecoder::press`]); None when time has
    /// passed. The first part of the answer is None when the key goes on as if nobody had looked at it, else the keys
    /// to type now, which may be none. The second is the time until `judge(None)` is wanted.
    pub fn judge(&mut self, key: Option<(&str, bool)>) -> KeyVerdict {
        let now = Instant::now();
        let wedge = match key {
            Some((text, plain)) => self.decoder.press(text, plain, now),
            None => self.decoder.tick(now),
        };
        let keys = match wedge {
            Wedge::Pass => None,
            Wedge::Hold => Some(Vec::new()),
            Wedge::Release(keys) => Some(keys),
            Wedge::Code(scan) => {
                self.handle.push(scan);
                Some(Vec::new())
            }
        };
        (keys, self.decoder.due().map(|due| due.saturating_duration_since(now)))
    }
}

impl fmt::Debug for WedgeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WedgeKeys")
    }
}

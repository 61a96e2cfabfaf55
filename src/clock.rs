//! The seams for time and chance: everything above them can be replayed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;

use crate::domain::ids::{CaseId, DocumentId, FaultId, RequestId, StationId, TicketId, UserId};
use crate::domain::slip_token::SlipToken;

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> Timestamp;
}

/// Draws random bytes.
pub trait Entropy: Send + Sync {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Entropy for System {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("Linux has had getrandom(2) since 3.17; without it no secret may be made");
    }
}

/// A clock that moves only when told, and counted numbers for chance: for tests and virtual office days.
#[derive(Debug)]
pub struct Virtual {
    now_ms: AtomicI64,
    drawn: AtomicU64,
}

impl Virtual {
    /// Starts at an instant.
    #[must_use]
    pub fn starting_at(now: Timestamp) -> Self {
        Self { now_ms: AtomicI64::new(now.as_millisecond()), drawn: AtomicU64::new(0) }
    }

    /// Moves the clock, backwards too.
    pub fn advance_ms(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Entropy for Virtual {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            // SplitMix64 over a counter: well spread, and the same in every run.
            let mut z = self.drawn.fetch_add(1, Ordering::SeqCst).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (z ^ (z >> 27)).to_be_bytes()[3];
        }
    }
}

/// Clock and chance together, as programs hold them.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl World {
    /// The real world.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(System), entropy: Arc::new(System) }
    }

    /// A world made of given parts.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Draws `N` random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    fn id_parts(&self) -> (u64, [u8; 10]) {
        (u64::try_from(self.now().as_millisecond()).unwrap_or(0), self.random())
    }

    /// Draws a slip token.
    #[must_use]
    pub fn slip_token(&self) -> SlipToken {
        SlipToken::from_random(self.random())
    }
}

macro_rules! draw {
    ($($fn:ident -> $id:ident),+ $(,)?) => {
        impl World {
            $(
                /// Makes a time-ordered identifier.
                #[must_use]
                pub fn $fn(&self) -> $id {
                    let (unix_ms, random) = self.id_parts();
                    $id::from_parts(unix_ms, &random)
                }
            )+
        }
    };
}

draw! {
    case_id -> CaseId,
    document_id -> DocumentId,
    ticket_id -> TicketId,
    user_id -> UserId,
    request_id -> RequestId,
    station_id -> StationId,
    fault_id -> FaultId,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

//! The QR scanner: a reader on a serial line (RS-232, USB-CDC) that sends what it sees as a line of bytes, or one that
//! types like a keyboard.
//!
//! What is accepted, and why:
//!
//! * A code ends with CR, LF, CR LF, TAB or 80 ms of silence. STX, ETX and an AIM identifier (`]Q1`) around it are taken
//!   off.
//! * A code is printable UTF-8 of at most [`MAX_CODE_BYTES`] bytes. The slip's code is ASCII, so nothing is gained by
//!   guessing at Latin-1 or Shift-JIS; control characters and characters that are invisible or turn the direction of
//!   reading make it [`Scan::Unreadable`].
//! * The same code within two seconds of when it was last seen is a repeat, and so is the same bad reading. At most 32
//!   codes wait to be fetched.
//! * A scanner that cannot stop is [`Health::Damaged`] while it lasts: the same code again and again for ten seconds
//!   (a stuck trigger), codes or noise for ten seconds without a second's pause, or a line that still goes on a second
//!   after it was too long to be a code. What it says is still delivered, repeats left out.

mod codes;
mod framing;
mod keyboard;
mod sender;
mod serial;
mod simulator;
mod wedge;

use std::fmt;
use std::time::{Duration, Instant};

pub use keyboard::{KeyVerdict, WedgeHandle, WedgeKeys, keyboard_feed, keyboard_scanner};
pub use sender::ScannerState;
pub use simulator::ScannerSimulator;
pub use wedge::{WEDGE_GAP, WEDGE_MIN_KEYS, Wedge, WedgeDecoder};

use crate::{Address, DeviceUrl, Error, Health};

/// Longest code that is accepted, in bytes.
pub const MAX_CODE_BYTES: usize = 4096;

/// What the scanner saw.
#[derive(Clone, PartialEq, Eq)]
pub enum Scan {
    /// A code, without prefix and suffix. It is untrusted text of at most [`MAX_CODE_BYTES`] bytes.
    Code(String),
    /// More than [`MAX_CODE_BYTES`] bytes without an end; they are thrown away.
    TooLong,
    /// Bytes that are not text: not UTF-8, or characters inside that nobody can see.
    Unreadable,
}

impl fmt::Debug for Scan {
    /// The code itself opens a case, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "Code({} characters)", code.chars().count()),
            Self::TooLong => f.write_str("TooLong"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// A scanner of QR codes.
pub trait QrScanner: Send {
    /// Waits for the next code. `Ok(None)` when `timeout` passes without one.
    ///
    /// The same code again within two seconds of when it was last seen is not reported, because many scanners
    /// repeat while the trigger is held.
    ///
    /// # Errors
    ///
    /// `NotReachable` when the scanner is unplugged (at once, not after `timeout`), `Busy` when another program has the
    /// port, `Denied` when the system keeps it from us; the next call looks for it again under the same path.
    fn wait_scan(&mut self, timeout: Duration) -> Result<Option<Scan>, Error>;

    /// Throws away what was scanned up to `session` and not fetched, and forgets the last code of that time. For the
    /// start of a session; what was scanned since then is kept, however late this is called.
    ///
    /// # Errors
    ///
    /// As above; nothing that was scanned before is delivered later all the same.
    fn flush_before(&mut self, session: Instant) -> Result<(), Error>;

    /// [`Self::flush_before`] now.
    ///
    /// # Errors
    ///
    /// As there.
    fn flush(&mut self) -> Result<(), Error> {
        self.flush_before(Instant::now())
    }

    /// Whether the scanner is there, in one word: [`Health::NotReachable`] without it, [`Health::NotResponding`] while
    /// another program has it, [`Health::Damaged`] while it cannot stop. A keyboard cannot be asked whether it is there.
    fn health(&mut self) -> Health;

    /// How often a program that watches this device should ask for its state. A driver for which the answer is dear
    /// (it starts a program, it wakes a machine) asks for more time.
    fn look_every(&self) -> Duration {
        crate::LOOK_EVERY
    }

    /// Whether the codes do not come from a real scanner.
    fn simulated(&self) -> bool;
}

/// Opens the scanner a URL names. The scanner itself is not touched yet.
///
/// * `serial:///dev/serial/by-id/…` or `serial:///dev/ttyACM0`; options `baud` (default 9600) and `simulated=1`. The
///   path is followed: when it leads to another device after a replug, that one is opened.
/// * `keyboard:` waits for what a window feeds through [`keyboard_feed`].
/// * `sim:<dir>` reads codes from the file `scan.txt` in that folder and removes it; `state.json` there (a
///   [`ScannerState`]) says what is wrong with it.
///
/// # Errors
///
/// `UnsupportedScheme` or `InvalidUrl`; for `sim:` also when the folder cannot be made.
pub fn open_qr_scanner(url: &DeviceUrl) -> Result<Box<dyn QrScanner>, Error> {
    match url.address() {
        Address::Serial(path) => {
            let baud = url.number("baud")?.unwrap_or(9600).max(300);
            Ok(Box::new(serial::SerialScanner::new(path, baud, url.is_simulated())))
        }
        Address::Keyboard => Ok(keyboard::open()),
        Address::Sim(folder) => Ok(Box::new(simulator::FolderScanner::new(folder)?)),
        _ => Err(url.unsupported("QR scanner", "serial:///, keyboard:, sim:")),
    }
}

/// Entries for fuzzing.
#[doc(hidden)]
pub mod fuzz {
    use std::time::{Duration, Instant};

    use super::framing::Framer;
    use super::wedge::{Wedge, WedgeDecoder};

    /// The framer. A byte 0xfe lets the time pass that the byte after it says, in units of 20 ms; 0xfd is the start of
    /// a session, 0xfc an unplug.
    pub fn framer(bytes: &[u8]) {
        let mut framer = Framer::default();
        let mut now = Instant::now();
        let mut bytes = bytes.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                0xfe => {
                    now += Duration::from_millis(20 * u64::from(*bytes.next().unwrap_or(&0)));
                    framer.tick(now);
                    let _ = framer.is_stuck(now);
                }
                0xfd => framer.clear(now),
                0xfc => framer.unplugged(),
                byte => framer.push(&[*byte], now),
            }
            let _ = framer.next_scan();
        }
    }

    /// The wedge. Two bytes are a key and the time after it in milliseconds: its lowest bit makes it a shortcut, its
    /// second keeps the window's timer from looking.
    ///
    /// # Panics
    ///
    /// When a key of a person is lost or changes its place.
    pub fn wedge(bytes: &[u8]) {
        let mut decoder = WedgeDecoder::default();
        let mut now = Instant::now();
        // Keys taken and not given back yet.
        let mut taken = Vec::new();
        let mut check = |wedge: Wedge, key: Option<&str>, decoder: &WedgeDecoder| match wedge {
            Wedge::Pass => assert!(taken.is_empty(), "a key overtakes {} others", taken.len()),
            Wedge::Release(keys) => {
                taken.extend(key.map(str::to_owned));
                assert_eq!(keys, std::mem::take(&mut taken));
            }
            Wedge::Code(_) => taken.clear(),
            // A line end that belongs to a code, or a code of nothing but a prefix.
            Wedge::Hold if decoder.due().is_none() => taken.clear(),
            Wedge::Hold => taken.extend(key.map(str::to_owned)),
        };
        for pair in bytes.chunks_exact(2) {
            let key = match pair[0] {
                // The keys without a character, F1 and its like.
                code @ 0x80.. => char::from_u32(0xf700 + u32::from(code & 0x3f)).unwrap_or(' '),
                ascii => char::from(ascii),
            };
            let key = key.to_string();
            let wedge = decoder.press(&key, pair[1] & 1 == 0, now);
            // Shift and its like change the keys after them and are never held back.
            if !matches!(pair[0], 0x10..=0x18) {
                check(wedge, Some(&key), &decoder);
            }
            now += Duration::from_millis(u64::from(pair[1] >> 1));
            if pair[1] & 2 == 0 {
                let wedge = decoder.tick(now);
                check(wedge, None, &decoder);
            }
        }
    }

    #[cfg(test)]
    mod tests {
        /// Bytes without a pattern, from a seed.
        fn noise(seed: u32, length: usize) -> Vec<u8> {
            let mut chance = seed;
            std::iter::repeat_with(|| {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (chance >> 24) as u8
            })
            .take(length)
            .collect()
        }

        #[test]
        fn noise_breaks_neither_the_framer_nor_the_wedge() {
            for seed in 0..3000 {
                let mut bytes = noise(seed, 200);
                super::framer(&bytes);
                super::wedge(&bytes);
                // Letters at a scanner's speed with a shortcut now and then.
                for (at, byte) in bytes.iter_mut().enumerate() {
                    *byte = if at % 2 == 0 { b'A' + (*byte & 0x0f) } else { *byte & 0x3f };
                }
                super::wedge(&bytes);
            }
        }
    }
}

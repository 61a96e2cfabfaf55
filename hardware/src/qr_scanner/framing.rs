//! From a stream of bytes to codes: ends, silence, the length limit. Pure; the time comes from outside.

use std::time::{Duration, Instant};

use super::codes::{Codes, finish};
use super::{MAX_CODE_BYTES, Scan};

/// Silence that ends a code from a scanner that sends no suffix.
pub(super) const IDLE_END: Duration = Duration::from_millis(80);

/// A code that is too long and still goes on after this time is no code but a line that babbles.
const BABBLE_AFTER: Duration = Duration::from_secs(1);

/// Cuts the byte stream of a scanner into codes.
#[derive(Default)]
pub(super) struct Framer {
    bytes: Vec<u8>,
    /// When the first byte of the code under way came.
    began: Option<Instant>,
    /// When the code grew beyond the limit.
    overflow: Option<Instant>,
    /// The code under way began in a session that is over.
    skip: bool,
    last_byte: Option<Instant>,
    codes: Codes,
}

impl Framer {
    /// Takes bytes that arrived at `now`.
    pub(super) fn push(&mut self, bytes: &[u8], now: Instant) {
        if self.skip && self.is_silent(now) {
            self.end(now);
        }
        for byte in bytes {
            match byte {
                b'\r' | b'\n' | b'\t' => self.end(now),
                _ if self.bytes.len() >= MAX_CODE_BYTES => {
                    self.overflow.get_or_insert(now);
                }
                _ => {
                    self.began.get_or_insert(now);
                    self.bytes.push(*byte);
                }
            }
        }
        self.codes.note_traffic(now);
        self.last_byte = Some(now);
    }

    /// Ends a code without a suffix when the line has been silent long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.is_inside_code() && self.is_silent(now) {
            self.end(now);
        }
    }

    fn is_silent(&self, now: Instant) -> bool {
        self.last_byte.is_none_or(|last| now.duration_since(last) >= IDLE_END)
    }

    /// The next finished code.
    pub(super) fn next_scan(&mut self) -> Option<Scan> {
        self.codes.next()
    }

    /// Whether bytes of an unfinished code are held.
    pub(super) fn is_inside_code(&self) -> bool {
        !self.bytes.is_empty() || self.skip
    }

    /// Whether the scanner sends as no scanner in the hands of a person does: the same code without end, codes without
    /// a pause, or a line that never ends.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let babbles = self.overflow.is_some_and(|since| now.duration_since(since) >= BABBLE_AFTER);
        babbles || self.codes.is_stuck(now)
    }

    /// Forgets a code that was cut off by an unplug, and what the device before did.
    pub(super) fn unplugged(&mut self) {
        *self = Self { codes: std::mem::take(&mut self.codes), ..Self::default() };
        self.codes.unplugged();
    }

    /// For a session that began at this time: throws away what came before, the rest of a code under way included, and
    /// lets the last code of before count anew.
    pub(super) fn clear(&mut self, session: Instant) {
        self.skip |= self.began.is_some_and(|began| began <= session);
        self.codes.forget(session);
    }

    fn end(&mut self, now: Instant) {
        let bytes = std::mem::take(&mut self.bytes);
        let too_long = self.overflow.take().is_some();
        let began = self.began.take().unwrap_or(now);
        if std::mem::take(&mut self.skip) {
            return;
        }
        if let Some(scan) = if too_long { Some(Scan::TooLong) } else { finish(&bytes) } {
            self.codes.add(scan, began, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(framer: &mut Framer) -> Vec<Scan> {
        std::iter::from_fn(|| framer.next_scan()).collect()
    }

    fn code(text: &str) -> Scan {
        Scan::Code(text.into())
    }

    #[test]
    fn every_suffix_ends_a_code_once() {
        for suffix in ["\r", "\n", "\r\n", "\t"] {
            let mut framer = Framer::default();
            framer.push(format!("A1{suffix}B2{suffix}").as_bytes(), Instant::now());
            assert_eq!(codes(&mut framer), [code("A1"), code("B2")], "{suffix:?}");
        }
    }

    #[test]
    fn a_code_in_two_bursts_is_one_code() {
        let start = Instant::now();
        let mut framer = Framer::default();
        framer.push(b"ANJ1:AB", start);
        framer.tick(start + Duration::from_millis(79));
        framer.push(b"CD\r", start + Duration::from_millis(79));
        assert_eq!(codes(&mut framer), [code("ANJ1:ABCD")]);
    }

    #[test]
    fn silence_ends_a_code_without_suffix() {
        let start = Instant::now();
        let mut framer = Framer::default();
        framer.push(b"ANJ1:ABCD", start);
        framer.tick(start + IDLE_END);
        assert_eq!(codes(&mut framer), [code("ANJ1:ABCD")]);
    }

    #[test]
    fn prefixes_are_stripped_only_where_they_are_prefixes() {
        for (sent, seen) in [
            ("]Q1ABC", "ABC"),
            ("\u{2}ABC\u{3}", "ABC"),
            ("\u{2}]C0ABC\u{3}", "ABC"),
            ("]-1ABC", "]-1ABC"),
            ("A]Q1BC", "A]Q1BC"),
        ] {
            let mut framer = Framer::default();
            framer.push(format!("{sent}\r").as_bytes(), Instant::now());
            assert_eq!(codes(&mut framer), [code(seen)], "{sent:?}");
        }
    }

    #[test]
    fn limits_and_control_characters() {
        let now = Instant::now();
        let mut framer = Framer::default();
        framer.push(&vec![b'x'; MAX_CODE_BYTES], now);
        framer.push(b"\r", now);
        framer.push(&vec![b'y'; MAX_CODE_BYTES + 1], now);
        framer.push(b"\rA\x1b[2JB\r", now);
        framer.push("Zoë\r".as_bytes(), now);
        let expected = [code(&"x".repeat(MAX_CODE_BYTES)), Scan::TooLong, Scan::Unreadable, code("Zoë")];
        assert_eq!(codes(&mut framer), expected);
    }

    #[test]
    fn a_repeat_is_ignored_while_it_lasts() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut framer = Framer::default();
        framer.push(b"A\rA\r", start);
        framer.push(b"A\r", at(1500));
        framer.push(b"A\r", at(3000));
        framer.push(b"B\r", at(3001));
        framer.push(b"A\r", at(3002));
        framer.push(b"A\r", at(5002));
        assert_eq!(codes(&mut framer), [code("A"), code("B"), code("A"), code("A")]);
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut framer = Framer::default();
        for n in 0..1000 {
            framer.push(format!("{n}\r").as_bytes(), Instant::now());
        }
        assert_eq!(codes(&mut framer).len(), 32);
    }

    #[test]
    fn a_line_that_never_ends_is_a_state_until_it_does() {
        let start = Instant::now();
        let mut framer = Framer::default();
        for ms in 0..2000 {
            framer.push(b"UUUUU", start + Duration::from_millis(ms));
        }
        let end = start + Duration::from_millis(2000);
        assert!(framer.is_stuck(end));
        assert!(framer.next_scan().is_none());
        framer.tick(end + IDLE_END);
        assert!(!framer.is_stuck(end + IDLE_END));
        assert_eq!(codes(&mut framer), [Scan::TooLong]);
    }

    #[test]
    fn a_large_code_on_a_slow_line_is_no_babble() {
        // 4096 bytes at 9600 baud take 4.3 s.
        let start = Instant::now();
        let mut framer = Framer::default();
        for ms in 0..4266 {
            let now = start + Duration::from_millis(ms);
            framer.push(if ms == 4265 { b"\r" } else { b"x" }, now);
            assert!(!framer.is_stuck(now));
        }
        assert_eq!(codes(&mut framer).len(), 1);
    }

    #[test]
    fn a_code_under_way_belongs_to_the_session_it_began_in() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut framer = Framer::default();
        framer.push(b"OLD1\rOLD2", at(0));
        framer.clear(at(5));
        framer.push(b"-REST\rNEW\r", at(10));
        assert_eq!(codes(&mut framer), [code("NEW")]);
        // An old code without suffix ends by silence and not with the next one.
        framer.push(b"OLD3", at(20));
        framer.clear(at(20));
        framer.push(b"LATER\r", at(500));
        assert_eq!(codes(&mut framer), [code("LATER")]);
    }

    #[test]
    fn a_new_session_counts_the_code_in_front_of_the_scanner_anew() {
        let start = Instant::now();
        let mut framer = Framer::default();
        framer.push(b"A\rA\r", start);
        framer.clear(start);
        framer.push(b"A\rA\r", start + Duration::from_millis(1));
        assert_eq!(codes(&mut framer), [code("A")]);
    }

    #[test]
    fn a_session_that_is_told_late_keeps_what_was_scanned_in_it() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut framer = Framer::default();
        framer.push(b"OLD\rBEGUN", at(0));
        framer.push(b"-BEFORE\rNEW\r\xff\rNEW\rREST", at(20));
        framer.clear(at(10));
        framer.push(b"-TOO\r", at(30));
        // The code that began before is the old session's, whenever it ended.
        assert_eq!(codes(&mut framer), [code("NEW"), Scan::Unreadable, code("REST-TOO")]);
    }

    #[test]
    fn the_debug_form_hides_the_code() {
        assert_eq!(format!("{:?}", code("secret")), "Code(6 characters)");
    }
}

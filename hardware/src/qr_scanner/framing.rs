//! From bytes to codes: ends, prefixes, limits and the guard against repeats. Pure; the time comes from outside.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{MAX_CODE_BYTES, Scan};

/// Silence that ends a code from a scanner that sends no suffix.
pub(super) const IDLE_END: Duration = Duration::from_millis(80);

/// The same code within this time is a repeat.
const REPEAT_GUARD: Duration = Duration::from_secs(2);

/// Codes held while nobody fetches them; a scanner with a stuck trigger must not fill the memory.
const MAX_WAITING: usize = 32;

/// Cuts the byte stream of a scanner into codes.
#[derive(Default)]
pub(super) struct Framer {
    bytes: Vec<u8>,
    overflow: bool,
    last_byte: Option<Instant>,
    last_code: Option<(String, Instant)>,
    waiting: VecDeque<Scan>,
}

impl Framer {
    /// Takes bytes that arrived at `now`.
    pub(super) fn push(&mut self, bytes: &[u8], now: Instant) {
        for byte in bytes {
            match byte {
                b'\r' | b'\n' | b'\t' => self.end(now),
                _ if self.bytes.len() >= MAX_CODE_BYTES => self.overflow = true,
                _ => self.bytes.push(*byte),
            }
        }
        self.last_byte = Some(now);
    }

    /// Ends a code without a suffix when the line has been silent long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.is_inside_code() && self.last_byte.is_some_and(|last| now.duration_since(last) >= IDLE_END) {
            self.end(now);
        }
    }

    /// The next finished code.
    pub(super) fn next_scan(&mut self) -> Option<Scan> {
        self.waiting.pop_front()
    }

    /// Whether bytes of an unfinished code are held.
    pub(super) fn is_inside_code(&self) -> bool {
        !self.bytes.is_empty() || self.overflow
    }

    /// Drops an unfinished code, as after an unplug.
    pub(super) fn drop_partial(&mut self) {
        self.bytes.clear();
        self.overflow = false;
    }

    /// Forgets everything, the last code included.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn end(&mut self, now: Instant) {
        let bytes = std::mem::take(&mut self.bytes);
        let scan = if std::mem::take(&mut self.overflow) {
            Scan::TooLong
        } else {
            match strip(&bytes) {
                // CR LF ends twice; an empty line is no code.
                [] => return,
                code => match std::str::from_utf8(code) {
                    Ok(text) if !text.chars().any(char::is_control) => Scan::Code(text.to_owned()),
                    _ => Scan::Unreadable,
                },
            }
        };
        if let Scan::Code(code) = &scan {
            let repeated = self
                .last_code
                .as_ref()
                .is_some_and(|(last, seen)| last == code && now.duration_since(*seen) < REPEAT_GUARD);
            // A code held in front of the scanner stays a repeat for as long as it is held there.
            self.last_code = Some((code.clone(), now));
            if repeated {
                return;
            }
        }
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(scan);
        }
    }
}

/// Removes STX, ETX and the AIM symbology identifier `]cm`.
fn strip(mut code: &[u8]) -> &[u8] {
    const STX: u8 = 0x02;
    const ETX: u8 = 0x03;
    if let [STX, rest @ ..] = code {
        code = rest;
    }
    if let [rest @ .., ETX] = code {
        code = rest;
    }
    match code {
        [b']', class, modifier, rest @ ..] if class.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => rest,
        _ => code,
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
        framer.push(b"\xff\xfe\r", now);
        framer.push("Zoë\r".as_bytes(), now);
        let expected =
            [code(&"x".repeat(MAX_CODE_BYTES)), Scan::TooLong, Scan::Unreadable, Scan::Unreadable, code("Zoë")];
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
        assert_eq!(codes(&mut framer).len(), MAX_WAITING);
    }

    #[test]
    fn the_debug_form_hides_the_code() {
        assert_eq!(format!("{:?}", code("secret")), "Code(6 characters)");
    }
}

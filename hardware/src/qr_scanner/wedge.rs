//! Tells the keys of a scanner from the keys of a person. Pure; the time comes from outside.
//!
//! A scanner in keyboard mode types into whatever has the cursor. What gives it away is its speed: a person, rolling
//! the fingers, brings two or three keys closer together than 35 ms, a scanner all of them. So a key is held back until
//! the next one shows whose it was. A person's key waits 35 ms at most when the next one is slower than that, and
//! a roll of n keys n times as long; nothing a person types is lost or changes its place.
//!
//! Limits that a keyboard has and a serial line has not: a code shorter than six characters cannot be told from a roll;
//! what is not ASCII depends on the keyboard layout; a code that *begins* with a control character acts as that key
//! before anybody knows better (scanners have a setting not to send these). Where there is a choice, use the scanner's
//! serial mode.

use std::fmt;
use std::time::{Duration, Instant};

use super::codes::finish;
use super::framing::IDLE_END;
use super::{MAX_CODE_BYTES, Scan};

/// The longest pause between two keys of a scanner, and how long a key is held back.
pub const WEDGE_GAP: Duration = Duration::from_millis(35);

/// Fewer keys than this in a row are not a code.
pub const WEDGE_MIN_KEYS: usize = 6;

/// A call of [`WedgeDecoder::tick`] that comes this late tells that the window was busy, and that keys of the same
/// burst may be waiting behind it.
const LATE: Duration = Duration::from_millis(15);

/// How long a late tick waits for such keys.
const LATE_WAIT: Duration = Duration::from_millis(10);

/// What is to be done with a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Wedge {
    /// Not a scanner's: the key goes on as if nobody had looked at it.
    Pass,
    /// Taken for now, or there is nothing to do.
    Hold,
    /// A person typed these, in this order, the key just judged included: give them to whoever has the cursor.
    Release(Vec<String>),
    /// A scanner typed this; nobody else gets to see the keys.
    Code(Scan),
}

impl fmt::Debug for Wedge {
    /// What was typed may be a password, and a code opens a case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("Pass"),
            Self::Hold => f.write_str("Hold"),
            Self::Release(keys) => write!(f, "Release({} keys)", keys.len()),
            Self::Code(scan) => write!(f, "Code({scan:?})"),
        }
    }
}

/// Tells the keys of a scanner from the keys of a person.
///
/// The texts of keys are Slint's: a character, or a control or private-use character for a key that has none.
#[derive(Default)]
pub struct WedgeDecoder {
    /// Keys held back while it is not known whose they are.
    held: Vec<String>,
    /// The text of all keys of the burst.
    text: Vec<u8>,
    /// Whether it is known that a scanner types.
    scanner: bool,
    /// A key within the code that no code has.
    odd_key: bool,
    too_long: bool,
    due: Option<Instant>,
    graced: bool,
    /// When the last code ended: CR LF is two keys.
    ended: Option<Instant>,
}

impl WedgeDecoder {
    /// Judges a key that was pressed at `now`. `plain` says that it was neither held down long enough to repeat nor
    /// pressed together with Control, Alt or Meta.
    ///
    /// A pause alone between two calls decides nothing: the window may have been busy while the keys came. Silence is
    /// what [`Self::tick`] finds.
    pub fn press(&mut self, text: &str, plain: bool, now: Instant) -> Wedge {
        if is_modifier(text) {
            // A capital letter is two keys; the window needs the first to know the second.
            if self.is_holding() {
                self.wait(now);
            }
            return Wedge::Pass;
        }
        if plain && is_character(text) {
            self.take(text, now);
            return Wedge::Hold;
        }
        let is_end = plain && matches!(text, "\n" | "\r" | "\t");
        if self.scanner {
            if is_end {
                return self.end(now);
            }
            // In the middle of a burst even a shortcut is the scanner's: a code may carry any control character.
            self.odd_key = true;
            self.wait(now);
            return Wedge::Hold;
        }
        if self.is_holding() {
            let mut keys = self.give_back();
            keys.push(text.to_owned());
            return Wedge::Release(keys);
        }
        if is_end && self.ended.is_some_and(|ended| now.saturating_duration_since(ended) <= IDLE_END) {
            return Wedge::Hold;
        }
        Wedge::Pass
    }

    /// Looks whether the keys held back have been followed by silence. To be called when [`Self::due`] is over.
    pub fn tick(&mut self, now: Instant) -> Wedge {
        let Some(due) = self.due.filter(|due| now >= *due) else { return Wedge::Hold };
        if now.saturating_duration_since(due) >= LATE && !self.graced {
            self.graced = true;
            self.due = Some(now + LATE_WAIT);
            return Wedge::Hold;
        }
        if self.scanner { self.end(now) } else { Wedge::Release(self.give_back()) }
    }

    /// When [`Self::tick`] is to be called; None while nothing is held back.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    fn is_holding(&self) -> bool {
        self.due.is_some()
    }

    fn take(&mut self, text: &str, now: Instant) {
        if self.text.len() + text.len() <= MAX_CODE_BYTES {
            self.text.extend_from_slice(text.as_bytes());
        } else {
            self.too_long = true;
        }
        if !self.scanner {
            self.held.push(text.to_owned());
            if self.held.len() >= WEDGE_MIN_KEYS {
                self.scanner = true;
                self.held.clear();
            }
        }
        self.wait(now);
    }

    /// Waits for the next key. Once it is known that a scanner types, a stutter of it does not cut its code in two.
    fn wait(&mut self, now: Instant) {
        self.due = Some(now + if self.scanner { IDLE_END } else { WEDGE_GAP });
        self.graced = false;
    }

    fn give_back(&mut self) -> Vec<String> {
        let keys = std::mem::take(&mut self.held);
        *self = Self::default();
        keys
    }

    fn end(&mut self, now: Instant) -> Wedge {
        let done = std::mem::take(self);
        self.ended = Some(now);
        let scan = if done.too_long {
            Some(Scan::TooLong)
        } else if done.odd_key {
            Some(Scan::Unreadable)
        } else {
            finish(&done.text)
        };
        scan.map_or(Wedge::Hold, Wedge::Code)
    }
}

impl fmt::Debug for WedgeDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WedgeDecoder({} keys held)", self.held.len())
    }
}

/// Shift, Control, Alt, AltGr, Caps Lock, Meta: keys that change others.
fn is_modifier(text: &str) -> bool {
    matches!(text.as_bytes(), [0x10..=0x18])
}

fn is_character(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A decoder on a clock of its own that is asked whenever it wants to be, as a window does.
    struct Desk {
        decoder: WedgeDecoder,
        start: Instant,
        now: u64,
        /// What reached the field, with the time it did.
        typed: Vec<(String, u64)>,
        scans: Vec<Scan>,
    }

    impl Desk {
        fn new() -> Self {
            let (typed, scans) = (Vec::new(), Vec::new());
            Self { decoder: WedgeDecoder::default(), start: Instant::now(), now: 0, typed, scans }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn done(&mut self, wedge: Wedge, key: Option<&str>) {
            match wedge {
                Wedge::Pass => self.typed.extend(key.map(|key| (key.to_owned(), self.now))),
                Wedge::Hold => {}
                Wedge::Release(keys) => self.typed.extend(keys.into_iter().map(|key| (key, self.now))),
                Wedge::Code(scan) => self.scans.push(scan),
            }
        }

        /// Lets time pass; the timer is punctual to the millisecond.
        fn pass(&mut self, ms: u64) {
            for _ in 0..ms {
                self.now += 1;
                if self.decoder.due().is_some_and(|due| self.at(self.now) >= due) {
                    let wedge = self.decoder.tick(self.at(self.now));
                    self.done(wedge, None);
                }
            }
        }

        fn key(&mut self, text: &str, plain: bool) {
            let wedge = self.decoder.press(text, plain, self.at(self.now));
            self.done(wedge, Some(text));
        }

        /// Keys `gap` ms apart.
        fn keys(&mut self, text: &str, gap: u64) {
            for c in text.chars() {
                self.key(&c.to_string(), true);
                self.pass(gap);
            }
        }

        fn text(&self) -> String {
            self.typed.iter().map(|(key, _)| key.as_str()).collect()
        }
    }

    fn code(text: &str) -> Scan {
        Scan::Code(text.into())
    }

    #[test]
    fn a_scanner_of_any_speed_and_suffix_is_heard_and_nothing_leaks() {
        for gap in [0, 1, 5, 20, 34] {
            for suffix in ["\n", "\t", "\n\n", ""] {
                let mut desk = Desk::new();
                desk.keys(&format!("ANJ1:7F3KQ9M2{suffix}"), gap);
                desk.pass(200);
                assert_eq!(desk.scans, [code("ANJ1:7F3KQ9M2")], "{gap} ms {suffix:?}");
                assert_eq!(desk.text(), "", "{gap} ms {suffix:?}");
            }
        }
    }

    #[test]
    fn capitals_with_their_shift_keys_are_one_code() {
        let mut desk = Desk::new();
        for c in "ANJ1:7F3K".chars() {
            desk.key("\u{10}", true);
            desk.pass(20);
            desk.key(&c.to_string(), true);
            desk.pass(20);
        }
        desk.key("\n", true);
        assert_eq!(desk.scans, [code("ANJ1:7F3K")]);
        assert_eq!(desk.text().replace('\u{10}', ""), "");
    }

    #[test]
    fn a_person_loses_no_key_and_waits_for_none() {
        let mut desk = Desk::new();
        let mut pressed = Vec::new();
        // Pauses from 36 to 235 ms without a pattern, keys of every sort.
        let mut chance = 12_345_u32;
        for n in 0..3000 {
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = ["a", "Q", "7", " ", "\n", "\t", "\u{8}", "\u{f700}", "\u{1b}", "é", "-"][n % 11];
            pressed.push((key.to_owned(), desk.now));
            desk.key(key, n % 13 != 0);
            desk.pass(36 + u64::from(chance >> 16) % 200);
        }
        assert_eq!(desk.text(), pressed.iter().map(|(key, _)| key.as_str()).collect::<String>());
        let longest = desk.typed.iter().zip(&pressed).map(|((_, out), (_, at))| out - at).max();
        assert_eq!(longest, Some(35));
        assert!(desk.scans.is_empty());
    }

    #[test]
    fn a_roll_of_the_fingers_stays_whole_and_in_order() {
        for roll in ["th", "the", "ment", "tions"] {
            let mut desk = Desk::new();
            desk.keys(roll, 12);
            desk.key("\n", true);
            desk.key("\u{8}", true);
            desk.pass(100);
            assert_eq!(desk.text(), format!("{roll}\n\u{8}"));
            assert!(desk.scans.is_empty());
        }
    }

    #[test]
    fn shortcuts_and_held_keys_go_through() {
        let mut desk = Desk::new();
        desk.key("\u{f705}", true);
        desk.key("\n", true);
        desk.key("v", false);
        assert_eq!(desk.text(), "\u{f705}\nv");
        desk.key("x", true);
        desk.pass(10);
        desk.key("v", false);
        assert_eq!(desk.text(), "\u{f705}\nvxv");
    }

    #[test]
    fn a_code_between_two_words_is_taken_out() {
        let mut desk = Desk::new();
        desk.keys("ab", 120);
        desk.keys("]Q1ANJ1:7F3K\n", 2);
        desk.pass(150);
        desk.keys("cd", 120);
        assert_eq!((desk.text().as_str(), desk.scans.as_slice()), ("abcd", &[code("ANJ1:7F3K")][..]));
    }

    #[test]
    fn control_keys_within_a_code_do_nothing_and_make_it_no_code() {
        let mut desk = Desk::new();
        desk.keys("ABCDEFGH", 1);
        desk.key("\u{11}", true);
        desk.key("q", false);
        desk.key("\u{f705}", true);
        desk.keys("IJKL\n", 1);
        assert_eq!(desk.scans, [Scan::Unreadable]);
        assert_eq!(desk.text(), "\u{11}");
    }

    #[test]
    fn the_largest_code_passes_and_a_larger_one_is_named() {
        for (length, scan) in [(MAX_CODE_BYTES, code(&"x".repeat(MAX_CODE_BYTES))), (MAX_CODE_BYTES + 1, Scan::TooLong)]
        {
            let mut desk = Desk::new();
            desk.keys(&"x".repeat(length), 0);
            desk.key("\n", true);
            assert_eq!(desk.scans, [scan]);
        }
    }

    #[test]
    fn a_busy_window_cuts_no_code_in_two() {
        // The window stands still for 150 ms after three keys; then the timer runs, and only then come the other keys.
        let mut desk = Desk::new();
        desk.keys("ANJ", 2);
        desk.now += 150;
        let late = desk.decoder.tick(desk.at(desk.now));
        desk.done(late, None);
        desk.keys("1:7F3KQ9\n", 0);
        assert_eq!((desk.text().as_str(), desk.scans.as_slice()), ("", &[code("ANJ1:7F3KQ9")][..]));
        // A person's key in a busy window comes out all the same.
        desk.pass(200);
        desk.key("a", true);
        desk.now += 150;
        desk.pass(30);
        assert_eq!(desk.text(), "a");
    }

    #[test]
    fn the_debug_form_hides_what_was_typed() {
        let shown = format!("{:?}", (Wedge::Release(vec!["s".into()]), Wedge::Code(code("secret"))));
        assert_eq!(shown, "(Release(1 keys), Code(Code(6 characters)))");
    }
}

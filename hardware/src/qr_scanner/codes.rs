//! What every scanner shares once a line of bytes has its end: prefixes, characters, the guard against repeats, and
//! the signs of a scanner that cannot stop. Pure; the time comes from outside.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Scan;

/// The same code within this time is a repeat.
pub(super) const REPEAT_GUARD: Duration = Duration::from_secs(2);

/// Codes held while nobody fetches them; a scanner with a stuck trigger must not fill the memory.
const MAX_WAITING: usize = 32;

/// A line that pauses for this long is one that can stop.
const CALM: Duration = Duration::from_secs(1);

/// Nobody scans for this long without a pause; a scanner that does has a stuck trigger or a noisy line.
pub(super) const STUCK_AFTER: Duration = Duration::from_secs(10);

/// The finished codes of one scanner.
#[derive(Default)]
pub(super) struct Codes {
    /// With when its first byte came.
    waiting: VecDeque<(Scan, Instant)>,
    /// The last code, and from when to when it was seen again and again.
    last_code: Option<(String, Run)>,
    last_bad: Option<(Scan, Instant)>,
    traffic: Option<Run>,
}

/// From when to when something went on without a pause.
#[derive(Clone, Copy)]
struct Run {
    first: Instant,
    last: Instant,
}

impl Run {
    fn at(now: Instant) -> Self {
        Self { first: now, last: now }
    }

    fn goes_on(&self, now: Instant, pause: Duration) -> bool {
        now.saturating_duration_since(self.last) < pause
    }

    fn lasts(&self) -> Duration {
        self.last.saturating_duration_since(self.first)
    }
}

impl Codes {
    /// Takes a scan that began and ended at these times, unless it is a repeat.
    pub(super) fn add(&mut self, scan: Scan, began: Instant, now: Instant) {
        self.note_traffic(now);
        let repeated = match &scan {
            Scan::Code(code) => match &mut self.last_code {
                // A code held in front of the scanner stays a repeat for as long as it is held there.
                Some((last, run)) if last == code && run.goes_on(now, REPEAT_GUARD) => {
                    run.last = now;
                    true
                }
                last => {
                    *last = Some((code.clone(), Run::at(now)));
                    false
                }
            },
            // A code held askew or a noisy line is told once, too. It has a guard of its own: a bad reading between
            // two good ones does not make the second one new.
            bad => {
                let known = self
                    .last_bad
                    .take()
                    .is_some_and(|(last, seen)| last == *bad && now.saturating_duration_since(seen) < REPEAT_GUARD);
                self.last_bad = Some((bad.clone(), now));
                known
            }
        };
        if !repeated && self.waiting.len() < MAX_WAITING {
            self.waiting.push_back((scan, began));
        }
    }

    /// Notes that the line is not silent.
    pub(super) fn note_traffic(&mut self, now: Instant) {
        match &mut self.traffic {
            Some(run) if run.goes_on(now, CALM) => run.last = now,
            traffic => *traffic = Some(Run::at(now)),
        }
    }

    /// The next finished scan.
    pub(super) fn next(&mut self) -> Option<Scan> {
        self.waiting.pop_front().map(|(scan, _)| scan)
    }

    /// Whether the scanner has gone on for ten seconds as no person scans and still does: a stuck trigger repeats one
    /// code, a noisy line never pauses.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let stuck = |run: &Run, pause| run.goes_on(now, pause) && run.lasts() >= STUCK_AFTER;
        self.traffic.as_ref().is_some_and(|run| stuck(run, CALM))
            || self.last_code.as_ref().is_some_and(|(_, run)| stuck(run, REPEAT_GUARD))
    }

    /// For a session that began at this time: what waits from before is thrown away and the last code of before counts
    /// anew. What the scanner does for too long is remembered.
    pub(super) fn forget(&mut self, session: Instant) {
        self.waiting.retain(|(_, began)| *began > session);
        self.last_bad.take_if(|(_, seen)| *seen <= session);
        // The run is kept under a text that no code can be, since a code is never empty.
        if let Some((code, _)) = self.last_code.as_mut().filter(|(_, run)| run.first <= session) {
            code.clear();
        }
    }

    /// After an unplug: what the device did for too long is over.
    pub(super) fn unplugged(&mut self) {
        self.traffic = None;
        if let Some((_, run)) = &mut self.last_code {
            run.first = run.last;
        }
    }
}

/// The scan of a whole line, without suffix. None for a line with nothing but prefixes: CR LF ends twice, and an empty
/// line is no code.
pub(super) fn finish(line: &[u8]) -> Option<Scan> {
    match strip(line) {
        [] => None,
        code => match std::str::from_utf8(code) {
            Ok(text) if text.chars().all(is_text) => Some(Scan::Code(text.to_owned())),
            _ => Some(Scan::Unreadable),
        },
    }
}

/// Printable characters only: no control characters, none that are invisible or change the direction of reading (what a
/// person sees would differ from what a program reads), none for private use.
fn is_text(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    !(c.is_control() || invisible || private)
}

/// Removes STX, ETX and the AIM symbology identifier `]cm` (ISO/IEC 15424).
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

    fn code(text: &str) -> Scan {
        Scan::Code(text.into())
    }

    #[test]
    fn only_what_a_person_could_read_is_a_code() {
        for (line, scan) in [
            (&b"ANJ1:7F3K"[..], Some(code("ANJ1:7F3K"))),
            ("Zoë 李".as_bytes(), Some(code("Zoë 李"))),
            (b"'; DROP TABLE \"x\" --", Some(code("'; DROP TABLE \"x\" --"))),
            // Latin-1 is not guessed at: its bytes could be any alphabet.
            (b"Zo\xeb", Some(Scan::Unreadable)),
            (b"A\x1b[2JB", Some(Scan::Unreadable)),
            (b"A\x00", Some(Scan::Unreadable)),
            ("A\u{202e}B".as_bytes(), Some(Scan::Unreadable)),
            ("A\u{200b}B".as_bytes(), Some(Scan::Unreadable)),
            ("A\u{f701}".as_bytes(), Some(Scan::Unreadable)),
            (b"", None),
            (b"]Q1", None),
            (b"\x02\x03", None),
        ] {
            assert_eq!(finish(line), scan, "{line:?}");
        }
    }

    #[test]
    fn a_stuck_trigger_is_one_code_and_then_a_state() {
        let start = Instant::now();
        let mut codes = Codes::default();
        let mut seen_stuck = None;
        for ms in (0..15_000).step_by(1500) {
            let now = start + Duration::from_millis(ms);
            codes.add(code("SAME"), now, now);
            if codes.is_stuck(now) {
                seen_stuck.get_or_insert(ms);
            }
        }
        assert_eq!(seen_stuck, Some(10_500));
        assert_eq!(std::iter::from_fn(|| codes.next()).collect::<Vec<_>>(), [code("SAME")]);
        // It stays so over a new session and ends when the trigger is free again.
        codes.forget(Instant::now());
        assert!(codes.is_stuck(start + Duration::from_millis(13_600)));
        assert!(!codes.is_stuck(start + Duration::from_millis(15_500)));
    }

    #[test]
    fn codes_without_a_pause_are_a_state_whatever_they_say() {
        let start = Instant::now();
        let mut codes = Codes::default();
        for n in 0..200 {
            codes.add(
                code(&format!("{}", n % 3)),
                start + Duration::from_millis(n * 100),
                start + Duration::from_millis(n * 100),
            );
        }
        assert!(codes.is_stuck(start + Duration::from_secs(20)));
        assert!(!codes.is_stuck(start + Duration::from_secs(21)));
    }

    #[test]
    fn a_busy_person_is_not_a_stuck_trigger() {
        let start = Instant::now();
        let mut codes = Codes::default();
        for n in 0..60 {
            let now = start + Duration::from_millis(n * 1200);
            codes.add(code(&format!("{n}")), now, now);
            assert!(!codes.is_stuck(now));
        }
    }

    #[test]
    fn bad_readings_are_told_once_and_do_not_make_a_repeat_new() {
        let start = Instant::now();
        let mut codes = Codes::default();
        for n in 0..50 {
            let now = start + Duration::from_millis(n * 20);
            codes.add(if n % 2 == 0 { code("A") } else { Scan::Unreadable }, now, now);
        }
        assert_eq!(std::iter::from_fn(|| codes.next()).collect::<Vec<_>>(), [code("A"), Scan::Unreadable]);
    }
}

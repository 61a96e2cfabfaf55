//! The scanner that types: keys in, codes at the driver, a person's keys back.

use std::thread;
use std::time::{Duration, Instant};

use anjungan_hardware::qr_scanner::{WedgeKeys, keyboard_feed, keyboard_scanner};
use anjungan_hardware::{Health, Scan, open_qr_scanner};

use crate::qr_scanner_conformance::code;
use crate::support::{PATIENCE, url};

/// A window with one field: what reaches it, in order.
struct Field {
    keys: WedgeKeys,
    due: Option<Instant>,
    text: String,
}

impl Field {
    fn new(keys: WedgeKeys) -> Self {
        Self { keys, due: None, text: String::new() }
    }

    fn judge(&mut self, key: Option<(&str, bool)>) {
        let (verdict, wait) = self.keys.judge(key);
        match (verdict, key) {
            (Some(keys), _) => self.text.extend(keys),
            (None, Some((key, _))) => self.text.push_str(key),
            (None, None) => panic!("time passes for nobody"),
        }
        self.due = wait.map(|wait| Instant::now() + wait);
    }

    fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.judge(Some((&c.to_string(), true)));
        }
    }

    /// Lets the window's timer run until nothing is held back.
    fn rest(&mut self) {
        while let Some(due) = self.due {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.judge(None);
        }
    }
}

#[test]
fn the_scanner_of_the_configuration_hears_the_window() {
    let mut scanner = open_qr_scanner(&url("keyboard:")).unwrap();
    assert_eq!(scanner.health(), Health::Ready);
    let waiting = thread::spawn(move || scanner.wait_scan(PATIENCE).unwrap());
    let mut field = Field::new(WedgeKeys::new(keyboard_feed()));
    field.typed("]Q1ANJ1:7F3KQ9M2\n");
    assert_eq!(waiting.join().unwrap(), Some(code("ANJ1:7F3KQ9M2")));
    assert_eq!(field.text, "");
}

#[test]
fn a_person_and_a_scanner_at_one_keyboard() {
    let (handle, mut scanner) = keyboard_scanner();
    let mut field = Field::new(WedgeKeys::new(handle));
    for key in ["p", "e", "t"] {
        field.typed(key);
        field.rest();
    }
    field.typed("ANJ1:7F3KQ9M2");
    field.rest();
    field.typed("ugas\n");
    field.judge(Some(("\u{8}", true)));
    field.rest();
    assert_eq!(field.text, "petugas\n\u{8}");
    assert_eq!(scanner.wait_scan(PATIENCE).unwrap(), Some(code("ANJ1:7F3KQ9M2")));
    assert_eq!(scanner.wait_scan(Duration::ZERO).unwrap(), None);
}

#[test]
fn a_flood_is_bounded() {
    let (handle, mut scanner) = keyboard_scanner();
    for n in 0..1000 {
        handle.push(Scan::Code(format!("{n}")));
    }
    let mut fetched = 0;
    while scanner.wait_scan(Duration::ZERO).unwrap().is_some() {
        fetched += 1;
    }
    assert_eq!(fetched, 32);
}

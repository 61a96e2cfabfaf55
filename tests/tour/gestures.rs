//! What an officer's hands do for one piece of work: keystrokes, pointings, and the way between keyboard and pointer
//! (K, P and H of the keystroke-level model; Card, Moran and Newell, 1980), slips scanned and cards laid down.

use std::fmt;

/// Where the hand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Keyboard,
    Pointer,
}

/// A count.
#[derive(Debug, Default)]
pub struct Gestures {
    keys: u32,
    pointings: u32,
    homings: u32,
    scans: u32,
    hand: Option<Hand>,
}

impl Gestures {
    /// One key, modifiers included.
    pub fn key(&mut self) {
        self.home(Hand::Keyboard);
        self.keys += 1;
    }

    /// One press with the pointer.
    pub fn pointing(&mut self) {
        self.home(Hand::Pointer);
        self.pointings += 1;
    }

    /// One slip under the scanner, which stands and needs no hand on the keyboard to leave it.
    pub fn scan(&mut self) {
        self.scans += 1;
    }

    fn home(&mut self, hand: Hand) {
        if self.hand.replace(hand).is_some_and(|before| before != hand) {
            self.homings += 1;
        }
    }

    /// Prints what a piece of work took.
    pub fn of(self, work: &str) -> Self {
        println!("  {work}: {self}");
        self
    }

    /// Ends the tour where work takes more than is promised.
    pub fn at_most(&self, most: u32) {
        assert!(self.sum() <= most, "{self}, at most {most} are wanted");
    }

    const fn sum(&self) -> u32 {
        self.keys + self.pointings + self.homings + self.scans
    }
}

impl fmt::Display for Gestures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, pointings, homings, scans, .. } = self;
        write!(f, "{} actions ({keys} K, {pointings} P, {homings} H, {scans} scans)", self.sum())
    }
}

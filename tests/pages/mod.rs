//! Pages for tests and the bench: drawn, then spoiled, all from a seed. Apart from the code they measure: nothing here
//! uses `anjungan::scan`. The people on them are invented, every NIK ends in 9000 or more, and no address is real.
#![allow(dead_code, clippy::unwrap_used)]

pub mod kept;
pub mod layouts;
pub mod paint;
pub mod spoil;

/// A small random generator (xorshift64*): the same seed gives the same pages on every machine.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.part()
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() >> 33) as usize % count
    }

    pub fn yes(&mut self, likely: f64) -> bool {
        self.part() < likely
    }

    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// About normal, with deviation 1.
    pub fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.part()).sum::<f64>() * 1.414 - 4.243
    }
}

/// Changes a file as hostile or broken devices do: bytes turned, numbers made large, pieces moved, the end cut.
pub fn mutate(chance: &mut Chance, bytes: &mut Vec<u8>) {
    for _ in 0..1 + chance.below(12) {
        if bytes.len() < 16 {
            return;
        }
        // Heads decide most: half of the changes go there.
        let reach = if chance.yes(0.5) { bytes.len().min(700) } else { bytes.len() };
        let at = chance.below(reach);
        match chance.below(8) {
            0 | 1 => bytes[at] ^= 1 << chance.below(8),
            2 => bytes[at] = chance.next() as u8,
            3 => {
                let value = chance.of(&[0_u8, 0x7F, 0x80, 0xFF]);
                let end = (at + 1 + chance.below(4)).min(bytes.len());
                bytes[at..end].fill(value);
            }
            4 => {
                let from = chance.below(bytes.len());
                let count = chance.below(64).min(bytes.len() - from).min(bytes.len() - at);
                bytes.copy_within(from..from + count, at);
            }
            5 => {
                let end = (at + chance.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            6 => {
                let piece: Vec<u8> = (0..chance.below(24)).map(|_| chance.next() as u8).collect();
                bytes.splice(at..at, piece);
            }
            // Rarely, for whatever is cut is refused at once; a JPEG keeps its end mark half of the time.
            _ if chance.yes(0.15) => {
                let jpeg = bytes.starts_with(&[0xFF, 0xD8]);
                bytes.truncate(16 + chance.below(bytes.len() - 15));
                if jpeg && chance.yes(0.7) {
                    bytes.extend([0xFF, 0xD9]);
                }
            }
            _ => {}
        }
    }
}

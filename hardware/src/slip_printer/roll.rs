//! How many slips the roll still gives, from the near-end sensor and the slips printed since.

use std::collections::VecDeque;

use super::{Paper, PrinterStatus};

/// Slips of which the mean length is taken.
const SLIPS_KEPT: usize = 20;

/// Length of a slip while none has been printed yet, in millimetres.
const USUAL_MM: u32 = 160;

/// The paper roll as the driver knows it.
#[derive(Debug, Clone)]
pub(super) struct Roll {
    /// Paper left when the sensor fires, in millimetres.
    near_end_mm: u32,
    /// Millimetres left, since the sensor fired.
    left: Option<u32>,
    lengths: VecDeque<u32>,
}

impl Roll {
    pub(super) fn new(near_end_mm: u32) -> Self {
        Self { near_end_mm, left: None, lengths: VecDeque::new() }
    }

    /// Takes in what the printer says about its paper.
    pub(super) fn seen(&mut self, status: &PrinterStatus) {
        self.left = match status.paper {
            // A new roll, or the old one put right.
            Paper::Ok => None,
            Paper::NearEnd => Some(self.left.unwrap_or(self.near_end_mm)),
            Paper::Out => Some(0),
        };
    }

    /// Takes in a slip that was printed, or perhaps was.
    pub(super) fn printed(&mut self, mm: u32) {
        if self.lengths.len() == SLIPS_KEPT {
            self.lengths.pop_front();
        }
        self.lengths.push_back(mm.max(1));
        self.left = self.left.map(|left| left.saturating_sub(mm));
    }

    /// Slips left; `None` while the roll is good.
    pub(super) fn slips_left(&self) -> Option<u32> {
        let left = self.left?;
        let count = u32::try_from(self.lengths.len()).unwrap_or(1);
        let mean = self.lengths.iter().sum::<u32>().checked_div(count).unwrap_or(USUAL_MM).max(1);
        Some(left / mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(roll: &mut Roll, last: u8) {
        roll.seen(&PrinterStatus::from_bytes([0x12, 0x12, 0x12, last]).unwrap());
    }

    #[test]
    fn counted_from_the_moment_the_sensor_fires() {
        let mut roll = Roll::new(1000);
        roll.printed(200);
        seen(&mut roll, 0x12);
        assert_eq!(roll.slips_left(), None);
        seen(&mut roll, 0x1e);
        assert_eq!(roll.slips_left(), Some(5));
        roll.printed(200);
        seen(&mut roll, 0x1e);
        assert_eq!(roll.slips_left(), Some(4));
        for _ in 0..9 {
            roll.printed(200);
        }
        assert_eq!(roll.slips_left(), Some(0));
        seen(&mut roll, 0x72);
        assert_eq!(roll.slips_left(), Some(0));
        // The new roll.
        seen(&mut roll, 0x12);
        assert_eq!(roll.slips_left(), None);
    }

    #[test]
    fn a_roll_that_ended_is_not_full_because_it_was_put_in_again() {
        let mut roll = Roll::new(1000);
        seen(&mut roll, 0x72);
        assert_eq!(roll.slips_left(), Some(0));
        seen(&mut roll, 0x1e);
        assert_eq!(roll.slips_left(), Some(0), "the same roll, put in again");
    }

    #[test]
    fn before_the_first_slip_a_usual_length_is_taken() {
        let mut roll = Roll::new(3000);
        seen(&mut roll, 0x1e);
        assert_eq!(roll.slips_left(), Some(18));
    }
}

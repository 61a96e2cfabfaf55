//! What is wrong with a page, and where.

use super::geometry::Region;

pub use crate::domain::page_doubt::PageDoubt as Reason;

/// One thing that may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// What.
    pub reason: Reason,
    /// Where, in the picture as it was delivered.
    pub region: Region,
}

/// What was found wrong with a page, the most important first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// All doubts, one for each reason at most.
    pub doubts: Vec<Doubt>,
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn good(&self) -> bool {
        self.doubts.is_empty()
    }

    /// Whether a reason was found.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.doubts.iter().any(|doubt| doubt.reason == reason)
    }

    /// Adds a doubt in its place; a second one of the same reason is left out.
    pub fn doubt(&mut self, reason: Reason, region: Region) {
        if !self.has(reason) {
            self.doubts.push(Doubt { reason, region });
            let place = |doubt: &Doubt| Reason::ALL.iter().position(|reason| *reason == doubt.reason);
            self.doubts.sort_by_key(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_stand_in_their_order_and_once() {
        let region = Region { left: 0, top: 0, width: 1, height: 1 };
        let mut verdict = Verdict::default();
        for reason in [Reason::Blurred, Reason::TooDark, Reason::Blurred] {
            verdict.doubt(reason, region);
        }
        let order: Vec<_> = verdict.doubts.iter().map(|doubt| doubt.reason).collect();
        assert_eq!(order, [Reason::TooDark, Reason::Blurred]);
        assert!(!verdict.good() && Verdict::default().good());
    }
}

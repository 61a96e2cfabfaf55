//! The hall: who is called next, what a counter may do with a ticket, what an office has decided about its queues.
//!
//! One rule decides who is next ([`turn`]); the list on the screens, the hub's call and the simulated days use it.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ticket::{Queue, TicketState};

/// Whose turn a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The first of those who should not wait long, or who come back through no fault of their own.
    First,
    /// Whoever has waited longest.
    Longest,
}

/// Decides whose turn the next call of a queue is. Of two calls in a row at least one is [`Turn::Longest`]: so with
/// `n` people before me I am called by call `2n + 2` at the latest ([`calls_until`]), whoever comes after me.
#[must_use]
pub const fn turn(last_went_first: bool, somebody_goes_first: bool) -> Turn {
    if somebody_goes_first && !last_went_first { Turn::First } else { Turn::Longest }
}

/// The largest number of calls of a queue, my own included, after which I have been called, when `ahead` people entered
/// the queue before me. See ADR 15 for the proof.
#[must_use]
pub const fn calls_until(ahead: usize) -> usize {
    2 * ahead + 2
}

/// Those who wait in one queue, in memory: the order that screens show and simulated days live by. The store asks the
/// same [`turn`].
#[derive(Debug, Clone)]
pub struct Line<T> {
    firsts: VecDeque<(u64, T)>,
    others: VecDeque<(u64, T)>,
    entered: u64,
    last_went_first: bool,
}

impl<T> Line<T> {
    /// An empty line. `last_went_first` tells of the latest call.
    #[must_use]
    pub const fn new(last_went_first: bool) -> Self {
        Self { firsts: VecDeque::new(), others: VecDeque::new(), entered: 0, last_went_first }
    }

    /// Lets somebody in, behind everybody.
    pub fn enter(&mut self, who: T, goes_first: bool) {
        let place = (self.entered, who);
        self.entered += 1;
        if goes_first { self.firsts.push_back(place) } else { self.others.push_back(place) }
    }

    /// Calls whoever is next.
    pub fn call(&mut self) -> Option<T> {
        let longest_is_first = match (self.firsts.front(), self.others.front()) {
            (Some((first, _)), Some((other, _))) => first < other,
            (first, _) => first.is_some(),
        };
        let from_firsts = match turn(self.last_went_first, !self.firsts.is_empty()) {
            Turn::First => true,
            Turn::Longest => longest_is_first,
        };
        let (_, who) = if from_firsts { self.firsts.pop_front() } else { self.others.pop_front() }?;
        self.last_went_first = from_firsts;
        Some(who)
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.firsts.len() + self.others.len()
    }

    /// Nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What somebody at a counter does with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketVerb {
    /// Calls it again.
    Recall,
    /// The person has come to the counter.
    Serve,
    /// Nobody came.
    NoShow,
    /// The person was helped.
    Finish,
    /// Lays it aside: the person fetches something and comes back.
    Hold,
    /// Lets others go first: it waits again behind everybody.
    Skip,
    /// Sends it to another queue or counter.
    Transfer,
    /// Lets somebody who missed the call, or was laid aside, wait again.
    Restore,
    /// Calls this number, whoever is next.
    CallNumber,
}

/// Whose a ticket is, as a counter sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// This counter's.
    Mine,
    /// Another counter's.
    Other,
}

/// Why a verb does not fit a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerbRefused {
    /// It is not in a state for that.
    State,
    /// Another counter has it.
    Taken,
    /// It must be called again before it may be given up.
    CallAgain,
}

/// Returns the state of a ticket after a verb. `calls` were made so far; `calls_min` are to be made before nobody came.
///
/// # Errors
/// When the verb does not fit.
pub fn after(
    verb: TicketVerb,
    state: TicketState,
    holder: Holder,
    calls: u32,
    calls_min: u32,
) -> Result<TicketState, VerbRefused> {
    use TicketState as S;
    use TicketVerb as V;
    match (verb, state) {
        (V::Recall | V::CallNumber, S::NoShow) | (V::CallNumber, S::Waiting | S::Held) => Ok(S::Called),
        (V::Restore, S::NoShow | S::Held) => Ok(S::Waiting),
        (_, S::Called | S::Serving) if holder == Holder::Other => Err(VerbRefused::Taken),
        (V::Recall, S::Called | S::Serving) => Ok(state),
        (V::Serve, S::Called | S::Serving) => Ok(S::Serving),
        (V::Finish, S::Called | S::Serving) => Ok(S::Done),
        (V::Hold, S::Called | S::Serving) => Ok(S::Held),
        (V::Skip, S::Called) | (V::Transfer, S::Called | S::Serving) => Ok(S::Waiting),
        (V::NoShow, S::Called) if calls < calls_min => Err(VerbRefused::CallAgain),
        (V::NoShow, S::Called | S::Serving) => Ok(S::NoShow),
        _ => Err(VerbRefused::State),
    }
}

/// What a counter does right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskState {
    /// It calls.
    Open,
    /// It will be back.
    Break,
    /// Nobody works there.
    Closed,
}

impl DeskState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Break, Self::Closed];

    /// Returns the stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Break => "break",
            Self::Closed => "closed",
        }
    }

    /// Returns the words for screens.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Open => "Buka",
            Self::Break => "Istirahat",
            Self::Closed => "Tutup",
        }
    }
}

/// A word that is no state of a counter, or names no queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a counter is open, break or closed, and serves verification, pickup or both")]
pub struct UnknownDesk;

impl FromStr for DeskState {
    type Err = UnknownDesk;

    fn from_str(text: &str) -> Result<Self, UnknownDesk> {
        Self::ALL.into_iter().find(|state| state.key() == text).ok_or(UnknownDesk)
    }
}

/// The queues a counter may call from: at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Queue>", into = "Vec<Queue>")]
pub struct Skills(BTreeSet<Queue>);

impl Skills {
    /// Tells whether the counter may call from a queue.
    #[must_use]
    pub fn has(&self, queue: Queue) -> bool {
        self.0.contains(&queue)
    }

    /// Returns the queues in their order.
    pub fn queues(&self) -> impl Iterator<Item = Queue> + '_ {
        self.0.iter().copied()
    }
}

impl Default for Skills {
    fn default() -> Self {
        Self(Queue::ALL.into_iter().collect())
    }
}

impl TryFrom<Vec<Queue>> for Skills {
    type Error = UnknownDesk;

    fn try_from(queues: Vec<Queue>) -> Result<Self, UnknownDesk> {
        let queues: BTreeSet<Queue> = queues.into_iter().collect();
        if queues.is_empty() { Err(UnknownDesk) } else { Ok(Self(queues)) }
    }
}

impl From<Skills> for Vec<Queue> {
    fn from(skills: Skills) -> Self {
        skills.0.into_iter().collect()
    }
}

impl fmt::Display for Skills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.queues().map(Queue::key).collect();
        f.write_str(&keys.join(","))
    }
}

impl FromStr for Skills {
    type Err = UnknownDesk;

    fn from_str(text: &str) -> Result<Self, UnknownDesk> {
        let queues = text.split(',').map(|key| key.parse().map_err(|_| UnknownDesk)).collect::<Result<Vec<_>, _>>()?;
        Self::try_from(queues)
    }
}

/// A counter that was found silent is asked once more after this time, in seconds: a clock that jumped ahead makes every
/// counter look silent until its next report.
pub const LOST_AFTER_S: i64 = 60;

/// What to do with a ticket at a counter, by the signs of life of that counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// The counter lives.
    Keep,
    /// It has been silent for too long: look again.
    Suspect,
    /// It is gone: the ticket goes back to its queue.
    GiveBack,
}

/// Judges a ticket at a counter that gave its last sign of life at `sign`, and was found silent before at `lost_at`.
#[must_use]
pub fn watch(sign: Timestamp, lost_at: Option<Timestamp>, lease: SignedDuration, now: Timestamp) -> Watch {
    if now.duration_since(sign) <= lease {
        return Watch::Keep;
    }
    match lost_at {
        Some(lost_at) if now.duration_since(lost_at).as_secs() >= LOST_AFTER_S => Watch::GiveBack,
        _ => Watch::Suspect,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever comes, whenever it comes, and whatever it claims: nobody waits for more calls than was promised.
        #[test]
        fn nobody_waits_longer_than_the_bound(
            events in proptest::collection::vec((0_u8..5, any::<bool>()), 0..400), before in any::<bool>()
        ) {
            let mut line = Line::new(before);
            let (mut calls, mut limits) = (0, Vec::new());
            let rest = std::iter::repeat_n((9, false), events.len());
            for (event, goes_first) in events.into_iter().chain(rest) {
                if event < 3 {
                    limits.push(calls + calls_until(line.len()));
                    line.enter(limits.len() - 1, goes_first);
                } else if let Some(who) = line.call() {
                    calls += 1;
                    prop_assert!(calls <= limits[who], "call {}, promised by {}", calls, limits[who]);
                }
            }
            prop_assert!(line.is_empty());
        }

        /// Of two calls in a row one takes whoever has waited longest: what the bound rests on.
        #[test]
        fn one_call_of_two_takes_the_longest_wait(
            waiting in proptest::collection::vec(any::<bool>(), 2..60), before in any::<bool>()
        ) {
            let mut line = Line::new(before);
            waiting.iter().enumerate().for_each(|(who, goes_first)| line.enter(who, *goes_first));
            let mut left: BTreeSet<usize> = (0..waiting.len()).collect();
            let mut took_longest = true;
            while let Some(who) = line.call() {
                let longest = left.first().copied();
                left.remove(&who);
                let takes_longest = longest == Some(who);
                prop_assert!(took_longest || takes_longest);
                took_longest = takes_longest;
            }
        }
    }

    #[test]
    fn the_bound_is_reached() {
        let mut line = Line::new(false);
        (0..2).for_each(|who| line.enter(who, false));
        (2..10).for_each(|who| line.enter(who, true));
        let calls: Vec<usize> = std::iter::from_fn(|| line.call()).collect();
        assert_eq!(calls.iter().position(|who| *who == 1), Some(calls_until(1) - 1), "{calls:?}");
    }

    #[test]
    fn a_verb_fits_its_states_and_its_counter() {
        use TicketState as S;
        use TicketVerb as V;
        let mine = |verb, state| after(verb, state, Holder::Mine, 1, 3);
        assert_eq!(mine(V::NoShow, S::Called), Err(VerbRefused::CallAgain));
        assert_eq!(after(V::NoShow, S::Called, Holder::Mine, 3, 3), Ok(S::NoShow));
        assert_eq!(mine(V::Hold, S::Serving), Ok(S::Held));
        assert_eq!(mine(V::CallNumber, S::Held), Ok(S::Called));
        assert_eq!(after(V::CallNumber, S::Called, Holder::Other, 1, 3), Err(VerbRefused::Taken));
        assert_eq!(after(V::Restore, S::NoShow, Holder::Other, 3, 3), Ok(S::Waiting));
        for verb in [V::Recall, V::Serve, V::NoShow, V::Finish, V::Hold, V::Skip, V::Transfer, V::Restore] {
            for state in [S::Done, S::Expired] {
                assert_eq!(mine(verb, state), Err(VerbRefused::State));
            }
            if verb != V::Restore {
                assert_eq!(after(verb, S::Serving, Holder::Other, 9, 3), Err(VerbRefused::Taken), "{verb:?}");
            }
        }
    }

    #[test]
    fn a_clock_that_jumps_ahead_takes_no_ticket_from_a_counter_that_lives() {
        let at = |minute: i64| Timestamp::from_second(1_795_400_000 + minute * 60).expect("in range");
        let lease = SignedDuration::from_mins(15);
        assert_eq!(watch(at(0), None, lease, at(15)), Watch::Keep);
        assert_eq!(watch(at(0), None, lease, at(600)), Watch::Suspect, "ten hours in one step");
        assert_eq!(watch(at(600), Some(at(600)), lease, at(601)), Watch::Keep, "it reports by the new clock");
        assert_eq!(watch(at(0), Some(at(600)), lease, at(601)), Watch::GiveBack);
        assert_eq!(watch(at(600), Some(at(600)), lease, at(0)), Watch::Keep, "and back again");
    }

    #[test]
    fn skills_read_back_and_are_never_empty() {
        for text in ["verification", "pickup", "verification,pickup"] {
            assert_eq!(text.parse::<Skills>().map(|skills| skills.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "all", "verification,"] {
            assert!(wrong.parse::<Skills>().is_err(), "{wrong}");
        }
        assert!(Skills::try_from(Vec::new()).is_err());
    }
}

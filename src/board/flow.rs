//! The decisions of the board: the last good hall stays, with its age; every new call sounds once.

use jiff::Timestamp;

use crate::domain::office::Zone;
use crate::wire::queue::Hall;

/// What a board is told once.
#[derive(Debug, Clone)]
pub struct BoardFacts {
    /// Name of the office.
    pub office: String,
    /// The office's clock.
    pub zone: Zone,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum BoardEvent {
    /// The hub told how the hall is.
    HallChanged(Box<Hall>),
    /// Whether the loudspeaker is simulated became known.
    SimulationKnown(bool),
    /// A second passed.
    Ticked,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardEffect {
    /// Sound the chime once.
    Chime,
}

/// The board's state.
#[derive(Debug)]
pub struct BoardFlow {
    pub(super) facts: BoardFacts,
    pub(super) now: Timestamp,
    pub(super) hall: Option<Hall>,
    /// Seconds since the hub last answered, counted by ticks: a clock that jumps ages nothing.
    pub(super) age_s: u32,
    pub(super) simulated: bool,
}

impl BoardFlow {
    /// Starts with nothing known.
    #[must_use]
    pub const fn new(facts: BoardFacts, now: Timestamp) -> Self {
        Self { facts, now, hall: None, age_s: 0, simulated: false }
    }

    /// Takes one event and says what is to be done.
    #[must_use]
    pub fn step(&mut self, event: BoardEvent, now: Timestamp) -> Vec<BoardEffect> {
        self.now = now;
        match event {
            BoardEvent::Ticked => self.age_s = self.age_s.saturating_add(1),
            BoardEvent::SimulationKnown(simulated) => self.simulated = simulated,
            BoardEvent::HallChanged(hall) => {
                let chime = self.is_new_call(&hall);
                self.age_s = 0;
                self.hall = Some(*hall);
                if chime {
                    return vec![BoardEffect::Chime];
                }
            }
        }
        Vec::new()
    }

    /// A board that is switched on in the middle of the day shows the last call and keeps silent.
    fn is_new_call(&self, hall: &Hall) -> bool {
        let Some(before) = &self.hall else { return false };
        // A new day counts from the beginning.
        let heard = if before.day == hall.day { before.call_serial } else { 0 };
        hall.call_serial > heard && !(hall.called.is_empty() && hall.last_calls.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::view::BoardView;
    use crate::domain::ids::TicketId;
    use crate::domain::ticket::{Queue, TicketState};
    use crate::wire::queue::TicketRow;

    fn at(seconds: i64) -> Timestamp {
        let start: Timestamp = "2026-11-23T01:42:00Z".parse().expect("a timestamp");
        Timestamp::from_second(start.as_second() + seconds).expect("in range")
    }

    fn row(number: &str, state: TicketState, serial: u64) -> TicketRow {
        TicketRow {
            ticket_id: TicketId::new(uuid::Uuid::from_u128(u128::from(serial))),
            number: number.parse().expect("a ticket"),
            queue: Queue::Verification,
            state,
            case_id: None,
            title: None,
            priority: None,
            since: at(0),
            counter: (serial > 0).then(|| "Loket 1".to_owned()),
            call_serial: (serial > 0).then_some(serial),
            version: 1,
            calls: 0,
            wait_minutes: None,
            aimed_at: None,
        }
    }

    fn hall(day: &str, serial: u64, calls: &[&str]) -> Box<Hall> {
        let last = |number: &&str| row(number, TicketState::Called, serial);
        Box::new(Hall {
            day: day.parse().expect("a date"),
            call_serial: serial,
            waiting: vec![row("A-009", TicketState::Waiting, 0)],
            called: calls.iter().take(1).map(last).collect(),
            last_calls: calls.iter().map(last).collect(),
            ready: vec!["A-001".parse().expect("a ticket")],
            printed: Vec::new(),
            stations: Vec::new(),
            wait_minutes: None,
            floor: crate::wire::hall::Floor::default(),
            at: at(0),
        })
    }

    fn board() -> BoardFlow {
        let facts = BoardFacts { office: "Kantor".to_owned(), zone: Zone::Wib };
        BoardFlow::new(facts, at(0))
    }

    fn view(flow: &BoardFlow) -> BoardView {
        flow.view()
    }

    #[test]
    fn each_new_call_sounds_once() {
        let mut board = board();
        let today = "2026-11-23";
        let mut heard = Vec::new();
        for (serial, calls) in [
            (3, vec!["A-003"]),
            (3, vec!["A-003"]),
            (4, vec!["A-004", "A-003"]),
            (4, vec!["A-004", "A-003"]),
            (5, vec!["A-004", "A-003"]),
        ] {
            heard.push(board.step(BoardEvent::HallChanged(hall(today, serial, &calls)), at(1)).len());
        }
        // The first is what was found at start; the last is a recall of the same number.
        assert_eq!(heard, [0, 0, 1, 0, 1]);
        assert_eq!(view(&board).call_serial, 5);
    }

    #[test]
    fn a_new_day_starts_anew() {
        let mut board = board();
        let _ = board.step(BoardEvent::HallChanged(hall("2026-11-23", 40, &["A-040"])), at(0));
        assert!(board.step(BoardEvent::HallChanged(hall("2026-11-24", 0, &[])), at(1)).is_empty());
        let view = view(&board);
        assert!(view.now.is_none() && view.last.is_empty());
        assert_eq!(board.step(BoardEvent::HallChanged(hall("2026-11-24", 1, &["A-001"])), at(2)), [BoardEffect::Chime]);
    }

    #[test]
    fn a_silent_hub_ages_the_last_good_state() {
        let mut board = board();
        let _ = board.step(BoardEvent::HallChanged(hall("2026-11-23", 2, &["A-002", "A-001"])), at(0));
        for second in 1..=30 {
            assert!(board.step(BoardEvent::Ticked, at(second)).is_empty());
        }
        let view = view(&board);
        assert_eq!(view.age_s, 30);
        assert_eq!(view.now.expect("still called").ticket, "A-002");
        assert_eq!(view.last.iter().map(|call| call.ticket.as_str()).collect::<Vec<_>>(), ["A-001"]);
        let _ = board.step(BoardEvent::HallChanged(hall("2026-11-23", 2, &["A-002"])), at(31));
        assert_eq!(board.view().age_s, 0);
    }

    #[test]
    fn nothing_known_and_no_sound_card_are_states() {
        let mut board = board();
        let _ = board.step(BoardEvent::SimulationKnown(true), at(0));
        let view = view(&board);
        assert!(view.now.is_none() && view.simulated && view.waiting_verification == 0);
        assert_eq!((view.clock.as_str(), view.date.as_str()), ("08.42", "Senin, 23 November 2026"));
    }
}

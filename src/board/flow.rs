//! The decisions of the board: the last good hall stays, with its age; every new call is read aloud once, one after the
//! other.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::announcer::Announcer;
use super::words;
use crate::config::{HallVolume, QuietHours};
use crate::domain::language::Language;
use crate::domain::office::Zone;
use crate::station::devices::DeviceState;
use crate::wire::queue::Hall;

/// What a board is told once.
#[derive(Debug, Clone)]
pub struct BoardFacts {
    /// Name of the office.
    pub office: String,
    /// The office's clock.
    pub zone: Zone,
    /// How calls are read aloud; none on a board without a loudspeaker.
    pub calls: Option<CallVoice>,
}

/// How calls are read aloud.
#[derive(Debug, Clone)]
pub struct CallVoice {
    /// In which languages, one after the other.
    pub languages: Vec<Language>,
    /// How loud.
    pub volume: HallVolume,
    /// When it is otherwise.
    pub quiet: Vec<QuietHours>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum BoardEvent {
    /// The hub told how the hall is.
    HallChanged(Box<Hall>),
    /// The loudspeaker told of itself.
    SpeakerKnown(DeviceState),
    /// What was to be said is said.
    Spoken,
    /// It was not heard, or not to its end.
    SpeechFailed,
    /// A second passed.
    Ticked,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardEffect {
    /// Read a call aloud.
    Say {
        /// The sentence; empty for the chime alone.
        text: String,
        /// Its language.
        language: Language,
        /// The chime comes first.
        chime: bool,
        /// How loud.
        volume: HallVolume,
    },
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
    pub(super) announcer: Announcer,
    /// Languages in which the present call is still to be said.
    rest: VecDeque<Language>,
}

impl BoardFlow {
    /// Starts with nothing known.
    #[must_use]
    pub fn new(facts: BoardFacts, now: Timestamp) -> Self {
        Self {
            facts,
            now,
            hall: None,
            age_s: 0,
            simulated: false,
            announcer: Announcer::default(),
            rest: VecDeque::new(),
        }
    }

    /// Takes one event and says what is to be done.
    #[must_use]
    pub fn step(&mut self, event: BoardEvent, now: Timestamp) -> Vec<BoardEffect> {
        self.now = now;
        match event {
            BoardEvent::Ticked => {
                self.age_s = self.age_s.saturating_add(1);
                self.announcer.tick();
            }
            BoardEvent::SpeakerKnown(state) => self.simulated = state.simulated,
            BoardEvent::Spoken => {
                if let Some(effect) = self.say_on(false) {
                    return vec![effect];
                }
                self.announcer.said();
            }
            BoardEvent::SpeechFailed => {
                self.rest.clear();
                self.announcer.failed();
            }
            BoardEvent::HallChanged(hall) => {
                self.announcer.take(&hall);
                self.age_s = 0;
                self.hall = Some(*hall);
            }
        }
        self.say_next().into_iter().collect()
    }

    /// The next call, if it is its turn.
    fn say_next(&mut self) -> Option<BoardEffect> {
        let Some(calls) = &self.facts.calls else {
            self.announcer.keep_silent();
            return None;
        };
        self.announcer.begin_next()?;
        self.rest = calls.languages.iter().copied().collect();
        self.say_on(true).or_else(|| Some(self.chime_alone()))
    }

    /// The present call in the next of its languages.
    fn say_on(&mut self, chime: bool) -> Option<BoardEffect> {
        let call = self.announcer.saying()?;
        let language = self.rest.pop_front()?;
        let text = words::call(call.form, call.number, call.queue, &call.counter, language);
        Some(BoardEffect::Say { text, language, chime, volume: self.volume() })
    }

    fn chime_alone(&self) -> BoardEffect {
        BoardEffect::Say { text: String::new(), language: Language::Indonesian, chime: true, volume: self.volume() }
    }

    /// How loud it is at this hour.
    fn volume(&self) -> HallVolume {
        let Some(calls) = &self.facts.calls else { return HallVolume::default() };
        let time = self.facts.zone.local(self.now).time();
        let quiet = calls.quiet.iter().find(|quiet| quiet.hours.contains(time));
        quiet.map_or(calls.volume, |quiet| quiet.volume)
    }
}

#[cfg(test)]
mod tests {
    use anjungan_hardware::Health;
    use proptest::prelude::*;

    use super::*;
    use crate::board::view::BoardView;
    use crate::domain::ids::TicketId;
    use crate::domain::ticket::{Queue, TicketState};
    use crate::wire::queue::TicketRow;

    const TODAY: &str = "2026-11-23";

    fn at(seconds: i64) -> Timestamp {
        let start: Timestamp = "2026-11-23T01:42:00Z".parse().expect("a timestamp");
        Timestamp::from_second(start.as_second() + seconds).expect("in range")
    }

    /// A ticket with its latest call; none has not been called.
    fn row(number: u16, state: TicketState, serial: Option<u64>) -> TicketRow {
        TicketRow {
            ticket_id: TicketId::new(uuid::Uuid::from_u128(u128::from(number))),
            number: format!("A-{number:03}").parse().expect("a ticket"),
            queue: Queue::Verification,
            state,
            case_id: None,
            title: None,
            priority: None,
            since: at(0),
            counter: serial.map(|_| "Loket 1".to_owned()),
            call_serial: serial,
            version: 1,
            // In these tests the first call of a number has its own serial.
            calls: serial.map_or(0, |serial| if serial == u64::from(number) { 1 } else { 2 }),
            wait_minutes: None,
            aimed_at: None,
        }
    }

    /// A hall with numbers that are called now, newest first, and the serials of their calls.
    fn hall(day: &str, called: &[(u16, u64)]) -> BoardEvent {
        let rows: Vec<_> =
            called.iter().map(|(number, serial)| row(*number, TicketState::Called, Some(*serial))).collect();
        BoardEvent::HallChanged(Box::new(Hall {
            day: day.parse().expect("a date"),
            call_serial: called.iter().map(|(_, serial)| *serial).max().unwrap_or(0),
            waiting: vec![row(900, TicketState::Waiting, None)],
            called: rows.clone(),
            last_calls: rows,
            ready: vec!["A-001".parse().expect("a ticket")],
            printed: Vec::new(),
            stations: Vec::new(),
            wait_minutes: None,
            floor: crate::wire::hall::Floor::default(),
            at: at(0),
        }))
    }

    fn board_with(languages: &[Language], quiet: &str) -> BoardFlow {
        #[derive(serde::Deserialize)]
        struct Quiet {
            #[serde(default)]
            quiet: Vec<QuietHours>,
        }
        let quiet = toml::from_str::<Quiet>(quiet).expect("quiet hours").quiet;
        let calls = CallVoice { languages: languages.to_vec(), volume: HallVolume::default(), quiet };
        let facts = BoardFacts { office: "Kantor".to_owned(), zone: Zone::Wib, calls: Some(calls) };
        BoardFlow::new(facts, at(0))
    }

    fn board() -> BoardFlow {
        board_with(&[Language::Indonesian], "")
    }

    fn view(flow: &BoardFlow) -> BoardView {
        flow.view()
    }

    fn said(effects: Vec<BoardEffect>) -> Vec<String> {
        effects.into_iter().map(|BoardEffect::Say { text, .. }| text).collect()
    }

    fn call(number: u16) -> Vec<String> {
        vec![format!("Nomor antrean A-{number:03}, silakan menuju loket satu.")]
    }

    #[test]
    fn calls_are_read_aloud_in_their_order_and_one_at_a_time() {
        let mut board = board();
        assert!(
            said(board.step(hall(TODAY, &[(3, 3)]), at(0))).is_empty(),
            "what was called before it began was heard"
        );
        assert_eq!(view(&board).now.expect("shown").ticket, "A-003");
        let both = || hall(TODAY, &[(5, 5), (4, 4), (3, 3)]);
        assert_eq!(said(board.step(both(), at(1))), call(4));
        assert_eq!(view(&board).now.expect("shown").ticket, "A-004", "what is heard is what is seen");
        assert!(said(board.step(both(), at(2))).is_empty(), "nothing overlaps");
        assert_eq!(said(board.step(BoardEvent::Spoken, at(6))), call(5));
        assert!(said(board.step(BoardEvent::Spoken, at(11))).is_empty());
        assert_eq!(view(&board).now.expect("shown").ticket, "A-005");
    }

    #[test]
    fn a_number_called_again_is_said_to_be_and_who_came_is_not_called() {
        let mut board = board();
        let _ = board.step(hall(TODAY, &[]), at(0));
        assert_eq!(said(board.step(hall(TODAY, &[(1, 1)]), at(1))), call(1));
        // Called again, and two more, while the first is still being said; one of the two comes before it is called.
        let _ = board.step(hall(TODAY, &[(1, 4), (3, 3), (2, 2)]), at(2));
        let _ = board.step(hall(TODAY, &[(1, 4), (2, 2)]), at(3));
        assert_eq!(said(board.step(BoardEvent::Spoken, at(6))), call(2));
        let again = "Panggilan ulang. Nomor antrean A-001, silakan menuju loket satu.";
        assert_eq!(said(board.step(BoardEvent::Spoken, at(9))), [again]);
        assert!(said(board.step(BoardEvent::Spoken, at(12))).is_empty());
    }

    #[test]
    fn a_new_day_starts_anew() {
        let mut board = board();
        let _ = board.step(hall(TODAY, &[(40, 40)]), at(0));
        assert!(board.step(hall("2026-11-24", &[]), at(1)).is_empty());
        let view = view(&board);
        assert!(view.now.is_none() && view.last.is_empty());
        assert_eq!(said(board.step(hall("2026-11-24", &[(1, 1)]), at(2))), call(1));
    }

    #[test]
    fn languages_follow_each_other_after_one_chime_and_the_hour_says_how_loud() {
        let mut board =
            board_with(&[Language::Indonesian, Language::Javanese], "[[quiet]]\nhours = \"08.00-09.00\"\nvolume = 2");
        let _ = board.step(hall(TODAY, &[]), at(0));
        let first = board.step(hall(TODAY, &[(1, 1)]), at(1));
        let second = board.step(BoardEvent::Spoken, at(5));
        let heard = |effects: &[BoardEffect]| {
            let [BoardEffect::Say { language, chime, volume, .. }] = effects else { panic!("{effects:?}") };
            (*language, *chime, volume.step())
        };
        assert_eq!(heard(&first), (Language::Indonesian, true, 2));
        assert_eq!(heard(&second), (Language::Javanese, false, 2));
        assert!(board.step(BoardEvent::Spoken, at(9)).is_empty());
        // 09.02.
        assert_eq!(heard(&board.step(hall(TODAY, &[(2, 2)]), at(1200))).2, 5);
        assert!(board_with(&[], "").step(hall(TODAY, &[]), at(0)).is_empty());
    }

    #[test]
    fn a_voice_that_fails_or_hangs_does_not_silence_the_hall() {
        let mut board = board();
        let _ = board.step(hall(TODAY, &[]), at(0));
        assert_eq!(said(board.step(hall(TODAY, &[(2, 2), (1, 1)]), at(1))), call(1));
        assert!(board.step(BoardEvent::SpeechFailed, at(2)).is_empty(), "the chime may be sounding");
        let _ = board.step(BoardEvent::Ticked, at(3));
        assert_eq!(said(board.step(BoardEvent::Ticked, at(4))), call(2));
        let _ = board.step(hall(TODAY, &[(3, 3), (2, 2)]), at(5));
        let mut later = Vec::new();
        for second in 0..30 {
            later.extend(said(board.step(BoardEvent::Ticked, at(5 + second))));
        }
        assert_eq!(later, call(3));
    }

    #[test]
    fn a_silent_hub_ages_the_last_good_state() {
        let mut board = board();
        let _ = board.step(hall(TODAY, &[(2, 2), (1, 1)]), at(0));
        for second in 1..=30 {
            assert!(board.step(BoardEvent::Ticked, at(second)).is_empty());
        }
        let view = view(&board);
        assert_eq!(view.age_s, 30);
        assert_eq!(view.now.expect("still called").ticket, "A-002");
        assert_eq!(view.last.iter().map(|call| call.ticket.as_str()).collect::<Vec<_>>(), ["A-001"]);
        let _ = board.step(hall(TODAY, &[(2, 2)]), at(31));
        assert_eq!(board.view().age_s, 0);
    }

    #[test]
    fn nothing_known_and_no_sound_card_are_states() {
        let mut board = board();
        let _ = board.step(BoardEvent::SpeakerKnown(DeviceState::of(Health::Ready, true)), at(0));
        let view = view(&board);
        assert!(view.now.is_none() && view.simulated && view.waiting_verification == 0);
        assert_eq!((view.clock.as_str(), view.date.as_str()), ("08.42", "Senin, 23 November 2026"));
        // Without a loudspeaker the latest call is shown at once.
        let mut silent = board;
        silent.facts.calls = None;
        let _ = silent.step(hall(TODAY, &[]), at(1));
        assert!(silent.step(hall(TODAY, &[(2, 2), (1, 1)]), at(2)).is_empty());
        assert_eq!(silent.view().now.expect("shown").ticket, "A-002");
    }

    proptest! {
        /// Whatever comes in whatever order: one at a time, each number's first call in the order of the calls.
        #[test]
        fn nothing_overlaps_and_no_open_call_is_forgotten(steps in prop::collection::vec((0_u8..4, 0_usize..6), 1..60)) {
            let mut board = board();
            let _ = board.step(hall(TODAY, &[]), at(0));
            let (mut open, mut serial, mut speaking): (Vec<(u16, u64)>, u64, bool) = (Vec::new(), 0, false);
            let mut heard: Vec<String> = Vec::new();
            let mut called: Vec<String> = Vec::new();
            let mut hear = |effects: Vec<BoardEffect>, speaking: &mut bool| {
                for text in said(effects) {
                    prop_assert!(!*speaking, "two at once");
                    *speaking = true;
                    heard.push(text);
                }
                Ok(())
            };
            for (second, (step, which)) in (1_i64..).zip(steps) {
                let event = match step {
                    0 if open.len() < 8 => {
                        serial += 1;
                        let number = u16::try_from(serial).expect("few calls");
                        open.insert(0, (number, serial));
                        called.extend(call(number));
                        hall(TODAY, &open)
                    }
                    1 if which < open.len() => {
                        serial += 1;
                        open[which].1 = serial;
                        open.sort_by_key(|(_, serial)| std::cmp::Reverse(*serial));
                        hall(TODAY, &open)
                    }
                    2 if speaking => {
                        speaking = false;
                        BoardEvent::Spoken
                    }
                    _ => hall(TODAY, &open),
                };
                hear(board.step(event, at(second)), &mut speaking)?;
            }
            while speaking {
                speaking = false;
                hear(board.step(BoardEvent::Spoken, at(100)), &mut speaking)?;
            }
            let first: Vec<_> = heard.iter().filter(|text| text.starts_with("Nomor")).cloned().collect();
            prop_assert_eq!(first.len(), called.len(), "each is called");
            for number in called {
                prop_assert!(first.contains(&number));
            }
        }
    }
}

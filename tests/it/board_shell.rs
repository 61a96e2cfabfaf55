//! The board over a real hub: calls are shown and sound once, a silent hub ages what is known.

use std::time::{Duration, Instant};

use anjungan::board::{BoardEvent, BoardProgram, BoardShell, BoardView};
use anjungan::config::Config;
use anjungan::domain::role::StationKind;
use anjungan::domain::ticket::Queue;
use anjungan::station::bridge::no_wake;
use anjungan::wire::queue::{CallNext, TicketWrite};
use anjungan_ui::BoardState;
use anjungan_ui::slint::ComponentHandle as _;

use crate::support::hub::TestHub;

const PATIENCE: Duration = Duration::from_secs(30);

fn config(hub: &TestHub) -> Config {
    let token = hub.station(StationKind::Board, "Papan 1");
    let text = format!(
        "[board]\nname = \"Papan 1\"\nhub = \"{}\"\ntoken = \"{token}\"\n[speaker]\nurl = \"none:\"\n",
        hub.base()
    );
    Config::parse(&text).unwrap()
}

fn until(shell: &mut BoardShell, what: &str, holds: impl Fn(&BoardView) -> bool) -> BoardView {
    let began = Instant::now();
    while !holds(&shell.view()) {
        assert!(began.elapsed() < PATIENCE, "not seen: {what}");
        shell.pump(Duration::from_millis(50));
    }
    shell.view()
}

#[test]
fn a_call_is_shown_and_sounds_once_and_a_recall_once_more() {
    let mut hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    let mut board = BoardShell::open(&config(&hub), hub.world.clone(), no_wake()).unwrap();
    let view = until(&mut board, "one waits", |view| view.waiting_verification == 1);
    assert!(view.now.is_none() && board.announced() == 0);
    let called = team
        .counter
        .call_next(&CallNext { request_id: hub.world.request_id(), queue: Queue::Verification })
        .unwrap()
        .ticket
        .expect("one waits");
    let view = until(&mut board, "the call", |view| view.now.is_some());
    let now = view.now.expect("a call");
    assert_eq!((now.ticket.as_str(), now.counter.as_str(), view.waiting_verification), ("A-001", "Loket 1", 0));
    assert_eq!(board.announced(), 1);
    team.counter.recall(called.ticket_id, &TicketWrite { request_id: hub.world.request_id(), version: None }).unwrap();
    until(&mut board, "the recall", |later| later.call_serial > view.call_serial);
    let began = Instant::now();
    while board.announced() < 2 {
        assert!(began.elapsed() < PATIENCE, "the recall is announced too");
        board.pump(Duration::from_millis(50));
    }
    assert_eq!(board.announced(), 2);
    hub.stop();
    for _ in 0..30 {
        board.handle(BoardEvent::Ticked);
    }
    let view = board.view();
    assert!(view.age_s >= 30 && view.now.is_some(), "the last good state stays, with its age");
}

#[test]
fn the_window_shows_the_hall() {
    i_slint_backend_testing::init_no_event_loop();
    let hub = TestHub::start();
    let team = hub.team();
    hub.deliver(&team.kiosk, 1);
    let mut board = BoardProgram::open(&config(&hub), hub.world.clone(), no_wake()).unwrap();
    let began = Instant::now();
    // The hall and the loudspeaker tell of themselves in any order.
    let told = |state: &BoardState<'_>| state.get_waiting_verification() == 1 && state.get_simulated();
    while !told(&board.window().global::<BoardState<'_>>()) {
        assert!(began.elapsed() < PATIENCE);
        board.pump(Duration::from_millis(50));
    }
    let state = board.window().global::<BoardState<'_>>();
    assert!(!state.get_has_call() && state.get_simulated() && !state.get_preview_mode());
    assert_eq!(state.get_clock(), "09.00");
}

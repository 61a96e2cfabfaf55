//! The states of the counter, and what a fault must do in each.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anjungan::counter::{CaseMode, CounterEvent, CounterScreen, CounterView, HandoverPhase};
use anjungan::domain::device::DeviceKind;
use anjungan_hardware::Health;
use anjungan_hardware::ektp_reader::CardFault;

use crate::lane::{Lane, PATIENCE};
use crate::report::Times;

/// Somebody else's card; invented.
const STRANGER: &str = "3315134101909002";
/// What reaches a program that does nothing about it has reached it by then.
const SETTLE: Duration = Duration::from_millis(300);

/// Every place an officer or a fault can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Login,
    Desk,
    Verify,
    Return,
    Receive,
    WaitCard,
    Matched,
    Mismatch,
    Unreadable,
    Fallback,
}

impl State {
    pub const ALL: [Self; 10] = [
        Self::Login,
        Self::Desk,
        Self::Verify,
        Self::Return,
        Self::Receive,
        Self::WaitCard,
        Self::Matched,
        Self::Mismatch,
        Self::Unreadable,
        Self::Fallback,
    ];
}

/// The faults of the table that a counter can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    Q1,
    Q2,
    Q3,
}

impl Fault {
    pub const ALL: [Self; 9] =
        [Self::R1, Self::R2, Self::R3, Self::R4, Self::R5, Self::R6, Self::Q1, Self::Q2, Self::Q3];

    /// Whether the fault can be met there: a card fails only where one is asked for, and is forgotten only where none is.
    pub fn meets(self, state: State) -> bool {
        match self {
            Self::R2 | Self::R3 => state == State::WaitCard,
            Self::R4 => matches!(state, State::Login | State::Desk | State::Verify | State::Return | State::Receive),
            Self::R6 => state == State::Matched,
            _ => true,
        }
    }
}

pub fn run(lane: &mut Lane, fault: Fault, state: State) -> Times {
    go(lane, state);
    let times = match fault {
        Fault::R1 => reader_away(lane),
        Fault::R2 => card_pulled(lane),
        Fault::R3 => card_mute(lane),
        Fault::R4 => card_forgotten(lane),
        Fault::R5 => reader_talks_nonsense(lane),
        Fault::R6 => card_swapped(lane),
        Fault::Q1 | Fault::Q2 => hostile_codes(lane, fault),
        Fault::Q3 => scanner_away(lane),
    };
    // What was open is still there, and the officer finishes.
    lane.take_card();
    lane.counter_home();
    hand_over_again(lane);
    times
}

/// The open case can still be brought to its handover: the card is read, the officer could press the button.
fn hand_over_again(lane: &mut Lane) {
    go(lane, State::Matched);
    lane.take_card();
    lane.counter_home();
}

fn go(lane: &mut Lane, state: State) {
    lane.take_card();
    lane.counter_home();
    let (submitted, printed, received) = {
        let text = |sample: &crate::support::hub::Sample| sample.token.qr_text(None);
        (text(&lane.cases.submitted), text(&lane.cases.printed), text(&lane.cases.received))
    };
    match state {
        State::Login => {
            lane.counter.handle(CounterEvent::LogOutAsked);
            lane.counter_until("the login", |_, view| view.screen == CounterScreen::Login);
        }
        State::Desk => {}
        State::Verify | State::Return => {
            lane.open_case(submitted);
            assert_eq!(lane.counter.view().mode, CaseMode::Verify);
            if state == State::Return {
                lane.counter.handle(CounterEvent::ReturnStarted);
                assert!(lane.counter.view().return_panel);
            }
        }
        State::Receive => {
            lane.open_case(printed);
            assert_eq!(lane.counter.view().mode, CaseMode::Receive);
        }
        State::WaitCard => {
            lane.open_case(received);
            lane.counter_until("the wait for a card", |_, view| view.handover == HandoverPhase::WaitCard);
        }
        State::Matched => {
            go(lane, State::WaitCard);
            let own = lane.cases.received.submission.applicant.as_str().to_owned();
            lane.lay_card(&own, None);
            lane.counter_until("the match", |_, view| view.handover == HandoverPhase::Matched);
        }
        State::Mismatch => {
            go(lane, State::WaitCard);
            lane.lay_card(STRANGER, None);
            lane.counter_until("the mismatch", |_, view| view.handover == HandoverPhase::Mismatch && !view.busy);
        }
        State::Unreadable => {
            go(lane, State::WaitCard);
            lane.lay_card(STRANGER, Some(CardFault::Unreadable));
            lane.counter_until("the unreadable card", |_, view| view.handover == HandoverPhase::Unreadable);
        }
        State::Fallback => {
            go(lane, State::WaitCard);
            lane.counter.handle(CounterEvent::FallbackStarted);
            lane.counter_until("the other ways", |_, view| view.handover == HandoverPhase::Fallback);
        }
    }
}

fn reader_is(lane: &mut Lane, what: &str, health: impl Fn(Health) -> bool) -> Duration {
    lane.counter_until(what, |lane, _| lane.counter_health(DeviceKind::EktpReader).is_some_and(&health))
}

/// Staff read what is wrong and what to do.
fn assert_told(lane: &Lane, device: DeviceKind) {
    let view = lane.counter.view();
    let told = view.devices.iter().any(|line| line.title == device.title() && !line.works && !line.fix.is_empty());
    assert!(told, "staff read what to do: {:?}", view.devices);
}

/// Nothing of the case was lost or moved by the fault.
fn assert_same_case(before: &CounterView, after: &CounterView) {
    assert_eq!((before.screen, before.has_case, &before.ticket), (after.screen, after.has_case, &after.ticket));
    assert_eq!(before.return_panel, after.return_panel);
}

/// R1: no reader. Another way is offered where a card is wanted.
fn reader_away(lane: &mut Lane) -> Times {
    let before = lane.counter.view();
    let wanted = before.handover == HandoverPhase::WaitCard && before.mode == CaseMode::HandOver;
    lane.stop_reader();
    let seen = reader_is(lane, "the reader away", |health| !health.is_usable());
    assert_told(lane, DeviceKind::EktpReader);
    assert_same_case(&before, &lane.counter.view());
    if wanted {
        lane.counter_until("the word to the officer", |_, view| view.failure.code == "READER-NOT-READY");
        lane.counter.handle(CounterEvent::FailureDismissed);
        lane.counter.handle(CounterEvent::FallbackStarted);
        lane.counter_until("another way", |_, view| view.handover == HandoverPhase::Fallback);
    }
    lane.start_reader();
    let recovered = reader_is(lane, "the reader back", |health| health == Health::Ready);
    Times { seen: Some(seen), recovered: Some(recovered) }
}

/// R2: the card leaves while it is read.
fn card_pulled(lane: &mut Lane) -> Times {
    let began = Instant::now();
    lane.lay_card(STRANGER, Some(CardFault::RemovedMidRead));
    lane.counter_until("lay it down once more", |_, view| {
        view.handover == HandoverPhase::WaitCard && view.notice.contains("sekali lagi")
    });
    let seen = began.elapsed();
    let own = lane.cases.received.submission.applicant.as_str().to_owned();
    let began = Instant::now();
    lane.lay_card(&own, None);
    lane.counter_until("the match", |_, view| view.handover == HandoverPhase::Matched);
    Times { seen: Some(seen), recovered: Some(began.elapsed()) }
}

/// R3: a card that says nothing readable; another way is offered.
fn card_mute(lane: &mut Lane) -> Times {
    let began = Instant::now();
    lane.lay_card(STRANGER, Some(CardFault::Unreadable));
    lane.counter_until("the unreadable card", |_, view| view.handover == HandoverPhase::Unreadable);
    let seen = began.elapsed();
    lane.counter.handle(CounterEvent::FallbackStarted);
    lane.counter_until("another way", |_, view| {
        view.handover == HandoverPhase::Fallback && view.fallbacks.iter().any(|row| row.key != "retry")
    });
    Times { seen: Some(seen), recovered: None }
}

/// R4: a card is left behind; staff are reminded until it is taken.
fn card_forgotten(lane: &mut Lane) -> Times {
    lane.lay_card(STRANGER, None);
    // It is nobody's fault yet: the reminder comes when it has lain for a while.
    let known = |lane: &Lane, _: &CounterView| lane.counter.card_lies_there();
    lane.counter_until("the card to be noticed", known);
    lane.pass_ms(11_000);
    lane.counter_until("the reminder", |_, view| view.card_forgotten);
    lane.take_card();
    let recovered = lane.counter_until("the end of the reminder", |_, view| !view.card_forgotten);
    Times { seen: None, recovered: Some(recovered) }
}

/// R5: bytes that are no answer, more than fits, and half of one.
fn reader_talks_nonsense(lane: &mut Lane) -> Times {
    let before = lane.counter.view();
    lane.stop_reader();
    let listener = lane.listen_as_reader();
    listener.set_nonblocking(true).expect("a listener");
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let nonsense = thread::spawn(move || {
        let lines: [&[u8]; 4] =
            [b"{\"id\":1,\"result\":\n", b"\x90\x00\xff\xff\n", &[b'x'; 40_000], b"{\"id\":1,\"result\":\"ok\"}\n"];
        let mut at = 0;
        while !stopped.load(Ordering::Relaxed) {
            let Ok((mut stream, _)) = listener.accept() else {
                thread::sleep(Duration::from_millis(5));
                continue;
            };
            let _ = stream.set_nonblocking(false);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(lines[at % lines.len()]);
            at += 1;
        }
    });
    let seen = reader_is(lane, "the nonsense", |health| !health.is_usable());
    assert_told(lane, DeviceKind::EktpReader);
    let view = lane.counter.view();
    assert_same_case(&before, &view);
    assert_ne!(view.handover, HandoverPhase::Committing);
    stop.store(true, Ordering::Relaxed);
    nonsense.join().expect("the nonsense ends");
    lane.start_reader();
    let recovered = reader_is(lane, "the reader back", |health| health == Health::Ready);
    Times { seen: Some(seen), recovered: Some(recovered) }
}

/// R6: the card is swapped between the match and the handover: the step is refused, and the hub writes it down.
fn card_swapped(lane: &mut Lane) -> Times {
    let refused =
        |lane: &Lane| crate::support::office::journal_text(&lane.hub.data()).matches("handover_refused").count();
    let before = refused(lane);
    // The match alone is no look between readings: the reader must have told which card lies there.
    lane.counter_until("the card to be noticed", |lane, _| lane.counter.card_lies_there());
    let began = Instant::now();
    lane.lay_card(STRANGER, None);
    lane.counter_until("the swapped card", |_, view| view.handover == HandoverPhase::Mismatch && !view.busy);
    let seen = began.elapsed();
    lane.counter.handle(CounterEvent::HandOverAsked);
    assert_eq!(lane.counter.view().handover, HandoverPhase::Mismatch, "nothing is handed over against it");
    let began = Instant::now();
    while refused(lane) == before {
        assert!(began.elapsed() < PATIENCE, "the journal does not know of the swapped card");
        lane.counter.pump(Duration::from_millis(10));
    }
    Times { seen: Some(seen), recovered: None }
}

fn hostile_codes(lane: &mut Lane, fault: Fault) -> Times {
    let before = lane.counter.view();
    let scanner = lane.counter_qr.as_mut().expect("a scanner");
    if fault == Fault::Q1 {
        for code in [&b"\x1b[2J'; DROP TABLE item; --\r"[..], b"\xff\xfe\x00\r", b"https://example.test/s/%00%ff\r"] {
            scanner.raw(code).expect("the scanner sends");
        }
        scanner.scan(&"7".repeat(4_000)).expect("the scanner sends");
    } else {
        for number in 0..50 {
            scanner.scan(if number == 25 { "ANJ1:BUKANSLIP" } else { "bukan slip" }).expect("the scanner sends");
        }
    }
    let began = Instant::now();
    let mut seen = None;
    if before.screen == CounterScreen::Desk {
        lane.counter_until("the refusal", |_, view| view.failure.visible);
        seen = Some(began.elapsed());
    }
    while began.elapsed() < SETTLE {
        lane.counter.pump(Duration::from_millis(5));
    }
    lane.counter_until("the last answer", |_, view| !view.busy);
    assert_same_case(&before, &lane.counter.view());
    Times { seen, recovered: None }
}

/// Q3: no scanner. A code can be typed.
fn scanner_away(lane: &mut Lane) -> Times {
    let before = lane.counter.view();
    lane.plug_counter_qr(false);
    let seen = lane.counter_until("the scanner away", |lane, _| {
        lane.counter_health(DeviceKind::QrScanner) == Some(Health::NotReachable)
    });
    assert_told(lane, DeviceKind::QrScanner);
    assert_same_case(&before, &lane.counter.view());
    if before.screen == CounterScreen::Desk {
        let code = lane.cases.submitted.token.manual_code().to_string();
        lane.counter.handle(CounterEvent::ReturnCancelled);
        lane.open_case(code);
    }
    lane.plug_counter_qr(true);
    let recovered = lane
        .counter_until("the scanner back", |lane, _| lane.counter_health(DeviceKind::QrScanner) == Some(Health::Ready));
    Times { seen: Some(seen), recovered: Some(recovered) }
}

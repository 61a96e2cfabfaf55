//! What the hall hears: a board's calls through the real speech program into a real sound server, recorded and compared
//! with what each call must sound like. `ANJUNGAN_HALL_CALLS` asks for more calls than a test has time for.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anjungan::board::words::{CallForm, call};
use anjungan::board::{BoardEvent, BoardShell};
use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::domain::ids::TicketId;
use anjungan::domain::language::Language;
use anjungan::domain::ticket::{Queue, TicketState};
use anjungan::station::bridge::no_wake;
use anjungan::station::devices::CHIME;
use anjungan::station::voice::spoken;
use anjungan::wire::queue::{Hall, TicketRow};

use crate::voice::sound_server::{RATE, Recorder, Server, own_program};
use crate::voice::support::PATIENCE;

const CHILD: &str = "ANJUNGAN_TEST_HALL_CHILD";
const CALLS: &str = "ANJUNGAN_HALL_CALLS";
/// Rate of chime and speech.
const SOURCE_RATE: usize = 22_050;
/// What is softer is silence.
const SILENCE: u16 = 40;
/// Longest silence between an announcement and the next chime.
const GAP_MAX: usize = RATE * 3 / 2;
/// And the shortest.
const GAP_MIN: usize = RATE * 2 / 5;
/// How alike a recording and what it should be are, 0 to 1. Other numbers give less; a dropout of a sound server on a
/// busy machine takes some of it.
const ALIKE_MIN: f64 = 0.6;

fn calls() -> u16 {
    env::var(CALLS).ok().and_then(|calls| calls.parse().ok()).unwrap_or(4)
}

fn counter(number: u16) -> String {
    format!("Loket {}", number * 7 % 12 + 1)
}

/// Numbers that differ in every digit.
fn ticket(number: u16) -> anjungan::domain::ticket::TicketNumber {
    let series = ['A', 'K', 'R', 'S', 'L'][usize::from(number) % 5];
    format!("{series}-{:03}", u32::from(number) * 137 % 999 + 1).parse().unwrap()
}

fn row(number: u16) -> TicketRow {
    TicketRow {
        ticket_id: TicketId::new(uuid::Uuid::from_u128(u128::from(number))),
        number: ticket(number),
        queue: Queue::Verification,
        state: TicketState::Called,
        case_id: None,
        title: None,
        priority: None,
        since: World::system().now(),
        counter: Some(counter(number)),
        call_serial: Some(u64::from(number)),
        version: 1,
        calls: 1,
        wait_minutes: None,
        aimed_at: None,
    }
}

/// The hall after calls up to a number; the last three are still called.
fn hall(last: u16) -> BoardEvent {
    let called: Vec<_> = (1..=last).rev().take(3).map(row).collect();
    BoardEvent::HallChanged(Box::new(Hall {
        day: "2026-11-23".parse().unwrap(),
        call_serial: u64::from(last),
        waiting: Vec::new(),
        last_calls: called.clone(),
        called,
        ready: Vec::new(),
        printed: Vec::new(),
        stations: Vec::new(),
        wait_minutes: None,
        floor: anjungan::wire::hall::Floor::default(),
        at: World::system().now(),
    }))
}

/// Not a test of its own: the board that the test below starts. Two counters call at once, again and again.
#[test]
fn the_board_of_the_test_here() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let config =
        "[board]\nname = \"Papan\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"x\"\n[speaker]\nurl = \"default:\"\n";
    let mut board = BoardShell::open(&Config::parse(config).unwrap(), World::system(), no_wake()).unwrap();
    board.handle(hall(0));
    let mut called = 0;
    let began = Instant::now();
    loop {
        board.pump(Duration::from_millis(20));
        if board.is_quiet() {
            if called == calls() {
                break;
            }
            called = (called + 2).min(calls());
            board.handle(hall(called));
        }
        assert!(began.elapsed() < Duration::from_secs(20) * u32::from(calls()) + PATIENCE);
    }
    writeln!(std::io::stdout(), "\nall said: {}", board.announced()).unwrap();
}

/// At the recorder's rate, without what it does not record.
fn resampled(samples: &[i16]) -> Vec<f64> {
    let smooth: Vec<f64> =
        samples.windows(3).map(|three| three.iter().map(|sample| f64::from(*sample)).sum::<f64>() / 3.0).collect();
    let length = smooth.len() * RATE / SOURCE_RATE;
    let at = |index: usize| {
        let place = index as f64 * SOURCE_RATE as f64 / RATE as f64;
        let (whole, part) = (place.floor(), place.fract());
        let one = smooth[whole as usize];
        one + (smooth.get(whole as usize + 1).unwrap_or(&one) - one) * part
    };
    (0..length).map(at).collect()
}

fn samples(wav: &[u8]) -> Vec<i16> {
    wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// What the speech program makes of a call.
fn speech(number: u16) -> Vec<f64> {
    let text = call(CallForm::First, ticket(number), Queue::Verification, &counter(number), Language::Indonesian);
    let mut program = Command::new("espeak-ng")
        .args(["--stdin", "--stdout", "-b", "1", "-z", "-v", "id", "-s", "155"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(spoken(&text, Language::Indonesian).as_bytes()).unwrap();
    trimmed(&resampled(&samples(&program.wait_with_output().unwrap().stdout)))
}

/// Without the silence before and behind.
fn trimmed(sound: &[f64]) -> Vec<f64> {
    let loud = |sample: &f64| sample.abs() > f64::from(SILENCE);
    let first = sound.iter().position(loud).unwrap_or(0);
    let last = sound.iter().rposition(loud).map_or(0, |last| last + 1);
    sound.get(first..last).unwrap_or_default().to_vec()
}

/// How alike two sounds are at the best of a few shifts, 0 to 1.
fn alike(one: &[f64], other: &[f64]) -> f64 {
    let energy = |sound: &[f64]| sound.iter().map(|sample| sample * sample).sum::<f64>();
    let whole = (energy(one) * energy(other)).sqrt().max(1.0);
    let shifted = |shift: isize| {
        let (from_one, from_other) = (shift.max(0).unsigned_abs(), (-shift).max(0).unsigned_abs());
        let pairs = one.iter().skip(from_one).zip(other.iter().skip(from_other));
        pairs.map(|(one, other)| one * other).sum::<f64>() / whole
    };
    (-120..=120).map(shifted).fold(0.0, f64::max)
}

/// Where chimes begin: after silence, and like the chime.
fn chimes(heard: &[f64], chime: &[f64]) -> Vec<usize> {
    let head = &chime[..RATE / 2];
    let loud = |sample: &f64| sample.abs() > f64::from(SILENCE);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = heard[at..].iter().position(loud).map(|next| at + next) {
        let part = &heard[next..(next + head.len()).min(heard.len())];
        if alike(part, head) > ALIKE_MIN {
            found.push(next);
            at = (next + chime.len()).min(heard.len());
        } else {
            // On to the next sound behind a little silence.
            let mut quiet = 0;
            at = next;
            while at < heard.len() && quiet < RATE / 20 {
                quiet = if loud(&heard[at]) { 0 } else { quiet + 1 };
                at += 1;
            }
        }
    }
    found
}

#[test]
fn every_call_is_heard_whole_in_order_and_alone() {
    let server = Server::start();
    let recorder = Recorder::start(&server);
    let mut board = own_program(&server.config())
        .args(["--exact", "hall_voice::the_board_of_the_test_here", "--nocapture"])
        .env(CHILD, "1")
        .spawn()
        .unwrap();
    let answers = BufReader::new(board.stdout.take().unwrap());
    let said = answers.lines().map_while(Result::ok).find(|line| line.starts_with("all said: "));
    assert_eq!(said, Some(format!("all said: {}", calls())));
    let heard: Vec<f64> = recorder.hears_the_end().into_iter().map(f64::from).collect();
    board.wait().unwrap();

    let chime = trimmed(&resampled(&samples(CHIME)));
    let begins = chimes(&heard, &chime);
    assert_eq!(begins.len(), usize::from(calls()), "one chime a call");
    let expected: Vec<_> = (1..=calls()).map(|number| (number, speech(number))).collect();
    let (mut worst, mut longest_gap) = (1.0_f64, 0);
    for (at, (number, own)) in expected.iter().enumerate() {
        let end = begins.get(at + 1).copied().unwrap_or(heard.len());
        let words = trimmed(&heard[begins[at] + chime.len() + RATE / 100..end]);
        let likeness = alike(&words, own);
        worst = worst.min(likeness);
        let other = expected.iter().filter(|(other, _)| other != number);
        let next_best = other.map(|(_, other)| alike(&words, other)).fold(0.0, f64::max);
        assert!(likeness > ALIKE_MIN && likeness > next_best, "call {number}: {likeness:.2}, another {next_best:.2}");
        let (length, own_length) = (words.len(), own.len());
        assert!(length.abs_diff(own_length) < RATE / 10, "call {number} is cut: {length} of {own_length} samples");
        let loudness = |sound: &[f64]| (sound.iter().map(|s| s * s).sum::<f64>() / sound.len() as f64).sqrt();
        let level = 20.0 * (loudness(&words) / loudness(own)).log10();
        assert!(level.abs() < 3.0, "call {number} is {level:.1} dB louder than it should be");
        if at + 1 < begins.len() {
            let gap = heard[..end].iter().rev().take_while(|sample| sample.abs() <= f64::from(SILENCE)).count();
            longest_gap = longest_gap.max(gap);
            assert!(gap > GAP_MIN, "the next chime begins {gap} samples behind call {number}");
        }
    }
    assert!(longest_gap < GAP_MAX, "{longest_gap} samples of silence between two calls");
    println!(
        "{} calls heard: right number each, likeness at least {worst:.2}, longest silence between two {:.2} s",
        calls(),
        longest_gap as f64 / RATE as f64
    );
}

//! How soon the voice is heard after it is told to speak, and how soon it is silent after it is told to be. Run by
//! `make bench`.
//!
//! The real speech program, our speaker, and PulseAudio with a null sink whose monitor is recorded. What is measured goes
//! from the order to the moment the recorder has the sound, so the recorder's own 20 ms are in it. The voice is in a
//! process of its own, because ALSA reads its configuration from the environment.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anjungan::domain::language::Language;
use anjungan::station::bridge::{inbox, no_wake};
use anjungan::station::voice::{Pace, Utterance, Voice, VoiceConfig, VoiceEvent, Volume};

#[allow(dead_code)]
#[path = "../hardware/tests/it/sound_server.rs"]
mod sound_server;
#[allow(dead_code)]
#[path = "../hardware/tests/it/support.rs"]
mod support;

use sound_server::{Recorder, Server, own_program};

const ROUNDS: usize = 30;
const SOUND_WITHIN: Duration = Duration::from_millis(300);
const SILENCE_WITHIN: Duration = Duration::from_millis(100);
/// The sound after a silence is louder than this from its first consonant on.
const LOUD: u16 = 100;
/// What is not heard by then will not be.
const UNHEARD_AFTER: Duration = Duration::from_secs(5);
/// No pause between two words is as long.
const SILENT_FOR: Duration = Duration::from_millis(600);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// The program of the voice, among the arguments of this one.
const VOICE: &str = "--voice";

fn main() -> ExitCode {
    if std::env::args().any(|word| word == VOICE) {
        speak();
        return ExitCode::SUCCESS;
    }
    let server = Server::start();
    let long = "Silakan siapkan kartu keluarga yang lama dan akta kelahiran anak. ".repeat(22);
    let texts = [("a digit", "3"), ("a ticket", "Nomor antrean A-001."), ("1,450 characters", long.as_str())];
    println!("| text | rounds | sound p50 | sound p95 | longest | silence p50 | silence p95 | longest |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut late = false;
    for (name, text) in texts {
        let (sound, silence) = measure(&server, text);
        println!(
            "| {name} | {ROUNDS} | {} | {} | {} | {} | {} | {} |",
            ms(&sound, 50),
            ms(&sound, 95),
            ms(&sound, 100),
            ms(&silence, 50),
            ms(&silence, 95),
            ms(&silence, 100)
        );
        late |= at(&sound, 95) > SOUND_WITHIN || at(&silence, 95) > SILENCE_WITHIN;
    }
    println!("\naim: sound within {SOUND_WITHIN:?}, silence within {SILENCE_WITHIN:?}, 95 of 100 times");
    if late {
        println!("FAILED: the voice is late");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Times from `say` to sound and from `hush` to silence, sorted.
fn measure(server: &Server, text: &str) -> (Vec<Duration>, Vec<Duration>) {
    let mut child = own_program(&server.config()).arg(VOICE).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready.trim(), "Ready", "the voice cannot be heard");
    let mut orders = child.stdin.take().unwrap();
    let recorder = Recorder::start(server);
    let (mut sound, mut silence) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        quiet(&recorder);
        let ordered = Instant::now();
        writeln!(orders, "say {text}").unwrap();
        sound.push(loud(&recorder) - ordered);
        // The middle of the first word; a digit is over by itself soon after.
        thread::sleep(Duration::from_millis(150));
        let ordered = Instant::now();
        writeln!(orders, "hush").unwrap();
        silence.push(quiet(&recorder).saturating_duration_since(ordered));
    }
    drop(orders);
    child.wait().unwrap();
    sound.sort();
    silence.sort();
    (sound, silence)
}

/// What was heard after the first `from` samples.
fn since(recorder: &Recorder, from: usize) -> Vec<i16> {
    recorder.samples().get(from..).unwrap_or_default().to_vec()
}

/// Waits for a sound that begins after now.
fn loud(recorder: &Recorder) -> Instant {
    let (from, began) = (recorder.samples().len(), Instant::now());
    while !since(recorder, from).iter().any(|sample| sample.unsigned_abs() > LOUD) && began.elapsed() < UNHEARD_AFTER {
        thread::sleep(LOOK_EVERY);
    }
    Instant::now()
}

/// Waits until it has been silent for a while, and gives when that began.
fn quiet(recorder: &Recorder) -> Instant {
    let mut seen = recorder.samples().len();
    let began = Instant::now();
    let mut last = began;
    while last.elapsed() < SILENT_FOR && began.elapsed() < UNHEARD_AFTER {
        thread::sleep(LOOK_EVERY);
        let new = since(recorder, seen);
        seen += new.len();
        if new.iter().any(|sample| sample.unsigned_abs() > LOUD) {
            last = Instant::now();
        }
    }
    last
}

fn speak() {
    let (sender, events) = inbox(no_wake());
    let voice = Voice::start(VoiceConfig::on("default:"), sender).unwrap();
    if let Some(VoiceEvent::State(state)) = events.next(Duration::from_secs(20)) {
        println!("{:?}", state.health);
    }
    for line in std::io::stdin().lines() {
        while events.try_next().is_some() {}
        match line.unwrap().split_once(' ') {
            Some(("say", text)) => {
                voice.say(Utterance {
                    text: text.to_owned(),
                    language: Language::Indonesian,
                    pace: Pace::Normal,
                    volume: Volume::default(),
                    chime: false,
                });
            }
            _ => voice.hush(),
        }
    }
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

fn ms(sorted: &[Duration], percent: usize) -> String {
    format!("{} ms", at(sorted, percent).as_millis())
}

//! The kiosk's voice: the real speech program into a real sound server, and what happens without either.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};

use anjungan::domain::language::Language;
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::voice::{Pace, Utterance, Voice, VoiceConfig, VoiceEvent, Volume};
use anjungan_hardware::Health;
use tempfile::TempDir;

#[allow(dead_code)]
#[path = "../../hardware/tests/it/sound_server.rs"]
pub mod sound_server;
#[allow(dead_code)]
#[path = "../../hardware/tests/it/support.rs"]
pub mod support;

use sound_server::{RATE, Recorder, Server, own_program};
use support::PATIENCE;

const CHILD: &str = "ANJUNGAN_TEST_VOICE_CHILD";

fn utterance(text: &str) -> Utterance {
    Utterance {
        text: text.to_owned(),
        language: Language::Indonesian,
        pace: Pace::Normal,
        volume: Volume::default(),
        chime: false,
    }
}

fn start(program: impl Into<PathBuf>, speaker: &str) -> (Voice, Inbox<VoiceEvent>) {
    let (sender, events) = inbox(no_wake());
    let config = VoiceConfig { program: program.into(), ..VoiceConfig::on(speaker) };
    (Voice::start(config, sender).unwrap(), events)
}

/// The next event that is not a state.
fn outcome(events: &Inbox<VoiceEvent>) -> VoiceEvent {
    loop {
        match events.next(PATIENCE).expect("an event of the voice") {
            VoiceEvent::State(_) => {}
            event => return event,
        }
    }
}

fn health(events: &Inbox<VoiceEvent>) -> Health {
    match events.next(PATIENCE).expect("an event of the voice") {
        VoiceEvent::State(state) => state.health,
        other => panic!("{other:?} in the place of a state"),
    }
}

/// A program of a few words in a folder of its own.
fn program(folder: &Path, words: &str) -> PathBuf {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.join("speech");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o755).open(&path).unwrap();
    write!(file, "#!/bin/sh\n{words}\n").unwrap();
    path
}

#[test]
fn without_a_sound_on_purpose_everything_is_spoken() {
    let (voice, events) = start("espeak-ng", "none:");
    assert_eq!(health(&events), Health::Ready);
    let id = voice.say(utterance("Selamat datang"));
    assert_eq!(outcome(&events), VoiceEvent::Spoken(id));
    let id = voice.say(utterance(" \n✓ "));
    assert_eq!(outcome(&events), VoiceEvent::Spoken(id));
}

#[test]
fn a_program_that_is_missing_or_broken_is_a_state_and_not_a_crash() {
    let folder = TempDir::new().unwrap();
    let (voice, events) = start(folder.path().join("nothing"), "none:");
    assert_eq!(health(&events), Health::NotReachable);
    let id = voice.say(utterance("Selamat datang"));
    assert_eq!(outcome(&events), VoiceEvent::Failed(id, Health::NotReachable));

    // It knows no language, and what it makes is no sound.
    let (voice, events) = start(program(folder.path(), "echo hello"), "none:");
    assert_eq!(health(&events), Health::Damaged);
    let id = voice.say(utterance("Selamat datang"));
    assert_eq!(outcome(&events), VoiceEvent::Failed(id, Health::Damaged));

    // It ends badly.
    let (voice, events) = start(program(folder.path(), "exit 3"), "none:");
    assert_eq!(health(&events), Health::Damaged);
    let id = voice.say(utterance("Selamat datang"));
    assert_eq!(outcome(&events), VoiceEvent::Failed(id, Health::Damaged));
}

#[test]
fn a_program_that_hangs_does_not_keep_the_next_words_from_being_said() {
    let folder = TempDir::new().unwrap();
    let once = folder.path().join("once");
    // Hangs with the first text and speaks the second.
    let words = format!(
        "case \"$*\" in *voices*) exec espeak-ng \"$@\";; esac\n\
         if [ -e {0} ]; then exec espeak-ng \"$@\"; fi\ntouch {0}; exec sleep 600",
        once.display()
    );
    let (voice, events) = start(program(folder.path(), &words), "none:");
    assert_eq!(health(&events), Health::Ready);
    voice.say(utterance("Satu"));
    support::eventually("the hanging program", || once.exists().then_some(()));
    let second = voice.say(utterance("Dua"));
    assert_eq!(outcome(&events), VoiceEvent::Spoken(second));
}

/// Our voice in a process of its own, because ALSA reads its configuration from the environment.
struct Speaker {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Speaker {
    fn start(config: &Path) -> Self {
        let mut process = own_program(config)
            .args(["--exact", "voice::the_child_of_the_tests_here", "--nocapture"])
            .env(CHILD, "1")
            .spawn()
            .unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, orders, answers }
    }

    fn order(&mut self, line: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next thing the voice tells.
    fn tells(&mut self) -> String {
        let mut answer = String::new();
        loop {
            answer.clear();
            assert_ne!(self.answers.read_line(&mut answer).unwrap(), 0, "the voice ended");
            if let Some((_, answer)) = answer.split_once("tells: ") {
                return answer.trim().to_owned();
            }
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test of its own: the process that [`Speaker`] starts. It does nothing else.
#[test]
fn the_child_of_the_tests_here() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let (voice, events) = start("espeak-ng", "default:");
    std::thread::spawn(move || {
        while let Some(event) = events.next(10 * PATIENCE) {
            // Straight to the pipe: what a test prints may be held back.
            let mut out = std::io::stdout().lock();
            let told = match event {
                VoiceEvent::State(state) => format!("{:?}", state.health),
                other => format!("{other:?}"),
            };
            writeln!(out, "\ntells: {told}").unwrap();
            out.flush().unwrap();
        }
    });
    for line in std::io::stdin().lines() {
        match line.unwrap().split_once(' ') {
            Some(("say", text)) => {
                voice.say(utterance(text));
            }
            _ => voice.hush(),
        }
    }
}

#[test]
fn a_text_is_heard_to_its_end_and_then_told() {
    let server = Server::start();
    let mut speaker = Speaker::start(&server.config());
    assert_eq!(speaker.tells(), "Ready");
    let recorder = Recorder::start(&server);
    speaker.order("say Nomor antrean A-001. Silakan menuju loket dua.");
    recorder.hears_something();
    assert_eq!(speaker.tells(), "Spoken(UtteranceId(0))");
    let heard = recorder.hears_the_end();
    // espeak-ng needs about four seconds for it.
    let sounding = heard.iter().filter(|sample| sample.unsigned_abs() > 30).count();
    assert!(sounding > RATE, "only {sounding} samples were heard");
}

#[test]
fn hush_and_new_words_end_what_is_being_said() {
    let server = Server::start();
    let mut speaker = Speaker::start(&server.config());
    assert_eq!(speaker.tells(), "Ready");
    let recorder = Recorder::start(&server);
    let long = "say ".to_owned() + &"Silakan siapkan kartu keluarga yang lama. ".repeat(30);
    speaker.order(&long);
    recorder.hears_something();
    speaker.order("hush");
    let heard = recorder.hears_the_end();
    // The whole text lasts more than a minute.
    let sounding = |heard: &[i16]| heard.iter().filter(|sample| sample.unsigned_abs() > 30).count();
    assert!(sounding(&heard) < 15 * RATE, "{} samples were heard", sounding(&heard));
    drop(recorder);
    let recorder = Recorder::start(&server);
    speaker.order(&long);
    recorder.hears_something();
    speaker.order("say Selesai.");
    // Neither of the long ones is told.
    assert_eq!(speaker.tells(), "Spoken(UtteranceId(2))");
    let heard = recorder.hears_the_end();
    assert!(sounding(&heard) < 15 * RATE, "{} samples were heard", sounding(&heard));
}

#[test]
fn no_sound_card_is_a_state() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("asound.conf");
    std::fs::write(&config, "pcm.!default { type hw card 7 }\nctl.!default { type hw card 7 }\n").unwrap();
    let mut speaker = Speaker::start(&config);
    assert_eq!(speaker.tells(), "NotReachable");
    speaker.order("say Selamat datang");
    assert_eq!(speaker.tells(), "Failed(UtteranceId(0), NotReachable)");
}

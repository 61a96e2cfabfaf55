//! The speaker through ALSA into a real sound server, and what was heard there.
//!
//! Our side runs in a child process (this test binary again), because ALSA reads its configuration from the environment.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anjungan_hardware::{Health, SoundStream, Speaker, open_speaker};
use tempfile::TempDir;

use crate::sound_server::{RATE, Recorder, Server, own_program};
use crate::support::{eventually, url};

/// The part of a sound that is looked for at once. Longer, and the clocks of player and recorder drift apart.
const WINDOW: usize = RATE / 4;

const CHILD: &str = "ANJUNGAN_TEST_SPEAKER_CHILD";

/// Our speaker in a process of its own.
struct Player {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Player {
    /// `config` is ALSA's.
    fn start(config: &Path) -> Self {
        let mut process = own_program(config)
            .args(["--exact", "speaker_peer::the_child_of_the_tests_here", "--nocapture"])
            .env(CHILD, "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, orders, answers }
    }

    fn order(&mut self, line: &str) -> String {
        writeln!(self.orders.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        loop {
            answer.clear();
            assert_ne!(self.answers.read_line(&mut answer).unwrap(), 0, "the player ended at: {line}");
            // The test harness of the child talks, too.
            if let Some((_, answer)) = answer.split_once("answer: ") {
                return answer.trim().to_owned();
            }
        }
    }

    fn play(&mut self, sound: &Path) {
        assert_eq!(self.order(&format!("play {}", sound.display())), "ok");
    }

    /// Ends it and gives what it wrote to standard error.
    fn end(mut self) -> String {
        drop(self.orders.take());
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.process.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test of its own: the process that [`Player`] starts. It does nothing else.
#[test]
fn the_child_of_the_tests_here() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let mut speaker = open_speaker(&url("default")).unwrap();
    let mut stream = None;
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (order, path) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = obey(speaker.as_mut(), &mut stream, order, path);
        // Straight to the pipe: what a test prints may be held back.
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nanswer: {answer}").unwrap();
        out.flush().unwrap();
    }
}

fn obey(speaker: &mut dyn Speaker, stream: &mut Option<SoundStream>, order: &str, path: &str) -> String {
    match order {
        "stream" => match speaker.stream(RATE as u32) {
            Ok(opened) => {
                *stream = Some(opened);
                "ok".into()
            }
            Err(error) => format!("{:?}", error.kind()),
        },
        "write" => match stream.as_mut().unwrap().write(load(path)) {
            Ok(()) => "ok".into(),
            Err(error) => format!("{:?}", error.kind()),
        },
        "close" => {
            *stream = None;
            "ok".into()
        }
        "below" => {
            speaker.set_volume(path.parse().unwrap());
            "ok".into()
        }
        "play" => match speaker.play(&fs::read(path).unwrap()) {
            Ok(()) => "ok".into(),
            Err(error) => format!("{:?}", error.kind()),
        },
        "stop" => {
            speaker.stop();
            "ok".into()
        }
        "playing" => speaker.is_playing().to_string(),
        _ => format!("{:?}", speaker.health()),
    }
}

/// A melody without repetition: tones of 30 ms whose pitch is drawn from `seed`.
fn melody(seed: u32, seconds: usize) -> Vec<i16> {
    let mut chance = seed;
    let (mut phase, mut step) = (0.0_f32, 0.0_f32);
    (0..seconds * RATE)
        .map(|at| {
            if at % (RATE * 3 / 100) == 0 {
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                step = (150.0 + (chance >> 16) as f32 % 500.0) / RATE as f32;
            }
            phase = (phase + step).fract();
            ((phase * std::f32::consts::TAU).sin() * 12_000.0) as i16
        })
        .collect()
}

fn save(folder: &Path, name: &str, samples: &[i16]) -> PathBuf {
    let size = 2 * samples.len() as u32;
    let mut wav = [&b"RIFF"[..], &(36 + size).to_le_bytes(), b"WAVEfmt ", &16_u32.to_le_bytes()].concat();
    wav.extend([1_u16, 1].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend([RATE as u32, 2 * RATE as u32].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend([2_u16, 16].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend(b"data");
    wav.extend(size.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    let path = folder.join(name);
    fs::write(&path, wav).unwrap();
    path
}

/// The samples of a sound that [`save`] wrote.
fn load(path: &str) -> Vec<i16> {
    let wav = fs::read(path).unwrap();
    wav[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Where in `heard` the `part` is most alike, and how much (1 is the same but for loudness).
fn find(part: &[i16], heard: &[i16]) -> (usize, f64) {
    let part: Vec<f32> = part.iter().map(|sample| f32::from(*sample)).collect();
    let heard: Vec<f32> = heard.iter().map(|sample| f32::from(*sample)).collect();
    let energy = |samples: &[f32]| samples.iter().map(|sample| sample * sample).sum::<f32>();
    let own = energy(&part);
    let mut best = (0, 0.0_f64);
    for (at, window) in heard.windows(part.len()).enumerate() {
        // Most of a recording is silence, and nothing is like silence.
        if window[0] == 0.0 && window[part.len() / 2] == 0.0 {
            continue;
        }
        let product: f32 = window.iter().zip(&part).map(|(a, b)| a * b).sum();
        if product <= 0.0 {
            continue;
        }
        let alike = f64::from(product / (own * energy(window)).sqrt().max(1.0));
        if alike > best.1 {
            best = (at, alike);
        }
    }
    best
}

/// Where a sound begins in a recording. An error unless every part of it is heard at its place.
fn begins(sound: &[i16], heard: &[i16]) -> Result<usize, String> {
    let (first, alike) = find(&sound[WINDOW..2 * WINDOW], heard);
    if alike < 0.9 {
        return Err(format!("the sound is not heard: {alike:.2}"));
    }
    for (at, part) in sound.chunks_exact(WINDOW).enumerate() {
        let expected = (first + at * WINDOW).saturating_sub(WINDOW);
        // The clocks differ by a fraction of a percent.
        let near = expected.saturating_sub(200);
        let (_, alike) = find(part, heard.get(near..expected + WINDOW + 200).unwrap_or_default());
        if alike < 0.9 {
            return Err(format!("part {at} is not heard at its place: {alike:.2}"));
        }
    }
    Ok(first.saturating_sub(WINDOW))
}

/// Tries a few times: on a busy machine the sound server itself now and then has a gap.
fn within_attempts<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let mut tries = 0;
    loop {
        match attempt() {
            Ok(found) => return found,
            Err(why) if tries == 4 => panic!("five times in a row: {why}"),
            Err(_) => tries += 1,
        }
    }
}

fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}

#[test]
fn sounds_are_heard_whole_and_in_order() {
    let server = Server::start();
    let folder = server.folder();
    let (first, second, other) = (melody(1, 2), melody(2, 1), melody(3, 1));
    let paths = [save(folder, "first.wav", &first), save(folder, "second.wav", &second)];
    let mut player = Player::start(&server.config());
    assert_eq!(player.order("health"), "Ready");
    let heard = within_attempts(|| {
        let recorder = Recorder::start(&server);
        eventually("nothing to play", || (player.order("playing") == "false").then_some(()));
        for path in &paths {
            player.play(path);
        }
        assert_eq!(player.order("playing"), "true");
        recorder.hears_something();
        let heard = recorder.hears_the_end();
        assert!(loudness(&heard) > 100.0);
        let (start, next) = (begins(&first, &heard)?, begins(&second, &heard)?);
        // Without a gap and without a cut.
        if next.abs_diff(start + first.len()) < RATE / 20 { Ok(heard) } else { Err(format!("{start} then {next}")) }
    });
    // The measure knows another sound.
    let (_, alike) = find(&other[..WINDOW], &heard);
    assert!(alike < 0.6, "{alike}");
    player.end();
}

#[test]
fn stop_is_silence_and_the_next_sound_is_heard() {
    let server = Server::start();
    let folder = server.folder();
    let (long, queued, next) = (melody(4, 20), melody(5, 5), melody(6, 1));
    let paths = [save(folder, "long.wav", &long), save(folder, "queued.wav", &queued)];
    let recorder = Recorder::start(&server);
    let mut player = Player::start(&server.config());
    for path in &paths {
        player.play(path);
    }
    recorder.hears_something();
    player.order("stop");
    let heard = recorder.hears_the_end();
    assert_eq!(player.order("playing"), "false");
    let sounding = heard.iter().filter(|sample| sample.unsigned_abs() > 300).count();
    assert!(sounding < long.len() / 2, "{sounding} samples were heard");
    drop(recorder);
    let path = save(folder, "next.wav", &next);
    within_attempts(|| hear_one(&server, &mut player, &path, &next));
    player.end();
}

#[test]
fn a_stream_is_heard_while_it_comes_and_stops_at_once() {
    let server = Server::start();
    let folder = server.folder();
    let (first, second, long) = (melody(10, 1), melody(11, 1), melody(12, 20));
    let paths = [("1", &first), ("2", &second), ("3", &long)].map(|(name, sound)| save(folder, name, sound));
    let write = |at: usize| format!("write {}", paths[at].display());
    let mut player = Player::start(&server.config());
    within_attempts(|| {
        let recorder = Recorder::start(&server);
        assert_eq!(player.order("stream"), "ok");
        assert_eq!(player.order(&write(0)), "ok");
        // The first part is heard before the second is there; between them is silence.
        recorder.hears_something();
        recorder.hears_the_end();
        // On a busy machine the sound server itself now and then breaks a stream.
        if player.order("playing") != "true" || player.order(&write(1)) != "ok" {
            return Err("the card was lost".to_owned());
        }
        player.order("close");
        eventually("the end of the stream", || (player.order("playing") == "false").then_some(()));
        let heard = recorder.hears_the_end();
        let (start, next) = (begins(&first, &heard)?, begins(&second, &heard)?);
        if next >= start + first.len() { Ok(()) } else { Err(format!("{start} then {next}")) }
    });
    let recorder = Recorder::start(&server);
    player.order("stream");
    player.order(&write(2));
    recorder.hears_something();
    player.order("stop");
    assert_eq!(player.order("playing"), "false");
    let heard = recorder.hears_the_end();
    let sounding = heard.iter().filter(|sample| sample.unsigned_abs() > 300).count();
    assert!(sounding < long.len() / 2, "{sounding} samples were heard");
    eventually("the end of the stream", || (player.order(&write(0)) == "Cancelled").then_some(()));
    player.end();
}

#[test]
fn the_volume_changes_what_is_playing_and_what_comes() {
    let server = Server::start();
    let sound = save(server.folder(), "sound.wav", &melody(13, 20));
    let mut player = Player::start(&server.config());
    player.play(&sound);
    let peak = |player: &mut Player, below: &str| {
        player.order(&format!("below {below}"));
        let recorder = Recorder::start(&server);
        let heard = eventually("a second of sound", || {
            let samples = recorder.samples();
            // What was on its way when the volume changed does not count.
            samples.get(RATE / 2..RATE).map(<[i16]>::to_vec)
        });
        heard.iter().map(|sample| f64::from(sample.unsigned_abs())).fold(0.0, f64::max)
    };
    let full = peak(&mut player, "0");
    let half = peak(&mut player, "6");
    player.order("stop");
    player.play(&sound);
    let still_half = peak(&mut player, "6");
    let again = peak(&mut player, "0");
    for (quiet, loud) in [(half, full), (still_half, again)] {
        let db = 20.0 * (loud / quiet).log10();
        assert!((5.0..7.0).contains(&db), "{db} dB between {quiet} and {loud}");
    }
    player.end();
}

fn hear_one(server: &Server, player: &mut Player, path: &Path, sound: &[i16]) -> Result<usize, String> {
    let recorder = Recorder::start(server);
    player.play(path);
    recorder.hears_something();
    begins(sound, &recorder.hears_the_end())
}

#[test]
fn a_sound_server_that_dies_is_a_state_until_it_is_back() {
    let mut server = Server::start();
    let folder = server.folder().to_owned();
    let (long, after) = (melody(7, 20), melody(8, 1));
    let (long, path) = (save(&folder, "long.wav", &long), save(&folder, "after.wav", &after));
    let mut player = Player::start(&server.config());
    player.play(&long);
    server.die();
    eventually("the loss", || (player.order("health") == format!("{:?}", Health::NotReachable)).then_some(()));
    assert_eq!(player.order(&format!("play {}", path.display())), "NotReachable");
    assert_eq!(player.order("playing"), "false");
    server.come_back();
    eventually("the return", || (player.order("health") == "Ready").then_some(()));
    within_attempts(|| hear_one(&server, &mut player, &path, &after));
    player.end();
}

#[test]
fn no_sound_card_is_a_state_and_is_not_shouted_about() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("asound.conf");
    fs::write(&config, "pcm.!default { type hw card 7 }\nctl.!default { type hw card 7 }\n").unwrap();
    let sound = save(folder.path(), "sound.wav", &melody(9, 1));
    let mut player = Player::start(&config);
    for _ in 0..3 {
        assert_eq!(player.order("health"), "NotReachable");
        assert_eq!(player.order(&format!("play {}", sound.display())), "NotReachable");
        assert_eq!(player.order("playing"), "false");
        player.order("stop");
    }
    let said = player.end();
    assert!(!said.contains("ALSA"), "{said}");
}

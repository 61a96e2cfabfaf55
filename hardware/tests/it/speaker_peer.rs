//! The speaker through ALSA into a real sound server, and what was heard there.
//!
//! The server is PulseAudio with a null sink and a socket of its own; `parec` records its monitor. Our side runs in a
//! child process (this test binary again), because ALSA reads its configuration from the environment.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use anjungan_hardware::{Health, Speaker, open_speaker};
use tempfile::TempDir;

use crate::support::{eventually, url};

/// Samples a second of everything here: little to search through, and enough for tones below 700 Hz, of which half a
/// sample (the player and the recorder do not count from the same moment) is a small part.
const RATE: usize = 8000;
/// The part of a sound that is looked for at once. Longer, and the clocks of player and recorder drift apart.
const WINDOW: usize = RATE / 4;

const CHILD: &str = "ANJUNGAN_TEST_SPEAKER_CHILD";

struct Server {
    folder: TempDir,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let config = format!(
            "pcm.!default {{ type pulse server \"{0}\" }}\nctl.!default {{ type pulse server \"{0}\" }}\n",
            Self::address(folder.path())
        );
        fs::write(folder.path().join("asound.conf"), config).unwrap();
        let process = Self::launch(folder.path());
        let server = Self { folder, process };
        server.is_up();
        server
    }

    fn launch(folder: &Path) -> Child {
        Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"])
            .arg("-L")
            .arg(format!(
                "module-native-protocol-unix socket={} auth-anonymous=1 auth-cookie-enabled=0",
                folder.join("native").display()
            ))
            .args(["-L", "module-null-sink sink_name=kiosk rate=48000"])
            .envs([("HOME", folder), ("XDG_RUNTIME_DIR", folder), ("XDG_CONFIG_HOME", folder)])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pulseaudio is missing; install the Debian packages pulseaudio and libasound2-plugins")
    }

    fn address(folder: &Path) -> String {
        format!("unix:{}", folder.join("native").display())
    }

    fn is_up(&self) {
        eventually("the sound server", || self.pactl(&["info"]).then_some(()));
    }

    fn pactl(&self, arguments: &[&str]) -> bool {
        let asked = Command::new("pactl")
            .args(arguments)
            .env("PULSE_SERVER", Self::address(self.folder.path()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.expect("pactl is missing; install the Debian package pulseaudio-utils").success()
    }

    fn die(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let _ = fs::remove_file(self.folder.path().join("native"));
    }

    fn come_back(&mut self) {
        self.process = Self::launch(self.folder.path());
        self.is_up();
    }
}

/// What is heard at the sink, from now on.
struct Recorder {
    process: Child,
    samples: Arc<Mutex<Vec<i16>>>,
}

impl Recorder {
    fn start(server: &Server) -> Self {
        let mut process = Command::new("parec")
            .args(["--device=kiosk.monitor", "--raw", "--format=s16le", "--channels=1", "--latency-msec=20"])
            .arg(format!("--rate={RATE}"))
            .env("PULSE_SERVER", Server::address(server.folder.path()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("parec is missing; install the Debian package pulseaudio-utils");
        let mut sound = process.stdout.take().unwrap();
        let samples = Arc::<Mutex<Vec<i16>>>::default();
        let heard = Arc::clone(&samples);
        thread::spawn(move || {
            let mut buffer = [0; 1600];
            while sound.read_exact(&mut buffer).is_ok() {
                let new = buffer.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                heard.lock().unwrap().extend(new);
            }
        });
        let recorder = Self { process, samples };
        eventually("the recorder", || (!recorder.samples().is_empty()).then_some(()));
        recorder
    }

    fn samples(&self) -> Vec<i16> {
        self.samples.lock().unwrap().clone()
    }

    /// Waits until a tenth of a second of sound was heard.
    fn hears_something(&self) {
        eventually("a sound", || {
            let samples = self.samples();
            (samples.iter().filter(|sample| sample.unsigned_abs() > 300).count() > RATE / 10).then_some(())
        });
    }

    /// Waits until the end of the recording has been silent for a quarter of a second, and gives all of it.
    fn hears_the_end(&self) -> Vec<i16> {
        eventually("silence", || {
            let samples = self.samples();
            let end = samples.len().saturating_sub(WINDOW);
            samples[end..].iter().all(|sample| sample.unsigned_abs() < 30).then_some(samples)
        })
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Our speaker in a process of its own.
struct Player {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Player {
    /// `config` is ALSA's.
    fn start(config: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "speaker_peer::the_child_of_the_tests_here", "--nocapture"])
            .env(CHILD, "1")
            .env("ALSA_CONFIG_PATH", format!("/usr/share/alsa/alsa.conf:{}", config.display()))
            .env_remove("PULSE_SERVER")
            .env("HOME", config.parent().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
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
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (order, path) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = obey(speaker.as_mut(), order, path);
        // Straight to the pipe: what a test prints may be held back.
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nanswer: {answer}").unwrap();
        out.flush().unwrap();
    }
}

fn obey(speaker: &mut dyn Speaker, order: &str, path: &str) -> String {
    match order {
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
    let folder = server.folder.path();
    let (first, second, other) = (melody(1, 2), melody(2, 1), melody(3, 1));
    let paths = [save(folder, "first.wav", &first), save(folder, "second.wav", &second)];
    let mut player = Player::start(&folder.join("asound.conf"));
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
    let folder = server.folder.path();
    let (long, queued, next) = (melody(4, 20), melody(5, 5), melody(6, 1));
    let paths = [save(folder, "long.wav", &long), save(folder, "queued.wav", &queued)];
    let recorder = Recorder::start(&server);
    let mut player = Player::start(&folder.join("asound.conf"));
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

fn hear_one(server: &Server, player: &mut Player, path: &Path, sound: &[i16]) -> Result<usize, String> {
    let recorder = Recorder::start(server);
    player.play(path);
    recorder.hears_something();
    begins(sound, &recorder.hears_the_end())
}

#[test]
fn a_sound_server_that_dies_is_a_state_until_it_is_back() {
    let mut server = Server::start();
    let folder = server.folder.path().to_owned();
    let (long, after) = (melody(7, 20), melody(8, 1));
    let (long, path) = (save(&folder, "long.wav", &long), save(&folder, "after.wav", &after));
    let mut player = Player::start(&folder.join("asound.conf"));
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

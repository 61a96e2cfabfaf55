//! A sound server without a card, and what is heard there: PulseAudio with a null sink and a socket of its own;
//! `parec` records its monitor. Whoever takes this file takes `support.rs` along.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use super::support::eventually;

/// Samples a second of everything recorded: little to search through, and enough for tones below 700 Hz, of which half a
/// sample (the player and the recorder do not count from the same moment) is a small part.
pub const RATE: usize = 8000;

/// This program again, its orders and answers in our hands, with ALSA as `config` says: ALSA reads its configuration
/// from the environment.
pub fn own_program(config: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env("ALSA_CONFIG_PATH", format!("/usr/share/alsa/alsa.conf:{}", config.display()))
        .env_remove("PULSE_SERVER")
        .env("HOME", config.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The sound server.
pub struct Server {
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
    pub fn start() -> Self {
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

    /// Its folder, also a place for sounds.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration with which ALSA's default card is this server.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("asound.conf")
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

    pub fn die(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let _ = fs::remove_file(self.folder.path().join("native"));
    }

    pub fn come_back(&mut self) {
        self.process = Self::launch(self.folder.path());
        self.is_up();
    }
}

/// What is heard at the sink, from now on.
pub struct Recorder {
    process: Child,
    samples: Arc<Mutex<Vec<i16>>>,
}

impl Recorder {
    pub fn start(server: &Server) -> Self {
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
            // Ten milliseconds, so that nothing is told late.
            let mut buffer = [0; 2 * RATE / 100];
            while sound.read_exact(&mut buffer).is_ok() {
                let new = buffer.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                heard.lock().unwrap().extend(new);
            }
        });
        let recorder = Self { process, samples };
        eventually("the recorder", || (!recorder.samples().is_empty()).then_some(()));
        recorder
    }

    pub fn samples(&self) -> Vec<i16> {
        self.samples.lock().unwrap().clone()
    }

    /// Waits until a tenth of a second of sound was heard.
    pub fn hears_something(&self) {
        eventually("a sound", || {
            let samples = self.samples();
            (samples.iter().filter(|sample| sample.unsigned_abs() > 300).count() > RATE / 10).then_some(())
        });
    }

    /// Waits until the end of the recording has been silent for a quarter of a second, and gives all of it.
    pub fn hears_the_end(&self) -> Vec<i16> {
        eventually("silence", || {
            let samples = self.samples();
            let end = samples.len().saturating_sub(RATE / 4);
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

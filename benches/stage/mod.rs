//! What the measurements stand on: a display without a screen, a hub, a kiosk's configuration.
#![allow(dead_code)]

mod office;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

#[allow(unused_imports)]
pub use office::{Office, built};

/// An Xvfb of our own.
pub struct Display {
    server: Child,
    connection: RustConnection,
    root: u32,
    name: String,
    bare: Vec<u8>,
    height: u16,
    width: u16,
}

impl Display {
    pub fn open(width: u16, height: u16) -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb (Debian package xvfb)");
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let name = format!(":{}", line.trim());
        let (connection, screen) = RustConnection::connect(Some(&name)).expect("a connection to Xvfb");
        let root = connection.setup().roots[screen].root;
        let mut display = Self { server, connection, root, name, bare: Vec::new(), height, width };
        display.bare = display.picture();
        display
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// A vertical stripe through the middle: enough to see any change of screen, cheap enough to read often.
    pub fn picture(&self) -> Vec<u8> {
        let x = i16::try_from(self.width / 2 - 16).unwrap();
        self.connection
            .get_image(ImageFormat::Z_PIXMAP, self.root, x, 0, 32, self.height, u32::MAX)
            .unwrap()
            .reply()
            .unwrap()
            .data
    }

    pub fn wait_until_bare(&self) -> Vec<u8> {
        let limit = Instant::now() + Duration::from_secs(20);
        while self.picture() != self.bare {
            assert!(Instant::now() < limit, "the display did not become bare again");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.bare.clone()
    }

    pub fn wait_for_change(&self, before: &[u8], limit: Duration) -> Instant {
        let began = Instant::now();
        loop {
            if self.picture() != before {
                return Instant::now();
            }
            assert!(began.elapsed() < limit, "nothing changed on screen within {limit:?}");
        }
    }

    pub fn wait_until_still(&self) {
        let mut last = self.picture();
        let mut same_since = Instant::now();
        while same_since.elapsed() < Duration::from_millis(400) {
            std::thread::sleep(Duration::from_millis(20));
            let now = self.picture();
            if now != last {
                same_since = Instant::now();
                last = now;
            }
        }
    }

    /// This program again, in front of this display, with its words read by us.
    pub fn own_program(&self) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env("DISPLAY", self.name()).env_remove("WAYLAND_DISPLAY").stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Presses and releases at a point; returns the moment of the release, which is when a button acts.
    pub fn click(&self, x: i16, y: i16) -> Instant {
        const MOTION: u8 = 6;
        const PRESS: u8 = 4;
        const RELEASE: u8 = 5;
        let fake = |kind, detail| {
            self.connection.xtest_fake_input(kind, detail, 0, self.root, x, y, 0).unwrap().check().unwrap();
        };
        fake(MOTION, 0);
        fake(PRESS, 1);
        let at = Instant::now();
        fake(RELEASE, 1);
        at
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// How the kiosk's unit sets the allocator.
pub const ALLOCATOR: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")];

/// Processor time that a process and its children have used.
pub fn cpu_time(pid: u32) -> Duration {
    // Fields 14 and 15 behind the name in brackets, in hundredths of a second.
    let own = |pid: u32| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = text.rsplit(')').next().unwrap_or_default().to_owned();
        let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>();
        Duration::from_millis(ticks * 10)
    };
    let children = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children = children.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|text| text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect();
    own(pid) + children.into_iter().map(cpu_time).sum::<Duration>()
}

/// Proportional set size of a process and its children.
pub fn pss_kib(pid: u32) -> u64 {
    let mut total = 0;
    let mut open = vec![pid];
    while let Some(pid) = open.pop() {
        let mut text = String::new();
        if let Ok(mut file) = std::fs::File::open(format!("/proc/{pid}/smaps_rollup")) {
            let _ = file.read_to_string(&mut text);
        }
        total += text
            .lines()
            .find_map(|line| line.strip_prefix("Pss:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or(0);
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        open.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        if let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) {
            for task in tasks.flatten() {
                if task.file_name().to_string_lossy() == pid.to_string() {
                    continue;
                }
                let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
                open.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            }
        }
    }
    total
}

pub fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share).round() as usize]
}

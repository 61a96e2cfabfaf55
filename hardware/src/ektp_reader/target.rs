//! How a gateway is reached: over a line, a network, or as a child of ours.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::protocol::MAX_PHOTO_LINE;
use crate::link::{ChildLink, DescriptorLink, Ended, Link, WebSocketLink, open_serial};
use crate::{Address, DeviceUrl, Error, ErrorKind, helper};

/// A helper that lived shorter than this and ended by itself has crashed.
const HEALTHY_LIFE: Duration = Duration::from_secs(5);

/// Wait after the second crash in a row; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Longest wait before a helper that crashes again and again is started once more.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

pub(super) enum Target {
    Tcp { host: String, port: u16 },
    WebSocket { host: String, port: u16, path: String },
    Serial { path: PathBuf, baud: u32 },
    Helper(Helper),
}

impl Target {
    pub(super) fn new(url: &DeviceUrl) -> Result<Self, Error> {
        Ok(match url.address() {
            Address::GatewayTcp { host, port } => Self::Tcp { host: host.clone(), port: *port },
            Address::GatewayWs { host, port, path } => {
                Self::WebSocket { host: host.clone(), port: *port, path: path.clone() }
            }
            Address::GatewaySerial(path) => {
                Self::Serial { path: path.clone(), baud: url.number("baud")?.unwrap_or(115_200).max(300) }
            }
            Address::Pcsc(_) => {
                super::pcsc::check_url(url)?;
                let url = url.clone();
                Self::Helper(Helper::new(move || helper::command("pcsc", &url)))
            }
            _ => {
                let known = "gateway+tcp://, gateway+ws://, gateway+serial:///, pcsc:, sim:";
                return Err(url.unsupported("KTP-el reader", known));
            }
        })
    }

    pub(super) fn connect(&mut self, timeout: Duration) -> Result<Box<dyn Link>, Error> {
        Ok(match self {
            Self::Tcp { host, port } => Box::new(DescriptorLink::connect(host, *port, timeout)?),
            Self::WebSocket { host, port, path } => {
                Box::new(WebSocketLink::connect(host, *port, path, MAX_PHOTO_LINE, timeout)?)
            }
            Self::Serial { path, baud } => open_serial(path, *baud)?,
            Self::Helper(helper) => Box::new(helper.start()?),
        })
    }

    /// Whether the other side is ours: its words may be quoted, and what it reads comes from the chip.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Helper(_))
    }

    /// Takes note of a helper that ended by itself.
    pub(super) fn note_end(&mut self, ended: Ended) {
        if let Self::Helper(helper) = self {
            helper.note_end(ended);
        }
    }
}

/// A helper process, and how often it crashed.
pub(super) struct Helper {
    command: Box<dyn Fn() -> Result<Command, Error> + Send>,
    crashes: u32,
    not_before: Option<Instant>,
}

impl Helper {
    pub(super) fn new(command: impl Fn() -> Result<Command, Error> + Send + 'static) -> Self {
        Self { command: Box::new(command), crashes: 0, not_before: None }
    }

    fn start(&mut self) -> Result<ChildLink, Error> {
        if self.not_before.is_some_and(|time| Instant::now() < time) {
            let what = format!("the device helper ended {} times in a row; it is started again later", self.crashes);
            return Err(Error::new(ErrorKind::NotReachable, what));
        }
        ChildLink::start((self.command)()?)
    }

    fn note_end(&mut self, ended: Ended) {
        // A helper that gave up on its device did what it should.
        if ended.code == Some(i32::from(helper::GAVE_UP)) || ended.after >= HEALTHY_LIFE {
            self.crashes = 0;
        } else {
            self.crashes = self.crashes.saturating_add(1);
        }
        tracing::warn!(code = ended.code, crashes = self.crashes, "device helper ended");
        self.not_before = self.crashes.checked_sub(2).map(|exponent| {
            let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(exponent).unwrap_or(u32::MAX));
            Instant::now() + pause.min(LONGEST_PAUSE)
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::ektp_reader::gateway::GatewayReader;
    use crate::ektp_reader::{CardEvent, EktpReader, Origin, Scope};

    const WAIT: Duration = Duration::from_secs(20);

    /// A helper that is a shell script.
    fn scripted(script: &str) -> GatewayReader {
        let script = script.to_owned();
        let command = move || {
            let mut command = Command::new("sh");
            command.arg("-c").arg(&script);
            Ok(command)
        };
        GatewayReader::over(Target::Helper(Helper::new(command)), false, false)
    }

    /// Answers a request with `$answer` after its number, which is the next digit on the line.
    const TALK: &str = r#"while read -r line; do id=${line#*:}; id=${id%%,*};
        case $line in
        *'"status"'*) echo "{\"id\":$id,\"result\":\"ok\",\"status\":{\"protocol\":2,\"model\":\"sh\",\"scopes\":[\"identity\"]}}";;
        *) eval "$act";;
        esac; done"#;

    #[test]
    fn what_our_own_helper_reads_comes_from_the_chip_and_its_words_are_quoted() {
        let read = r#"act='echo "{\"id\":$id,\"result\":\"ok\",\"card\":{\"nik\":\"3315136808909001\"}}"'; "#;
        let reading = scripted(&format!("{read}{TALK}")).read(&[Scope::Identity], WAIT).unwrap();
        assert_eq!(reading.origin, Origin::Chip);
        let fail = r#"act='echo "{\"id\":$id,\"result\":\"denied\",\"detail\":\"the licence is too open\"}"'; "#;
        let error = scripted(&format!("{fail}{TALK}")).read(&[Scope::Identity], WAIT).unwrap_err();
        assert_eq!((error.kind(), error.context()), (ErrorKind::Denied, "the licence is too open"));
    }

    #[test]
    fn a_silent_helper_is_killed_and_the_next_one_works() {
        let folder = tempfile::tempdir().unwrap();
        let (first, pid) = (folder.path().join("first"), folder.path().join("pid"));
        fs::write(&first, "").unwrap();
        // The first one never answers about the card; exec keeps it one process.
        let act = format!(
            r#"echo $$ >> {}; act='if [ -e {first} ]; then rm {first}; exec sleep 600; else echo "{{\"id\":$id,\"result\":\"no_card\"}}"; fi'; "#,
            pid.display(),
            first = first.display()
        );
        let mut reader = scripted(&format!("{act}{TALK}"));
        let error = reader.wait_card(Duration::from_millis(600)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotResponding);
        let killed = fs::read_to_string(&pid).unwrap();
        let killed = killed.lines().next().unwrap();
        assert!(!std::path::Path::new(&format!("/proc/{killed}")).exists(), "it was killed and waited for");
        assert_eq!(reader.wait_card(WAIT).unwrap(), CardEvent::NoCard);
    }

    #[test]
    fn a_helper_that_is_killed_from_outside_is_started_again() {
        let mut reader = scripted(&format!(r#"act='echo "{{\"id\":$id,\"result\":\"no_card\"}}";kill -9 $$'; {TALK}"#));
        for _ in 0..2 {
            assert_eq!(reader.wait_card(WAIT).unwrap(), CardEvent::NoCard);
            let end = Instant::now() + WAIT;
            while reader.helper_runs() {
                assert!(Instant::now() < end, "the helper lives on");
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    #[test]
    fn a_helper_that_crashes_again_and_again_is_not_started_at_every_call() {
        let folder = tempfile::tempdir().unwrap();
        let starts = folder.path().join("starts");
        let mut reader = scripted(&format!("echo x >> {}; exit 1", starts.display()));
        let end = Instant::now() + WAIT;
        let error = loop {
            let error = reader.status().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotReachable, "{error}");
            if error.to_string().contains("in a row") {
                break error;
            }
            assert!(Instant::now() < end, "still started at every call");
        };
        let count = || fs::read_to_string(&starts).unwrap().lines().count();
        let before = count();
        assert!(before <= 4, "{before}: {error}");
        assert!(reader.status().is_err());
        assert!(count() <= before + 1);
    }

    #[test]
    fn a_program_that_is_not_there_is_not_reachable() {
        let command = || Ok(Command::new("/nonexistent/helper"));
        let mut reader = GatewayReader::over(Target::Helper(Helper::new(command)), false, false);
        assert_eq!(reader.status().unwrap_err().kind(), ErrorKind::NotReachable);
    }
}

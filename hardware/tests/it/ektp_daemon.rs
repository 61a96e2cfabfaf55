//! A PC/SC service of the tests' own: the real pcscd with the virtual reader of the vsmartcard project.
//!
//! pcscd knows one place for its socket. It therefore runs with a `/run` of its own (a mount namespace), where that
//! place is a folder of the test; clients find it by a variable of libpcsclite. Nothing of the machine is touched,
//! and a service that runs already is not disturbed. Where such a namespace may not be made, pcscd runs at its own
//! place; then root is needed, no other pcscd may run, and a lock file keeps test runs apart.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anjungan_hardware::helper;
use tempfile::TempDir;

use crate::support::eventually;

/// The helper's program is one for the whole process, and with it the service it talks to.
static ONE: Mutex<()> = Mutex::new(());

/// Debian's configuration of the virtual reader, for the path of its driver.
const PACKAGED: &str = "/etc/reader.conf.d/vpcd";

/// Where every pcscd has its socket.
const MACHINES: &str = "/run/pcscd/pcscd.comm";

const UNSHARE: [&str; 3] = ["unshare", "--map-root-user", "--mount"];
const OWN_RUN: &str = "mount -t tmpfs none /run";

pub struct Daemon {
    folder: TempDir,
    /// Held while pcscd runs at the machine's own place.
    machine: Option<fs::File>,
    port: u16,
    child: Option<Child>,
    _one: MutexGuard<'static, ()>,
}

impl Daemon {
    /// A running service.
    pub fn start() -> Self {
        let mut daemon = Self::absent();
        daemon.switch_on();
        daemon
    }

    /// A service that does not run yet. Device helpers will look for it.
    pub fn absent() -> Self {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = TempDir::new().unwrap();
        let port = two_free_ports();
        let packaged = fs::read_to_string(PACKAGED)
            .unwrap_or_else(|_| panic!("{PACKAGED} is missing; install the Debian package vsmartcard-vpcd"));
        let driver = packaged.lines().find_map(|line| line.strip_prefix("LIBPATH")).unwrap().trim();
        fs::create_dir(folder.path().join("conf")).unwrap();
        fs::create_dir(folder.path().join("ipc")).unwrap();
        let reader = format!(
            "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{port:#06X}\nLIBPATH {driver}\nCHANNELID {port:#06X}\n"
        );
        fs::write(folder.path().join("conf/vpcd"), reader).unwrap();
        let machine = if own_run() { None } else { Some(take_the_machines()) };
        let daemon = Self { folder, machine, port, child: None, _one: one };
        helper::set_program("/usr/bin/env", [daemon.variable(), env!("CARGO_BIN_EXE_anjungan-device-helper").into()]);
        daemon
    }

    fn socket(&self) -> PathBuf {
        if self.machine.is_some() { MACHINES.into() } else { self.folder.path().join("ipc/pcscd.comm") }
    }

    /// Tells a PC/SC program where the service is: an environment variable with its value.
    pub fn variable(&self) -> String {
        format!("PCSCLITE_CSOCK_NAME={}", self.socket().display())
    }

    pub fn switch_on(&mut self) {
        let script = if self.machine.is_some() {
            "exec pcscd --foreground --error --config \"$2\"".to_owned()
        } else {
            format!(
                "{OWN_RUN} && mkdir /run/pcscd && mount --bind \"$1\" /run/pcscd && exec pcscd --foreground --error --config \"$2\""
            )
        };
        let namespace: &[&str] = if self.machine.is_some() { &[] } else { &UNSHARE };
        // Dies with the thread that starts it, even when that is killed.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .args(namespace)
            .args(["sh", "-c", &script, "sh"])
            .args([self.folder.path().join("ipc"), self.folder.path().join("conf")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("setpriv and unshare are missing; install the Debian package util-linux");
        self.child = Some(child);
        eventually("pcscd (Debian package pcscd) to serve", || UnixStream::connect(self.socket()).ok());
    }

    /// Kills the service.
    pub fn switch_off(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
            for left in [self.socket(), self.socket().with_extension("pid")] {
                let _ = fs::remove_file(left);
            }
        }
    }

    /// Where the virtual reader waits for its card.
    pub fn card_address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where the virtual SAM slot waits for its SAM.
    pub fn sam_address(&self) -> String {
        format!("127.0.0.1:{}", self.port + 1)
    }

    /// Runs a PC/SC program that shares no code with us.
    pub fn opensc(&self, args: &[&str]) -> Output {
        let variable = self.variable();
        Command::new("env")
            .arg(variable)
            .arg("opensc-tool")
            .args(args)
            .output()
            .expect("env is missing; install the Debian package coreutils")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.switch_off();
    }
}

/// Whether a `/run` of our own can be had.
fn own_run() -> bool {
    let status = Command::new("unshare").args(&UNSHARE[1..]).args(["sh", "-c", OWN_RUN]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Takes the place of the machine's pcscd.
fn take_the_machines() -> fs::File {
    let lock = fs::File::create(std::env::temp_dir().join("anjungan-test-pcscd.lock")).unwrap();
    lock.lock().unwrap();
    assert!(
        UnixStream::connect(MACHINES).is_err(),
        "a pcscd runs already and no namespace can be made to run a second one: stop pcscd.socket and pcscd.service"
    );
    lock
}

fn two_free_ports() -> u16 {
    eventually("two free ports", || {
        let first = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let next = port.checked_add(1)?;
        TcpListener::bind(("0.0.0.0", next)).ok().map(|_| port)
    })
}

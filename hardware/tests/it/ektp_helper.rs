//! The device helper as a program: how it starts, ends and is told apart from a device that is absent.

use std::io::Write;
use std::process::{Command, Stdio};

const HELPER: &str = env!("CARGO_BIN_EXE_anjungan-device-helper");

#[test]
fn the_helper_ends_when_its_input_closes() {
    let mut child = Command::new(HELPER)
        .args(["pcsc", "pcsc:none"])
        .env("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"not json\n{\"id\":7,\"verb\":\"status\",\"protocol\":9}\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\"id\":0,\"result\":\"error\""), "{said}");
    assert!(said.contains("\"id\":7,\"result\":\"not_reachable\"") && said.contains("pcscd"), "{said}");
}

#[test]
fn wrong_arguments_are_a_wrong_usage() {
    for args in [&[][..], &["pcsc"], &["pcsc", "tcp://printer"], &["pcsc", "pcsc:"], &["warp", "pcsc:x"]] {
        let status = Command::new(HELPER).args(args).stdin(Stdio::null()).status().unwrap();
        assert!(matches!(status.code(), Some(1 | 2)), "{args:?}: {status}");
    }
}

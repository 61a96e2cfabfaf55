//! The device helper as a program of its own, for tests and for programs that are not `anjungan`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(anjungan_hardware::helper::helper_main(std::env::args_os().skip(1)))
}

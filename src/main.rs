//! The command line. Exit codes: 0 done, 1 failed (one line on stderr says what and what to do), 2 wrong usage.
#![forbid(unsafe_code)]
// A command line speaks through stdout and stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    cli::log_to_stderr();
    match cli::execute(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: what, and the chain of causes behind it.
            let causes = std::iter::successors(error.source(), |cause| cause.source());
            let chain: Vec<String> = causes.map(|cause| format!(": {cause}")).collect();
            eprintln!("anjungan: {error}{}", chain.concat());
            ExitCode::FAILURE
        }
    }
}

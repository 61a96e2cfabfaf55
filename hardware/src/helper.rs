//! Drivers that run in a process of their own.
//!
//! Some system libraries can block a call for minutes or crash the program they are loaded into. Their drivers run
//! in a *helper*: the same binary, started again with a hidden subcommand, that can be killed and started anew. The
//! helper ends by itself when its standard input closes, so it never outlives the program that needs it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{PoisonError, RwLock};

use crate::{DeviceUrl, Error};

/// Exit code of a helper that was used wrongly.
const USAGE: u8 = 2;

/// Exit code of a helper that gave up on a device that does not answer.
pub(crate) const GAVE_UP: u8 = 3;

/// Subcommand of the program under which it is a helper.
const SUBCOMMAND: &str = "device-helper";

static PROGRAM: RwLock<Option<(PathBuf, Vec<OsString>)>> = RwLock::new(None);

/// Says which program is the helper, with the arguments that make it one. Without this it is the running program
/// itself with the argument `device-helper`. To be called once, before the first device is opened.
pub fn set_program(path: impl Into<PathBuf>, args: impl IntoIterator<Item = impl Into<OsString>>) {
    let program = (path.into(), args.into_iter().map(Into::into).collect());
    *PROGRAM.write().unwrap_or_else(PoisonError::into_inner) = Some(program);
}

/// The command that starts the helper for a device.
pub(crate) fn command(kind: &str, url: &DeviceUrl) -> Result<Command, Error> {
    let chosen = PROGRAM.read().unwrap_or_else(PoisonError::into_inner).clone();
    let (path, args) = match chosen {
        Some(program) => program,
        None => {
            let own = std::env::current_exe().map_err(|error| Error::io("cannot find our own program", error))?;
            (own, vec![SUBCOMMAND.into()])
        }
    };
    let mut command = Command::new(path);
    command.args(args).arg(kind).arg(url.to_string());
    Ok(command)
}

/// What the hidden subcommand `device-helper` does. `args` are the arguments after the subcommand: the kind of
/// driver (`pcsc`) and the device's URL. Talks on standard input and output; gives the exit code when it is done:
/// 0 when its input closed, 2 for wrong arguments, 3 when it gave up on a device that does not answer.
///
/// The caller must end the process with that code at once, because a thread may be stuck in a driver.
pub fn helper_main(args: impl IntoIterator<Item = impl Into<OsString>>) -> u8 {
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let [kind, url] = args.as_slice() else {
        tracing::error!("device helper: expected a kind and a URL");
        return USAGE;
    };
    let url = match url
        .to_str()
        .ok_or_else(String::new)
        .and_then(|text| DeviceUrl::parse(text).map_err(|error| error.to_string()))
    {
        Ok(url) => url,
        Err(error) => {
            tracing::error!(error, "device helper: the URL");
            return USAGE;
        }
    };
    match kind.to_str() {
        Some("pcsc") => crate::ektp_reader::serve_pcsc(&url),
        _ => {
            tracing::error!("device helper: unknown kind");
            USAGE
        }
    }
}

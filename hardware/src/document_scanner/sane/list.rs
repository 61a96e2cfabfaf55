//! The scanners SANE can see.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::super::process::run;
use super::answer::check;
use super::{PROGRAM, not_installed};
use crate::Error;

/// Most scanners of a list; a network full of them is cut off there.
const MAX_DEVICES: usize = 100;

/// Longest name that is kept, in characters.
const MAX_NAME: usize = 200;

/// Stands between the parts of a line; no vendor has it in a name.
const SEPARATOR: char = '\u{1f}';

/// A scanner SANE found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaneDevice {
    /// Its SANE name, for a `sane:` URL.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Its model.
    pub model: String,
    /// What it is: `flatbed scanner`, `multi-function peripheral`, `virtual device`.
    pub kind: String,
}

/// Asks SANE for the scanners it can see, with the system's own configuration. Debian's default one probes every
/// backend and the network, which takes seconds.
///
/// # Errors
///
/// `NotReachable` when scanimage is not installed, `Timeout`.
pub fn list_sane(timeout: Duration) -> Result<Vec<SaneDevice>, Error> {
    list_sane_with(None, timeout)
}

/// As [`list_sane`], with a SANE configuration folder of one's own.
///
/// # Errors
///
/// As [`list_sane`].
pub fn list_sane_with(config: Option<&Path>, timeout: Duration) -> Result<Vec<SaneDevice>, Error> {
    let mut command = Command::new(PROGRAM);
    if let Some(folder) = config {
        command.env("SANE_CONFIG_DIR", folder);
    }
    let format = format!("%d{SEPARATOR}%v{SEPARATOR}%m{SEPARATOR}%t%n");
    command.env("LC_ALL", "C").arg(format!("--formatted-device-list={format}"));
    let finished = run(command, timeout, &mut |_| true).map_err(not_installed)?;
    check(&finished)?;
    Ok(parse(&finished.output))
}

/// Backends write lines of their own between; they lack the separators.
pub(super) fn parse(text: &str) -> Vec<SaneDevice> {
    let device = |line: &str| {
        let tidy = |part: &str| part.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect::<String>();
        let mut parts = line.split(SEPARATOR).map(tidy);
        let device =
            SaneDevice { name: parts.next()?, vendor: parts.next()?, model: parts.next()?, kind: parts.next()? };
        (!device.name.is_empty() && parts.next().is_none()).then_some(device)
    };
    text.lines().filter_map(device).take(MAX_DEVICES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_past_what_backends_say_between() {
        let text = "Created directory: /x\ntest:0\u{1f}Noname\u{1f}frontend-tester\u{1f}virtual device\n\u{1f}\u{1f}\u{1f}\na\u{1f}b\n";
        let found = parse(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].kind.as_str()), ("test:0", "virtual device"));
    }
}

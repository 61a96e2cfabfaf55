//! A printer of the USB printer class by its identity on the bus: which `/dev/usb/lpN` is it now?

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// Where the kernel shows its devices. A test gives a tree of its own.
#[derive(Debug, Clone)]
pub(super) struct Roots {
    /// `/sys`.
    pub(super) sysfs: PathBuf,
    /// `/dev`.
    pub(super) dev: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self { sysfs: "/sys".into(), dev: "/dev".into() }
    }
}

/// What a USB URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) vendor: u16,
    pub(super) product: u16,
    pub(super) serial: Option<String>,
}

/// Entries of a folder that are looked at; no machine has more printers or USB devices.
const ENTRIES_MAX: usize = 1024;

/// Longest text of a descriptor in sysfs.
const TEXT_MAX: usize = 1024;

/// The device file of a printer as it is at this moment.
///
/// # Errors
///
/// `NotReachable` when it is not plugged in or the kernel's printer driver does not have it; `InvalidUrl` when two
/// fit and the URL names no serial number.
pub(super) fn find(roots: &Roots, wanted: &Identity) -> Result<PathBuf, Error> {
    let name = || {
        let Identity { vendor, product, serial } = wanted;
        let serial = serial.as_deref().map(|serial| format!(":{serial}")).unwrap_or_default();
        format!("usb:{vendor:04x}:{product:04x}{serial}")
    };
    let mut found: Vec<String> = entries(&roots.sysfs.join("class/usbmisc"))
        .filter(|(name, path)| is_printer(name) && wanted.is_at(&path.join("device/..")))
        .map(|(name, _)| name)
        .collect();
    found.sort();
    match found.as_slice() {
        [node] => Ok(roots.dev.join("usb").join(node)),
        [] => {
            let on_the_bus = entries(&roots.sysfs.join("bus/usb/devices")).any(|(_, path)| wanted.is_at(&path));
            let why = if on_the_bus {
                "is plugged in, but the kernel's usblp driver does not have it (module not loaded, or CUPS holds it)"
            } else {
                "is not plugged in"
            };
            Err(Error::new(ErrorKind::NotReachable, format!("{} {why}", name())))
        }
        several => {
            let what =
                format!("{} fits {} printers ({}); add the serial number", name(), several.len(), several.join(", "));
            Err(Error::new(ErrorKind::InvalidUrl, what))
        }
    }
}

impl Identity {
    /// Whether the USB device in a folder of sysfs is this one.
    fn is_at(&self, device: &Path) -> bool {
        let number = |name| read(&device.join(name)).and_then(|text| u16::from_str_radix(&text, 16).ok());
        number("idVendor") == Some(self.vendor)
            && number("idProduct") == Some(self.product)
            && self.serial.as_ref().is_none_or(|serial| read(&device.join("serial")).as_ref() == Some(serial))
    }
}

/// `lp0`, `lp1`, …; other drivers of the class have other names.
fn is_printer(name: &str) -> bool {
    name.strip_prefix("lp").is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(ENTRIES_MAX);
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

fn read(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok().filter(|bytes| bytes.len() <= TEXT_MAX)?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}

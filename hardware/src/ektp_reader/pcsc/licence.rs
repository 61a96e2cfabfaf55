//! The agency's licence to use its SAM: two values that come with it, in a file only the kiosk may read.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use data_encoding::HEXUPPER_PERMISSIVE;
use serde::Deserialize;

use crate::{Error, ErrorKind};

/// Most bytes a licence file may have.
const MAX_FILE: u64 = 4096;

/// Bytes that open a SAM: both values together.
pub(super) const OPENING: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pcid: String,
    conf: String,
}

/// The values of a licence. They are never shown: not in logs, not in errors, not by [`fmt::Debug`].
#[derive(PartialEq, Eq)]
pub(super) struct Licence([u8; OPENING]);

impl Licence {
    /// Reads `{ "pcid": "<hex>", "conf": "<hex>" }`, 32 bytes together.
    ///
    /// # Errors
    ///
    /// `Denied` when everybody on this machine may read the file, when we may not, or when it is not a licence;
    /// `NotReachable` when it is not there. No error quotes the file.
    pub(super) fn load(path: &Path) -> Result<Self, Error> {
        let place = path.display();
        let file = File::open(path).map_err(|error| Error::io(format!("cannot open the licence {place}"), error))?;
        let facts = file.metadata().map_err(|error| Error::io(format!("the licence {place}"), error))?;
        if !facts.is_file() {
            return Err(Error::new(ErrorKind::Denied, format!("the licence {place} is not a file")));
        }
        if facts.mode() & 0o007 != 0 {
            let what = format!("everybody may read the licence {place}; take that away (chmod o= {place})");
            return Err(Error::new(ErrorKind::Denied, what));
        }
        let mut text = Vec::new();
        file.take(MAX_FILE)
            .read_to_end(&mut text)
            .map_err(|error| Error::io(format!("cannot read the licence {place}"), error))?;
        Self::parse(&text).ok_or_else(|| {
            let what =
                format!("the licence {place} is not {{\"pcid\": hex, \"conf\": hex}} of {OPENING} bytes together");
            Error::new(ErrorKind::Denied, what)
        })
    }

    /// A licence of nobody.
    pub(super) fn of_fuzz() -> Self {
        Self([0; OPENING])
    }

    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(text).ok()?;
        let hex = format!("{}{}", written.pcid.trim(), written.conf.trim());
        let bytes = HEXUPPER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// What the SAM is opened with. That the PCID stands first is an assumption.
    pub(super) fn opening(&self) -> &[u8; OPENING] {
        &self.0
    }
}

impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Licence(***)")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_licence_everybody_may_read_is_refused_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("licence.json");
        let (pcid, conf) = ("0A".repeat(16), "0b".repeat(16));
        let write = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            Licence::load(&path)
        };
        let good = format!("{{\"pcid\": \"{pcid}\", \"conf\": \"{conf}\"}}");
        let licence = write(&good, 0o640).unwrap();
        assert_eq!((licence.opening()[0], licence.opening()[31]), (0x0A, 0x0B));
        assert_eq!(format!("{licence:?}"), "Licence(***)");
        let error = write(&good, 0o644).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        for bad in ["", "{}", &good[..40], &good.replace("0A", "zz"), &good.replace("conf", "konf")] {
            let error = write(bad, 0o600).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied);
            assert!(!format!("{error:?}").contains("0A0A"), "{error:?}");
        }
        assert_eq!(Licence::load(&folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotReachable);
    }
}

//! Who queued how often on a day, without keeping who: a digest of day and NIK under a key of this office.
//!
//! The key is a file beside the store. Digests of two days have nothing in common, and are forgotten with their day.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::Sha256;

use super::Hub;
use super::secret::hex;
use crate::clock::World;
use crate::domain::nik::Nik;

/// Name of the key's file in the hub's folder.
const FILE_NAME: &str = "queue.key";

/// The key of an office.
pub(super) struct HolderKey([u8; 32]);

impl HolderKey {
    /// Reads the key, or makes it at the first start. Without its old key a day's counts begin anew: nothing else is
    /// lost, so a file that cannot be read as one is replaced.
    pub fn open(folder: &Path, world: &World) -> io::Result<Self> {
        let path = folder.join(FILE_NAME);
        if let Ok(bytes) = fs::read(&path)
            && let Ok(key) = bytes.try_into()
        {
            return Ok(Self(key));
        }
        let key = world.random::<32>();
        let (new, mut options) = (folder.join("queue.key.new"), fs::OpenOptions::new());
        let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        Ok(Self(key))
    }

    fn digest(&self, day: Date, nik: &Nik) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(b"anjungan ticket holder 1\0");
        mac.update(day.to_string().as_bytes());
        mac.update(b"\0");
        mac.update(nik.as_str().as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

impl Hub {
    /// Returns the digest under which somebody's tickets of a day are counted.
    pub(super) fn holder_digest(&self, day: Date, nik: &Nik) -> String {
        self.holder_key.digest(day, nik)
    }

    /// Tells whether the office gives numbers at an instant.
    pub(super) fn gives_tickets(&self, at: Timestamp) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.state(self.zone().local(at)).gives_tickets())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_nik_have_one_digest_and_no_other_day_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::system();
        let key = HolderKey::open(folder.path(), &world).expect("a new key");
        let again = HolderKey::open(folder.path(), &world).expect("the same key");
        let (nik, other): (Nik, Nik) =
            ("3315130101909001".parse().expect("a NIK"), "3315130101909002".parse().expect("a NIK"));
        let day: Date = "2026-11-23".parse().expect("a day");
        let digest = key.digest(day, &nik);
        assert_eq!((digest.len(), &digest), (64, &again.digest(day, &nik)));
        assert_ne!(digest, key.digest(day.tomorrow().expect("a day"), &nik));
        assert_ne!(digest, key.digest(day, &other));
        fs::write(folder.path().join(FILE_NAME), b"short").expect("a broken file");
        assert_ne!(digest, HolderKey::open(folder.path(), &world).expect("a new key").digest(day, &nik));
    }
}

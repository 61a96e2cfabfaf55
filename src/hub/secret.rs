//! Secrets: tokens of stations and sessions, passwords. Only digests and hashes are ever stored.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use sha2::{Digest as _, Sha256};

use super::Hub;
use super::refusal::Refusal;
use crate::clock::World;
use crate::failure::Failure;

/// Memory of one password check, in KiB (OWASP's floor for Argon2id).
const ARGON2_MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
const ARGON2_PASSES: u32 = 2;
/// Shortest password a person may choose, in characters.
const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in characters.
pub(super) const PASSWORD_CHARS_MAX: usize = 128;
/// No I, L, O, U: a one-time password is read aloud and typed once.
const ONE_TIME_ALPHABET: &[u8; 31] = b"0123456789abcdefghjkmnpqrstvwxy";
/// Symbols of a one-time password: 31^15 is about 2^74.
const ONE_TIME_SYMBOLS: usize = 15;

/// Draws a token of 256 bits as hex.
#[must_use]
pub fn token(world: &World) -> String {
    hex(&world.random::<32>())
}

/// Draws a one-time password in groups of five.
#[must_use]
pub fn one_time_password(world: &World) -> String {
    let mut symbols = Vec::with_capacity(ONE_TIME_SYMBOLS + 2);
    while symbols.len() < ONE_TIME_SYMBOLS + 2 {
        if matches!(symbols.len(), 5 | 11) {
            symbols.push('-');
        }
        // Bytes from 248 up would favour the first symbols.
        for byte in world.random::<1>().into_iter().filter(|byte| *byte < 248) {
            symbols.push(char::from(ONE_TIME_ALPHABET[usize::from(byte % 31)]));
        }
    }
    symbols.into_iter().collect()
}

/// What a secret is for; part of its digest, so that one kind never passes for another.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Token of a station.
    Station,
    /// Token of a session.
    Session,
    /// Hidden field of the forms of a session.
    Form,
    /// Typed name of a failed sign-in.
    SignInName,
}

/// Returns the digest under which a secret is stored.
#[must_use]
pub fn digest(purpose: Purpose, secret: &str) -> String {
    let domain: &[u8] = match purpose {
        Purpose::Station => b"anjungan station token 1\0",
        Purpose::Session => b"anjungan session token 1\0",
        Purpose::Form => b"anjungan form token 1\0",
        Purpose::SignInName => b"anjungan sign-in name 1\0",
    };
    let mut hasher = Sha256::new();
    hasher.update(domain);
    hasher.update(secret.as_bytes());
    hex(&hasher.finalize())
}

/// Writes bytes as lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares two secrets without telling by time where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

/// Checks a password that a person chose.
///
/// # Errors
/// Refuses a short one, a long one, and the login itself.
pub fn check_chosen(password: &str, name: &str) -> Result<(), Refusal> {
    let chars = password.chars().count();
    let long_enough = (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars);
    if long_enough && !password.eq_ignore_ascii_case(name) { Ok(()) } else { Err(Failure::PasswordWeak.into()) }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, 1, None).expect("constants within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password. Takes tens of milliseconds: not for an async thread.
#[must_use]
pub fn hash_password(world: &World, password: &str) -> String {
    argon2()
        .hash_password_with_salt(password.as_bytes(), &world.random::<16>())
        .expect("a salt of 16 bytes and a bounded password are within Argon2's limits")
        .to_string()
}

/// Tells whether a password fits a hash. Takes as long as hashing.
#[must_use]
pub fn password_fits(password: &str, hash: &str) -> bool {
    argon2::PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

impl Hub {
    /// Checks a password away from the async threads; with no hash it works as long and says no.
    pub(super) async fn password_fits(&self, password: String, hash: Option<String>) -> Result<bool, Refusal> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy_password.clone());
        let fits = self.with_password_work(move || password_fits(&password, &hash)).await?;
        Ok(fits && known)
    }

    /// Hashes a password away from the async threads.
    pub(super) async fn hash_password(&self, password: String) -> Result<String, Refusal> {
        let world = self.world.clone();
        self.with_password_work(move || hash_password(&world, &password)).await
    }

    /// Bounds how much memory and how many cores password work may take.
    async fn with_password_work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let _permit = self.password_permits.acquire().await.map_err(|_| Refusal::new(Failure::HubFault))?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::new(Failure::HubFault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let world = World::system();
        let hash = hash_password(&world, "rahasia sekali");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(password_fits("rahasia sekali", &hash));
        assert!(!password_fits("rahasia sekalI", &hash));
        assert!(!password_fits("rahasia sekali", "not a hash"));
    }

    #[test]
    fn a_one_time_password_has_three_groups() {
        let password = one_time_password(&World::system());
        let groups: Vec<usize> = password.split('-').map(str::len).collect();
        assert_eq!(groups, [5, 5, 5], "{password}");
    }

    #[test]
    fn a_chosen_password_is_neither_short_nor_the_name() {
        assert!(check_chosen("cukup-panjang", "budi").is_ok());
        assert!(check_chosen("pendek", "budi").is_err());
        assert!(check_chosen(&"x".repeat(129), "budi").is_err());
        assert!(check_chosen("budi.santoso", "budi.santoso").is_err());
    }
}

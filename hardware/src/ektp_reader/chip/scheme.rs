//! The scheme by which the simulated card and the simulated SAM prove themselves and hide what they say.
//!
//! It is invented, it has the shape of the real one (lengths, order, who says what) and nothing of its content, and
//! it protects nothing: its one secret stands below. With `H` for SHA-256, `|` for joining and `S` for the secret:
//!
//! * SAM's proof, 40 bytes: `n` (8 bytes), `H(S | "sam" | control | chip | challenge | n)`.
//! * Card's proof, 40 bytes: `m` (8 bytes), `H(S | "card" | n | m | challenge)`.
//! * Session key: `K = H(S | "key" | n | m | challenge)`.
//! * A message number `i` counts from 0 in each direction. Sealed: the plain bytes, each XORed with the byte of
//!   `H(K | direction | i | 0) | H(K | direction | i | 1) | …`, then the first 8 bytes of
//!   `H(K | "mac" | direction | i | plain)`.

use sha2::{Digest, Sha256};

const SECRET: &[u8] = b"anjungan simulator, no real key";

/// Bytes of a check value.
const MAC: usize = 8;

/// Who speaks.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    ToCard,
    FromCard,
}

impl Direction {
    fn word(self) -> &'static [u8] {
        match self {
            Self::ToCard => b"to card",
            Self::FromCard => b"from card",
        }
    }
}

pub(super) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new().chain_update(SECRET);
    for part in parts {
        hash = hash.chain_update(part);
    }
    hash.finalize().into()
}

/// Eight bytes that look random and are the same for the same input.
pub(super) fn nonce(parts: &[&[u8]]) -> [u8; 8] {
    let hash = hash(parts);
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]
}

pub(super) fn sam_proof(question: &[u8], n: &[u8]) -> Vec<u8> {
    [n, &hash(&[b"sam", question, n])].concat()
}

pub(super) fn card_proof(n: &[u8], m: &[u8], challenge: &[u8]) -> Vec<u8> {
    [m, &hash(&[b"card", n, m, challenge])].concat()
}

/// One end of a protected conversation.
pub(super) struct Session {
    key: [u8; 32],
    number: u32,
}

impl Session {
    pub(super) fn new(n: &[u8], m: &[u8], challenge: &[u8]) -> Self {
        Self { key: hash(&[b"key", n, m, challenge]), number: 0 }
    }

    fn mask(&self, direction: Direction, bytes: &[u8]) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        bytes
            .chunks(32)
            .zip(0_u8..)
            .flat_map(|(chunk, block)| {
                let mask = hash(&[&self.key, direction.word(), &number, &[block]]);
                chunk.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect::<Vec<_>>()
            })
            .collect()
    }

    fn mac(&self, direction: Direction, plain: &[u8]) -> [u8; 32] {
        hash(&[&self.key, b"mac", direction.word(), &self.number.to_be_bytes(), plain])
    }

    /// Protects a message.
    pub(super) fn seal(&self, direction: Direction, plain: &[u8]) -> Vec<u8> {
        let mut sealed = self.mask(direction, plain);
        sealed.extend_from_slice(&self.mac(direction, plain)[..MAC]);
        sealed
    }

    /// Opens a message, unless it was changed.
    pub(super) fn open(&self, direction: Direction, sealed: &[u8]) -> Option<Vec<u8>> {
        let (masked, mac) = sealed.split_last_chunk::<MAC>()?;
        let plain = self.mask(direction, masked);
        (self.mac(direction, &plain)[..MAC] == *mac).then_some(plain)
    }

    /// A command and its answer are done.
    pub(super) fn next(&mut self) {
        self.number = self.number.wrapping_add(1);
    }
}

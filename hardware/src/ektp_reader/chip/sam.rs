//! The simulated SAM. It is opened with [`super::SIMULATED_LICENCE`] and with nothing else.

use super::card::{NO_COMMAND, NO_CONDITION, NOT_ALLOWED, NOT_TRUSTED, OK};
use super::scheme::{Direction, Session, card_proof, nonce, sam_proof};

/// What opens it: both values of the licence.
const OPENING: &[u8; 32] = b"anjungan pcid 00anjungan conf 00";

#[derive(Default)]
pub(super) struct SimulatedSam {
    open: bool,
    asked: Option<([u8; 8], Vec<u8>)>,
    session: Option<Session>,
}

impl SimulatedSam {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let data = match command {
            [_, _, _, _, length, data @ ..] => &data[..data.len().min(usize::from(*length))],
            _ => &[],
        };
        match command {
            [0x00, 0xF0, 0x00, 0x00, ..] => {
                self.open = data == OPENING;
                if self.open { OK.to_vec() } else { NOT_ALLOWED.to_vec() }
            }
            [0x00, 0xF1..=0xF4 | 0xFF, ..] if !self.open => NO_CONDITION.to_vec(),
            [0x00, 0xFF, ..] => {
                (self.asked, self.session) = (None, None);
                OK.to_vec()
            }
            [0x00, 0xF1, 0x00, 0x01, ..] if data.len() > 16 => {
                let n = nonce(&[b"sam nonce", data]);
                self.asked = Some((n, data[data.len() - 8..].to_vec()));
                [&sam_proof(data, &n)[..], &OK].concat()
            }
            [0x00, 0xF2, ..] if data.len() == 40 => {
                let Some((n, challenge)) = self.asked.take() else { return NO_CONDITION.to_vec() };
                let m = &data[..8];
                if data != card_proof(&n, m, &challenge) {
                    return NOT_ALLOWED.to_vec();
                }
                self.session = Some(Session::new(&n, m, &challenge));
                OK.to_vec()
            }
            [0x00, 0xF3, ..] => {
                let Some(session) = &self.session else { return NO_CONDITION.to_vec() };
                let sealed = session.seal(Direction::ToCard, data);
                let instruction = data.get(1).copied().unwrap_or_default();
                let length = u8::try_from(sealed.len()).unwrap_or(u8::MAX);
                [&[0x0C, instruction, 0x00, 0x00, length], &sealed[..], &OK].concat()
            }
            [0x00, 0xF4, ..] => {
                let Some(session) = &mut self.session else { return NO_CONDITION.to_vec() };
                let Some(plain) = session.open(Direction::FromCard, data) else { return NOT_TRUSTED.to_vec() };
                session.next();
                [&plain[..], &OK].concat()
            }
            _ => NO_COMMAND.to_vec(),
        }
    }
}

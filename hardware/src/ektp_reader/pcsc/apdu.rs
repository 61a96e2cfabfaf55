//! Commands and answers of a chip card (ISO/IEC 7816-4).

use crate::{Error, ErrorKind};

/// Largest answer that is believed: what a short APDU can hold, and room for readers that add to it.
const MAX_ANSWER: usize = 512;

/// Most rounds of "there is more" or "ask for this many" before a card is taken for broken.
const MAX_ROUNDS: usize = 16;

/// `90 00`.
pub(super) const DONE: u16 = 0x9000;

/// Somebody who answers commands: a card or a SAM. Every answer is as it came, with its status word.
pub(super) trait Port {
    /// Sends one command.
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, Error>;
}

/// An answer cut into data and status word.
pub(super) struct Answer {
    pub(super) data: Vec<u8>,
    pub(super) status: u16,
}

/// Cuts an answer. PC/SC gives no error when a card leaves in the middle of an exchange, but an answer of no bytes.
pub(super) fn parse_answer(mut bytes: Vec<u8>) -> Result<Answer, Error> {
    let [.., high, low] = bytes[..] else {
        return Err(if bytes.is_empty() {
            Error::new(ErrorKind::Removed, "the card was taken away during the reading")
        } else {
            Error::new(ErrorKind::Unreadable, "the card's answer is shorter than its status word")
        });
    };
    if bytes.len() > MAX_ANSWER {
        return Err(Error::new(ErrorKind::Unreadable, "the card's answer is longer than any card's"));
    }
    bytes.truncate(bytes.len() - 2);
    Ok(Answer { data: bytes, status: u16::from_be_bytes([high, low]) })
}

/// A command with its data.
pub(super) fn with_data(class: u8, instruction: u8, p1: u8, p2: u8, data: &[u8]) -> Result<Vec<u8>, Error> {
    let length = u8::try_from(data.len())
        .map_err(|_| Error::new(ErrorKind::Unreadable, "the card's data does not fit a command"))?;
    let mut command = vec![class, instruction, p1, p2, length];
    command.extend_from_slice(data);
    Ok(command)
}

/// `SELECT` a file by its two-byte identifier.
pub(super) fn select(file: u16) -> Vec<u8> {
    let [high, low] = file.to_be_bytes();
    vec![0x00, 0xA4, 0x00, 0x00, 0x02, high, low]
}

/// `READ BINARY`. Offsets beyond 15 bits cannot be said.
pub(super) fn read_binary(offset: usize, length: u8) -> Result<Vec<u8>, Error> {
    let offset = u16::try_from(offset).ok().filter(|offset| *offset < 0x8000);
    let [high, low] = offset
        .ok_or_else(|| Error::new(ErrorKind::TooLarge, "the card's file is larger than can be read"))?
        .to_be_bytes();
    Ok(vec![0x00, 0xB0, high, low, length])
}

/// Sends a command and follows `61 xx` (more is there) and `6C xx` (ask for so many), as cards of T=0 need it.
pub(super) fn transmit(port: &mut dyn Port, command: &[u8]) -> Result<Answer, Error> {
    let mut command = command.to_vec();
    let mut data = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let answer = parse_answer(port.exchange(&command)?)?;
        let [kind, count] = answer.status.to_be_bytes();
        match kind {
            0x61 => {
                data.extend(answer.data);
                command = vec![0x00, 0xC0, 0x00, 0x00, count];
            }
            0x6C => {
                // The last byte of a command without data is how much is asked for.
                if let (5, Some(length)) = (command.len(), command.last_mut()) {
                    *length = count;
                } else {
                    return Ok(answer);
                }
            }
            _ => {
                data.extend(answer.data);
                return Ok(Answer { data, status: answer.status });
            }
        }
        if data.len() > MAX_ANSWER * MAX_ROUNDS {
            break;
        }
    }
    Err(Error::new(ErrorKind::Unreadable, "the card does not come to an end"))
}

/// Sends a command that must succeed; `what` is what it does, for the log.
pub(super) fn must(port: &mut dyn Port, what: &str, command: &[u8]) -> Result<Vec<u8>, Error> {
    let answer = transmit(port, command)?;
    if answer.status == DONE { Ok(answer.data) } else { Err(refused(what, answer.status)) }
}

/// What a card means by a status word other than `90 00`.
pub(super) fn refused(what: &str, status: u16) -> Error {
    let [high, low] = status.to_be_bytes();
    let why = match status {
        0x6982 | 0x6985 | 0x6986 => "needs the proof of a SAM",
        0x6983 | 0x6984 => "is blocked",
        0x6987 | 0x6988 => "does not trust the message",
        0x6A82 | 0x6A83 | 0x6A88 => "has no such file: it is not a KTP-el",
        0x6D00 | 0x6E00 | 0x6881 | 0x6882 => "does not know the command: it is not a KTP-el",
        _ => match high {
            0x63 => "failed the proof",
            0x62 | 0x64 | 0x65 => "has damaged data",
            0x67 | 0x6A | 0x6B | 0x6C => "does not accept the command",
            0x6F => "reports an internal fault",
            _ => "answers with an unknown status",
        },
    };
    Error::new(ErrorKind::Unreadable, format!("{what}: the card {why} ({high:02X} {low:02X})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Script(Vec<Vec<u8>>);

    impl Port for Script {
        fn exchange(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
            Ok(self.0.remove(0))
        }
    }

    #[test]
    fn an_answer_is_data_and_a_status_word() {
        let answer = parse_answer(vec![1, 2, 0x90, 0x00]).unwrap();
        assert_eq!((answer.data, answer.status), (vec![1, 2], DONE));
        assert_eq!(parse_answer(Vec::new()).err().unwrap().kind(), ErrorKind::Removed);
        assert_eq!(parse_answer(vec![0x90]).err().unwrap().kind(), ErrorKind::Unreadable);
        assert_eq!(parse_answer(vec![0; 600]).err().unwrap().kind(), ErrorKind::Unreadable);
    }

    #[test]
    fn more_data_is_fetched_and_an_endless_card_is_left() {
        let mut card = Script(vec![vec![0x61, 2], vec![7, 8, 0x90, 0]]);
        assert_eq!(must(&mut card, "test", &[0, 0xA4, 0, 0]).unwrap(), [7, 8]);
        let mut card = Script(vec![vec![0x6C, 3], vec![1, 2, 3, 0x90, 0]]);
        assert_eq!(must(&mut card, "test", &[0, 0xB0, 0, 0, 9]).unwrap(), [1, 2, 3]);
        let mut card = Script(vec![vec![1, 0x61, 0]; 40]);
        assert_eq!(must(&mut card, "test", &[0, 0xB0, 0, 0, 9]).unwrap_err().kind(), ErrorKind::Unreadable);
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        assert!(refused("biodata", 0x6982).to_string().contains("SAM"));
        assert!(refused("application", 0x6A82).to_string().contains("not a KTP-el"));
        assert_eq!(refused("anything", 0x1234).kind(), ErrorKind::Unreadable);
    }
}

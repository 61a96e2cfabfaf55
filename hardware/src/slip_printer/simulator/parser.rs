//! The byte stream of a printer cut into commands.

/// One ESC/POS command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Initialize,
    /// 0 left, 1 centre, 2 right.
    Align(u8),
    Size {
        width: u8,
        height: u8,
    },
    Bold(bool),
    /// `ESC !`: bold, double height and double width in one byte.
    Mode(u8),
    CodePage(u8),
    /// A byte of text in the code page in force.
    Character(u8),
    LineFeed,
    FeedLines(u8),
    FeedDots(u8),
    /// `None` is the default spacing.
    LineSpacing(Option<u8>),
    Raster {
        double_width: bool,
        double_height: bool,
        row_bytes: usize,
        rows: Vec<u8>,
    },
    /// `GS ( L`: a picture kept until it is asked for.
    PictureStore {
        double_width: bool,
        double_height: bool,
        row_bytes: usize,
        rows: Vec<u8>,
    },
    PicturePrint,
    /// `ESC *`: columns of 8 or 24 dots as a part of the line.
    Columns {
        double_width: bool,
        tall: bool,
        data: Vec<u8>,
    },
    QrModule(u8),
    QrCorrection(u8),
    QrStore(Vec<u8>),
    QrPrint,
    /// Dots to feed before the cut.
    Cut(u8),
    Status(u8),
    /// `GS a`: which changes are told unasked; 0 is none.
    TellChanges(u8),
    /// `GS I`: who are you?
    Identity(u8),
    /// Understood, without effect on paper.
    Ignored,
    Unknown(u8),
}

/// Largest picture in one command; a length beyond it is a broken stream, not a picture.
const MAX_RASTER: usize = 4 << 20;

/// Collects bytes until a command is whole.
#[derive(Default)]
pub(super) struct Parser {
    bytes: Vec<u8>,
    /// Bytes that are worked off and not yet thrown away.
    done: usize,
}

impl Parser {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        // Once per burst, not once per command: a burst may be a thousand commands of one byte.
        self.bytes.drain(..self.done);
        self.done = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole command and the number of bytes it took.
    pub(super) fn next_command(&mut self) -> Option<(Command, usize)> {
        let (command, length) = parse(self.bytes.get(self.done..)?)?;
        self.done += length;
        Some((command, length))
    }
}

fn parse(bytes: &[u8]) -> Option<(Command, usize)> {
    let at = |index: usize| bytes.get(index).copied();
    match at(0)? {
        b'\n' => Some((Command::LineFeed, 1)),
        0x10 => match at(1)? {
            0x04 => match at(2)? {
                // These two ask for a sub-status and carry one more byte.
                7 | 8 | 18 => at(3).map(|_| (Command::Ignored, 4)),
                _ => Some((Command::Ignored, 3)),
            },
            0x05 => at(2).map(|_| (Command::Ignored, 3)),
            0x14 => at(4).map(|_| (Command::Ignored, 5)),
            _ => Some((Command::Unknown(0x10), 1)),
        },
        0x1b => parse_esc(bytes),
        0x1d => parse_gs(bytes),
        // FS . and FS & choose the kanji mode.
        0x1c => at(1).map(|_| (Command::Ignored, 2)),
        byte if byte < 0x20 => Some((Command::Ignored, 1)),
        byte => Some((Command::Character(byte), 1)),
    }
}

fn parse_esc(bytes: &[u8]) -> Option<(Command, usize)> {
    let at = |index: usize| bytes.get(index).copied();
    let command = match at(1)? {
        b'@' => return Some((Command::Initialize, 2)),
        b'2' => return Some((Command::LineSpacing(None), 2)),
        b'3' => Command::LineSpacing(Some(at(2)?)),
        b'a' => Command::Align(at(2)? % 48),
        b'E' | b'G' => Command::Bold(at(2)? & 1 == 1),
        b't' => Command::CodePage(at(2)?),
        b'd' => Command::FeedLines(at(2)?),
        b'J' => Command::FeedDots(at(2)?),
        b'!' => Command::Mode(at(2)?),
        b'*' => return parse_columns(bytes),
        b'-' | b'M' | b'{' | b'R' | b' ' | b'V' | b'=' => at(2).map(|_| Command::Ignored)?,
        b'$' | b'\\' | b'c' | b'?' => return at(3).map(|_| (Command::Ignored, 4)),
        b'p' => return at(4).map(|_| (Command::Ignored, 5)),
        _ => return Some((Command::Unknown(0x1b), 1)),
    };
    Some((command, 3))
}

fn parse_gs(bytes: &[u8]) -> Option<(Command, usize)> {
    let at = |index: usize| bytes.get(index).copied();
    let command = match at(1)? {
        b'!' => {
            let n = at(2)?;
            Command::Size { width: (n >> 4 & 7) + 1, height: (n & 7) + 1 }
        }
        b'r' => Command::Status(at(2)?),
        b'a' => Command::TellChanges(at(2)?),
        b'I' => Command::Identity(at(2)?),
        b'V' => {
            return match at(2)? {
                0 | 1 | 48 | 49 => Some((Command::Cut(0), 3)),
                _ => at(3).map(|feed| (Command::Cut(feed), 4)),
            };
        }
        b'v' => return parse_raster(bytes),
        b'(' => return parse_extended(bytes),
        b'B' | b'h' | b'w' | b'H' | b'f' | b'b' => at(2).map(|_| Command::Ignored)?,
        b'L' | b'W' | b'P' => return at(3).map(|_| (Command::Ignored, 4)),
        _ => return Some((Command::Unknown(0x1d), 1)),
    };
    Some((command, 3))
}

fn parse_raster(bytes: &[u8]) -> Option<(Command, usize)> {
    let header: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
    let [_, _, _, mode, xl, xh, yl, yh] = header;
    let row_bytes = usize::from(u16::from_le_bytes([xl, xh]));
    let size = row_bytes * usize::from(u16::from_le_bytes([yl, yh]));
    if size == 0 || size > MAX_RASTER {
        return Some((Command::Unknown(0x1d), 8));
    }
    let rows = bytes.get(8..8 + size)?.to_vec();
    let command = Command::Raster { double_width: mode & 1 != 0, double_height: mode & 2 != 0, row_bytes, rows };
    Some((command, 8 + size))
}

/// `ESC * m nL nH`: n columns, of one byte each (m 0, 1) or three (m 32, 33).
fn parse_columns(bytes: &[u8]) -> Option<(Command, usize)> {
    let header: [u8; 5] = bytes.get(..5)?.try_into().ok()?;
    let [_, _, mode, nl, nh] = header;
    let (tall, double_width) = match mode {
        0 => (false, true),
        1 => (false, false),
        32 => (true, true),
        33 => (true, false),
        _ => return Some((Command::Unknown(0x1b), 3)),
    };
    let size = usize::from(u16::from_le_bytes([nl, nh])) * if tall { 3 } else { 1 };
    let data = bytes.get(5..5 + size)?.to_vec();
    Some((Command::Columns { double_width, tall, data }, 5 + size))
}

/// A picture for `GS ( L`: `a bx by c xL xH yL yH` and packed rows, one colour.
fn parse_stored_picture(data: &[u8]) -> Option<Command> {
    let [_, bx, by, _, xl, xh, yl, yh, rows @ ..] = data else { return None };
    let (width, height) = (u16::from_le_bytes([*xl, *xh]), u16::from_le_bytes([*yl, *yh]));
    let row_bytes = usize::from(width).div_ceil(8);
    let whole = row_bytes > 0 && height > 0 && rows.len() == row_bytes * usize::from(height);
    whole.then(|| Command::PictureStore {
        double_width: *bx == 2,
        double_height: *by == 2,
        row_bytes,
        rows: rows.to_vec(),
    })
}

/// `GS ( letter length …`; only the QR functions (letter k, code 49) and pictures (letter L) leave a trace.
fn parse_extended(bytes: &[u8]) -> Option<(Command, usize)> {
    let header: [u8; 5] = bytes.get(..5)?.try_into().ok()?;
    let length = usize::from(u16::from_le_bytes([header[3], header[4]]));
    let data = bytes.get(5..5 + length)?;
    let command = match (header[2], data) {
        (b'k', [49, 67, n]) => Command::QrModule(*n),
        (b'k', [49, 69, n]) => Command::QrCorrection(*n),
        (b'k', [49, 80, 48, data @ ..]) => Command::QrStore(data.to_vec()),
        (b'k', [49, 81, 48]) => Command::QrPrint,
        (b'L', [48, 112, data @ ..]) => parse_stored_picture(data).unwrap_or(Command::Ignored),
        (b'L', [48, 2 | 50]) => Command::PicturePrint,
        _ => Command::Ignored,
    };
    Some((command, 5 + length))
}

/// What a printer does the moment it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Realtime {
    /// `DLE EOT n`: a question for the state.
    Status(u8),
    /// `DLE ENQ 1`: recover and go on at the line of the fault.
    Recover,
    /// `DLE ENQ 2`: recover and forget what waits.
    RecoverAndClear,
}

/// Finds real-time commands in the stream as it arrives, also in the middle of another command, as printers do.
#[derive(Default)]
pub(super) struct RealtimeWatch {
    seen: [u8; 2],
}

impl RealtimeWatch {
    /// Takes one byte; gives the command that is complete with it.
    pub(super) fn push(&mut self, byte: u8) -> Option<Realtime> {
        let found = match (self.seen, byte) {
            ([0x10, 0x04], n @ 1..=4) => Some(Realtime::Status(n)),
            ([0x10, 0x05], 1) => Some(Realtime::Recover),
            ([0x10, 0x05], 2) => Some(Realtime::RecoverAndClear),
            _ => None,
        };
        // The last byte of a command is never the first of the next: 0x10 is none of them.
        self.seen = if found.is_some() { [0, 0] } else { [self.seen[1], byte] };
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parser: &mut Parser) -> Vec<Command> {
        std::iter::from_fn(|| parser.next_command()).map(|(command, _)| command).collect()
    }

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_commands() {
        let stream: Vec<u8> = [
            &[0x1b, 0x40, 0x1b, 0x74, 16, 0x1b, 0x61, 1, 0x1b, 0x45, 1, 0x1d, 0x21, 0x11][..],
            b"Hi\n",
            &[0x1d, 0x76, 0x30, 0, 2, 0, 2, 0, 0x10, 0x04, 0x01, 0xff],
            &[0x1d, 0x28, 0x6b, 5, 0, 49, 80, 48, b'A', b'B', 0x1d, 0x28, 0x6b, 3, 0, 49, 81, 48],
            &[0x10, 0x04, 2, 0x1d, 0x56, 0x41, 0, 0x1d, 0x72, 1],
        ]
        .concat();
        let mut whole = Parser::default();
        whole.push(&stream);
        let expected = all(&mut whole);
        assert_eq!(expected.len(), 14);
        assert_eq!(expected.last(), Some(&Command::Status(1)));
        for cut in 0..stream.len() {
            let mut parser = Parser::default();
            parser.push(&stream[..cut]);
            let mut commands = all(&mut parser);
            parser.push(&stream[cut..]);
            commands.extend(all(&mut parser));
            assert_eq!(commands, expected, "cut at {cut}");
        }
    }

    #[test]
    fn any_bytes_are_survived() {
        // A small generator instead of a dependency: the stream only has to be varied and repeatable.
        let mut seed = 0x1234_5678_u32;
        let mut parser = Parser::default();
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            parser.push(&[seed.to_be_bytes()[0]]);
            while parser.next_command().is_some() {}
            assert!(parser.bytes.len() < MAX_RASTER + 16);
        }
    }

    #[test]
    fn real_time_requests_are_found_across_bursts() {
        let mut watch = RealtimeWatch::default();
        let stream = [0x10, 0x10, 0x04, 1, 0x41, 0x10, 0x04, 9, 0x10, 0x04, 4, 0x10, 0x05, 1, 0x05, 0x10, 0x05, 2];
        let found: Vec<Realtime> = stream.into_iter().filter_map(|b| watch.push(b)).collect();
        let expected = [Realtime::Status(1), Realtime::Status(4), Realtime::Recover, Realtime::RecoverAndClear];
        assert_eq!(found, expected);
    }

    #[test]
    fn pictures_of_every_kind_are_read() {
        let mut parser = Parser::default();
        parser.push(&[0x1d, 0x28, 0x4c, 12, 0, 0x30, 0x70, 0x30, 1, 1, 0x31, 8, 0, 2, 0, 0xaa, 0x55]);
        parser.push(&[0x1d, 0x28, 0x4c, 2, 0, 0x30, 0x32, 0x1b, 0x2a, 33, 1, 0, 1, 2, 3, 0x1b, 0x21, 0x38]);
        let store =
            Command::PictureStore { double_width: false, double_height: false, row_bytes: 1, rows: vec![0xaa, 0x55] };
        let columns = Command::Columns { double_width: false, tall: true, data: vec![1, 2, 3] };
        assert_eq!(all(&mut parser), [store, Command::PicturePrint, columns, Command::Mode(0x38)]);
    }
}

//! espeak-ng as a program: text on its standard input, a WAV that grows on its standard output.
//!
//! The text never stands among its arguments, where every user of the machine could read it, and no shell is involved.

use std::io::{ErrorKind as IoErrorKind, Read};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anjungan_hardware::{Error, ErrorKind, SoundStream};

use super::job::{INPUT_BYTES_MAX, Job};
use crate::domain::language::Language;

/// Samples a second that espeak-ng makes with its own voices.
pub(super) const RATE_HZ: u32 = 22_050;
/// Longest text in characters: two minutes at the slowest.
const TEXT_CHARS_MAX: usize = 1500;
/// Bytes of the header before the first sample.
const HEADER_BYTES: usize = 44;
/// Read at once: a twentieth of a second of sound.
const READ_BYTES: usize = 2 * RATE_HZ as usize / 20;
/// The list of voices is shorter.
const LIST_BYTES_MAX: u64 = 256 << 10;

/// The languages that the installed program has, of those we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Languages {
    indonesian: bool,
    javanese: bool,
}

impl Default for Languages {
    /// What Debian's package has.
    fn default() -> Self {
        Self { indonesian: true, javanese: false }
    }
}

impl Languages {
    /// Reads the program's list: a header, then priority, language and more in columns.
    fn read(list: &str) -> Self {
        let has = |code: &str| list.lines().skip(1).any(|line| line.split_whitespace().nth(1) == Some(code));
        Self { indonesian: has("id"), javanese: has("jv") }
    }

    /// Refuses a program without Indonesian: its data are missing.
    pub(super) fn checked(self) -> Result<Self, Error> {
        if self.indonesian {
            Ok(self)
        } else {
            Err(Error::new(ErrorKind::Device, "the speech program has no Indonesian"))
        }
    }

    /// The program's name for a voice.
    pub(super) const fn voice(self, language: Language) -> &'static str {
        match language {
            Language::Javanese if self.javanese => "jv",
            Language::Indonesian | Language::Javanese => "id",
            Language::English => "en",
        }
    }
}

/// Asks the program which languages it has.
pub(super) fn ask_languages(program: &Path) -> Result<Job<Languages>, Error> {
    let mut command = Command::new(program);
    command.arg("--voices");
    Job::start(command, "", |stdout| {
        let mut list = Vec::new();
        // A list that cannot be read has no language.
        let _ = stdout.take(LIST_BYTES_MAX).read_to_end(&mut list);
        Languages::read(&String::from_utf8_lossy(&list))
    })
}

/// Text without anything that is a command to the program: control characters, phonemes in brackets, marks of SSML.
/// Cut at a word when it is too long.
pub(super) fn cleaned(text: &str) -> String {
    let kept = |sign: char| {
        let command = sign.is_control() || matches!(sign, '[' | ']' | '<' | '>' | '&' | '{' | '}' | '\\' | '|' | '`');
        if command { ' ' } else { sign }
    };
    let mut text: String = text.chars().take(TEXT_CHARS_MAX + 1).map(kept).collect();
    if text.chars().count() > TEXT_CHARS_MAX {
        tracing::warn!("a text is too long to be said to its end");
        text.pop();
        if let Some((whole, _)) = text.rsplit_once(' ') {
            text.truncate(whole.len());
        }
    }
    text
}

/// One utterance for the program.
pub(super) struct Synthesis<'a> {
    pub(super) program: &'a Path,
    pub(super) voice: &'static str,
    pub(super) words_per_minute: u32,
    /// As [`cleaned`] gives it.
    pub(super) text: &'a str,
}

impl Synthesis<'_> {
    /// Starts the program; its sound goes into the stream while it is made. Gives how long the whole sound lasts.
    pub(super) fn start(&self, stream: SoundStream) -> Result<Job<Result<Duration, Error>>, Error> {
        const { assert!(TEXT_CHARS_MAX * 4 <= INPUT_BYTES_MAX, "every text fits into the pipe") };
        let mut command = Command::new(self.program);
        // UTF-8 whatever the locale, all of standard input as one text, no pause at the end.
        command.args(["--stdin", "--stdout", "-b", "1", "-z", "-v", self.voice, "-s"]);
        command.arg(self.words_per_minute.to_string());
        Job::start(command, self.text, move |stdout| pour(stdout, stream))
    }
}

/// A WAV of our own, at the rate of the speech.
pub(super) fn wav(samples: &[i16]) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let mut wav = b"RIFF".to_vec();
    wav.extend(bytes.saturating_add(36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(RATE_HZ.to_le_bytes());
    wav.extend((RATE_HZ * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    wav
}

/// Moves samples from the program into the stream until the program ends.
fn pour(mut from: impl Read, mut stream: SoundStream) -> Result<Duration, Error> {
    let mut header = [0; HEADER_BYTES];
    match from.read_exact(&mut header) {
        Err(error) if error.kind() == IoErrorKind::UnexpectedEof => {
            return Err(Error::new(ErrorKind::Garbled, "the speech program made no sound"));
        }
        read => read.map_err(lost)?,
    }
    check(&header)?;
    let mut samples_in_all = 0_u32;
    let mut bytes = [0; READ_BYTES];
    let mut kept = 0;
    loop {
        let read = match from.read(&mut bytes[kept..]) {
            Err(error) if error.kind() == IoErrorKind::Interrupted => continue,
            read => read.map_err(lost)?,
        };
        if read == 0 {
            return Ok(Duration::from_secs(1) * samples_in_all / RATE_HZ);
        }
        let filled = kept + read;
        let samples: Vec<i16> =
            bytes[..filled].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        samples_in_all = samples_in_all.saturating_add(samples.len() as u32);
        // A pipe may cut a sample in two.
        kept = filled % 2;
        bytes[0] = bytes[filled - 1];
        stream.write(samples)?;
    }
}

fn lost(error: std::io::Error) -> Error {
    Error::io("the speech program's sound", error)
}

/// Checks that a header is the one espeak-ng writes: PCM, mono, 16 bit, our rate. It knows no length yet.
fn check(header: &[u8; HEADER_BYTES]) -> Result<(), Error> {
    let head = [&b"WAVEfmt "[..], &16_u32.to_le_bytes(), &1_u16.to_le_bytes(), &1_u16.to_le_bytes()].concat();
    let right = header.starts_with(b"RIFF")
        && header[8..24] == head
        && header[24..28] == RATE_HZ.to_le_bytes()
        && header[34..36] == 16_u16.to_le_bytes()
        && header[36..40] == *b"data";
    if right {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Garbled, "the speech program's sound is not the expected WAV"))
    }
}

#[cfg(test)]
mod tests {
    use anjungan_hardware::{DeviceUrl, open_speaker};
    use proptest::prelude::*;

    use super::*;

    fn stream() -> SoundStream {
        open_speaker(&DeviceUrl::parse("none:").unwrap()).unwrap().stream(RATE_HZ).unwrap()
    }

    /// The header of espeak-ng 1.51 as recorded.
    fn header() -> Vec<u8> {
        let mut header = b"RIFF\x24\xf0\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        header.extend(b"\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data\0\xf0\xff\x7f");
        header
    }

    /// Gives what it has in small pieces, as a pipe may.
    struct Pieces(Vec<u8>, usize);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = self.1.min(buffer.len()).min(self.0.len());
            buffer[..size].copy_from_slice(&self.0[..size]);
            self.0.drain(..size);
            Ok(size)
        }
    }

    #[test]
    fn the_length_is_counted_however_the_pipe_cuts() {
        for piece in [1, 3, 7, 4096] {
            let sound = [header(), vec![1; RATE_HZ as usize]].concat();
            assert_eq!(pour(Pieces(sound, piece), stream()).unwrap(), Duration::from_millis(500), "{piece}");
        }
    }

    #[test]
    fn another_sound_than_expected_is_garbled() {
        assert_eq!(pour(&b"hello"[..], stream()).unwrap_err().kind(), ErrorKind::Garbled);
        assert_eq!(pour(&header()[..], stream()).unwrap(), Duration::ZERO);
        for at in [0, 9, 20, 22, 24, 34, 38] {
            let mut wrong = header();
            wrong[at] ^= 1;
            assert_eq!(pour(&wrong[..], stream()).unwrap_err().kind(), ErrorKind::Garbled, "byte {at}");
        }
    }

    #[test]
    fn our_own_wav_is_one_that_a_speaker_takes() {
        let mut speaker = open_speaker(&DeviceUrl::parse("none:").unwrap()).unwrap();
        speaker.play(&wav(&[0, 1, -1])).unwrap();
        assert_eq!(check(wav(&[7])[..HEADER_BYTES].try_into().unwrap()).map_err(|error| error.kind()), Ok(()));
    }

    #[test]
    fn a_program_that_never_ends_its_sound_is_stopped() {
        let error = pour(Pieces(header(), 44).chain(std::io::repeat(0)), stream()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn languages_are_read_from_the_list() {
        let list =
            "Pty Language       Age/Gender VoiceName\n 5  id              --/M      Indonesian\n 5  jvx  --/M  x\n";
        let languages = Languages::read(list);
        assert_eq!(languages, Languages { indonesian: true, javanese: false });
        assert_eq!(languages.voice(Language::Javanese), "id");
        let both = Languages::read(&format!("{list} 5  jv  --/M  Javanese\n"));
        assert_eq!(both.voice(Language::Javanese), "jv");
        assert_eq!(Languages::read("").checked().unwrap_err().kind(), ErrorKind::Device);
    }

    #[test]
    fn a_long_text_is_cut_at_a_word() {
        let long = "kata ".repeat(TEXT_CHARS_MAX);
        let cut = cleaned(&long);
        assert!(cut.chars().count() <= TEXT_CHARS_MAX && cut.ends_with("kata"));
        assert_eq!(cleaned("[[h@l'oU]] <break/> \u{1}1S"), "  h@l'oU    break/   1S");
        assert_eq!(cleaned(&"é".repeat(2 * TEXT_CHARS_MAX)).chars().count(), TEXT_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_program_panic(bytes: Vec<u8>, piece in 1_usize..9) {
            let _ = pour(Pieces([header(), bytes.clone()].concat(), piece), stream());
            let _ = pour(Pieces(bytes, piece), stream());
        }
    }
}

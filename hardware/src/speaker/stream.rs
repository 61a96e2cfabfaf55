//! A sound whose samples come while it is already heard.

use std::mem;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::time::Duration;
use std::vec;

use rodio::{ChannelCount, Sample, SampleRate, Source};

use super::wav::{MAX_BYTES, RATES_HZ};
use crate::{Error, ErrorKind};

/// Longest stream: as many bytes as the largest sound.
const MAX_SAMPLES: usize = MAX_BYTES / mem::size_of::<i16>();

/// Where the samples of a stream go in. Dropping it is the end of the sound.
#[derive(Debug)]
pub struct SoundStream {
    /// None where nothing is heard on purpose.
    samples: Option<Sender<Vec<i16>>>,
    room: usize,
}

impl SoundStream {
    pub(super) fn unheard() -> Self {
        Self { samples: None, room: MAX_SAMPLES }
    }

    /// A stream and the sound it is heard as.
    pub(super) fn heard(rate: SampleRate) -> (Self, Incoming) {
        let (sender, coming) = mpsc::channel();
        (Self { samples: Some(sender), room: MAX_SAMPLES }, Incoming { rate, coming, now: Vec::new().into_iter() })
    }

    /// Adds samples without waiting.
    ///
    /// # Errors
    ///
    /// `Cancelled` once the speaker was stopped or its card is gone, `TooLarge` beyond 20 MB in all.
    pub fn write(&mut self, samples: Vec<i16>) -> Result<(), Error> {
        let room = self.room.checked_sub(samples.len());
        self.room = room.ok_or_else(|| Error::new(ErrorKind::TooLarge, "the stream of a sound does not end"))?;
        match &self.samples {
            Some(sender) => {
                sender.send(samples).map_err(|_| Error::new(ErrorKind::Cancelled, "the sound is no longer played"))
            }
            None => Ok(()),
        }
    }
}

/// Checks a rate that a caller asks for.
pub(super) fn check_rate(rate_hz: u32) -> Result<SampleRate, Error> {
    SampleRate::new(rate_hz)
        .filter(|rate| RATES_HZ.contains(&rate.get()))
        .ok_or_else(|| Error::new(ErrorKind::InvalidRequest, format!("no sound has {rate_hz} samples a second")))
}

/// The sound of a stream. The card's thread asks it for samples, so it never waits: a late sample is silence.
pub(super) struct Incoming {
    rate: SampleRate,
    coming: Receiver<Vec<i16>>,
    now: vec::IntoIter<i16>,
}

impl Iterator for Incoming {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        loop {
            if let Some(sample) = self.now.next() {
                return Some(f32::from(sample) / 32_768.0);
            }
            match self.coming.try_recv() {
                Ok(samples) => self.now = samples.into_iter(),
                Err(TryRecvError::Empty) => return Some(0.0),
                Err(TryRecvError::Disconnected) => return None,
            }
        }
    }
}

impl Source for Incoming {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        ChannelCount::MIN
    }

    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_out_in_order_with_silence_where_they_are_late_and_an_end() {
        let (mut stream, mut sound) = SoundStream::heard(check_rate(22_050).unwrap());
        assert_eq!(sound.next(), Some(0.0));
        stream.write(vec![16_384, -32_768]).unwrap();
        stream.write(Vec::new()).unwrap();
        stream.write(vec![8_192]).unwrap();
        let heard: Vec<_> = sound.by_ref().take(4).collect();
        assert_eq!(heard, [0.5, -1.0, 0.25, 0.0]);
        stream.write(vec![8_192]).unwrap();
        drop(stream);
        assert_eq!((sound.next(), sound.next()), (Some(0.25), None));
    }

    #[test]
    fn a_stream_has_a_limit_and_ends_with_its_sound() {
        let mut stream = SoundStream::unheard();
        stream.write(vec![0; MAX_SAMPLES]).unwrap();
        assert_eq!(stream.write(vec![0]).unwrap_err().kind(), ErrorKind::TooLarge);
        let (mut stream, sound) = SoundStream::heard(check_rate(8_000).unwrap());
        drop(sound);
        assert_eq!(stream.write(vec![0]).unwrap_err().kind(), ErrorKind::Cancelled);
    }

    #[test]
    fn rates_that_no_card_plays_are_refused() {
        for rate_hz in [0, 7_999, 192_001, u32::MAX] {
            assert_eq!(check_rate(rate_hz).unwrap_err().kind(), ErrorKind::InvalidRequest);
        }
    }
}

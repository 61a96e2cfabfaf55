//! The system's sound output through rodio.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rodio::source::{UniformSourceIterator, Zero};
use rodio::stream::DeviceSinkBuilder;
use rodio::{ChannelCount, CpalErrorKind, Decoder, MixerDeviceSink, Player, SampleRate, Source};

use super::{SoundStream, Speaker, stream, wav};
use crate::{Error, ErrorKind, Health};

/// Silence for every ear.
const BELOW_FULL_MAX_DB: u8 = 60;

struct Output {
    /// None after a stop: the next sound gets a new one.
    player: Option<Player>,
    channels: ChannelCount,
    rate: SampleRate,
    lost: Arc<AtomicBool>,
    /// The sound ends when this is dropped.
    sink: MixerDeviceSink,
}

impl Output {
    fn append(&mut self, sound: impl Source + Send + 'static, volume: f32) {
        let (channels, rate) = (self.channels, self.rate);
        let player = self.player.get_or_insert_with(|| {
            // rodio plays the first 512 samples of a sound with the rate of the silence before it, which is the rate of
            // the sound before that: a click in the place of the first consonant. So all sounds get the same rate, and
            // the first of them is one frame of silence.
            let (player, source) = Player::new();
            player.append(Zero::new_samples(channels, rate, channels.get().into()));
            self.sink.mixer().add(source);
            player
        });
        player.set_volume(volume);
        player.append(UniformSourceIterator::new(sound, channels, rate));
    }
}

pub(super) struct SoundCard {
    output: Option<Output>,
    volume: f32,
    simulated: bool,
}

impl SoundCard {
    pub(super) fn new(simulated: bool) -> Self {
        Self { output: None, volume: 1.0, simulated }
    }

    /// The open output; opened again after the card was lost.
    fn output(&mut self) -> Result<&mut Output, Error> {
        if self.output.as_ref().is_some_and(|output| output.lost.load(Ordering::Relaxed)) {
            tracing::warn!("sound card lost");
            self.output = None;
        }
        match &mut self.output {
            Some(output) => Ok(output),
            closed => Ok(closed.insert(open()?)),
        }
    }
}

/// Keeps ALSA from writing to standard error on this thread: without a card it says so in a dozen lines, each time one
/// is looked for.
fn hush() {
    if let Err(error) = alsa::Output::local_error_handler() {
        tracing::debug!(%error, "ALSA goes on writing to standard error");
    }
}

fn open() -> Result<Output, Error> {
    hush();
    let lost = Arc::new(AtomicBool::new(false));
    let flag = lost.clone();
    let sink = DeviceSinkBuilder::from_default_device()
        .and_then(|builder| {
            builder
                .with_error_callback(move |error| {
                    // A broken stream repeats itself without a pause until it is dropped: once is enough.
                    if !flag.load(Ordering::Relaxed) {
                        tracing::warn!(%error, "sound card");
                    }
                    // An underrun is a click and a new route is news; the rest ends the stream.
                    let harmless = matches!(
                        error.kind(),
                        CpalErrorKind::Xrun | CpalErrorKind::DeviceChanged | CpalErrorKind::RealtimeDenied
                    );
                    if !harmless {
                        flag.store(true, Ordering::Relaxed);
                    }
                })
                .open_stream()
        })
        .map_err(|error| Error::new(ErrorKind::NotReachable, "no sound card").with_source(error));
    let mut sink = sink?;
    sink.log_on_drop(false);
    let (channels, rate) = (sink.config().channel_count(), sink.config().sample_rate());
    Ok(Output { player: None, channels, rate, lost, sink })
}

impl Speaker for SoundCard {
    fn play(&mut self, wav: &[u8]) -> Result<(), Error> {
        wav::check(wav)?;
        let sound = Decoder::new_wav(Cursor::new(wav.to_vec()))
            .map_err(|error| Error::new(ErrorKind::Garbled, "not a playable WAV").with_source(error))?;
        let volume = self.volume;
        self.output()?.append(sound, volume);
        Ok(())
    }

    fn stream(&mut self, rate_hz: u32) -> Result<SoundStream, Error> {
        let (stream, sound) = SoundStream::heard(stream::check_rate(rate_hz)?);
        let volume = self.volume;
        self.output()?.append(sound, volume);
        Ok(stream)
    }

    fn stop(&mut self) {
        if let Some(output) = &mut self.output {
            // Its sounds end by themselves within some milliseconds. Waiting for that, as `Player::clear` does, would
            // be for ever with a card that has stopped asking.
            output.player = None;
        }
    }

    fn set_volume(&mut self, below_full_db: u8) {
        self.volume = 10_f32.powf(f32::from(below_full_db.min(BELOW_FULL_MAX_DB)) / -20.0);
        if let Some(player) = self.output.as_ref().and_then(|output| output.player.as_ref()) {
            player.set_volume(self.volume);
        }
    }

    fn is_playing(&self) -> bool {
        self.output.as_ref().is_some_and(|output| {
            let player = output.player.as_ref();
            !output.lost.load(Ordering::Relaxed) && player.is_some_and(|player| !player.empty())
        })
    }

    fn health(&mut self) -> Health {
        self.output().map_or_else(|error| error.health(), |_| Health::Ready)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

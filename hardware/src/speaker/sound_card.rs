//! The system's sound output through rodio.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rodio::source::{UniformSourceIterator, Zero};
use rodio::stream::DeviceSinkBuilder;
use rodio::{ChannelCount, CpalErrorKind, Decoder, MixerDeviceSink, Player, SampleRate};

use super::{Speaker, wav};
use crate::{Error, ErrorKind, Health};

struct Output {
    player: Player,
    channels: ChannelCount,
    rate: SampleRate,
    lost: Arc<AtomicBool>,
    /// The sound ends when this is dropped.
    _sink: MixerDeviceSink,
}

pub(super) struct SoundCard {
    output: Option<Output>,
    simulated: bool,
}

impl SoundCard {
    pub(super) fn new(simulated: bool) -> Self {
        Self { output: None, simulated }
    }

    /// The open output; opened again after the card was lost.
    fn output(&mut self) -> Result<&Output, Error> {
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
                    tracing::warn!(%error, "sound card");
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
    // rodio plays the first 512 samples of a sound with the rate of the silence before it, which is the rate of the
    // sound before that: a click in the place of the first consonant. So all sounds get the same rate, and the first
    // of them is one frame of silence.
    let (player, source) = Player::new();
    player.append(Zero::new_samples(channels, rate, channels.get().into()));
    sink.mixer().add(source);
    Ok(Output { player, channels, rate, lost, _sink: sink })
}

impl Speaker for SoundCard {
    fn play(&mut self, wav: &[u8]) -> Result<(), Error> {
        wav::check(wav)?;
        let sound = Decoder::new_wav(Cursor::new(wav.to_vec()))
            .map_err(|error| Error::new(ErrorKind::Garbled, "not a playable WAV").with_source(error))?;
        let output = self.output()?;
        output.player.append(UniformSourceIterator::new(sound, output.channels, output.rate));
        output.player.play();
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(output) = &self.output {
            output.player.clear();
        }
    }

    fn is_playing(&self) -> bool {
        self.output.as_ref().is_some_and(|output| !output.player.empty())
    }

    fn health(&mut self) -> Health {
        self.output().map_or_else(|error| error.health(), |_| Health::Ready)
    }

    fn simulated(&self) -> bool {
        self.simulated
    }
}

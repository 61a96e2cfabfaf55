//! The speaker: plays WAV sounds and streams of samples in the order given. Without a sound card the kiosk goes on in
//! silence.

mod sound_card;
mod stream;
mod wav;

pub use stream::SoundStream;

use crate::{Address, DeviceUrl, Error, Health};

/// Plays sounds.
pub trait Speaker: Send {
    /// Queues a WAV sound (PCM, at most 20 MB) behind the ones still playing and returns at once.
    ///
    /// # Errors
    ///
    /// `Garbled` for what is not a WAV, `TooLarge`, `NotReachable` without a sound card. A later call looks for the
    /// card again.
    fn play(&mut self, wav: &[u8]) -> Result<(), Error>;

    /// Queues a mono sound of `rate_hz` samples a second whose samples are still to come, and returns at once. It is
    /// heard from its first sample on, is silent while none is there, and ends when the stream is dropped.
    ///
    /// # Errors
    ///
    /// `InvalidRequest` for a rate that is not between 8,000 and 192,000, `NotReachable` without a sound card. A later
    /// call looks for the card again.
    fn stream(&mut self, rate_hz: u32) -> Result<SoundStream, Error>;

    /// Silence now, without waiting for the card; what is queued is forgotten and streams take no more samples.
    fn stop(&mut self);

    /// Sets how far below full loudness everything is heard, also what is playing. More than 60 dB is 60 dB.
    fn set_volume(&mut self, below_full_db: u8);

    /// Whether something is still playing or a stream is open.
    fn is_playing(&self) -> bool;

    /// [`Health::NotReachable`] without a sound card.
    fn health(&mut self) -> Health;

    /// Whether nothing is heard on purpose (`none:`).
    fn simulated(&self) -> bool;
}

/// Opens the speaker a URL names: `default` for the system's sound output, `none:` for silence.
///
/// # Errors
///
/// `UnsupportedScheme` for any other scheme.
pub fn open_speaker(url: &DeviceUrl) -> Result<Box<dyn Speaker>, Error> {
    match url.address() {
        Address::Default => Ok(Box::new(sound_card::SoundCard::new(url.is_simulated()))),
        Address::Silent => Ok(Box::new(Silence)),
        _ => Err(url.unsupported("speaker", "default, none:")),
    }
}

/// The speaker that is not there on purpose. It still checks what it is given, so that a broken sound file is found
/// on a machine without a card, too.
struct Silence;

impl Speaker for Silence {
    fn play(&mut self, wav: &[u8]) -> Result<(), Error> {
        wav::check(wav)
    }

    fn stream(&mut self, rate_hz: u32) -> Result<SoundStream, Error> {
        stream::check_rate(rate_hz)?;
        Ok(SoundStream::unheard())
    }

    fn stop(&mut self) {}

    fn set_volume(&mut self, _below_full_db: u8) {}

    fn is_playing(&self) -> bool {
        false
    }

    fn health(&mut self) -> Health {
        Health::Ready
    }

    fn simulated(&self) -> bool {
        true
    }
}

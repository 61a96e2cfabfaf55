//! The speaker: plays WAV sounds in the order given. Without a sound card the kiosk goes on in silence.

mod sound_card;
mod wav;

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

    /// Silence now; what is queued is forgotten.
    fn stop(&mut self);

    /// Whether something is still playing.
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

    fn stop(&mut self) {}

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

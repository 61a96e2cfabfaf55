//! The loudspeaker on its thread.

use std::sync::Arc;
use std::time::Duration;

use anjungan_hardware::{Speaker, open_speaker};

use super::{DeviceStartError, DeviceState, Watch, parse};
use crate::domain::device::DeviceKind;
use crate::station::bridge::Sender;
use crate::station::worker::{StopFlag, Task, Worker};

/// How often the speaker is asked for its state.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Three soft notes, see `assets/sounds`.
pub const CHIME: &[u8] = include_bytes!("../../../assets/sounds/chime.wav");

/// What the speaker tells.
#[derive(Debug, Clone)]
pub enum SpeakerEvent {
    /// The speaker's state changed.
    State(DeviceState),
}

#[derive(Clone)]
enum Command {
    Play(Arc<[u8]>),
    Stop,
}

/// The loudspeaker's worker.
#[derive(Debug)]
pub struct SpeakerWorker {
    worker: Worker<Command>,
}

impl SpeakerWorker {
    /// Starts the worker for the speaker a URL names.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn start(url: &str, events: Sender<SpeakerEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(url)?;
        let worker = Worker::start(
            "speaker",
            move |_: &StopFlag| {
                let speaker = open_speaker(&url)?;
                let watch = Watch::new(DeviceKind::Speaker, LOOK_EVERY);
                Ok::<_, anjungan_hardware::Error>(Speaking { speaker, watch, events: events.clone() })
            },
            |_, _| {},
        )?;
        Ok(Self { worker })
    }

    /// Plays a WAV sound behind the ones still playing. Without a sound card nothing is heard.
    pub fn play(&self, wav: Arc<[u8]>) {
        self.worker.send(Command::Play(wav));
    }

    /// Silence now.
    pub fn stop(&self) {
        self.worker.send(Command::Stop);
    }
}

struct Speaking {
    speaker: Box<dyn Speaker>,
    watch: Watch,
    events: Sender<SpeakerEvent>,
}

impl Task for Speaking {
    type Command = Command;

    fn run(&mut self, command: Command) {
        match command {
            Command::Play(wav) => {
                if let Err(error) = self.speaker.play(&wav) {
                    tracing::warn!(%error, "a sound is not heard");
                }
            }
            Command::Stop => self.speaker.stop(),
        }
    }

    fn idle(&mut self) -> Duration {
        let wait = self.watch.wait();
        if !wait.is_zero() {
            return wait;
        }
        let health = self.speaker.health();
        if let Some(state) = self.watch.news(DeviceState::of(health, self.speaker.simulated())) {
            self.events.send(SpeakerEvent::State(state));
        }
        LOOK_EVERY
    }
}

//! The board without its window: owns the flow, the watch over the hall and the loudspeaker.

use std::io;
use std::time::{Duration, Instant};

use super::flow::{BoardEffect, BoardEvent, BoardFacts, BoardFlow, CallVoice};
use super::view::BoardView;
use crate::clock::World;
use crate::config::Config;
use crate::station::bridge::{Inbox, Wake, inbox};
use crate::station::devices::DeviceStartError;
use crate::station::hall_watch::{HallEvent, HallWatch};
use crate::station::voice::{Pace, Utterance, UtteranceId, Voice, VoiceConfig, VoiceEvent, Volume};
use crate::wire::client::HubClient;

/// How often the flow hears that time passes.
const TICK: Duration = Duration::from_secs(1);

/// Why a board cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration has no such section.
    #[error("section [board] is missing; see docs/configuration.md")]
    SectionMissing,
    /// The loudspeaker is named wrongly.
    #[error("[speaker]: {0}")]
    Speaker(#[from] DeviceStartError),
    /// The system gives no thread.
    #[error("no thread: {0}")]
    Thread(#[from] io::Error),
}

/// What the threads tell.
enum Told {
    Hall(HallEvent),
    Voice(VoiceEvent),
}

/// The board without a window. Pump it and look at its view.
pub struct BoardShell {
    world: World,
    flow: BoardFlow,
    told: Inbox<Told>,
    voice: Option<Voice>,
    /// What is being said; what an earlier utterance tells is nothing.
    saying: Option<UtteranceId>,
    announced: u64,
    _hall: HallWatch,
    ticked: Instant,
}

impl std::fmt::Debug for BoardShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoardShell").field("flow", &self.flow).finish_non_exhaustive()
    }
}

impl BoardShell {
    /// Starts workers; nothing is waited for.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, StartError> {
        let section = config.board.as_ref().ok_or(StartError::SectionMissing)?;
        let (to_shell, told) = inbox(wake);
        let client = HubClient::new(&section.hub, &section.token);
        let hall = HallWatch::start(client, to_shell.adapt(Told::Hall))?;
        let voice = config
            .speaker
            .as_ref()
            .map(|device| Voice::start(VoiceConfig::on(&device.url), to_shell.adapt(Told::Voice)));
        let voice = voice.transpose()?;
        let calls = voice.is_some().then(|| CallVoice {
            languages: section.call_languages.clone(),
            volume: section.volume,
            quiet: section.quiet.clone(),
        });
        let facts = BoardFacts { office: config.office.name.clone(), zone: config.office.timezone, calls };
        let flow = BoardFlow::new(facts, world.now());
        Ok(Self { world, flow, told, voice, saying: None, announced: 0, _hall: hall, ticked: Instant::now() })
    }

    /// Gives the flow an event and carries out what follows.
    pub fn handle(&mut self, event: BoardEvent) {
        for effect in self.flow.step(event, self.world.now()) {
            let BoardEffect::Say { text, language, chime, volume } = effect;
            self.announced += u64::from(chime);
            if let Some(voice) = &self.voice {
                let volume = Volume::of_step(volume.step() - 1).unwrap_or_default();
                self.saying = Some(voice.say(Utterance { text, language, pace: Pace::Normal, volume, chime }));
            }
        }
    }

    fn take(&mut self, told: Told) -> bool {
        let event = match told {
            Told::Hall(HallEvent::Hall(hall)) => BoardEvent::HallChanged(hall),
            // The age of the last good state says the same, and says it in a way the hall understands.
            Told::Hall(HallEvent::Changed(_) | HallEvent::Online(_)) => return false,
            Told::Voice(VoiceEvent::State(state)) => BoardEvent::SpeakerKnown(state),
            Told::Voice(VoiceEvent::Spoken(id)) if self.saying == Some(id) => BoardEvent::Spoken,
            Told::Voice(VoiceEvent::Failed(id, _)) if self.saying == Some(id) => BoardEvent::SpeechFailed,
            Told::Voice(VoiceEvent::Spoken(_) | VoiceEvent::Failed(..)) => return false,
        };
        self.handle(event);
        true
    }

    /// Handles everything that threads told, waiting at most `max_wait` for the first of it. True when anything
    /// happened, a tick included.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let mut happened = false;
        let mut next = self.told.next(max_wait.min(TICK));
        while let Some(told) = next {
            happened |= self.take(told);
            next = self.told.try_next();
        }
        if self.ticked.elapsed() >= TICK {
            self.ticked = Instant::now();
            self.handle(BoardEvent::Ticked);
            happened = true;
        }
        happened
    }

    /// What the window shows.
    #[must_use]
    pub fn view(&self) -> BoardView {
        self.flow.view()
    }

    /// Whether nothing is being said and nothing waits to be.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.flow.announcer.saying().is_none() && self.flow.announcer.waiting() == 0
    }

    /// How many calls were announced, whether or not there is a sound card.
    #[must_use]
    pub const fn announced(&self) -> u64 {
        self.announced
    }
}

//! The voice of the audio mode: what a screen says is spoken offline by espeak-ng and played by the loudspeaker or into
//! headphones.
//!
//! One thread owns the speaker and the running program. A new utterance interrupts the one before it. A program or a
//! card that is missing, hangs or dies is a state and an event, never a crash, and nothing here waits for either. What is
//! spoken may be personal: it stands in no log, no event and no argument of a process.

mod cardinal;
mod job;
mod spoken;
mod synthesis;

pub use cardinal::cardinal;
pub use spoken::spoken;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anjungan_hardware::{Error, ErrorKind, Health, Speaker, open_speaker};

use super::bridge::Sender;
use super::devices::{CHIME, DeviceStartError, DeviceState, Watch, parse};
use super::worker::{StopFlag, Task, Worker};
use crate::domain::device::DeviceKind;
use crate::domain::language::Language;
use job::Job;
use synthesis::{Languages, Synthesis};

/// How often program and card are looked at while nothing is said.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often the end of an utterance is looked for.
const POLL_EVERY: Duration = Duration::from_millis(20);
/// A program that takes longer for all of an utterance hangs: it needs a tenth of a second.
const SYNTHESIS_MAX: Duration = Duration::from_secs(10);
/// A sound that is over this much too early was not heard to its end: the card holds less.
const CUT_MIN: Duration = Duration::from_millis(500);
/// Silence between an announcement and the chime of the next.
const BREATH: Duration = Duration::from_millis(600);
/// How long the chime lasts.
const CHIME_LASTS: Duration = Duration::from_millis(1600);
/// A card that plays this much longer than the sound lasts hangs.
const PLAYING_SLACK_MAX: Duration = Duration::from_secs(5);

/// How fast is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Pace {
    /// For somebody who hears the machine for the first time.
    Slower,
    /// Slow.
    Slow,
    /// As people talk.
    #[default]
    Normal,
    /// For somebody who uses a screen reader every day.
    Fast,
}

impl Pace {
    /// One step slower, or none.
    #[must_use]
    pub const fn slower(self) -> Option<Self> {
        match self {
            Self::Slower => None,
            Self::Slow => Some(Self::Slower),
            Self::Normal => Some(Self::Slow),
            Self::Fast => Some(Self::Normal),
        }
    }

    /// One step faster, or none.
    #[must_use]
    pub const fn faster(self) -> Option<Self> {
        match self {
            Self::Slower => Some(Self::Slow),
            Self::Slow => Some(Self::Normal),
            Self::Normal => Some(Self::Fast),
            Self::Fast => None,
        }
    }

    const fn words_per_minute(self) -> u32 {
        match self {
            Self::Slower => 90,
            Self::Slow => 120,
            Self::Normal => 155,
            Self::Fast => 220,
        }
    }
}

/// How loud is spoken: five steps of 6 dB, the loudest is as loud as the card goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Volume(u8);

impl Volume {
    const LOUDEST: u8 = 4;
    const STEP_DB: u8 = 6;

    /// One step louder, or none.
    #[must_use]
    pub fn louder(self) -> Option<Self> {
        (self.0 < Self::LOUDEST).then(|| Self(self.0 + 1))
    }

    /// One step softer, or none.
    #[must_use]
    pub fn softer(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// Which step it is, from 0, the softest.
    #[must_use]
    pub const fn step(self) -> u8 {
        self.0
    }

    /// The loudness of a step; none beyond the loudest.
    #[must_use]
    pub fn of_step(step: u8) -> Option<Self> {
        (step <= Self::LOUDEST).then_some(Self(step))
    }

    /// How many steps there are.
    pub const STEPS: u8 = Self::LOUDEST + 1;

    /// How far below the loudest it is.
    #[must_use]
    pub const fn below_full_db(self) -> u8 {
        (Self::LOUDEST - self.0) * Self::STEP_DB
    }
}

impl Default for Volume {
    /// The middle.
    fn default() -> Self {
        Self(Self::LOUDEST / 2)
    }
}

/// What is to be said, as it is written; it is made readable here ([`spoken`]).
#[derive(Clone, PartialEq, Eq)]
pub struct Utterance {
    /// The text. Beyond 1,500 characters it is cut at a word.
    pub text: String,
    /// The language of the text.
    pub language: Language,
    /// How fast.
    pub pace: Pace,
    /// How loud.
    pub volume: Volume,
    /// A chime is heard before it.
    pub chime: bool,
}

impl fmt::Debug for Utterance {
    /// Without the text: it may hold a NIK.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Utterance").field("language", &self.language).field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// Which utterance an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UtteranceId(u64);

/// What the voice tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoiceEvent {
    /// An utterance was said to its end. One that was interrupted or hushed tells nothing.
    Spoken(UtteranceId),
    /// An utterance was not said, or not to its end.
    Failed(UtteranceId, Health),
    /// Program and card together: whether the voice can be heard.
    State(DeviceState),
}

/// What the voice needs.
#[derive(Debug, Clone)]
pub struct VoiceConfig {
    /// The speech program: `espeak-ng`, found in the path, or a path.
    pub program: PathBuf,
    /// URL of the speaker: `default:` or `none:`.
    pub speaker: String,
}

impl VoiceConfig {
    /// espeak-ng on the given speaker.
    #[must_use]
    pub fn on(speaker: &str) -> Self {
        Self { program: PathBuf::from("espeak-ng"), speaker: speaker.to_owned() }
    }
}

#[derive(Clone)]
enum Command {
    Say(UtteranceId, Arc<Utterance>),
    Hush,
}

/// The handle of the voice; dropping it is silence.
#[derive(Debug)]
pub struct Voice {
    worker: Worker<Command>,
    next: AtomicU64,
}

impl Voice {
    /// Starts the voice's thread. A program or card that is missing is told as a [`VoiceEvent::State`].
    ///
    /// # Errors
    /// When the speaker's URL cannot be used or the system gives no thread.
    pub fn start(config: VoiceConfig, events: Sender<VoiceEvent>) -> Result<Self, DeviceStartError> {
        let url = parse(&config.speaker)?;
        // A scheme without a speaker is a mistake in the configuration: told now, not by the thread.
        drop(open_speaker(&url)?);
        let lost = events.clone();
        let open = move |_: &StopFlag| {
            let speaker = open_speaker(&url)?;
            Ok::<_, Error>(Speaking::new(config.program.clone(), speaker, events.clone()))
        };
        let worker = Worker::start("voice", open, move |command, _| {
            if let Command::Say(id, _) = command {
                lost.send(VoiceEvent::Failed(id, Health::NotResponding));
            }
        })?;
        Ok(Self { worker, next: AtomicU64::new(0) })
    }

    /// Says something now; what is being said ends. Never waits.
    pub fn say(&self, utterance: Utterance) -> UtteranceId {
        let id = UtteranceId(self.next.fetch_add(1, Ordering::Relaxed));
        self.worker.send(Command::Say(id, Arc::new(utterance)));
        id
    }

    /// Silence now.
    pub fn hush(&self) {
        self.worker.send(Command::Hush);
    }
}

/// An utterance on its way.
struct Saying {
    id: UtteranceId,
    utterance: Arc<Utterance>,
    /// The card was lost in the middle and it is said once more.
    again: bool,
    began: Instant,
    stage: Stage,
}

enum Stage {
    /// The program still makes sound.
    Making(Job<Result<Duration, Error>>),
    /// All sound is made, and over then.
    Playing { ends: Instant },
}

struct Speaking {
    program: PathBuf,
    speaker: Box<dyn Speaker>,
    events: Sender<VoiceEvent>,
    watch: Watch,
    /// The program is asked for its languages.
    asking: Option<Job<Languages>>,
    languages: Languages,
    program_health: Health,
    saying: Option<Saying>,
    /// When the last utterance was said to its end.
    fell_silent: Option<Instant>,
}

impl Speaking {
    fn new(program: PathBuf, speaker: Box<dyn Speaker>, events: Sender<VoiceEvent>) -> Self {
        let mut speaking = Self {
            program,
            speaker,
            events,
            watch: Watch::new(DeviceKind::Speaker, LOOK_EVERY),
            asking: None,
            languages: Languages::default(),
            program_health: Health::Ready,
            saying: None,
            fell_silent: None,
        };
        speaking.ask_languages();
        speaking
    }

    fn ask_languages(&mut self) {
        match synthesis::ask_languages(&self.program) {
            Ok(job) => self.asking = Some(job),
            Err(error) => self.program_failed(&error),
        }
    }

    fn program_failed(&mut self, error: &Error) {
        tracing::warn!(%error, "speech program");
        self.program_health = error.health();
        self.watch.look_soon();
    }

    fn silence(&mut self) {
        self.speaker.stop();
        self.saying = None;
    }

    fn say(&mut self, id: UtteranceId, utterance: Arc<Utterance>, again: bool) {
        self.silence();
        let text = synthesis::cleaned(&spoken(&utterance.text, utterance.language));
        if !text.contains(char::is_alphanumeric) {
            // There are no words, and the program would make nothing of it.
            if !utterance.chime {
                self.events.send(VoiceEvent::Spoken(id));
                return;
            }
            self.speaker.set_volume(utterance.volume.below_full_db());
            match self.chime() {
                Ok(()) => {
                    let began = Instant::now();
                    let stage = Stage::Playing { ends: began + CHIME_LASTS };
                    self.saying = Some(Saying { id, utterance, again, began, stage });
                }
                Err(error) => self.failed(id, error.health()),
            }
            return;
        }
        match self.make(&utterance, &text) {
            Ok(job) => {
                let stage = Stage::Making(job);
                self.saying = Some(Saying { id, utterance, again, began: Instant::now(), stage });
            }
            Err(error) => self.failed(id, error.health()),
        }
    }

    fn make(&mut self, utterance: &Utterance, text: &str) -> Result<Job<Result<Duration, Error>>, Error> {
        self.speaker.set_volume(utterance.volume.below_full_db());
        // The card comes first: without one there is no use in the program.
        if utterance.chime {
            self.chime()?;
        }
        let stream = self.speaker.stream(synthesis::RATE_HZ).inspect_err(|error| {
            tracing::warn!(%error, "an utterance is not heard");
        })?;
        let synthesis = Synthesis {
            program: &self.program,
            voice: self.languages.voice(utterance.language),
            words_per_minute: utterance.pace.words_per_minute(),
            text,
        };
        synthesis.start(stream).inspect_err(|error| self.program_failed(error))
    }

    /// What is played waits in line, so the words come behind the chime. Right behind other words it waits a breath, so
    /// that a hall hears two announcements and not one.
    fn chime(&mut self) -> Result<(), Error> {
        if self.fell_silent.is_some_and(|at| at.elapsed() < 2 * BREATH) {
            let rate = synthesis::RATE_HZ;
            let samples = rate as usize * BREATH.as_millis() as usize / 1000;
            self.speaker.play(&synthesis::wav(&vec![0; samples]))?;
        }
        self.speaker.play(CHIME)
    }

    /// Whether an utterance is still on its way.
    fn look_at_saying(&mut self) -> bool {
        if let Some(mut saying) = self.saying.take() {
            match &mut saying.stage {
                Stage::Making(job) => match job.look(SYNTHESIS_MAX) {
                    None => self.saying = Some(saying),
                    Some(Ok(Ok(lasts))) => {
                        self.program_health = Health::Ready;
                        let chime = if saying.utterance.chime { CHIME_LASTS } else { Duration::ZERO };
                        saying.stage = Stage::Playing { ends: saying.began + chime + lasts };
                        self.saying = Some(saying);
                    }
                    Some(Ok(Err(error))) if error.kind() == ErrorKind::Cancelled => self.lost(saying),
                    Some(Ok(Err(error)) | Err(error)) => {
                        self.speaker.stop();
                        self.program_failed(&error);
                        self.failed(saying.id, error.health());
                    }
                },
                Stage::Playing { ends } => {
                    let (ends, now) = (*ends, Instant::now());
                    if !self.speaker.is_playing() {
                        // Where nothing is heard on purpose, all is over at once.
                        if now + CUT_MIN < ends && !self.speaker.simulated() {
                            self.lost(saying);
                        } else {
                            self.fell_silent = Some(now);
                            self.events.send(VoiceEvent::Spoken(saying.id));
                        }
                    } else if now < ends + PLAYING_SLACK_MAX {
                        self.saying = Some(saying);
                    } else {
                        tracing::warn!("the sound card does not play");
                        self.speaker.stop();
                        self.failed(saying.id, Health::NotResponding);
                    }
                }
            }
        }
        self.saying.is_some()
    }

    /// The card was lost in the middle. If it is there again, as with a sound server that stumbled, what is not heard is
    /// said once more.
    fn lost(&mut self, saying: Saying) {
        let health = self.speaker.health();
        if health.is_usable() && !saying.again {
            tracing::warn!("the sound card was lost and is there again: an utterance is repeated");
            self.say(saying.id, saying.utterance, true);
        } else {
            self.speaker.stop();
            self.failed(saying.id, if health.is_usable() { Health::NotResponding } else { health });
        }
    }

    fn failed(&mut self, id: UtteranceId, health: Health) {
        self.watch.look_soon();
        self.events.send(VoiceEvent::Failed(id, health));
    }

    fn look_at_languages(&mut self) {
        let Some(job) = &mut self.asking else { return };
        let Some(answer) = job.look(SYNTHESIS_MAX) else { return };
        self.asking = None;
        match answer.and_then(Languages::checked) {
            Ok(languages) => {
                self.languages = languages;
                self.program_health = Health::Ready;
                self.watch.look_soon();
            }
            Err(error) => self.program_failed(&error),
        }
    }

    fn look_at_health(&mut self) -> Duration {
        let wait = self.watch.wait();
        if !wait.is_zero() {
            return wait;
        }
        // A program that was away may be installed by now.
        if !self.program_health.is_usable() {
            self.ask_languages();
        }
        let card = self.speaker.health();
        let health = if card.is_usable() { self.program_health } else { card };
        if let Some(state) = self.watch.news(DeviceState::of(health, self.speaker.simulated())) {
            self.events.send(VoiceEvent::State(state));
        }
        LOOK_EVERY
    }
}

impl Task for Speaking {
    type Command = Command;

    fn run(&mut self, command: Command) {
        match command {
            Command::Say(id, utterance) => self.say(id, utterance, false),
            Command::Hush => self.silence(),
        }
    }

    fn idle(&mut self) -> Duration {
        self.look_at_languages();
        let busy = self.look_at_saying() || self.asking.is_some();
        // The first state waits for the program's answer.
        let wait = if self.asking.is_some() { POLL_EVERY } else { self.look_at_health() };
        if busy || self.asking.is_some() { POLL_EVERY.min(wait) } else { wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volume_goes_in_steps_of_at_most_ten_decibels_from_end_to_end() {
        let softest = std::iter::successors(Some(Volume::default()), |volume| volume.softer()).last().unwrap();
        let steps: Vec<_> = std::iter::successors(Some(softest), |volume| volume.louder()).collect();
        assert_eq!(steps.last().unwrap().below_full_db(), 0);
        for pair in steps.windows(2) {
            let step = pair[0].below_full_db() - pair[1].below_full_db();
            assert!((1..=10).contains(&step), "{step} dB");
        }
    }

    #[test]
    fn pace_goes_from_end_to_end_and_back() {
        let paces: Vec<_> = std::iter::successors(Some(Pace::Slower), |pace| pace.faster()).collect();
        assert_eq!(paces, [Pace::Slower, Pace::Slow, Pace::Normal, Pace::Fast]);
        assert!(paces.windows(2).all(|pair| pair[0].words_per_minute() < pair[1].words_per_minute()));
        assert!(paces.windows(2).all(|pair| pair[1].slower() == Some(pair[0])));
        assert_eq!((Pace::Fast.faster(), Pace::Slower.slower()), (None, None));
    }

    #[test]
    fn what_is_said_is_not_in_the_log() {
        let utterance = Utterance {
            text: "3315130101909001".into(),
            language: Language::Indonesian,
            pace: Pace::Normal,
            volume: Volume::default(),
            chime: false,
        };
        assert!(!format!("{utterance:?}").contains("3315"));
    }
}

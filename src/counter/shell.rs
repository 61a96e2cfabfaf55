//! The counter without its window: owns the flow, the hub's workers and the devices.
//!
//! Effects of the flow are carried out here, on threads; what comes of them returns as events. No Slint, no decision.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan_hardware::{ErrorKind, Origin, Scope};

use super::flow::{
    Ask, CardTrouble, CounterEffect, CounterEvent, CounterFacts, CounterFlow, Officer, Private, Refusal, Reply,
    TicketStep,
};
use super::scans::{ScanFetched, ScanWorker};
use super::view::CounterView;
use crate::clock::World;
use crate::config::Config;
use crate::domain::device::DeviceKind;
use crate::domain::ids::DocumentId;
use crate::domain::nik::Nik;
use crate::failure::Failure;
use crate::station::bridge::{Inbox, Sender, Wake, inbox};
use crate::station::devices::{
    CHIME, DeviceStartError, DeviceState, QrEvent, QrWorker, ReaderEvent, ReaderWorker, SpeakerEvent, SpeakerWorker,
};
use crate::station::hall_watch::{HallEvent, HallWatch};
use crate::station::health::{HealthReporter, Reporting};
use crate::station::pixels::Pixels;
use crate::station::worker::{StopFlag, Task, Worker};
use crate::wire::client::{ClientError, HubClient};
use crate::wire::problem::Problem;
use crate::wire::session::Session;

/// How often the flow hears that time passes.
const TICK: Duration = Duration::from_secs(1);
/// How long one watch for a card lasts; the flow starts the next one.
const CARD_WAIT: Duration = Duration::from_secs(2);
/// Steps in which a worker waits before a retry, so that it can end with the program.
const WAIT_STEP: Duration = Duration::from_millis(50);

/// Why a counter cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration has no such section.
    #[error("section [counter] is missing; see docs/configuration.md")]
    SectionMissing,
    /// A device is named wrongly.
    #[error("{section}: {source}")]
    Device {
        /// Which section.
        section: &'static str,
        /// Why.
        source: DeviceStartError,
    },
    /// The system gives no thread.
    #[error("no thread: {0}")]
    Thread(#[from] io::Error),
}

/// What threads tell the shell.
enum Told {
    Event(CounterEvent),
    SignedIn(u64, Session),
    Scan(ScanFetched),
    Device(DeviceKind, DeviceState),
}

/// The counter without a window. Pump it, give it events, look at its view.
pub struct CounterShell {
    world: World,
    flow: CounterFlow,
    told: Inbox<Told>,
    station: HubClient,
    client: HubClient,
    hub: Worker<HubCommand>,
    to_shell: Sender<Told>,
    scans: ScanWorker,
    scan_cache: HashMap<DocumentId, Arc<Pixels>>,
    reader: Option<ReaderWorker>,
    scanner: Option<QrWorker>,
    hall: HallWatch,
    speaker: Option<SpeakerWorker>,
    chime: Arc<[u8]>,
    health: HealthReporter,
    ticked: Instant,
}

impl std::fmt::Debug for CounterShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CounterShell").field("flow", &self.flow).finish_non_exhaustive()
    }
}

impl CounterShell {
    /// Starts workers and devices; nothing is waited for.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, StartError> {
        let section = config.counter.as_ref().ok_or(StartError::SectionMissing)?;
        let (to_shell, told) = inbox(wake);
        let station = HubClient::new(&section.hub, &section.token);
        let hall = HallWatch::start(station.clone(), to_shell.adapt(hall_told))?;
        let scanner = start_scanner(config, &to_shell)?;
        let reader = start_reader(config, &to_shell)?;
        let speaker = start_speaker(config, &to_shell)?;
        let health = start_health(config, &station, &world, &to_shell)?;
        let facts = CounterFacts {
            office: config.office.name.clone(),
            counter: section.name.clone(),
            zone: config.office.timezone,
            has_reader: reader.is_some(),
        };
        let flow = CounterFlow::new(facts, world.random(), world.now());
        Ok(Self {
            flow,
            hub: start_hub(&to_shell)?,
            scans: ScanWorker::start(to_shell.adapt(Told::Scan))?,
            world,
            told,
            client: station.clone(),
            station,
            to_shell,
            scan_cache: HashMap::new(),
            reader,
            scanner,
            hall,
            speaker,
            chime: Arc::from(CHIME),
            health,
            ticked: Instant::now(),
        })
    }

    /// Gives the flow an event and carries out what follows.
    pub fn handle(&mut self, event: CounterEvent) {
        let effects = self.flow.step(event, self.world.now());
        for effect in effects {
            self.carry_out(effect);
        }
    }

    /// Handles everything that threads told, waiting at most `max_wait` for the first of it. True when anything
    /// happened, a tick included.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let mut happened = false;
        let mut next = self.told.next(max_wait.min(TICK));
        while let Some(told) = next {
            happened = true;
            self.hear(told);
            next = self.told.try_next();
        }
        if self.ticked.elapsed() >= TICK {
            self.ticked = Instant::now();
            self.handle(CounterEvent::Ticked);
            happened = true;
        }
        happened
    }

    /// What the window shows.
    #[must_use]
    pub fn view(&self) -> CounterView {
        self.flow.view()
    }

    /// How a device is; none before it has told.
    #[must_use]
    pub fn device(&self, device: DeviceKind) -> Option<DeviceState> {
        self.flow.device(device)
    }

    /// Whether the reader has told of a card that lies there between readings.
    #[must_use]
    pub fn card_lies_there(&self) -> bool {
        self.flow.card_lies_there()
    }

    /// A scan of the open case, if it is here.
    #[must_use]
    pub fn scan(&self, document: DocumentId) -> Option<&Arc<Pixels>> {
        self.scan_cache.get(&document)
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Event(event) => self.handle(event),
            Told::SignedIn(number, session) => {
                self.client = self.station.with_session(&session);
                let officer = Officer {
                    name: session.name,
                    role: session.role,
                    must_change_password: session.must_change_password,
                };
                // What was scanned before the login belongs to nobody.
                if let Some(scanner) = &self.scanner {
                    scanner.flush();
                }
                self.handle(CounterEvent::HubAnswered { number, answer: Ok(Reply::SignedIn(officer)) });
            }
            Told::Scan(fetched) => match fetched.pixels {
                Some(pixels) => {
                    self.scan_cache.insert(fetched.document, pixels);
                    self.handle(CounterEvent::ScanLoaded(fetched.document));
                }
                None => self.handle(CounterEvent::ScanFailed(fetched.document)),
            },
            Told::Device(device, state) => {
                self.health.note(device, state);
                self.handle(CounterEvent::DeviceChanged { device, state });
            }
        }
    }

    fn carry_out(&mut self, effect: CounterEffect) {
        match effect {
            CounterEffect::AskHub { number, wait, ask } => {
                let changes_hall = matches!(
                    ask,
                    Ask::Call(_)
                        | Ask::CallNumber(_)
                        | Ask::Step(..)
                        | Ask::Transfer(..)
                        | Ask::SetCounter(_)
                        | Ask::Receive(..)
                );
                let command = HubCommand { client: self.client.clone(), number, wait, ask };
                if !self.hub.send(command) {
                    self.to_shell.send(Told::Event(unserved(number)));
                } else if changes_hall {
                    self.hall.refresh();
                }
            }
            CounterEffect::ForgetSession => self.client = self.station.clone(),
            CounterEffect::LoadScan { case, document } => {
                if self.scan_cache.contains_key(&document) {
                    self.handle(CounterEvent::ScanLoaded(document));
                } else {
                    self.scans.fetch(self.client.clone(), case, document);
                }
            }
            CounterEffect::DropScans => self.scan_cache.clear(),
            CounterEffect::WatchForCard { watch } => {
                if let Some(reader) = &self.reader {
                    reader.read(watch, &[Scope::Identity], CARD_WAIT);
                }
            }
            CounterEffect::Chime => {
                if let Some(speaker) = &self.speaker {
                    speaker.play(Arc::clone(&self.chime));
                }
            }
            CounterEffect::ForgetCard => {
                if let Some(reader) = &self.reader {
                    reader.cancel();
                }
            }
        }
    }
}

fn hall_told(event: HallEvent) -> Told {
    Told::Event(match event {
        HallEvent::Hall(hall) => CounterEvent::HallChanged(hall),
        HallEvent::Online(online) => CounterEvent::HubOnline(online),
        HallEvent::Changed(change) => match change.case_id {
            Some(case) => CounterEvent::CaseTouched(case),
            None => CounterEvent::HubOnline(true),
        },
    })
}

fn start_scanner(config: &Config, to_shell: &Sender<Told>) -> Result<Option<QrWorker>, StartError> {
    let Some(device) = &config.qr_scanner else { return Ok(None) };
    let told = |event| match event {
        QrEvent::Seen(text) => Told::Event(CounterEvent::SlipScanned(Private(text))),
        QrEvent::Unreadable => Told::Event(CounterEvent::SlipGarbled),
        QrEvent::State(state) => Told::Device(DeviceKind::QrScanner, state),
    };
    let started = QrWorker::start(&device.url, to_shell.adapt(told));
    started.map(Some).map_err(|source| StartError::Device { section: "[qr_scanner]", source })
}

fn start_reader(config: &Config, to_shell: &Sender<Told>) -> Result<Option<ReaderWorker>, StartError> {
    let Some(device) = &config.ektp_reader else { return Ok(None) };
    let started = ReaderWorker::start(&device.url, to_shell.adapt(reader_told));
    started.map(Some).map_err(|source| StartError::Device { section: "[ektp_reader]", source })
}

fn reader_told(event: ReaderEvent) -> Told {
    Told::Event(match event {
        ReaderEvent::CardPlaced { order } => CounterEvent::CardPlaced { watch: order },
        ReaderEvent::Read { order, result: Ok(reading) } => match Nik::parse(&reading.nik) {
            Ok(nik) => CounterEvent::CardRead {
                watch: order,
                nik,
                origin: origin_word(reading.origin).to_owned(),
                card_id: reading.card_id,
            },
            Err(_) => CounterEvent::CardFailed { watch: order, why: CardTrouble::Unreadable },
        },
        ReaderEvent::Read { order, result: Err(kind) } => CounterEvent::CardFailed { watch: order, why: trouble(kind) },
        ReaderEvent::CardSeen { present, card_id } => CounterEvent::CardSeen { present, card_id },
        ReaderEvent::State(state) => return Told::Device(DeviceKind::EktpReader, state),
    })
}

fn start_speaker(config: &Config, to_shell: &Sender<Told>) -> Result<Option<SpeakerWorker>, StartError> {
    let Some(device) = &config.speaker else { return Ok(None) };
    let told = |SpeakerEvent::State(state)| Told::Device(DeviceKind::Speaker, state);
    let started = SpeakerWorker::start(&device.url, to_shell.adapt(told));
    started.map(Some).map_err(|source| StartError::Device { section: "[speaker]", source })
}

/// A counter keeps nothing on its disk: faults the hub has not heard of end with the program.
fn start_health(
    config: &Config,
    client: &HubClient,
    world: &World,
    to_shell: &Sender<Told>,
) -> Result<HealthReporter, StartError> {
    let configured = [
        (DeviceKind::QrScanner, config.qr_scanner.is_some()),
        (DeviceKind::EktpReader, config.ektp_reader.is_some()),
        (DeviceKind::Speaker, config.speaker.is_some()),
    ];
    let reporting = Reporting {
        client: client.clone(),
        world: world.clone(),
        zone: config.office.timezone,
        data: None,
        devices: configured.into_iter().filter_map(|(device, there)| there.then_some(device)).collect(),
    };
    // The report goes to the journal; a counter has no slip printer to print it on.
    Ok(HealthReporter::start(reporting, to_shell.adapt(|_| Told::Event(CounterEvent::Ticked)))?)
}

const fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Chip => "chip",
        Origin::Gateway => "gateway",
        Origin::Typed => "typed",
        Origin::Simulated => "simulated",
    }
}

const fn trouble(kind: ErrorKind) -> CardTrouble {
    match kind {
        ErrorKind::MediaAbsent | ErrorKind::Cancelled => CardTrouble::NoCard,
        ErrorKind::Removed => CardTrouble::Removed,
        ErrorKind::Unreadable | ErrorKind::Timeout | ErrorKind::Garbled | ErrorKind::TooLarge => {
            CardTrouble::Unreadable
        }
        _ => CardTrouble::ReaderAway,
    }
}

/// The answer to a question that could not even be asked.
fn unserved(number: u64) -> CounterEvent {
    let problem = Problem::new(Failure::HubUnreachable, 0);
    CounterEvent::HubAnswered { number, answer: Err(Refusal { problem, passing: true, silent: true }) }
}

#[derive(Clone)]
struct HubCommand {
    client: HubClient,
    number: u64,
    wait: Duration,
    ask: Ask,
}

fn start_hub(to_shell: &Sender<Told>) -> io::Result<Worker<HubCommand>> {
    let (told, lost) = (to_shell.clone(), to_shell.clone());
    Worker::start(
        "hub-client",
        move |stop: &StopFlag| Ok::<_, String>(Asking { told: told.clone(), stop: stop.clone() }),
        move |command: HubCommand, _| {
            lost.send(Told::Event(unserved(command.number)));
        },
    )
}

struct Asking {
    told: Sender<Told>,
    stop: StopFlag,
}

impl Task for Asking {
    type Command = HubCommand;

    fn run(&mut self, command: HubCommand) {
        let until = Instant::now() + command.wait;
        while Instant::now() < until {
            if self.stop.is_set() {
                return;
            }
            std::thread::sleep(WAIT_STEP.min(until.saturating_duration_since(Instant::now())));
        }
        let number = command.number;
        let told = match ask(&command.client, command.ask) {
            Ok(Answer::Session(session)) => Told::SignedIn(number, session),
            Ok(Answer::Reply(reply)) => Told::Event(CounterEvent::HubAnswered { number, answer: Ok(reply) }),
            Err(error) => {
                tracing::info!(%error, "the hub did not do it");
                Told::Event(CounterEvent::HubAnswered { number, answer: Err(error.into()) })
            }
        };
        self.told.send(told);
    }
}

enum Answer {
    Session(Session),
    Reply(Reply),
}

fn ask(client: &HubClient, ask: Ask) -> Result<Answer, ClientError> {
    let reply = match ask {
        Ask::SignIn(sign_in) => return client.sign_in(&sign_in).map(Answer::Session),
        Ask::ChangePassword(change) => return client.change_password(&change).map(Answer::Session),
        Ask::Services => Reply::Services(Box::new(client.catalogue()?)),
        Ask::SignOut => client.sign_out().map(|()| Reply::SignedOut)?,
        Ask::Call(call) => Reply::Called(client.call_next(&call)?),
        Ask::CallNumber(call) => Reply::Called(client.call_number(&call)?),
        Ask::Step(step, ticket, write) => Reply::Called(match step {
            TicketStep::Recall => client.recall(ticket, &write)?,
            TicketStep::NoShow => client.no_show(ticket, &write)?,
            TicketStep::Finish => client.finish_ticket(ticket, &write)?,
            TicketStep::Hold => client.hold_ticket(ticket, &write)?,
            TicketStep::Skip => client.skip_ticket(ticket, &write)?,
            TicketStep::Restore => client.restore_ticket(ticket, &write)?,
        }),
        Ask::Transfer(ticket, transfer) => Reply::Called(client.transfer_ticket(ticket, &transfer)?),
        Ask::SetCounter(set) => client.set_counter(&set).map(|_| Reply::Decided)?,
        Ask::OpenSlip(text) => Reply::Case(Box::new(client.open_slip(&text.0)?)),
        Ask::Find(find) => Reply::Found(client.find_cases(&find)?),
        Ask::Note(case, note) => client.add_note(case, &note).map(|_| Reply::Noted)?,
        Ask::OpenCase(case) => Reply::Case(Box::new(client.case(case)?)),
        Ask::Verify(case, body) => Reply::Done(client.verify(case, &body)?),
        Ask::Return(case, body) => Reply::Done(client.return_case(case, &body)?),
        Ask::Receive(case, body) => Reply::Done(client.receive(case, &body)?),
        Ask::HandOver(case, body) => Reply::Done(client.hand_over(case, &body)?),
    };
    Ok(Answer::Reply(reply))
}

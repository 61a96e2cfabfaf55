//! The kiosk without a window: owns the flow, the devices, the outbox and the way to the hub, and does what the flow
//! says. A test or a headless day drives it as a person would.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anjungan_hardware::{ErrorKind, FaultKind, Health, PrintFault, PrintOutcome, ScanRequest, Scope};
use jiff::{SignedDuration, Timestamp};

use super::by_ear::words as ear_words;
use super::flow::{Application, Flow, KioskEffect, KioskEvent, REPEAT_GUARD, Receipt, Setup, Touch};
use super::panel::{PanelEvent, PanelOrder};
use super::submission::{Origin, Prepared};
use super::view::{KioskView, view};
use super::workers::{About, Input, Question, Workers, start_workers};
use crate::clock::World;
use crate::config::Config;
use crate::domain::catalogue::{Catalogue, CatalogueError};
use crate::domain::device::DeviceKind;
use crate::domain::language::Language;
use crate::domain::nik::Nik;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::slip::{Paper, ReadinessContent, lay_out_paper, lay_out_readiness};
use crate::station::bridge::{Inbox, Sender, Wake, inbox};
use crate::station::courier::CourierEvent;
use crate::station::devices::{DeviceStartError, DeviceState, PrinterEvent, QrEvent, ReaderEvent, ScannerEvent};
use crate::station::hall_watch::HallEvent;
use crate::station::health::{DeviceLine, HealthEvent};
use crate::station::outbox::{KeepOrder, KeeperEvent};
use crate::station::pixels::{self, PagePrepared, Pixels, PreparedPage, SeenDoubt};
use crate::station::reading::{PageRead, ReadOrder};
use crate::station::voice::{Pace, Utterance, VoiceEvent, Volume};
use crate::wire::case::PageSeen;
use crate::wire::hall::QueueState;
use crate::words;

/// The flow hears of the time this often.
const TICK: SignedDuration = SignedDuration::from_secs(1);
/// How long one wait for a card lasts; the flow begins the next one.
const CARD_WAIT: Duration = Duration::from_secs(2);

/// The number of a readiness report among print jobs; persons' slips count up from 1.
const REPORT_ORDER: u64 = 0;

/// Why a kiosk cannot start.
#[derive(Debug, thiserror::Error)]
pub enum KioskError {
    /// The configuration has no `[kiosk]`.
    #[error("section [kiosk] is missing; see docs/configuration.md")]
    SectionMissing,
    /// The office's service file cannot be read.
    #[error("cannot read {path}: {source}")]
    ServicesRead {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The office's service file is not valid.
    #[error(transparent)]
    Services(#[from] CatalogueError),
    /// A device of the configuration cannot be used.
    #[error("[{section}]: {source}")]
    Device {
        /// Which section.
        section: &'static str,
        /// Why.
        source: DeviceStartError,
    },
    /// The system gives no thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// The window cannot be shown.
    #[error("cannot show the window: {0}")]
    Window(#[from] anjungan_ui::slint::PlatformError),
}

/// The kiosk without a window.
pub struct KioskShell {
    flow: Flow,
    world: World,
    inbox: Inbox<Input>,
    sender: Sender<Input>,
    workers: Workers,
    origin: Origin,
    columns: u16,
    readiness_print: bool,
    scan_dpi: u16,
    /// The scan that is wanted; a page of any other one is dropped.
    scanning: Option<u64>,
    pages: BTreeMap<u64, PreparedPage>,
    /// The application being kept, or whose keeping failed: tried again, it is the same case.
    keeping: Option<(u64, Prepared)>,
    slip_qr: Option<(String, Arc<Pixels>)>,
    ticked_at: Timestamp,
    /// Staff asked for a new start.
    ended: bool,
}

impl std::fmt::Debug for KioskShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KioskShell")
    }
}

impl KioskShell {
    /// Opens a kiosk. Devices, disk and hub are met on their own threads, so none of them delays this.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn open(config: &Config, world: World, wake: Wake) -> Result<Self, KioskError> {
        let kiosk = config.kiosk.as_ref().ok_or(KioskError::SectionMissing)?;
        let setup = Setup {
            catalogue: Arc::new(load_catalogue(config)?),
            office_name: config.office.name.clone(),
            complaints: config.office.complaints.clone(),
            kiosk_name: kiosk.name.clone(),
            zone: config.office.timezone,
            url_base: config.slip.url_base.clone(),
            idle: SignedDuration::from_secs(i64::from(kiosk.idle_s)),
            repeat_guard: REPEAT_GUARD,
            can_scan: config.document_scanner.is_some(),
            hours: config.hours.clone(),
            staff_pin: kiosk.staff_pin.clone(),
        };
        let (sender, inbox) = inbox(wake);
        let workers = start_workers(config, kiosk, &world, &sender)?;
        let now = world.now();
        Ok(Self {
            flow: Flow::new(setup, now),
            world,
            inbox,
            sender,
            workers,
            origin: Origin { office: config.office.code.clone(), zone: config.office.timezone, series: kiosk.series },
            columns: config.printer.as_ref().map_or(48, |printer| u16::from(printer.common_columns())),
            readiness_print: kiosk.readiness_print,
            scan_dpi: config.document_scanner.as_ref().map_or(200, |scanner| scanner.dpi),
            scanning: None,
            pages: BTreeMap::new(),
            keeping: None,
            slip_qr: None,
            ticked_at: now,
            ended: false,
        })
    }

    /// Sets the time within which a second touch does not count; zero for programs that touch faster than people.
    pub fn set_repeat_guard(&mut self, guard: Duration) {
        self.flow.setup.repeat_guard = SignedDuration::try_from(guard).unwrap_or(REPEAT_GUARD);
    }

    /// Does what a finger does.
    pub fn touch(&mut self, touch: Touch) {
        self.handle(KioskEvent::Touched(touch));
    }

    /// Takes an event and does what follows.
    pub fn handle(&mut self, event: KioskEvent) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.flow.step(event, self.world.now()) {
                self.perform(effect, &mut events);
            }
        }
    }

    /// Takes what the workers have told, waiting at most `max_wait` for the first of it. True when anything happened.
    pub fn pump(&mut self, max_wait: Duration) -> bool {
        let mut happened = self.tick();
        let mut input = self.inbox.next(max_wait);
        while let Some(told) = input {
            self.take(told);
            happened = true;
            input = self.inbox.try_next();
        }
        self.tick() || happened
    }

    fn tick(&mut self) -> bool {
        let now = self.world.now();
        let passed = now.duration_since(self.ticked_at);
        // A clock that was set back ticks at once and goes on from there.
        let due = passed >= TICK || passed.is_negative();
        if due {
            self.ticked_at = now;
            self.handle(KioskEvent::Ticked);
        }
        due
    }

    /// Says what to show.
    #[must_use]
    pub fn view(&self) -> KioskView {
        view(&self.flow, self.world.now())
    }

    /// Returns the picture of the scan that is shown.
    #[must_use]
    pub fn preview(&self, scan: u64) -> Option<Arc<Pixels>> {
        self.pages.get(&scan).map(|page| Arc::clone(&page.preview))
    }

    /// Returns the picture of the slip's QR code.
    #[must_use]
    pub fn slip_qr(&mut self, text: &str) -> Option<Arc<Pixels>> {
        if self.slip_qr.as_ref().is_none_or(|(known, _)| known != text) {
            self.slip_qr = pixels::qr(text).map(|picture| (text.to_owned(), Arc::new(picture)));
        }
        self.slip_qr.as_ref().map(|(_, picture)| Arc::clone(picture))
    }

    /// Returns how a device is; none before it has told.
    #[must_use]
    pub fn device(&self, device: DeviceKind) -> Option<DeviceState> {
        self.flow.device(device)
    }

    /// Returns the devices as staff read them, whichever screen is shown.
    #[must_use]
    pub fn device_lines(&self) -> Vec<DeviceLine> {
        self.flow.device_lines()
    }

    /// Whether staff asked for a new start: the program ends, and whoever watches it starts it again.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns what was issued to the person who stands here now.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.flow.session.receipt.as_ref()
    }

    fn perform(&mut self, effect: KioskEffect, events: &mut VecDeque<KioskEvent>) {
        match effect {
            KioskEffect::ReadyDevices => {
                if let Some(scanner) = &self.workers.scanner {
                    scanner.flush();
                }
                if let Some(qr) = &self.workers.qr {
                    qr.flush();
                }
            }
            KioskEffect::StartScan { order, kind } => {
                let Some(scanner) = &self.workers.scanner else {
                    return events.push_back(KioskEvent::ScanFailed { order, kind: ErrorKind::NotReachable });
                };
                self.scanning = Some(order);
                let request = ScanRequest { dpi: self.scan_dpi, ..ScanRequest::a4(kind.as_str()) };
                scanner.scan(order, request);
            }
            KioskEffect::WatchForCard { watch } => {
                if let Some(reader) = &self.workers.reader {
                    reader.read(watch, &[Scope::Identity], CARD_WAIT);
                }
            }
            KioskEffect::ForgetCard => {
                if let Some(reader) = &self.workers.reader {
                    reader.cancel();
                }
            }
            KioskEffect::CancelScan { order } => self.cancel_scan(order),
            KioskEffect::ForgetPage { order } => drop(self.pages.remove(&order)),
            KioskEffect::Keep { order, application } => self.keep(order, *application),
            KioskEffect::WakeCourier => self.workers.courier.wake(),
            KioskEffect::PrintSlip { order, content, language } => self.print(order, &content, language, events),
            KioskEffect::AskStatus { ask, text } => {
                if !self.workers.questions.send(Question { ask, about: About::Slip(text) }) {
                    events.push_back(KioskEvent::StatusKnown { ask, result: Err(Failure::HubFault) });
                }
            }
            // Unasked is a yes: what a kiosk prints is taken.
            KioskEffect::AskNumber { ask, nik } => {
                self.workers.questions.send(Question { ask, about: About::Number(nik) });
            }
            KioskEffect::RestartProgram => self.ended = true,
            KioskEffect::SetVolume(volume) => {
                self.workers.panel.send(PanelOrder::KeepVolume(volume));
                self.say(words::of(self.language(), ear_words::SAMPLE).to_owned(), (Pace::default(), volume));
            }
            KioskEffect::SetBrightness(brightness) => {
                self.workers.panel.send(PanelOrder::Shine(brightness));
            }
            KioskEffect::TellPanel { works } => {
                let health = if works { Health::Ready } else { Health::Damaged };
                self.device_changed(DeviceKind::Touchscreen, DeviceState::of(health, false));
            }
            KioskEffect::Wipe => {
                if let Some(order) = self.scanning {
                    self.cancel_scan(order);
                }
                self.pages.clear();
                self.keeping = None;
                self.slip_qr = None;
                if let Some(voice) = &self.workers.voice {
                    voice.hush();
                }
            }
        }
    }

    /// The language of the person who stands here.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.flow.comfort.language
    }

    /// How loud the voice begins, as staff left it.
    #[must_use]
    pub const fn first_volume(&self) -> Volume {
        self.flow.door.volume
    }

    /// Says a text aloud; what is being said ends.
    pub fn say(&self, text: String, (pace, volume): (Pace, Volume)) {
        if let Some(voice) = &self.workers.voice {
            voice.say(Utterance { text, language: self.language(), pace, volume, chime: false });
        }
    }

    fn cancel_scan(&mut self, order: u64) {
        self.scanning = None;
        self.pages.remove(&order);
        if let Some(scanner) = &self.workers.scanner {
            scanner.cancel(order);
        }
    }

    fn print(&self, order: u64, content: &Paper, language: Language, events: &mut VecDeque<KioskEvent>) {
        match &self.workers.printer {
            Some(printer) => printer.print(order, lay_out_paper(content, language, self.columns)),
            None => {
                let fault = PrintFault { kind: FaultKind::NotReachable, detail: "no printer is configured".to_owned() };
                events.push_back(KioskEvent::SlipPrinted { order, outcome: PrintOutcome::NotPrinted(fault) });
            }
        }
    }

    fn keep(&mut self, order: u64, application: Application) {
        let again = self.keeping.take().map(|(_, prepared)| prepared).filter(|known| known.application == application);
        let prepared = again.unwrap_or_else(|| Prepared::new(application, &self.pages, &self.origin, &self.world));
        self.workers.keeper.keep(KeepOrder {
            order,
            parcel: prepared.parcel.clone(),
            scans: prepared.scans.clone(),
            token: prepared.token.clone(),
            now: prepared.at,
        });
        self.keeping = Some((order, prepared));
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Flow(event) => self.handle(event),
            Input::Printer(PrinterEvent::Printed { order, outcome }) => {
                self.handle(KioskEvent::SlipPrinted { order, outcome });
            }
            Input::Printer(PrinterEvent::Cooling { order }) => self.handle(KioskEvent::PrinterCooling { order }),
            Input::Printer(PrinterEvent::State(state)) => self.device_changed(DeviceKind::Printer, state),
            Input::Qr(QrEvent::Seen(text)) => self.handle(KioskEvent::SlipSeen(text)),
            Input::Qr(QrEvent::Unreadable) => self.handle(KioskEvent::SlipUnreadable),
            Input::Qr(QrEvent::State(state)) => self.device_changed(DeviceKind::QrScanner, state),
            Input::Scanner(event) => self.take_scanner(event),
            Input::Reader(event) => self.take_reader(event),
            Input::Page(PagePrepared { order, prepared }) => self.take_page(order, prepared),
            Input::Read(read) => self.take_read(read),
            Input::Keeper(event) => self.take_keeper(event),
            Input::Courier(event) => self.take_courier(event),
            Input::Hall(HallEvent::Online(online)) => self.handle(KioskEvent::HubOnline(online)),
            Input::Hall(HallEvent::Hall(hall)) => {
                let waiting = hall.waiting.iter().map(|ticket| ticket.number).collect();
                let no_numbers = no_numbers(&hall.floor.queues);
                self.handle(KioskEvent::HallSeen { waiting, wait_minutes: hall.wait_minutes, no_numbers });
            }
            Input::Hall(HallEvent::Changed(_)) => {}
            Input::Health(event) => self.take_health(event),
            Input::Panel(PanelEvent::Light(brightness)) => self.handle(KioskEvent::BrightnessKnown(brightness)),
            Input::Panel(PanelEvent::Volume(volume)) => self.handle(KioskEvent::VolumeKnown(volume)),
            Input::Voice(VoiceEvent::State(state)) => self.device_changed(DeviceKind::Speaker, state),
            // What is being said is known to who listens; that it was not is a state of the speaker.
            Input::Voice(VoiceEvent::Spoken(_) | VoiceEvent::Failed(..)) => {}
        }
    }

    /// A device changed: the person sees what still works, the journal gets a fault or its clearing.
    fn device_changed(&mut self, device: DeviceKind, state: DeviceState) {
        self.workers.health.note(device, state);
        self.handle(KioskEvent::DeviceChanged { device, state });
    }

    /// The readiness report of the day is made: it is printed where the office wants it on paper.
    fn take_health(&mut self, HealthEvent::Ready(report): HealthEvent) {
        if let (true, Some(printer)) = (self.readiness_print, &self.workers.printer) {
            let content = ReadinessContent {
                office: self.flow.setup.office_name.clone(),
                station: self.flow.setup.kiosk_name.clone(),
                zone: self.flow.setup.zone,
                at: report.at,
                lines: report.lines,
            };
            // No person's slip has this number: what becomes of it is in the log.
            printer.print(REPORT_ORDER, lay_out_readiness(&content, self.columns));
        }
    }

    fn take_reader(&mut self, event: ReaderEvent) {
        match event {
            ReaderEvent::Read { order: watch, result } => {
                let result = match result {
                    Ok(reading) => Nik::parse(&reading.nik).map_err(|_| true),
                    // A card that could not be read is told from one that never came.
                    Err(kind) => Err(matches!(kind, ErrorKind::Removed | ErrorKind::Unreadable | ErrorKind::Garbled)),
                };
                self.handle(KioskEvent::CardWatched { watch, result });
            }
            ReaderEvent::CardSeen { present: false, .. } => self.handle(KioskEvent::CardTaken),
            ReaderEvent::CardSeen { .. } | ReaderEvent::CardPlaced { .. } => {}
            ReaderEvent::State(state) => self.device_changed(DeviceKind::EktpReader, state),
        }
    }

    fn take_scanner(&mut self, event: ScannerEvent) {
        match event {
            ScannerEvent::Progress { order, part } => self.handle(KioskEvent::ScanProgressed { order, part }),
            // A page that nobody wants any more is somebody else's: it is not even decoded.
            ScannerEvent::Scanned { order, page } if self.scanning == Some(order) => {
                self.workers.pixels.prepare(order, page);
            }
            ScannerEvent::Scanned { .. } => {}
            ScannerEvent::Failed { order, kind } => self.handle(KioskEvent::ScanFailed { order, kind }),
            ScannerEvent::State(state) => self.device_changed(DeviceKind::DocumentScanner, state),
        }
    }

    fn take_page(&mut self, order: u64, prepared: Option<PreparedPage>) {
        if self.scanning != Some(order) {
            return;
        }
        self.scanning = None;
        match prepared {
            Some(page) => {
                let (doubts, bytes, checked) = (page.doubts.clone(), Arc::clone(&page.page), page.seen.is_some());
                self.pages.insert(order, page);
                self.handle(KioskEvent::PageScanned { order });
                if !checked {
                    return;
                }
                self.handle(KioskEvent::PageJudged { order, doubts });
                if let Some(kind) = self.flow.kind_on_the_glass() {
                    let catalogue = Arc::clone(&self.flow.session.catalogue);
                    let today = self.origin.zone.day(self.world.now());
                    self.workers.reading.read(ReadOrder { number: order, page: bytes, kind, catalogue, today });
                }
            }
            None => self.handle(KioskEvent::ScanFailed { order, kind: ErrorKind::Garbled }),
        }
    }

    /// Words and codes came behind the preview. The page may have been forgotten by then.
    fn take_read(&mut self, read: PageRead) {
        let order = read.number;
        let Some(page) = self.pages.get_mut(&order) else { return };
        let mut doubts = page.doubts.clone();
        let other = read.doubts.iter().map(|doubt| SeenDoubt { doubt: *doubt, place: None });
        doubts.extend(other);
        doubts.sort_by_key(|seen| seen.doubt);
        let keys = doubts.iter().map(|seen| seen.doubt).collect();
        page.seen = Some(PageSeen { doubts: keys, signature_qr: read.signature_qr });
        page.no_kk = read.no_kk;
        self.handle(KioskEvent::PageJudged { order, doubts });
    }

    fn take_keeper(&mut self, event: KeeperEvent) {
        match event {
            KeeperEvent::Kept { order, ticket } => {
                let kept = self.keeping.take_if(|(known, _)| *known == order);
                let Some((_, prepared)) = kept else { return self.workers.courier.wake() };
                let case_id = prepared.parcel.case_id();
                tracing::info!(case_id = ?case_id, number = %ticket.number, "case kept");
                let receipt = Box::new(prepared.receipt(ticket.number));
                self.handle(KioskEvent::CaseKept { order, receipt });
            }
            KeeperEvent::Failed { order } => self.handle(KioskEvent::KeepFailed { order }),
            KeeperEvent::Usable(usable) => self.handle(KioskEvent::StorageUsable(usable)),
        }
    }

    fn take_courier(&mut self, event: CourierEvent) {
        match event {
            CourierEvent::Delivered { case_id, number } => self.handle(KioskEvent::Delivered { case_id, number }),
            CourierEvent::Online(online) => self.handle(KioskEvent::HubOnline(online)),
            // Logged by the courier; the person's slip is valid all the same, and a technician looks.
            CourierEvent::Refused { .. } => {}
            // This kiosk issues no ticket without a case yet.
            CourierEvent::TicketDelivered { number, called_as, .. } => {
                self.handle(KioskEvent::TicketDelivered { number, called_as });
            }
            // Logged by the courier; the hub says why to whoever asks at the counter.
            CourierEvent::TicketRefused { .. } => {}
        }
    }

    /// Returns a sender that puts events into this kiosk from any thread.
    pub fn events(&self) -> Sender<KioskEvent> {
        self.sender.adapt(Input::Flow)
    }
}

/// Why the queue that applicants join gives no number. The hours are the kiosk's own to know.
fn no_numbers(queues: &[QueueState]) -> Option<Failure> {
    let queue = queues.iter().find(|state| state.queue == Queue::Verification)?;
    match (queue.open, queue.left) {
        (false, _) => Some(Failure::QueueClosed),
        (true, Some(0)) => Some(Failure::QuotaReached),
        _ => None,
    }
}

fn load_catalogue(config: &Config) -> Result<Catalogue, KioskError> {
    let catalogue = match &config.office.services {
        None => Catalogue::built_in(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| KioskError::ServicesRead { path: path.clone(), source })?;
            Catalogue::parse(&text)?
        }
    };
    if !config.office.practice_documents || catalogue.switches().practice_documents {
        return Ok(catalogue);
    }
    // The switch of the configuration stands above the one of the file; the catalogue checks itself on the way back.
    let mut file = serde_json::to_value(&catalogue).map_err(|e| CatalogueError::Syntax(e.to_string()))?;
    file["switches"]["practice_documents"] = serde_json::Value::Bool(true);
    serde_json::from_value(file).map_err(|e| CatalogueError::Syntax(e.to_string()).into())
}

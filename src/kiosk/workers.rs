//! The kiosk's workers: devices, disk and hub, each on a thread of its own, and what they tell.

use crate::clock::World;
use crate::config::{Config, Kiosk};
use crate::domain::device::DeviceKind;
use crate::domain::nik::Nik;
use crate::domain::ticket::Queue;
use crate::failure::Failure;
use crate::station::bridge::Sender;
use crate::station::courier::{Courier, CourierEvent};
use crate::station::devices::{
    PrinterEvent, PrinterWorker, QrEvent, QrWorker, ReaderEvent, ReaderWorker, ScannerEvent, ScannerWorker,
};
use crate::station::hall_watch::{HallEvent, HallWatch};
use crate::station::health::{HealthEvent, HealthReporter, Reporting};
use crate::station::outbox::{KeeperEvent, KeeperWorker};
use crate::station::pixels::{PagePrepared, PixelWorker};
use crate::station::reading::{PageRead, ReadingWorker};
use crate::station::voice::{Voice, VoiceConfig, VoiceEvent};
use crate::station::worker::{StopFlag, Task, Worker};
use crate::wire::client::{ClientError, HubClient};
use crate::wire::hall::AskTicket;

use super::flow::KioskEvent;
use super::panel::{PanelEvent, PanelOrder, start_panel};
use super::shell::KioskError;

/// What workers tell the shell.
pub(super) enum Input {
    Printer(PrinterEvent),
    Qr(QrEvent),
    Scanner(ScannerEvent),
    Reader(ReaderEvent),
    Page(PagePrepared),
    Read(PageRead),
    Keeper(KeeperEvent),
    Courier(CourierEvent),
    Hall(HallEvent),
    Health(HealthEvent),
    Voice(VoiceEvent),
    Panel(PanelEvent),
    Flow(KioskEvent),
}

pub(super) struct Workers {
    pub(super) printer: Option<PrinterWorker>,
    pub(super) qr: Option<QrWorker>,
    pub(super) scanner: Option<ScannerWorker>,
    pub(super) reader: Option<ReaderWorker>,
    pub(super) voice: Option<Voice>,
    pub(super) panel: Worker<PanelOrder>,
    pub(super) pixels: PixelWorker,
    pub(super) reading: ReadingWorker,
    pub(super) keeper: KeeperWorker,
    pub(super) courier: Courier,
    pub(super) _hall: HallWatch,
    pub(super) questions: Worker<Question>,
    pub(super) health: HealthReporter,
}

pub(super) fn start_workers(
    config: &Config,
    kiosk: &Kiosk,
    world: &World,
    sender: &Sender<Input>,
) -> Result<Workers, KioskError> {
    let client = HubClient::new(&kiosk.hub, &kiosk.token);
    let device = |section| move |source| KioskError::Device { section, source };
    let printer = config
        .printer
        .as_ref()
        .map(|printer| PrinterWorker::start(printer, sender.adapt(Input::Printer)).map_err(device("printer")));
    let qr = config
        .qr_scanner
        .as_ref()
        .map(|qr| QrWorker::start(&qr.url, sender.adapt(Input::Qr)).map_err(device("qr_scanner")));
    let scanner = config.document_scanner.as_ref().map(|scanner| {
        ScannerWorker::start(&scanner.url, sender.adapt(Input::Scanner)).map_err(device("document_scanner"))
    });
    let reader = config
        .ektp_reader
        .as_ref()
        .map(|reader| ReaderWorker::start(&reader.url, sender.adapt(Input::Reader)).map_err(device("ektp_reader")));
    let voice = config.speaker.as_ref().map(|speaker| {
        Voice::start(VoiceConfig::on(&speaker.url), sender.adapt(Input::Voice)).map_err(device("speaker"))
    });
    let asking = client.clone();
    let reporting = Reporting {
        client: client.clone(),
        world: world.clone(),
        zone: config.office.timezone,
        data: Some(kiosk.data.clone()),
        devices: [
            (DeviceKind::Printer, config.printer.is_some()),
            (DeviceKind::QrScanner, config.qr_scanner.is_some()),
            (DeviceKind::DocumentScanner, config.document_scanner.is_some()),
            (DeviceKind::EktpReader, config.ektp_reader.is_some()),
            (DeviceKind::Speaker, config.speaker.is_some()),
        ]
        .into_iter()
        .filter_map(|(device, configured)| configured.then_some(device))
        .collect(),
    };
    let (told, lost) = (sender.clone(), sender.clone());
    Ok(Workers {
        printer: printer.transpose()?,
        qr: qr.transpose()?,
        scanner: scanner.transpose()?,
        reader: reader.transpose()?,
        voice: voice.transpose()?,
        panel: start_panel(kiosk.data.clone(), kiosk.backlight.clone(), sender.adapt(Input::Panel))?,
        pixels: PixelWorker::start(
            config.document_scanner.as_ref().is_some_and(|scanner| scanner.check),
            sender.adapt(Input::Page),
        )?,
        reading: ReadingWorker::start(sender.adapt(Input::Read))?,
        keeper: KeeperWorker::start(kiosk.data.clone(), kiosk.series, sender.adapt(Input::Keeper))?,
        courier: Courier::start(kiosk.data.clone(), client.clone(), world.clone(), sender.adapt(Input::Courier))?,
        health: HealthReporter::start(reporting, sender.adapt(Input::Health))?,
        _hall: HallWatch::start(client, sender.adapt(Input::Hall))?,
        questions: Worker::start(
            "hub-questions",
            move |_: &StopFlag| Ok::<_, String>(Asking { client: asking.clone(), events: told.clone() }),
            move |question: Question, _| {
                lost.send(Input::Flow(question.unanswered()));
            },
        )?,
    })
}

/// What the hub is asked while somebody waits for the answer.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) ask: u64,
    pub(super) about: About,
}

#[derive(Clone)]
pub(super) enum About {
    /// Where the case of a slip is.
    Slip(String),
    /// Whether somebody may have a number.
    Number(Nik),
}

impl Question {
    /// The answer to a question that nobody could be asked.
    fn unanswered(&self) -> KioskEvent {
        let ask = self.ask;
        match self.about {
            About::Slip(_) => KioskEvent::StatusKnown { ask, result: Err(Failure::HubFault) },
            About::Number(_) => KioskEvent::NumberAllowed { ask, refused: None },
        }
    }
}

struct Asking {
    client: HubClient,
    events: Sender<Input>,
}

impl Task for Asking {
    type Command = Question;

    fn run(&mut self, question: Question) {
        let ask = question.ask;
        let why = |error: &ClientError| {
            tracing::warn!(%error, "the hub does not answer as hoped");
            error.problem().failure().unwrap_or(Failure::HubFault)
        };
        let event = match question.about {
            About::Slip(text) => {
                let result = self.client.slip_status(&text).map(Box::new).map_err(|error| why(&error));
                KioskEvent::StatusKnown { ask, result }
            }
            About::Number(nik) => {
                let body = AskTicket { queue: Queue::Verification, nik: Some(nik) };
                let refused = self.client.ask_ticket(&body).err().map(|error| why(&error));
                KioskEvent::NumberAllowed { ask, refused }
            }
        };
        self.events.send(Input::Flow(event));
    }
}

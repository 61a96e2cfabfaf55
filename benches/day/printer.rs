//! The slip printer's day.

use std::time::{Duration, Instant};

use anjungan::config::Config;
use anjungan::domain::device::DeviceKind;
use anjungan::rig::Devices;
use anjungan::station::bridge::{Inbox, inbox, no_wake};
use anjungan::station::devices::{PrinterEvent, PrinterWorker};
use anjungan_hardware::slip_printer::simulator::{PaperSupply, PrinterState};
use anjungan_hardware::{PrintJob, PrintOutcome};

use super::lane::{Desk, Done, Lane, stuck};

/// The longest a print may take by its description (hot head, an earlier job's end, the job), and a look before it.
const ANSWER_WITHIN: Duration = Duration::from_secs(160);

type Fault = (&'static str, fn(&mut PrinterState));

const FAULTS: &[Fault] = &[
    ("no paper", |state| state.paper = PaperSupply::Out),
    ("little paper", |state| state.paper = PaperSupply::NearEnd),
    ("paper ends in the slip", |state| state.paper_out_after_lines = Some(3)),
    ("cover open", |state| state.cover_open = true),
    ("cutter blocks", |state| state.cutter_error_at_cut = true),
    ("cutter stays blocked", |state| (state.cutter_error, state.recovery_fails) = (true, true)),
    ("jam in the slip", |state| state.jam_after_lines = Some(3)),
    ("head gets hot", |state| state.overheat_after_lines = Some(3)),
    ("offline", |state| state.offline = true),
    ("broken until switched off", |state| state.broken = true),
    ("no power", |state| state.power_off = true),
    ("power cut", |state| state.power_cuts += 1),
    ("mute", |state| state.mute = true),
    ("mute in the job", |state| state.mute_after_answers = Some(5)),
    ("reads nothing", |state| state.stall = true),
    ("garbage", |state| state.garbage = true),
    ("echo", |state| state.echo = true),
    ("loses bytes", |state| state.lose_received_every = 97),
    ("loses answers", |state| state.lose_answers_every = 5),
    ("slow", |state| state.latency_us_per_byte = 200),
];

pub(super) struct Printing<'a> {
    devices: &'a Devices,
    worker: PrinterWorker,
    events: Inbox<PrinterEvent>,
    number: u64,
}

impl<'a> Printing<'a> {
    pub(super) fn start(devices: &'a Devices) -> Self {
        let (sender, events) = inbox(no_wake());
        let text = format!("[printer]\nurl = \"{}\"\n", devices.endpoints().printer);
        let section = Config::parse(&text).unwrap().printer.unwrap();
        Self { devices, worker: PrinterWorker::start(&section, sender).unwrap(), events, number: 0 }
    }

    fn send(&mut self) -> Instant {
        self.number += 1;
        let ticket = format!("A-{:03}", self.number % 1000);
        let code = format!("ANJ1:slip{}", self.number);
        let job = PrintJob::new().text("Nomor antrean").text(ticket).text("Bawa slip ini ke loket.").qr(code, 30.0);
        self.worker.print(self.number, job.cut());
        Instant::now()
    }

    fn answer(&self, desk: &mut Desk<'_>, limit: Duration) -> Option<PrintOutcome> {
        desk.wait(&self.events, limit, |desk, event| match event {
            PrinterEvent::Printed { order, outcome } => (order == self.number).then_some(outcome),
            PrinterEvent::State(state) => {
                desk.note(DeviceKind::Printer, state);
                None
            }
            PrinterEvent::Cooling { .. } => None,
        })
    }

    fn change(&self, change: impl FnOnce(&mut PrinterState)) {
        self.devices.printer().update_state(change).expect("the printer's state file");
    }
}

impl Lane for Printing<'_> {
    fn name(&self) -> &'static str {
        "slip-printer"
    }

    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration) {
        let _ = self.answer(desk, limit);
    }

    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String> {
        let sent = self.send();
        let outcome = self.answer(desk, ANSWER_WITHIN);
        let outcome = outcome.ok_or_else(|| stuck(self.name(), "a slip", ANSWER_WITHIN))?;
        desk.answered(sent, "no fault");
        Ok(if outcome == PrintOutcome::Printed { Done::Well } else { Done::NotWell })
    }

    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String> {
        let (name, fault) = desk.random.pick(FAULTS);
        self.change(fault);
        let sent = self.send();
        let hold = desk.random.hold();
        let answered = self.answer(desk, hold).is_some();
        self.listen(desk, hold.saturating_sub(sent.elapsed()));
        self.change(|state| {
            // What only a switch clears is cleared by a switch.
            let power_cuts = state.power_cuts + u32::from(state.broken);
            *state = PrinterState { power_cuts, ..PrinterState::default() };
        });
        if !answered {
            self.answer(desk, ANSWER_WITHIN).ok_or_else(|| stuck(self.name(), name, ANSWER_WITHIN))?;
        }
        desk.answered(sent, name);
        Ok(())
    }

    fn power_cycle(&mut self) {
        self.change(|state| state.power_cuts += 1);
    }
}

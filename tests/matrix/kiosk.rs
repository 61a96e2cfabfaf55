//! The faults a kiosk can meet, and what each must do wherever somebody stands.

use std::time::{Duration, Instant};

use anjungan::domain::device::DeviceKind;
use anjungan::kiosk::flow::{Errand, KioskEvent, Touch};
use anjungan::kiosk::view::{KioskView, ScanPhaseView, Screen, SlipPhaseView};
use anjungan_hardware::Health;
use anjungan_hardware::document_scanner::ScannerFault;
use anjungan_hardware::slip_printer::simulator::PaperSupply;

use crate::lane::Lane;
use crate::places::{State, go, walk};
use crate::report::Times;

/// A code that is long enough for any scanner's buffer.
const LONG_CODE: usize = 4_000;
/// Touches of a panel that touches itself.
const GHOST_TOUCHES: usize = 60;
/// What reaches a program that does nothing about it has reached it by then.
const SETTLE: Duration = Duration::from_millis(300);

/// The faults of the table that a kiosk can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    P1,
    P2,
    P3,
    P4,
    P5,
    P6,
    P7,
    P8,
    P9,
    P10,
    P11,
    P12,
    P13,
    Q1,
    Q2,
    Q3,
    S1,
    S2,
    D1,
}

impl Fault {
    pub const ALL: [Self; 19] = [
        Self::P1,
        Self::P2,
        Self::P3,
        Self::P4,
        Self::P5,
        Self::P6,
        Self::P7,
        Self::P8,
        Self::P9,
        Self::P10,
        Self::P11,
        Self::P12,
        Self::P13,
        Self::Q1,
        Self::Q2,
        Self::Q3,
        Self::S1,
        Self::S2,
        Self::D1,
    ];

    /// Whether the fault can be met there: some exist only inside a job.
    pub fn meets(self, state: State) -> bool {
        match self {
            Self::P3 | Self::P13 => state == State::SlipPrinting,
            Self::S2 => state == State::Scanning,
            _ => true,
        }
    }

    pub const fn device(self) -> Option<DeviceKind> {
        match self {
            Self::Q1 | Self::Q2 | Self::P13 | Self::S2 => None,
            Self::Q3 => Some(DeviceKind::QrScanner),
            Self::S1 => Some(DeviceKind::DocumentScanner),
            Self::D1 => Some(DeviceKind::Touchscreen),
            _ => Some(DeviceKind::Printer),
        }
    }

    fn is_expected(self, health: Health) -> bool {
        match self {
            Self::P1 => health == Health::MediaLow,
            Self::P2 | Self::P3 => health == Health::MediaEmpty,
            Self::P4 => health == Health::Misplaced,
            Self::P5 | Self::P6 => health == Health::Jammed,
            Self::P7 | Self::P11 => health == Health::NotResponding,
            Self::P8 | Self::P10 | Self::D1 => health == Health::Damaged,
            Self::P9 | Self::Q3 => health == Health::NotReachable,
            // On a serial line a printer without power is a line on which nobody answers.
            Self::P12 => matches!(health, Health::NotReachable | Health::NotResponding),
            Self::S1 => matches!(health, Health::Jammed | Health::Misplaced),
            Self::P13 | Self::Q1 | Self::Q2 | Self::S2 => true,
        }
    }

    fn inject(self, lane: &mut Lane, state: State) {
        let inside_job = state == State::SlipPrinting;
        match self {
            Self::P1 => lane.printer_is(|printer| printer.paper = PaperSupply::NearEnd),
            Self::P2 => lane.printer_is(|printer| printer.paper = PaperSupply::Out),
            Self::P3 => lane.printer_is(|printer| printer.paper_out_after_lines = Some(2)),
            Self::P4 => lane.printer_is(|printer| printer.cover_open = true),
            Self::P5 => lane.printer_is(|printer| {
                printer.recovery_fails = true;
                printer.cutter_error = !inside_job;
                printer.cutter_error_at_cut = inside_job;
            }),
            Self::P6 => lane.printer_is(|printer| (printer.jammed, printer.recovery_fails) = (true, true)),
            Self::P7 => lane.printer_is(|printer| printer.overheated = true),
            Self::P8 => lane.printer_is(|printer| printer.broken = true),
            Self::P9 => lane.unplug_printer(),
            Self::P10 => lane.printer_is(|printer| printer.garbage = true),
            Self::P11 => lane.printer_is(|printer| printer.stall = true),
            Self::P12 => lane.printer_is(|printer| printer.power_off = true),
            Self::P13 => lane.printer_is(|printer| printer.latency_us_per_byte = 1_040),
            Self::Q3 => lane.plug_kiosk_qr(false),
            Self::S1 if state == State::Scanning => lane.pages_take(1_500, ScannerFault::Jam),
            Self::S1 => lane.pages_take(0, ScannerFault::CoverOpen),
            Self::S2 => lane.pages_take(0, ScannerFault::Bomb),
            Self::Q1 | Self::Q2 | Self::D1 => {}
        }
    }

    fn clear(self, lane: &mut Lane) {
        match self {
            Self::P8 => {
                // Only a power cycle clears it.
                lane.printer_is(|printer| printer.power_cuts += 1);
                lane.mend_printer();
            }
            Self::P9 => {
                lane.plug_printer();
                lane.mend_printer();
            }
            Self::Q3 => lane.plug_kiosk_qr(true),
            Self::S1 | Self::S2 => lane.pages_take(0, ScannerFault::None),
            Self::Q1 | Self::Q2 | Self::D1 => {}
            _ => lane.mend_printer(),
        }
    }
}

/// Runs one cell: there, fault, noticed, the person finishes all the same, cleared, noticed, complete.
pub fn run(lane: &mut Lane, fault: Fault, state: State) -> Times {
    go(lane, state);
    match fault {
        Fault::Q1 | Fault::Q2 => return hostile_codes(lane, fault, state),
        Fault::D1 => return ghost_touches(lane),
        _ => {}
    }
    let before = lane.kiosk.view();
    fault.inject(lane, state);
    if state == State::Submitting {
        // The shortest of all states: the fault is there before the touch, and the case is kept all the same.
        lane.kiosk.touch(Touch::Submit);
        assert_eq!(lane.kiosk.view().screen, Screen::Submitting);
    }
    let seen = see(lane, fault, state);
    let view = lane.kiosk.view();
    if !matches!(state, State::Submitting | State::Scanning | State::SlipPrinting | State::SlipPrinted) {
        assert_eq!(view.screen, before.screen, "a fault moves nobody to another screen");
    }
    assert_way_on(&view);
    finish_under(lane, fault, state);
    let cleared = Instant::now();
    fault.clear(lane);
    let recovered = recover(lane, fault).map(|()| cleared.elapsed());
    complete(lane, fault);
    Times { seen, recovered }
}

/// Waits until the program knows, and says so where it matters to the person.
fn see(lane: &mut Lane, fault: Fault, state: State) -> Option<Duration> {
    let began = Instant::now();
    if state == State::SlipPrinting {
        // Inside the job it is the job's end that tells.
        lane.view_until("the end of the job", |view| view.slip_phase != SlipPhaseView::Printing);
    } else if state == State::Scanning && matches!(fault, Fault::S1 | Fault::S2) {
        lane.view_until("the failed scan", |view| view.scan_phase == ScanPhaseView::Failed);
        if fault == Fault::S2 {
            return Some(began.elapsed());
        }
    }
    let device = fault.device()?;
    lane.kiosk_until("the fault", |lane| lane.kiosk_health(device).is_some_and(|health| fault.is_expected(health)));
    let seen = began.elapsed();
    let view = lane.kiosk.view();
    let lines = lane.kiosk.device_lines();
    assert!(lines.iter().any(|line| line.title == device.title() && !line.fix.is_empty()), "staff read what to do");
    match device {
        DeviceKind::Printer => assert_eq!(view.printer_ready, fault == Fault::P1),
        DeviceKind::QrScanner => assert!(!view.qr_ready),
        DeviceKind::DocumentScanner => assert!(!view.scanner_ready),
        _ => {}
    }
    // A job that stalls is given up at its own limit, not at that of the watch.
    (state != State::SlipPrinting).then_some(seen)
}

/// Nobody is at a dead end.
fn assert_way_on(view: &KioskView) {
    let way = view.can_back
        || view.can_next
        || view.failure.is_some()
        || matches!(
            view.screen,
            Screen::Attract
                | Screen::Closed
                | Screen::Need
                | Screen::StaffPin
                | Screen::Staff
                | Screen::Submitting
                | Screen::Slip
                | Screen::Status
        );
    assert!(way || view.screen == Screen::OutOfService, "no way on from {:?}", view.screen);
}

/// The person finishes although the device is at fault: a number, its code and what to do are on the screen.
fn finish_under(lane: &mut Lane, fault: Fault, state: State) {
    if state == State::OutOfService {
        lane.kiosk.handle(KioskEvent::StorageUsable(true));
    }
    lane.open_office();
    if matches!(state, State::Code | State::StaffPin | State::Staff | State::Status | State::OutOfService) {
        lane.kiosk_home();
    }
    walk(lane, Screen::Slip);
    lane.view_until("what became of the slip", |view| {
        fault == Fault::P7 || !matches!(view.slip_phase, SlipPhaseView::Printing | SlipPhaseView::Cooling)
    });
    let view = lane.kiosk.view();
    assert!(!view.ticket.is_empty(), "the number is on the screen");
    if view.slip_kind == Errand::Application {
        assert!(view.slip_qr.is_some() && !view.slip_code.is_empty(), "and the code");
    }
    assert_eq!(view.slip_kind == Errand::WalkIn, state == State::HelpPriority);
    if lane.numbers.last().is_none_or(|last| *last != view.ticket) {
        assert!(!lane.numbers.contains(&view.ticket), "number {} twice", view.ticket);
        lane.numbers.push(view.ticket.clone());
    }
    let shown = view.slip_phase;
    match fault {
        Fault::P2 | Fault::P4 | Fault::P6 | Fault::P8 | Fault::P9 | Fault::P10 | Fault::P11 | Fault::P12
            if !matches!(state, State::SlipPrinting | State::SlipPrinted) =>
        {
            assert_eq!(shown, SlipPhaseView::NotPrinted, "nothing was sent to a printer at fault");
        }
        Fault::P3 => assert_eq!(shown, SlipPhaseView::Unknown),
        Fault::P5 if state == State::SlipPrinting => assert_eq!(shown, SlipPhaseView::TearOff),
        Fault::P1 | Fault::P13 | Fault::Q3 | Fault::S1 | Fault::S2 => assert_eq!(shown, SlipPhaseView::Printed),
        _ => assert!(
            state != State::SlipPrinting || fault == Fault::P7 || shown != SlipPhaseView::NotPrinted,
            "bytes were sent: {shown:?}"
        ),
    }
}

fn recover(lane: &mut Lane, fault: Fault) -> Option<()> {
    let device = fault.device()?;
    lane.kiosk_until("the end of the fault", |lane| lane.kiosk_health(device) == Some(Health::Ready));
    Some(())
}

/// The slip comes out after all: by itself when nothing was printed, else as a copy that is asked for.
fn complete(lane: &mut Lane, fault: Fault) {
    lane.view_until("the slip to settle", |view| {
        !matches!(view.slip_phase, SlipPhaseView::Printing | SlipPhaseView::Cooling | SlipPhaseView::NotPrinted)
    });
    if lane.kiosk.view().slip_phase == SlipPhaseView::Unknown {
        lane.kiosk.touch(Touch::Reprint);
        lane.view_until("the copy", |view| view.slip_phase == SlipPhaseView::Printed);
        let printer = lane.printer.as_ref().expect("a printer");
        let record = printer.slip_record(printer.slips()).expect("a slip");
        let all = record.lines.join("\n");
        let ticket = lane.kiosk.view().ticket;
        assert!(all.contains("SALINAN") && all.contains(&ticket), "{fault:?}: the copy says so: {all}");
    }
    lane.kiosk.touch(Touch::Finish);
    assert_eq!(lane.kiosk.view().screen, Screen::Attract);
}

/// Q1 and Q2: whatever the scanner sends, it opens nothing it should not and moves nobody.
fn hostile_codes(lane: &mut Lane, fault: Fault, state: State) -> Times {
    let before = lane.kiosk.view();
    let listens = matches!(state, State::Attract | State::Closed | State::Code | State::Status);
    let scanner = lane.kiosk_qr.as_mut().expect("a scanner");
    match fault {
        Fault::Q1 => {
            for code in [&b"\x1b[2J'; DROP TABLE item; --\r"[..], b"https://example.test/s/%00%ff\r", b"\xff\xfe\x00\r"]
            {
                scanner.raw(code).expect("the scanner sends");
            }
            scanner.scan(&"7".repeat(LONG_CODE)).expect("the scanner sends");
        }
        _ => {
            for number in 0..50 {
                // The same code from a trembling hand, and between them another one.
                let code = if number == 25 { "ANJ1:BUKANSLIP" } else { "bukan slip" };
                scanner.scan(code).expect("the scanner sends");
            }
        }
    }
    let began = Instant::now();
    let seen = listens.then(|| lane.view_until("the refusal", |view| view.failure.is_some()));
    // The last of them has arrived, too: none may meet the next person.
    while began.elapsed() < SETTLE {
        lane.kiosk.pump(Duration::from_millis(5));
    }
    let view = lane.kiosk.view();
    assert!(listens || view.failure.is_none(), "a code interrupts nobody");
    assert_eq!(view.screen, before.screen, "a code moves nobody");
    assert_way_on(&lane.kiosk.view());
    lane.kiosk.touch(Touch::DismissFailure);
    finish_under(lane, fault, state);
    complete(lane, fault);
    Times { seen, recovered: None }
}

/// D1: a panel that touches itself closes the kiosk and tells staff; when it is quiet, the kiosk opens again.
fn ghost_touches(lane: &mut Lane) -> Times {
    lane.kiosk.set_repeat_guard(Duration::from_millis(300));
    let began = Instant::now();
    for _ in 0..GHOST_TOUCHES {
        lane.kiosk.touch(Touch::Erase);
    }
    lane.kiosk_until("the alert", |lane| lane.kiosk_health(DeviceKind::Touchscreen) == Some(Health::Damaged));
    let seen = began.elapsed();
    lane.kiosk_until("what was being written", |lane| lane.kiosk.view().screen != Screen::Submitting);
    lane.kiosk.touch(Touch::Erase);
    assert_eq!(lane.kiosk.view().screen, Screen::OutOfService, "the kiosk says that it cannot be used");
    let view = lane.kiosk.view();
    assert!(view.ticket.is_empty() && view.nik_length == 0, "nothing of the person is left on the screen");
    let cleared = Instant::now();
    lane.pass_ms(21_000);
    lane.kiosk_until("the end of the alert", |lane| lane.kiosk_health(DeviceKind::Touchscreen) == Some(Health::Ready));
    let recovered = cleared.elapsed();
    lane.kiosk.handle(KioskEvent::StorageUsable(true));
    lane.open_office();
    lane.view_until("the attract screen", |view| view.screen == Screen::Attract);
    lane.kiosk.set_repeat_guard(Duration::ZERO);
    finish_under(lane, Fault::D1, State::Attract);
    complete(lane, Fault::D1);
    Times { seen: Some(seen), recovered: Some(recovered) }
}

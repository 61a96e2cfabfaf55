//! The kiosk's window while every device hangs: does it stay alive, and what does the person hear of the slip? Run by
//! `make bench`.
//!
//! A real kiosk window (Xvfb, software renderer) is walked through by a scripted applicant, one touch in 300 ms, for a
//! minute: once with everything well, once with a printer that takes the beginning of a job and then accepts and
//! never reads, a QR scanner that babbles, a hub that accepts and never answers, and a document scanner that never
//! finishes its page. A timer of 16 ms in the window's thread changes a line on screen, so that each turn of the event
//! loop has a frame to draw; what is measured is the time from one turn to the next, drawing included. Devices and hub
//! are in another process.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "stage/relay.rs"]
mod relay;
mod stage;

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ExitCode};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{Screen, SlipPhaseView};
use anjungan::kiosk::{KioskProgram, KioskShell};
use anjungan::rig::{Devices, RigOptions, ScannerTrouble};
use anjungan::station::event_loop;
use anjungan_hardware::PrinterProfile;
use anjungan_hardware::qr_scanner::{ScannerSimulator, ScannerState};
use anjungan_ui::KioskState;
use anjungan_ui::slint::ComponentHandle as _;
use slint::{Timer, TimerMode};

use stage::{Display, Office, percentile};

const LASTS: Duration = Duration::from_secs(60);
const FRAME: Duration = Duration::from_millis(16);
const TOUCH_EVERY: Duration = Duration::from_millis(300);
/// The first frames are the start and measured elsewhere.
const START: Duration = Duration::from_secs(2);
/// No window may stand still for longer.
const GAP_MAX: Duration = Duration::from_millis(100);
/// The program of the window, among the arguments of this one.
const WINDOW: &str = "--window";
/// A stalled printer's thread may be inside one last read for this long.
const LAST_READ: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    if let Some(config) = std::env::args().skip_while(|word| word != WINDOW).nth(1) {
        window(Path::new(&config));
        return ExitCode::SUCCESS;
    }
    let display = Display::open(1080, 1920);
    let office = Office::open();
    println!("| devices | turns | p50 | p99 | longest, on screen | slip | told after |");
    println!("|---|---|---|---|---|---|---|");
    let well = run(&display, &office, false);
    let hanging = run(&display, &office, true);
    let profile = PrinterProfile::columns_48();
    println!(
        "\nthe printer's limit: {:?} without progress; aim: no gap over {GAP_MAX:?} while devices hang",
        profile.job_timeout
    );
    println!("longest gap: {:.1} ms well, {:.1} ms hanging", ms(well.longest), ms(hanging.longest));
    if hanging.longest > GAP_MAX {
        println!("FAILED: the window stood still for {:.1} ms", ms(hanging.longest));
        return ExitCode::FAILURE;
    }
    if hanging.slip != "Unknown" {
        println!("FAILED: the slip of a printer that never reads is {}", hanging.slip);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

struct Seen {
    longest: Duration,
    slip: String,
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// One minute of a window, seen from the side of the devices.
fn run(display: &Display, office: &Office, hanging: bool) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let options = RigOptions { printer_port: 0, scan_ms: 500, ..RigOptions::default() };
    let devices = Arc::new(Devices::start(&folder.path().join("rig"), options).unwrap());
    let printer = Arc::clone(&devices);
    let relay = relay::relay(devices.printer().addr().unwrap(), move || {
        if hanging {
            printer.printer().update_state(|state| state.stall = true).unwrap();
            std::thread::sleep(LAST_READ);
        }
    });
    let qr = folder.path().join("qr");
    ScannerState { babbling: hanging, ..ScannerState::default() }.save(&qr).unwrap();
    let _scanner = ScannerSimulator::start_in(qr.join("tty"), &qr).unwrap();
    // The system accepts for it, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_hub = format!("http://{}", silent.local_addr().unwrap());
    let sections = format!(
        "[printer]\nurl = \"tcp://{relay}\"\n[qr_scanner]\nurl = \"serial://{}\"\n[document_scanner]\nurl = \"{}\"\n",
        qr.join("tty").display(),
        devices.endpoints().document_scanner
    );
    let (name, hub) = if hanging { ("hanging", silent_hub.as_str()) } else { ("well", office.address()) };
    let config = office.kiosk_config(name, hub, &sections);
    let mut child = display.own_program().arg(WINDOW).arg(config).spawn().unwrap();
    let seen = listen(&mut child, &devices, hanging, name);
    child.wait().unwrap();
    seen
}

/// Reads what the window tells, and lets the document scanner hang once the slip's end is known.
fn listen(child: &mut Child, devices: &Devices, hanging: bool, name: &str) -> Seen {
    let mut slip = ("none".to_owned(), "".to_owned());
    let mut longest = Duration::ZERO;
    let mut end = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["slip", phase, after] if slip.0 == "none" => {
                slip = (phase.to_owned(), after.to_owned());
                if hanging {
                    devices.set_scanner_trouble(ScannerTrouble::Stuck).unwrap();
                }
            }
            ["gaps", turns, p50, p99, max, screen] => {
                longest = Duration::from_secs_f64(max.parse::<f64>().unwrap() / 1e3);
                let (phase, after) = &slip;
                println!("| {name} | {turns} | {p50} ms | {p99} ms | {max} ms, {screen} | {phase} | {after} s |");
            }
            ["end", screen] => end = screen.to_owned(),
            _ => {}
        }
    }
    assert!(!hanging || end == "Scan", "the document scanner was to hang until the end, which was on {end}");
    assert!(!longest.is_zero(), "the window did not live to its end");
    Seen { longest, slip: slip.0 }
}

/// The applicant in front of the window, and the watch on its event loop.
struct Watch {
    program: Rc<KioskProgram>,
    visitor: Visitor,
    began: Instant,
    last_turn: Instant,
    last_touch: Instant,
    submitted: Option<Instant>,
    gaps: Vec<Duration>,
    /// The longest gap so far, and the screen it ended on.
    longest: (Duration, Screen),
    screen: Screen,
}

impl Watch {
    fn turn(&mut self) {
        let now = Instant::now();
        let gap = now - std::mem::replace(&mut self.last_turn, now);
        if self.began.elapsed() > START {
            self.gaps.push(gap);
            if gap > self.longest.0 {
                self.longest = (gap, self.screen);
            }
        }
        let state = self.program.window().global::<KioskState<'_>>();
        state.set_office_name(if self.gaps.len().is_multiple_of(2) { "Kantor" } else { "Kantor ini" }.into());
        self.visit(now);
        if self.began.elapsed() > LASTS + START {
            slint::quit_event_loop().unwrap();
        }
    }

    fn visit(&mut self, now: Instant) {
        let view = self.program.with_shell(|shell: &mut KioskShell| shell.view());
        self.screen = view.screen;
        let printing = matches!(view.slip_phase, SlipPhaseView::Printing | SlipPhaseView::Cooling);
        if view.screen == Screen::Slip {
            if printing {
                return;
            }
            if let Some(submitted) = self.submitted.take() {
                println!("slip {:?} {:.2}", view.slip_phase, submitted.elapsed().as_secs_f64());
            }
        }
        if now - self.last_touch < TOUCH_EVERY {
            return;
        }
        self.last_touch = now;
        let Some(touch) = self.visitor.next_touch(&view) else { return };
        match touch {
            Touch::Submit => self.submitted = Some(now),
            Touch::Finish => self.visitor = Visitor::new(self.visitor.number + 1),
            _ => {}
        }
        self.program.with_shell(|shell| shell.touch(touch));
    }

    fn report(&mut self) {
        let turns = self.gaps.len();
        let mut at = |share| ms(percentile(&mut self.gaps, share));
        println!("gaps {turns} {:.1} {:.1} {:.1} {:?}", at(0.5), at(0.99), at(1.0), self.longest.1);
        println!("end {:?}", self.screen);
    }
}

fn window(config: &Path) {
    event_loop::select_backend().unwrap();
    let config = Config::parse(&std::fs::read_to_string(config).unwrap()).unwrap();
    let program = Rc::new(KioskProgram::open(&config, World::system(), event_loop::wake()).unwrap());
    program.window().show().unwrap();
    let now = Instant::now();
    let watch = Watch {
        program: Rc::clone(&program),
        visitor: Visitor::new(0),
        began: now,
        last_turn: now,
        last_touch: now,
        submitted: None,
        gaps: Vec::new(),
        longest: (Duration::ZERO, Screen::Attract),
        screen: Screen::Attract,
    };
    let watch = Rc::new(RefCell::new(watch));
    let turning = Rc::clone(&watch);
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, FRAME, move || turning.borrow_mut().turn());
    let pump = move || {
        program.pump(Duration::ZERO);
    };
    event_loop::run(pump).unwrap();
    drop(timer);
    watch.borrow_mut().report();
}

//! What a kiosk holds after a thousand visitors: its memory in the end, and whether it grew. Run by `make bench`.
//!
//! A real window (Xvfb, software renderer) in a process of its own, its allocator set as the kiosk's unit sets it. Scripted
//! applicants walk through the whole application, NIK by NIK, each touch as soon as the one before was drawn; a word
//! behind the command sets another number of visitors. The proportional set size is read from outside.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod stage;

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anjungan::clock::World;
use anjungan::config::Config;
use anjungan::kiosk::KioskProgram;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::{Screen, SlipPhaseView};
use anjungan::station::event_loop;
use anjungan_ui::slint::ComponentHandle as _;
use slint::{Timer, TimerMode};

use stage::{ALLOCATOR, Display, Office, pss_kib};

const VISITORS: usize = 1_000;
/// Memory is read this often, in visitors.
const READ_EVERY: usize = 100;
/// The program of the window, among the arguments of this one.
const WINDOW: &str = "--window";
/// A frame at 60 Hz: no touch comes faster.
const TOUCH_EVERY: Duration = Duration::from_millis(4);
const REST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == WINDOW) {
        window(Path::new(&words[at + 1]), words[at + 2].parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let visitors = words.iter().skip(1).find_map(|word| word.parse().ok()).unwrap_or(VISITORS);
    let display = Display::open(1080, 1920);
    let office = Office::open();
    let config = office.kiosk_config("sessions", office.address(), "");
    let mut window = display.own_program();
    let mut child = window.arg(WINDOW).arg(config).arg(visitors.to_string()).envs(ALLOCATOR).spawn().unwrap();
    println!("| visitors | memory (PSS) | seconds |\n|---|---|---|");
    let began = Instant::now();
    let mut seen = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let Some(count) = line.strip_prefix("visitors ") else { continue };
        let memory = pss_kib(child.id());
        println!("| {count} | {:.1} MB | {:.0} |", memory as f64 / 1024.0, began.elapsed().as_secs_f64());
        seen.push(memory);
    }
    child.wait().unwrap();
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
        println!("FAILED: the window did not live to its end");
        return ExitCode::FAILURE;
    };
    println!("\ngrowth after the first {READ_EVERY} visitors: {:.1} MB", (*last as f64 - *first as f64) / 1024.0);
    ExitCode::SUCCESS
}

/// The visitors in front of the window.
struct Visits {
    program: Rc<KioskProgram>,
    visitor: Visitor,
    wanted: usize,
    done: usize,
    /// Until when nobody touches, so that memory is read at rest.
    rests_until: Option<Instant>,
}

impl Visits {
    fn turn(&mut self) {
        if let Some(until) = self.rests_until {
            if Instant::now() < until {
                return;
            }
            self.rests_until = None;
            if self.done >= self.wanted {
                slint::quit_event_loop().unwrap();
            }
            return;
        }
        let view = self.program.with_shell(|shell| shell.view());
        if view.screen == Screen::Slip && matches!(view.slip_phase, SlipPhaseView::Printing | SlipPhaseView::Cooling) {
            return;
        }
        let Some(touch) = self.visitor.next_touch(&view) else { return };
        if touch == Touch::Finish {
            self.done += 1;
            self.visitor = Visitor::new(self.visitor.number + 1);
        }
        let reads = touch == Touch::Finish && self.done.is_multiple_of(READ_EVERY);
        self.program.with_shell(|shell| shell.touch(touch));
        if reads {
            self.rests_until = Some(Instant::now() + REST);
            let done = self.done;
            // Said in the middle of the rest, when everything is drawn and given back.
            Timer::single_shot(REST / 2, move || println!("visitors {done}"));
        }
    }
}

fn window(config: &Path, wanted: usize) {
    event_loop::select_backend().unwrap();
    let config = Config::parse(&std::fs::read_to_string(config).unwrap()).unwrap();
    let program = Rc::new(KioskProgram::open(&config, World::system(), event_loop::wake()).unwrap());
    program.with_shell(|shell| shell.set_repeat_guard(Duration::ZERO));
    program.window().show().unwrap();
    let visits = Visits { program: Rc::clone(&program), visitor: Visitor::new(0), wanted, done: 0, rests_until: None };
    let visits = Rc::new(RefCell::new(visits));
    let timer = Timer::default();
    timer.start(TimerMode::Repeated, TOUCH_EVERY, move || visits.borrow_mut().turn());
    event_loop::run(move || {
        program.pump(Duration::ZERO);
    })
    .unwrap();
    drop(timer);
}

//! An office's day of device traffic, with faults: the station's workers against the simulated devices.
//!
//! The world's clock is moved by hand, the devices run as fast as they answer. Each device has a lane of its own with
//! a minute's traffic for each virtual minute; the clock is where the slowest lane is. Before one order in ten a
//! fault happens, and is cleared a little later. An order that gets no answer within its limit is a stuck worker.
//! Used by `benches/device_day.rs` and by a test.

#[path = "../stage/office.rs"]
#[allow(dead_code)]
mod office;

mod lane;
pub mod machine;
mod printer;
mod qr;
mod reader;
mod scanner;
mod speaker;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anjungan::clock::{Virtual, World};
use anjungan::domain::device::DeviceKind;
use anjungan::domain::office::Zone;
use anjungan::rig::{Devices, RigOptions};
use anjungan::station::bridge::{inbox, no_wake};
use anjungan::station::health::{HealthEvent, HealthReporter, Reporting, STORE_FILE};
use anjungan::wire::client::HubClient;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

pub use lane::Tally;
use lane::{Lane, Random, Shared};
use machine::Use;

/// Lanes of a day.
const LANES: usize = 5;
/// How long the end of an hour waits for connections and threads of the last fault to end.
const CALM_MAX: Duration = Duration::from_secs(20);
/// How long counts must stay the same to be believed, while there is nothing to compare them with.
const STEADY: Duration = Duration::from_millis(300);
/// How long the hub may take to hear the last fault.
const TOLD_MAX: Duration = Duration::from_secs(60);

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Virtual hours.
    pub hours: u32,
    /// Hours at the beginning that are not compared.
    pub warm_up: u32,
    /// The same seed is the same day.
    pub seed: u64,
}

/// The end of one virtual hour.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    /// Counted from 1.
    pub number: u32,
    /// What the lanes did since the beginning.
    pub tally: Tally,
    /// What the process holds.
    pub used: Use,
}

/// A day that was lived to its end.
#[derive(Debug)]
pub struct Lived {
    pub hours: Vec<Hour>,
    /// What each lane did, by its name.
    pub lanes: Vec<(&'static str, Tally)>,
    /// Readiness reports, one for each date of the virtual clock.
    pub readiness: usize,
    /// Faults the hub does not know the end of.
    pub open_faults: u32,
    /// Threads of workers that did not end.
    pub left_behind: Vec<String>,
}

/// Lives a day.
///
/// # Errors
/// Names the worker that is stuck, and what it was at.
pub fn live(plan: Plan, mut each_hour: impl FnMut(&Hour)) -> Result<Lived, String> {
    let folder = tempfile::tempdir().unwrap();
    let hub = office::Office::open();
    let devices =
        Devices::start(&folder.path().join("rig"), RigOptions { printer_port: 0, scan_ms: 0, ..RigOptions::default() })
            .unwrap();
    let clock = Arc::new(Virtual::starting_at(Timestamp::now() - SignedDuration::from_hours(24)));
    let data = folder.path().join("station");
    let (told, reports) = inbox::<HealthEvent>(no_wake());
    let reporting = Reporting {
        client: HubClient::new(hub.address(), hub.token()),
        world: World::new(clock.clone(), clock.clone()),
        zone: Zone::default(),
        data: Some(data.clone()),
        devices: vec![
            DeviceKind::Printer,
            DeviceKind::QrScanner,
            DeviceKind::DocumentScanner,
            DeviceKind::EktpReader,
            DeviceKind::Speaker,
        ],
    };
    let health = HealthReporter::start(reporting, told).unwrap();
    let shared = Shared::new(LANES, plan.hours, &clock, &health);
    let hours = Mutex::new(Vec::new());
    let mut readiness = 0;
    let lanes = std::thread::scope(|scope| {
        let mut random = Random(plan.seed);
        let mut lanes: Vec<Box<dyn Lane>> = vec![
            Box::new(printer::Printing::start(&devices)),
            Box::new(qr::Scanning::start(&folder.path().join("qr"))),
            Box::new(reader::Reading::start(&folder.path().join("reader"))),
            Box::new(scanner::Paging::start(&devices)),
            Box::new(speaker::Speaking::start()),
        ];
        assert_eq!(lanes.len(), LANES);
        let shared = &shared;
        let threads: Vec<_> = lanes
            .drain(..)
            .enumerate()
            .map(|(index, lane)| {
                let random = Random(random.next());
                scope.spawn(move || shared.live(index, lane, random))
            })
            .collect();
        let mut calm = None;
        for number in 1..=plan.hours {
            shared.bell.wait();
            let used = settle(calm);
            if number == plan.warm_up {
                calm = Some(used);
            }
            while reports.try_next().is_some() {
                readiness += 1;
            }
            let hour = Hour { number, tally: shared.tally(), used };
            each_hour(&hour);
            hours.lock().unwrap_or_else(PoisonError::into_inner).push(hour);
            shared.bell.wait();
        }
        threads.into_iter().map(|thread| thread.join().expect("a lane does not panic")).collect::<Vec<_>>()
    });
    if let Some(stuck) = shared.stuck() {
        return Err(stuck);
    }
    let open_faults = faults_untold(&data);
    drop(health);
    Ok(Lived {
        hours: hours.into_inner().unwrap_or_else(PoisonError::into_inner),
        lanes,
        readiness,
        open_faults,
        left_behind: machine::threads_of_workers(),
    })
}

/// What the process holds when nothing is going on: what it should hold when that is known, else what does not change.
fn settle(wanted: Option<Use>) -> Use {
    let began = Instant::now();
    let mut last = Use::now();
    let mut same_since = Instant::now();
    loop {
        let done = match wanted {
            Some(wanted) => last.counts() == wanted.counts(),
            None => same_since.elapsed() >= STEADY,
        };
        if done || began.elapsed() > CALM_MAX {
            return last;
        }
        std::thread::sleep(Duration::from_millis(10));
        let now = Use::now();
        if now.counts() != last.counts() {
            same_since = Instant::now();
        }
        last = now;
    }
}

/// Faults that are open, or whose end the hub has not heard, once it had time to hear.
fn faults_untold(data: &std::path::Path) -> u32 {
    let began = Instant::now();
    loop {
        let count = Connection::open(data.join(STORE_FILE))
            .and_then(|db| db.query_row("SELECT count(*) FROM fault", [], |row| row.get(0)));
        if count == Ok(0) || began.elapsed() > TOLD_MAX {
            return count.unwrap_or(u32::MAX);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

//! What every device's day has in common.

use std::fmt::Debug;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anjungan::clock::Virtual;
use anjungan::domain::device::DeviceKind;
use anjungan::station::bridge::Inbox;
use anjungan::station::devices::DeviceState;
use anjungan::station::health::HealthReporter;

/// One order in this many meets a fault.
const FAULT_ONE_IN: u64 = 10;
/// After a fault was cleared, the device must have done an order well within this time.
const WELL_WITHIN: Duration = Duration::from_secs(120);
/// Pause between two tries after a fault, as of a person who touches "again".
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// SplitMix64.
pub(super) struct Random(pub u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.next() % from.len() as u64).unwrap_or(0)]
    }

    /// How long a fault lasts: most are over before anybody looks, some long enough to be told.
    pub(super) fn hold(&mut self) -> Duration {
        let longest = if self.below(4) == 0 { 3000 } else { 500 };
        Duration::from_millis(100 + self.below(longest))
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub orders: u32,
    pub faults: u32,
    /// Orders without a fault, and not soon after one, that were not done.
    pub spoiled: u32,
    /// The longest wait for an answer.
    pub slowest: Duration,
    /// What was going on then.
    pub slowest_at: &'static str,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.faults += other.faults;
        self.spoiled += other.spoiled;
        self.note(other.slowest, other.slowest_at);
    }

    fn note(&mut self, wait: Duration, at: &'static str) {
        if wait > self.slowest {
            (self.slowest, self.slowest_at) = (wait, at);
        }
    }
}

/// How an order ended; the device is called stuck when it did not.
pub(super) enum Done {
    Well,
    NotWell,
}

/// One device with its worker.
pub(super) trait Lane: Send {
    fn name(&self) -> &'static str;

    /// Orders in a virtual minute.
    fn per_minute(&self) -> u32 {
        1
    }

    /// One order while all is well.
    fn order(&mut self, desk: &mut Desk<'_>) -> Result<Done, String>;

    /// One order that meets a fault, which is over when this returns.
    fn order_with_fault(&mut self, desk: &mut Desk<'_>) -> Result<(), String>;

    /// Takes what the worker tells while there is no order.
    fn listen(&mut self, desk: &mut Desk<'_>, limit: Duration);

    /// The device does not come back by itself: what staff do then.
    fn power_cycle(&mut self) {}
}

/// What a lane has at hand.
pub(super) struct Desk<'a> {
    pub(super) random: Random,
    tally: Tally,
    health: &'a HealthReporter,
    told: Option<DeviceState>,
}

impl Desk<'_> {
    /// A device told its state.
    pub(super) fn note(&mut self, device: DeviceKind, state: DeviceState) {
        self.told = Some(state);
        self.health.note(device, state);
    }

    fn is_well(&self) -> bool {
        self.told.is_some_and(|state| state.health.is_usable())
    }

    /// Waits for the event that `is_answer` takes, at most for `limit`. `None` when it does not come.
    pub(super) fn wait<E: 'static, R>(
        &mut self,
        events: &Inbox<E>,
        limit: Duration,
        mut is_answer: impl FnMut(&mut Self, E) -> Option<R>,
    ) -> Option<R> {
        let until = Instant::now() + limit;
        loop {
            let event = events.next(until.saturating_duration_since(Instant::now()))?;
            if let Some(answer) = is_answer(self, event) {
                return Some(answer);
            }
        }
    }

    /// An order was answered; `at` says what was going on.
    pub(super) fn answered(&mut self, sent: Instant, at: &'static str) {
        self.tally.orders += 1;
        self.tally.note(sent.elapsed(), at);
    }
}

/// The name of a stuck worker and what it was at.
pub(super) fn stuck(worker: &str, at: impl Debug, limit: Duration) -> String {
    format!("the worker {worker} is stuck: no answer within {limit:?} at {at:?}")
}

/// What the lanes share.
pub(super) struct Shared<'a> {
    /// Rung twice at each hour's end: before and after it is looked at.
    pub(super) bell: Barrier,
    hours: u32,
    clock: &'a Virtual,
    health: &'a HealthReporter,
    /// Minutes each lane has lived, and what it did.
    lanes: Mutex<Vec<(u32, Tally)>>,
    stuck: Mutex<Option<String>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(lanes: usize, hours: u32, clock: &'a Virtual, health: &'a HealthReporter) -> Self {
        let lanes_lived = Mutex::new(vec![(0, Tally::default()); lanes]);
        let (bell, stuck) = (Barrier::new(lanes + 1), Mutex::default());
        Self { bell, hours, clock, health, lanes: lanes_lived, stuck }
    }

    /// What all lanes did.
    pub(super) fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        lock(&self.lanes).iter().for_each(|(_, tally)| sum.add(*tally));
        sum
    }

    /// The first worker that was stuck.
    pub(super) fn stuck(&self) -> Option<String> {
        lock(&self.stuck).clone()
    }

    fn note_stuck(&self, lived: Result<(), String>) {
        if let Err(why) = lived {
            lock(&self.stuck).get_or_insert(why);
        }
    }

    /// Lives the day of one lane.
    pub(super) fn live(&self, index: usize, mut lane: Box<dyn Lane + '_>, random: Random) -> (&'static str, Tally) {
        let mut desk = Desk { random, tally: Tally::default(), health: self.health, told: None };
        for _ in 0..self.hours {
            for minute in 0..60 {
                // The last minute of an hour is a quiet one: what is counted then is not in the middle of a fault.
                let lived = (0..lane.per_minute()).try_for_each(|_| step(&mut *lane, &mut desk, minute < 59));
                self.note_stuck(lived);
                if self.stuck().is_some() {
                    break;
                }
                self.minute_lived(index, desk.tally);
            }
            self.note_stuck(until_well(&mut *lane, &mut desk));
            self.bell.wait();
            self.bell.wait();
        }
        (lane.name(), desk.tally)
    }

    /// Moves the clock to where the slowest lane is.
    fn minute_lived(&self, index: usize, tally: Tally) {
        let mut lanes = lock(&self.lanes);
        let slowest = |lanes: &[(u32, Tally)]| lanes.iter().map(|(minutes, _)| *minutes).min().unwrap_or(0);
        let before = slowest(&lanes);
        lanes[index] = (lanes[index].0 + 1, tally);
        self.clock.advance_ms(i64::from(slowest(&lanes) - before) * 60_000);
    }
}

/// Waits until the worker has told that its device is well, as it is.
fn until_well(lane: &mut dyn Lane, desk: &mut Desk<'_>) -> Result<(), String> {
    let began = Instant::now();
    while !desk.is_well() {
        if began.elapsed() > WELL_WITHIN {
            return Err(stuck(lane.name(), "telling that the device is well again", WELL_WITHIN));
        }
        lane.listen(desk, AGAIN_AFTER);
    }
    Ok(())
}

fn step(lane: &mut dyn Lane, desk: &mut Desk<'_>, may_fail: bool) -> Result<(), String> {
    if may_fail && desk.random.below(FAULT_ONE_IN) == 0 {
        desk.tally.faults += 1;
        lane.order_with_fault(desk)?;
    } else if let Done::Well = lane.order(desk)? {
        return Ok(());
    } else {
        desk.tally.spoiled += 1;
    }
    let began = Instant::now();
    let mut tries = 0;
    loop {
        if let Done::Well = lane.order(desk)? {
            return Ok(());
        }
        tries += 1;
        if tries % 3 == 0 {
            lane.power_cycle();
        }
        if began.elapsed() > WELL_WITHIN {
            let name = lane.name();
            return Err(format!("the worker {name} answers, but does nothing {WELL_WITHIN:?} after the last fault"));
        }
        std::thread::sleep(AGAIN_AFTER);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

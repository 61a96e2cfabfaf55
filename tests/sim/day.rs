//! One day of an office: people come, are called, come or do not, and go. What must hold is checked as it happens.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use anjungan::domain::hall::calls_until;

use super::office::{CALLS, Office};
use super::random::Random;

const MINUTE_MS: f64 = 60_000.0;
/// People come until 14.45.
const DOORS_MS: f64 = 6.75 * 60.0 * MINUTE_MS;
/// Mean time at a counter, in minutes; between a third and three times of it.
const SERVICE_MIN: f64 = 4.0;
/// A counter waits this long after each call.
const PATIENCE_MS: i64 = 30_000;
/// Of those who missed the call, how many come back, and when at the latest.
const COME_BACK: f64 = 0.4;
const COME_BACK_MS: f64 = 20.0 * MINUTE_MS;

/// How a day is planned.
#[derive(Clone, Copy)]
pub struct Plan {
    pub applicants: usize,
    pub counters: usize,
    pub go_first: f64,
    pub stay_away: f64,
}

impl Plan {
    /// An ordinary day and a full one: one in eight goes first, one in twenty misses the call.
    pub const BOTH: [Self; 2] = [
        Self { applicants: 350, counters: 4, go_first: 0.125, stay_away: 0.05 },
        Self { applicants: 700, counters: 8, go_first: 0.125, stay_away: 0.05 },
    ];
}

/// What a day, or many, came to.
#[derive(Default)]
pub struct Day {
    pub calls: Vec<(i64, usize, usize)>,
    entered: usize,
    ended: usize,
    missed: usize,
    waits_ms: Vec<i64>,
    waits_first_ms: Vec<i64>,
    errors_min: Vec<f64>,
    nearest_to_bound: f64,
    area: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Comes(usize),
    CallsAgain { counter: usize, who: usize, calls: u32 },
    Free { counter: usize, who: usize },
    ComesBack(usize),
}

struct Person {
    goes_first: bool,
    stays_away: bool,
    told: Option<u32>,
    entered_at: i64,
    limit: usize,
    waits: bool,
}

pub fn run(office: &mut impl Office, plan: Plan, seed: u64) -> Day {
    let mut random = Random::new(seed);
    let mut day = Day::default();
    let mut events = BinaryHeap::new();
    let mut number = 0_u64;
    let mut at = |events: &mut BinaryHeap<_>, ms: i64, event: Event| {
        number += 1;
        events.push(Reverse((ms, number, event)));
    };
    let mut people: Vec<Person> = Vec::new();
    let mut comes: Vec<i64> = (0..plan.applicants)
        // Twice as many an hour in the morning as at the end.
        .map(|_| (DOORS_MS * (2.0 - (4.0 - 3.0 * random.unit()).sqrt())) as i64)
        .collect();
    comes.sort_unstable();
    for (who, ms) in comes.into_iter().enumerate() {
        at(&mut events, ms, Event::Comes(who));
        people.push(Person {
            goes_first: random.chance(plan.go_first),
            stays_away: random.chance(plan.stay_away),
            told: None,
            entered_at: 0,
            limit: 0,
            waits: false,
        });
    }
    let mut idle: BTreeSet<usize> = (0..plan.counters).collect();
    let (mut waiting, mut calls, mut last) = (0_usize, 0_usize, 0_i64);
    while let Some(Reverse((ms, _, event))) = events.pop() {
        day.area += (ms - last) * i64::try_from(waiting).unwrap();
        last = ms;
        office.now(ms);
        match event {
            Event::Comes(who) => {
                people[who].told = office.take(who, people[who].goes_first);
                enter(&mut people[who], ms, calls, &mut waiting);
                day.entered += 1;
            }
            Event::ComesBack(who) => {
                // Any officer lets them in again.
                office.restore(0, who);
                people[who].stays_away = false;
                people[who].told = None;
                enter(&mut people[who], ms, calls, &mut waiting);
            }
            Event::CallsAgain { counter, who, calls } if calls < CALLS => {
                office.recall(counter, who);
                at(&mut events, ms + PATIENCE_MS, Event::CallsAgain { counter, who, calls: calls + 1 });
            }
            Event::CallsAgain { counter, who, .. } => {
                office.no_show(counter, who);
                idle.insert(counter);
                if random.chance(COME_BACK) {
                    at(&mut events, ms + (random.unit() * COME_BACK_MS) as i64, Event::ComesBack(who));
                } else {
                    day.missed += 1;
                    day.ended += 1;
                }
            }
            Event::Free { counter, who } => {
                office.finish(counter, who);
                idle.insert(counter);
                day.ended += 1;
            }
        }
        while waiting > 0
            && let Some(counter) = idle.pop_first()
        {
            let who = office.call(counter).expect("somebody waits");
            calls += 1;
            waiting -= 1;
            day.called(&mut people[who], ms, calls);
            day.calls.push((ms, counter, who));
            if people[who].stays_away {
                at(&mut events, ms + PATIENCE_MS, Event::CallsAgain { counter, who, calls: 1 });
            } else {
                let minutes = random.exponential(SERVICE_MIN).clamp(SERVICE_MIN / 3.0, SERVICE_MIN * 3.0);
                at(&mut events, ms + (minutes * MINUTE_MS) as i64, Event::Free { counter, who });
            }
        }
    }
    assert_eq!((waiting, day.ended), (0, day.entered), "a ticket did not end");
    let waits: i64 = day.waits_ms.iter().chain(&day.waits_first_ms).sum();
    assert_eq!(day.area, waits, "Little's law: the area under the queue is the sum of the waits");
    day
}

fn enter(person: &mut Person, ms: i64, calls: usize, waiting: &mut usize) {
    person.entered_at = ms;
    person.limit = calls + calls_until(*waiting);
    person.waits = true;
    *waiting += 1;
}

impl Day {
    fn called(&mut self, person: &mut Person, ms: i64, calls: usize) {
        assert!(std::mem::replace(&mut person.waits, false), "called twice");
        assert!(calls <= person.limit, "call {calls}, promised by {}", person.limit);
        let wait = ms - person.entered_at;
        if person.goes_first {
            self.waits_first_ms.push(wait)
        } else {
            self.waits_ms.push(wait)
        }
        self.nearest_to_bound = self.nearest_to_bound.max(calls as f64 / person.limit as f64);
        if let Some(told) = person.told {
            self.errors_min.push((wait as f64 / MINUTE_MS - f64::from(told)).abs());
        }
    }

    pub fn add(&mut self, other: Self) {
        self.entered += other.entered;
        self.ended += other.ended;
        self.missed += other.missed;
        self.waits_ms.extend(other.waits_ms);
        self.waits_first_ms.extend(other.waits_first_ms);
        self.errors_min.extend(other.errors_min);
        self.area += other.area;
    }

    pub const fn head() -> &'static str {
        "| | tickets | never came | wait, median / p95 / longest | of those who go first | forecast's median error (n) |\n\
         |---|---|---|---|---|---|"
    }

    pub fn row(&self, name: &str) -> String {
        let spread = |waits: &[i64]| {
            let mut minutes: Vec<f64> = waits.iter().map(|wait| *wait as f64 / MINUTE_MS).collect();
            let [median, p95, longest] = [0.5, 0.95, 1.0].map(|part| at_part(&mut minutes, part));
            format!("{median:.1} / {p95:.1} / {longest:.1} min")
        };
        let mut errors = self.errors_min.clone();
        format!(
            "| {name} | {} | {} | {} | {} | {:.1} min ({}) |",
            self.entered,
            self.missed,
            spread(&self.waits_ms),
            spread(&self.waits_first_ms),
            at_part(&mut errors, 0.5),
            errors.len()
        )
    }
}

fn at_part(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

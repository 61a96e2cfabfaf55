//! The cells: each fault in each state that it can meet.

use std::fmt;

use crate::lane::Lane;
use crate::report::Times;
use crate::{counter, kiosk, places};

#[derive(Debug, Clone, Copy)]
pub enum Cell {
    Kiosk(kiosk::Fault, places::State),
    Counter(counter::Fault, counter::State),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kiosk(fault, state) => write!(f, "{fault:?} at the kiosk, {state:?}"),
            Self::Counter(fault, state) => write!(f, "{fault:?} at the counter, {state:?}"),
        }
    }
}

impl Cell {
    /// Row of the table.
    pub fn row(&self) -> String {
        match self {
            Self::Kiosk(fault, _) => format!("{fault:?}"),
            Self::Counter(fault, _) => format!("{fault:?}"),
        }
    }

    /// Whether the hub is told of the fault: a card or a code is no device.
    pub fn is_told(&self) -> bool {
        match self {
            Self::Kiosk(fault, _) => fault.device().is_some(),
            Self::Counter(fault, _) => {
                matches!(fault, counter::Fault::R1 | counter::Fault::R5 | counter::Fault::Q3)
            }
        }
    }

    /// Orders the rows of the report as the table does, and names them behind the bar.
    pub fn sort_key(&self) -> String {
        let row = self.row();
        let (letter, number) = row.split_at(1);
        let place = "PRQSD".find(letter).unwrap_or(9);
        let program = match self {
            Self::Kiosk(..) => "kiosk",
            Self::Counter(..) => "counter",
        };
        format!("{place}{number:0>3}{program}|{row} {}", &program[..1])
    }

    pub fn run(&self, lane: &mut Lane) -> Times {
        match *self {
            Self::Kiosk(fault, state) => kiosk::run(lane, fault, state),
            Self::Counter(fault, state) => counter::run(lane, fault, state),
        }
    }
}

/// Every reachable cell.
pub fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for fault in kiosk::Fault::ALL {
        let states = places::State::ALL.into_iter().filter(|state| fault.meets(*state));
        cells.extend(states.map(|state| Cell::Kiosk(fault, state)));
    }
    for fault in counter::Fault::ALL {
        let states = counter::State::ALL.into_iter().filter(|state| fault.meets(*state));
        cells.extend(states.map(|state| Cell::Counter(fault, state)));
    }
    cells
}

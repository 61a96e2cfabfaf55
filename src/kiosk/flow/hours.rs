//! Whether numbers are given now, by the office's hours.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::Flow;
use crate::domain::hours::ServiceState;

/// The service as the kiosk shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Numbers are given; until when, where the office has hours.
    Open {
        /// End of giving numbers.
        until: Option<Time>,
        /// It ends soon.
        soon: bool,
    },
    /// No numbers; when they are given again, where that is known.
    Closed {
        /// A pause of the day.
        pause: bool,
        /// The holiday's name.
        holiday: Option<String>,
        /// When numbers are given again.
        opens: Option<(Date, Time)>,
    },
}

impl Service {
    /// Whether a number is given now.
    #[must_use]
    pub const fn issues(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

impl Flow {
    /// How the service is now.
    pub(in crate::kiosk) fn service(&self, now: Timestamp) -> Service {
        let Some(hours) = &self.setup.hours else { return Service::Open { until: None, soon: false } };
        match hours.state(self.setup.zone.local(now)) {
            ServiceState::Open { until, soon } => Service::Open { until: Some(until), soon },
            ServiceState::Pause { until } => {
                let day = self.setup.zone.day(now);
                Service::Closed { pause: true, holiday: None, opens: Some((day, until)) }
            }
            ServiceState::Closed { holiday, opens } => Service::Closed { pause: false, holiday, opens },
        }
    }
}

//! Whether numbers are given now, by the office's hours.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

use super::Flow;
use crate::domain::hours::ServiceState;

/// The service as the kiosk shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// Numbers are given.
    Open {
        /// Until when the counters serve, or rest; none where the office has no hours in its configuration.
        until: Option<Time>,
        /// The counters rest.
        pause: bool,
    },
    /// No numbers.
    Closed {
        /// The counters still serve those who have one.
        late: bool,
        /// The holiday's name.
        holiday: Option<String>,
        /// When numbers are given again, where that is known.
        opens: Option<DateTime>,
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
        let Some(hours) = &self.setup.hours else { return Service::Open { until: None, pause: false } };
        match hours.state(self.setup.zone.local(now)) {
            ServiceState::Open { until } => Service::Open { until: Some(until), pause: false },
            ServiceState::Break { until } => Service::Open { until: Some(until), pause: true },
            ServiceState::ClosingSoon { .. } => Service::Closed { late: true, holiday: None, opens: None },
            ServiceState::Closed { opens } => Service::Closed { late: false, holiday: None, opens },
            ServiceState::Holiday { name, opens } => Service::Closed { late: false, holiday: Some(name), opens },
        }
    }
}

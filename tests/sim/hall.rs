//! The office as a whole hub: its own store, real HTTP, a clock that moves with the day.

use std::collections::HashMap;

use anjungan::domain::ids::TicketId;
use anjungan::domain::priority::Priority;
use anjungan::domain::role::Role;
use anjungan::domain::role::StationKind;
use anjungan::domain::ticket::Queue;
use anjungan::wire::case::SubmittedTicket;
use anjungan::wire::client::HubClient;
use anjungan::wire::queue::{CallNext, TakeTicket, TicketWrite};
use anjungan::wire::session::SignIn;

use super::hub::{MORNING, PASSWORD, TestHub};
use super::office::{Office, instant};

/// Sessions end when unused for an hour, and after twelve: officers sign in anew this often.
const SESSION_MS: i64 = 45 * 60_000;

pub struct ThroughHub {
    hub: TestHub,
    kiosk: HubClient,
    counters: Vec<(HubClient, i64)>,
    ids: Vec<TicketId>,
    people: HashMap<TicketId, usize>,
    now: i64,
}

impl ThroughHub {
    pub fn new(counters: usize) -> Self {
        let hub = TestHub::start();
        let kiosk = hub.kiosk();
        let counters = (1..=counters).map(|number| {
            let token = hub.station(StationKind::Counter, &format!("Loket {number}"));
            let session = hub.person(&format!("petugas{number}"), Role::PetugasLoket);
            (HubClient::new(&hub.base(), &token).with_session(&session), i64::MIN)
        });
        let counters = counters.collect();
        let morning: jiff::Timestamp = MORNING.parse().unwrap();
        hub.clock.advance_ms(instant(0).as_millisecond() - morning.as_millisecond());
        Self { hub, kiosk, counters, ids: Vec::new(), people: HashMap::new(), now: 0 }
    }

    /// The client of a counter, with a session that still holds.
    fn counter(&mut self, counter: usize) -> &HubClient {
        let now = self.now;
        let (client, since) = &mut self.counters[counter];
        if since.saturating_add(SESSION_MS) < now {
            let sign_in = SignIn { name: format!("petugas{}", counter + 1), password: PASSWORD.to_owned() };
            *client = client.with_session(&client.sign_in(&sign_in).unwrap());
            *since = now;
        }
        client
    }

    fn write(&self) -> TicketWrite {
        TicketWrite { request_id: self.hub.world.request_id(), version: None }
    }
}

impl Office for ThroughHub {
    fn now(&mut self, ms: i64) {
        self.hub.clock.advance_ms(ms - self.now);
        self.now = ms;
    }

    fn take(&mut self, who: usize, goes_first: bool) -> Option<u32> {
        assert_eq!(who, self.ids.len());
        let told = self.kiosk.hall().unwrap().wait_minutes;
        let number = u16::try_from(who + 1).unwrap();
        let now = self.hub.world.now();
        let ticket = SubmittedTicket {
            ticket_id: self.hub.world.ticket_id(),
            day: self.hub.config().office.timezone.day(now),
            number: format!("A-{number:03}").parse().unwrap(),
            priority: goes_first.then_some(Priority::Elderly),
        };
        self.ids.push(ticket.ticket_id);
        self.people.insert(ticket.ticket_id, who);
        self.kiosk.take_ticket(ticket.ticket_id, &TakeTicket::for_help(&ticket, now)).unwrap();
        told
    }

    fn call(&mut self, counter: usize) -> Option<usize> {
        let call = CallNext { request_id: self.hub.world.request_id(), queue: Queue::Verification };
        let called = self.counter(counter).call_next(&call).unwrap().ticket?;
        Some(self.people[&called.ticket_id])
    }

    fn recall(&mut self, counter: usize, who: usize) {
        let (write, id) = (self.write(), self.ids[who]);
        self.counter(counter).recall(id, &write).unwrap();
    }

    fn no_show(&mut self, counter: usize, who: usize) {
        let (write, id) = (self.write(), self.ids[who]);
        self.counter(counter).no_show(id, &write).unwrap();
    }

    fn restore(&mut self, counter: usize, who: usize) {
        let (write, id) = (self.write(), self.ids[who]);
        self.counter(counter).restore_ticket(id, &write).unwrap();
    }

    fn finish(&mut self, counter: usize, who: usize) {
        let (write, id) = (self.write(), self.ids[who]);
        self.counter(counter).finish_ticket(id, &write).unwrap();
    }
}

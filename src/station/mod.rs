//! What every windowed program shares: the way from worker threads to the window, device workers, the kiosk's voice,
//! its outbox and its courier, and the watch over the hall.
//!
//! Nothing here knows a screen. Workers own their resource, take commands through a bounded channel and answer with
//! plain data; the window's thread never waits for one of them.

pub mod bridge;
pub mod courier;
pub mod devices;
pub mod event_loop;
pub mod hall_watch;
pub mod health;
pub mod languages;
pub mod outbox;
pub mod pixels;
pub mod reading;
pub mod voice;
pub mod worker;

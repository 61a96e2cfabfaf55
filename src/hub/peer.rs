//! Who is at the other end of a connection: one machine's share of the hub, and how often it may ask without proof;
//! how often an officer may search.
//!
//! An office has a few dozen machines. None of them, broken or hostile, may keep the hub from the others.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Open connections of one machine.
const CONNECTIONS_PER_MACHINE_MAX: usize = 128;
/// Requests of one machine worked on at the same time; more wait at the door.
const REQUESTS_PER_MACHINE_MAX: usize = 16;
/// Machines, or people, remembered before those that have gone are forgotten.
const MACHINES_MAX: usize = 1_024;
/// Header in which a proxy on this machine names its own caller.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// What one machine may have of the hub at a time.
#[derive(Debug)]
struct Share {
    connections: Arc<Semaphore>,
    requests: Arc<Semaphore>,
}

/// The machines that are connected right now.
#[derive(Debug, Default)]
pub(super) struct Machines(Mutex<HashMap<IpAddr, Weak<Share>>>);

/// The machine at the other end of a connection. Every request carries it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    addr: IpAddr,
    share: Option<Arc<Share>>,
}

impl Machines {
    /// Lets a connection in; none when its machine has too many. The permit lives as long as the connection.
    pub fn enter(&self, addr: IpAddr) -> Option<(Peer, Option<OwnedSemaphorePermit>)> {
        let addr = addr.to_canonical();
        // This machine itself: a proxy that speaks for many, and programs of our own.
        if addr.is_loopback() {
            return Some((Peer { addr, share: None }, None));
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MACHINES_MAX {
            known.retain(|_, share| share.strong_count() > 0);
        }
        let share = known.get(&network(addr)).and_then(Weak::upgrade).unwrap_or_else(|| {
            let share = Arc::new(Share {
                connections: Arc::new(Semaphore::new(CONNECTIONS_PER_MACHINE_MAX)),
                requests: Arc::new(Semaphore::new(REQUESTS_PER_MACHINE_MAX)),
            });
            known.insert(network(addr), Arc::downgrade(&share));
            share
        });
        let permit = Arc::clone(&share.connections).try_acquire_owned().ok()?;
        Some((Peer { addr, share: Some(share) }, Some(permit)))
    }
}

impl Peer {
    /// Waits for the machine's turn. The permit lives as long as the request is worked on.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let requests = Arc::clone(&self.share.as_ref()?.requests);
        requests.acquire_owned().await.ok()
    }
}

/// A machine of today has many IPv6 addresses, all in one network of 64 bits.
fn network(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V4(_) => addr,
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() >> 64 << 64).into(),
    }
}

/// Where a request comes from, seen through a proxy on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Source(pub IpAddr);

impl Source {
    fn read(addr: IpAddr, headers: &HeaderMap) -> Self {
        // Only the proxy beside us is believed; the last name is the one that it wrote itself.
        let named = || {
            let line = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
            line.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        let addr = if addr.is_loopback() { named().unwrap_or(addr) } else { addr };
        Self(network(addr.to_canonical()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let addr = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.addr);
        Ok(Self::read(addr, &parts.headers))
    }
}

/// How often somebody may ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    burst: f64,
    per_second: f64,
}

impl Rate {
    /// Questions of one machine without proof.
    pub const WITHOUT_PROOF: Self = Self { burst: 60.0, per_second: 0.5 };
    /// Searches of one officer: many more than people can stand at a counter, far fewer than a list of numbers takes.
    pub const SEARCH: Self = Self { burst: 20.0, per_second: 10.0 / 60.0 };
}

/// Counts what each of many may do only so often: a bucket of tokens each, filled slowly.
#[derive(Debug)]
pub(super) struct Buckets<K = Source> {
    rate: Rate,
    known: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn filled(self, rate: Rate, now: Instant) -> f64 {
        now.saturating_duration_since(self.at).as_secs_f64().mul_add(rate.per_second, self.tokens).min(rate.burst)
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// Prepares buckets, all of them full.
    pub fn new(rate: Rate) -> Self {
        Self { rate, known: Mutex::default() }
    }

    /// Takes a token; false when there is none.
    pub fn take(&self, from: K, now: Instant) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MACHINES_MAX && !known.contains_key(&from) {
            known.retain(|_, bucket| bucket.filled(self.rate, now) < self.rate.burst);
            // As many in a minute are no office any more; memory stays bounded, whoever they are.
            if known.len() >= MACHINES_MAX {
                known.clear();
            }
        }
        let bucket = known.entry(from).or_insert(Bucket { tokens: self.rate.burst, at: now });
        let tokens = bucket.filled(self.rate, now);
        let has = tokens >= 1.0;
        *bucket = Bucket { tokens: if has { tokens - 1.0 } else { tokens }, at: now };
        has
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn addr(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_bucket_is_emptied_and_fills_again() {
        let (buckets, start) = (Buckets::new(Rate::WITHOUT_PROOF), Instant::now());
        let (one, other) = (Source(addr("192.168.1.9")), Source(addr("192.168.1.10")));
        assert_eq!((0..100).filter(|_| buckets.take(one, start)).count(), 60);
        assert!(buckets.take(other, start), "another machine has its own");
        let minute = start + Duration::from_secs(60);
        assert_eq!((0..100).filter(|_| buckets.take(one, minute)).count(), 30);
        for number in 0..5_000_u32 {
            buckets.take(Source(Ipv4Addr::from_bits(number).into()), minute);
        }
        assert!(buckets.known.lock().expect("no panic").len() <= MACHINES_MAX);
    }

    #[test]
    fn an_officer_searches_as_often_as_people_come() {
        let (buckets, start) = (Buckets::new(Rate::SEARCH), Instant::now());
        assert_eq!((0..100).filter(|_| buckets.take("lia", start)).count(), 20);
        assert!(buckets.take("nia", start), "another officer has their own");
        let minute = start + Duration::from_secs(61);
        assert_eq!((0..100).filter(|_| buckets.take("lia", minute)).count(), 10);
    }

    #[test]
    fn one_machine_has_its_share_and_no_more() {
        let machines = Machines::default();
        let guests: Vec<_> = (0..200).filter_map(|_| machines.enter(addr("10.0.0.7"))).collect();
        assert_eq!(guests.len(), CONNECTIONS_PER_MACHINE_MAX);
        assert!(machines.enter(addr("10.0.0.8")).is_some());
        assert!(machines.enter(addr("::ffff:10.0.0.7")).is_none(), "the same machine by another name");
        drop(guests);
        assert!(machines.enter(addr("10.0.0.7")).is_some());
        assert!((0..200).all(|_| machines.enter(addr("127.0.0.1")).is_some()));
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, "203.0.113.1, 203.0.113.2".parse().expect("a header"));
        assert_eq!(Source::read(addr("127.0.0.1"), &headers), Source(addr("203.0.113.2")));
        assert_eq!(Source::read(addr("192.168.1.9"), &headers), Source(addr("192.168.1.9")));
        assert_eq!(Source::read(addr("127.0.0.1"), &HeaderMap::new()), Source(addr("127.0.0.1")));
        assert_eq!(Source::read(addr("2001:db8::1:2:3:4"), &headers), Source(addr("2001:db8::")));
    }
}

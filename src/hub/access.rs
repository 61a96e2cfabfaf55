//! Who may come in. An operation asks for a handle, and a handle exists only where its proof was checked here.
//!
//! Stations prove themselves by token, people by session. No other room makes a handle.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use jiff::{SignedDuration, Timestamp};

use super::Hub;
use super::refusal::Refusal;
use super::secret::{Purpose, digest};
use crate::domain::case::Actor as CaseActor;
use crate::domain::ids::UserId;
use crate::domain::role::{Role, StationKind};
use crate::failure::Failure;
use crate::store::{Actor, SessionRecord};
use crate::wire::STATION_HEADER;

/// Name of the cookie of the pages.
pub const SESSION_COOKIE: &str = "anjungan_session";
/// A session ends this long after sign-in, in hours.
pub(super) const SESSION_HOURS_MAX: i64 = 12;
/// A session ends when unused for this long, in minutes.
const SESSION_IDLE_MINUTES_MAX: i64 = 60;
/// A clock that was set back by more than this ends the sessions begun before, in minutes: they would live too long.
const CLOCK_SET_BACK_MINUTES_MAX: i64 = 60;
/// Use of a session is written down at most this often, in seconds.
const SESSION_TOUCH_S: i64 = 60;
/// A token that was found is good for this long without another look, in seconds.
const STATION_KNOWN_S: u64 = 30;
/// No token of ours is longer, in bytes.
const TOKEN_LENGTH_MAX: usize = 128;

/// A person whose session was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    user_id: UserId,
    name: String,
    role: Role,
}

impl Person {
    /// Returns who it is.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Returns the login.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns the actor of a case's transition.
    #[must_use]
    pub const fn case_actor(&self) -> CaseActor {
        CaseActor::Officer { user: self.user_id, role: self.role }
    }

    /// Returns the actor of a journal entry.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Officer(self.name.clone())
    }
}

/// A set of roles that may do something.
pub trait RoleSet: Send + Sync + 'static {
    /// The roles.
    const ROLES: &'static [Role];
}

/// A kind of station that may do something.
pub trait KindOfStation: Send + Sync + 'static {
    /// The kind.
    const KIND: StationKind;
}

macro_rules! markers {
    ($of:ident, $const:ident: $type:ty; $($(#[$doc:meta])* $name:ident = $value:expr;)+) => {
        $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $name; impl $of for $name { const $const: $type = $value; })+
    };
}

markers! { RoleSet, ROLES: &'static [Role];
    /// Petugas Loket.
    PetugasLoket = &[Role::PetugasLoket];
    /// Operator.
    Operator = &[Role::Operator];
    /// Kepala Bidang or Sub Koordinator.
    Kabid = &[Role::Kabid];
    /// Kepala Dinas.
    Kadis = &[Role::Kadis];
    /// Everybody who works on cases.
    CaseRoles = &[Role::PetugasLoket, Role::Operator, Role::Kabid, Role::Kadis];
    /// Who answers for the archive.
    Heads = &[Role::Kabid, Role::Kadis];
    /// Everybody with a login.
    AnyRole = &Role::ALL;
}

markers! { KindOfStation, KIND: StationKind;
    /// A kiosk.
    Kiosk = StationKind::Kiosk;
    /// A counter.
    Counter = StationKind::Counter;
}

/// An enrolled machine of one kind.
#[derive(Debug, Clone)]
pub struct Station<K> {
    name: String,
    kind: PhantomData<K>,
}

impl<K> Station<K> {
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// An enrolled machine of whatever kind.
#[derive(Debug, Clone)]
pub struct AnyStation {
    name: String,
    kind: StationKind,
}

impl AnyStation {
    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its kind.
    #[must_use]
    pub const fn kind(&self) -> StationKind {
        self.kind
    }
}

/// A person in one of the roles of `R`, at a station or away from one.
#[derive(Debug, Clone)]
pub struct Officer<R> {
    person: Person,
    station: Option<String>,
    roles: PhantomData<R>,
}

impl<R> Officer<R> {
    /// Returns the person.
    #[must_use]
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Returns the station, if the person is at one.
    #[must_use]
    pub fn station(&self) -> Option<&str> {
        self.station.as_deref()
    }
}

/// A Petugas Loket at a counter.
#[derive(Debug, Clone)]
pub struct AtCounter {
    person: Person,
    counter: String,
}

impl AtCounter {
    /// Returns the person.
    #[must_use]
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Returns the counter's name.
    #[must_use]
    pub fn counter(&self) -> &str {
        &self.counter
    }
}

/// A session, also one that must change its password first.
#[derive(Debug, Clone)]
pub struct AnySession {
    person: Person,
    token: String,
    must_change: bool,
    expires_at: Timestamp,
}

impl AnySession {
    /// Returns the person.
    #[must_use]
    pub const fn person(&self) -> &Person {
        &self.person
    }

    /// Returns the digest under which the session is stored.
    #[must_use]
    pub fn token_digest(&self) -> String {
        digest(Purpose::Session, &self.token)
    }

    /// Returns the hidden field that this session's forms carry.
    #[must_use]
    pub fn form_token(&self) -> String {
        digest(Purpose::Form, &self.token)
    }

    /// Returns when the session ends whatever happens.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Tells whether the password must be changed first.
    #[must_use]
    pub const fn must_change(&self) -> bool {
        self.must_change
    }

    /// Proves that the person has one of the roles of `R`.
    ///
    /// # Errors
    /// Refuses another role, and anybody whose password must be changed first.
    pub fn prove<R: RoleSet>(&self) -> Result<Officer<R>, Refusal> {
        if self.must_change {
            return Err(Failure::PasswordChangeRequired.into());
        }
        if !R::ROLES.contains(&self.person.role) {
            return Err(Failure::NotAllowed.into());
        }
        Ok(Officer { person: self.person.clone(), station: None, roles: PhantomData })
    }
}

/// A station or a person: whoever belongs to the office.
#[derive(Debug, Clone)]
pub enum Insider {
    /// A machine.
    Station(AnyStation),
    /// A person.
    Officer {
        /// Who.
        person: Person,
        /// When the session ends.
        expires_at: Timestamp,
    },
}

/// A session from the cookie of the pages.
#[derive(Debug, Clone)]
pub struct PageSession(pub AnySession);

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty() && text.len() <= TOKEN_LENGTH_MAX + 16)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = header(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == SESSION_COOKIE && !value.is_empty() && value.len() <= TOKEN_LENGTH_MAX).then_some(value)
    })
}

/// Stations whose token was looked up a moment ago, by its digest: a kiosk at work asks many times a second.
#[derive(Debug, Default)]
pub(super) struct KnownStations(Mutex<HashMap<String, (AnyStation, Instant)>>);

impl KnownStations {
    fn get(&self, token_digest: &str, now: Instant) -> Option<AnyStation> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (station, since) = known.get(token_digest)?;
        (now.saturating_duration_since(*since).as_secs() < STATION_KNOWN_S).then(|| station.clone())
    }

    fn put(&self, token_digest: String, station: AnyStation, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Only enrolled stations come here, so it stays as small as the office is.
        known.insert(token_digest, (station, now));
    }
}

impl Hub {
    /// Finds the station that a request comes from; none if it names none.
    async fn station(&self, headers: &HeaderMap) -> Result<Option<AnyStation>, Refusal> {
        if !headers.contains_key(STATION_HEADER) {
            return Ok(None);
        }
        let token = header(headers, STATION_HEADER).ok_or(Failure::StationUnknown)?;
        let token_digest = digest(Purpose::Station, token);
        if let Some(known) = self.known_stations.get(&token_digest, Instant::now()) {
            return Ok(Some(known));
        }
        let key = token_digest.clone();
        let found = self.store.read(move |view| view.station_of(&key)).await?;
        let station = found.ok_or(Failure::StationUnknown)?;
        let station = AnyStation { name: station.name, kind: station.kind };
        self.known_stations.put(token_digest, station.clone(), Instant::now());
        Ok(Some(station))
    }

    /// Checks a session token: known, not too old, not left alone for too long.
    pub(super) async fn session(&self, token: &str) -> Result<AnySession, Refusal> {
        let token_digest = digest(Purpose::Session, token);
        let key = token_digest.clone();
        let found: Option<SessionRecord> = self.store.read(move |view| view.session(&key)).await?;
        let session = found.ok_or(Failure::NotSignedIn)?;
        let now = self.world.now();
        let idle = now.duration_since(session.seen_at);
        let longest =
            SignedDuration::from_hours(SESSION_HOURS_MAX) + SignedDuration::from_mins(CLOCK_SET_BACK_MINUTES_MAX);
        let left = session.expires_at.duration_since(now);
        if !left.is_positive() || left > longest || idle >= SignedDuration::from_mins(SESSION_IDLE_MINUTES_MAX) {
            return Err(Failure::NotSignedIn.into());
        }
        if idle >= SignedDuration::from_secs(SESSION_TOUCH_S) {
            self.store.write(move |tx| tx.touch_session(&token_digest, now)).await?;
        }
        let SessionRecord { user, expires_at, .. } = session;
        Ok(AnySession {
            person: Person { user_id: user.user_id, name: user.name, role: user.role },
            token: token.to_owned(),
            must_change: user.must_change,
            expires_at,
        })
    }

    async fn bearer_session(&self, headers: &HeaderMap) -> Result<AnySession, Refusal> {
        self.session(bearer(headers).ok_or(Failure::NotSignedIn)?).await
    }
}

impl FromRequestParts<Hub> for AnyStation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        hub.station(&parts.headers).await?.ok_or_else(|| Failure::StationUnknown.into())
    }
}

impl<K: KindOfStation> FromRequestParts<Hub> for Station<K> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        let AnyStation { name, kind } = AnyStation::from_request_parts(parts, hub).await?;
        if kind == K::KIND { Ok(Self { name, kind: PhantomData }) } else { Err(Failure::NotAllowed.into()) }
    }
}

impl FromRequestParts<Hub> for AnySession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        hub.bearer_session(&parts.headers).await
    }
}

impl<R: RoleSet> FromRequestParts<Hub> for Officer<R> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        let station = hub.station(&parts.headers).await?.map(|station| station.name);
        let officer = hub.bearer_session(&parts.headers).await?.prove::<R>()?;
        Ok(Self { station, ..officer })
    }
}

impl FromRequestParts<Hub> for AtCounter {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        let station = AnyStation::from_request_parts(parts, hub).await?;
        let officer = hub.bearer_session(&parts.headers).await?.prove::<PetugasLoket>()?;
        if station.kind != Counter::KIND {
            return Err(Failure::NotAllowed.into());
        }
        Ok(Self { person: officer.person, counter: station.name })
    }
}

impl FromRequestParts<Hub> for Insider {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        if let Some(station) = hub.station(&parts.headers).await? {
            return Ok(Self::Station(station));
        }
        // The pages' live lists come with their cookie. Insiders only ever read, so another site gains nothing by asking.
        let session = match cookie(&parts.headers) {
            Some(token) if bearer(&parts.headers).is_none() => hub.session(token).await?,
            _ => hub.bearer_session(&parts.headers).await?,
        };
        let person = session.prove::<AnyRole>()?.person;
        Ok(Self::Officer { person, expires_at: session.expires_at() })
    }
}

/// The station a request names, if it names one; a wrong token is refused.
#[derive(Debug, Clone)]
pub struct MaybeStation(pub Option<AnyStation>);

impl FromRequestParts<Hub> for MaybeStation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        hub.station(&parts.headers).await.map(Self)
    }
}

impl FromRequestParts<Hub> for PageSession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Refusal> {
        let token = cookie(&parts.headers).ok_or(Failure::NotSignedIn)?;
        hub.session(token).await.map(Self)
    }
}

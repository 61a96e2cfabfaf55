//! Every route with who may use it. `/openapi.json` says the same; a test calls each route without its proof.

use axum::http::Method;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi, path::Operation};

use super::access::{AnyRole, CaseRoles, Heads, Kabid, Kadis, Operator, RoleSet as _, SESSION_COOKIE};
use crate::domain::role::Role;
use crate::wire::STATION_HEADER;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    Open,
    /// A station, or a person with a session.
    Insider,
    /// An enrolled station of whatever kind.
    Station,
    /// A kiosk.
    Kiosk,
    /// A person with a session, also one who must change their password first.
    AnySession,
    /// A person in one of these roles.
    Officer(&'static [Role]),
    /// A Petugas Loket at a counter.
    Counter,
    /// A person with the cookie of the pages; others are led to the sign-in page.
    Page,
}

impl Guard {
    /// Returns the word in `x-guard` of the API's description.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Insider => "insider".to_owned(),
            Self::Station => "station".to_owned(),
            Self::Kiosk => "kiosk".to_owned(),
            Self::AnySession => "any_session".to_owned(),
            Self::Officer(roles) => {
                let roles: Vec<&str> = roles.iter().map(|role| role.key()).collect();
                format!("officer:{}", roles.join(","))
            }
            Self::Counter => "counter".to_owned(),
            Self::Page => "page".to_owned(),
        }
    }

    fn security(self) -> Vec<SecurityRequirement> {
        let none: [&str; 0] = [];
        let station = || SecurityRequirement::new("station", none);
        let session = || SecurityRequirement::new("session", none);
        match self {
            Self::Open => vec![SecurityRequirement::default()],
            Self::Insider => vec![station(), session()],
            Self::Station | Self::Kiosk => vec![station()],
            Self::AnySession | Self::Officer(_) => vec![session()],
            Self::Counter => vec![station().add("session", none)],
            Self::Page => vec![SecurityRequirement::new("cookie", none)],
        }
    }
}

/// A route and its guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteGuard {
    /// Method.
    pub method: Method,
    /// Address, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub guard: Guard,
    /// It is part of the API and described in `/openapi.json`; else it is a page.
    pub is_api: bool,
}

const fn api(method: Method, path: &'static str, guard: Guard) -> RouteGuard {
    RouteGuard { method, path, guard, is_api: true }
}

const fn page(method: Method, path: &'static str, guard: Guard) -> RouteGuard {
    RouteGuard { method, path, guard, is_api: false }
}

const CASE_OFFICER: Guard = Guard::Officer(CaseRoles::ROLES);

/// The table. A route that is missing here is missing in `/openapi.json`'s security too, and a test says so.
const ROUTES: &[RouteGuard] = &[
    api(Method::GET, "/health", Guard::Open),
    api(Method::GET, "/openapi.json", Guard::Open),
    api(Method::GET, "/api/v1/services", Guard::Insider),
    api(Method::GET, "/api/v1/events", Guard::Insider),
    api(Method::GET, "/api/v1/queue", Guard::Insider),
    api(Method::POST, "/api/v1/queue/call", Guard::Counter),
    api(Method::PUT, "/api/v1/tickets/{ticket_id}", Guard::Kiosk),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/recall", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/no-show", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/finish", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/serve", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/hold", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/skip", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/restore", Guard::Counter),
    api(Method::POST, "/api/v1/tickets/{ticket_id}/transfer", Guard::Counter),
    api(Method::POST, "/api/v1/queue/call-number", Guard::Counter),
    api(Method::POST, "/api/v1/queue/ask", Guard::Kiosk),
    api(Method::POST, "/api/v1/counter", Guard::Counter),
    api(Method::POST, "/api/v1/hall/counters", Guard::Officer(Heads::ROLES)),
    api(Method::POST, "/api/v1/hall/queues", Guard::Officer(Heads::ROLES)),
    api(Method::POST, "/api/v1/hall/posts", Guard::Officer(Heads::ROLES)),
    api(Method::POST, "/api/v1/hall/notice", Guard::Officer(Heads::ROLES)),
    api(Method::PUT, "/api/v1/station/health", Guard::Station),
    api(Method::PUT, "/api/v1/device-faults/{fault_id}", Guard::Station),
    api(Method::POST, "/api/v1/station/readiness", Guard::Station),
    api(Method::POST, "/api/v1/sessions", Guard::Open),
    api(Method::DELETE, "/api/v1/sessions/current", Guard::AnySession),
    api(Method::POST, "/api/v1/password", Guard::AnySession),
    api(Method::POST, "/api/v1/slips/open", CASE_OFFICER),
    api(Method::POST, "/api/v1/slips/status", Guard::Kiosk),
    api(Method::GET, "/api/v1/cases", CASE_OFFICER),
    api(Method::POST, "/api/v1/cases/find", Guard::Counter),
    api(Method::GET, "/api/v1/cases/{case_id}", CASE_OFFICER),
    api(Method::PUT, "/api/v1/cases/{case_id}", Guard::Kiosk),
    api(Method::PUT, "/api/v1/cases/{case_id}/corrections/{request_id}", Guard::Kiosk),
    api(Method::PUT, "/api/v1/cases/{case_id}/documents/{document_id}", Guard::Kiosk),
    api(Method::GET, "/api/v1/cases/{case_id}/documents/{document_id}", CASE_OFFICER),
    api(Method::POST, "/api/v1/cases/{case_id}/notes", CASE_OFFICER),
    api(Method::POST, "/api/v1/cases/{case_id}/reminders", CASE_OFFICER),
    api(Method::GET, "/api/v1/unclaimed", Guard::Counter),
    api(Method::POST, "/api/v1/cases/{case_id}/verify", Guard::Counter),
    api(Method::POST, "/api/v1/cases/{case_id}/return", CASE_OFFICER),
    api(Method::POST, "/api/v1/cases/{case_id}/propose", Guard::Officer(Operator::ROLES)),
    api(Method::POST, "/api/v1/cases/{case_id}/endorse", Guard::Officer(Kabid::ROLES)),
    api(Method::POST, "/api/v1/cases/{case_id}/sign", Guard::Officer(Kadis::ROLES)),
    api(Method::POST, "/api/v1/cases/{case_id}/mark-printed", Guard::Officer(Operator::ROLES)),
    api(Method::POST, "/api/v1/cases/{case_id}/receive", Guard::Counter),
    api(Method::POST, "/api/v1/cases/{case_id}/hand-over", Guard::Counter),
    api(Method::GET, "/api/v1/journal", Guard::Officer(AnyRole::ROLES)),
    api(Method::POST, "/api/v1/archive/find", CASE_OFFICER),
    api(Method::PUT, "/api/v1/archive/{case_id}", CASE_OFFICER),
    api(Method::GET, "/api/v1/archive/{case_id}", CASE_OFFICER),
    api(Method::GET, "/api/v1/archive/{case_id}/documents/{document_id}", CASE_OFFICER),
    api(Method::GET, "/api/v1/archive/{case_id}/export", Guard::Officer(Heads::ROLES)),
    page(Method::GET, "/", Guard::Page),
    page(Method::GET, "/masuk", Guard::Open),
    page(Method::POST, "/masuk", Guard::Open),
    page(Method::POST, "/keluar", Guard::Page),
    page(Method::GET, "/sandi", Guard::Page),
    page(Method::POST, "/sandi", Guard::Page),
    page(Method::GET, "/meja", Guard::Page),
    page(Method::GET, "/meja/{case_id}", Guard::Page),
    page(Method::POST, "/meja/{case_id}/note", Guard::Page),
    page(Method::POST, "/meja/{case_id}/{verb}", Guard::Page),
    page(Method::GET, "/meja/{case_id}/dokumen/{document_id}", Guard::Page),
    page(Method::GET, "/antrean", Guard::Page),
    page(Method::POST, "/antrean/{verb}", Guard::Page),
    page(Method::GET, "/belum-diambil", Guard::Page),
    page(Method::POST, "/belum-diambil/{case_id}", Guard::Page),
    page(Method::GET, "/arsip", Guard::Page),
    page(Method::POST, "/arsip", Guard::Page),
    page(Method::GET, "/arsip/{case_id}", Guard::Page),
    page(Method::GET, "/arsip/{case_id}/dokumen/{document_id}", Guard::Page),
    page(Method::GET, "/arsip/{case_id}/zip", Guard::Page),
    page(Method::GET, "/s/{token}", Guard::Open),
    page(Method::GET, "/web/{file}", Guard::Open),
    page(Method::GET, "/favicon.ico", Guard::Open),
];

/// Returns every route with its guard.
#[must_use]
pub fn guards() -> Vec<RouteGuard> {
    ROUTES.to_vec()
}

/// Writes the guards into the description of the API.
pub(super) fn describe(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_default();
    let key = |name: &str, cookie: bool| {
        let value = ApiKeyValue::new(name);
        SecurityScheme::ApiKey(if cookie { ApiKey::Cookie(value) } else { ApiKey::Header(value) })
    };
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.add_security_scheme("station", key(STATION_HEADER, false));
    components.add_security_scheme("session", bearer);
    components.add_security_scheme("cookie", key(SESSION_COOKIE, true));
    for route in ROUTES {
        let Some(item) = openapi.paths.paths.get_mut(route.path) else { continue };
        let operation: Option<&mut Operation> = match route.method {
            Method::GET => item.get.as_mut(),
            Method::PUT => item.put.as_mut(),
            Method::POST => item.post.as_mut(),
            Method::DELETE => item.delete.as_mut(),
            _ => None,
        };
        if let Some(operation) = operation {
            operation.security = Some(route.guard.security());
            let guard = utoipa::openapi::extensions::Extensions::builder().add("x-guard", route.guard.word()).build();
            operation.extensions.get_or_insert_default().merge(guard);
        }
    }
}

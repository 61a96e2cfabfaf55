//! Who may come in: every route without its proof, sessions, passwords, malformed requests.

use std::collections::BTreeSet;

use anjungan::admin;
use anjungan::domain::role::{Role, StationKind};
use anjungan::hub::{Guard, guards};
use serde_json::json;

use crate::support::hub::{Caller, PASSWORD, TestHub};

fn filled(path: &str) -> String {
    let id = "0199a1b2-0000-7000-8000-000000000001";
    let path = path.replace("{verb}", "endorse").replace("{token}", "X").replace("{file}", "app.css");
    let mut path = path;
    for name in ["{case_id}", "{document_id}", "{request_id}", "{ticket_id}", "{fault_id}"] {
        path = path.replace(name, id);
    }
    path
}

#[test]
fn every_route_refuses_whoever_lacks_its_proof() {
    let hub = TestHub::start();
    let stranger = hub.stranger();
    let kiosk = hub.at_station(&hub.station(StationKind::Kiosk, "K1"));
    let (_, loket) = hub.at_counter("Loket 1", "lia.loket");
    let admin = hub.officer("ani.admin", Role::Admin);
    let kadis = hub.officer("dewi.kadis", Role::Kadis);
    let operator = hub.officer("oki.operator", Role::Operator);
    let forged = Caller { station: Some("x".repeat(64)), session: Some("y".repeat(64)), ..hub.stranger() };
    for route in guards() {
        let path = filled(route.path);
        let ask = |who: &Caller| who.send(route.method.as_str(), &path, "application/json", b"{}");
        let name = format!("{} {} ({})", route.method, route.path, route.guard.word());
        match route.guard {
            Guard::Open => assert!(!matches!(ask(&stranger).status, 403), "{name}"),
            Guard::Page => {
                let reply = ask(&stranger);
                assert_eq!(reply.status, 303, "{name}: to the sign-in page");
            }
            _ => {
                for who in [&stranger, &forged] {
                    assert_eq!(ask(who).status, 401, "{name}");
                }
            }
        }
        let wrong: Vec<&Caller> = match route.guard {
            Guard::Kiosk => vec![&loket],
            Guard::Counter => vec![&kiosk, &admin, &kadis],
            Guard::Officer(roles) => [(&admin, Role::Admin), (&kadis, Role::Kadis), (&operator, Role::Operator)]
                .into_iter()
                .filter(|(_, role)| !roles.contains(role))
                .map(|(who, _)| who)
                .collect(),
            _ => vec![],
        };
        for who in wrong {
            let status = ask(who).status;
            assert!(matches!(status, 401 | 403), "{name}: {status}");
        }
    }
    // A Petugas Loket away from a counter, and another role at one.
    let away = Caller { station: None, ..loket.clone() };
    let at_kiosk = Caller { station: kiosk.station.clone(), ..loket.clone() };
    let other_role = Caller { session: kadis.session.clone(), ..loket.clone() };
    for (who, status) in [(&away, 401), (&at_kiosk, 403), (&other_role, 403)] {
        assert_eq!(who.post("/api/v1/queue/call", &json!({})).status, status);
    }
}

#[test]
fn the_description_and_the_guards_name_the_same_routes() {
    let openapi: serde_json::Value = serde_json::from_str(&anjungan::hub::openapi_json()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in openapi["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["x-guard"].is_string(), "{method} {path} has no guard");
            described.insert(format!("{} {path} {}", method.to_uppercase(), operation["x-guard"].as_str().unwrap()));
        }
    }
    let guarded: BTreeSet<String> = guards()
        .into_iter()
        .filter(|route| route.is_api)
        .map(|route| format!("{} {} {}", route.method, route.path, route.guard.word()))
        .collect();
    assert_eq!(described, guarded, "add the route to src/hub/guards.rs");
}

#[test]
fn the_hub_serves_its_description_and_no_route_beside_it() {
    let hub = TestHub::start();
    let stranger = hub.stranger();
    let served = stranger.get("/openapi.json").ok().json();
    assert_eq!(served, serde_json::from_str::<serde_json::Value>(&anjungan::hub::openapi_json()).unwrap());
    for route in guards().into_iter().filter(|route| route.is_api) {
        let operation = &served["paths"][route.path][route.method.as_str().to_lowercase()];
        let name = format!("{} {}", route.method, route.path);
        let said = operation["summary"].as_str().or(operation["description"].as_str());
        assert!(said.is_some_and(|words| !words.is_empty()), "{name} says what it does");
        assert!(operation["responses"].as_object().is_some_and(|responses| !responses.is_empty()), "{name} answers");
        assert_eq!(
            operation["security"] == json!([{}]),
            route.guard == Guard::Open,
            "{name}: {}",
            operation["security"]
        );
        let described: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> = route.path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(described, named, "{name}");
    }

    // The real router: each address answers to its own methods and to no other.
    let paths: BTreeSet<&str> = guards().iter().map(|route| route.path).collect();
    for path in &paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let listed = guards().iter().any(|route| route.path == *path && route.method == method);
            let reply = stranger.send(method, &filled(path), "application/json", b"{}");
            assert_eq!(reply.status == 405, !listed, "{method} {path}: {}", reply.status);
            let nowhere = reply.status == 404 && reply.kind == "application/problem+json";
            assert!(!nowhere, "{method} {path} is in the table and not in the router");
        }
    }
    // The API's addresses are described where they are routed; pages are routed by hand.
    let routes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hub/routes");
    let mut routed = 0;
    for file in ["mod.rs", "pages/mod.rs"] {
        let source = std::fs::read_to_string(routes.join(file)).unwrap();
        for rest in source.split(".route(\"").skip(1) {
            let path = rest.split('"').next().unwrap();
            assert!(paths.contains(path), "{path} is missing in src/hub/guards.rs");
            routed += 1;
        }
    }
    let pages: BTreeSet<&str> = guards().iter().filter(|route| !route.is_api).map(|route| route.path).collect();
    assert_eq!(routed, pages.len());
}

#[test]
fn a_one_time_password_opens_nothing_but_its_change() {
    let hub = TestHub::start();
    let added = admin::add_user(hub.config(), "budi", Role::Kabid).unwrap();
    let stranger = hub.stranger();
    let sign_in = |password: &str| stranger.post("/api/v1/sessions", &json!({ "name": "budi", "password": password }));
    let session = sign_in(&added.one_time_password).ok().json();
    let budi = Caller { session: Some(session["token"].as_str().unwrap().to_owned()), ..stranger.clone() };
    let refused = budi.get("/api/v1/cases?stage=proposed");
    assert_eq!((refused.status, refused.code().as_str()), (403, "PASSWORD-CHANGE-REQUIRED"));
    for weak in ["kurang", "budi", &added.one_time_password] {
        assert_eq!(budi.post("/api/v1/password", &json!({ "new_password": weak })).code(), "PASSWORD-WEAK");
    }
    let new = budi.post("/api/v1/password", &json!({ "new_password": PASSWORD })).ok().json();
    assert_eq!(new["must_change_password"], false);
    assert_eq!(budi.get("/api/v1/cases?stage=proposed").status, 401, "the old session has ended");
    let budi = Caller { session: Some(new["token"].as_str().unwrap().to_owned()), ..stranger.clone() };
    budi.get("/api/v1/cases?stage=proposed").ok();
    budi.send("DELETE", "/api/v1/sessions/current", "", &[]).ok();
    assert_eq!(budi.get("/api/v1/cases?stage=proposed").code(), "NOT-SIGNED-IN");
    assert_eq!(sign_in(&added.one_time_password).code(), "LOGIN-REFUSED");
}

#[test]
fn a_forgotten_password_is_replaced_at_the_server() {
    let hub = TestHub::start();
    let kabid = hub.officer("budi", Role::Kabid);
    kabid.get("/api/v1/cases?stage=proposed").ok();
    let reset = admin::reset_user(hub.config(), "budi").unwrap();
    assert_eq!(kabid.get("/api/v1/cases?stage=proposed").code(), "NOT-SIGNED-IN", "every session has ended");
    let stranger = hub.stranger();
    let sign_in = |password: &str| stranger.post("/api/v1/sessions", &json!({ "name": "budi", "password": password }));
    assert_eq!(sign_in(PASSWORD).code(), "LOGIN-REFUSED");
    assert_eq!(sign_in(&reset.one_time_password).ok().json()["must_change_password"], true);
    assert!(admin::reset_user(hub.config(), "siapa").is_err());
}

#[test]
fn a_name_is_locked_after_five_wrong_passwords() {
    let hub = TestHub::start();
    hub.person("budi", Role::Kabid);
    let stranger = hub.stranger();
    for name in ["budi", "tidak.ada"] {
        let try_in = |password: &str| {
            let reply = stranger.post("/api/v1/sessions", &json!({ "name": name, "password": password }));
            if reply.status == 200 { "200".to_owned() } else { reply.code() }
        };
        for _ in 0..5 {
            assert_eq!(try_in("salah-salah-salah"), "LOGIN-REFUSED");
        }
        assert_eq!(try_in(PASSWORD), "LOGIN-LOCKED", "a known and an unknown name look the same");
    }
    hub.clock.advance_ms(61_000);
    stranger.post("/api/v1/sessions", &json!({ "name": "budi", "password": PASSWORD })).ok();
}

#[test]
fn a_session_ends_when_idle_and_after_twelve_hours() {
    let hub = TestHub::start();
    let budi = hub.officer("budi", Role::Kabid);
    let ask = || budi.get("/api/v1/cases?stage=proposed").status;
    for _ in 0..14 {
        hub.clock.advance_ms(50 * 60_000);
        assert_eq!(ask(), 200);
    }
    hub.clock.advance_ms(50 * 60_000);
    assert_eq!(ask(), 401, "twelve hours are over");
    let budi = hub.officer("budi2", Role::Kabid);
    hub.clock.advance_ms(60 * 60_000);
    assert_eq!(budi.get("/api/v1/cases?stage=proposed").status, 401, "an hour unused");
}

#[test]
fn whatever_is_wrong_is_a_problem_document() {
    let hub = TestHub::start();
    let (_, loket) = hub.at_counter("Loket 1", "lia.loket");
    assert_eq!(loket.get("/api/v1/nothing").code(), "NOT-FOUND");
    let wrong_method = loket.send("DELETE", "/api/v1/queue", "", &[]);
    assert_eq!((wrong_method.status, wrong_method.code().as_str()), (405, "NOT-FOUND"));
    assert_eq!(loket.get("/api/v1/cases/not-a-uuid").code(), "NOT-FOUND");
    assert_eq!(loket.get("/api/v1/cases?stage=nowhere").code(), "REQUEST-MALFORMED");
    let broken = loket.send("POST", "/api/v1/slips/open", "application/json", b"{\"text\": 3315130101909001}");
    assert_eq!((broken.status, broken.code().as_str()), (400, "REQUEST-MALFORMED"));
    assert!(!broken.text().contains("9001"), "a refusal does not repeat what was sent");
    let kind = loket.send("POST", "/api/v1/slips/open", "text/plain", b"{}");
    assert_eq!((kind.status, kind.code().as_str()), (415, "REQUEST-MALFORMED"));
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(300 * 1024));
    let large = loket.send("POST", "/api/v1/slips/open", "application/json", large.as_bytes());
    assert_eq!((large.status, large.code().as_str()), (413, "REQUEST-TOO-LARGE"));
    let path = filled("/api/v1/cases/{case_id}/documents/{document_id}");
    let large = loket.send("PUT", &path, "image/png", &vec![0; 21 * 1024 * 1024]);
    assert_eq!(large.code(), "NOT-ALLOWED", "whoever still sends learns why it is refused");
    let kiosk = hub.at_station(&hub.station(StationKind::Kiosk, "K1"));
    let large = kiosk.send("PUT", &path, "image/png", &vec![0; 21 * 1024 * 1024]);
    assert_eq!((large.status, large.code().as_str()), (413, "REQUEST-TOO-LARGE"));
}

#[test]
fn names_are_checked_and_taken_once() {
    let hub = TestHub::start();
    for wrong in ["", "a", "Budi", "budi santoso", "budi;drop", &"x".repeat(33)] {
        assert!(admin::add_user(hub.config(), wrong, Role::Kabid).is_err(), "{wrong}");
    }
    for wrong in ["", " Loket", "Lo\nket", &"x".repeat(41)] {
        assert!(admin::add_station(hub.config(), StationKind::Counter, wrong).is_err(), "{wrong}");
    }
    let added =
        serde_json::to_value(admin::add_station(hub.config(), StationKind::Counter, "Loket 1").unwrap()).unwrap();
    assert_eq!((added["kind"].as_str(), added["name"].as_str()), (Some("counter"), Some("Loket 1")));
    assert!(admin::add_station(hub.config(), StationKind::Kiosk, "Loket 1").is_err());
    admin::add_user(hub.config(), "budi", Role::Kabid).unwrap();
    assert!(admin::add_user(hub.config(), "budi", Role::Kadis).is_err());
}

#[test]
fn a_stranger_locks_nobody_out_of_a_counter() {
    let hub = TestHub::start();
    let (_, loket) = hub.at_counter("Loket 1", "lia.loket");
    let (stranger, at_counter) = (hub.stranger(), Caller { session: None, ..loket });
    let try_in = |who: &Caller, password: &str| {
        let reply = who.post("/api/v1/sessions", &json!({ "name": "lia.loket", "password": password }));
        if reply.status == 200 { "200".to_owned() } else { reply.code() }
    };
    for _ in 0..5 {
        try_in(&stranger, "salah-salah-salah");
    }
    assert_eq!(try_in(&stranger, PASSWORD), "LOGIN-LOCKED");
    assert_eq!(try_in(&at_counter, PASSWORD), "200");
}

#[test]
fn one_machine_without_proof_may_not_ask_for_ever() {
    let hub = TestHub::start();
    let (_, loket) = hub.at_counter("Loket 1", "lia.loket");
    let stranger = hub.stranger();
    let body = json!({ "name": "tidak.ada", "password": "salah-salah-salah" });
    let last =
        (0..200).map(|_| stranger.post("/api/v1/sessions", &body)).find(|reply| reply.code() == "TOO-MANY-REQUESTS");
    assert_eq!(last.expect("an end").status, 429);
    let mut forwarded = ureq::http::Request::post(format!("{}/api/v1/sessions", hub.base()));
    forwarded = forwarded.header("content-type", "application/json").header("x-forwarded-for", "203.0.113.9");
    let body = json!({ "name": "siapa.lagi", "password": "salah-salah-salah" });
    let other = stranger.agent.run(forwarded.body(body.to_string()).unwrap()).unwrap();
    assert_eq!(other.status(), 401, "behind a proxy on this machine everybody counts alone");
    // Enrolled stations do not count.
    let body = json!({ "name": "lia.loket", "password": PASSWORD });
    Caller { session: None, ..loket }.post("/api/v1/sessions", &body).ok();
}

#[test]
fn a_clock_that_was_put_right_ends_sessions_of_the_wrong_time() {
    let hub = TestHub::start();
    let year = 365 * 24 * 3_600_000;
    hub.clock.advance_ms(year);
    let budi = hub.officer("budi", Role::Kabid);
    budi.get("/api/v1/cases?stage=proposed").ok();
    hub.clock.advance_ms(-year);
    assert_eq!(budi.get("/api/v1/cases?stage=proposed").code(), "NOT-SIGNED-IN", "it would live for a year");
}

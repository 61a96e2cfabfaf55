//! The hub's pages as a browser without JavaScript uses them: sign-in, forms, forged forms, the public status.

use anjungan::admin;
use anjungan::domain::role::Role;
use anjungan::domain::stage::Stage;

use crate::support::hub::{PASSWORD, TestHub};

/// An answer to a browser.
pub struct Page {
    pub status: u16,
    pub location: String,
    cookie: Option<String>,
    pub policy: String,
    pub kind: String,
    pub disposition: String,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Page {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let at = self.text.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        let rest = self.text[at..].split_once("value=\"").expect("a value").1;
        rest.split_once('"').expect("an end").0.to_owned()
    }
}

pub struct Browser<'a> {
    pub hub: &'a TestHub,
    pub cookie: Option<String>,
}

impl Browser<'_> {
    pub fn send(&mut self, method: &str, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body: Vec<String> = form.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let caller = self.hub.stranger();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", caller.base));
        if method == "POST" {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; anjungan_session={cookie}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = caller.agent.run(request.body(body.join("&")).unwrap()).unwrap();
        let header = |name: &str| {
            response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned).unwrap_or_default()
        };
        let (location, policy, set) = (header("location"), header("content-security-policy"), header("set-cookie"));
        let (kind, disposition) = (header("content-type"), header("content-disposition"));
        let cookie = (!set.is_empty()).then_some(set);
        if let Some(set) = &cookie {
            let value = set.strip_prefix("anjungan_session=").unwrap().split(';').next().unwrap();
            self.cookie = (!value.is_empty()).then(|| value.to_owned());
        }
        let status = response.status().as_u16();
        let bytes = response.body_mut().read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Page { status, location, cookie, policy, kind, disposition, text, bytes }
    }

    pub fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, &[], &[])
    }

    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.send("POST", path, form, &[("sec-fetch-site", "same-origin")])
    }

    pub fn enter(&mut self, name: &str) -> Page {
        self.post("/masuk", &[("name", name), ("password", PASSWORD)])
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[test]
fn a_first_sign_in_leads_to_a_password_and_the_desk() {
    let hub = TestHub::start();
    let added = admin::add_user(hub.config(), "budi", Role::Kabid).unwrap();
    let mut browser = Browser { hub: &hub, cookie: None };
    assert_eq!(browser.get("/").location, "/masuk");
    let login = browser.get("/masuk");
    assert!(login.policy.starts_with("default-src 'none'"), "{}", login.policy);
    let wrong = browser.post("/masuk", &[("name", "budi"), ("password", "salah")]);
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("Nama atau kata sandi salah") && browser.cookie.is_none());

    let entered = browser.post("/masuk", &[("name", " Budi "), ("password", &added.one_time_password)]);
    assert_eq!((entered.status, entered.location.as_str()), (303, "/sandi"));
    let cookie = entered.cookie.unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(browser.get("/meja").location, "/sandi", "nothing else is open yet");

    let token = browser.get("/sandi").hidden("form_token");
    let form = |again| [("form_token", token.clone()), ("new_password", PASSWORD.to_owned()), ("again", again)];
    let differing = form("lain-sama-sekali".to_owned());
    let differing: Vec<(&str, &str)> = differing.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(browser.post("/sandi", &differing).status, 422);
    let form = form(PASSWORD.to_owned());
    let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(browser.post("/sandi", &form).location, "/meja");
    let desk = browser.get("/meja");
    assert_eq!(desk.status, 200);

    let token = desk.hidden("form_token");
    let old = browser.cookie.clone();
    assert_eq!(browser.post("/keluar", &[("form_token", &token)]).location, "/masuk");
    assert_eq!((browser.cookie.clone(), browser.get("/meja").location.as_str()), (None, "/masuk"));
    browser.cookie = old;
    assert_eq!(browser.get("/meja").location, "/masuk", "the hub has forgotten the session too");
}

#[test]
fn approvers_carry_a_case_by_forms_alone() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Verified);
    let id = sample.case_id;
    let steps = [
        ("oki.operator", "propose", "proposed"),
        ("budi.kabid", "endorse", "endorsed"),
        ("dewi.kadis", "defer", "endorsed"),
        ("dewi.kadis", "sign", "signed"),
        ("oki.operator", "mark-printed", "printed"),
    ];
    for (name, verb, stage) in steps {
        let mut browser = Browser { hub: &hub, cookie: None };
        browser.enter(name);
        assert!(browser.get("/meja").text.contains(&id.to_string()), "{name} finds the case on the desk");
        let page = browser.get(&format!("/meja/{id}"));
        let [form_token, request_id, version] = ["form_token", "request_id", "version"].map(|field| page.hidden(field));
        let form = [
            ("form_token", form_token.as_str()),
            ("request_id", &request_id),
            ("version", &version),
            ("siak_number", "3315/KK/0001"),
        ];
        let path = format!("/meja/{id}/{verb}");
        // Sent twice, as after an impatient second press: done once, and no scolding.
        for _ in 0..2 {
            let done = browser.post(&path, &form);
            assert_eq!((done.status, done.location), (303, format!("/meja?done={verb}")), "{}", done.text);
        }
        assert_eq!(browser.get(&format!("/meja?done={verb}")).status, 200);
        let now = team.loket.get(&format!("/api/v1/cases/{id}")).ok().json();
        assert_eq!(now["stage"], stage);
    }
}

#[test]
fn a_form_from_elsewhere_or_without_its_token_changes_nothing() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Proposed);
    let path = format!("/meja/{}/endorse", sample.case_id);
    let mut browser = Browser { hub: &hub, cookie: None };
    browser.enter("budi.kabid");
    let page = browser.get(&format!("/meja/{}", sample.case_id));
    let [token, request, version] = ["form_token", "request_id", "version"].map(|field| page.hidden(field));
    let form = [("form_token", token.as_str()), ("request_id", &request), ("version", &version)];
    for headers in [[("sec-fetch-site", "cross-site")], [("origin", "https://jahat.example")], [("origin", "null")]] {
        assert_eq!(browser.send("POST", &path, &form, &headers).status, 403);
    }
    assert_eq!(browser.post(&path, &form[1..]).status, 403);
    let forged = [("form_token", "0"), form[1], form[2]];
    assert_eq!(browser.post(&path, &forged).status, 403);
    let case = team.loket.get(&format!("/api/v1/cases/{}", sample.case_id)).ok().json();
    assert_eq!(case["stage"], "proposed");

    let stale = [form[0], form[1], ("version", "1")];
    let stale = browser.post(&path, &stale);
    assert_eq!(stale.status, 409);
    assert!(stale.text.contains("Permohonan sudah berubah"), "the case page says so, with the case as it is now");
    let other = browser.post(&format!("/meja/{}/sign", sample.case_id), &form);
    assert_eq!(other.status, 403);
}

#[test]
fn a_case_is_returned_by_form_with_reasons_per_document() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    hub.walk(&team, &sample, Stage::Proposed);
    let mut browser = Browser { hub: &hub, cookie: None };
    browser.enter("budi.kabid");
    let page = browser.get(&format!("/meja/{}", sample.case_id));
    let [token, request, version] = ["form_token", "request_id", "version"].map(|field| page.hidden(field));
    let none = [("form_token", &*token), ("request_id", &*request), ("version", &*version), ("to", "applicant")];
    let page = browser.post(&format!("/meja/{}/return", sample.case_id), &none);
    assert_eq!((page.status, page.text.contains("Alasan belum dipilih")), (422, true));
    let [token, request, version] = ["form_token", "request_id", "version"].map(|field| page.hidden(field));
    let form = [
        ("form_token", token.as_str()),
        ("request_id", &request),
        ("version", &version),
        ("to", "applicant"),
        ("reason", "sk_hilang_polisi:tidak_terbaca"),
        ("reason", "lainnya"),
        ("note", "Tanggal laporan\r\ntidak jelas"),
    ];
    assert_eq!(browser.post(&format!("/meja/{}/return", sample.case_id), &form).status, 303);
    let case = team.loket.get(&format!("/api/v1/cases/{}", sample.case_id)).ok().json();
    assert_eq!(case["stage"], "returned");
    assert_eq!(case["return_reasons"].as_array().unwrap().len(), 2);
    assert_eq!(case["return_note"], "Tanggal laporan tidak jelas");
}

#[test]
fn the_public_status_tells_the_holder_and_nobody_else() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let mut browser = Browser { hub: &hub, cookie: None };
    let page = browser.get(&format!("/s/{}", sample.token.text()));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("A-001"));
    let nik = sample.submission.applicant;
    for secret in [nik.as_str(), &nik.grouped(), &nik.masked(), sample.token.digest().as_str()] {
        assert!(!page.text.contains(secret), "personal data or a proof on a public page");
    }
    for unknown in [hub.world.slip_token().text(), "X".to_owned(), "..%2F..%2Fetc".to_owned()] {
        let page = browser.get(&format!("/s/{unknown}"));
        assert_eq!(page.status, 404);
        assert!(page.text.contains("<html"), "a calm page, not JSON");
    }
    let scan = format!("/meja/{}/dokumen/{}", sample.case_id, sample.submission.documents[0].document_id);
    assert_eq!(browser.get(&scan).location, "/masuk");
    browser.enter("budi.kabid");
    assert_eq!(browser.get(&scan).status, 200);
    assert_eq!(browser.get("/web/app.css").status, 200);
    assert_eq!(browser.get("/web/..%2FCargo.toml").status, 404);
}

#[test]
fn a_phone_number_is_whole_for_the_operator_and_masked_for_the_heads() {
    let hub = TestHub::start();
    let team = hub.team();
    let mut sample = hub.sample(1);
    // No operator has 0840: nobody's telephone rings.
    sample.submission.phone = Some("084000009001".parse().unwrap());
    team.kiosk.submit(sample.case_id, &sample.submission).unwrap();
    for (name, shown) in [("oki.operator", "0840 0000 9001"), ("budi.kabid", "0840 •••• ••01")] {
        let mut browser = Browser { hub: &hub, cookie: None };
        browser.enter(name);
        let page = browser.get(&format!("/meja/{}", sample.case_id));
        assert!(page.text.contains("Nomor HP pemohon") && page.text.contains(shown), "{name}: {}", page.text);
        assert_eq!(page.text.contains("0000 9001"), name == "oki.operator");
    }
    let mut holder = Browser { hub: &hub, cookie: None };
    assert!(!holder.get(&format!("/s/{}", sample.token.text())).text.contains("0840"), "not on the public page");
}

#[test]
fn the_cookie_of_an_office_with_https_never_travels_without() {
    let hub = TestHub::start_with("[slip]\nurl_base = 'https://kk.example.test'\n");
    hub.person("budi.kabid", Role::Kabid);
    let mut browser = Browser { hub: &hub, cookie: None };
    assert!(browser.enter("budi.kabid").cookie.unwrap().contains("; Secure"));
    let form = [("name", "budi.kabid"), ("password", PASSWORD)];
    let published = ("origin", "https://kk.example.test");
    let entered = browser.send("POST", "/masuk", &form, &[("sec-fetch-site", "same-origin"), published]);
    assert!(entered.cookie.unwrap().contains("; Secure"));
    // From inside by plain http: a browser would drop a cookie that it may never send back.
    let base = hub.base();
    let inside = browser.send("POST", "/masuk", &form, &[("origin", &base)]);
    assert!(!inside.cookie.unwrap().contains("Secure"));
    let plain = TestHub::start();
    plain.person("budi.kabid", Role::Kabid);
    assert!(!Browser { hub: &plain, cookie: None }.enter("budi.kabid").cookie.unwrap().contains("Secure"));
}

#[test]
fn the_public_status_is_not_asked_for_ever() {
    let hub = TestHub::start();
    let mut browser = Browser { hub: &hub, cookie: None };
    let path = format!("/s/{}", hub.world.slip_token().text());
    let page = (0..300).map(|_| browser.get(&path)).find(|page| page.status != 404).expect("an end");
    assert_eq!(page.status, 429);
    assert!(page.text.contains("<html") && page.text.contains("TOO-MANY-REQUESTS"), "a calm page, not JSON");
    assert_eq!(browser.get("/masuk").status, 200, "nothing else is slower for it");
}

#[test]
fn a_supervisor_looks_after_the_hall_by_forms_alone() {
    let hub = TestHub::start();
    let team = hub.team();
    let (_, _) = hub.at_counter("Loket 2", "nia.loket");
    super::hub_hall::take(&hub, &team.kiosk, 1, Some(anjungan::domain::priority::Priority::Ill));
    let called = super::hub_hall::call(&hub, &team.counter).unwrap();
    super::hub_hall::take(&hub, &team.kiosk, 2, None);
    hub.clock.advance_ms(30 * 60_000);
    let mut operator = Browser { hub: &hub, cookie: None };
    operator.enter("oki.operator");
    assert_eq!(operator.get("/antrean").status, 403, "not for everybody");

    let mut browser = Browser { hub: &hub, cookie: None };
    browser.enter("budi.kabid");
    assert!(browser.get("/meja").text.contains("/antrean"));
    let page = browser.get("/antrean");
    assert_eq!(page.status, 200);
    for words in ["1 nomor", "30 menit dari janji 60 menit", "Melayani A-001", "Kosong", "Petugas: lia.loket"] {
        assert!(page.text.contains(words), "no {words:?} in {}", page.text);
    }
    assert!(!page.text.contains("Sakit"), "why somebody should not wait stays at the counter");
    let post = |browser: &mut Browser<'_>, verb: &str, more: &[(&str, &str)]| {
        let page = browser.get("/antrean");
        let [form_token, request_id] = ["form_token", "request_id"].map(|field| page.hidden(field));
        let mut form = vec![("form_token", form_token.as_str()), ("request_id", &request_id)];
        form.extend(more);
        browser.post(&format!("/antrean/{verb}"), &form)
    };
    let done = post(&mut browser, "queue", &[("version", "0"), ("queue", "verification"), ("open", "false")]);
    assert_eq!((done.status, done.location.as_str()), (303, "/antrean?done=1"));
    assert!(browser.get("/antrean?done=1").text.contains("Buka antrean"));
    let stale = post(&mut browser, "queue", &[("version", "0"), ("queue", "verification"), ("open", "true")]);
    assert!(stale.status == 409 && stale.text.contains("Keadaan ruang layanan sudah berubah"));
    let desk = [("version", "0"), ("counter", "Loket 2"), ("skill", "pickup"), ("state", "break")];
    assert_eq!(post(&mut browser, "counter", &desk).status, 303);
    assert_eq!(
        post(&mut browser, "move", &[("version", "0"), ("officer", "nia.loket"), ("counter", "Loket 1")]).status,
        303
    );
    let notice = "Pelayanan sampai pukul 15.00 <b>";
    assert_eq!(post(&mut browser, "notice", &[("version", "0"), ("text", notice)]).status, 303);
    let page = browser.get("/antrean").text;
    assert!(page.contains("Istirahat") && page.contains("15.00 &lt;b&gt;") && !page.contains("<b>"), "{page}");
    let floor = team.kiosk.hall().unwrap().floor;
    assert_eq!(floor.notice.as_deref(), Some(notice));
    assert!(!floor.queues[0].open && floor.counters[1].skills.to_string() == "pickup");
    assert_eq!(floor.counters[0].ticket, Some(called.number));
    let malformed = post(&mut browser, "counter", &[("version", "1"), ("counter", "Loket 2"), ("state", "open")]);
    assert_eq!(malformed.status, 400, "a counter that serves nothing");
}

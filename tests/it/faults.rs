//! What goes wrong, what the person is told, and that nothing is lost or doubled.
//!
//! | what goes wrong | covered by |
//! |---|---|
//! | a wrong NIK at the kiosk | `every_wrong_nik_is_explained_on_the_screen` |
//! | a wrong NIK at the hub | `a_number_that_is_no_nik_is_refused_and_not_repeated`; card: `hub_cases`, `counter_shell` |
//! | unknown QR, 4 kB, control character, other office, used slip, typing error | `what_is_no_slip_of_ours_leaves_the_desk_as_it_is` (counter), `the_kiosk_refuses_what_is_no_slip_of_ours` (kiosk), `hub_cases::what_is_no_slip_is_refused_by_its_reason` (hub) |
//! | bytes that no scanner sends | `counter_shell::what_a_broken_scanner_sends_opens_nothing` |
//! | a request twice, every verb; a name used for two contents | `every_verb_twice_is_done_once` |
//! | two officers on one case | `of_two_officers_at_two_counters_one_wins`, `hub_cases::two_officers_verify_and_one_wins` |
//! | two counters on one ticket | `hub_queue::two_counters_never_call_the_same_ticket` |
//! | a lost answer | `counter_shell::a_lost_reply_calls_one_person_only`, `kiosk_outbox::a_lost_answer_is_the_same_case_again` |
//! | a hub killed between any two steps | `killed::the_hub_dies_after_every_step` |
//! | a kiosk killed between any two steps of a session | `killed::the_kiosk_dies_on_every_screen` |
//! | either killed at any moment | `kill9::nothing_acknowledged_is_lost_and_no_number_is_given_twice` |
//! | a hub that is away | `kiosk_outbox::cases_of_a_dark_day_arrive_after_a_restart`, `kiosk_shell::without_a_hub_a_valid_slip_comes_out` |
//! | no paper | `walk::without_paper_the_case_is_at_the_hub_and_the_slip_comes_later`, `kiosk_shell` |
//! | a file of a newer program | `program::a_store_of_a_newer_program_is_refused_in_one_line`, `program::a_kiosk_with_a_newer_file_is_closed` |
//! | wrong usage, wrong configuration | `program` |

mod killed;
mod program;

use std::sync::Arc;
use std::time::Duration;

use anjungan::clock::{System, Virtual, World};
use anjungan::config::Config;
use anjungan::counter::{CaseMode, CounterEvent, CounterView, DocumentMood, FailureLine, Private};
use anjungan::domain::ids::CaseId;
use anjungan::domain::nik::Nik;
use anjungan::domain::role::StationKind;
use anjungan::domain::stage::Stage;
use anjungan::domain::ticket::Queue;
use anjungan::failure::{Failure, WhoActs};
use anjungan::kiosk::KioskProgram;
use anjungan::kiosk::flow::Touch;
use anjungan::kiosk::headless::Visitor;
use anjungan::kiosk::view::Screen;
use anjungan::station::bridge::no_wake;
use anjungan::wire::case::{Correction, SubmittedDocument, SubmittedTicket};
use anjungan::wire::client::HubClient;
use anjungan::wire::problem::Problem;
use anjungan_ui::KioskActions;
use anjungan_ui::slint::ComponentHandle as _;
use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use serde_json::{Value, json};

use crate::support::hub::{Caller, MORNING, Reply, Team, TestHub, scan_facts};
use crate::support::office::{Office, open_counter, until};

/// A failure on a screen: its code, and parts of the sentences that say what happened and what to do.
#[track_caller]
fn assert_says(line: &FailureLine, code: &str, cause: &str, action: &str) {
    assert_eq!((line.visible, line.code.as_str()), (true, code));
    assert!(line.cause.contains(cause), "{code}: {}", line.cause);
    assert!(line.action.contains(action), "{code}: {}", line.action);
    assert_eq!(line.title, Failure::from_code(code).expect("a code of the catalogue").title());
}

/// A refusal of the hub: a whole problem document with the same words as the catalogue.
#[track_caller]
fn assert_refused(reply: &Reply, status: u16, code: &str, cause: &str, action: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{}", reply.text());
    let problem: Problem = reply.read();
    let failure = problem.failure().expect("a code of the catalogue");
    assert_eq!((problem.title.as_str(), problem.who), (failure.title(), failure.who()));
    assert!(problem.detail.contains(cause), "{code}: {}", problem.detail);
    assert!(problem.action.contains(action), "{code}: {}", problem.action);
}

/// What the screen says of a number that cannot be right, or hardly can.
const NIK_WORDS: [&str; 7] = [
    "Anda baru mengetik 12 angka",
    "Semua angka sama",
    "tidak mungkin 0000",
    "bukan kode provinsi",
    "tanggal lahir tampak tidak biasa",
    "mirip nomor KK",
    "sama dengan NIK pemohon",
];

#[test]
fn every_wrong_nik_is_explained_on_the_screen() {
    i_slint_backend_testing::init_no_event_loop();
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[kiosk]\nname = \"K1\"\nseries = \"A\"\nhub = \"http://127.0.0.1:9\"\ntoken = \"\"\ndata = {:?}\n",
        folder.path()
    );
    let config = Config::parse(&config).unwrap();
    let clock = Arc::new(Virtual::starting_at(MORNING.parse().unwrap()));
    let program = KioskProgram::open(&config, World::new(clock, Arc::new(System)), no_wake()).unwrap();
    program.with_shell(|shell| shell.set_repeat_guard(Duration::ZERO));
    let act = program.window().global::<KioskActions<'_>>();
    let screen = || program.with_shell(|shell| shell.view().screen);
    let explained = |words: &str| {
        let texts = ElementQuery::from_root(program.window()).match_descendants();
        let texts = texts.match_accessible_role(AccessibleRole::Text).find_all();
        let texts: Vec<_> = texts.iter().filter_map(ElementHandle::accessible_label).collect();
        let seen = NIK_WORDS.into_iter().filter(|known| texts.iter().any(|text| text.contains(known)));
        assert_eq!(seen.collect::<Vec<_>>(), [words], "{texts:?}");
    };
    let type_nik = |digits: &str| {
        act.invoke_clear();
        digits.chars().for_each(|digit| act.invoke_digit(digit.to_string().into()));
        act.invoke_next();
    };
    let at_nik = |visitor: &Visitor| {
        program.with_shell(|shell| {
            shell.touch(Touch::Restart);
            assert!(visitor.walk_to(shell, Screen::Need));
            shell.touch(Touch::PickCard("hilang".to_owned()));
            assert!(visitor.walk_to(shell, Screen::Nik));
        });
        act.invoke_clear();
    };

    at_nik(&Visitor::new(0));
    let impossible = ["331513520890", "1111111111111111", "3315135208900000"];
    for (digits, words) in impossible.into_iter().zip(NIK_WORDS) {
        type_nik(digits);
        assert_eq!(screen(), Screen::Nik, "{digits} leads nowhere");
        explained(words);
    }
    let doubtful = ["3715130101909009", "3315133201909001", "3315131406159012"];
    for (digits, words) in doubtful.into_iter().zip(&NIK_WORDS[3..]) {
        type_nik(digits);
        assert_eq!(screen(), Screen::NikConfirm, "{digits} is asked about, not refused");
        explained(words);
        act.invoke_back();
        assert_eq!(screen(), Screen::Nik);
    }
    let proxy = Visitor::new(2);
    at_nik(&proxy);
    type_nik(&proxy.nik);
    type_nik(&proxy.nik);
    assert_eq!(screen(), Screen::Nik);
    explained(NIK_WORDS[6]);
    assert_eq!(program.with_shell(|shell| shell.view().ticket), "", "no number for a wrong NIK");
}

#[test]
fn a_number_that_is_no_nik_is_refused_and_not_repeated() {
    let hub = TestHub::start();
    let team = hub.team();
    let kiosk = hub.at_station(&hub.station(StationKind::Kiosk, "K2"));
    let path = |case| format!("/api/v1/cases/{case}");
    let malformed =
        ["331513010190900", "33151301019090011", "331513010190900A", "1111111111111111", "3315130101900000"];
    for (number, digits) in malformed.into_iter().enumerate() {
        assert!(Nik::parse(digits).is_err());
        let sample = hub.sample(1 + u16::try_from(number).unwrap());
        for field in ["applicant", "proxy"] {
            let mut body = serde_json::to_value(&sample.submission).unwrap();
            body[field] = json!(digits);
            let reply = kiosk.put(&path(sample.case_id), &body);
            assert_refused(&reply, 400, "REQUEST-MALFORMED", "tidak sesuai", "Perbarui program");
            assert!(!reply.text().contains(digits), "a refusal does not repeat the number");
        }
        assert_eq!(team.operator.get(&path(sample.case_id)).code(), "CASE-UNKNOWN", "nothing came of it");
    }
    // Nobody is their own proxy.
    let sample = hub.sample(9);
    let mut twin = sample.submission.clone();
    twin.proxy = Some(twin.applicant);
    let reply = kiosk.put(&path(sample.case_id), &twin);
    assert_refused(&reply, 422, "CASE-INVALID", "tidak sesuai aturan", "Ulangi permohonan");

    let sample = hub.deliver(&team.kiosk, 1);
    let version = hub.walk(&team, &sample, Stage::Received);
    let mut body = serde_json::to_value(hub.hand_over_body(&sample, version)).unwrap();
    body["proof"]["nik"] = json!("331513010190900");
    let reply = team.loket.post(&format!("{}/hand-over", path(sample.case_id)), &body);
    assert_refused(&reply, 400, "REQUEST-MALFORMED", "tidak sesuai", "Perbarui program");
    assert_eq!(team.counter.case(sample.case_id).unwrap().row.stage, Stage::Received);
    let stranger =
        Caller { session: team.loket.session.clone(), station: team.loket.station.clone(), ..hub.stranger() };
    body["proof"]["nik"] = json!("3315134101909002");
    let reply = stranger.post(&format!("{}/hand-over", path(sample.case_id)), &body);
    assert_refused(&reply, 422, "HANDOVER-NIK-MISMATCH", "berbeda dengan NIK penerima", "Jangan serahkan KK");
    assert_eq!(Failure::HandoverNikMismatch.who(), WhoActs::Officer);
    assert_eq!(team.counter.case(sample.case_id).unwrap().row.stage, Stage::Received);
}

#[test]
fn what_is_no_slip_of_ours_leaves_the_desk_as_it_is() {
    let mut office = Office::open_with("[slip]\nurl_base = \"https://kk.example.test\"\n");
    let base = Some("https://kk.example.test");
    let team_kiosk = HubClient::new(&office.hub.base(), &office.hub.station(StationKind::Kiosk, "K2"));
    // One case is over, another lies on the desk with its first document marked.
    let used = office.hub.deliver(&team_kiosk, 1);
    let (counter, loket) = office.hub.at_counter("Loket 9", "nia.loket");
    let team = Team {
        kiosk: team_kiosk.clone(),
        loket,
        counter,
        operator: office.operator.clone(),
        kabid: office.kabid.clone(),
        kadis: office.kadis.clone(),
    };
    office.hub.walk(&team, &used, Stage::HandedOver);
    let open = office.hub.deliver(&team_kiosk, 2);
    office.scan_until(&open.token.qr_text(base), "the scan", |view| {
        view.mode == CaseMode::Verify && view.scan.is_some() && !view.busy
    });
    office.counter.handle(CounterEvent::DocumentMarked { index: 0, ok: true });

    let unknown = office.hub.world.slip_token();
    let elsewhere = unknown.qr_text(Some("https://kk.lain.test"));
    let mut code = open.token.manual_code().to_string();
    let last = code.pop().unwrap();
    code.push(if last == '0' { '1' } else { '0' });
    enum Shown {
        Scanned(String),
        Raw(Vec<u8>),
        Typed(String),
    }
    let raw = |bytes: &[u8]| Shown::Raw([bytes, b"\r"].concat());
    let unreadable = ("SLIP-UNREADABLE", "bukan kode slip", "Pindai sekali lagi");
    let foreign = ("SLIP-UNKNOWN", "bukan slip permohonan", "Bukti Pengambilan");
    let over = ("SLIP-USED", "sudah dilayani 23 November 2026 09.07", "atasan loket");
    let away = ("SLIP-OTHER-OFFICE", "kantor lain", "bawa slip ke kantor yang menerbitkannya");
    let shown = [
        (Shown::Scanned("https://example.test/promo".to_owned()), foreign),
        (Shown::Scanned(unknown.qr_text(base)), foreign),
        (raw(&[b'9'; 4096]), unreadable),
        (raw(&[b'9'; 4097]), unreadable),
        (raw(b"ANJ1:\x07\x1b[2J"), unreadable),
        (raw(b"ANJ1:\0"), unreadable),
        (Shown::Scanned(elsewhere), away),
        (Shown::Scanned(used.token.qr_text(base)), over),
        (Shown::Typed(used.token.manual_code().to_string()), over),
        (Shown::Typed(code), ("SLIP-MISTYPED", "tidak cocok", "ketik ulang")),
    ];
    let (before, hall) = (office.journal_text(), team.counter.hall().unwrap());
    for (what, (code, cause, action)) in shown {
        let refused = |view: &CounterView| view.failure.visible && !view.busy;
        let view = match what {
            Shown::Scanned(text) => office.scan_until(&text, code, refused),
            Shown::Raw(bytes) => office.raw_until(&bytes, code, refused),
            Shown::Typed(text) => {
                office.counter.handle(CounterEvent::CodeTyped(Private(text)));
                office.counter_until(code, refused)
            }
        };
        assert_says(&view.failure, code, cause, action);
        assert_eq!((view.ticket.as_str(), view.mode), ("A-002", CaseMode::Verify), "the case stays on the desk");
        assert_eq!(view.documents[0].state, DocumentMood::Accepted, "and so does the officer's work");
        office.counter.handle(CounterEvent::FailureDismissed);
    }
    assert_eq!(office.journal_text(), before, "nothing happened to any case");
    let now = team.counter.hall().unwrap();
    assert_eq!((now.waiting, now.called, now.ready), (hall.waiting, hall.called, hall.ready));
}

#[test]
fn the_kiosk_refuses_what_is_no_slip_of_ours() {
    let mut office = Office::open_with("[slip]\nurl_base = \"https://kk.example.test\"\n");
    office.kiosk_until("the hub", |view| view.hub_online && view.screen == Screen::Attract);
    let unknown = office.hub.world.slip_token();
    let before = office.journal_text();
    for (text, failure, cause) in [
        ("https://example.test/promo".to_owned(), Failure::SlipUnknown, "bukan slip permohonan"),
        (unknown.qr_text(Some("https://kk.example.test")), Failure::SlipUnknown, "bukan slip permohonan"),
        (unknown.qr_text(Some("https://kk.lain.test")), Failure::SlipOtherOffice, "kantor lain"),
        ("9".repeat(4096), Failure::SlipUnreadable, "bukan kode slip"),
        ("ANJ1:\u{7}\u{1b}[2J".to_owned(), Failure::SlipUnreadable, "bukan kode slip"),
    ] {
        office.devices.scan_at_kiosk(&text).unwrap();
        let view = office.kiosk_until("the refusal", |view| view.failure.is_some());
        assert_eq!((view.failure, view.screen), (Some(failure), Screen::Attract), "{text:.40}");
        assert!(failure.cause().contains(cause) && failure.action().ends_with('.'));
        office.kiosk.touch(Touch::DismissFailure);
    }
    assert_eq!(office.journal_text(), before);
    // Whoever comes next is served as if nothing had been.
    office.lost_card(&Visitor::new(0), Screen::Slip);
    assert_eq!(office.kiosk.view().ticket, "A-001");
}

#[test]
fn of_two_officers_at_two_counters_one_wins() {
    let mut office = Office::open();
    let kiosk = office.hub.station(StationKind::Kiosk, "K2");
    let kiosk = HubClient::new(&office.hub.base(), &kiosk);
    let sample = office.hub.deliver(&kiosk, 1);
    let mut other = open_counter(&office.hub, "Loket 2", "nia.loket", "");
    let text = Private(sample.token.manual_code().to_string());
    other.handle(CounterEvent::CodeTyped(text.clone()));
    until(&mut other, "the case", |view| view.mode == CaseMode::Verify && view.scan.is_some() && !view.busy);
    for index in 0..other.view().documents.len() {
        other.handle(CounterEvent::DocumentMarked { index, ok: true });
    }
    assert!(other.view().can_accept);

    office.counter.handle(CounterEvent::CodeTyped(text));
    office.counter_until("the case", |view| view.mode == CaseMode::Verify && !view.busy);
    office.accept_file();
    office.counter_until("the next desk", |view| view.mode == CaseMode::WaitingElsewhere && !view.busy);
    // The other counter has heard nothing yet: its officer presses too.
    other.handle(CounterEvent::CaseAccepted);
    let view = until(&mut other, "the news", |view| view.failure.visible && view.mode == CaseMode::WaitingElsewhere);
    assert_says(&view.failure, "CASE-CHANGED", "Petugas lain mengubah", "Data terbaru sudah dimuat");
    let verified = office.events(sample.case_id).iter().filter(|event| *event == "case_verified").count();
    let detail = office.case(sample.case_id);
    assert_eq!((verified, detail.row.version, detail.row.stage), (1, 2, Stage::Verified));
    assert_eq!(detail.trail[1].by.as_deref(), Some("lia.loket"));
}

/// Sends a request twice and then another content under its name.
#[track_caller]
fn twice(who: &Caller, path: &str, body: &Value, other_path: &str, other: &Value) -> Value {
    let first = who.post(path, body);
    let again = who.post(path, body);
    assert_eq!((first.status, first.text()), (again.status, again.text()), "{path}");
    assert!(first.status < 300 || first.code() == "HANDOVER-NIK-MISMATCH", "{path}: {}", first.text());
    let reused = who.post(other_path, other);
    assert_refused(&reused, 409, "REQUEST-REUSED", "sudah dipakai untuk isi yang lain", "Ulangi tindakan dari awal");
    first.json()
}

/// A verb of a case, twice: it moves the version by one, and a refused one not at all.
#[track_caller]
fn verb_twice(hub: &TestHub, case: CaseId, version: &mut u32, who: &Caller, verb: &str, more: &Value) {
    let mut body = serde_json::to_value(hub.write(*version)).unwrap();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut other = body.clone();
    other["version"] = json!(*version + 7);
    let path = format!("/api/v1/cases/{case}/{verb}");
    let answer = twice(who, &path, &body, &path, &other);
    if answer["version"].is_u64() {
        *version += 1;
        assert_eq!(answer["version"], *version, "{verb}");
    }
}

#[test]
fn every_verb_twice_is_done_once() {
    let hub = TestHub::start();
    let team = hub.team();
    let sample = hub.deliver(&team.kiosk, 1);
    let id = sample.case_id;
    let again = team.kiosk.submit(id, &sample.submission).unwrap();
    assert_eq!((again.version, again.scans_wanted.len()), (1, 0));
    team.kiosk.put_scan(id, sample.submission.documents[0].document_id, "image/png", &sample.picture).unwrap();

    // Tickets.
    let call = json!({ "request_id": hub.world.request_id(), "queue": Queue::Verification });
    let pickup = json!({ "request_id": call["request_id"], "queue": Queue::Pickup });
    let called = twice(&team.loket, "/api/v1/queue/call", &call, "/api/v1/queue/call", &pickup);
    let ticket = called["ticket"]["ticket_id"].as_str().unwrap().to_owned();
    // Nobody is said not to have come before three calls.
    let recall = ("recall", "no-show");
    for (verb, other) in [recall, recall, ("no-show", "recall"), recall] {
        let body = json!({ "request_id": hub.world.request_id() });
        let path = |verb: &str| format!("/api/v1/tickets/{ticket}/{verb}");
        twice(&team.loket, &path(verb), &body, &path(other), &body);
    }

    // The case. Every verb moves its version by one.
    let mut version = 1;
    let mut verb = |who: &Caller, verb: &str, more: Value| verb_twice(&hub, id, &mut version, who, verb, &more);
    let reasons = json!([{ "document": "sk_hilang_polisi", "reason": "tidak_terbaca" }]);
    verb(&team.loket, "return", json!({ "to": "applicant", "reasons": reasons }));
    let status = team.kiosk.slip_status(&sample.token.qr_text(None)).unwrap();
    let scan = hub.sample(2);
    let document_id = hub.world.document_id();
    let correction = Correction {
        slip_token: status.slip_token,
        documents: vec![SubmittedDocument {
            document_id,
            kind: "sk_hilang_polisi".parse().unwrap(),
            scan: Some(scan_facts(&scan.picture)),
        }],
        ticket: SubmittedTicket { ticket_id: hub.world.ticket_id(), ..scan.submission.ticket.clone() },
        corrected_at: hub.world.now(),
    };
    let request = hub.world.request_id();
    let first = team.kiosk.correct(id, request, &correction).unwrap();
    assert_eq!(team.kiosk.correct(id, request, &correction).unwrap(), first);
    assert_eq!(first.version, version + 1);
    let other = Correction { corrected_at: hub.world.now() + jiff::SignedDuration::from_secs(1), ..correction };
    let reused = team.kiosk.correct(id, request, &other).unwrap_err().problem();
    assert_eq!((reused.code.as_str(), reused.status), ("REQUEST-REUSED", 409));
    for _ in 0..2 {
        team.kiosk.put_scan(id, document_id, "image/png", &scan.picture).unwrap();
    }
    version = first.version;
    let mut verb = |who: &Caller, verb: &str, more: Value| verb_twice(&hub, id, &mut version, who, verb, &more);
    verb(&team.loket, "verify", json!({ "accepted": ["sk_hilang_polisi", "ktp_el"] }));
    verb(&team.operator, "propose", json!({ "siak_number": "3315/KK/2026/0042" }));
    verb(&team.kabid, "endorse", json!({}));
    verb(&team.kadis, "sign", json!({ "outcome": "deferred" }));
    verb(&team.kadis, "sign", json!({ "outcome": "signed" }));
    verb(&team.operator, "mark-printed", json!({}));
    verb(&team.loket, "receive", json!({}));
    let proof =
        |nik: &str| json!({ "collector": "applicant", "proof": { "kind": "card", "nik": nik, "origin": "chip" } });
    verb(&team.loket, "hand-over", proof("3315134101909002"));
    verb(&team.loket, "hand-over", proof(sample.submission.applicant.as_str()));

    let lines = team.operator.get(&format!("/api/v1/journal?case={id}")).ok().json();
    let mut events: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    // The case files itself, whenever its turn comes.
    events.retain(|event| *event != "case_archived");
    assert_eq!(
        events,
        [
            "case_submitted",
            "scan_stored",
            "ticket_called",
            "ticket_recalled",
            "ticket_recalled",
            "ticket_no_show",
            "ticket_recalled",
            "case_returned",
            "case_corrected",
            "scan_stored",
            "case_verified",
            "case_proposed",
            "case_endorsed",
            "signature_deferred",
            "case_signed",
            "kk_printed",
            "kk_received",
            "ticket_queued",
            "handover_refused",
            "kk_handed_over",
        ]
    );
}

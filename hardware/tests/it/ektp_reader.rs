//! The reader drivers against the simulated gateway, and a gateway that misbehaves.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};
use anjungan_hardware::{CardEvent, EktpReader, ErrorKind, Health, Origin, Scope, open_ektp_reader};
use tempfile::TempDir;

use crate::support::{PATIENCE, eventually, url};

const NIK: &str = "3315061203900001";
const NAME: &str = "SITI AMINAH";

struct Bench {
    _folder: TempDir,
    simulator: ReaderSimulator,
    reader: Box<dyn EktpReader>,
}

fn over_tcp() -> Bench {
    let folder = TempDir::new().unwrap();
    let simulator = ReaderSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let reader = open_ektp_reader(&url(format!("gateway+tcp://{}", simulator.addr().unwrap()))).unwrap();
    Bench { _folder: folder, simulator, reader }
}

fn over_pty() -> Bench {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("reader");
    let simulator = ReaderSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    let reader = open_ektp_reader(&url(format!("gateway+serial://{}", port.display()))).unwrap();
    Bench { _folder: folder, simulator, reader }
}

/// The `sim:` driver has no gateway; the simulator only lays cards into the same folder.
fn in_process() -> Bench {
    let folder = TempDir::new().unwrap();
    let simulator = ReaderSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let reader = open_ektp_reader(&url(format!("sim:{}", folder.path().display()))).unwrap();
    Bench { _folder: folder, simulator, reader }
}

fn card() -> CardFile {
    let mut card = CardFile::new(NIK, NAME);
    card.fields.insert("birth_place".into(), "GROBOGAN".into());
    card
}

fn with(fault: CardFault) -> CardFile {
    CardFile { fault: Some(fault), ..card() }
}

fn kind(reader: &mut dyn EktpReader, timeout: Duration) -> ErrorKind {
    reader.read(&[Scope::Identity], timeout).unwrap_err().kind()
}

#[test]
fn every_way_to_a_reader_behaves_the_same() {
    for (name, make) in [("tcp", over_tcp as fn() -> Bench), ("pty", over_pty), ("sim", in_process)] {
        let mut bench = make();
        let reader = &mut *bench.reader;
        let status = reader.status().unwrap();
        assert!(!status.card_present && status.simulated && reader.simulated(), "{name}");
        assert_eq!(status.health, Health::Ready);
        assert_eq!(kind(reader, PATIENCE), ErrorKind::MediaAbsent, "{name}");
        assert_eq!(reader.wait_card(Duration::from_millis(400)).unwrap(), CardEvent::NoCard, "{name}");

        bench.simulator.place(&card()).unwrap();
        assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed, "{name}");
        assert!(reader.status().unwrap().card_present);
        let reading = reader.read(&[Scope::Identity], PATIENCE).unwrap();
        assert_eq!((reading.nik.as_str(), reading.name.as_deref()), (NIK, Some(NAME)), "{name}");
        assert_eq!((reading.birth_place.as_deref(), reading.origin), (None, Origin::Simulated), "{name}");
        let whole = reader.read(&[Scope::Identity, Scope::Biodata], PATIENCE).unwrap();
        assert_eq!(whole.birth_place.as_deref(), Some("GROBOGAN"));
        assert_eq!(reader.read(&[], PATIENCE).unwrap().name, None);

        bench.simulator.place(&with(CardFault::Unreadable)).unwrap();
        assert_eq!(kind(reader, PATIENCE), ErrorKind::Unreadable, "{name}");
        bench.simulator.place(&with(CardFault::RemovedMidRead)).unwrap();
        assert_eq!(kind(reader, PATIENCE), ErrorKind::Removed, "{name}");
        assert!(!reader.status().unwrap().card_present);
        bench.simulator.place(&CardFile::new("12345", NAME)).unwrap();
        assert_eq!(kind(reader, PATIENCE), ErrorKind::Unreadable, "{name}");

        bench.simulator.place(&with(CardFault::Mute)).unwrap();
        assert_eq!(kind(reader, Duration::from_millis(500)), ErrorKind::NotResponding, "{name}");
        // It works again as soon as the card that hung it is gone.
        bench.simulator.place(&card()).unwrap();
        assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap().nik, NIK, "{name}");
        reader.cancel().unwrap();
    }
}

#[test]
fn a_card_placed_during_the_wait_ends_it() {
    for make in [over_tcp as fn() -> Bench, in_process] {
        let Bench { _folder, simulator, mut reader } = make();
        reader.status().unwrap();
        let waiting = thread::spawn(move || reader.wait_card(PATIENCE));
        simulator.place(&card()).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), CardEvent::Placed);
    }
}

#[test]
fn a_wait_is_cancelled_from_another_thread() {
    for make in [over_tcp as fn() -> Bench, in_process] {
        let Bench { _folder, simulator, mut reader } = make();
        let cancel = reader.cancel_handle();
        let waiting = thread::spawn(move || (reader.wait_card(PATIENCE * 10), reader));
        eventually("the cancelled wait", || {
            cancel.cancel();
            waiting.is_finished().then_some(())
        });
        let (result, mut reader) = waiting.join().unwrap();
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
        // The connection is still good, and answers to the cancelled request disturb nobody.
        simulator.place(&card()).unwrap();
        assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap().nik, NIK);
    }
}

#[test]
fn a_real_gateway_is_marked_as_one() {
    let mut bench = over_tcp();
    bench.simulator.pose_as_real();
    bench.simulator.place(&card()).unwrap();
    let reading = bench.reader.read(&[Scope::Identity], PATIENCE).unwrap();
    assert_eq!(reading.origin, Origin::Gateway);
    assert!(!bench.reader.simulated());
}

#[test]
fn the_gateway_may_be_started_again() {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("reader");
    let simulator = ReaderSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    let mut reader = open_ektp_reader(&url(format!("gateway+serial://{}", port.display()))).unwrap();
    assert_eq!(reader.health(), Health::Ready);
    drop(simulator);
    assert_eq!(reader.health(), Health::NotReachable);
    let _simulator = ReaderSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    assert_eq!(reader.health(), Health::Ready);
}

/// A gateway that answers the first status properly and every other line with `answer`.
fn gateway(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Box<dyn EktpReader> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let mut out = stream.try_clone().unwrap();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let reply = if line.contains("status") {
                    let request: serde_json::Value = serde_json::from_str(&line).unwrap();
                    format!(
                        "{{\"id\":{},\"result\":\"ok\",\"status\":{{\"protocol\":1,\"model\":\"x\"}}}}\n",
                        request["id"]
                    )
                    .into_bytes()
                } else {
                    answer(&line)
                };
                let _ = out.write_all(&reply);
            }
        }
    });
    open_ektp_reader(&url(format!("gateway+tcp://{address}"))).unwrap()
}

#[test]
fn a_gateway_that_makes_no_sense_is_named_and_leaks_nothing() {
    let mut reader = gateway(|_| format!("{{\"nik\":\"{NIK}\",\"name\":\"{NAME}\"}}\n").into_bytes());
    let error = reader.read(&[Scope::Identity], PATIENCE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Garbled);
    assert!(!format!("{error} {error:?}").contains(NIK), "{error:?}");

    let mut reader = gateway(|_| vec![b'x'; 40_000]);
    assert_eq!(kind(&mut *reader, PATIENCE), ErrorKind::Garbled);
    let mut reader = gateway(|_| b"{\"id\":2,\"result\":\"ok\"}\n".to_vec());
    assert_eq!(kind(&mut *reader, PATIENCE), ErrorKind::Garbled);
    let mut reader = gateway(|_| b"{\"id\":999,\"result\":\"ok\"}\n".to_vec());
    assert_eq!(kind(&mut *reader, Duration::from_millis(400)), ErrorKind::NotResponding);
}

#[test]
fn every_result_word_has_its_kind() {
    for (word, expected) in [
        ("no_card", ErrorKind::MediaAbsent),
        ("unreadable", ErrorKind::Unreadable),
        ("removed", ErrorKind::Removed),
        ("busy", ErrorKind::Busy),
        ("timeout", ErrorKind::Timeout),
        ("cancelled", ErrorKind::Cancelled),
        ("error", ErrorKind::Device),
        ("what?", ErrorKind::Garbled),
    ] {
        let mut reader = gateway(move |line| {
            let request: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("\r\n{{\"id\":{},\"result\":\"{word}\"}}\r\n", request["id"]).into_bytes()
        });
        assert_eq!(kind(&mut *reader, PATIENCE), expected, "{word}");
    }
}

#[test]
fn a_dribbling_gateway_cannot_hold_a_call_beyond_its_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let mut reader = open_ektp_reader(&url(format!("gateway+tcp://{address}"))).unwrap();
    let start = Instant::now();
    let error = reader.read(&[Scope::Identity], Duration::from_millis(500)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotResponding);
    // Not a speed check: without the watchdog this would go on for ever.
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn nobody_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut reader = open_ektp_reader(&url(format!("gateway+tcp://127.0.0.1:{port}"))).unwrap();
    assert_eq!(reader.health(), Health::NotReachable);
    assert_eq!(kind(&mut *reader, PATIENCE), ErrorKind::NotReachable);
}

#[test]
fn the_card_file_is_what_people_write_by_hand() {
    let folder = TempDir::new().unwrap();
    let mut reader = open_ektp_reader(&url(format!("sim:{}", folder.path().display()))).unwrap();
    let file = folder.path().join("card.json");
    fs::write(&file, format!(r#"{{ "nik": "{NIK}", "name": "{NAME}", "fault": null }}"#)).unwrap();
    assert_eq!(reader.read(&[Scope::Identity], PATIENCE).unwrap().name.as_deref(), Some(NAME));
    fs::write(&file, r#"{ "nik": "#).unwrap();
    assert_eq!(kind(&mut *reader, PATIENCE), ErrorKind::Unreadable);
    assert!(!format!("{:?}", card()).contains(NAME));
}

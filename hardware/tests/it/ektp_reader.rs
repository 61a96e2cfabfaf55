//! The reader drivers against the simulated gateway, and a gateway that misbehaves.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use anjungan_hardware::ektp_reader::{CardFault, CardFile, ReaderSimulator};
use anjungan_hardware::{CardEvent, EktpReader, ErrorKind, FingerMatch, Health, Origin, Scope, open_ektp_reader};
use tempfile::TempDir;

use crate::ektp_pcsc;
use crate::support::{PATIENCE, eventually, url};

const NIK: &str = "3315061203909001";
const NAME: &str = "CONTOH PEMOHON";

struct Bench {
    simulator: ReaderSimulator,
    reader: Box<dyn EktpReader>,
    _folder: TempDir,
    /// A card, a SAM and the service between them, where there are such.
    _chips: Option<ektp_pcsc::Bench>,
}

fn bench(folder: TempDir, simulator: ReaderSimulator, text: String) -> Bench {
    Bench { reader: open_ektp_reader(&url(text)).unwrap(), simulator, _folder: folder, _chips: None }
}

fn over_tcp() -> Bench {
    let folder = TempDir::new().unwrap();
    let simulator = ReaderSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let text = format!("gateway+tcp://{}?photo=1", simulator.addr().unwrap());
    bench(folder, simulator, text)
}

fn over_ws() -> Bench {
    let folder = TempDir::new().unwrap();
    let simulator = ReaderSimulator::start_ws("127.0.0.1:0", folder.path()).unwrap();
    let text = format!("gateway+ws://{}/ektp?photo=1", simulator.addr().unwrap());
    bench(folder, simulator, text)
}

fn over_pty() -> Bench {
    let folder = TempDir::new().unwrap();
    let port = folder.path().join("reader");
    let simulator = ReaderSimulator::start_pty(&port, folder.path().join("state")).unwrap();
    bench(folder, simulator, format!("gateway+serial://{}?photo=1", port.display()))
}

/// The `sim:` driver has no gateway; the simulator only lays cards into the same folder.
fn in_process() -> Bench {
    let folder = TempDir::new().unwrap();
    let simulator = ReaderSimulator::start_tcp("127.0.0.1:0", folder.path()).unwrap();
    let text = format!("sim:{}?photo=1", folder.path().display());
    bench(folder, simulator, text)
}

/// The PC/SC driver in its helper, with card and SAM behind the real pcscd. Here, too, the gateway simulator only
/// lays cards into the folder.
fn over_pcsc() -> Bench {
    let chips = ektp_pcsc::bench();
    let simulator = ReaderSimulator::start_tcp("127.0.0.1:0", chips.folder.path()).unwrap();
    let mut reader = chips.reader();
    eventually("the reader with its SAM", || reader.status().ok());
    Bench { simulator, reader, _folder: TempDir::new().unwrap(), _chips: Some(chips) }
}

type Way = (&'static str, fn() -> Bench);

const EVERY_WAY: [Way; 5] =
    [("tcp", over_tcp), ("ws", over_ws), ("pty", over_pty), ("sim", in_process), ("pcsc", over_pcsc)];

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

/// What reading comes to once a card that was just exchanged was noticed.
fn comes_to(way: &str, reader: &mut dyn EktpReader, timeout: Duration, expected: ErrorKind) {
    eventually(&format!("{expected:?} over {way}"), || {
        reader.read(&[Scope::Identity], timeout).err().filter(|error| error.kind() == expected)
    });
}

fn eventually_read(reader: &mut dyn EktpReader, scopes: &[Scope]) -> anjungan_hardware::Reading {
    eventually("a reading", || reader.read(scopes, PATIENCE).ok())
}

#[test]
fn every_way_to_a_reader_behaves_the_same() {
    for (way, make) in EVERY_WAY {
        let mut bench = make();
        let reader = &mut *bench.reader;
        let status = reader.status().unwrap();
        assert!(!status.card_present && status.simulated && reader.simulated(), "{way}");
        assert_eq!((status.health, status.card_id), (Health::Ready, None));
        assert_eq!(kind(reader, PATIENCE), ErrorKind::MediaAbsent, "{way}");
        assert_eq!(reader.wait_card(Duration::from_millis(400)).unwrap(), CardEvent::NoCard, "{way}");

        bench.simulator.place(&card()).unwrap();
        assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed, "{way}");
        let status = reader.status().unwrap();
        assert!(status.card_present && status.card_id.is_some(), "{way}");
        let reading = reader.read(&[Scope::Identity], PATIENCE).unwrap();
        assert_eq!((reading.nik.as_str(), reading.name.as_deref()), (NIK, Some(NAME)), "{way}");
        assert_eq!((reading.birth_place.as_deref(), reading.origin), (None, Origin::Simulated), "{way}");
        assert_eq!((reading.card_id, reading.photo), (status.card_id.clone(), None), "{way}");
        let whole = reader.read(&[Scope::Identity, Scope::Biodata], PATIENCE).unwrap();
        assert_eq!(whole.birth_place.as_deref(), Some("GROBOGAN"));
        assert_eq!(reader.read(&[], PATIENCE).unwrap().name, None);

        // Another card has another name, so a program sees that the card was exchanged.
        bench.simulator.place(&CardFile::new("3315061203909002", NAME)).unwrap();
        let other =
            eventually("the other card", || reader.read(&[], PATIENCE).ok().filter(|reading| reading.nik != NIK));
        assert_ne!(other.card_id, status.card_id, "{way}");

        bench.simulator.place(&with(CardFault::Unreadable)).unwrap();
        comes_to(way, reader, PATIENCE, ErrorKind::Unreadable);
        bench.simulator.place(&with(CardFault::RemovedMidRead)).unwrap();
        comes_to(way, reader, PATIENCE, ErrorKind::Removed);
        eventually("no card", || reader.status().ok().filter(|status| !status.card_present));
        bench.simulator.place(&CardFile::new("12345", NAME)).unwrap();
        comes_to(way, reader, PATIENCE, ErrorKind::Unreadable);

        bench.simulator.place(&with(CardFault::Mute)).unwrap();
        comes_to(way, reader, Duration::from_millis(500), ErrorKind::NotResponding);
        // It works again as soon as the card that hung it is gone.
        bench.simulator.place(&card()).unwrap();
        assert_eq!(eventually_read(reader, &[Scope::Identity]).nik, NIK, "{way}");
        reader.cancel().unwrap();
    }
}

#[test]
fn a_photo_is_read_only_when_the_office_allows_it() {
    let jpeg = [&[0xFF, 0xD8, 0xFF][..], &[0x42; 20_000]].concat();
    for (way, make) in EVERY_WAY {
        let mut bench = make();
        bench.simulator.set_photo(Some(&jpeg)).unwrap();
        bench.simulator.place(&card()).unwrap();
        let reading = eventually_read(&mut *bench.reader, &[Scope::Photo]);
        assert_eq!((reading.photo.as_deref(), reading.name), (Some(&jpeg[..]), None), "{way}");
        assert_eq!(bench.reader.read(&[Scope::Identity], PATIENCE).unwrap().photo, None, "{way}");
    }
    let bench = over_tcp();
    bench.simulator.place(&card()).unwrap();
    let mut strict = open_ektp_reader(&url(format!("gateway+tcp://{}", bench.simulator.addr().unwrap()))).unwrap();
    let error = strict.read(&[Scope::Identity, Scope::Photo], PATIENCE).unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidRequest && error.to_string().contains("photo=1"), "{error}");
    // What is no picture is shown to nobody.
    let mut bench = over_ws();
    bench.simulator.place(&card()).unwrap();
    bench.simulator.set_photo(Some(b"<svg onload=x>")).unwrap();
    assert_eq!(bench.reader.read(&[Scope::Photo], PATIENCE).unwrap_err().kind(), ErrorKind::Unreadable);
}

#[test]
fn a_finger_is_compared_where_there_is_a_sensor() {
    for (way, make) in EVERY_WAY.into_iter().filter(|(way, _)| *way != "pcsc") {
        let mut bench = make();
        assert_eq!(bench.reader.finger_match(PATIENCE).unwrap_err().kind(), ErrorKind::MediaAbsent, "{way}");
        for (word, expected) in [
            ("matched", Ok(FingerMatch::Matched)),
            ("not_matched", Ok(FingerMatch::NotMatched)),
            ("none", Err(ErrorKind::Timeout)),
        ] {
            let mut card = card();
            card.fields.insert("finger".into(), word.into());
            bench.simulator.place(&card).unwrap();
            let result = bench.reader.finger_match(PATIENCE).map_err(|error| error.kind());
            assert_eq!(result, expected, "{way} {word}");
        }
    }
    // A gateway of the first version has no such verb and is not asked.
    let mut old = gateway(|_| panic!("asked"));
    assert_eq!(old.finger_match(PATIENCE).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[test]
fn a_card_placed_during_the_wait_ends_it() {
    for (way, make) in EVERY_WAY {
        let Bench { simulator, mut reader, _folder, _chips } = make();
        reader.status().unwrap();
        let waiting = thread::spawn(move || reader.wait_card(PATIENCE));
        simulator.place(&card()).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), CardEvent::Placed, "{way}");
    }
}

#[test]
fn a_wait_is_cancelled_from_another_thread() {
    for (way, make) in EVERY_WAY {
        let Bench { simulator, mut reader, _folder, _chips } = make();
        let cancel = reader.cancel_handle();
        let waiting = thread::spawn(move || (reader.wait_card(PATIENCE * 10), reader));
        eventually("the cancelled wait", || {
            cancel.cancel();
            waiting.is_finished().then_some(())
        });
        let (result, mut reader) = waiting.join().unwrap();
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled, "{way}");
        // The connection is still good, and answers to the cancelled request disturb nobody.
        simulator.place(&card()).unwrap();
        assert_eq!(eventually_read(&mut *reader, &[Scope::Identity]).nik, NIK, "{way}");
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
        ("unsupported", ErrorKind::InvalidRequest),
        ("denied", ErrorKind::Denied),
        ("not_reachable", ErrorKind::NotReachable),
        ("not_responding", ErrorKind::NotResponding),
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

#[test]
fn a_gateway_of_an_unknown_version_is_refused_by_name() {
    for (version, good) in [(0, false), (1, true), (2, true), (3, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut out = stream.try_clone().unwrap();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let request: serde_json::Value = serde_json::from_str(&line).unwrap();
                assert_eq!(request["protocol"], 2, "the kiosk says what it speaks");
                let status = format!("{{\"protocol\":{version},\"model\":\"x\"}}");
                let _ = writeln!(out, "{{\"id\":{},\"result\":\"ok\",\"status\":{status}}}", request["id"]);
            }
        });
        let mut reader = open_ektp_reader(&url(format!("gateway+tcp://{address}"))).unwrap();
        match reader.status() {
            Ok(_) => assert!(good, "{version}"),
            Err(error) => assert!(!good && error.to_string().contains("protocol"), "{version}: {error}"),
        }
    }
}

/// A WebSocket server that shares no code with us: the handshake and the frames by hand.
fn raw_ws(frames: Vec<u8>) -> Box<dyn EktpReader> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let key = lines
            .by_ref()
            .take_while(|line| !line.is_empty())
            .find_map(|line| {
                line.to_ascii_lowercase().starts_with("sec-websocket-key:").then(|| line[18..].trim().to_owned())
            })
            .unwrap();
        let script = "import sys,hashlib,base64; print(base64.b64encode(hashlib.sha1((sys.argv[1]+'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest()).decode())";
        let output = std::process::Command::new("python3").args(["-c", script, &key]).output();
        let accept = String::from_utf8(output.expect("install the Debian package python3").stdout).unwrap();
        let mut out = stream;
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
            accept.trim()
        );
        out.write_all(head.as_bytes()).unwrap();
        out.write_all(&frames).unwrap();
        // Stays open until the kiosk hangs up.
        let _ = std::io::copy(&mut out.try_clone().unwrap(), &mut std::io::sink());
    });
    open_ektp_reader(&url(format!("gateway+ws://{address}/"))).unwrap()
}

fn text_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let head = if length < 126 { vec![0x81, length] } else { vec![0x81, 126, 0, length] };
    [&head[..], text.as_bytes()].concat()
}

#[test]
fn frames_of_a_foreign_websocket_server_are_understood_or_refused() {
    let status = r#"{"id":1,"result":"ok", "status":{"protocol":2,"model":"raw"}}"#;
    // A ping first, then a status cut in two frames and indented over two lines.
    let (first, second) = status.split_at(20);
    let second = second.replace(' ', "\n  ");
    let mut frames = vec![0x89, 2, b'h', b'i', 0x01, u8::try_from(first.len()).unwrap()];
    frames.extend_from_slice(first.as_bytes());
    frames.extend([0x80, u8::try_from(second.len()).unwrap()]);
    frames.extend_from_slice(second.as_bytes());
    let mut reader = raw_ws([frames, text_frame(&status.replace("\"id\":1", "\"id\":2"))].concat());
    assert_eq!(reader.status().unwrap().model, "raw");

    for (name, frames, expected) in [
        ("binary", vec![0x82, 1, 0], ErrorKind::Garbled),
        ("not UTF-8", vec![0x81, 1, 0xFF], ErrorKind::Garbled),
        ("huge", vec![0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0], ErrorKind::Garbled),
        ("reserved bits", vec![0xF1, 0], ErrorKind::Garbled),
        ("not JSON", text_frame("<html>"), ErrorKind::Garbled),
        ("close", vec![0x88, 0], ErrorKind::NotReachable),
        ("silence", vec![], ErrorKind::NotResponding),
        ("half a frame", vec![0x81, 50, b'{'], ErrorKind::NotResponding),
    ] {
        let error = raw_ws(frames).read(&[Scope::Identity], Duration::from_millis(700)).unwrap_err();
        assert_eq!(error.kind(), expected, "{name}: {error}");
    }
}

#[test]
fn a_web_server_that_is_no_gateway_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let _ = (&stream).write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let error = open_ektp_reader(&url(format!("gateway+ws://{address}/x"))).unwrap().status().unwrap_err();
    assert!(error.kind() == ErrorKind::NotReachable && error.to_string().contains("404"), "{error}");
}

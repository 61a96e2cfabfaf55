//! The PC/SC driver in its helper process, against the real pcscd with our card and SAM in its virtual reader.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anjungan_hardware::ektp_reader::{CardFile, ChipFile, ChipSimulator, Misbehaviour, SIMULATED_LICENCE};
use anjungan_hardware::{CardEvent, EktpReader, ErrorKind, Health, Origin, Reading, Scope, open_ektp_reader};
use tempfile::TempDir;

use crate::ektp_daemon::Daemon;
use crate::support::{PATIENCE, eventually, url};

const NIK: &str = "3315136808909001";
const NAME: &str = "CONTOH PEMOHON";
const UID: &str = "04A1B2C3D4E580";
const READ: Duration = Duration::from_secs(3);

pub struct Bench {
    pub folder: TempDir,
    card: ChipSimulator,
    _sam: ChipSimulator,
    daemon: Daemon,
}

pub fn bench() -> Bench {
    bench_with(Daemon::start())
}

fn bench_with(daemon: Daemon) -> Bench {
    let folder = TempDir::new().unwrap();
    let card = ChipSimulator::start_card(&daemon.card_address(), folder.path()).unwrap();
    let sam = ChipSimulator::start_sam(&daemon.sam_address(), folder.path()).unwrap();
    let licence = folder.path().join("licence.json");
    fs::write(&licence, SIMULATED_LICENCE).unwrap();
    fs::set_permissions(&licence, fs::Permissions::from_mode(0o600)).unwrap();
    Bench { folder, card, _sam: sam, daemon }
}

impl Bench {
    /// The URL of the reader with the SAM.
    fn url(&self) -> String {
        let licence = self.folder.path().join("licence.json");
        format!("pcsc:virtual pcd 00 00?sam=PCD 00 01&licence={}&photo=1", licence.display())
    }

    pub fn reader(&self) -> Box<dyn EktpReader> {
        open_ektp_reader(&url(self.url())).unwrap()
    }

    fn place(&self, chip: ChipFile) {
        let mut card = CardFile::new(NIK, NAME);
        card.fields.insert("birth_place".into(), "GROBOGAN".into());
        card.fields.insert("address".into(), "JL. CONTOH, RT 1".into());
        self.card.place(&card, &chip).unwrap();
    }

    /// The sound card, wherever the reader stood before.
    fn recovers(&self, reader: &mut dyn EktpReader) -> Reading {
        self.place(ChipFile::default());
        eventually("a reading of the sound card", || reader.read(&[Scope::Identity], READ).ok())
    }
}

/// Waits until a new card was noticed, and gives what reading it comes to.
fn kind(reader: &mut dyn EktpReader) -> Option<ErrorKind> {
    assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
    reader.read(&[Scope::Identity], READ).err().map(|error| error.kind())
}

fn gone(reader: &mut dyn EktpReader) {
    eventually("the card to be gone", || reader.status().ok().filter(|status| !status.card_present));
}

#[test]
fn a_card_is_noticed_and_named_but_tells_nobody_without_a_sam() {
    let bench = bench();
    let mut reader = open_ektp_reader(&url("pcsc:Virtual PCD 00 00")).unwrap();
    let status = eventually("the reader", || reader.status().ok());
    assert!(!status.card_present && status.simulated && status.model.contains("Virtual PCD"), "{status:?}");
    assert_eq!(reader.wait_card(Duration::from_millis(300)).unwrap(), CardEvent::NoCard);

    bench.place(ChipFile { uid: Some(UID.into()), ..ChipFile::default() });
    assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
    let first = reader.status().unwrap().card_id.expect("a hint");
    assert!(!first.to_uppercase().contains("A1B2"), "the hint is not the card's number");
    let error = reader.read(&[Scope::Identity], READ).unwrap_err();
    assert_eq!((error.kind(), error.health()), (ErrorKind::InvalidRequest, Health::Ready));
    assert!(error.to_string().contains("SAM"), "{error}");

    // A program that shares no code with us reads the same number from the same card.
    let output = bench.daemon.opensc(&["-r", "0", "-s", "FF:CA:00:00:00"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "opensc-tool (Debian package opensc): {output:?}");
    assert!(said.contains("SW1=0x90, SW2=0x00") && said.contains("04 A1 B2 C3 D4 E5 80"), "{said}");

    bench.card.remove();
    gone(&mut *reader);
    assert_eq!(reader.status().unwrap().card_id, None);
    bench.place(ChipFile::default());
    assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
    assert_ne!(reader.status().unwrap().card_id.expect("a hint"), first, "another card has another name");
}

#[test]
fn the_chip_is_read_through_the_sam() {
    let bench = bench();
    let mut reader = bench.reader();
    let photo = [&[0xFF, 0xD8, 0xFF, 0xE0], &[0x5A; 5000][..]].concat();
    fs::write(bench.folder.path().join("photo.jpg"), &photo).unwrap();
    for type_b in [false, true] {
        bench.place(ChipFile { type_b, ..ChipFile::default() });
        let reading = eventually("a reading", || reader.read(&[Scope::Identity, Scope::Biodata], READ).ok());
        assert_eq!((reading.nik.as_str(), reading.name.as_deref()), (NIK, Some(NAME)));
        assert_eq!(reading.address.as_deref(), Some("JL. CONTOH, RT 1"));
        assert_eq!(reading.origin, Origin::Simulated);
        assert_eq!(reading.photo, None, "nobody asked for it");
        let status = reader.status().unwrap();
        assert_eq!(reading.card_id, status.card_id);
        assert!(status.model.contains("not verified with a production SAM"), "{}", status.model);
        let with_photo = reader.read(&[Scope::Photo], READ).unwrap();
        assert_eq!(with_photo.photo.as_deref(), Some(&photo[..]));
        assert_eq!((with_photo.name, with_photo.address), (None, None));
        bench.card.remove();
        gone(&mut *reader);
    }
}

#[test]
fn every_fault_of_a_card_has_its_word_and_the_next_card_is_read() {
    let bench = bench();
    let mut reader = bench.reader();
    eventually("the reader", || reader.status().ok());
    // A reading asks for: 0 number, 1 application, 2 chip number, 3 and 4 control data, 5 challenge, 6 proof, then
    // secured messages, and the number again.
    for (chip, expected) in [
        (ChipFile::failing(3, Misbehaviour::Remove), ErrorKind::Removed),
        (ChipFile::failing(9, Misbehaviour::Remove), ErrorKind::Removed),
        (ChipFile::failing(2, Misbehaviour::OneByte), ErrorKind::Unreadable),
        (ChipFile::failing(5, Misbehaviour::Truncated), ErrorKind::Unreadable),
        (ChipFile::failing(5, Misbehaviour::Oversized), ErrorKind::Unreadable),
        (ChipFile::failing(1, Misbehaviour::Status("6A82".into())), ErrorKind::Unreadable),
        (ChipFile::failing(7, Misbehaviour::Status("6982".into())), ErrorKind::Unreadable),
        (ChipFile::failing(8, Misbehaviour::Swap), ErrorKind::Removed),
        (ChipFile::failing(0, Misbehaviour::TwoCards), ErrorKind::Removed),
        (ChipFile { atr: Some("00".into()), ..ChipFile::default() }, ErrorKind::Unreadable),
        (
            ChipFile {
                atr: Some("3B00".into()),
                faults: ChipFile::failing(1, Misbehaviour::Status("6E00".into())).faults,
                ..ChipFile::default()
            },
            ErrorKind::Unreadable,
        ),
    ] {
        bench.place(chip.clone());
        assert_eq!(kind(&mut *reader), Some(expected), "{chip:?}");
        bench.card.remove();
        gone(&mut *reader);
    }
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
}

#[test]
fn a_card_that_blocks_the_service_costs_one_deadline_and_nothing_else() {
    let bench = bench();
    let mut reader = bench.reader();
    for fault in [Misbehaviour::NoBytes, Misbehaviour::Mute] {
        assert_eq!(bench.recovers(&mut *reader).nik, NIK);
        bench.card.remove();
        gone(&mut *reader);
        bench.place(ChipFile::failing(4, fault.clone()));
        assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
        let start = Instant::now();
        let error = reader.read(&[Scope::Identity], Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotResponding, "{fault:?}: {error}");
        // Not a speed check: the service itself stays blocked for minutes.
        assert!(start.elapsed() < PATIENCE);
        // The card still lies there, and the reader does not claim to be well.
        assert_eq!(reader.health(), Health::NotResponding, "{fault:?}");
        bench.card.remove();
        eventually("the reader without the card", || (reader.health() == Health::Ready).then_some(()));
    }
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
}

#[test]
fn the_helper_gives_up_by_itself_when_nobody_kills_it() {
    let bench = bench();
    let mut reader = bench.reader();
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
    bench.card.remove();
    gone(&mut *reader);
    bench.place(ChipFile::failing(4, Misbehaviour::NoBytes));
    assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
    drop(reader);
    let mut helper = Command::new("env")
        .args([&bench.daemon.variable(), env!("CARGO_BIN_EXE_anjungan-device-helper"), "pcsc", &bench.url()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The input stays open, as it would under a parent that hangs itself.
    let mut input = helper.stdin.take().unwrap();
    input.write_all(b"{\"id\":1,\"verb\":\"read\",\"scopes\":[],\"timeout_ms\":400}\n").unwrap();
    let said = eventually("the helper's end", || helper.try_wait().unwrap());
    assert_eq!(said.code(), Some(3));
    let mut reply = String::new();
    helper.stdout.take().unwrap().read_to_string(&mut reply).unwrap();
    assert!(reply.contains("\"id\":1,\"result\":\"not_responding\""), "{reply}");
}

#[test]
fn the_service_may_be_absent_killed_and_started_again() {
    let mut bench = bench_with(Daemon::absent());
    let mut reader = bench.reader();
    assert_eq!(reader.health(), Health::NotReachable);
    assert_eq!(reader.read(&[Scope::Identity], READ).unwrap_err().kind(), ErrorKind::NotReachable);
    bench.daemon.switch_on();
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
    bench.daemon.switch_off();
    assert_eq!(reader.health(), Health::NotReachable);
    assert_eq!(reader.wait_card(READ).unwrap_err().kind(), ErrorKind::NotReachable);
    bench.daemon.switch_on();
    let first = bench.recovers(&mut *reader).card_id;

    // Started again unnoticed, with another card at the same count: it is not taken for the first one.
    bench.daemon.switch_off();
    bench.place(ChipFile { uid: Some(UID.into()), ..ChipFile::default() });
    bench.daemon.switch_on();
    eventually("the other card", || reader.wait_card(READ).ok().filter(|event| *event == CardEvent::Placed));
    let second = reader.status().unwrap().card_id;
    assert!(first.is_some() && second.is_some() && first != second);
    assert_eq!(reader.read(&[Scope::Identity], READ).unwrap().card_id, second);
}

#[test]
fn a_sam_that_is_missing_or_refuses_is_named() {
    let bench = bench();
    let mut reader = bench.reader();
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
    bench.card.set_sam(&ChipFile { absent: true, ..ChipFile::default() }).unwrap();
    let error = eventually("the missing SAM", || reader.status().err());
    assert!(error.kind() == ErrorKind::NotReachable && error.to_string().contains("SAM"), "{error}");
    bench.card.set_sam(&ChipFile::default()).unwrap();
    eventually("the SAM", || reader.status().ok());
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);

    let licence = bench.folder.path().join("licence.json");
    fs::write(&licence, format!("{{ \"pcid\": \"{}\", \"conf\": \"\" }}", "41".repeat(32))).unwrap();
    let error = reader.read(&[Scope::Identity], READ).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert!(!format!("{error:?}").contains("4141"), "{error:?}");
    // A SAM may count wrong attempts, so there is only one; a licence that was put right is tried at once.
    let error = reader.read(&[Scope::Identity], READ).unwrap_err();
    assert!(error.kind() == ErrorKind::Denied && error.to_string().contains("not tried again"), "{error}");
    fs::write(&licence, SIMULATED_LICENCE).unwrap();
    assert_eq!(reader.read(&[Scope::Identity], READ).unwrap().nik, NIK);
    fs::set_permissions(&licence, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(reader.health(), Health::NotReachable);
}

#[test]
fn another_program_that_holds_the_card_is_busy_not_broken() {
    let bench = bench();
    let mut reader = bench.reader();
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
    // While one reader of ours is in the middle of a card that says nothing, a second one finds it taken.
    bench.card.remove();
    gone(&mut *reader);
    bench.place(ChipFile::failing(6, Misbehaviour::Mute));
    assert_eq!(reader.wait_card(PATIENCE).unwrap(), CardEvent::Placed);
    let cancel = reader.cancel_handle();
    let held = std::thread::spawn(move || (reader.read(&[Scope::Identity], PATIENCE), reader));
    let mut second = bench.reader();
    let error = eventually("the busy card", || {
        second.read(&[Scope::Identity], READ).err().filter(|error| error.kind() != ErrorKind::Unreadable)
    });
    assert!(matches!(error.kind(), ErrorKind::Busy | ErrorKind::NotResponding), "{error:?}");
    cancel.cancel();
    let (result, mut reader) = held.join().unwrap();
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
    drop(second);
    assert_eq!(bench.recovers(&mut *reader).nik, NIK);
}

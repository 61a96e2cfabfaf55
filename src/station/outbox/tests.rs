//! Numbers, durability and wiping of the outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::clock::World;
use crate::domain::catalogue::{DocumentKey, VariantKey};
use crate::domain::nik::Nik;
use crate::domain::office::{OfficeCode, Zone};
use crate::domain::priority::Priority;
use crate::station::pixels::sha256;
use crate::wire::case::{ScanFacts, SlipDigests, SubmittedDocument};

const NIK: &str = "3315130101909001";

fn now() -> Timestamp {
    "2026-11-23T01:31:00Z".parse().unwrap()
}

fn series() -> Series {
    Series::parse("A").unwrap()
}

fn page() -> Arc<Page> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_fn(40, 60, |x, y| image::Rgb([x as u8, y as u8, 77]));
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    Arc::new(Page::from_bytes(bytes, 200).unwrap())
}

fn parcel(world: &World, at: Timestamp) -> (Parcel, Vec<ScanToKeep>, SlipToken) {
    let (token, page, document_id) = (world.slip_token(), page(), world.document_id());
    let scan = ScanFacts {
        sha256: sha256(&page.bytes),
        bytes: page.bytes.len() as u64,
        media_type: "image/png".to_owned(),
        width_px: page.width_px,
        height_px: page.height_px,
        dpi: page.dpi,
        seen: None,
    };
    let submission = Submission {
        office: OfficeCode::parse("3315").unwrap(),
        variant: VariantKey::parse("kk.hilang").unwrap(),
        service_version: "2022-01-04".to_owned(),
        applicant: Nik::parse(NIK).unwrap(),
        applicant_doubtful: false,
        no_kk: None,
        proxy: None,
        phone: None,
        answers: BTreeMap::new(),
        documents: vec![SubmittedDocument {
            document_id,
            kind: DocumentKey::parse("sk_hilang_polisi").unwrap(),
            scan: Some(scan),
        }],
        ticket: SubmittedTicket {
            ticket_id: world.ticket_id(),
            day: Zone::Wib.day(at),
            number: TicketNumber::new(series(), 1).unwrap(),
            priority: None,
        },
        slip: SlipDigests { token: token.digest(), code: token.manual_code().digest() },
        submitted_at: at,
        started_at: at,
    };
    let parcel = Parcel::Case { case_id: world.case_id(), submission: Box::new(submission) };
    (parcel, vec![ScanToKeep { document_id, media_type: "image/png", page }], token)
}

fn keep(outbox: &mut Outbox, world: &World, at: Timestamp) -> SubmittedTicket {
    let (parcel, scans, token) = parcel(world, at);
    outbox.keep(series(), parcel, &scans, Some(&token), at).unwrap()
}

#[test]
fn numbers_go_on_after_a_program_that_was_never_closed() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let mut outbox = Outbox::open(folder.path()).unwrap();
        for _ in 0..4 {
            assert!(seen.insert(keep(&mut outbox, &world, now()).number), "a number came twice");
        }
        // As after kill -9: no destructor runs, the log stays behind.
        std::mem::forget(outbox);
    }
    assert_eq!(seen.last().unwrap().to_string(), "A-020");
}

#[test]
fn a_day_has_its_own_numbers_also_when_the_clock_jumps_back() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let tomorrow: Timestamp = "2026-11-24T01:31:00Z".parse().unwrap();
    assert_eq!(keep(&mut outbox, &world, now()).number.to_string(), "A-001");
    assert_eq!(keep(&mut outbox, &world, tomorrow).number.to_string(), "A-001");
    assert_eq!(keep(&mut outbox, &world, tomorrow).day, date(2026, 11, 24));
    assert_eq!(keep(&mut outbox, &world, now()).number.to_string(), "A-002");
    assert_eq!(keep(&mut outbox, &world, tomorrow).number.to_string(), "A-003");
}

#[test]
fn the_same_parcel_twice_is_one_ticket() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let (parcel, scans, token) = parcel(&world, now());
    let first = outbox.keep(series(), parcel.clone(), &scans, Some(&token), now()).unwrap();
    let second = outbox.keep(series(), parcel, &scans, Some(&token), now()).unwrap();
    assert_eq!(first, second);
    assert_eq!(outbox.counts().unwrap().kept, 1);
}

#[test]
fn two_writers_never_share_a_number() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let path = folder.path().to_owned();
    let numbers: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let (path, world) = (path.clone(), world.clone());
                scope.spawn(move || {
                    let mut outbox = Outbox::open(&path).unwrap();
                    (0..10).map(|_| keep(&mut outbox, &world, now()).number).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    let unique: BTreeSet<_> = numbers.iter().collect();
    assert_eq!((numbers.len(), unique.len()), (40, 40));
}

#[test]
fn nothing_personal_stays_after_delivery() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let (parcel, scans, token) = parcel(&world, now());
    let ticket = outbox.keep(series(), parcel, &scans, Some(&token), now()).unwrap();
    let pending = outbox.next_pending(0, now()).unwrap().unwrap();
    assert_eq!(pending.parcel.ticket(), &ticket);
    let scan = outbox.scan(pending.seq, scans[0].document_id).unwrap().unwrap();
    assert_eq!(scan.bytes, scans[0].page.bytes);
    assert_eq!(outbox.slip_token(&ticket).unwrap(), Some(token.clone()));

    outbox.mark_delivered(pending.seq, now()).unwrap();
    outbox.wipe_tokens(now() + jiff::SignedDuration::from_mins(1)).unwrap();
    assert!(outbox.next_pending(0, now()).unwrap().is_none());
    assert_eq!(outbox.slip_token(&ticket).unwrap(), None);
    assert_eq!(outbox.counts().unwrap(), Counts { kept: 0, delivered: 1, refused: 0 });
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [NIK.as_bytes(), token.text().as_bytes(), &scans[0].page.bytes[60..90]] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "personal data is left in the file");
        }
    }
    assert_eq!(keep(&mut outbox, &world, now()).number.to_string(), "A-002");
}

#[test]
fn a_refused_parcel_is_kept_aside_whole() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    keep(&mut outbox, &world, now());
    keep(&mut outbox, &world, now());
    let first = outbox.next_pending(0, now()).unwrap().unwrap();
    outbox.mark_refused(first.seq, "CASE-CONFLICT", now()).unwrap();
    let second = outbox.next_pending(0, now()).unwrap().unwrap();
    assert_ne!(first.seq, second.seq);
    assert_eq!(outbox.counts().unwrap(), Counts { kept: 1, delivered: 0, refused: 1 });
}

#[test]
fn a_full_disk_gives_no_number() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    assert_eq!(keep(&mut outbox, &world, now()).number.to_string(), "A-001");
    let pages: i64 = outbox.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    outbox.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let mut refused = 0;
    for _ in 0..20 {
        let (parcel, scans, token) = parcel(&world, now());
        refused += u32::from(outbox.keep(series(), parcel, &scans, Some(&token), now()).is_err());
    }
    assert!(refused > 0, "the file never became full");
    outbox.db.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
    let kept = outbox.counts().unwrap().kept;
    assert_eq!(u32::from(keep(&mut outbox, &world, now()).number.number()), kept + 1, "a refusal used up a number");
}

#[test]
fn foreign_newer_and_damaged_files_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(OUTBOX_FILE);
    drop(Outbox::open(folder.path()).unwrap());
    for pragma in ["user_version = 99", "application_id = 7"] {
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!("PRAGMA {pragma}")).unwrap();
        drop(db);
        assert!(matches!(Outbox::open(folder.path()), Err(OutboxError::Unusable(_))), "{pragma}");
    }
    std::fs::write(&path, b"this is no database, but it is long enough to be looked at as one").unwrap();
    assert!(Outbox::open(folder.path()).is_err());
}

#[test]
fn the_last_number_of_a_day_is_the_last() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    outbox.db.execute("INSERT INTO issued VALUES ('2026-11-23', 'A', 9999)", []).unwrap();
    let (parcel, scans, token) = parcel(&world, now());
    assert!(matches!(outbox.keep(series(), parcel, &scans, Some(&token), now()), Err(OutboxError::NumbersUsedUp)));
}

#[test]
fn what_was_refused_is_offered_again() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let ticket = keep(&mut outbox, &world, now());
    let seq = outbox.next_pending(0, now()).unwrap().unwrap().seq;
    outbox.mark_refused(seq, "TICKET-DUPLICATE", now()).unwrap();
    assert_eq!(outbox.retry_refused().unwrap(), 1);
    let again = outbox.next_pending(0, now()).unwrap().unwrap();
    assert_eq!((again.seq, again.parcel.ticket()), (seq, &ticket));
    outbox.mark_delivered(seq, now()).unwrap();
    assert_eq!(outbox.retry_refused().unwrap(), 0, "what is delivered stays delivered");
}

#[test]
fn only_the_kiosks_own_user_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    // An administrator has made the outer folder before, open to all.
    let data = folder.path().join("kiosk");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut outbox = Outbox::open(&data).unwrap();
    keep(&mut outbox, &world, now());
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
    }
}

fn ticket(world: &World, priority: Option<Priority>) -> SubmittedTicket {
    let number = TicketNumber::new(series(), 1).unwrap();
    SubmittedTicket { ticket_id: world.ticket_id(), day: Zone::Wib.day(now()), number, priority }
}

#[test]
fn tickets_without_a_new_case_are_kept_in_the_same_series_and_read_back() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let walk_in = Parcel::WalkIn { ticket: ticket(&world, Some(Priority::Disability)), taken_at: now() };
    let pickup = Parcel::Pickup {
        case_id: world.case_id(),
        slip_token: world.slip_token().digest(),
        ticket: ticket(&world, None),
        taken_at: now(),
    };
    keep(&mut outbox, &world, now());
    let mut seq = outbox.next_pending(0, now()).unwrap().unwrap().seq;
    for (parcel, number) in [(walk_in, "A-002"), (pickup, "A-003")] {
        let kept = outbox.keep(series(), parcel.clone(), &[], None, now()).unwrap();
        assert_eq!(kept.number.to_string(), number);
        assert_eq!(outbox.keep(series(), parcel.clone(), &[], None, now()).unwrap(), kept, "the same parcel again");
        let mut numbered = parcel;
        numbered.set_number(kept.number);
        let pending = outbox.next_pending(seq, now()).unwrap().unwrap();
        assert_eq!(pending.parcel, numbered);
        seq = pending.seq;
    }
    assert_eq!(outbox.counts().unwrap().kept, 3);
}

#[test]
fn why_somebody_should_not_wait_is_wiped_after_delivery() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let mut outbox = Outbox::open(folder.path()).unwrap();
    let parcel = Parcel::WalkIn { ticket: ticket(&world, Some(Priority::Disability)), taken_at: now() };
    let kept = outbox.keep(series(), parcel, &[], None, now()).unwrap();
    assert_eq!(kept.priority, Some(Priority::Disability));
    let seq = outbox.next_pending(0, now()).unwrap().unwrap().seq;
    outbox.mark_delivered(seq, now()).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = Priority::Disability.key().as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "a disability is left in the file");
    }
}

#[test]
fn a_file_of_the_first_form_keeps_its_parcels_scans_and_numbers() {
    let (folder, world) = (TempDir::new().unwrap(), World::system());
    let db = Connection::open(folder.path().join(OUTBOX_FILE)).unwrap();
    db.execute_batch(schema::MIGRATIONS[0]).unwrap();
    db.execute_batch(
        "PRAGMA user_version = 1; PRAGMA foreign_keys = ON; INSERT INTO issued VALUES ('2026-11-23', 'A', 7)",
    )
    .unwrap();
    let (Parcel::Case { case_id, submission }, scans, token) = parcel(&world, now()) else { panic!("a case") };
    let body = serde_json::to_string(&submission).unwrap();
    assert!(!body.contains("phone") && !body.contains("priority"), "as an older kiosk wrote it");
    db.execute(
        "INSERT INTO item (kind, case_id, write_id, day, number, ticket, body, slip_token, state, kept_at_ms)
         VALUES ('case', ?1, ?1, '2026-11-23', 'A-007', ?2, ?3, ?4, 'kept', 0)",
        params![case_id.to_string(), serde_json::to_string(&submission.ticket).unwrap(), body, token.text()],
    )
    .unwrap();
    let kept = &scans[0];
    db.execute(
        "INSERT INTO scan VALUES (1, ?1, ?2, ?3)",
        params![kept.document_id.to_string(), kept.media_type, kept.page.bytes],
    )
    .unwrap();
    drop(db);

    let mut outbox = Outbox::open(folder.path()).unwrap();
    let pending = outbox.next_pending(0, now()).unwrap().unwrap();
    assert_eq!(pending.parcel, Parcel::Case { case_id, submission });
    assert_eq!(outbox.scan(pending.seq, kept.document_id).unwrap().unwrap().bytes, kept.page.bytes);
    let parcel = Parcel::WalkIn { ticket: ticket(&world, None), taken_at: now() };
    assert_eq!(outbox.keep(series(), parcel, &[], None, now()).unwrap().number.to_string(), "A-008");
    assert!(outbox.db.execute("DELETE FROM item WHERE seq = 1", []).is_err(), "scans still belong to their parcel");
}

//! The one writer: jobs in, commits in groups, answers only after the commit.
//!
//! Each job runs in its own savepoint, so a refused or panicking job takes nothing of its neighbours with it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::{OpenError, StoreError, Tx, View};
use crate::domain::office::OfficeCode;

/// Jobs that may wait; a caller beyond that waits to be let in.
const QUEUE_LENGTH_MAX: usize = 256;
/// Jobs that share one commit.
const GROUP_LENGTH_MAX: usize = 64;

/// What a job leaves behind until the commit is known.
struct Ran {
    keep: bool,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

type Job = Box<dyn FnOnce(&Tx<'_>) -> Ran + Send>;

/// Handle of the writer thread. The thread ends when the last handle is gone.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    latest: watch::Receiver<u64>,
    poisoned: watch::Receiver<bool>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(conn: Connection, office: OfficeCode) -> Result<Self, OpenError> {
        let seq = latest_seq(&conn).map_err(OpenError::from)?;
        let (jobs, inbox) = mpsc::channel(QUEUE_LENGTH_MAX);
        let (latest_tx, latest) = watch::channel(seq);
        let (poisoned_tx, poisoned) = watch::channel(false);
        let desk = Desk { conn, office: Arc::new(office), latest: latest_tx, poisoned: poisoned_tx };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || desk.work(inbox))
            .map_err(|source| OpenError::Folder { path: "the writer thread".into(), source })?;
        Ok(Self { jobs, latest, poisoned })
    }

    pub(super) async fn run<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = wrap(job);
        self.jobs.send(job).await.map_err(|_| self.gone())?;
        answer.await.unwrap_or_else(|_| Err(self.gone().into()))
    }

    pub(super) fn run_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = wrap(job);
        self.jobs.blocking_send(job).map_err(|_| self.gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(self.gone().into()))
    }

    fn gone(&self) -> StoreError {
        if *self.poisoned.borrow() { StoreError::Poisoned } else { StoreError::Lost }
    }

    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.latest.clone()
    }

    pub(super) async fn poisoned(&self) {
        let mut poisoned = self.poisoned.clone();
        // An error means that the writer's thread is gone. While a handle lives it only goes by a panic: as final.
        let _ = poisoned.wait_for(|is| *is).await;
    }
}

fn wrap<T, E, F>(job: F) -> (Job, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |tx| {
        let result = job(tx);
        Ran {
            keep: result.is_ok(),
            answer: Box::new(move |committed| {
                // A refusal too: it may rest on what a neighbour wrote in the same transaction.
                let result = committed.map_err(E::from).and(result);
                // The caller may have hung up; the work is done all the same.
                let _ = sender.send(result);
            }),
        }
    });
    (job, receiver)
}

struct Desk {
    conn: Connection,
    office: Arc<OfficeCode>,
    latest: watch::Sender<u64>,
    poisoned: watch::Sender<bool>,
}

impl Desk {
    fn work(mut self, mut inbox: mpsc::Receiver<Job>) {
        while let Some(first) = inbox.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP_LENGTH_MAX
                && let Ok(job) = inbox.try_recv()
            {
                group.push(job);
            }
            if let Err(Poisoned) = self.commit(group) {
                tracing::error!("a commit failed: the store takes no further work, the process must end");
                self.poisoned.send_replace(true);
                return;
            }
        }
    }

    /// Runs a group in one transaction. The answers go out after the commit, or all of them say it failed.
    fn commit(&mut self, group: Vec<Job>) -> Result<(), Poisoned> {
        let tx = match self.conn.transaction_with_behavior(TransactionBehavior::Immediate) {
            Ok(tx) => tx,
            Err(error) => {
                // Dropping the jobs answers every caller with `Lost`; nothing was begun, so the next group may succeed.
                tracing::error!(%error, "cannot begin a transaction");
                return Ok(());
            }
        };
        let mut answers = Vec::with_capacity(group.len());
        let broken = Cell::new(false);
        for job in group {
            if let Some(answer) = run_one(&tx, &self.office, job, &broken) {
                answers.push(answer);
            }
            if broken.get() {
                break;
            }
        }
        if broken.get() {
            // The engine itself ended the transaction (disk full, I/O error): nothing of the group is on disk.
            drop(tx);
            answers.into_iter().for_each(|answer| answer(Err(StoreError::NotCommitted)));
            // A rollback that failed leaves a transaction behind in which nothing could be begun any more.
            return if self.conn.is_autocommit() { Ok(()) } else { Err(Poisoned) };
        }
        let seq = latest_seq(&tx);
        match tx.commit() {
            Ok(()) => {
                // Before the answers: whoever has one and then follows must not be told its own past.
                if let Ok(seq) = seq {
                    self.latest.send_if_modified(|latest| std::mem::replace(latest, seq) != seq);
                }
                answers.into_iter().for_each(|answer| answer(Ok(())));
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "commit failed");
                answers.into_iter().for_each(|answer| answer(Err(StoreError::NotCommitted)));
                Err(Poisoned)
            }
        }
    }
}

/// The commit failed: what is on disk is unknown until the file is opened anew.
struct Poisoned;

type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Runs a statement that is kept ready: it comes with every job.
fn say(conn: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

fn run_one(conn: &Connection, office: &OfficeCode, job: Job, broken: &Cell<bool>) -> Option<Answer> {
    if let Err(error) = say(conn, "SAVEPOINT job") {
        tracing::error!(%error, "cannot open a savepoint");
        broken.set(conn.is_autocommit());
        return None;
    }
    let tx = Tx { view: View { conn, office } };
    let ran = catch_unwind(AssertUnwindSafe(|| job(&tx)));
    if conn.is_autocommit() {
        broken.set(true);
        return ran.ok().map(|ran| ran.answer);
    }
    let back = if matches!(&ran, Ok(ran) if ran.keep) { Ok(()) } else { say(conn, "ROLLBACK TO job") };
    if let Err(error) = back.and_then(|()| say(conn, "RELEASE job")) {
        tracing::error!(%error, "cannot close a savepoint");
        broken.set(true);
    }
    match ran {
        Ok(ran) => Some(ran.answer),
        Err(_) => {
            tracing::error!("a job of the store panicked and was rolled back");
            None
        }
    }
}

fn latest_seq(conn: &Connection) -> Result<u64, rusqlite::Error> {
    let seq: i64 = conn.prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM journal")?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(seq).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema::open_writer;

    fn desk(dir: &tempfile::TempDir) -> Desk {
        let conn = open_writer(&dir.path().join("store.db")).expect("a new file");
        let office = Arc::new(OfficeCode::parse("3315").expect("a code"));
        Desk { conn, office, latest: watch::channel(0).0, poisoned: watch::channel(false).0 }
    }

    #[test]
    fn nobody_is_answered_when_the_engine_ends_the_transaction() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut desk = desk(&dir);
        let (done, mut done_answer) = wrap(|_: &Tx<'_>| Ok::<_, StoreError>(1));
        let refused = |_: &Tx<'_>| Err::<(), _>(StoreError::Garbled { column: "refused on purpose" });
        let (refused, mut refused_answer) = wrap(refused);
        // As the engine does when the disk is full.
        let (full, mut full_answer) = wrap(|tx: &Tx<'_>| Ok::<_, StoreError>(tx.conn.execute_batch("ROLLBACK")?));
        let (late, mut late_answer) = wrap(|_: &Tx<'_>| Ok::<_, StoreError>(()));
        assert!(desk.commit(vec![done, refused, full, late]).is_ok(), "the next group may succeed");
        assert!(matches!(done_answer.try_recv(), Ok(Err(StoreError::NotCommitted))));
        assert!(matches!(refused_answer.try_recv(), Ok(Err(StoreError::NotCommitted))), "it may rest on the first");
        assert!(matches!(full_answer.try_recv(), Ok(Err(StoreError::NotCommitted))));
        assert!(late_answer.try_recv().is_err(), "never run");
        let (next, mut next_answer) = wrap(|_: &Tx<'_>| Ok::<_, StoreError>(2));
        assert!(desk.commit(vec![next]).is_ok());
        assert!(matches!(next_answer.try_recv(), Ok(Ok(2))));
    }

    #[test]
    fn a_failed_commit_acknowledges_nothing_and_poisons() {
        let dir = tempfile::tempdir().expect("a folder");
        let desk = desk(&dir);
        let (jobs, inbox) = mpsc::channel(4);
        let poisoned = desk.poisoned.subscribe();
        let (job, answer) = wrap(|tx: &Tx<'_>| {
            // A reference to nobody that is only looked at when the transaction ends: the commit itself fails.
            let sql = "PRAGMA defer_foreign_keys = ON; INSERT INTO sessions VALUES ('t', '3315', 'nobody', 0, 0, 0)";
            Ok::<_, StoreError>(tx.conn.execute_batch(sql)?)
        });
        jobs.try_send(job).unwrap_or_else(|_| panic!("a free place"));
        std::thread::spawn(move || desk.work(inbox)).join().expect("an end without a panic");
        assert!(matches!(answer.blocking_recv(), Ok(Err(StoreError::NotCommitted))));
        assert!(*poisoned.borrow());
        assert!(jobs.is_closed(), "nothing more is taken");
    }
}

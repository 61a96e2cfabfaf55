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
        if poisoned.wait_for(|is| *is).await.is_err() {
            // The writer ended in good order: there is nothing to wait for.
            std::future::pending::<()>().await;
        }
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
                // A refusal stands whatever became of the commit; an answer does not.
                let result = result.and_then(|value| committed.map(|()| value).map_err(E::from));
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
            return Ok(());
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

fn run_one(conn: &Connection, office: &OfficeCode, job: Job, broken: &Cell<bool>) -> Option<Answer> {
    if let Err(error) = conn.execute_batch("SAVEPOINT job") {
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
    let end = if matches!(&ran, Ok(ran) if ran.keep) { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    if let Err(error) = conn.execute_batch(end) {
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

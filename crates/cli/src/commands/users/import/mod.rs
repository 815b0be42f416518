//! `usermgmt users import`: users from a file, in batches that are stored together with how far the import has come.

mod file;
mod rejects;
mod resuming;
mod tally;

use std::time::Duration;

use application::users::{
    ImportBatch, ImportUsersError, Imported, OnConflict, PreparedImport, SourcePosition, Verdict,
};
use domain::ports::{ImportProgress, StorageFault};
use domain::violation::FieldViolation;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::sleep;
use user_files::Record;

use self::file::{Part, Source};
use self::rejects::Rejects;
use self::resuming::Prefix;
use self::tally::Tally;
use super::Desk;
use crate::arguments::ImportArguments;
use crate::commands::{Failure, print};
use crate::compose;
use crate::progress::Progress;

/// So long an import waits for a database that does not answer, between two parts.
const PATIENCE: Duration = Duration::from_mins(2);

/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

impl Desk {
    pub(super) async fn import(&self, arguments: ImportArguments) -> Result<(), Failure> {
        let mut source = Source::open(&arguments, self.password_policy)?;
        let progress = Progress::of_file("importing", source.length());
        let mut import = Import {
            desk: self,
            on_conflict: arguments.on_conflict.into(),
            is_dry: arguments.dry_run,
            source: None,
            prefix: Prefix::default(),
            skip: None,
            tally: Tally::default(),
            rejects: Rejects::none(),
        };
        let mut is_first = true;
        while let Some(part) = source.next().await {
            let part = part?;
            if std::mem::take(&mut is_first) {
                import.begin(&arguments, &source, &part).await?;
            }
            let bytes = part.bytes;
            import.go_on(part).await?;
            progress.show_file(bytes, import.prefix.records());
        }
        drop(progress);
        print(&import.tally.told(arguments.dry_run))?;
        import.rejects.verdict(import.tally.rejected, arguments.rejected.as_deref())
    }
}

/// An import under way.
struct Import<'a> {
    desk: &'a Desk,
    on_conflict: OnConflict,
    is_dry: bool,
    /// What stands for the source; in a dry run nothing is kept.
    source: Option<domain::values::Digest>,
    prefix: Prefix,
    /// How far an earlier run has come.
    skip: Option<ImportProgress>,
    tally: Tally,
    rejects: Rejects,
}

impl Import<'_> {
    /// Finds out whether an earlier run was interrupted.
    async fn begin(&mut self, arguments: &ImportArguments, source: &Source, first: &Part) -> Result<(), Failure> {
        if !self.is_dry {
            let digest = resuming::source(arguments, first.records.first());
            let stored = self.desk.users.import_progress(digest).await;
            let stored =
                stored.map_err(|error| Failure::because("how far the import has come cannot be read", &error))?;
            self.skip = stored.filter(|stored| stored.finished_at.is_none() && !arguments.restart);
            self.source = Some(digest);
        }
        let is_resumed = self.skip.is_some();
        if let Some(before) = &self.skip {
            self.tally = Tally::of(before);
            eprint_line(&format!(
                "an import of this file was interrupted after {} records: going on there",
                before.records
            ));
        }
        self.rejects = Rejects::open(arguments.rejected.as_deref(), source.rejected_rows(), is_resumed)?;
        Ok(())
    }

    async fn go_on(&mut self, part: Part) -> Result<(), Failure> {
        let Part { mut records, is_last, .. } = part;
        if let Some(before) = &self.skip {
            let left = usize::try_from(before.records - self.prefix.records()).unwrap_or(0);
            let rest = records.split_off(left.min(records.len()));
            for record in &records {
                self.prefix.add(record);
            }
            if self.prefix.records() == before.records {
                if self.prefix.digest() != before.prefix {
                    return Err(resuming::another_file(before.records));
                }
                self.skip = None;
            } else if is_last {
                return Err(resuming::another_file(before.records));
            }
            records = rest;
            if records.is_empty() && !is_last {
                return Ok(());
            }
        }
        match self.store(&records, is_last).await {
            Err(ImportUsersError::OneByOne) => {
                let count = records.len();
                for (index, record) in records.into_iter().enumerate() {
                    let is_last = is_last && index + 1 == count;
                    self.store(&[record], is_last).await.map_err(|error| failed(&error))?;
                }
                Ok(())
            }
            stored => stored.map_err(|error| failed(&error)),
        }?;
        self.rejects.take_error()
    }

    /// Stores a batch, and what of it is rejected.
    async fn store(&mut self, records: &[Record], is_last: bool) -> Result<(), ImportUsersError> {
        let mut after = self.prefix.clone();
        for record in records {
            after.add(record);
        }
        let broken = records.iter().filter(|record| record.user.is_err()).count();
        let position = self.source.map(|source| SourcePosition {
            source,
            from: self.prefix.records(),
            to: after.records(),
            prefix: after.digest(),
            rejected: i64::try_from(broken).unwrap_or(0),
            is_last,
        });
        let users = self.prepare(records).await?;
        let batch = ImportBatch { users, on_conflict: self.on_conflict, source: position };
        let start = self.rejects.position();
        let verdict = if self.is_dry { Verdict::Discard } else { Verdict::Keep };
        let before_commit = |outcomes: &[Imported]| {
            // Written before anything is final, so that no rejected record is lost; over what an attempt before wrote.
            if self.rejects.write(start, rejected(records, outcomes)) { verdict } else { Verdict::Discard }
        };
        let outcomes = self.stored(&batch, &before_commit).await?;
        self.tally.add(&outcomes, broken);
        self.prefix = after;
        Ok(())
    }

    /// Stores a batch, and waits for a database that is away or slow: hours of work should not end with a restart.
    async fn stored(
        &self,
        batch: &ImportBatch,
        before_commit: &(dyn Fn(&[Imported]) -> Verdict + Send + Sync),
    ) -> Result<Vec<Imported>, ImportUsersError> {
        let mut waited = Duration::ZERO;
        loop {
            let stored = self.desk.users.import(&self.desk.context, batch, before_commit).await;
            let Err(ImportUsersError::Storage(error)) = &stored else { return stored };
            let may_pass = matches!(error.fault(), StorageFault::Unavailable | StorageFault::Retryable);
            if !may_pass || waited >= PATIENCE {
                return stored;
            }
            if waited.is_zero() {
                eprint_line("the database does not answer in time: waiting for it");
            }
            sleep(PAUSE).await;
            waited += PAUSE;
        }
    }

    /// As many at once as hash at once, and some that wait.
    async fn prepare(&self, records: &[Record]) -> Result<Vec<PreparedImport>, ImportUsersError> {
        let users = records.iter().filter_map(|record| record.user.as_ref().ok()).cloned();
        let prepare = |user| self.desk.users.prepare_import(&self.desk.context, user);
        stream::iter(users.map(prepare)).buffered(2 * compose::cores()).try_collect().await
    }
}

/// The records that are rejected, with why: those that are broken, and those that cannot be taken over.
fn rejected<'r>(
    records: &'r [Record],
    outcomes: &'r [Imported],
) -> impl Iterator<Item = (&'r Record, &'r [FieldViolation])> {
    let mut outcomes = outcomes.iter();
    records.iter().filter_map(move |record| match &record.user {
        Err(reasons) => Some((record, reasons.as_slice())),
        Ok(_) => match outcomes.next() {
            Some(Imported::Rejected(reasons)) => Some((record, reasons.as_slice())),
            _ => None,
        },
    })
}

fn failed(error: &ImportUsersError) -> Failure {
    Failure::because("the import stopped; the same command goes on from here", error)
}

fn eprint_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

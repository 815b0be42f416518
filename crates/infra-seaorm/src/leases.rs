//! The table `leases`. Each change is one statement and a transaction of its own.
//!
//! A lease that was given back keeps its row, with the nil UUID for an owner, so that its term goes on growing: who takes it
//! now and then never looks as if they had stopped while they held it.

use async_trait::async_trait;
use domain::ports::{Lease, Leases, StorageError};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::statements::statement;
use crate::storage::SeaOrmStorage;

#[async_trait]
impl Leases for SeaOrmStorage {
    async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        Ok(self.last(name).await?.filter(|lease| !lease.owner.is_nil()))
    }

    async fn take(&self, name: &str, seen: Option<Lease>, owner: Uuid) -> Result<Option<Lease>, StorageError> {
        let before = match seen {
            Some(seen) => Some(seen),
            None => match self.last(name).await? {
                Some(held) if !held.owner.is_nil() => return Ok(None),
                given_back => given_back,
            },
        };
        let (change, term) = match &before {
            Some(before) => (replace(self.backend(), name, before, owner), before.term + 1),
            None => (statement(self.backend(), INSERT, [name.into(), owner.into(), FIRST_TERM.into()]), FIRST_TERM),
        };
        match self.write(change).await {
            Ok(changed) => Ok((changed == 1).then(|| Lease { name: name.to_owned(), owner, term })),
            // Somebody else inserted the row, or is just changing it.
            Err(failure) if self.is_conflict(&failure) || self.is_lost_race(&failure) => Ok(None),
            Err(failure) => Err(self.storage_error(failure)),
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
        let renewed = self.write(replace(self.backend(), &lease.name, lease, lease.owner)).await;
        let renewed = renewed.map_err(|failure| self.storage_error(failure))?;
        Ok((renewed == 1).then(|| Lease { term: lease.term + 1, ..lease.clone() }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        let released = self.write(replace(self.backend(), &lease.name, lease, Uuid::nil())).await;
        released.map(|_| ()).map_err(|failure| self.storage_error(failure))
    }
}

impl SeaOrmStorage {
    /// The lease as it is or was last; nobody's has the nil UUID for an owner.
    async fn last(&self, name: &str) -> Result<Option<Lease>, StorageError> {
        let rows = self.rows_of(statement(self.backend(), FIND, [name.into()])).await?;
        let row = rows.first().map(|row| LeaseRow::from_query_result(row, "")).transpose().map_err(unreadable)?;
        Ok(row.map(|LeaseRow { owner, term }| Lease { name: name.to_owned(), owner, term }))
    }
}

/// Puts another owner, or the same, in the place of one that is still there.
fn replace(backend: DbBackend, name: &str, seen: &Lease, owner: Uuid) -> Statement {
    statement(backend, REPLACE, [owner.into(), name.into(), seen.owner.into(), seen.term.into()])
}

#[derive(Debug, FromQueryResult)]
struct LeaseRow {
    owner: Uuid,
    term: i64,
}

const FIRST_TERM: i64 = 1;
const FIND: &str = "SELECT owner, term FROM leases WHERE name = ?";
const INSERT: &str = "INSERT INTO leases (name, owner, term) VALUES (?, ?, ?)";
const REPLACE: &str = "UPDATE leases SET owner = ?, term = term + 1 WHERE name = ? AND owner = ? AND term = ?";

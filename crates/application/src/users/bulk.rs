//! Many operations in one call: each on its own, or all or none.
//!
//! They are the use cases that there are, with the same rules and rights. Slow work is done for all of them first
//! ([`Users::prepare_operation`]); then they are carried out in their order, in units of work of their own
//! ([`Users::carry_out`]) or in a single one ([`Users::carry_out_together`]).

use chrono::{DateTime, Utc};
use domain::input::NewUser;
use domain::ports::{StorageError, StorageFault, UnitOfWork};
use domain::user::UserView;
use domain::values::UserRef;

use super::change::{Changed, Target};
use super::create::insert_in;
use super::restore::restoration;
use super::{
    ChangeUserError, CreateUserError, Precondition, PreparedUpdate, PreparedUser, UpdateUser, UpdateUserError, Users,
};
use crate::RequestContext;
use crate::authentication::ConfirmPasswordError;
use crate::recording::{Outcome, record};
use crate::repeated::{Answer, Progress, Ticket};
use crate::retry::{Retryable, retry};

/// One of many operations.
pub enum BulkOperation {
    /// Make an account.
    Create(NewUser),
    /// Change what is known about a user.
    Update {
        /// Whom.
        user: UserRef,
        /// What.
        command: UpdateUser,
    },
    /// Delete a user, softly.
    Delete {
        /// Whom.
        user: UserRef,
        /// What has to be true of the stored version.
        precondition: Precondition,
    },
    /// Bring a deleted user back.
    Restore {
        /// Whom.
        user: UserRef,
        /// What has to be true of the stored version.
        precondition: Precondition,
    },
}

/// An operation with everything slow done; what is left is carrying it out.
pub struct PreparedOperation(Prepared);

enum Prepared {
    Create(PreparedUser),
    Update(PreparedUpdate),
    Delete(Target),
    Restore(Target),
}

/// Why an operation was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum BulkOperationError {
    /// No account was made.
    #[error(transparent)]
    Create(#[from] CreateUserError),
    /// A user was not updated.
    #[error(transparent)]
    Update(#[from] UpdateUserError),
    /// A user was neither deleted nor restored.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
}

/// An operation that was carried out, or could not be.
#[derive(Debug)]
pub struct CarriedOut {
    /// What came of it: the user, or only that they are deleted.
    pub result: Result<Answer, BulkOperationError>,
    /// Whether that is kept for when the same request comes again.
    pub is_kept: bool,
}

/// Why none of several operations was carried out.
#[derive(Debug, thiserror::Error)]
#[error("the operations were not carried out together")]
pub struct FailedOperation {
    /// Which of them failed; `None` if all did, in the end.
    pub index: Option<usize>,
    /// Why.
    #[source]
    pub error: BulkOperationError,
}

impl BulkOperationError {
    /// Whether the service could not do it at the moment, so that others had better not be tried now.
    pub fn is_outage(&self) -> bool {
        let is_busy = match self {
            Self::Create(CreateUserError::Hashing(_)) | Self::Update(UpdateUserError::Hashing(_)) => true,
            Self::Update(UpdateUserError::Confirm(error)) => matches!(error, ConfirmPasswordError::Hashing(_)),
            Self::Create(_) | Self::Update(_) | Self::Change(_) => false,
        };
        is_busy || self.fault().is_some_and(|fault| fault != StorageFault::Failed)
    }

    fn fault(&self) -> Option<StorageFault> {
        match self {
            Self::Create(CreateUserError::Storage(error))
            | Self::Update(
                UpdateUserError::Change(ChangeUserError::Storage(error))
                | UpdateUserError::Confirm(ConfirmPasswordError::Storage(error)),
            )
            | Self::Change(ChangeUserError::Storage(error)) => Some(error.fault()),
            Self::Create(_) | Self::Update(_) | Self::Change(_) => None,
        }
    }
}

impl Retryable for FailedOperation {
    fn is_retryable(&self) -> bool {
        self.error.fault() == Some(StorageFault::Retryable)
    }
}

impl From<StorageError> for FailedOperation {
    fn from(error: StorageError) -> Self {
        Self { index: None, error: BulkOperationError::Change(error.into()) }
    }
}

impl Users {
    /// Does what is slow about an operation, and leaves nothing behind: see [`prepare_create`](Self::prepare_create) and
    /// [`prepare_update`](Self::prepare_update). Users are looked at as they are before any of the operations.
    ///
    /// # Errors
    ///
    /// What those two refuse.
    pub async fn prepare_operation(
        &self,
        context: &RequestContext,
        operation: BulkOperation,
    ) -> Result<PreparedOperation, BulkOperationError> {
        Ok(PreparedOperation(match operation {
            BulkOperation::Create(new) => Prepared::Create(self.prepare_create(context, new).await?),
            BulkOperation::Update { user, command } => {
                Prepared::Update(self.prepare_update(context, user, command).await?)
            }
            BulkOperation::Delete { user, precondition } => {
                Prepared::Delete(Target::living(user, precondition).not_shown())
            }
            BulkOperation::Restore { user, precondition } => {
                Prepared::Restore(Target::also_deleted(user, precondition))
            }
        }))
    }

    /// Carries out operations one after the other, each in units of work of its own, and says what came of each. `None`
    /// among them stands for one that is not to be carried out. Whoever begins this sees it through to its end.
    ///
    /// It stops behind one that the service could not do at the moment ([`BulkOperationError::is_outage`]), so that there
    /// may be fewer answers than operations.
    ///
    /// Where the request is one to be carried out once, each operation is a part of it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn carry_out(
        &self,
        context: &RequestContext,
        operations: Vec<Option<PreparedOperation>>,
    ) -> Vec<Option<CarriedOut>> {
        let mut all = Vec::with_capacity(operations.len());
        for (part, operation) in (0..).zip(operations) {
            let Some(PreparedOperation(operation)) = operation else {
                all.push(None);
                continue;
            };
            let once = context.once.as_ref().map(|ticket| ticket.part(part));
            let own = RequestContext { once: once.clone(), ..context.clone() };
            let result = self.carry_out_one(&own, operation).await;
            let progress = once.as_ref().map(Ticket::progress);
            if let Some(ticket) = context.once.as_ref().filter(|_| progress == Some(Progress::InDoubt)) {
                // Nobody may begin again before it is sure what came of this part.
                ticket.committing();
            }
            let ends = result.as_ref().is_err_and(BulkOperationError::is_outage);
            all.push(Some(CarriedOut { result, is_kept: progress == Some(Progress::Kept) }));
            if ends {
                break;
            }
        }
        all
    }

    async fn carry_out_one(&self, context: &RequestContext, operation: Prepared) -> Result<Answer, BulkOperationError> {
        let user = match operation {
            Prepared::Create(prepared) => self.create_prepared(context, prepared).await?,
            Prepared::Update(prepared) => self.update_prepared(context, prepared).await?,
            Prepared::Restore(Target { user, precondition, .. }) => self.restore(context, user, precondition).await?,
            Prepared::Delete(Target { user, precondition, .. }) => {
                self.delete(context, user, precondition).await?;
                return Ok(Answer::Done);
            }
        };
        Ok(Answer::User(Box::new(user)))
    }

    /// Carries out operations one after the other in a single unit of work: all of them, or none. What came of each, in
    /// order: the user as they were behind it, or only that they are deleted. Whoever begins this sees it through to its
    /// end.
    ///
    /// # Errors
    ///
    /// [`FailedOperation`]: that of the first that could not be carried out.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn carry_out_together(
        &self,
        context: &RequestContext,
        operations: Vec<PreparedOperation>,
    ) -> Result<Vec<Answer>, FailedOperation> {
        let now = self.ports.clock.now();
        let mut all = Vec::with_capacity(operations.len());
        for PreparedOperation(operation) in operations {
            // Before the unit begins: it may hold the only connection.
            let last_login_at = match &operation {
                Prepared::Create(_) | Prepared::Delete(_) => None,
                Prepared::Update(prepared) => self.last_login(prepared.target().user).await?,
                Prepared::Restore(target) => self.last_login(target.user).await?,
            };
            all.push((operation, last_login_at));
        }
        retry(&*self.ports.backoff, || self.try_together(context, &all, now)).await
    }

    async fn try_together(
        &self,
        context: &RequestContext,
        operations: &[(Prepared, Option<DateTime<Utc>>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Answer>, FailedOperation> {
        let mut unit = self.ports.storage.begin().await?;
        let (mut answers, mut events) = (Vec::with_capacity(operations.len()), Vec::new());
        for (index, (operation, last_login_at)) in operations.iter().enumerate() {
            let changed = self.carry_out_in(&mut *unit, context, operation, now).await;
            let changed = changed.map_err(|error| FailedOperation { index: Some(index), error })?;
            let view = UserView { last_login_at: *last_login_at, ..changed.view };
            let is_deletion = matches!(operation, Prepared::Delete(_));
            answers.push(if is_deletion { Answer::Done } else { Answer::User(Box::new(view)) });
            events.extend(changed.events);
        }
        if !events.is_empty() {
            record(unit, context, &self.ports, now, events, Outcome::Parts(&answers)).await?;
        }
        Ok(answers)
    }

    async fn carry_out_in(
        &self,
        unit: &mut dyn UnitOfWork,
        context: &RequestContext,
        operation: &Prepared,
        now: DateTime<Utc>,
    ) -> Result<Changed, BulkOperationError> {
        match operation {
            Prepared::Create(prepared) => Ok(insert_in(unit, prepared.clone()).await.map_err(CreateUserError::from)?),
            Prepared::Update(prepared) => {
                Ok(self.change_in(unit, context, &prepared.target(), &prepared.transition(context), now).await?)
            }
            Prepared::Delete(target) => Ok(self.change_in(unit, context, target, &self.deletion(context), now).await?),
            Prepared::Restore(target) => Ok(self.change_in(unit, context, target, &restoration(context), now).await?),
        }
    }
}

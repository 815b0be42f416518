//! `usermgmt users set-password`, `set-role`, `delete`, `restore` and `unlock`.

use application::users::{MetadataMode, Precondition, UpdateUser};
use domain::input::{Change, UserChanges, UserChangesInput};
use domain::query::DeletedScope;
use domain::user::UserView;
use domain::values::Role;

use super::Desk;
use super::refusal::{Wrong, not_changed, not_read, not_updated, wrong};
use crate::arguments::{OneUser, PasswordArguments};
use crate::commands::Failure;
use crate::password::Source;

impl Desk {
    pub(super) async fn set_password(
        &self,
        one: &OneUser,
        from: PasswordArguments,
        must_change: bool,
    ) -> Result<(), Failure> {
        let user = self.find(&one.user, DeletedScope::Live).await?;
        let password = Source::choose(from.password_stdin).read()?;
        let input = UserChangesInput { password: Change::Set(password), ..Default::default() };
        let changes = input.parse(&self.password_policy).map_err(|found| {
            let detail = |found: domain::violation::FieldViolation| found.violation.detail().to_owned();
            wrong(
                &found
                    .into_iter()
                    .map(|at| Wrong { pointer: at.pointer.clone(), detail: detail(at) })
                    .collect::<Vec<_>>(),
            )
        })?;
        let changes = UserChanges { must_change_password: must_change.then_some(true), ..changes };
        let user = self.update(&user, changes).await?;
        self.tell(one.json, &user, "gave a new password to")
    }

    pub(super) async fn set_role(&self, one: &OneUser, role: Role) -> Result<(), Failure> {
        let before = self.find(&one.user, DeletedScope::Live).await?;
        let user = self.update(&before, UserChanges { role: Some(role), ..Default::default() }).await?;
        let said = if before.version == user.version { "left as it was the role of" } else { "gave another role to" };
        self.tell(one.json, &user, said)
    }

    async fn update(&self, user: &UserView, changes: UserChanges) -> Result<UserView, Failure> {
        let (metadata, precondition) = (MetadataMode::Replace, Precondition::None);
        let command = UpdateUser { changes, metadata, precondition, current_password: None };
        let updated = self.users.update(&self.context, user.uuid.into(), command).await;
        updated.map_err(|error| not_updated(&error, user))
    }

    pub(super) async fn delete(&self, one: &OneUser) -> Result<(), Failure> {
        let user = self.find(&one.user, DeletedScope::Live).await?;
        let deleted = self.users.delete(&self.context, user.uuid.into(), Precondition::None).await;
        deleted.map_err(|error| not_changed(&error, &user))?;
        let gone = self.users.get(&self.context, user.uuid.into(), true).await;
        let gone = gone.map_err(|error| not_read(&error, &one.user.to_string()))?;
        self.tell(one.json, &gone, "deleted")
    }

    pub(super) async fn purge(&self, one: &OneUser) -> Result<(), Failure> {
        let user = self.find(&one.user, DeletedScope::All).await?;
        let purged = self.users.purge(&self.context, user.uuid.into(), Precondition::None).await;
        purged.map_err(|error| not_changed(&error, &user))?;
        self.tell(one.json, &user, "erased")
    }

    pub(super) async fn restore(&self, one: &OneUser) -> Result<(), Failure> {
        let before = self.find(&one.user, DeletedScope::Only).await?;
        let restored = self.users.restore(&self.context, before.uuid.into(), Precondition::None).await;
        let user = restored.map_err(|error| not_changed(&error, &before))?;
        let said = if before.deleted_at.is_some() { "restored" } else { "left alone, as they were not deleted," };
        self.tell(one.json, &user, said)
    }

    pub(super) async fn unlock(&self, one: &OneUser) -> Result<(), Failure> {
        let user = self.find(&one.user, DeletedScope::Live).await?;
        let unlocked = self.users.unlock(&self.context, user.uuid.into()).await;
        let user = unlocked.map_err(|error| not_changed(&error, &user))?;
        self.tell(one.json, &user, "forgot the failed sign-ins of")
    }
}

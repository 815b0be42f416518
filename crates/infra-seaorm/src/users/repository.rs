//! Loading and saving users within a unit of work.

use async_trait::async_trait;
use domain::ports::{SaveUserError, StorageError, UserNames, UserRepository};
use domain::user::{User, UserDraft};
use domain::values::{PasswordHash, Role, UserId, UserRef, UserUuid};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};

use super::counts::Standing;
use super::entity::{Column, Entity};
use super::import;
use super::mapping::{to_row, to_user};
use crate::guards;
use crate::statements::statement;
use crate::unit::Unit;

#[async_trait]
impl UserRepository for Unit {
    async fn find(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        self.one(by_ref(user).filter(Column::DeletedAt.is_null())).await
    }

    async fn find_including_deleted(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        self.find_locked(user).await
    }

    async fn insert(&mut self, draft: UserDraft) -> Result<User, SaveUserError> {
        self.enter()?;
        let insert = Entity::insert(to_row(draft.record()));
        let inserted = self
            .ask(|transaction| async move { insert.exec(&*transaction).await })
            .await
            .map_err(|failure| self.save_error(failure))?;
        self.counts.change(inserted.last_insert_id, Standing::of(draft.record()));
        self.succeed();
        Ok(draft.stored_as(UserId::new(inserted.last_insert_id)))
    }

    async fn insert_many(&mut self, drafts: &[UserDraft]) -> Result<(), SaveUserError> {
        self.enter()?;
        import::insert(self, drafts).await?;
        self.succeed();
        Ok(())
    }

    async fn find_in_the_way(&mut self, names: &[UserNames]) -> Result<Vec<User>, StorageError> {
        self.enter()?;
        let users = import::in_the_way(self, names).await?;
        self.succeed();
        Ok(users)
    }

    async fn find_erased(&mut self, uuids: &[UserUuid]) -> Result<Vec<UserUuid>, StorageError> {
        self.enter()?;
        let erased = import::erased(self, uuids).await?;
        self.succeed();
        Ok(erased)
    }

    async fn update(&mut self, user: &User) -> Result<(), SaveUserError> {
        let id = user.id().get();
        if !self.counts.knows(id) {
            self.find_locked(UserRef::Id(user.id())).await?;
        }
        self.enter()?;
        let update = Entity::update_many()
            .set(to_row(user.record()))
            .filter(Column::Id.eq(id))
            .filter(Column::Version.eq(user.stored_version()));
        let updated = self
            .ask(|transaction| async move { update.exec(&*transaction).await })
            .await
            .map_err(|failure| self.save_error(failure))?;
        if updated.rows_affected == 0 {
            return Err(SaveUserError::StaleVersion);
        }
        self.counts.change(id, Standing::of(user.record()));
        self.succeed();
        Ok(())
    }

    async fn upgrade_hash(
        &mut self,
        user: UserUuid,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StorageError> {
        self.enter()?;
        // As a text MySQL and MariaDB compare without the blanks at the end.
        let exactly = if self.backend() == DbBackend::MySql { "CAST(? AS BINARY)" } else { "?" };
        let sql = format!("UPDATE users SET password_hash = ? WHERE uuid = ? AND password_hash = {exactly}");
        let values = [to.expose().into(), user.get().into(), from.expose().into()];
        self.execute(statement(self.backend(), &sql, values)).await?;
        self.succeed();
        Ok(())
    }

    async fn is_empty_exclusively(&mut self) -> Result<bool, StorageError> {
        self.enter()?;
        guards::pass(self, "admins").await?;
        let somebody = self.rows(statement(self.backend(), "SELECT id FROM users LIMIT 1", [])).await?;
        self.succeed();
        Ok(somebody.is_empty())
    }

    async fn count_administrators_exclusively(&mut self) -> Result<u64, StorageError> {
        self.enter()?;
        guards::pass(self, "admins").await?;
        let administrators = Entity::find()
            .filter(Column::Role.eq(Role::Admin.as_str()))
            .filter(Column::IsActive.eq(true))
            .filter(Column::DeletedAt.is_null());
        let count = self
            .ask(|transaction| async move { administrators.count(&*transaction).await })
            .await
            .map_err(|failure| self.storage_error(failure))?;
        self.succeed();
        Ok(count)
    }
}

impl Unit {
    /// The user, deleted or not: nobody else changes them until the unit ends.
    pub(crate) async fn find_locked(&mut self, user: UserRef) -> Result<Option<User>, StorageError> {
        self.one(by_ref(user)).await
    }

    async fn one(&mut self, select: Select<Entity>) -> Result<Option<User>, StorageError> {
        self.enter()?;
        // SQLite has no row locks and needs none: there, a unit of work is the only writer.
        let found = self
            .ask(|transaction| async move { select.lock_exclusive().one(&*transaction).await })
            .await
            .map_err(|failure| self.storage_error(failure))?;
        let user = found.map(to_user).transpose()?;
        if let Some(user) = &user {
            self.counts.learn(user.id().get(), Standing::of(user.record()));
        }
        self.succeed();
        Ok(user)
    }
}

fn by_ref(user: UserRef) -> Select<Entity> {
    match user {
        UserRef::Id(id) => Entity::find_by_id(id.get()),
        UserRef::Uuid(uuid) => Entity::find().filter(Column::Uuid.eq(uuid.get())),
    }
}

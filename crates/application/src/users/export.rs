//! Taking out everybody's data at once.

use domain::access::{Actor, Permission};
use domain::ports::StorageError;
use domain::user::UserView;
use domain::values::UserId;

use super::Users;
use crate::RequestContext;

/// How many users one part holds at most.
const PART: u32 = 1_000;

/// Why users were not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportUsersError {
    /// The actor may not export users.
    #[error("exporting users is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// All living users, part by part in the order of their numbers.
///
/// Whoever lives throughout is in it exactly once, in the state of the moment at which their part was read.
pub struct UserExport {
    users: Users,
    actor: Actor,
    after: UserId,
    first: Option<Vec<UserView>>,
    is_over: bool,
}

impl Users {
    /// Begins an export. Its first part is read already, so that a failure is told before anything is sent.
    ///
    /// # Errors
    ///
    /// [`ExportUsersError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn export(&self, context: &RequestContext) -> Result<UserExport, ExportUsersError> {
        if !context.actor.may(Permission::UsersExport) {
            return Err(ExportUsersError::Forbidden);
        }
        let mut export = UserExport {
            users: self.clone(),
            actor: context.actor.clone(),
            after: UserId::new(0),
            first: None,
            is_over: false,
        };
        export.first = export.part().await?;
        Ok(export)
    }
}

impl UserExport {
    /// The next users; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; the same part can be asked for again.
    pub async fn part(&mut self) -> Result<Option<Vec<UserView>>, StorageError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if self.is_over {
            return Ok(None);
        }
        let part = self.users.ports.reading(&self.actor).export(self.after, PART).await?;
        self.is_over = part.len() < PART as usize;
        let Some(last) = part.last() else { return Ok(None) };
        self.after = last.id;
        Ok(Some(part))
    }
}

#[cfg(test)]
mod tests {
    use domain::values::Role;
    use testkit::user;

    use super::*;
    use crate::fixture::{World, admin, by, somebody};
    use crate::users::Precondition;

    #[tokio::test]
    async fn everybody_who_lives_is_exported_once_in_order() {
        let world = World::new();
        for _ in 0..=PART {
            world.given(user()).await;
        }
        world.users.delete(&admin(), UserId::new(7).into(), Precondition::None).await.unwrap();
        let mut export = world.users.export(&admin()).await.unwrap();
        let mut seen = Vec::new();
        while let Some(part) = export.part().await.unwrap() {
            assert!(part.len() <= PART as usize);
            seen.extend(part.into_iter().map(|user| user.id.get()));
        }
        let expected: Vec<_> = (1..=i64::from(PART) + 1).filter(|id| *id != 7).collect();
        assert_eq!(seen, expected);
        assert_eq!(export.part().await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_export_of_nobody_is_empty() {
        let mut export = World::new().users.export(&admin()).await.unwrap();
        assert_eq!(export.part().await.unwrap(), None);
    }

    #[tokio::test]
    async fn only_administrators_export() {
        let world = World::new();
        let ann = world.given(user()).await;
        for context in [by(&ann), somebody(Role::Moderator)] {
            assert!(matches!(world.users.export(&context).await, Err(ExportUsersError::Forbidden)));
        }
    }
}

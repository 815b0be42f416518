//! Who acts, and what a role may do.

use crate::values::{Role, UserUuid};

/// Something that may be allowed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Make accounts.
    UsersCreate,
    /// List, search and read everybody.
    UsersRead,
    /// Change anybody in any way.
    UsersUpdate,
    /// Change the profile of users of role `user`, and deactivate and activate them.
    UsersAssist,
    /// Delete users, see deleted ones and bring them back.
    UsersDelete,
    /// Erase people.
    UsersPurge,
    /// Take out everybody's data at once, and everything that is kept about one person.
    UsersExport,
    /// Make tokens with which others choose a new password.
    UsersResetPassword,
    /// See and end the sessions of others: of users of role `user`, or of anybody for whom `users:update` is held, too.
    SessionsManage,
    /// Read the audit trail, follow it, verify it, and see users as they were.
    AuditRead,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 10] = [
        Self::UsersCreate,
        Self::UsersRead,
        Self::UsersUpdate,
        Self::UsersAssist,
        Self::UsersDelete,
        Self::UsersPurge,
        Self::UsersExport,
        Self::UsersResetPassword,
        Self::SessionsManage,
        Self::AuditRead,
    ];

    /// The permission's name, as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersCreate => "users:create",
            Self::UsersRead => "users:read",
            Self::UsersUpdate => "users:update",
            Self::UsersAssist => "users:assist",
            Self::UsersDelete => "users:delete",
            Self::UsersPurge => "users:purge",
            Self::UsersExport => "users:export",
            Self::UsersResetPassword => "users:reset_password",
            Self::SessionsManage => "sessions:manage",
            Self::AuditRead => "audit:read",
        }
    }
}

impl Role {
    /// What somebody of this role may do to others; what one may do to oneself needs no permission.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::User => &[],
            Self::Moderator => &[Permission::UsersRead, Permission::UsersAssist, Permission::SessionsManage],
            Self::Admin => &Permission::ALL,
        }
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Anybody at all, where authentication is switched off: may do everything.
    AnonymousAdministrator,
    /// Somebody who has not signed in, or is about to: may do nothing to others.
    Anonymous,
    /// A user who signed in.
    User {
        /// Who.
        uuid: UserUuid,
        /// Under which name.
        username: String,
        /// In which role.
        role: Role,
    },
    /// The service itself, such as a job that ends suspensions.
    System,
}

impl Actor {
    /// The kind of actor, as the audit trail writes it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AnonymousAdministrator | Self::Anonymous => "anonymous",
            Self::User { .. } => "user",
            Self::System => "system",
        }
    }

    /// The user who acts, if it is one.
    pub const fn uuid(&self) -> Option<UserUuid> {
        match self {
            Self::User { uuid, .. } => Some(*uuid),
            Self::AnonymousAdministrator | Self::Anonymous | Self::System => None,
        }
    }

    /// The name the actor goes by, if it has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::User { username, .. } => Some(username),
            Self::AnonymousAdministrator | Self::Anonymous | Self::System => None,
        }
    }

    /// What the actor may do to others.
    pub const fn permissions(&self) -> &'static [Permission] {
        match self {
            Self::AnonymousAdministrator | Self::System => &Permission::ALL,
            Self::Anonymous => &[],
            Self::User { role, .. } => role.permissions(),
        }
    }

    /// Whether the actor may do this to others.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Whether the actor is this user.
    pub fn is(&self, user: UserUuid) -> bool {
        self.uuid() == Some(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_may_do_everything_and_a_user_nothing_to_others() {
        assert_eq!(Role::Admin.permissions(), &Permission::ALL);
        assert!(Role::User.permissions().is_empty());
    }

    #[test]
    fn a_moderator_reads_and_assists_but_neither_makes_nor_deletes_users() {
        let moderator =
            Actor::User { uuid: UserUuid::new(uuid::Uuid::nil()), username: "mo".into(), role: Role::Moderator };
        let allowed: Vec<_> = Permission::ALL.into_iter().filter(|p| moderator.may(*p)).collect();
        assert_eq!(allowed, [Permission::UsersRead, Permission::UsersAssist, Permission::SessionsManage]);
    }
}

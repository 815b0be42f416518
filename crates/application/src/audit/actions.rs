//! What can be written down as having happened.

/// Every action that an event may have.
pub const ACTIONS: [&str; 21] = [
    "user.created",
    "user.updated",
    "user.password_changed",
    "user.role_changed",
    "user.deactivated",
    "user.activated",
    "user.unlocked",
    "user.deleted",
    "user.restored",
    "user.purged",
    "user.imported",
    "auth.login",
    "auth.login_failed",
    "auth.login_delayed",
    "auth.refresh_reused",
    "auth.logout",
    "session.created",
    "session.revoked",
    "system.bootstrap",
    "system.settings_changed",
    "system.checkpoint",
];

#[cfg(test)]
mod tests {
    use domain::session::{RevocationReason, SessionAction, SessionEvent};
    use domain::user::UserAction;
    use domain::values::{SessionId, UserUuid};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whatever_happens_to_users_and_sessions_is_an_action() {
        let users = [
            UserAction::Created,
            UserAction::Updated,
            UserAction::PasswordChanged,
            UserAction::RoleChanged,
            UserAction::Deactivated,
            UserAction::Activated,
            UserAction::Unlocked,
            UserAction::Deleted,
            UserAction::Restored,
            UserAction::Purged,
            UserAction::Imported,
        ];
        let (session, user) = (SessionId::new(Uuid::nil()), UserUuid::new(Uuid::nil()));
        let sessions = [SessionAction::Created, SessionAction::Revoked(RevocationReason::Logout)]
            .map(|action| SessionEvent { action, session, user }.action_name());
        for action in users.map(UserAction::as_str).into_iter().chain(sessions) {
            assert!(ACTIONS.contains(&action), "{action}");
        }
    }
}

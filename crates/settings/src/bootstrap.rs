//! The administrator that the first start makes.

use secrecy::SecretString;

use crate::Settings;

/// What `BOOTSTRAP_ADMIN_*` say; not checked against the rules for names, addresses and passwords.
#[derive(Debug, Clone)]
pub struct BootstrapAdmin {
    /// `BOOTSTRAP_ADMIN_USERNAME`
    pub username: String,
    /// `BOOTSTRAP_ADMIN_EMAIL`
    pub email: String,
    /// `BOOTSTRAP_ADMIN_PASSWORD`; production has one, elsewhere one may be made up.
    pub password: Option<SecretString>,
}

impl Settings {
    /// The first administrator, or none where production was told of none: then there must be one already.
    ///
    /// Outside production a missing name is `admin`, a missing address `admin@example.com`.
    pub fn bootstrap_admin(&self) -> Option<BootstrapAdmin> {
        let password = self.bootstrap_admin_password.clone();
        if self.environment.is_production() {
            return Some(BootstrapAdmin {
                username: self.bootstrap_admin_username.clone()?,
                email: self.bootstrap_admin_email.clone()?,
                password: Some(password?),
            });
        }
        Some(BootstrapAdmin {
            username: self.bootstrap_admin_username.clone().unwrap_or_else(|| "admin".to_owned()),
            email: self.bootstrap_admin_email.clone().unwrap_or_else(|| "admin@example.com".to_owned()),
            password,
        })
    }
}

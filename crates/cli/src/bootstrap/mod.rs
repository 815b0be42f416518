//! The first administrator: made when nobody has an account yet, as nobody could sign in to make one.

mod hand_over;
mod made_up;

use application::Authentication;
use application::authentication::BootstrapError;
use application::users::CreateUserError;
use domain::input::{NewUser, NewUserInput};
use domain::ports::SecretGenerator;
use domain::user::UserView;
use domain::values::{PasswordText, Role};
use domain::violation::FieldViolation;
use secrecy::ExposeSecret as _;
use settings::{BootstrapAdmin, Settings};
use tracing::info;

use self::hand_over::HandOver;
pub(crate) use self::hand_over::INITIAL_PASSWORD_FILE;
use crate::commands::Failure;
use crate::compose::password_policy;

/// Makes the first administrator, unless somebody has an account. Of several processes that do this at once one does, and
/// only that one tells of a password.
///
/// # Errors
///
/// A line that names the settings to change, or what could not be done.
pub(crate) async fn first_administrator(
    settings: &Settings,
    authentication: &Authentication,
    secrets: &dyn SecretGenerator,
) -> Result<(), Failure> {
    let is_empty = authentication.is_empty().await;
    if !is_empty.map_err(|error| Failure::because("it cannot be told whether anybody has an account", &error))? {
        return Ok(());
    }
    let Some(mut admin) = settings.bootstrap_admin() else {
        return Err(Failure::new(
            "nobody has an account yet, so nobody could sign in; set BOOTSTRAP_ADMIN_USERNAME, BOOTSTRAP_ADMIN_EMAIL and \
             BOOTSTRAP_ADMIN_PASSWORD, or run `usermgmt users create --role admin`",
        ));
    };
    if let Some(password) = admin.password.take() {
        let new = checked(settings, &admin, password.expose_secret().into())?;
        if let Some(made) = make(authentication, new).await? {
            info!(user.id = %made.id, "made the first administrator, {}, as BOOTSTRAP_ADMIN_PASSWORD says", made.username);
        }
        return Ok(());
    }
    let password = made_up::password(secrets, settings.password_min_length, &[&admin.username, &admin.email]);
    let new = checked(settings, &admin, password.expose().into())?;
    // Before the administrator is made: a password that cannot be told would be lost.
    let hand_over = HandOver::prepare(&settings.data_dir, &password)?;
    if let Some(made) = make(authentication, new).await? {
        hand_over.tell(&made, &password)?;
    }
    Ok(())
}

fn checked(settings: &Settings, admin: &BootstrapAdmin, password: PasswordText) -> Result<NewUser, Failure> {
    let input = NewUserInput {
        username: Some(admin.username.clone()),
        email: Some(admin.email.clone()),
        password: Some(password),
        role: Some(Role::Admin.as_str().to_owned()),
        ..Default::default()
    };
    input.parse(&password_policy(settings)).map_err(|found| wrong(&found))
}

async fn make(authentication: &Authentication, new: NewUser) -> Result<Option<UserView>, Failure> {
    authentication.bootstrap(new).await.map_err(|error| match error {
        BootstrapError::Create(CreateUserError::Invalid(found)) => wrong(&found),
        error => Failure::because("the first administrator cannot be made", &error),
    })
}

/// Every wrong value, by the setting that holds it.
fn wrong(found: &[FieldViolation]) -> Failure {
    let each = found.iter().map(|FieldViolation { pointer, violation }| {
        let member = pointer.strip_prefix('/').unwrap_or(pointer).to_uppercase();
        format!("BOOTSTRAP_ADMIN_{member}: {}", violation.detail())
    });
    Failure::new(each.collect::<Vec<_>>().join("; "))
}

//! `usermgmt users`: the use cases of the API, directly on the database. The audit trail names the system as the actor.

mod change;
mod create;
mod export;
mod get;
mod import;
mod list;
mod refusal;
mod sessions;
mod show;
mod who;

use api_actix::UserJson;
use application::audit::Trail;
use application::{Authentication, RequestContext, Users};
use domain::values::PasswordPolicy;
use settings::Loaded;

use super::Failure;
use crate::arguments::UsersCommand;
use crate::compose::UseCases;
use crate::database::Database;
use crate::sequencing::Sequencing;
use crate::{compose, kept_keys, logging};

/// What every command works with.
struct Desk {
    users: Users,
    authentication: Authentication,
    context: RequestContext,
    password_policy: PasswordPolicy,
    json: UserJson,
    /// Whether users are numbered for those outside.
    shows_numbers: bool,
}

pub(super) fn run(loaded: &Loaded, command: UsersCommand) -> Result<(), Failure> {
    logging::start_quietly(loaded)?;
    let settings = &loaded.settings;
    compose::runtime()?.block_on(async {
        let database = Database::connect_current(settings).await?;
        let changes = command.changes_something();
        // Whoever writes seals, and signs, with keys that the database needs from then on.
        if changes {
            kept_keys::keep(settings, &database).await?;
        } else {
            kept_keys::compare(settings, &database).await?;
        }
        let id_format = compose::user_id_format(settings);
        let UseCases { users, authentication, key_rotation } = compose::desk(settings, &database)?;
        if changes {
            kept_keys::check_peoples_keys(&key_rotation).await?;
        }
        let trail = Trail::new(&users);
        let desk = Desk {
            users,
            authentication,
            context: RequestContext::system(),
            password_policy: compose::password_policy(settings),
            json: UserJson::new(id_format),
            shows_numbers: id_format == api_actix::UserIdFormat::Integer,
        };
        let done = desk.carry_out(command).await;
        if changes {
            Sequencing::new(&trail, database.leases()).once().await;
        }
        database.close().await;
        done
    })
}

impl Desk {
    async fn carry_out(&self, command: UsersCommand) -> Result<(), Failure> {
        match command {
            UsersCommand::Create(arguments) => self.create(*arguments).await,
            UsersCommand::List(arguments) => self.list(*arguments).await,
            UsersCommand::Get { one, deleted } => self.get(&one, deleted).await,
            UsersCommand::SetPassword { one, password, must_change_password } => {
                self.set_password(&one, password, must_change_password).await
            }
            UsersCommand::SetRole { one, role } => self.set_role(&one, role.into()).await,
            UsersCommand::Delete { one, purge: true } => self.purge(&one).await,
            UsersCommand::Delete { one, purge: false } => self.delete(&one).await,
            UsersCommand::Restore(one) => self.restore(&one).await,
            UsersCommand::Unlock(one) => self.unlock(&one).await,
            UsersCommand::Sessions { user, json } => self.sessions(&user, json).await,
            UsersCommand::Import(arguments) => self.import(*arguments).await,
            UsersCommand::Export(arguments) => self.export(arguments).await,
            UsersCommand::RevokeSessions(one) => self.revoke_sessions(&one).await,
        }
    }
}

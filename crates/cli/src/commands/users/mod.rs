//! `usermgmt users`: the use cases of the API, directly on the database. The audit trail names the system as the actor.

mod change;
mod create;
mod get;
mod list;
mod refusal;
mod show;
mod who;

use api_actix::UserJson;
use application::{RequestContext, Users};
use domain::values::PasswordPolicy;
use settings::Loaded;

use super::Failure;
use crate::arguments::UsersCommand;
use crate::database::Database;
use crate::{compose, logging};

/// What every command works with.
struct Desk {
    users: Users,
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
        let id_format = compose::user_id_format(settings);
        let desk = Desk {
            users: compose::users(settings, &database)?,
            context: RequestContext::system(),
            password_policy: compose::password_policy(settings),
            json: UserJson::new(id_format),
            shows_numbers: id_format == api_actix::UserIdFormat::Integer,
        };
        let done = desk.carry_out(command).await;
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
            UsersCommand::SetPassword { one, password } => self.set_password(&one, password).await,
            UsersCommand::SetRole { one, role } => self.set_role(&one, role.into()).await,
            UsersCommand::Delete(one) => self.delete(&one).await,
            UsersCommand::Restore(one) => self.restore(&one).await,
        }
    }
}

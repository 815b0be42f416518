//! Who may do what to whom: every role, every use case, every kind of target, as one table to read.

use std::fmt::Write;

use domain::access::Actor;
use domain::audit::Origin;
use domain::input::{Change, Deactivation, UserChanges};
use domain::query::{DeletedScope, UserFilter};
use domain::user::UserView;
use domain::values::{EmailAddress, ExternalId, Locale, Role, SessionId, UserRef, Username};
use testkit::user;
use uuid::Uuid;

use crate::RequestContext;
use crate::audit::{FollowError, ListEventsCommand, ListEventsError, Trail};
use crate::authentication::{ResetPasswordError, SessionError};
use crate::fixture::{World, by, confirmed, name, object, password, put};
use crate::users::{
    ChangeUserError, CreateUserError, GetDataError, GetUserError, ListUsersCommand, ListUsersError, Precondition,
    UpdateUserError,
};

/// The columns of the table.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// Anybody, where authentication is off.
    Anonymous,
    /// Somebody who has not signed in, where it is on.
    Nobody,
    System,
    Admin,
    Moderator,
    User,
}

/// The kinds of targets.
#[derive(Debug, Clone, Copy)]
enum Whom {
    Themself,
    Another(Role),
    Deleted,
}

#[derive(Debug, Clone)]
enum UseCase {
    Create,
    List(DeletedScope),
    ListEvents,
    FollowEvents,
    Get { including_deleted: bool },
    Update(&'static str, Box<UserChanges>),
    Delete,
    Restore,
    Deactivate,
    Activate,
    Unlock,
    ListSessions,
    RevokeSession,
    RevokeSessions,
    ResetPassword,
    ListEventsAbout,
    TakeOutData,
}

#[derive(Debug)]
enum Outcome {
    Allowed,
    Forbidden,
    NotFound,
}

impl Who {
    const ALL: [Self; 6] = [Self::Anonymous, Self::Nobody, Self::System, Self::Admin, Self::Moderator, Self::User];

    fn role(self) -> Option<Role> {
        match self {
            Self::Anonymous | Self::Nobody | Self::System => None,
            Self::Admin => Some(Role::Admin),
            Self::Moderator => Some(Role::Moderator),
            Self::User => Some(Role::User),
        }
    }

    /// A request of theirs, and who they are if they are a user.
    async fn request(self, world: &World) -> (RequestContext, Option<UserView>) {
        let nobody = |actor| RequestContext::new(actor, Origin::default());
        match self.role() {
            Some(role) => {
                let own = world.given(user().role(role).last_name("Lee")).await;
                (by(&own), Some(own))
            }
            None if matches!(self, Self::System) => (RequestContext::system(), None),
            None if matches!(self, Self::Nobody) => (nobody(Actor::Anonymous), None),
            None => (nobody(Actor::AnonymousAdministrator), None),
        }
    }
}

impl Whom {
    const ALL: [Self; 5] = [
        Self::Themself,
        Self::Another(Role::User),
        Self::Another(Role::Moderator),
        Self::Another(Role::Admin),
        Self::Deleted,
    ];

    fn label(self) -> String {
        match self {
            Self::Themself => "themself".into(),
            Self::Another(role) => format!("another {role}"),
            Self::Deleted => "a deleted user".into(),
        }
    }
}

impl UseCase {
    fn on_a_user() -> Vec<Self> {
        let update = |label, changes| Self::Update(label, Box::new(changes));
        let none = UserChanges::default;
        vec![
            Self::Get { including_deleted: false },
            Self::Get { including_deleted: true },
            update("nothing", none()),
            update("username", UserChanges { username: Some(Username::parse("anna").unwrap()), ..none() }),
            update("email", UserChanges { email: Some(EmailAddress::parse("anna@example.org").unwrap()), ..none() }),
            update("password", UserChanges { password: Some(password("open sesame")), ..none() }),
            update("full_name", UserChanges { full_name: name("Anna"), ..none() }),
            update("first_name", UserChanges { first_name: name("Anna"), ..none() }),
            update("last_name", UserChanges { last_name: Change::Clear, ..none() }),
            update("locale", UserChanges { locale: Change::Set(Locale::parse("fr").unwrap()), ..none() }),
            update("user_metadata", UserChanges { user_metadata: object(r#"{"a":1}"#), ..none() }),
            update("app_metadata", UserChanges { app_metadata: object(r#"{"a":1}"#), ..none() }),
            update("external_id", UserChanges { external_id: external_id(), ..none() }),
            update("is_active", UserChanges { is_active: Some(false), ..none() }),
            update("role: user", UserChanges { role: Some(Role::User), ..none() }),
            update("role: moderator", UserChanges { role: Some(Role::Moderator), ..none() }),
            update("role: admin", UserChanges { role: Some(Role::Admin), ..none() }),
            update("must_change_password", UserChanges { must_change_password: Some(true), ..none() }),
            Self::Deactivate,
            Self::Activate,
            Self::Unlock,
            Self::ListSessions,
            Self::RevokeSession,
            Self::RevokeSessions,
            Self::ResetPassword,
            Self::ListEventsAbout,
            Self::TakeOutData,
            Self::Delete,
            Self::Restore,
        ]
    }

    fn label(&self) -> String {
        match self {
            Self::Create => "create".into(),
            Self::List(DeletedScope::Live) => "list".into(),
            Self::List(scope) => format!("list, deleted: {scope:?}").to_lowercase(),
            Self::Get { including_deleted: false } => "get".into(),
            Self::Get { including_deleted: true } => "get, also deleted".into(),
            Self::Update(member, _) => format!("update {member}"),
            Self::Delete => "delete".into(),
            Self::Restore => "restore".into(),
            Self::Deactivate => "deactivate".into(),
            Self::Activate => "activate".into(),
            Self::Unlock => "unlock".into(),
            Self::ListSessions => "list sessions".into(),
            Self::RevokeSession => "end a session".into(),
            Self::RevokeSessions => "end all sessions".into(),
            Self::ResetPassword => "reset password".into(),
            Self::ListEvents => "list events".into(),
            Self::FollowEvents => "follow events".into(),
            Self::ListEventsAbout => "list events about".into(),
            Self::TakeOutData => "take out data".into(),
        }
    }

    async fn run(self, world: &World, context: &RequestContext, target: UserRef) -> Outcome {
        let (users, none) = (&world.users, Precondition::None);
        let trail = Trail::new(users);
        match self {
            Self::Create => match users.create(context, user().new_user()).await {
                Ok(_) => Outcome::Allowed,
                Err(CreateUserError::Forbidden) => Outcome::Forbidden,
                Err(error) => panic!("{error:?}"),
            },
            Self::List(deleted) => {
                let filter = UserFilter { deleted, ..UserFilter::default() };
                match users.list(context, ListUsersCommand { filter, ..ListUsersCommand::default() }).await {
                    Ok(_) => Outcome::Allowed,
                    Err(ListUsersError::Forbidden) => Outcome::Forbidden,
                    Err(error) => panic!("{error:?}"),
                }
            }
            Self::ListEvents => of_events(trail.list(context, ListEventsCommand::default()).await),
            Self::FollowEvents => match trail.follow(context, 0, 1).await {
                Ok(_) => Outcome::Allowed,
                Err(FollowError::Forbidden) => Outcome::Forbidden,
                Err(error) => panic!("{error:?}"),
            },
            Self::ListEventsAbout => of_events(trail.list_about(context, target, ListEventsCommand::default()).await),
            Self::TakeOutData => match users.data(context, target).await {
                Ok(_) => Outcome::Allowed,
                Err(GetDataError::Forbidden) => Outcome::Forbidden,
                Err(GetDataError::NotFound) => Outcome::NotFound,
                Err(error @ GetDataError::Storage(_)) => panic!("{error:?}"),
            },
            Self::Get { including_deleted } => match users.get(context, target, including_deleted).await {
                Ok(_) => Outcome::Allowed,
                Err(GetUserError::Forbidden) => Outcome::Forbidden,
                Err(GetUserError::NotFound) => Outcome::NotFound,
                Err(error @ GetUserError::Storage(_)) => panic!("{error:?}"),
            },
            Self::Update(_, changes) => match users.update(context, target, confirmed(put(*changes))).await {
                Ok(_) => Outcome::Allowed,
                Err(UpdateUserError::Change(error)) => refusal(&error),
                Err(error) => panic!("{error:?}"),
            },
            Self::Delete => outcome(users.delete(context, target, none).await),
            Self::Restore => outcome(users.restore(context, target, none).await),
            Self::Deactivate => outcome(users.deactivate(context, target, Deactivation::default(), none).await),
            Self::Activate => outcome(users.activate(context, target, none).await),
            Self::Unlock => outcome(users.unlock(context, target).await),
            Self::ListSessions => of_sessions(world.authentication.list_sessions(context, target).await),
            Self::RevokeSession => {
                let session = SessionId::new(Uuid::nil());
                of_sessions(world.authentication.revoke_session(context, target, session).await)
            }
            Self::RevokeSessions => of_sessions(world.authentication.revoke_sessions(context, target).await),
            Self::ResetPassword => match world.authentication.create_reset_token(context, target).await {
                Ok(_) => Outcome::Allowed,
                Err(ResetPasswordError::Forbidden) => Outcome::Forbidden,
                Err(ResetPasswordError::NotFound) => Outcome::NotFound,
                Err(error @ ResetPasswordError::Storage(_)) => panic!("{error:?}"),
            },
        }
    }
}

fn external_id() -> Change<ExternalId> {
    Change::Set(ExternalId::parse("hr-1").unwrap())
}

fn outcome<T>(result: Result<T, ChangeUserError>) -> Outcome {
    result.map_or_else(|error| refusal(&error), |_| Outcome::Allowed)
}

fn of_events<T>(result: Result<T, ListEventsError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Allowed,
        Err(ListEventsError::Forbidden) => Outcome::Forbidden,
        Err(ListEventsError::UserNotFound) => Outcome::NotFound,
        Err(error) => panic!("{error:?}"),
    }
}

/// That there is no such session is told to those alone who may end it.
fn of_sessions<T>(result: Result<T, SessionError>) -> Outcome {
    match result {
        Ok(_) | Err(SessionError::NotFound) => Outcome::Allowed,
        Err(SessionError::Forbidden) => Outcome::Forbidden,
        Err(SessionError::UserNotFound) => Outcome::NotFound,
        Err(error @ SessionError::Storage(_)) => panic!("{error:?}"),
    }
}

fn refusal(error: &ChangeUserError) -> Outcome {
    match error {
        ChangeUserError::Forbidden => Outcome::Forbidden,
        ChangeUserError::NotFound => Outcome::NotFound,
        error => panic!("{error:?}"),
    }
}

/// What becomes of it in a world of its own.
async fn attempt(who: Who, use_case: UseCase, whom: Whom) -> String {
    let world = World::new();
    let (context, own) = who.request(&world).await;
    let someone = user().last_name("Lee");
    let target = match (whom, own) {
        (Whom::Themself, Some(own)) => own,
        (Whom::Themself, None) => return "-".into(),
        (Whom::Another(role), _) => world.given(someone.role(role)).await,
        (Whom::Deleted, _) => {
            let gone = world.given(someone).await;
            world.users.delete(&RequestContext::system(), gone.id.into(), Precondition::None).await.unwrap();
            gone
        }
    };
    match use_case.run(&world, &context, target.id.into()).await {
        Outcome::Allowed => "yes".into(),
        Outcome::Forbidden => "forbidden".into(),
        Outcome::NotFound => "not found".into(),
    }
}

async fn row(table: &mut String, use_case: &UseCase, whom: Whom) {
    write!(table, "{:<28}", use_case.label()).unwrap();
    for who in Who::ALL {
        write!(table, " {:<11}", attempt(who, use_case.clone(), whom).await).unwrap();
    }
    table.truncate(table.trim_end().len());
    table.push('\n');
}

#[tokio::test]
async fn every_role_may_do_exactly_this() {
    let columns: String = Who::ALL.iter().fold(String::new(), |mut line, who| {
        write!(line, " {:<11}", format!("{who:?}").to_lowercase()).unwrap();
        line
    });
    let columns = columns.trim_end();
    let mut table = format!("{:<28}{columns}\n", "to all users");
    let on_all = [DeletedScope::Live, DeletedScope::All, DeletedScope::Only].map(UseCase::List);
    let of_trail = [UseCase::ListEvents, UseCase::FollowEvents];
    for use_case in [UseCase::Create].iter().chain(&on_all).chain(&of_trail) {
        row(&mut table, use_case, Whom::Another(Role::User)).await;
    }
    for whom in Whom::ALL {
        write!(table, "\n{:<28}{columns}\n", format!("to {}", whom.label())).unwrap();
        for use_case in UseCase::on_a_user() {
            row(&mut table, &use_case, whom).await;
        }
    }
    insta::assert_snapshot!("rights", table);
}

//! `usermgmt users`: the arguments.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{ArgAction, Args, Subcommand, ValueEnum};
use domain::query::{CountMode, DeletedScope, MAX_LIMIT, UserSort};
use domain::values::{Role, moment};

use super::transfer::{EXPORT_EXAMPLES, ExportUsersArguments, IMPORT_EXAMPLES, ImportArguments};
use super::user_name::UserName;

const CREATE_EXAMPLES: &str = "\
Examples:
  usermgmt users create --username ann --email ann@example.com          asks for the password, twice
  pwgen -s 20 1 | usermgmt users create --username bob --email bob@example.com --role admin
  usermgmt users create --username cid --email cid@example.com --password-stdin --json < password.txt";

const LIST_EXAMPLES: &str = "\
Examples:
  usermgmt users list --role admin --active
  usermgmt users list --q ann --sort -created_at --limit 10
  usermgmt users list --all --json > users.ndjson      one object a line, any number of users
  usermgmt users list --deleted=only --username ann

The table goes to standard output, what belongs beside it (the total, the next page) to standard error.";

const USER: &str = "\
A user is named by number (42), by UUID, by email address (what has an @) or by username (anything else).
A username that looks like one of the others is written username:42.
What begins with a minus stands behind two: usermgmt users get -- -ann.";

const SORT: &str =
    "id (default), created_at, updated_at, username, email or last_login_at; with a leading minus the other way round";

/// How a user is named, and in what form the answer is wanted.
#[derive(Debug, Args)]
pub(crate) struct OneUser {
    /// The user: a number, a UUID, an email address or a username
    pub(crate) user: UserName,
    /// Print the user as JSON, as the API shows them
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Make a user; the password is asked for, or read from standard input
    #[command(after_help = CREATE_EXAMPLES)]
    Create(Box<CreateArguments>),
    /// List and search users
    #[command(after_help = LIST_EXAMPLES)]
    List(Box<ListArguments>),
    /// Show one user
    #[command(after_help = USER)]
    Get {
        #[command(flatten)]
        one: OneUser,
        /// Show a deleted user, too
        #[arg(long)]
        deleted: bool,
    },
    /// Give a user a new password; it is asked for, or read from standard input
    #[command(after_help = USER)]
    SetPassword {
        #[command(flatten)]
        one: OneUser,
        #[command(flatten)]
        password: PasswordArguments,
        /// The user has to choose another one before anything else
        #[arg(long)]
        must_change_password: bool,
    },
    /// Give a user another role
    #[command(after_help = USER)]
    SetRole {
        #[command(flatten)]
        one: OneUser,
        /// The role from now on
        #[arg(value_enum)]
        role: RoleName,
    },
    /// Delete a user, softly: `restore` brings them back; or erase the person for good
    #[command(after_help = USER)]
    Delete {
        #[command(flatten)]
        one: OneUser,
        /// Erase the person, deleted or not: nothing brings them back, and the audit trail reads `[erased]`
        #[arg(long)]
        purge: bool,
    },
    /// Bring a deleted user back
    #[command(after_help = USER)]
    Restore(OneUser),
    /// Forget that sign-ins of a user failed, so that nobody has to wait before the next
    #[command(after_help = USER)]
    Unlock(OneUser),
    /// List where a user is signed in
    #[command(after_help = USER)]
    Sessions {
        /// The user: a number, a UUID, an email address or a username
        user: UserName,
        /// Print JSON: the object of GET /users/{id}/sessions
        #[arg(long)]
        json: bool,
    },
    /// Sign a user out everywhere
    #[command(after_help = USER)]
    RevokeSessions(OneUser),
    /// Take over users from a file: CSV, NDJSON, or what Keycloak, Auth0, Firebase or Django dump
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Box<ImportArguments>),
    /// Write all users out
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportUsersArguments),
}

impl UsersCommand {
    /// Whether it writes to the database.
    pub(crate) const fn changes_something(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Get { .. } | Self::Sessions { .. } | Self::Export(_))
    }
}

/// Where a password comes from. There is no argument that holds one: those of a process are anybody's to read.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PasswordArguments {
    /// Read the password from standard input, of which one trailing newline is dropped; so it is where that is no terminal
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArguments {
    /// 3 to 50 characters, without white space and @
    #[arg(long)]
    pub(crate) username: String,
    #[arg(long, help = "An email address")]
    pub(crate) email: String,
    /// What the user may do
    #[arg(long, value_enum)]
    pub(crate) role: Option<RoleName>,
    /// The whole name, where it is not first and last name
    #[arg(long, value_name = "NAME")]
    pub(crate) full_name: Option<String>,
    #[arg(long, value_name = "NAME", help = "The given name")]
    pub(crate) first_name: Option<String>,
    #[arg(long, value_name = "NAME", help = "The family name")]
    pub(crate) last_name: Option<String>,
    /// The user may not sign in
    #[arg(long)]
    pub(crate) inactive: bool,
    /// The user's name in another system
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// The language to speak to the person in, such as en-GB
    #[arg(long, value_name = "TAG")]
    pub(crate) locale: Option<String>,
    /// The application's data that the person may change, an object
    #[arg(long, value_name = "JSON")]
    pub(crate) user_metadata: Option<String>,
    /// The application's data that the person may not change, an object
    #[arg(long, value_name = "JSON")]
    pub(crate) app_metadata: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
    /// The user has to choose another password before anything else
    #[arg(long)]
    pub(crate) must_change_password: bool,
    /// Print the user as JSON, as the API shows them
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ListArguments {
    /// The username, email, full name or last name begins with this, whatever its case; '*TEXT*' looks inside of them
    #[arg(long, value_name = "TEXT")]
    pub(crate) q: Option<String>,
    /// Has this role
    #[arg(long, value_enum)]
    pub(crate) role: Option<RoleName>,
    /// Is active
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) active: bool,
    /// Is not active
    #[arg(long, conflicts_with = "active")]
    pub(crate) inactive: bool,
    /// Has this username, whatever its case and width
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// Has this email address, whatever its case
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Has exactly this id in another system
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Deleted users, too, or only those
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "too")]
    pub(crate) deleted: Option<Deleted>,
    /// Was made after this time: 2026-01-31T12:00:00Z, or 2026-01-31 for the beginning of that day (UTC)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) created_after: Option<DateTime<Utc>>,
    /// Was made before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) created_before: Option<DateTime<Utc>>,
    #[arg(long, value_name = "KEY", help = SORT, allow_hyphen_values = true, value_parser = sort)]
    pub(crate) sort: Option<UserSort>,
    /// How many at most, up to 100; 0 for the total alone
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_LIMIT)))]
    pub(crate) limit: u32,
    /// Go on after the page that named this cursor, with the same filters and order
    // One in 64 begins with a minus.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) cursor: Option<String>,
    /// Whether to count all that match
    #[arg(long, value_enum, default_value = "exact")]
    pub(crate) count: Count,
    /// Everybody, page after page; with --json one object a line
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,
    /// Print JSON: the object of GET /users
    #[arg(long)]
    pub(crate) json: bool,
}

/// A role, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    User,
    Moderator,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::User => Self::User,
            RoleName::Moderator => Self::Moderator,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// Which deleted users, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deleted {
    /// Living users and deleted ones
    Too,
    /// Only deleted ones
    Only,
}

impl From<Deleted> for DeletedScope {
    fn from(deleted: Deleted) -> Self {
        match deleted {
            Deleted::Too => Self::All,
            Deleted::Only => Self::Only,
        }
    }
}

/// Whether to count, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Count {
    Exact,
    None,
}

impl From<Count> for CountMode {
    fn from(count: Count) -> Self {
        match count {
            Count::Exact => Self::Exact,
            Count::None => Self::None,
        }
    }
}

fn sort(text: &str) -> Result<UserSort, String> {
    UserSort::parse(text).map_err(|violation| violation.detail().to_owned())
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()).or_else(day);
    time.map(moment).ok_or_else(|| "a time is written 2026-01-31T12:00:00Z, or 2026-01-31".to_owned())
}

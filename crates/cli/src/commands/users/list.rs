//! `usermgmt users list`.

use application::users::{ListUsersCommand, PageStart, UserListing};
use domain::query::{CountMode, DeletedScope, MAX_LIMIT, Search, Total, UserFilter};
use domain::user::UserView;
use domain::values::{EmailAddress, Username};

use super::Desk;
use super::refusal::not_listed;
use super::show::{NOTHING, time};
use crate::arguments::ListArguments;
use crate::commands::{Failure, print, print_while_read, remark};
use crate::table::Table;
use crate::terminal::visible_json;

impl Desk {
    pub(super) async fn list(&self, arguments: ListArguments) -> Result<(), Failure> {
        let (all, as_json) = (arguments.all, arguments.json);
        let command = command(arguments);
        match (all, as_json) {
            (true, _) => self.list_everybody(command, as_json).await,
            (false, true) => {
                // The number of a page that was asked for by cursor is not known.
                let skip = if let PageStart::Skip(skip) = command.start { Some(skip) } else { None };
                let shows_deletion = command.filter.deleted != DeletedScope::Live;
                let listing = self.page(command).await?;
                print(&(visible_json(self.json.showing_deletion(shows_deletion).page(&listing, skip)) + "\n"))
            }
            (false, false) => {
                let mut rows = Rows::new(&command);
                let listing = self.page(command).await?;
                print(&rows.of(self, &listing.users))?;
                remark(&below(&listing));
                Ok(())
            }
        }
    }

    /// Page after page, so that any number of users takes no more memory than one page.
    async fn list_everybody(&self, mut command: ListUsersCommand, as_json: bool) -> Result<(), Failure> {
        (command.limit, command.count) = (MAX_LIMIT, CountMode::None);
        let (mut rows, mut shown) = (Rows::new(&command), 0);
        let json = self.json.showing_deletion(command.filter.deleted != DeletedScope::Live);
        loop {
            let listing = self.page(command.clone()).await?;
            shown += listing.users.len() as u64;
            let text = if as_json {
                listing.users.iter().map(|user| visible_json(json.one(user)) + "\n").collect()
            } else {
                rows.of(self, &listing.users)
            };
            if !print_while_read(&text)? {
                return Ok(());
            }
            let Some(next) = listing.next_cursor else { break };
            command.start = PageStart::Cursor(next);
        }
        if !as_json {
            remark(&total_of(shown));
        }
        Ok(())
    }

    async fn page(&self, command: ListUsersCommand) -> Result<UserListing, Failure> {
        self.users.list(&self.context, command).await.map_err(|error| not_listed(&error))
    }
}

fn command(arguments: ListArguments) -> ListUsersCommand {
    let filter = UserFilter {
        role: arguments.role.map(Into::into),
        is_active: (arguments.active || arguments.inactive).then_some(arguments.active),
        search: arguments.q.and_then(|text| Search::parse(&text)),
        username: arguments.username.map(|text| Username::key_of(&text)),
        email: arguments.email.map(|text| EmailAddress::key_of(&text)),
        external_id: arguments.external_id,
        created_after: arguments.created_after,
        created_before: arguments.created_before,
        deleted: arguments.deleted.map_or(DeletedScope::Live, Into::into),
    };
    ListUsersCommand {
        filter,
        sort: arguments.sort.unwrap_or_default(),
        start: arguments.cursor.map_or_else(PageStart::default, PageStart::Cursor),
        limit: arguments.limit,
        count: arguments.count.into(),
    }
}

/// The table of users.
struct Rows {
    table: Table,
    shows_deletion: bool,
}

impl Rows {
    fn new(command: &ListUsersCommand) -> Self {
        let shows_deletion = command.filter.deleted != DeletedScope::Live;
        let table = if shows_deletion {
            Table::new(["ID", "USERNAME", "EMAIL", "FULL NAME", "ROLE", "ACTIVE", "CREATED", "DELETED"])
        } else {
            Table::new(["ID", "USERNAME", "EMAIL", "FULL NAME", "ROLE", "ACTIVE", "CREATED"])
        };
        Self { table, shows_deletion }
    }

    fn of(&mut self, desk: &Desk, users: &[UserView]) -> String {
        let shows_deletion = self.shows_deletion;
        self.table.lines(users.iter().map(|user| {
            let mut row = vec![
                desk.id(user),
                user.username.clone(),
                user.email.clone(),
                user.displayed_full_name().as_deref().unwrap_or(NOTHING).to_owned(),
                user.role.to_string(),
                if user.is_active { "yes" } else { "no" }.to_owned(),
                time(Some(user.created_at)),
            ];
            if shows_deletion {
                row.push(time(user.deleted_at));
            }
            row
        }))
    }
}

/// What stands below a page.
fn below(listing: &UserListing) -> String {
    let shown = listing.users.len();
    let mut text = match listing.total {
        Some(Total { count, capped: true }) => format!("{shown} of {count} users or more"),
        Some(Total { count, .. }) if listing.next_cursor.is_some() => format!("{shown} of {count} users"),
        Some(Total { count, .. }) => total_of(count),
        None => format!("{shown} users shown"),
    };
    if let Some(cursor) = &listing.next_cursor {
        text.push_str("; everybody: --all; the next page: --cursor ");
        text.push_str(cursor);
    }
    text
}

fn total_of(count: u64) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}

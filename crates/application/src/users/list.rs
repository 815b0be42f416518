//! Listing and searching users.

use domain::access::Permission;
use domain::ports::StorageError;
use domain::query::{CountMode, DeletedScope, ListUsers, MAX_LIMIT, SortPosition, Total, UserFilter, UserSort, Window};
use domain::user::UserView;

use super::Users;
use crate::RequestContext;

/// Which users to list, in what order, which part.
#[derive(Debug, Clone, Default)]
pub struct ListUsersCommand {
    /// Which users.
    pub filter: UserFilter,
    /// In what order.
    pub sort: UserSort,
    /// From where on.
    pub start: PageStart,
    /// How many at most; more than [`MAX_LIMIT`] is taken as that.
    pub limit: u32,
    /// Whether to count.
    pub count: CountMode,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub enum PageStart {
    /// After so many users.
    Skip(u64),
    /// Where the page ended that this cursor came with.
    Cursor(String),
}

impl Default for PageStart {
    fn default() -> Self {
        Self::Skip(0)
    }
}

/// A page of users.
#[derive(Debug, Clone)]
pub struct UserListing {
    /// The users, in order.
    pub users: Vec<UserView>,
    /// How many match in all, where it was asked for.
    pub total: Option<Total>,
    /// What to ask with for the next page, if there is one.
    pub next_cursor: Option<String>,
    /// The limit in force.
    pub limit: u32,
}

/// Why users were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListUsersError {
    /// The actor may not list users, or not deleted ones.
    #[error("listing users is not allowed")]
    Forbidden,
    /// The cursor was not made by this service for this filter and sort.
    #[error("cursor does not fit this listing")]
    InvalidCursor,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Users {
    /// A page of the users that match.
    ///
    /// # Errors
    ///
    /// [`ListUsersError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list(
        &self,
        context: &RequestContext,
        command: ListUsersCommand,
    ) -> Result<UserListing, ListUsersError> {
        let ListUsersCommand { filter, sort, start, limit, count } = command;
        let fingerprint = ListUsers::fingerprint(&filter, sort);
        let window = match start {
            PageStart::Skip(skip) => Window::Skip(skip),
            PageStart::Cursor(cursor) => {
                let position = self.ports.cursors.open(&cursor, &fingerprint);
                let position = position.and_then(|bytes| SortPosition::from_bytes(&bytes, sort.key));
                Window::After(position.ok_or(ListUsersError::InvalidCursor)?)
            }
        };
        let sees_deleted = filter.deleted != DeletedScope::Live;
        if !context.actor.may(Permission::UsersRead) || sees_deleted && !context.actor.may(Permission::UsersDelete) {
            return Err(ListUsersError::Forbidden);
        }
        let limit = limit.min(MAX_LIMIT);
        let page = self.ports.reading(&context.actor).list(&ListUsers { filter, sort, window, limit, count }).await?;
        let next_cursor = page.next.map(|position| self.ports.cursors.seal(&position.to_bytes(), &fingerprint));
        Ok(UserListing { users: page.users, total: page.total, next_cursor, limit })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::ports::mocks::MockUserQueries;
    use domain::query::{SortKey, UserPage};
    use domain::values::Role;
    use rstest::rstest;
    use testkit::user;

    use super::*;
    use crate::fixture::{World, admin, somebody};
    use crate::users::{Precondition, UserPolicy};

    async fn three(world: &World) {
        for name in ["ann", "bob", "cid"] {
            world.given(user().named(name)).await;
        }
    }

    fn names(listing: &UserListing) -> Vec<&str> {
        listing.users.iter().map(|view| view.username.as_str()).collect()
    }

    fn by_name(descending: bool) -> UserSort {
        UserSort { key: SortKey::Username, descending }
    }

    #[tokio::test]
    async fn a_page_says_how_many_there_are_in_all() {
        let world = World::new();
        three(&world).await;
        let command = ListUsersCommand { start: PageStart::Skip(1), limit: 1, ..ListUsersCommand::default() };
        let page = world.users.list(&admin(), command).await.unwrap();
        assert_eq!((names(&page), page.limit), (vec!["bob"], 1));
        assert_eq!(page.total, Some(Total { count: 3, capped: false }));
    }

    #[rstest]
    #[case::by_id(UserSort::default(), ["ann", "bob", "cid"])]
    #[case::by_name_backwards(by_name(true), ["cid", "bob", "ann"])]
    #[case::by_age(UserSort { key: SortKey::CreatedAt, descending: false }, ["ann", "bob", "cid"])]
    #[tokio::test]
    async fn cursors_lead_through_all_users_and_end(#[case] sort: UserSort, #[case] expected: [&str; 3]) {
        let world = World::new();
        three(&world).await;
        let mut start = PageStart::default();
        let mut seen = Vec::new();
        loop {
            let command = ListUsersCommand { sort, start, limit: 1, ..ListUsersCommand::default() };
            let page = world.users.list(&admin(), command).await.unwrap();
            seen.extend(names(&page).into_iter().map(str::to_owned));
            match page.next_cursor {
                Some(cursor) if seen.len() < 4 => start = PageStart::Cursor(cursor),
                _ => break,
            }
        }
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn a_cursor_is_good_for_its_own_filter_and_sort_only() {
        let world = World::new();
        three(&world).await;
        let first = ListUsersCommand { sort: by_name(false), limit: 1, ..ListUsersCommand::default() };
        let cursor = world.users.list(&admin(), first.clone()).await.unwrap().next_cursor.unwrap();
        let next = ListUsersCommand { start: PageStart::Cursor(cursor), ..first };
        let filter = UserFilter { role: Some(Role::User), ..UserFilter::default() };
        for other in [
            ListUsersCommand { sort: by_name(true), ..next.clone() },
            ListUsersCommand { sort: UserSort { key: SortKey::Email, descending: false }, ..next.clone() },
            ListUsersCommand { filter, ..next.clone() },
        ] {
            let error = world.users.list(&admin(), other).await.unwrap_err();
            assert!(matches!(error, ListUsersError::InvalidCursor), "{error:?}");
        }
        let another_limit = ListUsersCommand { limit: 2, count: CountMode::None, ..next };
        assert_eq!(names(&world.users.list(&admin(), another_limit).await.unwrap()), ["bob", "cid"]);
    }

    #[rstest]
    #[case::empty("")]
    #[case::garbage("not a cursor")]
    #[tokio::test]
    async fn what_is_no_cursor_is_refused(#[case] cursor: &str) {
        let command = ListUsersCommand { start: PageStart::Cursor(cursor.into()), ..ListUsersCommand::default() };
        let error = World::new().users.list(&admin(), command).await.unwrap_err();
        assert!(matches!(error, ListUsersError::InvalidCursor), "{error:?}");
    }

    #[tokio::test]
    async fn a_sealed_text_that_is_no_position_is_refused() {
        let world = World::new();
        let bound_to = ListUsers::fingerprint(&UserFilter::default(), UserSort::default());
        let cursor = world.ports.cursors.seal(b"short", &bound_to);
        let command = ListUsersCommand { start: PageStart::Cursor(cursor), ..ListUsersCommand::default() };
        let error = world.users.list(&admin(), command).await.unwrap_err();
        assert!(matches!(error, ListUsersError::InvalidCursor), "{error:?}");
    }

    #[rstest]
    #[case(0, 0)]
    #[case(1, 1)]
    #[case(MAX_LIMIT, MAX_LIMIT)]
    #[case(MAX_LIMIT + 1, MAX_LIMIT)]
    #[case(u32::MAX, MAX_LIMIT)]
    #[tokio::test]
    async fn nobody_gets_more_than_the_longest_page(#[case] asked: u32, #[case] in_force: u32) {
        let mut queries = MockUserQueries::new();
        let empty = UserPage { users: Vec::new(), total: None, next: None };
        queries.expect_list().withf(move |query| query.limit == in_force).times(1).return_once(|_| Ok(empty));
        let mut ports = World::new().ports;
        ports.queries = Arc::new(queries);
        let users = Users::new(ports, UserPolicy::default());
        let command = ListUsersCommand { limit: asked, ..ListUsersCommand::default() };
        assert_eq!(users.list(&admin(), command).await.unwrap().limit, in_force);
    }

    #[tokio::test]
    async fn deleted_users_are_listed_where_they_are_asked_for() {
        let world = World::new();
        three(&world).await;
        let listing = world.users.list(&admin(), ListUsersCommand { limit: 1, ..Default::default() }).await.unwrap();
        world.users.delete(&admin(), listing.users[0].id.into(), Precondition::None).await.unwrap();
        for (deleted, expected) in [
            (DeletedScope::Live, vec!["bob", "cid"]),
            (DeletedScope::All, vec!["ann", "bob", "cid"]),
            (DeletedScope::Only, vec!["ann"]),
        ] {
            let filter = UserFilter { deleted, ..UserFilter::default() };
            let command = ListUsersCommand { filter, limit: 10, ..ListUsersCommand::default() };
            assert_eq!(names(&world.users.list(&admin(), command).await.unwrap()), expected);
        }
    }

    #[rstest]
    #[case::users_list_nobody(Role::User, DeletedScope::Live, false)]
    #[case::moderators_list_the_living(Role::Moderator, DeletedScope::Live, true)]
    #[case::moderators_do_not_list_the_deleted(Role::Moderator, DeletedScope::Only, false)]
    #[case::nor_both_together(Role::Moderator, DeletedScope::All, false)]
    #[case::administrators_list_all(Role::Admin, DeletedScope::All, true)]
    #[tokio::test]
    async fn who_may_list_whom(#[case] role: Role, #[case] deleted: DeletedScope, #[case] allowed: bool) {
        let filter = UserFilter { deleted, ..UserFilter::default() };
        let command = ListUsersCommand { filter, ..ListUsersCommand::default() };
        match World::new().users.list(&somebody(role), command).await {
            Ok(_) => assert!(allowed),
            Err(error) => assert!(!allowed && matches!(error, ListUsersError::Forbidden), "{error:?}"),
        }
    }
}

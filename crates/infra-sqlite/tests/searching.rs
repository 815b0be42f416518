//! Searching inside of names where there are more users than are looked at for one answer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use domain::ports::UserQueries as _;
use domain::query::{ListUsers, Search, SortKey, Total, UserFilter, UserSort, Window};
use infra_sqlite::{SqliteSettings, SqliteStorage};
use sea_orm::ConnectionTrait as _;

/// Three of the 45,000 users have a text that is too short for the index.
async fn crowd() -> SqliteStorage {
    let (url, acquire_timeout) = ("sqlite::memory:".to_owned(), Duration::from_secs(2));
    let storage = SqliteStorage::connect(&SqliteSettings { url, pool_size: 1, acquire_timeout }).await.unwrap();
    storage.migrate_up().await.unwrap();
    let db = storage.inner().pools().writer;
    db.execute_unprepared(CROWD).await.unwrap();
    let rare = "UPDATE users SET username_folded = id || 'zq', full_name_folded = 'rare' WHERE id IN (7, 30000, 44999)";
    db.execute_unprepared(rare).await.unwrap();
    let sign_in = "INSERT INTO login_states (user_id, last_login_at, generation) \
                   SELECT id, created_at, 0 FROM users WHERE id % 2 = 0";
    db.execute_unprepared(sign_in).await.unwrap();
    storage
}

fn search(text: &str) -> ListUsers {
    let filter = UserFilter { search: Some(Search::Within(text.to_owned())), ..UserFilter::default() };
    ListUsers { filter, limit: 10, ..ListUsers::default() }
}

#[tokio::test]
async fn where_looking_stopped_the_cursor_goes_on_until_everybody_was_shown_once() {
    let storage = crowd().await;
    for key in SortKey::ALL {
        for descending in [false, true] {
            let mut query = ListUsers { sort: UserSort { key, descending }, ..search("zq") };
            let (mut found, mut pages) = (Vec::new(), 0);
            loop {
                let page = storage.list(&query).await.unwrap();
                assert_eq!(page.total, Some(Total { count: 1, capped: true }), "{query:?}");
                found.extend(page.users.iter().map(|user| user.id.get()));
                pages += 1;
                let Some(next) = page.next else { break };
                query.window = Window::After(next);
            }
            found.sort_unstable();
            assert_eq!(found, [7, 30_000, 44_999], "{key:?} {descending}");
            assert!((3..=5).contains(&pages), "{key:?} {descending}: {pages} pages");
        }
    }
}

#[tokio::test]
async fn what_the_index_finds_is_complete_at_once() {
    let storage = crowd().await;
    let page = storage.list(&search("rare")).await.unwrap();
    assert_eq!(page.users.iter().map(|user| user.id.get()).collect::<Vec<_>>(), [7, 30_000, 44_999]);
    assert_eq!((page.total, page.next), (Some(Total { count: 3, capped: false }), None));
}

#[tokio::test]
async fn a_page_of_what_many_have_is_full_at_once() {
    let storage = crowd().await;
    for text in ["user", "@example.org", "r"] {
        for key in SortKey::ALL {
            let query = ListUsers { sort: UserSort { key, descending: false }, ..search(text) };
            let page = storage.list(&query).await.unwrap();
            assert_eq!((page.users.len(), page.total), (10, Some(Total { count: 10_000, capped: true })), "{query:?}");
            assert_eq!(page.next.map(|next| next.id), page.users.last().map(|user| user.id), "{query:?}");
        }
    }
}

const CROWD: &str = "
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 45000),
named AS (SELECT n, printf('user%05d', n) AS name, datetime('2026-01-01', n || ' minutes') AS at FROM numbers)
INSERT INTO users (uuid, username, email, username_key, email_key, email_canonical, username_folded, email_folded,
  full_name_folded, last_name_folded, password_hash, password_changed_at, must_change_password, role, is_active,
  user_metadata, app_metadata, version, auth_epoch, created_at, updated_at)
SELECT randomblob(16), name, name || '@example.org', name, name || '@example.org', name || '@example.org', name,
  name || '@example.org', 'full ' || name, 'last ' || name, 'x', at, 0, 'user', 1, '{}', '{}', 1, 0, at, at
FROM named";

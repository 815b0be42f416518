//! The cache against a database whose answers come when the test says so.

mod keeping;
mod mix;
mod races;
mod stress;

use async_trait::async_trait;
use chrono::{TimeZone as _, Utc};
use domain::ports::StorageFault;
use domain::values::{Metadata, Role, UserId};
use testkit::people::{Only, People, number_of, uuid_of as uuid, view as user};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::trial::{self, linger, settle};

type Asker = trial::Asker<Result<Option<Arc<UserView>>, StorageError>>;
type Questions = trial::Questions<Question>;

/// Somebody of whom everything is known.
pub(super) fn everything(number: i64) -> UserView {
    let metadata = |text: &str| Metadata::from_json_object(text.to_owned()).unwrap();
    let at = Utc.timestamp_micros(-1);
    UserView {
        full_name: Some("Ann Archer \u{1f3f9}".to_owned()),
        role: Role::Admin,
        is_active: false,
        email_verified: true,
        external_id: Some("x".to_owned()),
        locale: Some("de".to_owned()),
        user_metadata: metadata(r#"{"theme":"dark"}"#),
        app_metadata: metadata(r#"{"plan":1}"#),
        suspended_until: at.single(),
        deleted_at: at.single(),
        version: i64::MAX,
        ..user(number)
    }
}

fn id(number: i64) -> UserRef {
    UserRef::Id(UserId::new(number))
}

pub(super) fn of_user(number: i64) -> AccessChange {
    AccessChange { user: Some(uuid(number)), session: None, effect: Effect::Detail }
}

fn creation_of(number: i64) -> AccessChange {
    AccessChange { effect: Effect::Creation, ..of_user(number) }
}

/// A query that waits for its answer.
struct Question {
    user: UserRef,
    answer: oneshot::Sender<Result<Option<UserView>, StorageError>>,
}

impl Question {
    /// Answers that the user is there, in that version.
    fn version(self, number: i64, version: i64) {
        self.is(UserView { version, ..user(number) });
    }

    fn is(self, view: UserView) {
        let _ = self.answer.send(Ok(Some(view)));
    }

    fn nobody(self) {
        let _ = self.answer.send(Ok(None));
    }

    fn fails(self) {
        let _ = self.answer.send(Err(StorageError::new(StorageFault::Unavailable, "away")));
    }
}

/// Asks the test.
struct Asking(mpsc::UnboundedSender<Question>);

#[async_trait]
impl People for Asking {
    async fn look_up(&self, user: UserRef) -> Result<Option<UserView>, StorageError> {
        let (answer, waiting) = oneshot::channel();
        let _ = self.0.send(Question { user, answer });
        waiting.await.expect("the test answers")
    }
}

fn cache(limits: Limits) -> (Arc<UserCache>, Questions) {
    let (sender, questions) = mpsc::unbounded_channel();
    let cache = UserCache::within(limits, Arc::new(Only(Asking(sender))), None);
    (Arc::new(cache), trial::Questions(questions))
}

/// Somebody asks, and is left to wait.
fn asked(cache: &Arc<UserCache>, user: UserRef) -> Asker {
    asked_within(cache, user, DeletedScope::Live)
}

fn asked_within(cache: &Arc<UserCache>, user: UserRef, scope: DeletedScope) -> Asker {
    let cache = Arc::clone(cache);
    Asker::of(async move { cache.find(user, scope).await })
}

impl Asker {
    async fn view(self) -> Option<Arc<UserView>> {
        self.answer().await.expect("an answer")
    }

    async fn version(self) -> Option<i64> {
        self.view().await.map(|view| view.version)
    }
}

/// Somebody asks, and the database is asked for it.
async fn loaded(cache: &Arc<UserCache>, questions: &mut Questions, user: UserRef, number: i64, version: i64) {
    let asker = asked(cache, user);
    questions.next().await.version(number, version);
    assert_eq!(asker.version().await, Some(version));
}

//! Users that replicas share through Redis, for a minute at most.
//!
//! Nothing that Redis says is believed by itself. What lies there is sealed, and names the database it is from, whom it is
//! about, and a number of the log of changes up to which every change is in it. It is used only by a replica that knows the
//! log from that number on, and knows of no change of that user behind it.

mod numbers;
mod sweeper;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::ports::{Clock, CopySealer, LoggedChange};
use domain::user::UserView;
use domain::values::{UserRef, UserUuid};
use redis::Script;
use serde::{Deserialize, Serialize};

use super::packed::{pack, unpack};
use crate::RedisLink;
use numbers::Numbers;
use sweeper::Sweeper;

/// How long a user lies there at most.
const LIFETIME: Duration = Duration::from_mins(1);

/// Grows with the format of what is sealed.
const FORMAT: u8 = 1;

/// What follows the key of a number to the key of a UUID.
const FOLLOW: &str = "local key = redis.call('GET', KEYS[1]) return key and redis.call('GET', key)";

/// Users that replicas of one database share through Redis, for a minute at most.
///
/// If Redis is away it has nobody, at once; if it is slow, the first who asks waits 100 ms. If it lies, it can hide users
/// and cannot show wrong ones: what lies there is sealed, and is believed only where the log of changes has nothing newer.
pub struct SharedUsers {
    link: Arc<RedisLink>,
    sealer: Arc<dyn CopySealer>,
    clock: Arc<dyn Clock>,
    database: Vec<u8>,
    numbers: Numbers,
    follow: Script,
    sweeper: Sweeper,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Copy<'a> {
    format: u8,
    /// Every change with a number up to this one is in it.
    floor: i64,
    /// In seconds, by the clock of the replica that asked the database.
    loaded_at: i64,
    packed: &'a [u8],
}

impl std::fmt::Debug for SharedUsers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedUsers").finish_non_exhaustive()
    }
}

impl SharedUsers {
    /// Users of the database of this name. Replicas share with those that call it the same and have the same key.
    ///
    /// Must be called within a tokio runtime.
    pub fn new(link: Arc<RedisLink>, sealer: Arc<dyn CopySealer>, clock: Arc<dyn Clock>, database: &str) -> Self {
        let sweeper = Sweeper::of(&link);
        let database = database.as_bytes().to_vec();
        Self { link, sealer, clock, database, numbers: Numbers::new(), follow: Script::new(FOLLOW), sweeper }
    }

    /// The user, if they lie there and no change is known that is not in it.
    pub(super) async fn find(&self, user: UserRef) -> Option<UserView> {
        let key = self.key(user);
        let sealed: Option<String> = match user {
            UserRef::Uuid(_) => {
                self.link
                    .ask(async |mut connection| redis::cmd("GET").arg(&key).query_async(&mut connection).await)
                    .await?
            }
            UserRef::Id(_) => {
                self.link.ask(async |mut connection| self.follow.key(&key).invoke_async(&mut connection).await).await?
            }
        };
        self.open(&sealed?, user)
    }

    /// What was sealed, if it is about this user and true.
    fn open(&self, sealed: &str, user: UserRef) -> Option<UserView> {
        let plain = self.sealer.open(sealed, &self.database)?;
        let copy: Copy<'_> = postcard::from_bytes(&plain).ok()?;
        let age = TimeDelta::seconds(self.now().checked_sub(copy.loaded_at)?);
        let is_young = copy.format == FORMAT && age <= TimeDelta::from_std(LIFETIME).ok()?;
        let view = unpack(copy.packed).filter(|_| is_young)?;
        let is_asked_for = match user {
            UserRef::Id(id) => view.id == id,
            UserRef::Uuid(uuid) => view.uuid == uuid,
        };
        (is_asked_for && self.numbers.has_nothing_newer(view.uuid, copy.floor, copy.loaded_at)).then_some(view)
    }

    /// Up to which number every change is seen by a query that begins now; `None` while that is not known.
    pub(super) fn floor(&self) -> Option<i64> {
        self.numbers.floor()
    }

    /// Lets the others have what the database answered to a query that began when this was the floor.
    pub(super) async fn keep(&self, view: &UserView, floor: i64) {
        let Some(packed) = pack(view) else { return };
        let copy = Copy { format: FORMAT, floor, loaded_at: self.now(), packed: &packed };
        let Ok(plain) = postcard::to_allocvec(&copy) else { return };
        let sealed = self.sealer.seal(&plain, &self.database);
        let (by_uuid, by_id) = (self.key(UserRef::Uuid(view.uuid)), self.key(UserRef::Id(view.id)));
        let mut both = redis::pipe();
        both.set_ex(&by_uuid, sealed, LIFETIME.as_secs()).ignore();
        both.set_ex(&by_id, &by_uuid, LIFETIME.as_secs()).ignore();
        self.link.ask(async |mut connection| both.exec_async(&mut connection).await).await;
    }

    /// These changed, in this process.
    pub(super) fn committed(&self, users: impl Iterator<Item = UserUuid>) {
        for user in users {
            self.numbers.changed_here(user);
            self.sweeper.sweep(self.key(UserRef::Uuid(user)));
        }
    }

    pub(super) fn changed(&self, changes: &[LoggedChange], floor: i64) {
        let about = changes.iter().filter_map(|logged| Some((logged.change.user?, logged.number)));
        self.numbers.changed(about, floor, self.now());
    }

    pub(super) fn forget_everything(&self) {
        self.numbers.forget_everything();
    }

    pub(super) fn heard(&self, ago: Duration) {
        self.numbers.heard(ago);
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// Says nothing of who they are to whoever looks into Redis.
    fn key(&self, user: UserRef) -> String {
        let name = match user {
            UserRef::Id(id) => self.sealer.name(&[&self.database, b"id", &id.get().to_be_bytes()]),
            UserRef::Uuid(uuid) => self.sealer.name(&[&self.database, b"uuid", uuid.get().as_bytes()]),
        };
        format!("usermgmt:user:{}", name.to_hex())
    }
}

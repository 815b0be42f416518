//! The storage of one test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{SchemaState, SessionQueries, Storage, StorageError, StorageProbe, UnitOfWork, UserQueries};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::session::{Session, SessionAccess};
use domain::user::{User, UserView};
use domain::values::{Digest, SessionId, UserRef, UserUuid};
use infra_memory::MemoryStorage;
use sea_orm::{ConnectionTrait, Statement};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::RUNTIME;
use super::connected::Connected;
use super::template;
use crate::test_app::Stores;

/// The storage of one test, made when it is first used: many tests never do.
#[derive(Default)]
pub(crate) struct Place(OnceCell<Made>);

struct Made {
    connected: Connected,
    stores: Stores,
    /// Of a copy of the template.
    url: Option<String>,
}

/// An event of the audit trail, as far as the surface has a say in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) action: String,
    pub(crate) request_id: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) actor_name: Option<String>,
    pub(crate) session_id: Option<String>,
}

impl Place {
    /// Waits until it is there, so that the next request need not.
    pub(crate) async fn reach(&self) {
        self.made().await;
    }

    /// The audit trail as far as it was committed, in any order.
    pub(crate) async fn events(&self) -> Vec<Event> {
        match (&self.made().await.connected, self.made().await.connected.reader()) {
            (Connected::Memory(storage), _) => storage
                .audit_events()
                .into_iter()
                .map(|event| Event {
                    action: event.action.to_owned(),
                    request_id: event.origin.request_id,
                    user_agent: event.origin.user_agent,
                    ip: event.origin.ip.map(|ip| ip.to_string()),
                    actor_name: event.actor.name().map(ToOwned::to_owned),
                    session_id: event.origin.session_id.map(|id| id.to_string()),
                })
                .collect(),
            (_, reader) => {
                let db = reader.unwrap();
                let sql = "SELECT action, request_id, user_agent, ip, actor_name, session_id FROM audit_events";
                let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
                rows.iter()
                    .map(|row| Event {
                        action: row.try_get("", "action").unwrap(),
                        request_id: row.try_get("", "request_id").unwrap(),
                        user_agent: row.try_get("", "user_agent").unwrap(),
                        ip: row.try_get("", "ip").unwrap(),
                        actor_name: row.try_get("", "actor_name").unwrap(),
                        session_id: row.try_get::<Option<Uuid>>("", "session_id").unwrap().map(|id| id.to_string()),
                    })
                    .collect()
            }
        }
    }

    async fn made(&self) -> &Made {
        self.0.get_or_init(|| async { RUNTIME.spawn(make()).await.unwrap() }).await
    }
}

async fn make() -> Made {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Some(template) = template::of_this_process() else {
        let connected = Connected::Memory(MemoryStorage::new());
        return Made { stores: connected.stores(), connected, url: None };
    };
    let url = template::copy(&template, NUMBER.fetch_add(1, Ordering::Relaxed)).await;
    let connected = Connected::to(&url).await;
    Made { stores: connected.stores(), connected, url: Some(url) }
}

/// Clears the database away, without waiting for it. What is left at the end goes with the template.
pub(crate) fn clear(place: Arc<Place>) {
    RUNTIME.spawn(async move {
        if let Some(made) = place.0.get()
            && let Some(url) = &made.url
        {
            made.connected.close().await;
            template::drop_copy(url).await;
        }
    });
}

#[async_trait]
impl Storage for Place {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        self.made().await.stores.storage.begin().await
    }
}

#[async_trait]
impl UserQueries for Place {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.made().await.stores.queries.find(user, scope).await
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        self.made().await.stores.queries.list(query).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.made().await.stores.queries.suspensions_ended(now, limit).await
    }
}

#[async_trait]
impl SessionQueries for Place {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        self.made().await.stores.sessions.find_login(name).await
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        self.made().await.stores.sessions.login_standing(name, network, user).await
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.made().await.stores.sessions.find_access(session).await
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        self.made().await.stores.sessions.find_token_session(token).await
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        self.made().await.stores.sessions.sessions_of(user, now).await
    }
}

#[async_trait]
impl StorageProbe for Place {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        self.made().await.stores.probe.probe().await
    }
}

//! One database through all nodes: each unit of work and each reading goes to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{
    SchemaState, SessionQueries, Storage, StorageError, StorageFault, StorageProbe, UnitOfWork, UserQueries,
};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::session::{Session, SessionAccess};
use domain::user::{User, UserView};
use domain::values::{Digest, SessionId, UserId, UserRef, UserUuid};
use infra_mysql::MySqlStorage;
use sea_orm::DatabaseConnection;
use storage_contract::server::ServerDatabase;
use storage_contract::{Harness, NoStore, Ports, Store};

use crate::cluster::{Cluster, catch_up, connect};
use crate::server::Schema;

const UNTIL_SHOWN: Duration = Duration::from_millis(50);

/// The storages of one database on every node.
#[derive(Clone)]
pub(crate) struct Crossing {
    nodes: Arc<Vec<Node>>,
    next: Arc<AtomicUsize>,
}

struct Node {
    storage: Arc<MySqlStorage>,
    schema: Schema,
    admin: DatabaseConnection,
}

impl Crossing {
    /// The node whose turn it is, as soon as it has what was committed on the others.
    pub(crate) async fn next(&self) -> Result<&MySqlStorage, StorageError> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.nodes.len();
        let node = &self.nodes[turn];
        catch_up(&node.admin).await.map_err(|error| StorageError::new(StorageFault::Failed, error))?;
        Ok(&node.storage)
    }
}

#[async_trait]
impl Storage for Crossing {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        self.next().await?.begin().await
    }
}

#[async_trait]
impl StorageProbe for Crossing {
    async fn probe(&self) -> Result<SchemaState, StorageError> {
        self.next().await?.probe().await
    }
}

#[async_trait]
impl UserQueries for Crossing {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        UserQueries::find(self.next().await?, user, scope).await
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        UserQueries::list(self.next().await?, query).await
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.next().await?.export(after, limit).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.next().await?.suspensions_ended(now, limit).await
    }
}

#[async_trait]
impl SessionQueries for Crossing {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        self.next().await?.find_login(name).await
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        self.next().await?.login_standing(name, network, user).await
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.next().await?.find_access(session).await
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        self.next().await?.find_token_session(token).await
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        let node = self.next().await?;
        // A node may say that it has caught up some milliseconds before its tables show it.
        tokio::time::sleep(UNTIL_SHOWN).await;
        node.sessions_of(user, now).await
    }
}

/// Gives each case of the suite a database through all nodes.
pub(crate) struct AcrossNodes(pub(crate) Cluster);

#[async_trait]
impl Harness for AcrossNodes {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        let mut nodes = Vec::new();
        for schema in self.0.new_schema().await? {
            let storage = Arc::new(MySqlStorage::connect(&schema.settings()).await?);
            let admin = connect(&schema).await?;
            storage.migrate_up().await?;
            nodes.push(Node { storage, schema, admin });
        }
        Ok(Box::new(Crossing { nodes: Arc::new(nodes), next: Arc::default() }))
    }
}

#[async_trait]
impl Store for Crossing {
    /// Inspection is of the first node, and so are the log of changes and the fingerprints.
    fn ports(&self) -> Ports {
        let all = Arc::new(self.clone());
        let first = &self.nodes[0].storage;
        Ports {
            storage: all.clone(),
            queries: all.clone(),
            sessions: all.clone(),
            changes: first.clone(),
            trail: all.clone(),
            chain: all.clone(),
            leases: all.clone(),
            probe: all,
            fingerprints: first.clone(),
            inspection: first.clone(),
        }
    }

    async fn close(&self) {
        for node in &self.nodes[1..] {
            node.schema.kill_connections().await.expect("the node lists its connections");
        }
        self.nodes[0].schema.drop().await.expect("the database can be dropped");
    }
}

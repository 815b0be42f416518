//! The ports on a driver crate's own storage.

/// Implements the storage ports for a newtype around [`SeaOrmStorage`](crate::SeaOrmStorage), which it keeps in the named
/// field.
///
/// A driver crate has a type of its own, so that one cannot be taken for the other.
#[macro_export]
macro_rules! implement_ports {
    ($storage:ty, $field:tt) => {
        const _: () = {
            use $crate::newtype_prelude::*;

            #[async_trait]
            impl Storage for $storage {
                async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
                    self.$field.begin().await
                }
            }

            #[async_trait]
            impl StorageProbe for $storage {
                async fn probe(&self) -> Result<SchemaState, StorageError> {
                    self.$field.probe().await
                }
            }

            #[async_trait]
            impl StorageInspection for $storage {
                async fn describe(&self) -> Result<StorageDescription, StorageError> {
                    self.$field.describe().await
                }

                async fn count_differences(&self) -> Result<Vec<CountDifference>, StorageError> {
                    self.$field.count_differences().await
                }

                async fn mend_counts(&self, block: i64) -> Result<Vec<CountDifference>, StorageError> {
                    self.$field.mend_counts(block).await
                }

                async fn missing_guards(&self) -> Result<Vec<String>, StorageError> {
                    self.$field.missing_guards().await
                }

                async fn mend_guards(&self) -> Result<Vec<String>, StorageError> {
                    self.$field.mend_guards().await
                }

                async fn missing_protections(&self) -> Result<Vec<String>, StorageError> {
                    self.$field.missing_protections().await
                }

                async fn loose_ends(&self) -> Result<Vec<(LooseEnd, u64)>, StorageError> {
                    self.$field.loose_ends().await
                }
            }

            #[async_trait]
            impl UserQueries for $storage {
                async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
                    UserQueries::find(&self.$field, user, scope).await
                }

                async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
                    UserQueries::list(&self.$field, query).await
                }

                async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
                    self.$field.export(after, limit).await
                }

                async fn suspensions_ended(
                    &self,
                    now: DateTime<Utc>,
                    limit: u32,
                ) -> Result<Vec<UserUuid>, StorageError> {
                    self.$field.suspensions_ended(now, limit).await
                }
            }

            #[async_trait]
            impl SessionQueries for $storage {
                async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
                    self.$field.find_login(name).await
                }

                async fn login_standing(
                    &self,
                    name: Digest,
                    network: Digest,
                    user: Option<UserUuid>,
                ) -> Result<LoginStanding, StorageError> {
                    self.$field.login_standing(name, network, user).await
                }

                async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
                    self.$field.find_access(session).await
                }

                async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
                    self.$field.find_token_session(token).await
                }

                async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
                    self.$field.sessions_of(user, now).await
                }
            }

            #[async_trait]
            impl ChangeLog for $storage {
                async fn newest(&self) -> Result<i64, StorageError> {
                    self.$field.newest().await
                }

                async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
                    self.$field.after(number, limit).await
                }
            }

            #[async_trait]
            impl AuditQueries for $storage {
                async fn list(&self, query: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
                    AuditQueries::list(&self.$field, query).await
                }

                async fn history(
                    &self,
                    subject: UserUuid,
                    until: Option<DateTime<Utc>>,
                    after: i64,
                    limit: u32,
                ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
                    self.$field.history(subject, until, after, limit).await
                }

                async fn subject_keys(
                    &self,
                    subjects: &[UserUuid],
                ) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
                    self.$field.subject_keys(subjects).await
                }
            }

            #[async_trait]
            impl AuditChain for $storage {
                async fn head(&self) -> Result<Option<ChainLink>, StorageError> {
                    self.$field.head().await
                }

                async fn last_sequenced(&self) -> Result<i64, StorageError> {
                    self.$field.last_sequenced().await
                }

                async fn unsequenced(
                    &self,
                    after: i64,
                    up_to: Option<i64>,
                    limit: u32,
                ) -> Result<Vec<NumberedEvent>, StorageError> {
                    self.$field.unsequenced(after, up_to, limit).await
                }

                async fn append(
                    &self,
                    links: &[ChainLink],
                    checkpoint: Option<Checkpoint>,
                ) -> Result<(), AppendLinksError> {
                    self.$field.append(links, checkpoint).await
                }

                async fn links(&self, after: i64, limit: u32) -> Result<Vec<ChainedEvent>, StorageError> {
                    self.$field.links(after, limit).await
                }

                async fn checkpoints(&self, after: i64, limit: u32) -> Result<Vec<Checkpoint>, StorageError> {
                    self.$field.checkpoints(after, limit).await
                }

                async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StorageError> {
                    self.$field.last_checkpoint().await
                }
            }

            #[async_trait]
            impl Leases for $storage {
                async fn find(&self, name: &str) -> Result<Option<Lease>, StorageError> {
                    Leases::find(&self.$field, name).await
                }

                async fn take(
                    &self,
                    name: &str,
                    seen: Option<Lease>,
                    owner: Uuid,
                ) -> Result<Option<Lease>, StorageError> {
                    self.$field.take(name, seen, owner).await
                }

                async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, StorageError> {
                    self.$field.renew(lease).await
                }

                async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
                    self.$field.release(lease).await
                }
            }

            #[async_trait]
            impl KeyFingerprints for $storage {
                async fn kept(&self, key: &str) -> Result<Option<Digest>, StorageError> {
                    self.$field.kept(key).await
                }

                async fn keep(
                    &self,
                    key: &str,
                    fingerprint: Digest,
                    now: DateTime<Utc>,
                ) -> Result<Digest, StorageError> {
                    self.$field.keep(key, fingerprint, now).await
                }

                async fn replace(
                    &self,
                    key: &str,
                    from: Digest,
                    to: Digest,
                    now: DateTime<Utc>,
                ) -> Result<Option<Digest>, StorageError> {
                    self.$field.replace(key, from, to, now).await
                }
            }
        };
    };
}

/// The same for a server's storage, `{ storage: SeaOrmStorage, settings: Settings }`, and what its owner does with it
/// beside the ports. `$connections` gives connections for migrating, by the settings.
#[macro_export]
macro_rules! implement_server_storage {
    ($storage:ty, $connections:path) => {
        $crate::implement_ports!($storage, storage);

        impl $storage {
            /// Applies the migrations that are pending and returns their names.
            ///
            /// # Errors
            ///
            /// See [`migration::up`].
            pub async fn migrate_up(&self) -> Result<Vec<String>, $crate::migrating::MigrateError> {
                $crate::migrating::up($connections(&self.settings)).await
            }

            /// Takes back the last `steps` migrations, or all, with their data, and returns their names.
            ///
            /// # Errors
            ///
            /// See [`migration::down`].
            pub async fn migrate_down(
                &self,
                steps: Option<u32>,
            ) -> Result<Vec<String>, $crate::migrating::MigrateError> {
                $crate::migrating::down($connections(&self.settings), steps).await
            }

            /// Which migrations the database has.
            ///
            /// # Errors
            ///
            /// `Database` if it cannot be read.
            pub async fn migration_status(&self) -> Result<$crate::migrating::Status, $crate::migrating::MigrateError> {
                $crate::migrating::status(&self.storage).await
            }

            /// What is behind the ports, for looking at it.
            pub fn inner(&self) -> &$crate::SeaOrmStorage {
                &self.storage
            }

            /// Waits for what is in flight and closes the connections.
            pub async fn close(&self) {
                self.storage.close().await;
            }
        }
    };
}

/// The names in [`implement_ports!`].
#[doc(hidden)]
pub mod newtype_prelude {
    pub use async_trait::async_trait;
    pub use chrono::{DateTime, Utc};
    pub use domain::audit::{ChainLink, ChainedEvent, Checkpoint, ListEvents, NumberedEvent, SealedEvent, StoredEvent};
    pub use domain::login::{LoginName, LoginStanding};
    pub use domain::ports::{
        AppendLinksError, AuditChain, AuditQueries, ChangeLog, CountDifference, KeyFingerprints, Lease, Leases,
        LoggedChange, LooseEnd, SchemaState, SessionQueries, Storage, StorageDescription, StorageError,
        StorageInspection, StorageProbe, UnitOfWork, UserQueries, WrappedKey,
    };
    pub use domain::query::{DeletedScope, ListUsers, UserPage};
    pub use domain::session::{Session, SessionAccess};
    pub use domain::user::{User, UserView};
    pub use domain::values::{Digest, SessionId, UserId, UserRef, UserUuid};
    pub use uuid::Uuid;
}

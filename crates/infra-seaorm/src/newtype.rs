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
            }

            #[async_trait]
            impl UserQueries for $storage {
                async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
                    self.$field.find(user, scope).await
                }

                async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
                    self.$field.list(query).await
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
    pub use domain::login::{LoginName, LoginStanding};
    pub use domain::ports::{
        ChangeLog, CountDifference, KeyFingerprints, LoggedChange, SchemaState, SessionQueries, Storage,
        StorageDescription, StorageError, StorageInspection, StorageProbe, UnitOfWork, UserQueries,
    };
    pub use domain::query::{DeletedScope, ListUsers, UserPage};
    pub use domain::session::{Session, SessionAccess};
    pub use domain::user::{User, UserView};
    pub use domain::values::{Digest, SessionId, UserRef, UserUuid};
}

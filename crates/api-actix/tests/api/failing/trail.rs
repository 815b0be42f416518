//! The audit trail on storage that fails.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{ChainLink, ChainedEvent, Checkpoint, ListEvents, NumberedEvent, SealedEvent, StoredEvent};
use domain::ports::{AppendLinksError, AuditChain, AuditQueries, Lease, Leases, StorageError, WrappedKey};
use domain::values::UserUuid;
use uuid::Uuid;

use super::{Broken, Hanging};

/// Every question to this kind of storage ends like this.
macro_rules! fails {
    ($storage:ty, $itself:ident => $end:expr) => {
        #[async_trait]
        impl AuditQueries for $storage {
            async fn list(&$itself, _: &ListEvents) -> Result<Vec<StoredEvent>, StorageError> {
                $end
            }

            async fn history(
                &$itself,
                _: UserUuid,
                _: Option<DateTime<Utc>>,
                _: i64,
                _: u32,
            ) -> Result<Vec<(i64, SealedEvent)>, StorageError> {
                $end
            }

            async fn subject_keys(&$itself, _: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
                $end
            }
        }

        #[async_trait]
        impl AuditChain for $storage {
            async fn head(&$itself) -> Result<Option<ChainLink>, StorageError> {
                $end
            }

            async fn last_sequenced(&$itself) -> Result<i64, StorageError> {
                $end
            }

            async fn unsequenced(&$itself, _: i64, _: Option<i64>, _: u32) -> Result<Vec<NumberedEvent>, StorageError> {
                $end
            }

            async fn append(&$itself, _: &[ChainLink], _: Option<Checkpoint>) -> Result<(), AppendLinksError> {
                let end: Result<(), StorageError> = $end;
                Ok(end?)
            }

            async fn links(&$itself, _: i64, _: u32) -> Result<Vec<ChainedEvent>, StorageError> {
                $end
            }

            async fn checkpoints(&$itself, _: i64, _: u32) -> Result<Vec<Checkpoint>, StorageError> {
                $end
            }

            async fn last_checkpoint(&$itself) -> Result<Option<Checkpoint>, StorageError> {
                $end
            }
        }

        #[async_trait]
        impl Leases for $storage {
            async fn find(&$itself, _: &str) -> Result<Option<Lease>, StorageError> {
                $end
            }

            async fn take(&$itself, _: &str, _: Option<Lease>, _: Uuid) -> Result<Option<Lease>, StorageError> {
                $end
            }

            async fn renew(&$itself, _: &Lease) -> Result<Option<Lease>, StorageError> {
                $end
            }

            async fn release(&$itself, _: &Lease) -> Result<(), StorageError> {
                $end
            }
        }
    };
}

fails!(Broken, self => Err(self.error()));
fails!(Hanging, self => std::future::pending().await);

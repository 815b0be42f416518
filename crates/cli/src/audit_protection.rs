//! Whether the database refuses to change the audit trail, asked now and then, so that `/ready` need not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api_actix::AuditState;
use domain::ports::{SchemaState, StorageError, StorageInspection, StorageProbe};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::commands::causes;
use crate::database::Database;

/// Somebody may have made what was missing, or taken it away.
const PAUSE: Duration = Duration::from_mins(10);

/// Where it cannot be told, such as before the tables are there.
const SHORT_PAUSE: Duration = Duration::from_secs(10);

/// What to do where something is missing.
pub(crate) const ADVICE: &str = "run `usermgmt migrate up` as a user who may make triggers; on MySQL and MariaDB with a \
                                 binary log, and on Galera, set log_bin_trust_function_creators=1 before";

/// What is known of it.
pub(crate) struct AuditProtection {
    probe: Arc<dyn StorageProbe>,
    inspection: Arc<dyn StorageInspection>,
    state: Mutex<AuditState>,
}

impl AuditProtection {
    /// Nothing is known yet.
    pub(crate) fn of(database: &Database) -> Arc<Self> {
        Arc::new(Self { probe: database.probe(), inspection: database.inspection(), state: Mutex::default() })
    }

    /// As of the last look.
    pub(crate) fn state(&self) -> AuditState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, and says what has changed since the last time.
    pub(crate) async fn look(&self) {
        let before = self.state();
        let now = match self.missing().await {
            Ok(Some(missing)) if missing.is_empty() => {
                if before == AuditState::Unprotected {
                    info!("the audit trail is protected again");
                }
                AuditState::Protected
            }
            Ok(Some(missing)) => {
                if before != AuditState::Unprotected {
                    let missing = missing.join(", ");
                    warn!(
                        "whoever may write to the database may change the audit trail: {missing} is missing; {ADVICE}"
                    );
                }
                AuditState::Unprotected
            }
            Ok(None) => AuditState::Unknown,
            Err(error) => {
                if before != AuditState::Unknown {
                    warn!(
                        error = causes(&error),
                        "whether the audit trail is protected cannot be told; asking again soon"
                    );
                }
                AuditState::Unknown
            }
        };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// What is missing; nothing can be said of tables of another version.
    async fn missing(&self) -> Result<Option<Vec<String>>, StorageError> {
        match self.probe.probe().await? {
            SchemaState::Current => self.inspection.missing_protections().await.map(Some),
            SchemaState::Pending | SchemaState::Newer => Ok(None),
        }
    }

    /// Looks again and again.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            sleep(if self.state() == AuditState::Unknown { SHORT_PAUSE } else { PAUSE }).await;
            self.look().await;
        }
    }
}

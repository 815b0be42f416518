//! Reading what was written down.

use domain::access::Permission;
use domain::ports::StorageError;

use super::{ChainExport, ExportFormat, PositionRange};
use crate::{Ports, RequestContext, Users};

/// The audit trail, for those who may read it: page by page, as it grows, and as a file.
#[derive(Clone)]
pub struct Trail {
    pub(super) ports: Ports,
}

/// Why the trail is not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportTrailError {
    /// The actor may not read the trail.
    #[error("exporting the trail is not allowed")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Trail {
    /// The use cases, on the ports that `users` stand on.
    pub fn new(users: &Users) -> Self {
        Self { ports: users.ports.clone() }
    }

    /// Begins an export of a part of the chain, see [`ChainExport`].
    ///
    /// # Errors
    ///
    /// [`ExportTrailError`], by variant.
    pub async fn export(
        &self,
        context: &RequestContext,
        range: PositionRange,
        format: ExportFormat,
    ) -> Result<ChainExport, ExportTrailError> {
        if !context.actor.may(Permission::AuditRead) {
            return Err(ExportTrailError::Forbidden);
        }
        Ok(ChainExport::begin(&self.ports, range, format).await?)
    }
}

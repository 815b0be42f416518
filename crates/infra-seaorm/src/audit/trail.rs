//! Writing events down, within a unit of work.

use async_trait::async_trait;
use domain::audit::AuditEvent;
use domain::ports::{AuditTrail, StorageError};
use domain::values::UserUuid;
use sea_orm::{EntityTrait, Set};

use super::changes::to_json;
use super::entity::{ActiveModel, Entity};
use crate::moments::to_stored;
use crate::unit::Unit;
use crate::users::counts;

#[async_trait]
impl AuditTrail for Unit {
    async fn append(&mut self, events: &[AuditEvent]) -> Result<(), StorageError> {
        self.enter()?;
        counts::write(self).await?;
        if !events.is_empty() {
            let insert = Entity::insert_many(events.iter().map(to_row));
            self.ask(|transaction| async move { insert.exec_without_returning(&*transaction).await })
                .await
                .map_err(|failure| self.storage_error(failure))?;
        }
        self.succeed();
        Ok(())
    }
}

fn to_row(event: &AuditEvent) -> ActiveModel {
    let AuditEvent { id, recorded_at, action, actor, target, subject, changes, origin } = event;
    ActiveModel {
        id: Set(*id),
        recorded_at: Set(to_stored(*recorded_at)),
        action: Set((*action).to_owned()),
        actor_type: Set(actor.kind().to_owned()),
        actor_id: Set(actor.uuid().map(UserUuid::get)),
        actor_name: Set(actor.name().map(ToOwned::to_owned)),
        target_type: Set(target.kind().to_owned()),
        target_id: Set(target.id()),
        changes: Set(to_json(changes)),
        ip: Set(origin.ip.map(|ip| ip.to_string())),
        user_agent: Set(origin.user_agent.clone()),
        request_id: Set(origin.request_id.clone()),
        session_id: Set(origin.session_id),
        subject_id: Set(subject.map(UserUuid::get)),
    }
}

//! The tables `login_states`, `login_attempts` and `known_networks`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const LOGIN_STATES: &str = "login_states";
const LOGIN_ATTEMPTS: &str = "login_attempts";
const KNOWN_NETWORKS: &str = "known_networks";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(LOGIN_STATES, &mut login_states(&steps)).await?;
        steps.index(LOGIN_STATES, "ix_login_states_last_login_at", &["last_login_at", "user_id"]).await?;
        steps.create_table(LOGIN_ATTEMPTS, &mut login_attempts(&steps)).await?;
        steps.index(LOGIN_ATTEMPTS, "ix_login_attempts_over_at", &["over_at"]).await?;
        steps.create_table(KNOWN_NETWORKS, &mut known_networks(&steps)).await?;
        steps.index(KNOWN_NETWORKS, "ix_known_networks_last_seen_at", &["last_seen_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.drop_table(KNOWN_NETWORKS).await?;
        steps.drop_table(LOGIN_ATTEMPTS).await?;
        steps.drop_table(LOGIN_STATES).await
    }
}

/// Apart from `users`: a sign-in is no new version of the user, and would rewrite each of that table's indexes.
fn login_states(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        // The number and not the uuid, so that the index above is in the order of a listing.
        .col(steps.id_of_another("user_id").not_null().primary_key())
        .col(steps.moment("last_login_at").null())
        .col(ColumnDef::new("generation").big_integer().not_null())
        .take()
}

fn login_attempts(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.digest("name").not_null())
        .col(steps.digest("place").not_null())
        .col(ColumnDef::new("failures").big_integer().not_null())
        .col(steps.moment("last_failed_at").not_null())
        .col(steps.moment("wait_until").null())
        .col(steps.moment("over_at").not_null())
        .col(ColumnDef::new("delay_noted").boolean().not_null())
        .primary_key(Index::create().col("name").col("place"))
        .take()
}

fn known_networks(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.uuid("user_uuid").not_null())
        .col(steps.digest("network").not_null())
        .col(steps.moment("last_seen_at").not_null())
        .primary_key(Index::create().col("user_uuid").col("network"))
        .take()
}

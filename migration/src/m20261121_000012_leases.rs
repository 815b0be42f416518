//! The table `leases`: which process does what only one may do.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const LEASES: &str = "leases";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(LEASES, &mut table(&steps)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(LEASES).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.binary_text("name", 32).not_null().primary_key())
        .col(steps.uuid("owner").not_null())
        .col(ColumnDef::new("term").big_integer().not_null())
        .take()
}

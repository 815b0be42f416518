//! The table `imports`: how far each import has come, so that one that was killed goes on from there.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const IMPORTS: &str = "imports";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(IMPORTS, &mut table(&steps)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(IMPORTS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    let number = |name| ColumnDef::new(name).big_integer().not_null().take();
    Table::create()
        .col(steps.digest("source").not_null().primary_key())
        .col(number("records"))
        .col(steps.digest("prefix").not_null())
        .col(number("created"))
        .col(number("updated"))
        .col(number("skipped"))
        .col(number("rejected"))
        .col(steps.moment("started_at").not_null())
        .col(steps.moment("updated_at").not_null())
        .col(steps.moment("finished_at").null())
        .take()
}

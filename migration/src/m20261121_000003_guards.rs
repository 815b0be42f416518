//! The table `guards`: rows that units of work change first, so that they follow one another.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const GUARDS: &str = "guards";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps
            .create_table(
                GUARDS,
                Table::create()
                    .col(steps.binary_text("name", 32).not_null().primary_key())
                    .col(ColumnDef::new("n").big_integer().not_null()),
            )
            .await?;
        let admins = Query::insert()
            .into_table(GUARDS)
            .columns(["name", "n"])
            .values_panic(["admins".into(), 0.into()])
            .on_conflict(OnConflict::column("name").do_nothing_on(["name"]).to_owned())
            .take();
        manager.execute(admins).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(GUARDS).await
    }
}

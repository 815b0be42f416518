//! The table `users`.

use sea_orm_migration::prelude::*;

use crate::schema::Steps;

const USERS: &str = "users";

/// What 255 characters may take in UTF-8; MySQL's index entries hold three times as much.
const KEY_BYTES: u32 = 1020;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let steps = Steps::on(manager)?;
        steps.create_table(USERS, &mut table(&steps)).await?;
        steps
            .unique_in_order(
                USERS,
                &[
                    ("uq_users_uuid", "uuid"),
                    ("uq_users_username_key", "username_key"),
                    ("uq_users_email_key", "email_key"),
                    ("uq_users_external_id", "external_id"),
                ],
            )
            .await?;
        for (name, columns) in [
            // `deleted_at` within, so that counting the living needs no look at the table.
            ("ix_users_created_at", &["created_at", "id", "deleted_at"][..]),
            ("ix_users_updated_at", &["updated_at", "id"]),
            ("ix_users_username_folded", &["username_folded", "id"]),
            ("ix_users_email_folded", &["email_folded", "id"]),
            ("ix_users_email_canonical", &["email_canonical", "id"]),
            ("ix_users_role", &["role", "id", "deleted_at"]),
            ("ix_users_is_active", &["is_active", "id", "deleted_at"]),
            ("ix_users_deleted_at", &["deleted_at", "id"]),
            ("ix_users_suspended_until", &["suspended_until", "id"]),
        ] {
            steps.index(USERS, name, columns).await?;
        }
        steps.index_on_long(USERS, "ix_users_full_name_folded", "full_name_folded").await?;
        steps.index_on_long(USERS, "ix_users_last_name_folded", "last_name_folded").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Steps::on(manager)?.drop_table(USERS).await
    }
}

fn table(steps: &Steps<'_, '_>) -> TableCreateStatement {
    Table::create()
        .col(steps.auto_id("id"))
        .col(steps.uuid("uuid").not_null())
        .col(steps.text("username", 50).not_null())
        .col(steps.text("email", 254).not_null())
        // NULL when others may take the name: a unique index allows many NULLs, so no partial index is needed.
        .col(steps.binary_text("username_key", KEY_BYTES).null())
        .col(steps.binary_text("email_key", KEY_BYTES).null())
        // A username's folded form is its key. An address's is not (its key has A-labels), so that the key stands
        // here too, for finding deleted users.
        .col(steps.binary_text("email_canonical", KEY_BYTES).not_null())
        .col(steps.binary_text("username_folded", KEY_BYTES).not_null())
        .col(steps.binary_text("email_folded", KEY_BYTES).not_null())
        // Folding may turn 3 bytes into 33; the shown name has up to 201 characters, the last name 100.
        .col(steps.binary_text("full_name_folded", 8192).null())
        .col(steps.binary_text("last_name_folded", 4096).null())
        .col(steps.text("password_hash", 512).not_null())
        .col(steps.moment("password_changed_at").not_null())
        .col(ColumnDef::new("must_change_password").boolean().not_null())
        .col(steps.text("full_name", 100).null())
        .col(steps.text("first_name", 100).null())
        .col(steps.text("last_name", 100).null())
        .col(steps.text("role", 16).not_null())
        .col(ColumnDef::new("is_active").boolean().not_null())
        .col(steps.moment("suspended_until").null())
        .col(steps.text("status_reason", 500).null())
        .col(steps.moment("email_verified_at").null())
        .col(steps.binary_text("external_id", KEY_BYTES).null())
        .col(steps.text("locale", 35).null())
        .col(steps.json_text("user_metadata").not_null())
        .col(steps.json_text("app_metadata").not_null())
        .col(steps.uuid("created_by").null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .col(ColumnDef::new("auth_epoch").big_integer().not_null())
        .col(steps.moment("created_at").not_null())
        .col(steps.moment("updated_at").not_null())
        .col(steps.moment("deleted_at").null())
        .check(Check::named("ck_users_role", Expr::col("role").is_in(["user", "moderator", "admin"])))
        .take()
}

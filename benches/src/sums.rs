//! The counters that belong to users who were made by SQL.

/// What the service keeps with each change, into an empty table; MariaDB and SQLite both take it.
pub(crate) const COUNT: &str = "INSERT INTO user_sums (level, parent, block, slot, role, is_active, deleted, n) \
     SELECT 0, id >> 15, id >> 10, 0, role, is_active, deleted_at IS NOT NULL, COUNT(*) FROM users \
     GROUP BY id >> 10, role, is_active, deleted_at IS NOT NULL \
     UNION ALL SELECT 1, id >> 20, id >> 15, 0, role, is_active, deleted_at IS NOT NULL, COUNT(*) FROM users \
     GROUP BY id >> 15, role, is_active, deleted_at IS NOT NULL \
     UNION ALL SELECT 2, 0, id >> 20, 0, role, is_active, deleted_at IS NOT NULL, COUNT(*) FROM users \
     GROUP BY id >> 20, role, is_active, deleted_at IS NOT NULL";

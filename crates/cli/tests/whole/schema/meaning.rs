//! What tables and columns are for: the one part of the document that no database tells.

pub(super) const INTRODUCTION: &str = "\
# The database's schema

Made by the test `schema` from databases that `usermgmt migrate up` has just made; do not edit it, see
[crates/cli/tests/whole/schema/](../crates/cli/tests/whole/schema/).

- Stable for those who read the database themselves: `users.id`, `uuid`, `username`, `email`, `password_hash`, and
  `audit_events.id`, `action`. All else may change with a migration.
- Times are UTC to the microsecond, without a zone: `DATETIME(6)` on MySQL and MariaDB, `TIMESTAMP(6)` on PostgreSQL, text on
  SQLite. UUIDs are 16 bytes (`uuid` on PostgreSQL).
- Names are compared by keys that the service computes, not by a collation of the database: columns `…_key`, `…_canonical`
  and `…_folded` are compared byte by byte (`VARBINARY`, `COLLATE \"C\"`), so that `Ann`, `ANN` and `Ａｎｎ` are one name
  everywhere.
- Write through the API or `usermgmt users`: a change by SQL leaves `user_sums` and the audit trail behind.
- Append-only tables are so by triggers, which refuse `UPDATE`, `DELETE` and what comes down to them; on MySQL and MariaDB an
  empty table `…_pin` with a foreign key keeps `TRUNCATE` away. See [DATABASES.md](DATABASES.md#the-audit-trail).
- What stands inside of names is found by the table `user_search` on SQLite (FTS5, with tables of its own) and by the index
  `ix_users_search` on PostgreSQL; both follow `users` by themselves.
";

type Meanings = &'static [(&'static str, &'static str)];

/// What the table is for, and each of its columns.
pub(super) fn of_table(name: &str) -> Option<(&'static str, Meanings)> {
    TABLES.iter().find(|(table, ..)| *table == name).map(|(_, about, columns)| (*about, *columns))
}

const TABLES: &[(&str, &str, Meanings)] = &[
    ("users", "The users, living and deleted.", USERS),
    (
        "audit_events",
        "What happened: one row for each change, written in the change's own transaction. On servers `seq` numbers the events \
         as they are written, which processes follow to hear of one another's changes; on SQLite that is the row's own \
         number, its `rowid`. Append-only. What is sealed can be read as long as `subject_keys` has the key: `p1.…` that of a \
         person, `s1.…` the service's own.",
        AUDIT_EVENTS,
    ),
    (
        "audit_chain",
        "The events in order, without gaps, each bound to all before it. Append-only.",
        &[
            ("position", "from 1"),
            ("event_id", "the event; each has one position"),
            (
                "hash",
                "SHA-256 of the hash before (32 zero bytes for the first) and the event as canonical JSON (RFC 8785)",
            ),
        ],
    ),
    (
        "audit_checkpoints",
        "What the chain was at a time, signed. Append-only.",
        &[
            ("position", "how far it went"),
            ("hash", "its last hash then"),
            ("recorded_at", "when"),
            ("key_id", "the first 16 hex digits of the public key's SHA-256"),
            ("signature", "Ed25519, by `AUDIT_SIGNING_KEY`"),
        ],
    ),
    (
        "subject_keys",
        "A key for each person, which their values in the trail are sealed with. Whoever is erased has none any more.",
        &[
            ("subject_id", "the person, by UUID; zeros for the service's own key"),
            ("key_id", "which `ENCRYPTION_KEY` it is wrapped by"),
            ("wrapped", "the key, sealed by that one"),
        ],
    ),
    (
        "erased_users",
        "Who was erased: their numbers are not given again, and the trail is known to be theirs. Append-only.",
        &[("id", "as in `users`"), ("uuid", "as in `users`"), ("erased_at", "when")],
    ),
    (
        "leases",
        "Which process does what only one may do. No clock is compared: a row that does not change for a while may be taken.",
        &[
            ("name", "what is done, such as `sequencer`"),
            ("owner", "the process, by a UUID of its own"),
            ("term", "grows each time it is renewed or taken"),
        ],
    ),
    ("idempotency_keys", "Requests with an `Idempotency-Key`, so that each is carried out once.", IDEMPOTENCY_KEYS),
    (
        "idempotency_outcomes",
        "What was answered to them.",
        &[
            ("key_digest", "as in `idempotency_keys`"),
            ("part", "which part of the answer"),
            ("subject_id", "the person it is about, by UUID: it goes when they are erased"),
            ("outcome", "sealed"),
        ],
    ),
    ("imports", "How far each import has come, so that one that was killed goes on from there.", IMPORTS),
    (
        "guards",
        "Rows that units of work change first, so that they follow one another even on a cluster, where locks are local.",
        &[
            (
                "name",
                "what is guarded: `admins`, the number of active administrators and whether there is anybody; `mending`, the counters while they are \
                 corrected (made by the first `usermgmt doctor --repair` that does so)",
            ),
            ("n", "how often it was passed"),
        ],
    ),
    (
        "user_counts",
        "What the version before this one counts by. It is no longer written, and goes away in a later version.",
        USER_COUNTS,
    ),
    (
        "user_sums",
        "How many users of each role and state there are in each span of ids, so that totals are sums over few rows, and \
         pages far from the beginning are found by them. `usermgmt doctor` recounts them.",
        USER_SUMS,
    ),
    ("sessions", "Who is signed in, and was until not long ago.", SESSIONS),
    (
        "refresh_tokens",
        "The refresh tokens of sessions, each good once. They are known by their digests: what stands here opens nothing.",
        REFRESH_TOKENS,
    ),
    (
        "login_states",
        "What signing in changes of a user, apart from `users`, because it is no new version of the user.",
        &[
            ("user_id", "the user, by `users.id`"),
            ("last_login_at", "when they last signed in"),
            ("generation", "counts what opens or ends their sessions, so that these follow one another"),
        ],
    ),
    (
        "login_attempts",
        "Failed sign-ins that followed one another, by what was typed, whether anybody has that name or not.",
        LOGIN_ATTEMPTS,
    ),
    (
        "known_networks",
        "Where users signed in from: others' failures slow nobody down there.",
        &[
            ("user_uuid", "the user"),
            ("network", "an HMAC of the address (IPv6: of its /64)"),
            ("last_seen_at", "when they last signed in from there"),
        ],
    ),
    (
        "one_time_tokens",
        "Tokens that are good once, such as for choosing a new password. They are known by their digests.",
        &[
            ("purpose", "`reset_password`"),
            ("digest", "the token's SHA-256"),
            ("user_uuid", "whose it is; at most one for each purpose"),
            ("expires_at", "until when it is good"),
        ],
    ),
    (
        "key_fingerprints",
        "Which keys the contents were made with: the service does not start with another one. A fingerprint tells nothing of \
         its key.",
        &[
            ("name", "`encryption_key`, `audit_signing_key`"),
            (
                "fingerprint",
                "of the first derived from it by HKDF-SHA256, for this purpose alone; of the second the SHA-256 of its public key",
            ),
            ("created_at", "when it was used first, or took the place of another"),
        ],
    ),
    (
        "migration_lease",
        "Which process changes the schema now (on servers; SQLite's own write lock does it there).",
        &[
            ("name", "`migrate`"),
            ("owner", "the process, by a UUID of its own"),
            ("expires_at", "until when, in seconds since 1970 by the database's clock; renewed while it works"),
        ],
    ),
    (
        "seaql_migrations",
        "Which migrations were applied; kept by SeaORM.",
        &[("version", "the migration's name"), ("applied_at", "when, in seconds since 1970")],
    ),
];

const USERS: Meanings = &[
    ("id", "the number, never given twice"),
    ("uuid", "the UUIDv7; what other tables refer to"),
    ("username", "as it was typed, in NFKC"),
    ("email", "as it was typed"),
    ("username_key", "the name in NFKC, case-folded; NULL once others may take it"),
    ("email_key", "the address in lower case, its domain as A-labels; NULL once others may take it"),
    ("email_canonical", "the same, also of deleted users, to find them by"),
    ("username_folded", "for searching and sorting; stays when the user is deleted"),
    ("email_folded", "for searching and sorting"),
    ("full_name_folded", "for searching: the full name as it is shown"),
    ("last_name_folded", "for searching"),
    ("password_hash", "bcrypt: `$2b$…`, or passlib's `$bcrypt-sha256$…` beyond 72 bytes"),
    ("password_changed_at", "when it was set"),
    ("must_change_password", "whether it must be changed at the next login"),
    ("full_name", "as it was given; NULL where it is made of the other two"),
    ("first_name", ""),
    ("last_name", ""),
    ("role", "`user`, `moderator` or `admin`"),
    ("is_active", "whether the account is not deactivated"),
    ("suspended_until", "when a deactivation ends by itself"),
    ("status_reason", "why it was deactivated"),
    ("email_verified_at", "when the address was verified, if it was"),
    ("external_id", "what another system calls the user; unique"),
    ("locale", "a BCP 47 tag"),
    ("user_metadata", "a JSON object that the person may change, byte for byte as it was written"),
    ("app_metadata", "a JSON object for the application"),
    ("created_by", "who made the user, by UUID"),
    ("version", "counts the changes; the `ETag`"),
    ("auth_epoch", "counts what makes tokens stale"),
    ("created_at", ""),
    ("updated_at", ""),
    ("deleted_at", "when the user was deleted, if so"),
];

const AUDIT_EVENTS: Meanings = &[
    ("id", "a UUIDv7"),
    ("recorded_at", "when"),
    ("action", "what, such as `user.created`"),
    ("actor_type", "who did it: `user`, `anonymous` or `system`"),
    ("actor_id", "the user's UUID, if it was one"),
    ("target_type", "`user`, `session`, or `name` for a name that nobody has"),
    ("target_id", "to whom or what, by UUID; of a name that nobody has a pseudonym"),
    ("subject_id", "the person it is about, by UUID: the user, or the session's owner"),
    ("fields", "the names of the fields that changed, with commas between them"),
    ("origin", "sealed: a JSON object `{name, ip, user_agent}` of who did it"),
    ("changes", "sealed: a JSON list of `{field, old, new}`; secrets only say that they changed"),
    ("request_id", "the `X-Request-Id` of the request, as in the log"),
    ("session_id", "in which session"),
    ("mac", "an HMAC-SHA256 of all this but `seq`, so that a row that was added by hand is known"),
];

const IDEMPOTENCY_KEYS: Meanings = &[
    ("key_digest", "a digest of the key and of whose it is"),
    ("fingerprint", "of the request: the same key with another request is refused"),
    ("ticket", "who carries it out now, by a UUID of that attempt"),
    ("leased_until", "until when nobody else tries"),
    ("completed_at", "when it was done, if it was"),
    ("created_at", "when it came first"),
];

const IMPORTS: Meanings = &[
    ("source", "a digest of what was imported and how"),
    ("records", "how many records are done"),
    ("prefix", "a SHA-256 over them: another file of the same name is not gone on with"),
    ("created", "how many users they made"),
    ("updated", "how many they changed"),
    ("skipped", "how many were there already, and were left alone"),
    ("rejected", "how many were refused"),
    ("started_at", ""),
    ("updated_at", ""),
    ("finished_at", "when all were done, if they are"),
];

const SESSIONS: Meanings = &[
    ("id", "a UUIDv7; `sid` in access tokens"),
    ("user_uuid", "who signed in"),
    ("amr", "how, by the names of RFC 8176: `pwd`"),
    ("created_at", "when they signed in"),
    ("last_used_at", "when tokens were last given out"),
    ("expires_at", "when it ends unless it is refreshed before"),
    ("ends_at", "when it ends in any case"),
    ("revoked_at", "when it was ended before its time, if it was"),
    ("ip", "from where"),
    ("user_agent", "with what"),
];

const REFRESH_TOKENS: Meanings = &[
    ("digest", "the token's SHA-256"),
    ("session_id", "the session that it keeps going"),
    ("parent", "the digest of the token that was spent for it; NULL for the first of a session"),
    ("nonce", "random bytes that its successor is made with, by a key that is not here"),
    ("issued_at", "when it was given out"),
    ("spent_at", "when it was spent, if it was"),
];

const LOGIN_ATTEMPTS: Meanings = &[
    ("name", "an HMAC of the name that was typed"),
    ("place", "an HMAC of the network that it came from; zeros count for all networks together"),
    ("failures", "how many; a row with none was made to be locked"),
    ("last_failed_at", ""),
    ("wait_until", "no further try before this"),
    ("over_at", "when they are forgotten"),
    ("delay_noted", "whether the audit trail says already that somebody has to wait"),
];

const USER_SUMS: Meanings = &[
    ("level", "0: blocks of 1,024 ids; 1: groups of 32 blocks; 2: regions of 32 groups"),
    ("parent", "the span of the next level that this one is in; 0 for regions"),
    ("block", "which span of its level: `id >> 10`, `id >> 15` or `id >> 20`"),
    ("slot", "writers add in slots of their own, so that they do not queue for one row; corrections are in -1"),
    ("role", "as in `users`"),
    ("is_active", "as in `users`"),
    ("deleted", "whether `deleted_at` is set"),
    ("n", "how many more users; below zero where another slot added those that this one took away"),
];

const USER_COUNTS: Meanings = &[
    ("block", "1,024 ids are a block: `id >> 10`"),
    ("slot", "writers add in slots of their own, so that they do not queue for one row"),
    ("role", "as in `users`"),
    ("is_active", "as in `users`"),
    ("deleted", "whether `deleted_at` is set"),
    ("n", "how many more users; below zero where another slot added those that this one took away"),
];

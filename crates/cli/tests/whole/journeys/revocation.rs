//! What an administrator does on one replica reaches the people on the other.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::database::Kind;
use crate::environment::variable;
use crate::redis::Beside;
use crate::service::run;
use crate::signed_in::{PASSWORD, Replicas, SignedIn};

/// Within so long a revocation is everywhere.
const AT_ONCE: Duration = Duration::from_secs(1);

/// What an administrator may do about somebody.
#[derive(Debug, Clone, Copy)]
enum Measure {
    Deactivate,
    Delete,
    ChangeRole,
    ChangePassword,
    ResetPassword,
    EndSession,
    EndSessions,
    RequirePasswordChange,
}

impl Measure {
    /// Carries it out on the first replica.
    fn take(self, replicas: &Replicas, admin: &SignedIn, path: &str, ann: &SignedIn) {
        let a = &replicas.a;
        let (answer, expected) = match self {
            Self::Deactivate => (admin.post(a, &format!("{path}/deactivate"), &json!({"reason": "abuse"})), 200),
            Self::Delete => (admin.delete(a, path), 204),
            Self::ChangeRole => (admin.patch(a, path, &json!({"role": "moderator"})), 200),
            Self::ChangePassword => (admin.patch(a, path, &json!({"password": "one that ann does not know"})), 200),
            Self::ResetPassword => {
                let token = admin.post(a, &format!("{path}/reset-password"), &json!({}));
                assert_eq!(token.status, 200, "{}", token.body);
                assert_eq!(ann.me(&replicas.b), 200, "a token that nobody has spent changes nothing");
                let spend = json!({"token": token.text("token"), "new_password": "another good one"});
                (a.post("/api/v1/auth/reset-password", &spend), 204)
            }
            Self::EndSession => (admin.delete(a, &format!("{path}/sessions/{}", ann.session)), 204),
            Self::EndSessions => (admin.delete(a, &format!("{path}/sessions")), 204),
            Self::RequirePasswordChange => (admin.patch(a, path, &json!({"must_change_password": true})), 200),
        };
        assert_eq!(answer.status, expected, "{self:?}: {}", answer.body);
    }

    /// Whether a new access token may be had for the refresh token.
    fn leaves_the_session(self) -> bool {
        matches!(self, Self::ChangeRole)
    }
}

#[rstest]
fn what_is_done_on_one_replica_shuts_out_at_the_other_within_a_second(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let (b, admin) = (&replicas.b, replicas.admin());
    let measures = [
        Measure::Deactivate,
        Measure::Delete,
        Measure::ChangeRole,
        Measure::ChangePassword,
        Measure::ResetPassword,
        Measure::EndSession,
        Measure::EndSessions,
    ];
    for measure in measures {
        let (ann, path) = b.register(&format!("{measure:?}"));
        let (bystander, _) = b.register(&format!("beside-{measure:?}"));
        assert_eq!((ann.me(b), bystander.me(b)), (200, 200), "B has seen both");
        measure.take(&replicas, &admin, &path, &ann);
        let took = ann.time_to_refusal(b);
        assert!(took < AT_ONCE, "{measure:?}: after {took:?}");
        assert_eq!(bystander.me(b), 200, "{measure:?}");

        let refused = ann.get(b, "/api/v1/auth/me");
        let refreshed = b.refresh(&ann.refresh_token);
        if measure.leaves_the_session() {
            assert_eq!(refused.text("code"), "token_expired", "{measure:?}");
            let again = SignedIn::of(&refreshed);
            assert_eq!(again.get(b, "/api/v1/auth/me").text("role"), "moderator");
            assert_eq!(again.me(&replicas.a), 200);
        } else {
            assert_eq!((refused.text("code"), refreshed.status), ("token_invalid", 401), "{measure:?}");
        }
    }
}

#[rstest]
fn whoever_must_choose_another_password_is_told_so_at_the_other_replica_within_a_second(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let (b, admin) = (&replicas.b, replicas.admin());
    let (ann, path) = b.register("ann");
    assert_eq!(ann.get(b, &path).status, 200);
    Measure::RequirePasswordChange.take(&replicas, &admin, &path, &ann);
    std::thread::sleep(AT_ONCE);
    assert_ne!(ann.get(b, &path).status, 200);
}

#[rstest]
fn what_the_command_line_changes_shuts_out_at_every_replica_within_a_second(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(replicas) = Replicas::start(kind, Beside::Nothing) else { return };
    let (database, folder) = (&replicas.database, replicas.database.folder().path());
    for arguments in [&["revoke-sessions"][..], &["set-role", "moderator"], &["delete"]] {
        let name = arguments[0].to_owned() + "-d";
        let (ann, _) = replicas.a.register(&name);
        assert_eq!((ann.me(&replicas.a), ann.me(&replicas.b)), (200, 200));
        let command = [&["users", arguments[0], &name], &arguments[1..]].concat();
        let done = run(folder, &[("DATABASE_URL", database.url())], &command);
        assert_eq!(done.code, Some(0), "{done:?}");
        for replica in [&replicas.a, &replicas.b] {
            let took = ann.time_to_refusal(replica);
            assert!(took < AT_ONCE, "{arguments:?}: after {took:?}");
        }
    }
}

/// `REVOCATION_ROUNDS=200` for figures to be quoted.
#[rstest]
fn how_long_it_takes(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values(Beside::Nothing, Beside::Redis)] beside: Beside,
) {
    let Some(replicas) = Replicas::start(kind, beside) else { return };
    let rounds: usize = variable("REVOCATION_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let (b, admin) = (&replicas.b, replicas.admin());
    let (_, path) = b.register("ann");
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let ann = b.login("ann", PASSWORD);
            assert_eq!(ann.me(b), 200);
            Measure::EndSession.take(&replicas, &admin, &path, &ann);
            ann.time_to_refusal(b)
        })
        .collect();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let mut line =
        format!("revoked on one replica, refused on the other, {kind:?} beside {beside:?}, {rounds} rounds: ");
    let _ = writeln!(line, "p50 {:.0?}, p99 {:.0?}, most {:.0?}", at(50), at(99), at(100));
    // Not `println!`, which nobody sees when a test passes.
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(at(100) < AT_ONCE, "{line}");
}

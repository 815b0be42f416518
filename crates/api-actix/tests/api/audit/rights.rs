//! Who may read what of the trail.

use testkit::user;

use crate::signed_in::SignedIn;
use crate::test_app::TestApp;

const OF_ALL: [&str; 6] = [
    "/api/v1/audit",
    "/api/v1/audit/export",
    "/api/v1/audit/export?format=csv",
    "/api/v1/audit/verify",
    "/api/v1/events",
    "/v1/events?wait=60",
];

async fn told(caller: &SignedIn<'_>, path: &str) -> String {
    let answer = caller.get(path).await;
    if answer.status == 200 { "200".into() } else { answer.problem() }
}

#[actix_web::test]
async fn the_trail_as_a_whole_is_for_administrators() {
    let app = TestApp::with_auth();
    let (ann, mo) = (app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await);
    let root = app.as_admin().await;
    app.sequence().await;
    for path in OF_ALL {
        assert_eq!(told(&ann, path).await, "403 forbidden", "{path}");
        assert_eq!(told(&mo, path).await, "403 forbidden", "{path}");
        assert_eq!(told(&root, path).await, "200", "{path}");
    }
}

#[actix_web::test]
async fn of_single_users_it_depends_on_who_they_are() {
    let app = TestApp::with_auth();
    let (ann, mo) = (app.as_user("ann").await, app.sign_in(user().named("mo").moderator()).await);
    let (root, bob) = (app.as_admin().await, app.as_user("bob").await);
    let (id_ann, id_mo, id_root) = (ann.id().await, mo.id().await, root.id().await);
    let at = "as_of=2026-03-04T05:06:08Z";
    for (caller, id, audit, as_of, data) in [
        (&ann, &id_ann, "403 forbidden", "403 forbidden", "200"),
        (&bob, &id_ann, "404 user_not_found", "404 user_not_found", "404 user_not_found"),
        (&mo, &id_ann, "200", "403 forbidden", "403 forbidden"),
        (&mo, &id_mo, "403 forbidden", "403 forbidden", "200"),
        (&mo, &id_root, "403 forbidden", "403 forbidden", "403 forbidden"),
        (&root, &id_ann, "200", "200", "200"),
        (&root, &id_root, "200", "200", "200"),
    ] {
        assert_eq!(told(caller, &format!("/api/v1/users/{id}/audit")).await, audit);
        assert_eq!(told(caller, &format!("/api/v1/users/{id}?{at}")).await, as_of);
        assert_eq!(told(caller, &format!("/api/v1/users/{id}/data")).await, data);
    }
}

#[actix_web::test]
async fn what_is_told_of_people_is_kept_by_nobody() {
    let app = TestApp::new();
    app.user("ann").await;
    app.sequence().await;
    let of_ann = ["/api/v1/users/1/audit", "/api/v1/users/1/data", "/api/v1/users/1?as_of=2027-01-01T00:00:00Z"];
    for path in OF_ALL.into_iter().chain(of_ann) {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{path}");
        assert_eq!(answer.header("etag"), "", "{path}");
    }
}

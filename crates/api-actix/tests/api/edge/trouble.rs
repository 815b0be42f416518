//! Faults of our own.

use crate::failing::Hanging;
use crate::test_app::TestApp;

#[actix_web::test]
async fn a_panic_is_a_500_problem_that_tells_nothing_and_the_service_goes_on() {
    let app = TestApp::start(|_| {}, |_| Hanging::stores());
    for _ in 0..3 {
        let answer = app.get("/api/v1/users").await;
        assert_eq!(answer.problem(), "500 internal");
        assert!(!answer.text().contains("hunter2"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(app.get("/health").await.status, 200);
}

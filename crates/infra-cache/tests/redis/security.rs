//! Passwords and TLS.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use infra_cache::{RedisHealth, RedisLink};

use crate::server::{PrivateServer, free_port, variable};

const CHILD: &str = "INFRA_CACHE_TEST_URL";

/// What the process is for if it was started by a test: what the system trusts is read from the environment.
pub(crate) fn child() -> Option<ExitCode> {
    let url = variable(CHILD)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let health = runtime.block_on(async { RedisLink::open(&url).await.unwrap().health() });
    Some(ExitCode::from(if health == RedisHealth::Ok { 0 } else { 3 }))
}

/// The exit code of such a process that trusts these authorities.
fn child_that_trusts(authorities: &Path, url: &str) -> Option<i32> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, url).env("SSL_CERT_FILE", authorities).env_remove("SSL_CERT_DIR");
    command.status().unwrap().code()
}

pub(crate) async fn a_password_is_given() {
    let server = PrivateServer::start(&["--requirepass", "hidden"]).await;
    let url = server.url().replace("redis://", "redis://:hidden@");
    assert_eq!(RedisLink::open(&url).await.unwrap().health(), RedisHealth::Ok);
    let with_name = server.url().replace("redis://", "redis://default:hidden@");
    assert_eq!(RedisLink::open(&format!("{with_name}/3")).await.unwrap().health(), RedisHealth::Ok);
}

pub(crate) async fn a_wrong_password_is_an_outage_and_no_error() {
    let server = PrivateServer::start(&["--requirepass", "hidden"]).await;
    for url in [server.url(), server.url().replace("redis://", "redis://:wrong@")] {
        assert_eq!(RedisLink::open(&url).await.unwrap().health(), RedisHealth::Degraded, "{url}");
    }
}

/// A server with TLS, whose certificate is its own authority.
async fn server_with_tls() -> (PrivateServer, u16) {
    let mut server = PrivateServer::prepare(free_port(), &[]);
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "certificate.pem"])
        .current_dir(server.directory())
        .stderr(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "openssl makes a certificate");
    let port = free_port();
    let directory = server.directory().to_str().unwrap().to_owned();
    let file = |name: &str| format!("{directory}/{name}");
    server.also(&["--tls-port", &port.to_string(), "--tls-auth-clients", "no"]);
    server.also(&["--tls-cert-file", &file("certificate.pem"), "--tls-key-file", &file("key.pem")]);
    server.start_again().await;
    (server, port)
}

pub(crate) async fn tls_is_spoken_with_a_server_whom_the_system_trusts() {
    let (server, port) = server_with_tls().await;
    let trusted = server.directory().join("certificate.pem");
    assert_eq!(child_that_trusts(&trusted, &format!("rediss://localhost:{port}")), Some(0));
    assert_eq!(child_that_trusts(&trusted, &format!("rediss://127.0.0.2:{port}")), Some(3), "by another name");
}

pub(crate) async fn a_server_whom_nobody_trusts_is_an_outage_and_no_panic() {
    let (_server, port) = server_with_tls().await;
    let link = RedisLink::open(&format!("rediss://localhost:{port}")).await.unwrap();
    assert_eq!(link.health(), RedisHealth::Degraded);
}

use crate::place::place;

#[test]
fn an_unknown_key_in_dotenv_is_refused_with_the_nearest_one() {
    insta::assert_snapshot!(place().dotenv("DATABSE_URL=memory:").refusal(), @"DATABSE_URL in .env: no such setting; did you mean DATABASE_URL?");
    insta::assert_snapshot!(place().dotenv("port=1").refusal(), @"port in .env: no such setting; did you mean PORT?");
}

#[test]
fn an_unknown_key_far_from_all_gets_no_wrong_advice() {
    insta::assert_snapshot!(place().dotenv("SMTP_RELAY=x").refusal(), @"SMTP_RELAY in .env: no such setting; remove it, or see docs/SETTINGS.md for the settings there are");
}

#[test]
fn an_unknown_key_or_table_in_the_file_is_refused() {
    insta::assert_snapshot!(place().toml("bcrypt_round = 12").refusal(), @"bcrypt_round in config.toml: no such setting; did you mean BCRYPT_ROUNDS?");
    insta::assert_snapshot!(place().toml("[database]\nurl = 'x'").refusal(), @"database in config.toml: no such setting; did you mean DATABASE_URL?");
    insta::assert_snapshot!(place().toml("\"a\\nb\" = 1").refusal(), @"a b in config.toml: no such setting; remove it, or see docs/SETTINGS.md for the settings there are");
}

#[test]
fn only_secrets_come_from_files() {
    insta::assert_snapshot!(place().dotenv("PORT_FILE=x").refusal(), @"PORT_FILE in .env: no such setting; remove it, or see docs/SETTINGS.md for the settings there are");
}

#[test]
fn a_setting_of_a_later_version_is_told_apart_from_an_unknown_one() {
    insta::assert_snapshot!(place().dotenv("TLS_KEY_FILE=key.pem").refusal(), @"TLS_KEY_FILE in .env: not supported yet; remove it");
    insta::assert_snapshot!(place().toml("tls_cert_file = 'a'").refusal(), @"TLS_CERT_FILE in config.toml: not supported yet; remove it");
}

#[test]
fn the_environment_belongs_to_everybody() {
    let place = place().env("PATH", "/bin").env("PORTS", "x").env("TLS_CERT_FILE", "cert.pem");
    assert_eq!(place.settings().port, 8000);
    assert_eq!(place.load().not_supported_yet, ["TLS_CERT_FILE"]);
}

#[test]
fn dotenv_is_shared_with_compose_tests_and_tracing() {
    place()
        .dotenv("MYSQL_ROOT_PASSWORD=x\nCOMPOSE_PROJECT_NAME=x\nRUST_LOG=x\nRUST_BACKTRACE=1\nTEST_MYSQL_URL=x\nTEST_GALERA_URLS=x\nREQUIRE_ALL=1\nOTEL_SERVICE_NAME=x\nAPI_PORT=80\nREDIS_IMAGE=x")
        .load();
}

#[test]
fn the_same_key_twice_is_refused() {
    insta::assert_snapshot!(place().dotenv("PORT=1\nPORT=2").refusal(), @"PORT in .env: set twice; keep one of the two");
    insta::assert_snapshot!(place().toml("PORT = 1\nport = 2").refusal(), @"port in config.toml: set twice; keep one of the two");
}

#[test]
fn a_file_that_cannot_be_understood_is_refused_with_the_place() {
    insta::assert_snapshot!(
        place().toml("port = 1\napp_name = ").refusal(),
        @"config.toml: TOML parse error at line 2, column 12: string values must be quoted, expected literal string"
    );
    for (dotenv, line) in [
        ("# one\n\nPORT=1\nAPP_NAME=a b c\nDEBUG=1", 4),
        ("PORT 1", 1),
        ("PORT=1\nAPP_NAME='a\nDEBUG=1", 3),
        ("\nAPP_NAME=a\\z\n", 2),
    ] {
        let expected = format!(".env: line {line} cannot be read; write NAME=value, ");
        let refusal = place().dotenv(dotenv).refusal();
        assert!(refusal.starts_with(&expected), "{refusal}");
    }
    insta::assert_snapshot!(
        place().dotenv("PORT 1").refusal(),
        @r".env: line 1 cannot be read; write NAME=value, a value with blanks in double quotes, one with $ or \ in single quotes, every quote closed"
    );
}

#[test]
fn a_configuration_file_that_is_not_there_is_refused() {
    let mut place = place();
    place.sources.config_file = Some(place.directory.path().join("none.toml"));
    insta::assert_snapshot!(place.refusal(), @"none.toml: cannot be read: No such file or directory (os error 2); name a readable file with --config");
}

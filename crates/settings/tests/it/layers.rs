use crate::place::place;

#[test]
fn without_any_source_there_are_defaults() {
    let settings = place().settings();
    assert_eq!(settings.listen_address().to_string(), "127.0.0.1:8000");
    assert_eq!(settings.database_url.to_string(), "sqlite://data/usermgmt.db?mode=rwc");
    assert_eq!(place().shown("PORT"), ("8000".to_owned(), "default".to_owned()));
}

#[test]
fn the_file_beats_the_defaults() {
    let place = place().toml("port = 1");
    assert_eq!(place.settings().port, 1);
    assert_eq!(place.shown("PORT").1, "config.toml");
}

#[test]
fn dotenv_beats_the_file() {
    let place = place().toml("port = 1").dotenv("PORT=2");
    assert_eq!(place.settings().port, 2);
    assert_eq!(place.shown("PORT").1, ".env");
}

#[test]
fn the_environment_beats_dotenv() {
    let place = place().toml("port = 1").dotenv("PORT=2").env("PORT", "3");
    assert_eq!(place.settings().port, 3);
    assert_eq!(place.shown("PORT").1, "environment");
}

#[test]
fn the_alias_in_a_higher_layer_beats_the_name_in_a_lower_one() {
    let place = place().toml("app_name = 'File'").env("PROJECT_NAME", "Alias");
    assert_eq!(place.settings().app_name, "Alias");
    assert_eq!(place.shown("APP_NAME").1, "environment (PROJECT_NAME)");
}

#[test]
fn the_name_beats_its_alias_in_one_layer_in_either_order() {
    for dotenv in ["APP_NAME=Name\nPROJECT_NAME=Alias", "PROJECT_NAME=Alias\nAPP_NAME=Name"] {
        assert_eq!(place().dotenv(dotenv).settings().app_name, "Name");
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let place = place().env("PORT", "").env("APP_NAME", "").env("PROJECT_NAME", "Alias").toml("port = 1");
    assert_eq!(place.settings().port, 1);
    assert_eq!(place.settings().app_name, "Alias");
}

#[test]
fn an_empty_list_is_a_list() {
    let place = place().env("CORS_ORIGINS", "").toml("cors_origins = ['https://a.example']");
    assert_eq!(place.settings().cors_origins, []);
}

#[test]
fn the_file_takes_names_in_any_case_and_toml_types() {
    let place = place().toml(
        "PORT = 0\ndebug = true\nLog_Format = 'json'\nallowed_hosts = ['a.example', 'b.example']\ncors_origins = 'https://a.example, https://b.example'",
    );
    let settings = place.settings();
    assert_eq!(settings.port, 0);
    assert!(settings.debug);
    assert_eq!(settings.log_format, settings::LogFormat::Json);
    assert_eq!(settings.allowed_hosts.len(), 2);
    assert_eq!(settings.cors_origins.len(), 2);
}

#[test]
fn dotenv_takes_comments_quotes_exports_and_a_byte_order_mark() {
    let place = place().dotenv(
        "\u{feff}# here\r\n\r\nexport PORT=1 # there\r\nAPP_NAME=\"Our users\"\r\nDATABASE_URL='mysql://u:p$w@h/d'  ",
    );
    assert_eq!(place.settings().port, 1);
    assert_eq!(place.settings().app_name, "Our users");
    let settings::DatabaseUrl::MySql(url) = place.settings().database_url else { panic!("not MySQL") };
    assert_eq!(secrecy::ExposeSecret::expose_secret(&url), "mysql://u:p$w@h/d");
}

#[test]
fn production_does_not_read_dotenv() {
    let production = place()
        .env("ENVIRONMENT", "Production")
        .env("ENCRYPTION_KEY", crate::secrets::KEY)
        .env("AUDIT_SIGNING_KEY", crate::secrets::AUDIT_KEY)
        .env("JWT_SECRET", crate::secrets::JWT_SECRET)
        .dotenv("PORT=2\nNONSENSE");
    assert_eq!(production.settings().port, 8000);
}

#[test]
fn production_named_by_the_file_does_not_read_dotenv_either() {
    let (key, secret) = (crate::secrets::KEY, crate::secrets::JWT_SECRET);
    let audit = crate::secrets::AUDIT_KEY;
    let file = format!(
        "environment = 'production'\nencryption_key = '{key}'\naudit_signing_key = '{audit}'\njwt_secret = '{secret}'"
    );
    assert_eq!(place().toml(&file).dotenv("PORT=2").settings().port, 8000);
}

#[test]
fn a_dotenv_that_asks_for_production_is_refused() {
    insta::assert_snapshot!(
        place().dotenv("ENVIRONMENT=production").refusal(),
        @"ENVIRONMENT in .env: production reads no .env; set it in the environment, with all that production needs"
    );
}

#[test]
fn a_dotenv_that_asks_for_production_is_read_where_the_environment_asks_for_something_else() {
    let place = place().dotenv("ENVIRONMENT=production\nPORT=2").env("ENVIRONMENT", "test");
    assert_eq!(place.settings().port, 2);
}

#[test]
fn the_process_environment_is_taken_without_what_is_no_setting() {
    let sources = settings::Sources::from_process(None).unwrap();
    assert!(!sources.environment.contains_key("PATH"));
}

#[test]
fn debug_logs_more_unless_the_level_is_set() {
    assert_eq!(place().env("DEBUG", "1").settings().log_level.as_str(), "debug");
    assert_eq!(place().env("DEBUG", "1").shown("LOG_LEVEL"), ("debug".into(), "implied by DEBUG".into()));
    assert_eq!(place().env("DEBUG", "1").env("LOG_LEVEL", "warn").settings().log_level.as_str(), "warn");
    assert_eq!(place().settings().log_level.as_str(), "info");
}

#[test]
fn production_wants_better_passwords_unless_told() {
    let production = || {
        place()
            .env("ENVIRONMENT", "production")
            .env("ENCRYPTION_KEY", crate::secrets::KEY)
            .env("AUDIT_SIGNING_KEY", crate::secrets::AUDIT_KEY)
            .env("JWT_SECRET", crate::secrets::JWT_SECRET)
    };
    assert_eq!(place().settings().password_min_score, 0);
    assert_eq!(production().settings().password_min_score, 2);
    assert_eq!(production().shown("PASSWORD_MIN_SCORE"), ("2".into(), "implied by ENVIRONMENT=production".into()));
    assert_eq!(production().env("PASSWORD_MIN_SCORE", "0").settings().password_min_score, 0);
    assert_eq!(place().env("PASSWORD_MIN_SCORE", "4").settings().password_min_score, 4);
}

use rstest::rstest;

use crate::place::{Place, place};
use crate::secrets::{AUDIT_KEY, JWT_SECRET, KEY};

/// Production as it starts, with the secrets it needs.
pub(crate) fn production() -> Place {
    place()
        .env("ENVIRONMENT", "production")
        .env("ENCRYPTION_KEY", KEY)
        .env("AUDIT_SIGNING_KEY", AUDIT_KEY)
        .env("JWT_SECRET", JWT_SECRET)
}

#[test]
fn authentication_is_required_unless_said_otherwise_and_then_any_address_is_fine() {
    assert!(place().settings().auth_required);
    assert!(production().settings().auth_required);
    for host in ["0.0.0.0", "::"] {
        production().env("HOST", host).load();
        place().env("HOST", host).load();
    }
}

#[test]
fn production_without_authentication_is_refused_unless_said_twice() {
    let open = || production().env("AUTH_REQUIRED", "false");
    insta::assert_snapshot!(
        open().refusal(),
        @"AUTH_REQUIRED=false with ENVIRONMENT=production: every caller would be an administrator; set AUTH_REQUIRED=true, or ALLOW_INSECURE=true if something in front decides who may call it"
    );
    assert!(!open().env("ALLOW_INSECURE", "true").settings().auth_required);
}

#[test]
fn an_open_network_without_authentication_is_refused_unless_said_twice() {
    let open = || place().env("AUTH_REQUIRED", "false");
    for host in ["0.0.0.0", "192.0.2.1", "::", "[::]", "::ffff:192.0.2.1"] {
        let refusal = open().env("HOST", host).refusal();
        assert!(refusal.starts_with("AUTH_REQUIRED=false with HOST="), "{refusal}");
        assert!(!open().env("HOST", host).env("ALLOW_INSECURE", "yes").settings().listens_on_loopback());
    }
    insta::assert_snapshot!(
        open().env("HOST", "0.0.0.0").refusal(),
        @"AUTH_REQUIRED=false with HOST=0.0.0.0: every caller on the network would be an administrator; use HOST=127.0.0.1, set AUTH_REQUIRED=true, or ALLOW_INSECURE=true if something in front decides who may call it"
    );
}

#[test]
fn loopback_in_any_spelling_is_fine() {
    for host in ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]", "::ffff:127.0.0.1"] {
        let open = place().env("AUTH_REQUIRED", "false").env("HOST", host);
        assert!(open.settings().listens_on_loopback(), "{host}");
    }
}

#[rstest]
#[case(
    "ENCRYPTION_KEY",
    "ENCRYPTION_KEY with ENVIRONMENT=production: must be set; set ENCRYPTION_KEY to what `openssl rand -base64 32` prints"
)]
#[case(
    "AUDIT_SIGNING_KEY",
    "AUDIT_SIGNING_KEY with ENVIRONMENT=production: must be set; set AUDIT_SIGNING_KEY to what `openssl rand -base64 32` prints"
)]
#[case(
    "JWT_SECRET",
    "JWT_SECRET with ENVIRONMENT=production: must be set; set JWT_SECRET to what `openssl rand -base64 32` prints"
)]
fn production_needs_its_secrets_also_without_authentication(#[case] missing: &str, #[case] line: &str) {
    assert_eq!(production().env(missing, "").refusal(), line);
    let open = production().env("AUTH_REQUIRED", "false").env("ALLOW_INSECURE", "true");
    assert_eq!(open.env(missing, "").refusal(), line);
}

#[test]
fn production_names_every_missing_secret_and_what_makes_it() {
    let bare = || place().env("ENVIRONMENT", "production");
    insta::assert_snapshot!(
        bare().refusal(),
        @"ENCRYPTION_KEY, AUDIT_SIGNING_KEY and JWT_SECRET with ENVIRONMENT=production: must be set; set ENCRYPTION_KEY to what `openssl rand -base64 32` prints, and AUDIT_SIGNING_KEY to what `openssl rand -base64 32` prints, and JWT_SECRET to what `openssl rand -base64 32` prints"
    );
    insta::assert_snapshot!(
        bare().env("JWT_ALGORITHM", "ES256").refusal(),
        @"ENCRYPTION_KEY, AUDIT_SIGNING_KEY and JWT_PRIVATE_KEY_FILE with ENVIRONMENT=production: must be set; set ENCRYPTION_KEY to what `openssl rand -base64 32` prints, and AUDIT_SIGNING_KEY to what `openssl rand -base64 32` prints, and JWT_PRIVATE_KEY_FILE to a file that `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE` makes"
    );
}

#[test]
fn every_origin_is_too_many_in_production_and_without_authentication() {
    let every = |place: Place| place.env("CORS_ORIGINS", "*");
    let open = || place().env("AUTH_REQUIRED", "false");
    for insecure in ["false", "true"] {
        assert_eq!(
            every(production()).env("ALLOW_INSECURE", insecure).refusal(),
            "CORS_ORIGINS=* with ENVIRONMENT=production: list the origins that may call"
        );
    }
    insta::assert_snapshot!(
        every(open()).refusal(),
        @"CORS_ORIGINS=* with AUTH_REQUIRED=false: every web page would be an administrator; list the origins, or set AUTH_REQUIRED=true, or ALLOW_INSECURE=true"
    );
    insta::assert_snapshot!(
        place().env("CORS_ORIGINS", "*,https://a.example").refusal(),
        @"CORS_ORIGINS: * stands for every origin; use it alone, or list the origins"
    );
    for allowed in [every(place()), every(open()).env("ALLOW_INSECURE", "true")] {
        assert_eq!(allowed.settings().cors_origins, [settings::CorsOrigin::Any]);
    }
}

#[rstest]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
#[case("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=")]
fn a_key_that_nobody_drew_is_refused_in_production_alone(#[case] key: &str) {
    for name in ["ENCRYPTION_KEY", "AUDIT_SIGNING_KEY"] {
        assert_eq!(
            production().env(name, key).refusal(),
            format!(
                "{name} with ENVIRONMENT=production: the value can be guessed; set it to what `openssl rand -base64 32` \
                 prints"
            )
        );
        place().env(name, key).load();
    }
}

#[test]
fn one_secret_is_not_two() {
    let refusal = production().env("JWT_SECRET", KEY).refusal();
    assert!(
        refusal.starts_with("JWT_SECRET with ENVIRONMENT=production: the value is that of ENCRYPTION_KEY"),
        "{refusal}"
    );
    place().env("ENCRYPTION_KEY", KEY).env("JWT_SECRET", KEY).load();

    let refusal = production().env("JWT_SECRET", AUDIT_KEY).refusal();
    assert!(refusal.contains("the value is that of AUDIT_SIGNING_KEY"), "{refusal}");
    for unpadded in [KEY, KEY.trim_end_matches('=')] {
        assert_eq!(
            production().env("AUDIT_SIGNING_KEY", unpadded).refusal(),
            "AUDIT_SIGNING_KEY with ENVIRONMENT=production: the value is that of ENCRYPTION_KEY, and whoever learns one must \
             not know the other; set it to what `openssl rand -base64 32` prints"
        );
    }
}

#[test]
fn a_client_that_names_its_own_address_is_refused_in_production() {
    for network in ["0.0.0.0/0", "10.0.0.0/8,::/0"] {
        let refusal = production().env("TRUSTED_PROXIES", network).refusal();
        assert!(refusal.contains("every client could choose its own address"), "{refusal}");
        place().env("TRUSTED_PROXIES", network).load();
        production().env("TRUSTED_PROXIES", network).env("ALLOW_INSECURE", "true").load();
    }
    production().env("TRUSTED_PROXIES", "10.0.0.0/8").load();
}

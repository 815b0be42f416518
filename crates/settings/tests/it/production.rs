use crate::place::{Place, place};
use crate::secrets::KEY;

fn production() -> Place {
    place().env("ENVIRONMENT", "production").env("ENCRYPTION_KEY", KEY)
}

#[test]
fn production_without_authentication_is_refused_unless_said_twice() {
    insta::assert_snapshot!(
        production().refusal(),
        @"AUTH_REQUIRED=false with ENVIRONMENT=production: every caller would be an administrator; set ALLOW_INSECURE=true if something in front decides who may call it"
    );
    assert!(production().env("ALLOW_INSECURE", "true").settings().environment.is_production());
}

#[test]
fn an_open_network_without_authentication_is_refused_unless_said_twice() {
    for host in ["0.0.0.0", "192.0.2.1", "::", "[::]", "::ffff:192.0.2.1"] {
        let refusal = place().env("HOST", host).refusal();
        assert!(refusal.starts_with("AUTH_REQUIRED=false with HOST="), "{refusal}");
        assert!(!place().env("HOST", host).env("ALLOW_INSECURE", "yes").settings().listens_on_loopback());
    }
    insta::assert_snapshot!(
        place().env("HOST", "0.0.0.0").refusal(),
        @"AUTH_REQUIRED=false with HOST=0.0.0.0: every caller on the network would be an administrator; use HOST=127.0.0.1, or set ALLOW_INSECURE=true if something in front decides who may call it"
    );
}

#[test]
fn loopback_in_any_spelling_is_fine() {
    for host in ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]", "::ffff:127.0.0.1"] {
        assert!(place().env("HOST", host).settings().listens_on_loopback(), "{host}");
    }
}

#[test]
fn authentication_cannot_be_required_yet() {
    insta::assert_snapshot!(
        place().env("AUTH_REQUIRED", "true").env("ALLOW_INSECURE", "true").refusal(),
        @"AUTH_REQUIRED: true needs authentication, which this version does not have yet; use false"
    );
}

#[test]
fn production_needs_the_encryption_key() {
    insta::assert_snapshot!(
        place().env("ENVIRONMENT", "production").env("ALLOW_INSECURE", "true").refusal(),
        @"ENCRYPTION_KEY with ENVIRONMENT=production: must be set; use 32 random bytes in base64, as `openssl rand -base64 32` makes them"
    );
}

#[test]
fn every_origin_is_too_many_in_production_and_without_authentication() {
    insta::assert_snapshot!(
        production().env("ALLOW_INSECURE", "true").env("CORS_ORIGINS", "*").refusal(),
        @"CORS_ORIGINS=* with ENVIRONMENT=production: list the origins that may call"
    );
    insta::assert_snapshot!(
        place().env("CORS_ORIGINS", "*").refusal(),
        @"CORS_ORIGINS=* with AUTH_REQUIRED=false: every web page would be an administrator; list the origins, or set ALLOW_INSECURE=true"
    );
    insta::assert_snapshot!(
        place().env("CORS_ORIGINS", "*,https://a.example").env("ALLOW_INSECURE", "true").refusal(),
        @"CORS_ORIGINS: * stands for every origin; use it alone, or list the origins"
    );
    let insecure = place().env("CORS_ORIGINS", "*").env("ALLOW_INSECURE", "true").settings();
    assert_eq!(insecure.cors_origins, [settings::CorsOrigin::Any]);
}

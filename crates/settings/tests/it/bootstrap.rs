use rstest::rstest;
use secrecy::ExposeSecret;
use settings::BootstrapAdmin;

use crate::place::{Place, place};
use crate::production::production;

const ALL: [(&str, &str); 3] = [
    ("BOOTSTRAP_ADMIN_USERNAME", "root"),
    ("BOOTSTRAP_ADMIN_EMAIL", "root@example.org"),
    ("BOOTSTRAP_ADMIN_PASSWORD", " pa ss "),
];

fn with(place: Place, settings: &[(&str, &str)]) -> Place {
    settings.iter().fold(place, |place, (name, value)| place.env(name, value))
}

fn told(admin: &BootstrapAdmin) -> (&str, &str, Option<&str>) {
    (&admin.username, &admin.email, admin.password.as_ref().map(ExposeSecret::expose_secret))
}

#[test]
fn the_first_administrator_is_as_the_settings_say_in_production_and_elsewhere() {
    for place in [place(), production()] {
        let admin = with(place, &ALL).settings().bootstrap_admin().unwrap();
        assert_eq!(told(&admin), ("root", "root@example.org", Some(" pa ss ")), "the password is not trimmed");
    }
}

#[test]
fn development_makes_up_what_is_missing_save_the_password() {
    assert_eq!(told(&place().settings().bootstrap_admin().unwrap()), ("admin", "admin@example.com", None));
    let admin = with(place(), &ALL[2..]).settings().bootstrap_admin().unwrap();
    assert_eq!(told(&admin), ("admin", "admin@example.com", Some(" pa ss ")));
}

#[test]
fn production_makes_up_nobody() {
    assert!(production().settings().bootstrap_admin().is_none());
}

#[rstest]
#[case(&ALL[..1], "BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD with ENVIRONMENT=production: ")]
#[case(&ALL[1..], "BOOTSTRAP_ADMIN_USERNAME with ENVIRONMENT=production: ")]
#[case(&ALL[2..], "BOOTSTRAP_ADMIN_USERNAME and BOOTSTRAP_ADMIN_EMAIL with ENVIRONMENT=production: ")]
#[case(&ALL[..2], "BOOTSTRAP_ADMIN_PASSWORD with ENVIRONMENT=production: ")]
fn half_an_administrator_is_refused_in_production(#[case] settings: &[(&str, &str)], #[case] beginning: &str) {
    let refusal = with(production(), settings).refusal();
    assert!(refusal.starts_with(beginning) && refusal.contains("set all three, or none"), "{refusal}");
    with(place(), settings).load();
}

#[test]
fn the_password_may_come_from_a_file() {
    let place = place().with_file("password", "hunter2\n").env("BOOTSTRAP_ADMIN_PASSWORD_FILE", "password");
    assert_eq!(told(&place.settings().bootstrap_admin().unwrap()).2, Some("hunter2"));
}

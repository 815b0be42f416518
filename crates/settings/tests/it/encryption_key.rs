use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Barrier;
use std::thread;

use rstest::rstest;
use secrecy::ExposeSecret;
use settings::Settings;

use crate::place::{Place, place};

/// Settings that keep their data in a directory which is not there yet.
fn settings(place: &Place) -> Settings {
    let mut settings = place.settings();
    settings.data_dir = place.directory.path().join("deep/data");
    settings
}

#[rstest]
fn the_key_is_taken_in_either_alphabet_padded_or_not(
    #[values(
        "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=",
        "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s=",
        "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s",
        " -_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s "
    )]
    text: &str,
) {
    let key = place().env("ENCRYPTION_KEY", text).settings().encryption_key().unwrap();
    assert_eq!(*key.expose_secret(), [0xfb; 32]);
}

#[test]
fn a_missing_key_is_made_once_for_the_owner_only() {
    let place = place();
    let first = settings(&place).encryption_key().unwrap();
    let second = settings(&place).encryption_key().unwrap();
    assert_eq!(first.expose_secret(), second.expose_secret());
    assert_ne!(*first.expose_secret(), [0; 32]);

    let directory = place.directory.path().join("deep/data");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.join("encryption.key")), 0o600);
    assert_eq!(mode(directory), 0o700);
}

#[test]
fn two_places_get_two_keys() {
    let (one, other) = (place(), place());
    let (one, other) = (settings(&one).encryption_key().unwrap(), settings(&other).encryption_key().unwrap());
    assert_ne!(one.expose_secret(), other.expose_secret());
}

#[test]
fn many_first_starts_agree_on_one_key() {
    const STARTS: usize = 8;
    for _ in 0..20 {
        let place = place();
        let settings = settings(&place);
        let together = Barrier::new(STARTS);
        let start = || {
            together.wait();
            *settings.encryption_key().unwrap().expose_secret()
        };
        let keys: Vec<_> = thread::scope(|scope| {
            let starts: Vec<_> = (0..STARTS).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(fs::read_dir(&settings.data_dir).unwrap().count(), 1, "nothing but the key is left");
    }
}

#[test]
fn loading_makes_no_files() {
    let place = place().env("DATA_DIR", "data");
    place.load();
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 0);
}

#[test]
fn a_set_key_makes_no_file() {
    let place = place().env("ENCRYPTION_KEY", crate::secrets::KEY);
    settings(&place).encryption_key().unwrap();
    assert!(!place.directory.path().join("deep").exists());
}

#[test]
fn a_spoilt_file_is_refused_and_left_alone() {
    let place = place();
    let settings = settings(&place);
    fs::create_dir_all(&settings.data_dir).unwrap();
    let path = settings.data_dir.join("encryption.key");
    for spoilt in ["hunter2", "", "\n"] {
        fs::write(&path, spoilt).unwrap();
        let line = settings.encryption_key().unwrap_err().to_string();
        assert_eq!(
            line,
            format!(
                "ENCRYPTION_KEY: {} holds no key; put back the file as it was, or set ENCRYPTION_KEY; if nothing was ever \
                 sealed with it, remove it",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), spoilt);
    }
}

#[test]
fn a_start_that_broke_off_before_the_key_was_written_is_made_up_for() {
    let place = place();
    let settings = settings(&place);
    fs::create_dir_all(&settings.data_dir).unwrap();
    fs::write(
        settings.data_dir.join("encryption.key.new"),
        "half a key, which is longer than a whole one would have been",
    )
    .unwrap();
    let first = settings.encryption_key().unwrap();
    assert_eq!(first.expose_secret(), settings.encryption_key().unwrap().expose_secret());
    assert_eq!(fs::read_dir(&settings.data_dir).unwrap().count(), 1, "nothing but the key is left");
}

#[test]
fn a_directory_that_cannot_be_made_is_refused_by_name() {
    let place = place().with_file("deep", "a file where the directory should be");
    let line = settings(&place).encryption_key().unwrap_err().to_string();
    assert!(
        line.starts_with("ENCRYPTION_KEY: cannot keep a key in ") && line.contains("set it, or DATA_DIR"),
        "{line}"
    );
}

#[test]
fn production_makes_no_key() {
    let place = place();
    let mut settings = settings(&place);
    settings.environment = settings::Environment::Production;
    assert!(settings.encryption_key().unwrap_err().to_string().contains("ENVIRONMENT=production: must be set"));
    assert!(!settings.data_dir.exists());
}

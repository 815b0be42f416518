use std::time::Instant;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::bcrypt_hash::work::rounds_of;

/// Made by `tests/vectors/imported_vectors.py`, which says with which libraries.
const IMPORTED: &str = include_str!("../../tests/vectors/imported.tsv");

const SALT: [u8; 16] = [7; 16];

fn password(text: &str) -> PlainPassword {
    PlainPassword::candidate(text).unwrap()
}

fn vectors() -> Vec<(&'static str, String)> {
    let vector = |line: &'static str| {
        let fields: Vec<_> = line.split('\t').collect();
        let [_, hash, password] = fields[..] else { panic!("not a vector: {line}") };
        (hash, serde_json::from_str(password).unwrap())
    };
    IMPORTED.lines().filter(|line| !line.starts_with('#')).map(vector).collect()
}

/// Those with the parameters that the libraries take of themselves are at the end, and slow.
fn small_vectors() -> Vec<(&'static str, String)> {
    let mut vectors = vectors();
    vectors.truncate(130);
    vectors
}

#[test]
fn a_password_fits_every_hash_that_other_systems_made_of_it() {
    assert_eq!(vectors().len(), 136);
    for (hash, text) in vectors() {
        assert_eq!(verify(&password(&text), hash, 4), PasswordMatch::Outdated, "{text} should fit {hash}");
    }
}

/// What imports make of the hashes of Keycloak, Auth0 and Django for the password `correct horse`.
const CONVERTED: [&str; 13] = [
    "$pbkdf2$1000$..//PIofABEiM0RVZneImQ$aXXu5ayJykIpu0vXQbn5X8tCz64",
    "$pbkdf2-sha256$1000$..//PIofABEiM0RVZneImQ$g9riCz.5k.0vwkqlyH5uPtNS1bXnOPmlZWj78k2tBUI",
    "$pbkdf2-sha512$1000$..//PIofABEiM0RVZneImQ$Ar4VUfFjjX2kf1dYp2uk2wZILiHNJv8J6iuU.WQjnz5Q/ah/pLLequummyX0DfDoA5XniX.5hOWYtxiD3.T/VA",
    "$argon2id$v=19$m=7168,t=5,p=1$++//PIofABEiM0RVZneImQ$OmkFiO2GMnFVH+X5gax9LaxigQTwU6YZ5q3/CstNNV4",
    "$scrypt$ln=4,r=8,p=1$++//PIofABEiM0RVZneImQ$VNR1H4A2Sg1n5+eB24+tIcWpLGLFxR512sU8XWDQzoJedU8ch+NUdcDeA0JiX24Ny8mcJK1wfgScnegduQQUYQ",
    "$pbkdf2-sha256$1000$..//PIofABEiM0RVZneImQ$g9riCz.5k.0vwkqlyH5uPtNS1bXnOPmlZWj78k2tBUI",
    "$2b$04$ebK/1.ND/.U5wVFYfzchP.r2N.7w4M7LV.OEo4j3o4TB0KZ3rQBQ6",
    "pbkdf2_sha256$1000$saltsaltsaltsalt$BBs+1+PaslLtBPULUr8/lQicvVuHiEPMz0i8MjLCbzM=",
    "pbkdf2_sha1$1000$saltsaltsaltsalt$EUcKisx+yviAqdTmlEPmy+5ykUU=",
    "argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI",
    "bcrypt_sha256$$2b$04$1Au8y/XqDv4P/2CGE0gNh.cAcyBZUlmm./qgiCpxZprBWWwmnw7fi",
    "bcrypt$$2b$04$FlEF4o1J4F4MpWPjE9uqcuwQx6nQ0XvEQnjoNGaEUuo.7TRLEHfR6",
    "scrypt$16$saltsaltsaltsalt$8$1$rkTI9fAgA7thDzzR8FHXhMiojYBreJBmYTkEzWypBCSkUUDsNtGpUC5nZb7lOfpqn4jkXnn+w6lpmOlRsoiLKw==",
];

#[test]
fn a_password_fits_what_imports_make_of_other_systems_hashes() {
    for hash in CONVERTED {
        assert_eq!(verify(&password("correct horse"), hash, 5), PasswordMatch::Outdated, "{hash}");
        assert_eq!(verify(&password("correct house"), hash, 5), PasswordMatch::No, "{hash}");
    }
}

#[test]
fn an_import_hears_which_hashes_could_ever_fit() {
    assert!(vectors().iter().all(|(hash, _)| is_readable_hash(hash)));
    assert!(CONVERTED.iter().all(|hash| is_readable_hash(hash)));
    assert!(is_readable_hash(&bcrypt_hash::make("correct horse", 4, SALT)));
    for unusable in UNUSABLE {
        assert!(!is_readable_hash(unusable), "{unusable}");
    }
}

#[test]
fn another_password_fits_no_hash_of_another_system() {
    for (hash, text) in small_vectors() {
        let beginning: String = text.chars().skip(1).collect();
        let other = password(&format!("{beginning}?"));
        assert_eq!(verify(&other, hash, 4), PasswordMatch::No, "another password fits {hash}");
    }
}

#[test]
fn an_argon2_hash_without_a_version_is_one_of_the_first() {
    let (hash, text) = vectors().into_iter().find(|(hash, _)| hash.contains("$v=16$")).unwrap();
    assert!(verify(&password(&text), &hash.replace("$v=16$", "$"), 4).fits());
}

#[test]
fn one_changed_character_of_a_digest_fits_nobody() {
    for (hash, text) in small_vectors() {
        let (before, after) = hash.split_at(hash.len() - 5);
        let other = if after.starts_with('A') { "B" } else { "A" };
        let changed = format!("{before}{other}{}", &after[1..]);
        assert_eq!(verify(&password(&text), &changed, 4), PasswordMatch::No, "{changed}");
    }
}

#[test]
fn a_hash_of_today_is_not_outdated_and_neither_is_a_dearer_one() {
    let long = "🔐".repeat(60);
    for text in ["correct horse", &long] {
        for cost in [5, 6] {
            let hash = bcrypt_hash::make(text, cost, SALT);
            assert_eq!(verify(&password(text), &hash, 5), PasswordMatch::Yes, "{hash}");
        }
        let cheap = bcrypt_hash::make(text, 4, SALT);
        assert_eq!(verify(&password(text), &cheap, 5), PasswordMatch::Outdated);
    }
}

#[test]
fn the_older_names_of_bcrypt_are_outdated() {
    let hash = bcrypt_hash::make("correct horse", 4, SALT);
    for name in ["$2a$", "$2y$", "bcrypt$$2b$"] {
        assert_eq!(verify(&password("correct horse"), &hash.replace("$2b$", name), 4), PasswordMatch::Outdated);
    }
    assert_eq!(verify(&password("correct horse"), &hash.replace("$2b$", "$2x$"), 4), PasswordMatch::No);
}

#[test]
fn a_hash_of_what_was_typed_fits_and_is_outdated() {
    let hash = bcrypt_hash::make("cafe\u{301} au lait", 4, SALT);

    assert_eq!(verify(&password("cafe\u{301} au lait"), &hash, 4), PasswordMatch::Outdated);
    assert_eq!(verify(&password("café au lait"), &hash, 4), PasswordMatch::No);
}

#[test]
fn the_normal_form_fits_whatever_was_typed() {
    let hash = bcrypt_hash::make("café au lait", 4, SALT);

    assert_eq!(verify(&password("cafe\u{301} au lait"), &hash, 4), PasswordMatch::Yes);
}

const UNUSABLE: [&str; 8] = [
    "",
    "!",
    "*",
    "!qVzZ8sDqPgGkZ9wN3ZrG1bHk2yXoLmTfUeRcAiJd",
    "$2b$31$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW",
    "$argon2id$v=19$m=4194304,t=4,p=1$8PHy8/T19vc$tiYsCJ/HR2lTIK3R3gEEFQ",
    "$scrypt$ln=30,r=8,p=1$8PHy8/T19vc$tiYsCJ/HR2lTIK3R3gEEFQ",
    "5f4dcc3b5aa765d61d8327deb882cf99",
];

#[test]
fn nothing_fits_what_is_no_hash() {
    for stored in UNUSABLE {
        assert_eq!(verify(&password("correct horse"), stored, 4), PasswordMatch::No, "{stored}");
        assert_eq!(verify(&password(""), stored, 4), PasswordMatch::No, "{stored}");
    }
}

#[rstest]
#[case::one_spelling("wrong horse", 1)]
#[case::two_spellings("wrong cafe\u{301}", 2)]
#[case::too_long_for_bcrypt(&"x".repeat(100), 1)]
fn a_mismatch_takes_as_many_rounds_as_a_name_that_nobody_has(#[case] wrong: &str, #[case] spellings: u64) {
    let rounds = 6;
    let wrong = password(wrong);
    let expected = spellings << rounds;
    assert_eq!(rounds_of(|| verify_nobody(&wrong, rounds)), expected);
    for stored in UNUSABLE {
        assert_eq!(
            rounds_of(|| {
                verify(&wrong, stored, rounds);
            }),
            expected,
            "{stored}"
        );
    }
    for text in ["correct horse", &"y".repeat(90)] {
        for cost in 4..=rounds {
            let hash = bcrypt_hash::make(text, cost, SALT);
            for hash in [hash.clone(), hash.replace("$2b$", "$2a$"), hash.replace("$2b$", "bcrypt_sha256$$2b$")] {
                assert_eq!(
                    rounds_of(|| {
                        verify(&wrong, &hash, rounds);
                    }),
                    expected,
                    "{hash}"
                );
            }
        }
    }
    let dearer = bcrypt_hash::make("correct horse", rounds + 1, SALT);
    assert_eq!(
        rounds_of(|| {
            verify(&wrong, &dearer, rounds);
        }),
        2 * expected
    );
}

#[test]
fn a_quick_imported_hash_is_filled_up_with_nearly_a_whole_one() {
    let quick = vectors().into_iter().find(|(hash, _)| hash.starts_with("$pbkdf2$1$")).unwrap().0;
    for (text, spellings) in [("wrong horse", 1), ("wrong cafe\u{301}", 2)] {
        let rounds = rounds_of(|| {
            verify(&password(text), quick, 8);
        });
        let whole = spellings << 8;
        assert!((whole * 13 / 16..=whole).contains(&rounds), "{rounds} of {whole}");
    }
}

#[test]
fn what_fits_is_not_filled_up() {
    let hash = bcrypt_hash::make("correct horse", 4, SALT);
    assert_eq!(
        rounds_of(|| {
            verify(&password("correct horse"), &hash, 10);
        }),
        1 << 4
    );
    let (hash, text) = vectors().remove(0);
    assert_eq!(
        rounds_of(|| {
            verify(&password(&text), hash, 10);
        }),
        0
    );
}

#[rstest]
#[case::nothing_spent(0, 16)]
#[case::half_spent(80, 8)]
#[case::nearly_all_spent(155, 1)]
#[case::all_spent(160, 1)]
#[case::far_more_spent(100_000, 1)]
fn as_many_parts_are_done_as_time_is_missing(#[case] spent_ms: u64, #[case] expected: usize) {
    let mut done = 0;
    fill_up(Duration::from_millis(spent_ms), 16, || {
        done += 1;
        Duration::from_millis(10)
    });
    assert_eq!(done, expected);
}

/// The medians of times that are taken in turns, so that other work on the machine hits all of them.
fn medians<const N: usize>(samples: usize, works: [&dyn Fn(); N]) -> [f64; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..samples {
        for (work, times) in works.iter().zip(&mut times) {
            let started = thread_time();
            work();
            times.push(thread_time().saturating_sub(started));
        }
    }
    times.map(|mut times| {
        times.sort();
        times[samples / 2].as_secs_f64()
    })
}

#[test]
fn the_time_does_not_tell_whether_a_name_exists_or_how_its_hash_was_made() {
    let rounds = 7;
    let wrong = password("wrong horse");
    let today = bcrypt_hash::make("correct horse", rounds, SALT);
    let cheap = bcrypt_hash::make("correct horse", 4, SALT);
    let imported = vectors().into_iter().find(|(hash, _)| hash.starts_with("$pbkdf2-sha256$1$")).unwrap().0;
    let against = |stored: &str| {
        verify(&wrong, stored, rounds);
    };
    let against_nobody = || verify_nobody(&wrong, rounds);
    let [against_today, against_cheap] = [&today, &cheap].map(|stored| move || against(stored));
    let [against_imported, against_unusable] = [imported, "!"].map(|stored| move || against(stored));

    let [nobody, today, cheap, imported, unusable] =
        medians(15, [&against_nobody, &against_today, &against_cheap, &against_imported, &against_unusable]);

    for (what, time) in [("of today", today), ("cheap", cheap), ("imported", imported), ("unusable", unusable)] {
        let ratio = time / nobody;
        assert!((0.6..1.7).contains(&ratio), "what is {what} takes {ratio:.2} of what nobody takes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_stored_text_makes_verifying_panic(stored in any::<String>()) {
        prop_assert_eq!(verify(&password("correct horse"), &stored, 4), PasswordMatch::No);
    }

    /// Parameters are small or far beyond the limits here; those just within are as slow as the limits say.
    #[test]
    fn no_text_that_is_nearly_a_hash_panics_or_takes_long(
        beginning in "(bcrypt|bcrypt_sha256|argon2|scrypt|pbkdf2_sha1|pbkdf2_sha256|)",
        kind in "(\\$(2[abxy]|argon2(id|i|d)|scrypt|pbkdf2|pbkdf2-sha256|pbkdf2-sha512|bcrypt-sha256))?",
        version in "(\\$v=1[69])?",
        parameters in "\\$((m=|ln=)?(0|1|8|16|64|99999999999|4294967295)(,(t|r)=(0|1|2|8|4294967295|é))?(,p=(1|0|4294967295))?)",
        salt in "\\$[./+A-Za-z0-9é=]{0,24}",
        digest in "\\$[./+A-Za-z0-9=]{0,88}",
    ) {
        let started = Instant::now();
        let text = format!("{beginning}{kind}{version}{parameters}{salt}{digest}");
        prop_assert_eq!(verify(&password("correct horse"), &text, 4), PasswordMatch::No);
        prop_assert!(started.elapsed() < Duration::from_secs(5), "{}", text);
    }

    #[test]
    fn no_damage_to_a_hash_makes_verifying_panic(number in 0..124_usize, at in 0..60_usize, with in "[0$,=A-Za-z é-]{0,2}") {
        let (hash, text) = small_vectors().remove(number);
        if let (Some(before), Some(after)) = (hash.get(..at), hash.get(at + 1..)) {
            let _ = verify(&password(&text), &format!("{before}{with}{after}"), 4);
        }
    }
}

//! How hard a password is to guess, as zxcvbn sees it.

use std::collections::BTreeSet;

use domain::ports::Strength;
use zxcvbn::{Score, zxcvbn};

/// Characters that are looked at. zxcvbn's work grows with their square: 100 with every substitution in them, as in
/// "p@55w0rd", take 0.7 s, 40 about half of what a hash of cost 12 takes; most passwords take 5 ms or less. What comes
/// after can only make a password harder, but is not counted for it.
const LOOKED_AT: usize = 40;

/// Words about the person that are looked for, the first ones.
const MOST_WORDS: usize = 64;

/// Shorter words are in many a good password.
const SHORTEST_WORD: usize = 3;

const MORE_WORDS: &str = "Add another word or two. Uncommon words are better.";
const NOT_YOURSELF: &str = "Leave out your own name, username and email address: they are the first that others try.";

/// The strength of `password`, of somebody about whom the texts in `about` are known.
pub(crate) fn assess(password: &str, about: &[String]) -> Strength {
    let words = words(about);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let beginning: String = password.chars().take(LOOKED_AT).collect();
    let entropy = zxcvbn(&beginning, &words);
    let mut advice = Vec::new();
    if entropy.score() < Score::Four {
        let lower = beginning.to_lowercase();
        if words.iter().any(|word| lower.contains(word)) {
            advice.push(NOT_YOURSELF.to_owned());
        }
        // Fixed sentences: none has a part of the password in it.
        if let Some(feedback) = entropy.feedback() {
            advice.extend(feedback.warning().map(|warning| warning.to_string()));
            advice.extend(feedback.suggestions().iter().map(ToString::to_string));
        } else {
            advice.push(MORE_WORDS.to_owned());
        }
    }
    Strength { score: entropy.score().into(), advice }
}

/// The texts and the words in them, as zxcvbn looks for whole ones only.
fn words(about: &[String]) -> BTreeSet<String> {
    let whole = about.iter().map(String::as_str);
    let parts = about.iter().flat_map(|text| text.split(|character: char| !character.is_alphanumeric()));
    let is_telling = |word: &&str| {
        let characters = word.chars().take(LOOKED_AT + 1).count();
        (SHORTEST_WORD..=LOOKED_AT).contains(&characters)
    };
    whole.chain(parts).filter(is_telling).take(MOST_WORDS).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::thread_time::thread_time;

    fn about(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[rstest]
    #[case("password", 0)]
    #[case("12345678", 0)]
    #[case("qwertyui", 0)]
    #[case("aaaaaaaaaaaaaaaaaaaa", 0)]
    #[case("p@ssw0rd1", 1)]
    #[case("horse battery", 3)]
    #[case("correct horse battery staple", 4)]
    #[case("zH7$kQ!x9@Lm", 4)]
    fn scores_are_those_of_zxcvbn(#[case] password: &str, #[case] score: u8) {
        assert_eq!(assess(password, &[]).score, score);
    }

    #[test]
    fn a_weak_password_gets_advice_and_a_strong_one_none() {
        let advice = assess("password", &[]).advice;
        assert_eq!(advice, ["This is a top-10 common password.", MORE_WORDS]);
        assert_eq!(assess("correct horse battery staple", &[]).advice, [""; 0]);
    }

    #[test]
    fn what_is_neither_weak_nor_strong_gets_advice_too() {
        assert_eq!(assess("horse battery", &[]), Strength { score: 3, advice: vec![MORE_WORDS.to_owned()] });
    }

    #[test]
    fn words_about_the_person_make_it_weak_and_the_advice_says_so() {
        let known = about(&["annabel.quistorp@mail.example", "Annabel Quistorp"]);
        let [stranger, herself] = [assess("quistorp1", &[]), assess("Quistorp1", &known)];

        assert!(herself.score < stranger.score, "{} < {}", herself.score, stranger.score);
        assert_eq!(herself.advice[0], NOT_YOURSELF);
        assert!(!stranger.advice.contains(&NOT_YOURSELF.to_owned()));
    }

    #[test]
    fn short_words_about_the_person_do_not_count() {
        assert_eq!(words(&about(&["Jo Li", "jo@li.io"])), BTreeSet::from(["jo li".to_owned(), "jo@li.io".to_owned()]));
    }

    #[test]
    fn long_texts_about_the_person_are_bounded() {
        let known = about(&[&"x".repeat(10_000), &"abc ".repeat(10_000)]);
        let many: Vec<_> = (0..10_000).map(|number| format!("word{number}")).collect();

        assert_eq!(words(&known), BTreeSet::from(["abc".to_owned()]));
        assert_eq!(words(&many).len(), MOST_WORDS);
    }

    #[test]
    fn advice_never_repeats_the_password() {
        for password in ["quistorp", "11/20/1991", "zzzzzzzz", "qaz2wsx3", "abcdefgh1", "Letmein2024"] {
            for sentence in assess(password, &about(&["quistorp"])).advice {
                assert!(!sentence.contains(password), "{sentence}");
            }
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at_so_that_the_worst_password_does_not_take_long() {
        let worst: String = "a4@b8c({[<e3g69i1!|l|7o0s$5t+7x%z2".chars().cycle().take(100).collect();
        let time = |work: &dyn Fn()| {
            let started = thread_time();
            work();
            thread_time().saturating_sub(started)
        };
        let ours = time(&|| drop(assess(&worst, &[])));
        let whole = time(&|| drop(zxcvbn(&worst, &[])));

        assert!(ours * 2 < whole, "{ours:?} of {whole:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_password_makes_it_panic(password in "\\PC{0,60}", odd in any::<String>(), known in any::<Vec<String>>()) {
            prop_assert!(assess(&password, &known).score <= 4);
            prop_assert!(assess(&odd, &[password]).score <= 4);
        }
    }
}

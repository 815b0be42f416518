//! The odd names: which are one, which are none, in what order they are listed, and what finds them.
//!
//! Each table is in the order of a listing sorted by it, which is that of the folded texts' code points. Storage takes what
//! it is given, so it is asked for what the rules refuse too, save for NUL, which PostgreSQL cannot hold.

/// A text, the key that it is compared by, and the rule that refuses it, if one does.
pub(super) struct Odd {
    pub(super) typed: &'static str,
    pub(super) key: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "the rules are asked below, the storages are not"))]
    pub(super) refused: Option<&'static str>,
}

const fn name(typed: &'static str, key: &'static str) -> Odd {
    Odd { typed, key, refused: None }
}

const fn none(typed: &'static str, key: &'static str, refused: &'static str) -> Odd {
    Odd { typed, key, refused: Some(refused) }
}

/// As typed, the key.
pub(super) const USERNAMES: &[Odd] = &[
    none(" ann", " ann", "whitespace"),
    none("a", "a", "too_short"),
    none("an\0n", "an\0n", "control_character"),
    name("ann", "ann"),
    name("ANN", "ann"),                      // case
    name("ａｎｎ", "ann"),                   // width
    name("𝓐𝓷𝓷", "ann"),                      // letters of mathematics
    none("ann ", "ann ", "whitespace"),      // MySQL's older collations pass over it
    none("ann\u{a0}", "ann ", "whitespace"), // no-break space
    name("ann!", "ann!"),
    name("ann\"", "ann\""),
    name("ann%", "ann%"),
    name("ann'", "ann'"),
    name("ann1", "ann1"),
    name("ann①", "ann1"),                                // circled
    none("ann1\u{661}", "ann1\u{661}", "mixed_numbers"), // Arabic one
    name("ann2", "ann2"),
    name("ann²", "ann2"), // superscript
    name("ann;--", "ann;--"),
    none("ann@", "ann@", "forbidden_character"),
    none("ann＠", "ann@", "forbidden_character"), // width
    name("ann\\", "ann\\"),
    name("ann_", "ann_"),
    name("ann`", "ann`"),
    name("anna", "anna"), // after `ann` and all that begins with it
    none("ann\u{e000}", "ann\u{e000}", "forbidden_character"), // private use
    none("ann\u{fe0f}", "ann\u{fe0f}", "invisible_character"), // variation selector
    name("ann🦀", "ann🦀"),
    none("an\u{200b}n", "an\u{200b}n", "invisible_character"), // zero-width space
    name("ﬁona", "fiona"),                                     // ligature
    name("Fiona", "fiona"),
    name("ian", "ian"),
    name("IAN", "ian"),        // in no language the capital of ıan
    name("İan", "i\u{307}an"), // dotted I: i and a dot
    name("juergen", "juergen"),
    name("jurgen", "jurgen"),
    name("jürgen", "jürgen"),
    name("kim", "kim"),
    name("\u{212a}im", "kim"), // Kelvin sign
    name("ſam", "sam"),        // long s
    name("sam", "sam"),
    name("soren", "soren"),
    name("straße", "strasse"),
    name("STRASSE", "strasse"),
    name("STRAẞE", "strasse"), // capital sharp s
    name("søren", "søren"),
    name("änn", "änn"),
    name("a\u{308}nn", "änn"), // composed of two
    name("ÄNN", "änn"),
    name("ıan", "ıan"),     // dotless i
    name("νικος", "νικοσ"), // final sigma
    name("ΝΙΚΟΣ", "νικοσ"),
    name("νικοσ", "νικοσ"),
    none("\u{430}nn", "\u{430}nn", "mixed_scripts"), // Cyrillic a
    name("зоя", "зоя"),
    name("ЗОЯ", "зоя"),
    name("ᲜᲘᲜᲝ", "ნინო"), // Georgian capitals
    name("ნინო", "ნინო"),
    name("たろう", "たろう"), // Hiragana
    name("タロウ", "タロウ"), // Katakana
    name("ﾀﾛｳ", "タロウ"),    // of half width
    name("가나다", "가나다"),
    name("\u{1100}\u{1161}\u{1102}\u{1161}\u{1103}\u{1161}", "가나다"), // spelt by letters
    name("﷽﷽﷽", "﷽﷽﷽"), // the last of 16 bits: in UTF-16 behind the next planes
    name("\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}\u{fffd}\u{fffd}"),
    name("𐐀𐐁𐐂", "𐐨𐐩𐐪"),
    name("𐐨𐐩𐐪", "𐐨𐐩𐐪"),   // case beyond 16 bits
    name("👋🏽👋", "👋🏽👋"), // skin
    name("👋🏿👋", "👋🏿👋"),
    none("👩\u{200d}💻dev", "👩\u{200d}💻dev", "invisible_character"), // joiner
    name("🦀🦀🦀", "🦀🦀🦀"),
    name("🦁🦁🦁", "🦁🦁🦁"), // one weight in many collations
];

/// As typed, the key.
pub(super) const EMAILS: &[Odd] = &[
    none(" ann@example.org", " ann@example.org", "invalid_email"),
    none("\"ann\"@example.org", "\"ann\"@example.org", "invalid_email"), // quoted
    name("a+nn@example.org", "a+nn@example.org"),                        // tag
    name("a.nn@example.org", "a.nn@example.org"),                        // dot
    name("ann%x@example.org", "ann%x@example.org"),
    name("ann'x@example.org", "ann'x@example.org"),
    none("ann@[127.0.0.1]", "ann@[127.0.0.1]", "invalid_email"),
    name("ann@example.org", "ann@example.org"),
    name("Ann@Example.ORG", "ann@example.org"), // case
    none("ann@example.org ", "ann@example.org ", "invalid_email"),
    none("ann@example.org.", "ann@example.org.", "invalid_email"),
    name("ann@exämple.org", "ann@xn--exmple-cua.org"),
    name("ann@EXÄMPLE.org", "ann@xn--exmple-cua.org"),
    name("ann@exa\u{308}mple.org", "ann@xn--exmple-cua.org"), // composed of two
    name("ann@exämple。org", "ann@xn--exmple-cua.org"),       // ideographic full stop
    name("ann@ex\u{430}mple.org", "ann@xn--exmple-4nf.org"),  // Cyrillic a
    name("ann@strasse.example", "ann@strasse.example"),
    name("ann@straße.example", "ann@xn--strae-oqa.example"), // IDNA 2008: a letter of its own
    name("ann@xn--exmple-cua.org", "ann@xn--exmple-cua.org"), // the A-label of exämple
    name("ann@☕.example", "ann@xn--53h.example"),           // emoji
    name("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
    name("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"), // full stop
    none("ann@\u{fffd}.example", "ann@\u{fffd}.example", "invalid_email"),
    name("ann@🦀.example", "ann@xn--zs9h.example"), // in UTF-16 before the one above
    name("ann_x@example.org", "ann_x@example.org"),
    name("ian@example.org", "ian@example.org"),
    name("IAN@example.org", "ian@example.org"),
    name("kim@\u{212a}im.example", "kim@kim.example"), // Kelvin sign
    name("kim@kim.example", "kim@kim.example"),
    none("\u{212a}im@kim.example", "\u{212a}im@kim.example", "invalid_email"),
    none("ıan@example.org", "ıan@example.org", "invalid_email"), // dotless i
];

/// What is looked for, and the keys of all usernames that begin with it.
pub(super) const SEARCHES: &[(&str, &[&str])] = &[
    (
        "AN",
        &[
            "an\0n",
            "an\u{200b}n",
            "ann",
            "ann ",
            "ann!",
            "ann\"",
            "ann%",
            "ann'",
            "ann1",
            "ann1\u{661}",
            "ann2",
            "ann;--",
            "ann@",
            "ann\\",
            "ann_",
            "ann`",
            "anna",
            "ann\u{e000}",
            "ann\u{fe0f}",
            "ann🦀",
        ],
    ),
    ("ann ", &["ann "]),
    ("ann%", &["ann%"]),
    ("ann_", &["ann_"]),
    ("ann\\", &["ann\\"]),
    ("ann'", &["ann'"]),
    ("ann\"", &["ann\""]),
    ("ann１", &["ann1", "ann1\u{661}"]),
    ("%", &[]),
    ("_", &[]),
    ("\\", &[]),
    ("'", &[]),
    ("Ä", &["änn"]),
    ("a\u{308}", &["änn"]),
    ("å", &[]),
    ("straß", &["strasse"]),
    ("STRASSE", &["strasse"]),
    ("I", &["ian", "i\u{307}an"]),
    ("İ", &["i\u{307}an"]),
    ("ı", &["ıan"]),
    ("\u{212a}", &["kim"]),
    ("ſ", &["sam", "soren", "strasse", "søren"]),
    ("ﬁ", &["fiona"]),
    ("jur", &["jurgen"]),
    ("jür", &["jürgen"]),
    ("sø", &["søren"]),
    ("νικος", &["νικοσ"]),
    ("ΝΙΚΟΣ", &["νικοσ"]),
    ("\u{430}", &["\u{430}nn"]),
    ("Ნ", &["ნინო"]),
    ("た", &["たろう"]),
    ("ﾀ", &["タロウ"]),
    ("\u{1100}\u{1161}", &["가나다"]),
    ("\u{1100}", &[]),
    ("\u{fdfd}", &["\u{fdfd}\u{fdfd}\u{fdfd}"]),
    ("𐐀", &["𐐨𐐩𐐪"]),
    ("🦀", &["🦀🦀🦀"]),
    ("👋", &["👋🏽👋", "👋🏿👋"]),
    ("👋🏿", &["👋🏿👋"]),
];

#[cfg(test)]
mod tests {
    use domain::values::{EmailAddress, Username};

    use super::*;

    #[test]
    fn the_tables_say_what_the_rules_for_names_say() {
        for Odd { typed, key, refused } in USERNAMES {
            assert_eq!(Username::key_of(typed), *key, "{typed:?}");
            assert_eq!(Username::parse(typed).err().map(|violation| violation.code()), *refused, "{typed:?}");
        }
        for Odd { typed, key, refused } in EMAILS {
            assert_eq!(EmailAddress::key_of(typed), *key, "{typed:?}");
            assert_eq!(EmailAddress::parse(typed).err().map(|violation| violation.code()), *refused, "{typed:?}");
        }
    }
}

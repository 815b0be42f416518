//! Settings that are one word of a few.

use crate::kind::{FromText, Wrong};

macro_rules! choice {
    (
        $(#[$about:meta])*
        $type:ident: $what:literal { $($(#[$meaning:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$meaning])* $variant,)+
        }

        impl $type {
            /// The word for it in settings.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromText for $type {
            const WHAT: &'static str = $what;

            fn hint() -> String {
                one_of(&[$($word),+])
            }

            fn from_text(text: &str) -> Result<Self, Wrong> {
                [$(Self::$variant),+]
                    .into_iter()
                    .find(|choice| choice.as_str().eq_ignore_ascii_case(text.trim()))
                    .ok_or_else(|| Wrong::Value { shown: text.to_owned() })
            }
        }
    };
}

choice! {
    /// Where the service runs.
    Environment: "an environment" {
        /// On a developer's machine.
        Development = "development",
        /// In automated tests.
        Test = "test",
        /// Where releases are tried out.
        Staging = "staging",
        /// Where it counts: no `.env`, no secrets made, no unsafe settings.
        Production = "production",
    }
}

choice! {
    /// Where users are kept who were read before.
    Cache: "a cache" {
        /// In memory.
        Memory = "memory",
        /// In memory, and in Redis for all replicas.
        Redis = "redis",
        /// Nowhere: the database is asked each time.
        Off = "off",
    }
}

choice! {
    /// What `id` is in answers and paths.
    UserIdFormat: "an id format" {
        /// The auto-increment integer.
        Integer = "integer",
        /// The UUID; integers are not accepted in paths.
        Uuid = "uuid",
    }
}

choice! {
    /// The one header from which trusted proxies' word on the client's address is taken.
    ProxyHeader: "a header for the client's address" {
        /// `X-Forwarded-For`.
        XForwardedFor = "x-forwarded-for",
        /// `Forwarded`, RFC 7239.
        Forwarded = "forwarded",
    }
}

choice! {
    /// How access tokens are signed.
    JwtAlgorithm: "an algorithm for tokens" {
        /// HMAC with SHA-256: one secret signs and checks.
        Hs256 = "HS256",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
    }
}

choice! {
    /// How log lines look.
    LogFormat: "a log format" {
        /// Text on a terminal, else JSON.
        Auto = "auto",
        /// One JSON object a line.
        Json = "json",
        /// For people.
        Text = "text",
    }
}

impl Environment {
    /// Whether the rules for production apply.
    pub fn is_production(self) -> bool {
        self == Self::Production
    }

    /// Whether a text of `ENVIRONMENT` means production, for the layers that depend on it.
    pub(crate) fn is_production_in(text: &str) -> bool {
        Self::from_text(text).is_ok_and(Self::is_production)
    }
}

impl LogFormat {
    /// Whether to log JSON, given whether the log goes to a terminal.
    pub fn is_json(self, to_a_terminal: bool) -> bool {
        match self {
            Self::Auto => !to_a_terminal,
            Self::Json => true,
            Self::Text => false,
        }
    }
}

impl JwtAlgorithm {
    /// The command that makes a key file, where the algorithm needs one.
    pub(crate) fn command_for_key_file(self) -> Option<&'static str> {
        match self {
            Self::Hs256 => None,
            Self::EdDsa => Some("openssl genpkey -algorithm ed25519 -out FILE"),
            Self::Es256 => Some("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE"),
        }
    }
}

fn one_of(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

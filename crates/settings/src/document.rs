//! The documents made from the table of settings.

use crate::table::{Key, keys};

/// `.env.example`: every setting with what it is for, commented out at its default.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Settings with their defaults. Copy this to .env and take the # off what you change.\n\
         # The environment wins over .env, .env over the file of --config. Production does not read .env.\n\
         # A value with blanks goes in double quotes, one with $ or \\ in single quotes.\n",
    );
    text.extend(keys().iter().map(example));
    text
}

fn example(key: &Key) -> String {
    let default = if key.default.contains(' ') { format!("\"{}\"", key.default) } else { key.default.to_owned() };
    let file = if key.is_secret { format!(" {}_FILE may name a file that holds it.", key.name) } else { String::new() };
    format!("\n# {}\n# Use {}.{file}\n# {}={default}\n", key.description, key.hint, key.name)
}

/// `docs/SETTINGS.md`.
pub fn settings_markdown() -> String {
    let mut text = String::from(
        "# Settings\n\n\
         Looked for in this order: the environment, `.env` in the working directory (unless `ENVIRONMENT=production`),\n\
         the TOML file of `--config FILE`, the defaults. `usermgmt config show` prints each value and where it came\n\
         from; `usermgmt config check` says what is wrong.\n\n\
         - A wrong value, and an unknown name in `.env` or the file, stops the start with one line.\n\
         - An empty variable counts as not set, save for lists, where it is an empty list.\n\
         - Yes and no may be written `true`, `1`, `yes`, `on`, `True` and so on.\n\
         - The file has the same names, in capital or small letters: `port = 8000`, `cors_origins = [\"https://a.example\"]`.\n\
         - Secrets (marked *) may also come from a file: `NAME_FILE=/run/secrets/name`, one trailing newline is dropped.\n\
         - In `.env`, write values with `$` in single quotes: elsewhere `$NAME` is replaced. Names of Docker Compose,\n  \
         its databases, Rust and OpenTelemetry, and `TEST_*_URL` of the tests, may stand there too and are ignored.\n\n\
         | Setting | Default | Values | What it is for |\n|---|---|---|---|\n",
    );
    text.extend(keys().iter().map(row));
    text
}

fn row(key: &Key) -> String {
    let star = if key.is_secret { " *" } else { "" };
    let alias = key.alias.map(|alias| format!(" (or `{alias}`)")).unwrap_or_default();
    let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
    let (values, description) = (key.hint.replace('*', "\\*"), key.description);
    format!("| `{}`{star}{alias} | {default} | {values} | {description} |\n", key.name)
}

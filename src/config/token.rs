//! The bot's token: found once, shaped, and never printed.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::Config;

/// The bot's token. Neither `Debug` nor an error shows it.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    place: String,
    warnings: Vec<String>,
}

impl Token {
    /// The token, for a request to Discord and for the redactor of the log.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// The variable or file that it stands in.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is unwise about where or how the token stands, with the remedy.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Why there is no token, and what to do. Nothing of a token is in it.
#[derive(Debug, Error)]
pub enum TokenError {
    /// None of the places holds one.
    #[error(
        "there is no bot token: set DISCORD_TOKEN, or name a file that holds it as token_file in \
         [discord]; the token is on the Bot page of your application at \
         https://discord.com/developers/applications"
    )]
    Missing,
    /// The variable or file is there, with nothing in it.
    #[error("{place} is empty: put the bot token there, or remove it")]
    Empty {
        /// The variable or file.
        place: String,
    },
    /// The file cannot be read.
    #[error("cannot read the bot token from {path}; check the path and who may read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// More or something else than a token stands there.
    #[error(
        "{place} does not hold a bot token: there must be one line with the token alone, \
         without quotes or blanks"
    )]
    Malformed {
        /// The variable or file.
        place: String,
    },
}

const VARIABLE: &str = "DISCORD_TOKEN";
/// Where systemd puts what a unit loads with `LoadCredential=discord_token:…`.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "discord_token";
/// Discord's tokens have about 70 characters; a longer file is something else.
const LONGEST: u64 = 4096;

impl Config {
    /// The token from the environment of this process or the file it names.
    pub fn token(&self) -> Result<Token, TokenError> {
        token(self, std::env::vars_os())
    }
}

/// The token from, in this order, the variable `DISCORD_TOKEN`, the file
/// `[discord] token_file` and systemd's credential `discord_token`.
pub fn token(
    config: &Config,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Token, TokenError> {
    let mut variable = None;
    let mut credentials = None;
    for (name, value) in environment {
        if name == VARIABLE {
            variable = Some(value);
        } else if name == CREDENTIALS {
            credentials = Some(value);
        }
    }
    if let Some(value) = variable {
        return shape(VARIABLE, value.as_encoded_bytes());
    }
    if let Some(path) = &config.discord.token_file {
        let mut token = read(path)?;
        token.warnings.extend(wide_open(path));
        return Ok(token);
    }
    match credentials.map(|folder| Path::new(&folder).join(CREDENTIAL)) {
        // systemd itself keeps others from reading it.
        Some(path) if path.exists() => read(&path),
        _ => Err(TokenError::Missing),
    }
}

fn read(path: &Path) -> Result<Token, TokenError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
        .map_err(|source| TokenError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
    shape(&path.display().to_string(), &bytes)
}

/// Takes what surrounds a token away and refuses what is none.
fn shape(place: &str, bytes: &[u8]) -> Result<Token, TokenError> {
    let malformed = || TokenError::Malformed {
        place: place.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    // Some editors begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}').trim();
    let alone = |rest: &&str| rest.is_empty() || rest.starts_with(char::is_whitespace);
    let text = text
        .strip_prefix("Bot")
        .filter(alone)
        .map_or(text, str::trim);
    if text.is_empty() {
        return Err(TokenError::Empty {
            place: place.to_owned(),
        });
    }
    // Quotes and backslashes change in a log, where the token must be found, and
    // brackets mark there where it was.
    let fits = |c: char| c.is_ascii_graphic() && !"\"'`\\[]".contains(c);
    if !text.chars().all(fits) {
        return Err(malformed());
    }
    let mut warnings = Vec::new();
    if !looks_like_discord(text) {
        warnings.push(format!(
            "the token in {place} does not look like one of Discord's, which have three parts \
             joined by dots; if Discord refuses it, copy the token from the Bot page again"
        ));
    }
    Ok(Token {
        secret: text.into(),
        place: place.to_owned(),
        warnings,
    })
}

/// Three parts of URL-safe base64. Test servers hand out others, so this is
/// only worth a warning.
fn looks_like_discord(token: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    token.split('.').count() == 3 && token.split('.').all(part)
}

#[cfg(unix)]
fn wide_open(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        let path = path.display();
        format!("others than its owner may read the token in {path}; run chmod 600 {path}")
    })
}

#[cfg(not(unix))]
fn wide_open(_: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "MTE3NjQ5.GhIjKl.c2VjcmV0LXBhcnQtb2YtYS10b2tlbg";

    fn find(config: &Config, environment: &[(&str, &str)]) -> Result<Token, String> {
        let environment = environment
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        token(config, environment).map_err(|error| {
            let text = format!("{error} {error:?}");
            assert!(!text.contains("MTE3"), "{text}");
            error.to_string()
        })
    }

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, Config) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CREDENTIAL);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut config = Config::default();
        config.discord.token_file = Some(path);
        (folder, config)
    }

    #[test]
    fn the_variable_goes_before_the_file_and_the_file_before_the_credential() {
        let (folder, config) = file(b"of.the.file", 0o600);
        let (credentials, _) = file(b"of.the.credential", 0o440);
        let credentials = credentials.path().to_str().unwrap();
        let environment = [(CREDENTIALS, credentials), (VARIABLE, "of.the.variable")];
        let found = |config: &Config, environment: &[_]| {
            let token = find(config, environment).unwrap();
            assert_eq!(token.warnings(), [""; 0]);
            token.expose().to_owned()
        };
        assert_eq!(found(&config, &environment), "of.the.variable");
        assert_eq!(found(&config, &environment[..1]), "of.the.file");
        assert_eq!(
            found(&Config::default(), &environment[..1]),
            "of.the.credential"
        );
        let empty = folder.path().join("none");
        let complaint = find(
            &Config::default(),
            &[(CREDENTIALS, empty.to_str().unwrap())],
        );
        assert!(
            complaint
                .unwrap_err()
                .starts_with("there is no bot token: set DISCORD_TOKEN")
        );
    }

    #[test]
    fn what_surrounds_a_token_is_taken_away() {
        for text in [
            format!("{TOKEN}\n"),
            format!("\u{feff}  {TOKEN}\r\n"),
            format!("Bot {TOKEN}"),
        ] {
            let (_folder, config) = file(text.as_bytes(), 0o600);
            assert_eq!(find(&config, &[]).unwrap().expose(), TOKEN);
            assert_eq!(
                find(&Config::default(), &[(VARIABLE, &text)])
                    .unwrap()
                    .expose(),
                TOKEN
            );
        }
    }

    #[test]
    fn mistakes_are_named_with_the_remedy_and_without_the_token() {
        let variable = |text: &str| find(&Config::default(), &[(VARIABLE, text)]).unwrap_err();
        for empty in ["", " \n", "Bot "] {
            assert_eq!(
                variable(empty),
                "DISCORD_TOKEN is empty: put the bot token there, or remove it"
            );
        }
        let quoted = format!("\"{TOKEN}\"");
        let two = format!("{TOKEN} {TOKEN}");
        let strange = format!("{TOKEN}é");
        for malformed in [quoted, two, strange] {
            let complaint = variable(&malformed);
            assert!(complaint.starts_with("DISCORD_TOKEN does not hold a bot token"));
        }
        for content in [&[0xff, 0xfe, 0x41][..], &[b'a', 0, b'b'], b""] {
            let (_folder, config) = file(content, 0o600);
            let complaint = find(&config, &[]).unwrap_err();
            assert!(complaint.contains("discord_token "), "{complaint}");
        }
        let (folder, mut config) = file(b"", 0o600);
        for unreadable in [folder.path().join("missing"), folder.path().to_owned()] {
            config.discord.token_file = Some(unreadable);
            let complaint = find(&config, &[]).unwrap_err();
            assert!(
                complaint.starts_with("cannot read the bot token from /"),
                "{complaint}"
            );
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_a_warning_with_the_remedy() {
        for mode in [0o640, 0o604, 0o666] {
            let (_folder, config) = file(TOKEN.as_bytes(), mode);
            let token = find(&config, &[]).unwrap();
            let path = config.discord.token_file.as_deref().unwrap().display();
            let [warning] = token.warnings() else {
                panic!("{:?}", token.warnings());
            };
            assert!(
                warning.ends_with(&format!("; run chmod 600 {path}")),
                "{warning}"
            );
        }
    }

    #[test]
    fn another_shape_is_a_warning_and_nothing_prints_the_token() {
        let token = find(&Config::default(), &[(VARIABLE, "MTE3-canary")]).unwrap();
        assert_eq!(token.expose(), "MTE3-canary");
        let [warning] = token.warnings() else {
            panic!("{:?}", token.warnings());
        };
        assert!(warning.contains("three parts joined by dots") && !warning.contains("canary"));
        assert_eq!(format!("{token:?}"), "Token");
    }
}

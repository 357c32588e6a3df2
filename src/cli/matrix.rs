//! `footnote matrix`: services × controls, as a table or as a picture.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::config::Config;
use crate::matrix::Matrix;
use crate::picture::{self, Theme};
use crate::render::matrix::{json, nothing, table};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Write it as a picture of pixels
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Write it as a picture of lines, which asks for the font Roboto
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Colours of the picture
    #[arg(long, value_enum, default_value_t)]
    theme: Colours,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Colours {
    #[default]
    Light,
    Dark,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let knowledge = super::knowledge(config)?;
    let matrix = Matrix::of(&knowledge);
    let draws = arguments.png.is_some() || arguments.svg.is_some();
    if draws {
        anyhow::ensure!(!matrix.is_empty(), "{}", nothing(&matrix));
        let theme = match arguments.theme {
            Colours::Light => Theme::Light,
            Colours::Dark => Theme::Dark,
        };
        if let Some(file) = &arguments.png {
            write(file, &picture::draw(&matrix, theme)?.png)?;
        }
        if let Some(file) = &arguments.svg {
            write(file, picture::svg(&matrix, theme).as_bytes())?;
        }
    }
    let mut stdout = anstream::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut stdout, &json(&matrix))?;
        writeln!(stdout)?;
    } else if !draws {
        write!(stdout, "{}", table(&matrix, textwrap::termwidth()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, bytes).with_context(|| {
        format!(
            "cannot write {}; name a file in a folder that is there and may be written to",
            file.display()
        )
    })
}

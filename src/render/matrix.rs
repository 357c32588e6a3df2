//! A matrix as words: for a chat, for who cannot see the picture, for a
//! terminal, for programs.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Color, Style};
use serde::Serialize;

use super::reply::{Action, Block, Button, File, Part, Reply, Tone};
use crate::answer::in_a_sentence;
use crate::matrix::{Cell, Control, Matrix, Month, Service};

/// Characters of a reply's text; a chat shows 4,096, and escapes take some.
const TEXT: usize = 3_400;
/// Services named for one control; `/control` lists all.
const NAMES: usize = 30;
/// Controls or services named in the description of the picture.
const FEW: usize = 3;
/// Longer names are cut in the description of the picture.
const NAME: usize = 60;

/// The reply that shows a matrix; `private` ones can be shared.
pub fn reply(matrix: &Matrix, picture: Option<File>, private: bool) -> Reply {
    if matrix.is_empty() {
        return Reply::new(Tone::Abstention, TITLE, nothing(matrix));
    }
    let mut reply = Reply {
        title: TITLE.to_owned(),
        blocks: vec![Block::text(summary(matrix) + "\n")],
        file: picture,
        ..Reply::default()
    };
    let mut room = TEXT;
    let mut shown = 0;
    for (at, control) in matrix.held().iter().enumerate() {
        let services = services(matrix, at);
        let used = control.name.chars().count() + services.chars().count() + 8;
        if used > room {
            break;
        }
        room -= used;
        shown += 1;
        reply.blocks.push(Block::Text(vec![
            Part::Strong(control.name.clone()),
            format!(": {services}").into(),
        ]));
    }
    let further = matrix.held().len() - shown;
    if further > 0 {
        reply.blocks.push(Block::Text(vec![
            format!("and {}; ", counted(further, "more control")).into(),
            Part::Code("/control".into()),
            " shows what each is and who has it.".into(),
        ]));
    }
    if !matrix.unheld().is_empty() {
        let text = format!("In no service: {}", few(matrix.unheld(), NAMES));
        reply.blocks.push(Block::text(text));
    }
    if private {
        reply.buttons.push(vec![Button {
            label: "Share".to_owned(),
            primary: true,
            action: Action::ShareMatrix,
        }]);
    }
    reply
}

/// What the picture shows, in at most 1,024 characters.
pub fn alt(matrix: &Matrix) -> String {
    if matrix.is_empty() {
        return nothing(matrix);
    }
    let mut text = format!("A table of services and controls. {}", summary(matrix));
    let most = matrix.held().iter().take(FEW).map(|one| {
        let name = cut(&in_a_sentence(&one.name), NAME);
        format!("{name} ({})", one.services)
    });
    let most: Vec<String> = most.collect();
    let _ = write!(text, " Most services have {}.", most.join(", "));
    let single = matrix.held().iter().filter(|one| one.services == 1).count();
    if single > 0 {
        let _ = write!(
            text,
            " {} {} in one service only.",
            counted(single, "control"),
            if single == 1 { "is" } else { "are" }
        );
    }
    let mut services: Vec<(usize, &Service)> = matrix
        .services
        .iter()
        .enumerate()
        .map(|(at, service)| (matrix.controls_of(at), service))
        .collect();
    services.sort_by_key(|(controls, _)| *controls);
    let name = |(controls, service): &(usize, &Service)| {
        format!("{} ({controls})", cut(&service.short, NAME))
    };
    let least: Vec<String> = services.iter().take(FEW).map(name).collect();
    let most: Vec<String> = services.iter().rev().take(FEW).map(name).collect();
    let _ = write!(
        text,
        " Most controls: {}. Fewest: {}.",
        most.join(", "),
        least.join(", ")
    );
    if !matrix.unheld().is_empty() {
        let _ = write!(text, " In no service: {}.", few(matrix.unheld(), FEW));
    }
    text + " The message has the same as text."
}

/// The matrix for a terminal, in at most `width` columns, with ANSI styles (the
/// caller strips them where they are not wanted).
pub fn table(matrix: &Matrix, width: usize) -> String {
    if matrix.is_empty() {
        return nothing(matrix) + "\n";
    }
    let width = width.max(40);
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let mut text = format!("{bold}{TITLE}{bold:#}\n");
    for line in textwrap::wrap(&summary(matrix), width) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    for (cell, word) in [
        (Cell::Covered, "covered"),
        (Cell::Dated, "covered, with a dated fact"),
        (Cell::Missing, "not covered"),
    ] {
        let _ = write!(text, "{}{word}   ", sign(cell));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');

    let display = textwrap::core::display_width;
    let longest = matrix.services.iter().map(|one| display(&one.short)).max();
    let names = longest.unwrap_or_default().min(width / 3);
    let fits = ((width - names) / COLUMN).max(1);
    let held = matrix.held().len();
    for first in (0..held).step_by(fits) {
        let columns = first..held.min(first + fits);
        let _ = write!(text, "\n{:names$}{dim}", "");
        for column in columns.clone() {
            let _ = write!(text, "{:>COLUMN$}", column + 1);
        }
        let _ = writeln!(text, "{dim:#}");
        for (row, service) in matrix.services.iter().enumerate() {
            let has = |column| matrix.cell(row, column) != Cell::Missing;
            // What is in another block only would be an empty line in this one.
            if !columns.clone().any(has) && (first > 0 || matrix.controls_of(row) > 0) {
                continue;
            }
            let name = cut(&service.short, names);
            let gap = names.saturating_sub(display(&name));
            let _ = write!(text, "{name}{:gap$}", "");
            for column in columns.clone() {
                let _ = write!(text, " {}", sign(matrix.cell(row, column)));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
    }
    text.push('\n');
    for (at, control) in matrix.held().iter().enumerate() {
        let services = counted(control.services, "service");
        let _ = writeln!(
            text,
            "{:>COLUMN$} {} {dim}{services}{dim:#}",
            at + 1,
            cut(&control.name, width - 20)
        );
    }
    if !matrix.unheld().is_empty() {
        let unheld = few(matrix.unheld(), usize::MAX);
        let unheld = format!("\nIn no service: {unheld}");
        for line in textwrap::wrap(&unheld, width) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// The matrix for programs.
pub fn json(matrix: &Matrix) -> impl Serialize {
    #[derive(Serialize)]
    struct Whole {
        reviewed: Option<Reviewed>,
        controls: Vec<Column>,
        services: Vec<Row>,
    }
    #[derive(Serialize)]
    struct Reviewed {
        oldest: Month,
        latest: Month,
    }
    #[derive(Serialize)]
    struct Column {
        name: String,
        services: usize,
    }
    #[derive(Serialize)]
    struct Row {
        #[serde(flatten)]
        service: Service,
        covered: Vec<String>,
        dated: Vec<String>,
    }
    let named = |service: usize, cell: Cell| {
        let controls = matrix.controls.iter().enumerate();
        controls
            .filter(|(control, _)| matrix.cell(service, *control) == cell)
            .map(|(_, control)| control.name.clone())
            .collect()
    };
    Whole {
        reviewed: matrix
            .reviewed
            .map(|(oldest, latest)| Reviewed { oldest, latest }),
        controls: matrix
            .controls
            .iter()
            .map(|one| Column {
                name: one.name.clone(),
                services: one.services,
            })
            .collect(),
        services: matrix
            .services
            .iter()
            .enumerate()
            .map(|(at, service)| Row {
                covered: named(at, Cell::Covered),
                dated: named(at, Cell::Dated),
                service: service.clone(),
            })
            .collect(),
    }
}

/// Why there is nothing to show.
pub fn nothing(matrix: &Matrix) -> String {
    let why = if matrix.services.is_empty() {
        "the notes describe none: a note is a service when its front matter says kind: service"
    } else if matrix.controls.is_empty() {
        "the notes describe no controls: a note is a control when its front matter says kind: control"
    } else {
        "no heading in a note on a service is the name of a control with facts below it"
    };
    format!("There is no table of services and controls: {why}.")
}

const TITLE: &str = "Services and controls";
/// Columns of a terminal for a column of the table.
const COLUMN: usize = 3;

/// How much there is.
fn summary(matrix: &Matrix) -> String {
    let mut text = format!(
        "{}, {}",
        counted(matrix.services.len(), "service"),
        counted(matrix.held().len(), "control")
    );
    if let Some((oldest, latest)) = matrix.reviewed {
        let _ = write!(text, ", reviewed {latest}");
        if oldest != latest {
            let _ = write!(text, " (the oldest {oldest})");
        }
    }
    let dated = matrix.count(Cell::Dated);
    let covered = matrix.count(Cell::Covered) + dated;
    let all = matrix.services.len() * matrix.held().len();
    let _ = write!(text, ". {covered} of {all} pairs are covered");
    if dated > 0 {
        let _ = write!(
            text,
            ", {dated} of them with a dated fact that the notes correct"
        );
    }
    text + "."
}

/// Who has a control, those with a dated fact apart.
fn services(matrix: &Matrix, control: usize) -> String {
    let named = |wanted: Cell| -> Vec<&str> {
        matrix
            .having(control)
            .filter(|(_, cell)| *cell == wanted)
            .filter_map(|(at, _)| Some(matrix.services.get(at)?.short.as_str()))
            .collect()
    };
    let list = |names: &[&str]| {
        let shown = names.get(..NAMES).unwrap_or(names);
        let further = names.len() - shown.len();
        let mut list = shown.join(", ");
        if further > 0 {
            let _ = write!(list, " and {further} more");
        }
        list
    };
    let (covered, dated) = (named(Cell::Covered), named(Cell::Dated));
    match (covered.is_empty(), dated.is_empty()) {
        (_, true) => list(&covered),
        (true, false) => format!("with a dated fact, {}", list(&dated)),
        (false, false) => format!("{}; with a dated fact, {}", list(&covered), list(&dated)),
    }
}

/// The first names, and how many there are beyond them.
fn few(controls: &[Control], names: usize) -> String {
    let shown = controls.get(..names).unwrap_or(controls);
    let listed: Vec<String> = shown.iter().map(|one| cut(&one.name, NAME)).collect();
    let mut listed = listed.join(", ");
    if controls.len() > shown.len() {
        let _ = write!(listed, " and {} more", controls.len() - shown.len());
    }
    listed
}

/// A cell of the terminal, two columns wide.
fn sign(cell: Cell) -> String {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(Color::Ansi(colour)));
    let (style, sign) = match cell {
        Cell::Covered => (colour(AnsiColor::Green), "●"),
        Cell::Dated => (colour(AnsiColor::Yellow), "◐"),
        Cell::Missing => (Style::new().dimmed(), "·"),
    };
    format!("{style}{sign}{style:#} ")
}

/// At most `width` columns, with "…" for what is missing.
fn cut(text: &str, width: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation as _;
    let display = textwrap::core::display_width;
    if display(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.graphemes(true) {
        if display(&kept) + display(letter) + 1 > width {
            break;
        }
        kept.push_str(letter);
    }
    kept + "…"
}

/// A count with its word.
pub(crate) fn counted(count: usize, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

//! Where everything stands in the picture of a matrix.
//!
//! About a thousand pixels wide, which is a phone held upright: names are then
//! as large as the text of a chat. All lengths are in pixels.

use std::fmt::Write as _;

use svg::Document;
use svg::node::element::{Circle, Group, Line, Path, Rectangle, Title};

use super::sheet::{Sheet, Single};
use super::theme::{Palette, Theme};
use super::words::{Style, element, fitted};
use crate::matrix::{Cell, Matrix, Service};
use crate::render::matrix::counted;

const TITLE: Style = Style {
    size: 36,
    bold: true,
};
const HEADING: Style = Style {
    size: 24,
    bold: true,
};
const NAME: Style = Style {
    size: 24,
    bold: false,
};
const SMALL: Style = Style {
    size: 22,
    bold: false,
};

/// What the picture is called.
const TITLE_TEXT: &str = "Services and controls";

const MARGIN: i32 = 28;
const ROW: i32 = 38;
const COLUMN: i32 = 37;
/// A sign is so wide and so high.
const SIGN: i32 = 26;
/// Names of services are cut beyond this; members of a family stand in.
const SERVICE_ROOM: i32 = 384;
const STAND_IN: i32 = 20;
/// Names of controls are cut beyond this.
const CONTROL_ROOM: i32 = 300;
/// Entries of the list below the table are cut beyond this.
const ENTRY_ROOM: i32 = 470;
/// Lines of text are shorter than this.
const LINE_ROOM: i32 = 1000;
/// Between a sign and its words, and between names and columns.
const GAP: i32 = 16;
/// From the middle of a line to the base line of its words.
const BASE: i32 = 8;

/// The picture as SVG, without drawing its pixels; see [`Picture::svg`].
///
/// [`Picture::svg`]: super::Picture::svg
pub fn svg(matrix: &Matrix, theme: Theme) -> String {
    let sheet = Sheet::of(matrix);
    let mut page = Page {
        palette: theme.palette(),
        drawn: Group::new(),
        width: 0,
        y: MARGIN,
    };
    page.head(matrix);
    page.table(matrix, &sheet);
    page.singles(matrix, &sheet.single);
    page.left_out(&sheet.left_out);
    let (width, height) = (page.width + MARGIN, page.y + MARGIN);
    let behind = Rectangle::new()
        .set("width", width)
        .set("height", height)
        .set("fill", page.palette.background);
    Document::new()
        .set("width", width)
        .set("height", height)
        .set("viewBox", (0, 0, width, height))
        .set("role", "img")
        .add(Title::new(TITLE_TEXT))
        .add(behind)
        .add(page.drawn)
        .to_string()
}

/// The headings above the members of families; with something for what stands
/// between two families, so that there is one for each change.
fn families(services: &[&Service]) -> Vec<(String, i32)> {
    let mut families: Vec<&str> = services
        .iter()
        .map(|one| one.family.as_deref().unwrap_or_default())
        .collect();
    families.dedup();
    let is_family = |at: &(usize, &str)| at.0 > 0 || !at.1.is_empty();
    let changes = families.into_iter().enumerate().filter(is_family);
    fitted(changes.map(|(_, family)| family), HEADING, SERVICE_ROOM)
}

/// What is drawn so far.
struct Page {
    palette: Palette,
    drawn: Group,
    /// The rightmost pixel.
    width: i32,
    /// The lowest one.
    y: i32,
}

impl Page {
    fn add(&mut self, node: impl Into<Box<dyn svg::Node>>) {
        self.drawn = std::mem::replace(&mut self.drawn, Group::new()).add(node);
    }

    /// A line of words that were measured.
    fn words(&mut self, (text, width): &(String, i32), style: Style, colour: &str, x: i32, y: i32) {
        self.add(element(text, style, colour, x, y));
        self.width = self.width.max(x + width);
    }

    fn head(&mut self, matrix: &Matrix) {
        let Palette { ink, muted, .. } = self.palette;
        for title in fitted([TITLE_TEXT].into_iter(), TITLE, LINE_ROOM) {
            self.words(&title, TITLE, ink, MARGIN, self.y + 32);
        }
        let mut counts = format!(
            "{} · {}",
            counted(matrix.services.len(), "service"),
            counted(matrix.held().len(), "control")
        );
        if let Some((oldest, latest)) = matrix.reviewed {
            let _ = write!(counts, " · reviewed {latest}");
            if oldest != latest {
                let _ = write!(counts, ", the oldest {oldest}");
            }
        }
        let lines = [
            &counts,
            "Covered",
            "Covered, with a dated fact",
            "Not covered",
        ];
        let mut lines = fitted(lines.into_iter(), SMALL, LINE_ROOM).into_iter();
        for counts in lines.by_ref().take(1) {
            self.words(&counts, SMALL, muted, MARGIN, self.y + 68);
        }
        let middle = self.y + 104;
        let mut x = MARGIN;
        for (cell, word) in [Cell::Covered, Cell::Dated, Cell::Missing]
            .into_iter()
            .zip(lines)
        {
            self.sign(cell, x + SIGN / 2, middle);
            x += SIGN + GAP / 2;
            self.words(&word, SMALL, ink, x, middle + BASE);
            x += word.1 + 2 * GAP;
        }
        self.y += 136;
    }

    fn table(&mut self, matrix: &Matrix, sheet: &Sheet) {
        let controls = matrix.held().iter().take(sheet.columns);
        let controls = fitted(controls.map(|one| one.name.as_str()), NAME, CONTROL_ROOM);
        let services: Vec<&Service> = sheet
            .rows
            .iter()
            .filter_map(|row| matrix.services.get(*row))
            .collect();
        let names = services.iter().map(|one| one.short.as_str());
        let names = fitted(names, NAME, SERVICE_ROOM);
        let longest = names.iter().map(|(_, width)| *width).max();
        let left = MARGIN + STAND_IN + longest.unwrap_or_default() + GAP;
        let right = left + COLUMN * length(sheet.columns);

        // Turned by 60 degrees: half as wide as they are long, and 0.87 as high.
        let high = controls.iter().map(|(_, width)| *width).max();
        self.y += high.unwrap_or_default() * 87 / 100 + 20;
        let (ink, base) = (self.palette.ink, self.y - 8);
        for (at, (name, width)) in controls.iter().enumerate() {
            let x = left + COLUMN * length(at) + COLUMN / 2 + 4;
            let turned = format!("rotate(-60 {x} {base})");
            self.add(element(name, NAME, ink, x, base).set("transform", turned));
            self.width = self.width.max(x + width / 2 + 8);
        }
        self.width = self.width.max(right);

        let mut headings = families(&services).into_iter();
        let mut family = None;
        let mut is_banded = false;
        for ((row, service), name) in sheet.rows.iter().zip(services).zip(&names) {
            if service.family.as_deref() != family {
                family = service.family.as_deref();
                if let Some(heading) = headings.next().filter(|_| family.is_some()) {
                    let (muted, base) = (self.palette.muted, self.y + ROW / 2 + BASE);
                    self.words(&heading, HEADING, muted, MARGIN, base);
                    self.y += ROW;
                    is_banded = false;
                }
            }
            is_banded = !is_banded;
            if is_banded {
                self.band(right);
            }
            let middle = self.y + ROW / 2;
            let x = MARGIN + if family.is_some() { STAND_IN } else { 0 };
            self.words(name, NAME, ink, x, middle + BASE);
            for column in 0..sheet.columns {
                let x = left + COLUMN * length(column) + COLUMN / 2;
                self.sign(matrix.cell(*row, column), x, middle);
            }
            self.y += ROW;
        }
    }

    /// What leads the eye along a row.
    fn band(&mut self, right: i32) {
        let band = Rectangle::new()
            .set("x", MARGIN - 8)
            .set("y", self.y)
            .set("width", right - MARGIN + 8)
            .set("height", ROW)
            .set("rx", 6)
            .set("fill", self.palette.band);
        self.add(band);
    }

    /// Controls that one service has, as a list.
    fn singles(&mut self, matrix: &Matrix, singles: &[Single]) {
        if singles.is_empty() {
            return;
        }
        let ink = self.palette.ink;
        self.y += 52;
        for heading in fitted(["In one service only"].into_iter(), HEADING, LINE_ROOM) {
            self.words(&heading, HEADING, ink, MARGIN, self.y);
        }
        self.y += 16;
        let entries: Vec<String> = singles
            .iter()
            .filter_map(|one| {
                let service = matrix.services.get(one.service)?;
                let control = matrix.controls.get(one.control)?;
                Some(format!("{}: {}", service.short, control.name))
            })
            .collect();
        let entries = fitted(entries.iter().map(String::as_str), NAME, ENTRY_ROOM);
        let widest = entries.iter().map(|(_, width)| *width).max();
        let wide = SIGN + GAP / 2 + widest.unwrap_or_default() + 2 * GAP;
        // As a second column where there is room for one.
        let columns = if MARGIN + 2 * wide <= self.width {
            2
        } else {
            1
        };
        let rows = entries.len().div_ceil(columns);
        for ((at, entry), one) in entries.iter().enumerate().zip(singles) {
            let x = MARGIN + wide * length(at / rows);
            let middle = self.y + ROW * length(at % rows) + ROW / 2;
            self.sign(one.cell, x + SIGN / 2, middle);
            let x = x + SIGN + GAP / 2;
            self.words(entry, NAME, ink, x, middle + BASE);
        }
        self.y += ROW * length(rows);
    }

    fn left_out(&mut self, sentences: &[String]) {
        let muted = self.palette.muted;
        let sentences = sentences.iter().map(String::as_str);
        for sentence in fitted(sentences, SMALL, LINE_ROOM) {
            self.y += 40;
            self.words(&sentence, SMALL, muted, MARGIN, self.y);
        }
    }

    /// The sign for a cell, around its middle. They differ in form, not in
    /// colour alone.
    fn sign(&mut self, cell: Cell, x: i32, y: i32) {
        let palette = self.palette;
        let sign = Group::new().set("transform", format!("translate({x} {y})"));
        let stroke = |path: &str, colour: &str, width: f32| {
            Path::new()
                .set("d", path)
                .set("fill", "none")
                .set("stroke", colour)
                .set("stroke-width", width)
                .set("stroke-linecap", "round")
                .set("stroke-linejoin", "round")
        };
        let sign = match cell {
            // A disc with a tick.
            Cell::Covered => sign
                .add(Circle::new().set("r", 13).set("fill", palette.covered))
                .add(stroke("M-6 0.5 L-2 5 L6 -5", palette.background, 3.5)),
            // A clock.
            Cell::Dated => {
                let face = Circle::new()
                    .set("r", 11)
                    .set("fill", "none")
                    .set("stroke", palette.dated)
                    .set("stroke-width", 4);
                sign.add(face)
                    .add(stroke("M0 -6 V0.5 L4 4", palette.dated, 3.5))
            }
            // A short line.
            Cell::Missing => sign.add(
                Line::new()
                    .set("x1", -4)
                    .set("x2", 4)
                    .set("stroke", palette.missing)
                    .set("stroke-width", 3)
                    .set("stroke-linecap", "round"),
            ),
        };
        self.add(sign);
    }
}

/// The sheet keeps counts small.
fn length(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

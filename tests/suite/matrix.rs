//! Services × controls: what a cell says, and that picture, table and text say
//! the same.

use std::fs;

use footnote::matrix::{Cell, Matrix};
use footnote::picture::{Theme, draw, svg};
use footnote::render::matrix::{alt, reply};
use footnote::render::reply::{Block, Part, Reply};
use resvg::tiny_skia::Pixmap;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{folder, footnote, footnote_on, knowledge, knowledge_of};

/// One of everything: a fact, a corrected one, a heading with nothing below it,
/// a family, a service and a control that nobody has anything on.
fn fixture() -> TempDir {
    let control =
        |name: &str| format!("---\nkind: control\nname: {name}\n---\n# {name}\n\nText.\n");
    let service = |name: &str, month: u8, text: &str| {
        format!(
            "---\nkind: service\nname: {name}\nreviewed: 2026-{month:02}\n---\n# {name}\n\n{text}"
        )
    };
    folder(&[
        ("controls/rest.md", &control("Encryption at rest")),
        ("controls/tls.md", &control("Encryption in transit")),
        ("controls/hsm.md", &control("HSM")),
        (
            "mail.md",
            &service(
                "Acme Mail",
                9,
                "## Encryption at rest\n\n- It was plain.\n  - **Today:** it is encrypted.\n\n\
                 ## Encryption in transit\n\n- It speaks TLS.\n",
            ),
        ),
        (
            "disk.md",
            &service(
                "Acme Disk",
                11,
                "## Encryption at rest\n\n- It is encrypted.\n\n## HSM\n",
            ),
        ),
        ("net.md", &service("Acme <Net> & \"Co\"", 10, "Nothing.\n")),
        (
            "family.md",
            "---\nkind: family\nname: Storage\nmembers: [Acme Disk]\n---\n# Storage\n",
        ),
    ])
}

fn matrix_of(folder: &TempDir) -> Matrix {
    Matrix::of(&knowledge_of(folder.path()))
}

/// The text of a reply, a line for each block.
fn text(reply: &Reply) -> Vec<String> {
    let blocks = reply.blocks.iter().map(|block| match block {
        Block::Text(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Plain(text) | Part::Strong(text) | Part::Code(text) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect(),
        other => panic!("{other:?}"),
    });
    blocks.collect()
}

/// Whether a text stands in a picture by itself.
fn has_text(svg: &str, text: &str) -> bool {
    svg.lines().any(|line| line == text)
}

/// How often the sign for a cell stands in a picture.
fn signs(svg: &str, cell: Cell) -> usize {
    let form = match cell {
        Cell::Covered => "M-6 0.5 L-2 5 L6 -5",
        Cell::Dated => "M0 -6 V0.5 L4 4",
        Cell::Missing => "<line",
    };
    svg.matches(form).count()
}

#[test]
fn a_cell_says_covered_covered_but_dated_or_nothing() {
    let notes = fixture();
    let text = footnote_on(notes.path(), &["matrix", "--json"]).ok();
    let matrix: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        matrix,
        json!({
            "reviewed": {"oldest": "2026-09", "latest": "2026-11"},
            "controls": [
                {"name": "Encryption at rest", "services": 2},
                {"name": "Encryption in transit", "services": 1},
                {"name": "HSM", "services": 0},
            ],
            "services": [
                {"name": "Acme <Net> & \"Co\"", "covered": [], "dated": []},
                {"name": "Acme Mail", "covered": ["Encryption in transit"], "dated": ["Encryption at rest"]},
                {"name": "Acme Disk", "family": "Storage", "covered": ["Encryption at rest"], "dated": []},
            ],
        })
    );
}

#[test]
fn a_terminal_shows_a_table_within_its_width() {
    let notes = fixture();
    let table = footnote_on(notes.path(), &["matrix"]).ok();
    for line in [
        "Mail         ◐  ●",
        "Disk         ●  ·",
        "<Net> & \"Co\" ·  ·",
    ] {
        assert!(table.lines().any(|one| one == line), "{line}: {table}");
    }
    assert!(
        table.contains("  2 Encryption in transit 1 service\n"),
        "{table}"
    );
    assert!(table.ends_with("\nIn no service: HSM\n"), "{table}");

    let bundled = footnote(&["matrix"]).ok();
    let widest = bundled.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{bundled}");
    for service in &Matrix::of(knowledge()).services {
        let start: String = service.short.chars().take(20).collect();
        assert!(bundled.contains(&start), "{start}: {bundled}");
    }
}

#[test]
fn the_picture_has_every_name_and_a_sign_for_every_cell() {
    let notes = fixture();
    let matrix = matrix_of(&notes);
    let picture = svg(&matrix, Theme::Light);
    for name in [
        "Mail",
        "Disk",
        "&lt;Net&gt; &amp; \"Co\"",
        "Storage",
        "Encryption at rest",
        "Encryption in transit",
        "3 services · 2 controls · reviewed November 2026, the oldest September 2026",
    ] {
        assert!(has_text(&picture, name), "{name}: {picture}");
    }
    assert!(!picture.contains("HSM"), "nobody has it");
    // One of each is the legend.
    for (cell, count) in [(Cell::Covered, 2), (Cell::Dated, 1), (Cell::Missing, 3)] {
        assert_eq!(
            matrix.count(cell),
            count + usize::from(cell == Cell::Missing) * 3
        );
        assert_eq!(signs(&picture, cell), count + 1, "{cell:?}");
    }
}

#[test]
fn the_bundled_notes_make_a_picture_for_a_phone_and_always_the_same() {
    let matrix = Matrix::of(knowledge());
    let picture = draw(&matrix, Theme::Dark).unwrap();
    assert_eq!(draw(&matrix, Theme::Dark).unwrap(), picture);
    assert!((900..=1_200).contains(&picture.width), "{}", picture.width);
    assert!(picture.height < 2 * picture.width, "{}", picture.height);
    for cell in [Cell::Covered, Cell::Dated] {
        assert_eq!(
            signs(&picture.svg, cell),
            matrix.count(cell) + 1,
            "{cell:?}"
        );
    }
    for control in matrix.held() {
        assert!(picture.svg.contains(&control.name), "{}", control.name);
    }
    for service in &matrix.services {
        // What is longer may be cut.
        let start: String = service.short.chars().take(24).collect();
        assert!(picture.svg.contains(&start), "{start}");
    }
    let pixels = Pixmap::decode_png(&picture.png).unwrap();
    assert_eq!(
        (pixels.width(), pixels.height()),
        (picture.width, picture.height)
    );
    for colour in ["#1e1f22", "#57cc99", "#ffb454", "#f2f3f5"] {
        assert!(picture.svg.contains(colour), "{colour}");
        let part = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let wanted = (part(1), part(3), part(5));
        let found = |one: &resvg::tiny_skia::PremultipliedColorU8| {
            (one.red(), one.green(), one.blue()) == wanted
        };
        assert!(pixels.pixels().iter().any(found), "{colour}");
    }
}

#[test]
fn the_text_beside_the_picture_says_the_same() {
    let matrix = Matrix::of(knowledge());
    let lines = text(&reply(&matrix, None, true));
    for (at, control) in matrix.held().iter().enumerate() {
        let start = format!("{}: ", control.name);
        let line = lines
            .iter()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap();
        let (covered, dated) = match line.split_once("with a dated fact, ") {
            Some((covered, dated)) => (covered.trim_end_matches("; "), dated),
            None => (line, ""),
        };
        for (names, wanted) in [(covered, Cell::Covered), (dated, Cell::Dated)] {
            let having = matrix.having(at).filter(|(_, cell)| *cell == wanted);
            let having: Vec<&str> = having
                .map(|(service, _)| matrix.services[service].short.as_str())
                .collect();
            assert_eq!(names, having.join(", "), "{}", control.name);
        }
    }
    let alt = alt(&matrix);
    for part in [
        "29 services",
        "28 controls",
        "encryption at rest (14)",
        "Redshift (9)",
    ] {
        assert!(alt.contains(part), "{part}: {alt}");
    }
    assert!(alt.chars().count() <= 1_024, "{alt}");
}

#[test]
fn very_many_services_and_controls_are_limited_and_that_is_said() {
    let controls: Vec<String> = (0..60)
        .map(|n| format!("Control number {n} {}", "x".repeat(90)))
        .collect();
    let mut files: Vec<(String, String)> = Vec::new();
    for (n, name) in controls.iter().enumerate() {
        let note = format!("---\nkind: control\nname: {name}\n---\n# {name}\n\nText.\n");
        files.push((format!("controls/{n}.md"), note));
    }
    for n in 0..300 {
        let name = format!("Service {n} {}", "W".repeat(200));
        let has = (0..=n % 5)
            .map(|more| format!("## {}\n\n- A fact.\n\n", controls[(n * 7 + more * 11) % 60]));
        let text = has.collect::<String>();
        let note = format!("---\nkind: service\nname: {name}\n---\n# {name}\n\n{text}");
        files.push((format!("services/{n:03}.md"), note));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (&**path, &**text))
        .collect();
    let matrix = matrix_of(&folder(&files));
    let picture = svg(&matrix, Theme::Light);
    let side = |name: &str| -> u32 {
        let (_, rest) = picture.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    assert!(
        side("width") <= 1_600 && side("height") <= 4_000,
        "{} {}",
        side("width"),
        side("height")
    );
    assert!(has_text(
        &picture,
        "Shown: 60 of 300 services, those with the most controls"
    ));
    assert!(has_text(
        &picture,
        "Shown: 24 of 60 controls, those of the most services"
    ));
    let alt = alt(&matrix);
    assert!(alt.chars().count() <= 1_024, "{alt}");
    let lines = text(&reply(&matrix, None, true));
    assert!(
        lines
            .iter()
            .map(|line| line.chars().count() + 1)
            .sum::<usize>()
            < 4_096
    );
    let last = lines.last().unwrap();
    assert!(
        last.ends_with("more controls; /control shows what each is and who has it."),
        "{last}"
    );
}

#[test]
fn pictures_are_written_to_files() {
    let (notes, out) = (fixture(), folder(&[]));
    let (png, svg) = (out.path().join("m.png"), out.path().join("m.svg"));
    let files = [
        "matrix",
        "--png",
        png.to_str().unwrap(),
        "--svg",
        svg.to_str().unwrap(),
    ];
    let said = footnote_on(notes.path(), &files).ok();
    assert_eq!(said, "");
    assert!(Pixmap::decode_png(&fs::read(&png).unwrap()).is_ok());
    let light = fs::read_to_string(&svg).unwrap();
    assert!(light.starts_with("<svg"), "{light}");
    let dark = ["matrix", "--theme", "dark", "--svg", svg.to_str().unwrap()];
    footnote_on(notes.path(), &dark).ok();
    assert_ne!(fs::read_to_string(&svg).unwrap(), light);

    let nowhere = out.path().join("none/m.svg");
    let complaint = footnote_on(
        notes.path(),
        &["matrix", "--svg", nowhere.to_str().unwrap()],
    )
    .wrong();
    assert!(
        complaint.contains("none/m.svg; name a file in a folder"),
        "{complaint}"
    );
}

#[test]
fn notes_without_services_get_a_sentence_instead_of_an_empty_picture() {
    let wiki = folder(&[("soup.md", "# Soup\n\nLeeks.\n")]);
    let said = footnote_on(wiki.path(), &["matrix"]).ok();
    let why = "There is no table of services and controls: the notes describe none";
    assert!(said.starts_with(why), "{said}");
    let file = wiki.path().join("m.png");
    let complaint = footnote_on(wiki.path(), &["matrix", "--png", file.to_str().unwrap()]).wrong();
    assert!(complaint.contains(why), "{complaint}");
    assert!(!file.exists());
    let reply = reply(&matrix_of(&wiki), None, true);
    assert!(text(&reply)[0].starts_with(why) && reply.buttons.is_empty());
}

//! Gaps as a table for a spreadsheet (CSV, RFC 4180), one row a gap.

use super::{Gap, Group, Place, rfc3339};
use crate::text;

/// What stands above the columns.
const HEADER: [&str; 11] = [
    "group",
    "people in group",
    "times in group",
    "services",
    "controls",
    "asked for",
    "time",
    "kind",
    "question",
    "reason",
    "link",
];

/// All gaps, in the order of their groups, then by time. `link` gives the
/// address of a message. No ids of people; questions and reasons without markup
/// and invisible characters.
///
/// # Errors
/// None that a reader could see: the table is written to memory.
pub fn csv(
    gaps: &[Gap],
    groups: &[Group],
    link: impl Fn(&Place) -> String,
) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table.write_record(HEADER)?;
    for (group, number) in groups.iter().zip(1_usize..) {
        let mut members: Vec<&Gap> = group
            .members
            .iter()
            .filter_map(|at| gaps.get(*at))
            .collect();
        members.sort_by_key(|gap| gap.at_ms);
        for gap in members {
            let clean = |text: &Option<String>| text.as_deref().map(text::question);
            let cells = [
                number.to_string(),
                group.people.to_string(),
                group.members.len().to_string(),
                group.services.join("; "),
                group.controls.join("; "),
                group.question.clone().unwrap_or_default(),
                rfc3339(gap.at_ms),
                gap.kind.as_str().to_owned(),
                clean(&gap.question).unwrap_or_default(),
                clean(&gap.reason).unwrap_or_default(),
                gap.place().map(|place| link(&place)).unwrap_or_default(),
            ];
            table.write_record(cells.map(inert))?;
        }
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// A cell that no spreadsheet takes for a formula: what begins like one gets an
/// apostrophe, as OWASP advises ("CSV Injection"); the wide forms are those of
/// East Asian keyboards.
pub fn inert(cell: String) -> String {
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gap::{Kind, group};
    use crate::id::{ChannelId, GuildId, MessageId, UserId};

    fn gap(question: &str, reason: &str) -> Gap {
        Gap {
            kind: Kind::NotHelpful,
            user: UserId(4_242_424_242),
            guild: Some(GuildId(1)),
            channel: Some(ChannelId(2)),
            message: Some(MessageId(3)),
            question: Some(question.to_owned()),
            services: vec!["Amazon SQS".to_owned(), "Amazon S3".to_owned()],
            controls: vec!["Encryption, \"at rest\"".to_owned()],
            reason: Some(reason.to_owned()),
            at_ms: 1_795_300_000_000,
        }
    }

    fn table(gaps: &[Gap]) -> String {
        let link = |place: &Place| format!("https://chat.example/{}", place.message);
        String::from_utf8(csv(gaps, &group(gaps), link).unwrap()).unwrap()
    }

    #[test]
    fn a_row_tells_all_but_who_asked() {
        let table = table(&[gap("**which** key,\nand how?", "too old")]);
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "group,people in group,times in group,services,controls,asked for,time,kind,question,reason,link",
                "1,1,1,Amazon S3; Amazon SQS,\"Encryption, \"\"at rest\"\"\",\"which key, and how?\",\
                 2026-11-21T22:26:40Z,not_helpful,\"which key, and how?\",too old,https://chat.example/3",
                "",
            ]
        );
        assert!(!table.contains("4242424242"));
    }

    #[test]
    fn nothing_becomes_a_formula() {
        for start in [
            "=",
            "+",
            "-",
            "@",
            "\t=",
            "\r=",
            "＝",
            "\u{202e}=",
            "**=",
            " =",
        ] {
            let typed = format!("{start}HYPERLINK(\"http://x\")");
            let mut gap = gap(&typed, &typed);
            gap.services = vec![typed];
            let table = table(&[gap]);
            let mut rows = csv::Reader::from_reader(table.as_bytes());
            for cell in &rows.records().next().unwrap().unwrap() {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']),
                    "{cell:?}"
                );
            }
        }
    }

    #[test]
    fn no_gaps_are_a_header() {
        assert_eq!(table(&[]).lines().count(), 1);
    }
}

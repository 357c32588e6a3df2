//! How questions did, as a table for a spreadsheet (CSV, RFC 4180), one row a
//! question.

use super::item::{Choice, Item};
use crate::gap::inert;

/// What stands above the columns; `docs/quiz.md` explains them.
const HEADER: [&str; 13] = [
    "question",
    "id",
    "answers",
    "right",
    "share",
    "at least",
    "at most",
    "beyond guessing",
    "discrimination",
    "options",
    "tempts nobody",
    "flags",
    "doubt",
];

/// All items, those in doubt first, then by how many knew the answer, fewest
/// first. Shares of too few answers are left out. No people.
///
/// # Errors
/// None that a reader could see: the table is written to memory.
pub fn csv(items: &[Item]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table.write_record(HEADER)?;
    let mut sorted: Vec<&Item> = items.iter().collect();
    sorted.sort_by(|one, other| {
        let key = |item: &Item| (item.alarm.is_none(), item.too_few());
        key(one)
            .cmp(&key(other))
            .then(one.p.total_cmp(&other.p))
            .then_with(|| one.question.cmp(&other.question))
    });
    for item in sorted {
        let share = |share: f64| {
            if item.too_few() {
                String::new()
            } else {
                format!("{share:.2}")
            }
        };
        let list =
            |options: &mut dyn Iterator<Item = String>| options.collect::<Vec<_>>().join("; ");
        let chosen = |choice: &Choice| format!("{}: {}", choice.text, choice.chosen);
        let idle = item.options.iter().filter(|choice| choice.idle);
        let cells = [
            item.stem.clone(),
            item.question.clone(),
            item.n.to_string(),
            item.right.to_string(),
            share(item.p),
            share(item.wilson.0),
            share(item.wilson.1),
            share(item.corrected),
            item.discrimination
                .map(|discrimination| format!("{discrimination:.2}"))
                .unwrap_or_default(),
            list(&mut item.options.iter().map(chosen)),
            list(&mut idle.map(|choice| choice.text.clone())),
            item.flags.to_string(),
            item.alarm
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ];
        table.write_record(cells.map(inert))?;
    }
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quiz::item::Alarm;

    fn item(question: &str, n: u32, right: u32, alarm: Option<Alarm>) -> Item {
        let p = f64::from(right) / f64::from(n);
        let choice = |text: &str, key, chosen| Choice {
            text: text.into(),
            key,
            chosen,
            rate: f64::from(chosen) / f64::from(n),
            idle: chosen == 0,
        };
        Item {
            question: question.into(),
            hash: "0123456789abcdef".into(),
            stem: format!("=What is {question}?"),
            n,
            right,
            p,
            wilson: (p / 2.0, 1.0),
            corrected: p,
            discrimination: alarm.is_some().then_some(-0.25),
            options: vec![
                choice("the key", true, right),
                choice("another", false, n - right),
                choice("a third", false, 0),
            ],
            flags: 0,
            alarm,
        }
    }

    #[test]
    fn questions_in_doubt_come_first_and_no_cell_is_a_formula() {
        let items = [
            item("easy", 20, 19, None),
            item("new", 2, 1, None),
            item("hard", 10, 4, None),
            item("wrong", 20, 18, Some(Alarm::Reversed)),
        ];
        let table = String::from_utf8(csv(&items).unwrap()).unwrap();
        let rows: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(rows[0], HEADER.join(","));
        let row = "'=What is wrong?,wrong,20,18,0.90,0.45,1.00,0.90,'-0.25,\
                   the key: 18; another: 2; a third: 0,a third,0,";
        assert!(rows[1].starts_with(row), "{}", rows[1]);
        assert!(rows[2].starts_with("'=What is hard?,hard,10,4,0.40,"));
        assert!(rows[3].starts_with("'=What is easy?,easy,20,19,0.95,"));
        // Two answers tell nothing.
        assert!(
            rows[4].starts_with("'=What is new?,new,2,1,,,,,,"),
            "{}",
            rows[4]
        );
    }
}

//! The YAML of front matter as a flat list of keys with values.
//!
//! Only a flat mapping of words and lists of words is meant, so the YAML
//! parser's events are read one after the other and nothing is built: deep
//! nesting and alias bombs cost nothing.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// A place in the file, both counted from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A key with its value, as written.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Value,
    pub(super) value_place: Place,
}

/// What stands behind a key.
pub(super) enum Value {
    Empty,
    Word(String),
    List(Vec<String>),
    /// A mapping, a list of lists, a YAML alias: never meant.
    Other,
}

/// Why the YAML was not read to its end.
pub(super) enum Mistake {
    /// It is no YAML; what the parser says.
    Syntax(String),
    /// It is a word or a list.
    NotAMapping,
}

/// Collects the entries up to the end or the first mistake in the YAML, which
/// has `lines_before` lines of the file before it.
pub(super) fn read(yaml: &str, lines_before: u32) -> (Vec<Entry>, Option<(Place, Mistake)>) {
    let place_of = |marker| place(marker, lines_before);
    let mut found = Vec::new();
    let mut parser = Parser::new_from_str(yaml);
    let mut depth = 0_usize;
    let mut key: Option<(String, Place)> = None;
    let mut list: Option<(Vec<String>, Place, bool)> = None;
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(next) => next,
            Err(error) => {
                let mistake = Mistake::Syntax(error.info().to_owned());
                return (found, Some((place_of(*error.marker()), mistake)));
            }
        };
        let place = place_of(span.start);
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if depth == 1 && matches!(event, Event::SequenceStart(..)) && key.is_some() {
                    list = Some((Vec::new(), place, true));
                } else if depth > 0 {
                    match &mut list {
                        Some((_, _, plain)) => *plain = false,
                        None => list = Some((Vec::new(), place, false)),
                    }
                } else if matches!(event, Event::SequenceStart(..)) {
                    return (found, Some((place, Mistake::NotAMapping)));
                }
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 1
                    && let (Some((words, value_place, plain)), Some((key, place))) =
                        (list.take(), key.take())
                {
                    let value = if plain {
                        Value::List(words)
                    } else {
                        Value::Other
                    };
                    found.push(Entry {
                        key,
                        place,
                        value,
                        value_place,
                    });
                }
            }
            Event::Scalar(text, style, ..) => {
                let empty = matches!(style, ScalarStyle::Plain)
                    && matches!(text.as_ref(), "" | "~" | "null");
                match (depth, &mut list, key.take()) {
                    (0, ..) => return (found, Some((place, Mistake::NotAMapping))),
                    (1, _, None) => key = Some((text.into_owned(), place)),
                    (1, _, Some((name, at))) => {
                        let value = if empty {
                            Value::Empty
                        } else {
                            Value::Word(text.into_owned())
                        };
                        found.push(Entry {
                            key: name,
                            place: at,
                            value,
                            value_place: place,
                        });
                    }
                    (_, Some((words, ..)), waiting) => {
                        key = waiting;
                        if !empty {
                            words.push(text.into_owned());
                        }
                    }
                    (_, None, waiting) => key = waiting,
                }
            }
            Event::Alias(_) if depth == 1 => {
                if let Some((key, at)) = key.take() {
                    let value_place = place;
                    found.push(Entry {
                        key,
                        place: at,
                        value: Value::Other,
                        value_place,
                    });
                } else {
                    key = Some((String::new(), place));
                }
            }
            _ => {}
        }
    }
    (found, None)
}

fn place(marker: Marker, lines_before: u32) -> Place {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        line: count(marker.line()).saturating_add(lines_before),
        column: count(marker.col()).saturating_add(1),
    }
}

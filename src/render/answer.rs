//! An answer as a [`Reply`], a page at a time.

use crate::answer::{Answer, Kind, Quotation};
use crate::note::plain::plain;

use super::citations::Citations;
use super::reply::{Action, Block, Button, Quoted, Reply, Request, Tone};
use super::wording::{filed, sentences, title};

/// Quotations on a page. More no longer fit a message with their sources.
const PAGE: usize = 6;
/// Lists name all services first, so their pages may be shorter to read.
const NAMES: usize = 60;

/// Where and for whom an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Only the person who asked sees it.
    pub private: bool,
    /// The person who asked.
    pub asker: u64,
    /// The page, from 0; beyond the last one the first is shown.
    pub page: u16,
}

/// An answer together with what was asked and what comes behind it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What was asked.
    pub request: Request,
    /// The question as people read it; of a lookup, the names.
    pub question: String,
    /// What the notes say.
    pub answer: Answer,
    /// More on the same subject, for further pages.
    pub further: Vec<Quotation>,
    /// What to look at instead, for an abstention.
    pub nearest: Vec<(String, Request)>,
}

/// Renders one page.
pub fn answer(answered: &Answered, setting: Setting, link_base: Option<&str>) -> Reply {
    let answer = &answered.answer;
    let mut reply = Reply {
        title: title(answer),
        question: answered.question.clone(),
        reading: answer.reading.to_string(),
        ..Reply::default()
    };
    let Some(abstention) = &answer.abstention else {
        let pages = pages(answered);
        let page = usize::from(setting.page);
        let page = if page < pages.len() { page } else { 0 };
        let mut citations = Citations::new(link_base);
        if page == 0 {
            reply.blocks.extend(overview(answer));
        }
        let quotations = pages.get(page).map_or(&[][..], Vec::as_slice);
        quote(&reply.title, quotations, &mut citations, &mut reply.blocks);
        if page == 0 {
            for service in &answer.missing {
                reply.blocks.push(Block::Heading(service.clone()));
                reply.blocks.push(Block::text("The notes do not say."));
            }
        }
        reply.sources = citations.into_sources();
        reply.buttons = vec![buttons(answered, setting, page, pages.len())];
        return reply;
    };
    reply.tone = Tone::Abstention;
    reply.blocks = sentences(answer, abstention)
        .into_iter()
        .map(Block::text)
        .collect();
    let nearest: Vec<Button> = answered
        .nearest
        .iter()
        .map(|(name, request)| Button {
            label: name.clone(),
            primary: false,
            action: Action::Page(request.clone(), 0),
        })
        .collect();
    if !nearest.is_empty() {
        reply.buttons.push(nearest);
    }
    reply.buttons.push(vec![dismiss(setting)]);
    reply
}

/// The quotations of each page; at least one page.
fn pages(answered: &Answered) -> Vec<Vec<&Quotation>> {
    let own: Vec<&Quotation> = answered.answer.quotations.iter().collect();
    let further: Vec<&Quotation> = answered
        .further
        .iter()
        .filter(|more| !own.iter().any(|own| own.citation == more.citation))
        .collect();
    own.chunks(PAGE)
        .chain(further.chunks(PAGE))
        .map(<[&Quotation]>::to_vec)
        .collect()
}

/// A list names all its services before it quotes a page of them.
fn overview(answer: &Answer) -> Option<Block> {
    if answer.kind != Kind::Matrix || answer.services.len() < 2 {
        return None;
    }
    let names: Vec<&str> = answer
        .services
        .iter()
        .take(NAMES)
        .map(String::as_str)
        .collect();
    let names = names.join(", ");
    let more = answer.services.len().saturating_sub(NAMES);
    Some(Block::text(if more > 0 {
        format!("{names} and {more} more")
    } else {
        names
    }))
}

fn quote(
    title: &str,
    quotations: &[&Quotation],
    citations: &mut Citations<'_>,
    blocks: &mut Vec<Block>,
) {
    let mut above = title.to_owned();
    for quotation in quotations {
        let own = filed(quotation);
        if own != above && !own.is_empty() {
            blocks.push(Block::Heading(beyond(title, quotation, &own).to_owned()));
            above = own;
        }
        let numbers = citations.cite(quotation, &quotation.citation, &quotation.text);
        blocks.push(Block::Quote {
            text: quoted(&quotation.text),
            numbers,
            corrects: quotation
                .corrects
                .as_ref()
                .map(|(text, citation)| (quoted(text), citations.cite(quotation, citation, text))),
        });
    }
}

/// What a heading adds to the title: "Access control" under "Amazon S3", and
/// "Amazon S3" under "Access control: 23 services".
fn beyond<'a>(title: &str, quotation: &'a Quotation, own: &'a str) -> &'a str {
    let (service, control) = (quotation.service.as_str(), quotation.control.as_str());
    if service.is_empty() || control.is_empty() {
        own
    } else if title == service {
        control
    } else if title.starts_with(&format!("{control}: ")) {
        service
    } else {
        own
    }
}

/// A snippet that is a code block stays one.
fn quoted(markdown: &str) -> Quoted {
    let start = markdown.trim_start();
    let text = plain(start);
    // Mere markup, such as HTML, is shown as it is: there must be something to read.
    let text = if text.is_empty() {
        start.to_owned()
    } else {
        text
    };
    if start.starts_with("```") || start.starts_with("~~~") {
        Quoted::Code(text)
    } else {
        Quoted::Prose(text)
    }
}

fn buttons(answered: &Answered, setting: Setting, page: usize, pages: usize) -> Vec<Button> {
    let request = || answered.request.clone();
    let here = u16::try_from(page).unwrap_or(0);
    let button = |label: &str, action| Button {
        label: label.to_owned(),
        primary: false,
        action,
    };
    let mut buttons = Vec::new();
    if page + 1 < pages {
        let label = format!("More ({} of {pages})", page + 2);
        buttons.push(button(&label, Action::Page(request(), here + 1)));
    } else if page > 0 {
        buttons.push(button("Back to the first page", Action::Page(request(), 0)));
    }
    if setting.private {
        buttons.push(Button {
            primary: true,
            ..button("Share", Action::Share(request(), here))
        });
    }
    buttons.push(button("Helpful", Action::Helpful(request())));
    buttons.push(button("Not helpful", Action::NotHelpful(request())));
    buttons.push(dismiss(setting));
    buttons
}

fn dismiss(setting: Setting) -> Button {
    Button {
        label: "Dismiss".to_owned(),
        primary: false,
        action: Action::Dismiss(setting.asker),
    }
}

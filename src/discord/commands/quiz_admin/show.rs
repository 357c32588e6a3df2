//! From what the application says of a quiz to what is shown.

use crate::app::{Overview, Report, Unusable};
use crate::id::{ChannelId, GuildId, UserId};
use crate::quiz::item::Item;
use crate::quiz::question::Question;
use crate::quiz::table::csv;
use crate::render::quiz as shown;
use crate::render::quiz::admin::{self, Plan, Status, Troubled};
use crate::render::reply::Reply;
use crate::store::Aside;

use super::super::super::bot::Bot;
use super::super::super::doctor::{Unfit, unfit_for_quiz};
use super::super::super::error::Failure;

/// What keeps rounds out of a channel.
pub(super) async fn unfit(
    bot: &Bot,
    guild: GuildId,
    channel: ChannelId,
) -> Result<Option<admin::Unfit>, Failure> {
    let UserId(me) = *bot.user.get().ok_or(Failure::Defect)?;
    let found = unfit_for_quiz(&bot.rest, me.into(), guild, channel, bot.app.now()).await;
    let words = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect();
    Ok(match found {
        Ok(found) => found.map(|unfit| match unfit {
            Unfit::Gone => admin::Unfit::Gone,
            Unfit::Elsewhere => admin::Unfit::Elsewhere,
            Unfit::NotText => admin::Unfit::NotText,
            Unfit::Lacks(lacks) => admin::Unfit::Lacks {
                never_had: words(lacks.never_had),
                taken: words(lacks.taken),
                role: lacks.role,
                timed_out: lacks.timed_out,
            },
        }),
        Err(error) => {
            tracing::warn!("Discord does not say what the bot may do in a channel: {error}");
            Some(admin::Unfit::Unknown)
        }
    })
}

pub(super) async fn next_question(
    bot: &Bot,
    overview: &Overview,
    replaced: Option<&str>,
) -> Result<Reply, Failure> {
    let plan = plan(overview);
    if plan.next.is_none() {
        return Ok(admin::nothing_to_come(&plan));
    }
    let Some((round, question)) = bot.app.preview(overview).await? else {
        return Ok(admin::no_questions());
    };
    let shown = shown::round(&round, &question, false);
    let link_base = bot.app.link_base();
    Ok(admin::preview(shown, &plan, &question, link_base, replaced))
}

pub(super) fn plan(overview: &Overview) -> Plan<'_> {
    Plan {
        schedule: &overview.saved.schedule,
        today: overview.today,
        next: overview.next(),
        stopped: overview.saved.stopped.as_deref(),
    }
}

pub(super) fn refused(unusable: &Unusable) -> Reply {
    match unusable {
        Unusable::Zone { typed, near } => admin::no_such_zone(typed, near),
        Unusable::NoQuestions => admin::no_questions(),
        other => admin::mistyped(other.to_string()),
    }
}

pub(super) fn status_of(bot: &Bot, report: &Report, unfit: Option<&admin::Unfit>) -> Reply {
    let notices = report.notices.iter();
    let aside = report.aside.iter().map(|(aside, question)| Troubled {
        id: &aside.question,
        question: question.as_ref(),
        why: &aside.why,
    });
    admin::status(&Status {
        plan: plan(&report.overview),
        clock_off: bot
            .app
            .quiz
            .held_by_clock()
            .map(|off| off.unsigned_abs().as_secs()),
        unfit,
        notices: notices
            .map(|notice| (notice.kind.as_str(), notice.text.as_str(), notice.at))
            .collect(),
        rounds: &report.overview.rounds,
        played: &report.played,
        aside: aside.collect(),
        questions: report.questions,
        stock: report.stock,
        table: table_of(&report.items),
        link_base: bot.app.link_base(),
    })
}

/// The statistics as a file, once there are some.
fn table_of(items: &[Item]) -> Option<Vec<u8>> {
    if items.is_empty() {
        return None;
    }
    csv(items)
        .inspect_err(|error| {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the table of questions was not written"
            );
        })
        .ok()
}

/// What a question that is set aside asks, or its id for want of that.
pub(super) fn stem<'a>(aside: &'a Aside, question: Option<&'a Question>) -> &'a str {
    question.map_or(&aside.question, |question| &question.stem)
}

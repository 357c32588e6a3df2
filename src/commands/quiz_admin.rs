//! What those can do who set up the quiz of a server and look after it: one
//! function for each command, which does it and says so.
//!
//! A platform says with `fit` what keeps rounds out of a channel, if anything; it
//! is asked only where that matters.

use crate::app::{App, Changed, Overview, Report, Skip, Unusable, Wish};
use crate::id::{ChannelId, GuildId};
use crate::quiz::item::Item;
use crate::quiz::question::Question;
use crate::quiz::table::csv;
use crate::render::quiz as shown;
use crate::render::quiz::admin::{self, Plan, Status, Troubled, Unfit};
use crate::render::reply::Reply;
use crate::store::{Aside, StoreError};

/// Starts the quiz, or changes where and when it comes.
///
/// # Errors
/// The store failed, or `fit` did.
pub async fn set_up<E: From<StoreError>, F>(
    app: &App,
    wish: &Wish,
    fit: impl FnOnce(ChannelId) -> F,
) -> Result<Reply, E>
where
    F: Future<Output = Result<Option<Unfit>, E>>,
{
    let schedule = match app.read_wish(wish).await? {
        Ok(schedule) => schedule,
        Err(unusable) => return Ok(refused(&unusable)),
    };
    if let Some(unfit) = fit(wish.channel).await? {
        return Ok(admin::unfit(wish.channel, &unfit));
    }
    let Some(changed) = app.set_up(&schedule).await? else {
        return Ok(admin::not_set_up());
    };
    let Changed {
        is_new,
        left_out,
        surprises,
        stock,
        overview,
    } = &changed;
    Ok(admin::set_up(
        &plan(overview),
        *is_new,
        left_out,
        surprises,
        *stock,
    ))
}

/// How the quiz goes.
///
/// # Errors
/// The store failed, or `fit` did.
pub async fn status<E: From<StoreError>, F>(
    app: &App,
    guild: GuildId,
    fit: impl FnOnce(ChannelId) -> F,
) -> Result<Reply, E>
where
    F: Future<Output = Result<Option<Unfit>, E>>,
{
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    let channel = overview.saved.schedule.channel;
    let report = app.quiz_report(overview).await?;
    let unfit = fit(channel).await?;
    Ok(status_of(app, &report, unfit.as_ref()))
}

/// The next question as it will appear.
///
/// # Errors
/// The store failed.
pub async fn preview(app: &App, guild: GuildId) -> Result<Reply, StoreError> {
    match app.quiz_of(guild).await? {
        None => Ok(admin::not_set_up()),
        Some(overview) => next_question(app, &overview, None).await,
    }
}

/// Sets the next question aside and shows the one that takes its place.
///
/// # Errors
/// The store failed.
pub async fn replace(app: &App, guild: GuildId) -> Result<Reply, StoreError> {
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    match app.preview(&overview).await? {
        Some((_, question)) => {
            app.put_aside(guild, &question).await?;
            next_question(app, &overview, Some(&question.stem)).await
        }
        None => next_question(app, &overview, None).await,
    }
}

/// Lets a question be asked again, named by what [`App::put_aside_before`] says
/// of it.
///
/// # Errors
/// The store failed.
pub async fn restore(app: &App, guild: GuildId, question: &str) -> Result<Reply, StoreError> {
    let aside = app.put_aside_before(guild).await?;
    let meant = |(aside, _): &&(Aside, _)| aside.hash == question || aside.question == question;
    Ok(if let Some((aside, known)) = aside.iter().find(meant) {
        app.restore(guild, aside).await?;
        admin::restored(stem(aside, known.as_ref()))
    } else {
        let stems = aside
            .iter()
            .map(|(aside, known)| stem(aside, known.as_ref()));
        admin::not_set_aside(&stems.collect::<Vec<_>>())
    })
}

/// Asks today's question now.
///
/// # Errors
/// The store failed, or `fit` did.
pub async fn post<E: From<StoreError>, F>(
    app: &App,
    guild: GuildId,
    fit: impl FnOnce(ChannelId) -> F,
) -> Result<Reply, E>
where
    F: Future<Output = Result<Option<Unfit>, E>>,
{
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    if app.bank().questions.is_empty() {
        return Ok(admin::no_questions());
    }
    let channel = overview.saved.schedule.channel;
    if let Some(unfit) = fit(channel).await? {
        return Ok(admin::unfit(channel, &unfit));
    }
    Ok(match app.post_now(&overview).await? {
        None => admin::posting(channel),
        Some(there) => admin::already_posted(guild, &there),
    })
}

/// Leaves out the next question.
///
/// # Errors
/// The store failed.
pub async fn skip(app: &App, guild: GuildId) -> Result<Reply, StoreError> {
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    let skip = app.skip_next(&overview).await?;
    let now = app.quiz_of(guild).await?.unwrap_or(overview);
    Ok(match skip {
        Skip::Skipped(date, was_before) => admin::skipped(date, &plan(&now), was_before),
        Skip::TooLate(round) => admin::already_posted(guild, &round),
        Skip::Nothing => admin::nothing_to_come(&plan(&now)),
    })
}

/// Stops asking from one day to another, as somebody typed them.
///
/// # Errors
/// The store failed.
pub async fn pause(
    app: &App,
    guild: GuildId,
    from: Option<&str>,
    until: Option<&str>,
) -> Result<Reply, StoreError> {
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    Ok(match app.pause(&overview, from, until).await? {
        Ok(Some(changed)) => admin::paused(&plan(&changed.overview)),
        Ok(None) => admin::not_set_up(),
        Err(unusable) => refused(&unusable),
    })
}

/// Goes on after a pause.
///
/// # Errors
/// The store failed, or `fit` did.
pub async fn resume<E: From<StoreError>, F>(
    app: &App,
    guild: GuildId,
    fit: impl FnOnce(ChannelId) -> F,
) -> Result<Reply, E>
where
    F: Future<Output = Result<Option<Unfit>, E>>,
{
    let Some(overview) = app.quiz_of(guild).await? else {
        return Ok(admin::not_set_up());
    };
    let channel = overview.saved.schedule.channel;
    if let Some(unfit) = fit(channel).await? {
        return Ok(admin::unfit(channel, &unfit));
    }
    Ok(match app.resume(&overview).await? {
        Some(changed) => admin::resumed(&plan(&changed.overview), true, &changed.left_out),
        None => admin::resumed(&plan(&overview), false, &[]),
    })
}

/// Days of the week to offer for what is typed: label and value.
pub fn suggest_days(typed: &str) -> Vec<(String, String)> {
    let offered = [
        ("Monday to Friday", "mon-fri"),
        ("Every day", "daily"),
        ("Monday, Wednesday and Friday", "mon, wed, fri"),
        ("Tuesday and Thursday", "tue, thu"),
        ("Monday", "mon"),
    ];
    let typed = typed.trim().to_lowercase();
    offered
        .into_iter()
        .filter(|(label, value)| label.to_lowercase().contains(&typed) || value.contains(&typed))
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
        .collect()
}

/// Questions that are set aside, for what is typed: label and value.
pub async fn suggest_aside(app: &App, guild: GuildId, typed: &str) -> Vec<(String, String)> {
    // Who waits for suggestions is not told what failed; the command tells.
    let aside = app.put_aside_before(guild).await.unwrap_or_default();
    let typed = typed.trim().to_lowercase();
    let named = aside.iter().map(|(aside, question)| {
        let label = stem(aside, question.as_ref()).to_owned();
        (label, aside.hash.clone())
    });
    named
        .filter(|(label, _)| label.to_lowercase().contains(&typed))
        .collect()
}

async fn next_question(
    app: &App,
    overview: &Overview,
    replaced: Option<&str>,
) -> Result<Reply, StoreError> {
    let plan = plan(overview);
    if plan.next.is_none() {
        return Ok(admin::nothing_to_come(&plan));
    }
    let Some((round, question)) = app.preview(overview).await? else {
        return Ok(admin::no_questions());
    };
    let shown = shown::round(&round, &question, false);
    let link_base = app.link_base();
    Ok(admin::preview(shown, &plan, &question, link_base, replaced))
}

fn plan(overview: &Overview) -> Plan<'_> {
    Plan {
        schedule: &overview.saved.schedule,
        today: overview.today,
        next: overview.next(),
        stopped: overview.saved.stopped.as_deref(),
    }
}

fn refused(unusable: &Unusable) -> Reply {
    match unusable {
        Unusable::Zone { typed, near } => admin::no_such_zone(typed, near),
        Unusable::NoQuestions => admin::no_questions(),
        other => admin::mistyped(other.to_string()),
    }
}

fn status_of(app: &App, report: &Report, unfit: Option<&admin::Unfit>) -> Reply {
    let notices = report.notices.iter();
    let aside = report.aside.iter().map(|(aside, question)| Troubled {
        id: &aside.question,
        question: question.as_ref(),
        why: &aside.why,
    });
    admin::status(&Status {
        plan: plan(&report.overview),
        clock_off: app
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
        link_base: app.link_base(),
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
fn stem<'a>(aside: &'a Aside, question: Option<&'a Question>) -> &'a str {
    question.map_or(&aside.question, |question| &question.stem)
}

//! What people do: use a command, write a message, look a message up. One call
//! of the application, one reply.

use std::collections::HashMap;
use std::sync::Arc;

use crate::answer::lookup::Wanted;
use crate::app::{App, Wish};
use crate::commands::{self, notes, privacy, quiz_admin, requests};
use crate::gap;
use crate::id::{ChannelId, GuildId, MessageId, UserId};
use crate::quiz::schedule::Feedback;
use crate::quiz::standing::Period;
use crate::render::answer::{Answered, Setting, answer};
use crate::render::quiz::admin::Unfit;
use crate::render::quiz::boards::{self, on_servers_only};
use crate::render::quiz::practice::practice;
use crate::render::reply::{Action, Reply, Request};
use crate::render::trouble::{self, Trouble};

use super::Inner;
use super::table::{COMMANDS, Command};
use super::town::{Answers, MEMBERS, Member, Said, Turn};

/// Longest message, as in Discord.
const MESSAGE: usize = 2000;
/// Suggestions that are shown at once, as in Discord.
const CHOICES: usize = 25;
/// How the bot is called in a message.
const MENTION: &str = "@footnote";

/// Values of options by name, as typed.
pub(super) type Arguments = HashMap<String, String>;

impl Inner {
    /// Somebody used a command.
    pub(super) async fn command(&self, turn: Turn, command: &Command, arguments: &Arguments) {
        let arguments = shortened(command, arguments);
        let shared = command.name == "ask" && flag(&arguments, "share") == Some(true);
        let (reply, private) = match self.carry_out(turn, command, &arguments).await {
            Ok(reply) => (reply, !shared),
            Err(trouble) => (self.words(trouble), true),
        };
        let used = Answers::Command(turn.member, format!("/{}", command.name));
        self.say(turn, reply, private, Some(used));
    }

    async fn carry_out(
        &self,
        turn: Turn,
        command: &Command,
        arguments: &Arguments,
    ) -> Result<Reply, Trouble> {
        let app = &self.app;
        if command.manager && !(turn.member.manages && turn.guild().is_some()) {
            return Err(Trouble::NotAllowed);
        }
        let text = |name: &str| arguments.get(name).map_or("", String::as_str);
        let given = |name: &str| arguments.get(name).map(String::as_str);
        let user = turn.member.id;
        Ok(match command.name {
            "ask" => {
                let private = flag(arguments, "share") != Some(true);
                let request = question(text("question"), String::new());
                return self.ask(turn, request, private, None).await;
            }
            "service" => {
                let request = requests::service(app, text("name"), given("control"));
                return self.ask(turn, request, true, None).await;
            }
            "control" => {
                let request = requests::control(app, text("name"));
                return self.ask(turn, request, true, None).await;
            }
            "compare" => {
                let (first, second) = (text("first"), text("second"));
                let request = requests::compare(app, first, second, given("control"));
                return self.ask(turn, request, true, None).await;
            }
            "matrix" => {
                let counted = app.limits.ask(user, turn.guild());
                counted.map_err(|refused| Trouble::Wait(refused.wait))?;
                app.matrix(turn.theme).await.reply(true)
            }
            "quiz practice" => practice(&app.practise(user, turn.guild()).await?),
            "quiz leaderboard" => match turn.guild() {
                None => on_servers_only(),
                Some(guild) => {
                    let period = match text("period") {
                        "This month" => Period::Month,
                        "All time" => Period::All,
                        _ => Period::Week,
                    };
                    boards::board(&app.leaderboard(guild, period, user).await?, true)
                }
            },
            "quiz stats" => match turn.guild() {
                None => on_servers_only(),
                Some(guild) => {
                    let member = text("member").parse().map_or(user, UserId);
                    let stats = app.stats(guild, member, user).await?;
                    boards::stats(member, member == user, stats.as_ref())
                }
            },
            "notes status" => notes::status(&app.notes.status()),
            "notes gaps" => {
                let days: u32 = text("days").parse().unwrap_or(notes::GAP_DAYS);
                let days = days.clamp(1, 3650);
                let guild = turn.guild().ok_or(Trouble::NotAllowed)?;
                notes::gaps(&app.gap_report(guild, days).await?, days, link)
            }
            "notes reload" => notes::reload(app).await.ok_or(Trouble::Defect)?,
            "privacy show" => privacy::show(&app.person(user).await?),
            "privacy export" => privacy::export(&app.person(user).await?),
            "privacy delete" => privacy::deleted(app.forget_person(user).await?),
            "privacy hide" => {
                let hidden = flag(arguments, "hidden").unwrap_or(true);
                app.hide_person(user, hidden).await?;
                privacy::hide(hidden)
            }
            "help" => commands::help(app),
            name => {
                let guild = turn.guild().ok_or(Trouble::NotAllowed)?;
                return admin(app, guild, turn.member, name, arguments).await;
            }
        })
    }

    /// Answers a request. `message` is the one that others can read.
    pub(super) async fn ask(
        &self,
        turn: Turn,
        request: Request,
        private: bool,
        message: Option<MessageId>,
    ) -> Result<Reply, Trouble> {
        let answered = self.app.ask(request, turn.asker(message)).await;
        let answered = answered.map_err(|refused| Trouble::Wait(refused.wait))?;
        let answered = answered.ok_or(Trouble::Gone)?;
        Ok(self.page(&answered, turn, private, 0))
    }

    /// One page of an answer.
    pub(super) fn page(&self, answered: &Answered, turn: Turn, private: bool, page: u16) -> Reply {
        let setting = Setting {
            private,
            asker: turn.member.id.0,
            page,
        };
        answer(answered, setting, self.app.link_base())
    }

    /// Somebody wrote a message, perhaps as a reply to another one.
    pub(super) async fn message(&self, turn: Turn, text: &str, to: Option<MessageId>) {
        let text: String = text.trim().chars().take(MESSAGE).collect();
        if text.is_empty() {
            return;
        }
        let now = self.app.now();
        let (id, before) = self.change(|town| {
            let to = to.and_then(|to| town.message(to, turn.member.id)).cloned();
            let message = town.post(turn.channel, Said::Member(turn.member, text.clone()), now);
            message.answers = to.as_ref().map(|to| Answers::Message(to.id));
            let before = to.as_ref().and_then(|to| to.reply()).map(about);
            (message.id, before)
        });
        let mentioned = text.to_lowercase().contains(MENTION);
        if turn.guild().is_some() && !mentioned && before.is_none() {
            return;
        }
        let asked = without_mention(&text);
        let reply = if asked.is_empty() {
            commands::help(&self.app)
        } else {
            let request = question(&asked, before.unwrap_or_default());
            let answered = self.ask(turn, request, false, Some(id)).await;
            answered.unwrap_or_else(|trouble| self.words(trouble))
        };
        self.say(turn, reply, false, Some(Answers::Message(id)));
    }

    /// Somebody looked up what a message is about.
    pub(super) async fn find(&self, turn: Turn, message: MessageId) {
        let found = self.town().message(message, turn.member.id).cloned();
        let answered = match found.as_ref().map(|found| &found.said) {
            Some(Said::Member(_, text)) => {
                let request = question(text, String::new());
                self.ask(turn, request, true, None).await
            }
            Some(Said::Bot(_)) => Err(Trouble::NoText),
            None => Err(Trouble::Gone),
        };
        let reply = answered.unwrap_or_else(|trouble| self.words(trouble));
        let used = Answers::Command(turn.member, "Find in notes".to_owned());
        self.say(turn, reply, true, Some(used));
    }

    /// What is offered for an option while it is typed: label and value.
    pub(super) async fn suggest(
        &self,
        turn: Turn,
        command: &str,
        option: &str,
        typed: &str,
        arguments: &Arguments,
    ) -> Vec<(String, String)> {
        let app = &self.app;
        let names = |wanted, within: Option<&String>| {
            let found = app.suggest_names(typed, wanted, within.map(String::as_str));
            let found = found.into_iter();
            found.map(|one| (one.label, one.id)).collect::<Vec<_>>()
        };
        let mut offered = match (command, option) {
            ("ask", _) => {
                let found = app.suggest_sections(typed).into_iter();
                found.map(|one| (one.label, one.id)).collect()
            }
            ("service", "name") | ("compare", "first" | "second") => names(Wanted::Service, None),
            ("control", "name") => names(Wanted::Control, None),
            (_, "control") => {
                let service = arguments.get("name").or_else(|| arguments.get("first"));
                names(Wanted::Control, service)
            }
            (_, "timezone") => {
                let found = app.suggest_zones(typed, CHOICES).into_iter();
                found.map(|zone| (zone.label, zone.name)).collect()
            }
            (_, "days") => quiz_admin::suggest_days(typed),
            ("quiz-admin restore", _) => match turn.guild() {
                Some(guild) if turn.member.manages => {
                    quiz_admin::suggest_aside(app, guild, typed).await
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        offered.truncate(CHOICES);
        offered
    }

    /// Has the bot say something.
    pub(super) fn say(
        &self,
        turn: Turn,
        reply: Reply,
        private: bool,
        answers: Option<Answers>,
    ) -> MessageId {
        let now = self.app.now();
        self.change(|town| {
            let message = town.post(turn.channel, Said::Bot(Box::new(reply)), now);
            message.only = private.then_some(turn.member.id);
            message.answers = answers;
            message.id
        })
    }

    /// What a person is told when something did not work.
    pub(super) fn words(&self, trouble: Trouble) -> Reply {
        let now = self.app.now();
        let reference = now.as_millisecond().unsigned_abs();
        if trouble == Trouble::Defect {
            tracing::error!(reference, "something broke down");
        }
        trouble::words(trouble, now.as_second(), reference)
    }
}

/// Commands for those who look after the quiz.
async fn admin(
    app: &Arc<App>,
    guild: GuildId,
    member: &Member,
    name: &str,
    arguments: &Arguments,
) -> Result<Reply, Trouble> {
    let text = |name: &str| arguments.get(name).cloned().unwrap_or_default();
    let given = |name: &str| arguments.get(name).map(String::as_str);
    // The bot may do anything in a channel of the playground.
    let fit = |_| async { Ok::<Option<Unfit>, Trouble>(None) };
    match name {
        "quiz-admin setup" => {
            let wish = Wish {
                guild,
                channel: ChannelId(text("channel").parse().unwrap_or(super::town::QUIZ.0)),
                time: text("time"),
                zone: text("timezone"),
                days: given("days").map(str::to_owned),
                reveal_after: given("reveal_after").map(str::to_owned),
                feedback: given("feedback").map(|told| match told {
                    "at once" => Feedback::Immediate,
                    _ => Feedback::AtReveal,
                }),
                by: member.id,
            };
            quiz_admin::set_up(app, &wish, fit).await
        }
        "quiz-admin status" => quiz_admin::status(app, guild, fit).await,
        "quiz-admin preview" => Ok(quiz_admin::preview(app, guild).await?),
        "quiz-admin replace" => Ok(quiz_admin::replace(app, guild).await?),
        "quiz-admin restore" => Ok(quiz_admin::restore(app, guild, &text("question")).await?),
        "quiz-admin post" => quiz_admin::post(app, guild, fit).await,
        "quiz-admin skip" => Ok(quiz_admin::skip(app, guild).await?),
        "quiz-admin pause" => {
            Ok(quiz_admin::pause(app, guild, given("from"), given("until")).await?)
        }
        "quiz-admin resume" => quiz_admin::resume(app, guild, fit).await,
        _ => Err(Trouble::Defect),
    }
}

/// The command of a name.
pub(super) fn command_of(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// What is given and known, one line each and no longer than it may be.
fn shortened(command: &Command, arguments: &Arguments) -> Arguments {
    let options = command.options.iter();
    options
        .filter_map(|option| {
            let value = one_line(arguments.get(option.name)?);
            let most = if option.max_length == 0 {
                MESSAGE
            } else {
                option.max_length
            };
            let value: String = value.chars().take(most).collect();
            (!value.is_empty()).then(|| (option.name.to_owned(), value))
        })
        .collect()
}

fn flag(arguments: &Arguments, name: &str) -> Option<bool> {
    arguments
        .get(name)
        .map(|value| value.eq_ignore_ascii_case("true"))
}

fn question(text: &str, before: String) -> Request {
    Request::Question {
        text: one_line(text),
        before,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A message without the name of the bot, however it is written.
fn without_mention(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        let word = word.trim_end_matches([',', ':', '.', '!', '?']);
        !word.eq_ignore_ascii_case(MENTION)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a reply of the bot was about, for a question that follows it.
fn about(reply: &Reply) -> String {
    let mut about = Vec::new();
    let buttons = reply.buttons.iter().flatten();
    let mut requests = buttons.filter_map(|button| match &button.action {
        Action::Page(request, _) | Action::Share(request, _) | Action::Helpful(request) => {
            Some(request)
        }
        _ => None,
    });
    if let Some(Request::Question { before, .. }) = requests.next() {
        about.push(before.as_str());
    }
    // The title names service and control; that of an abstention names neither.
    if reply.title.contains(" · ") || reply.question.is_empty() {
        about.push(&reply.title);
    }
    about.push(&reply.question);
    one_line(&about.join(" "))
}

/// Where a message of a gap can be read: on the page itself.
fn link(place: &gap::Place) -> String {
    format!("#m{}", place.message)
}

/// The manager whom letters go to when nobody else is named.
pub(super) fn manager() -> &'static Member {
    &MEMBERS[0]
}

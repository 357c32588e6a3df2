//! Buttons. A page says which button of which message it means, and as which
//! version it saw that message; what the button does, only the town knows.

use crate::app::Opinion;
use crate::id::{MessageId, UserId};
use crate::quiz::round::RoundId;
use crate::render::quiz::boards::board;
use crate::render::quiz::practice::{changed, practice, tried};
use crate::render::quiz::round::{closed, flagged, locked, not_saved};
use crate::render::reply::{Action, Block, Button, Part, Reply, Request};
use crate::render::trouble::Trouble;

use super::Inner;
use super::town::{Message, Said, Turn};

/// Longest reason that can be typed.
const REASON: usize = 500;

/// A button as a page saw it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pressed {
    pub(super) message: MessageId,
    pub(super) edits: u32,
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Inner {
    /// Somebody pressed a button; says whether a form is to ask why.
    pub(super) async fn click(&self, turn: Turn, pressed: Pressed) -> bool {
        match self.press(turn, pressed).await {
            Ok(ask_why) => ask_why,
            Err(trouble) => {
                self.say(turn, self.words(trouble), true, None);
                false
            }
        }
    }

    /// Somebody said why an answer did not help.
    pub(super) async fn reason(&self, turn: Turn, pressed: Pressed, text: &str) {
        let voted = async {
            self.app
                .limits
                .click(turn.member.id)
                .map_err(|refused| Trouble::Wait(refused.wait))?;
            let (on, action) = self.pressed(turn, pressed)?;
            let Action::NotHelpful(request) = action else {
                return Err(Trouble::Stale);
            };
            let text: String = text.trim().chars().take(REASON).collect();
            let reason = Some(text).filter(|text| !text.is_empty());
            self.vote(turn, &on, request, Opinion::Reason(reason))
                .await?;
            let thanks = "It is noted for whoever looks after the notes.";
            Ok(Reply::notice("Thank you", thanks))
        };
        let reply = voted.await.unwrap_or_else(|trouble| self.words(trouble));
        self.say(turn, reply, true, None);
    }

    /// The message that a button is on, and what the button does.
    fn pressed(&self, turn: Turn, pressed: Pressed) -> Result<(Message, Action), Trouble> {
        let town = self.town();
        let on = town.message(pressed.message, turn.member.id);
        let on = on.filter(|on| on.edits == pressed.edits && on.channel == turn.channel);
        let on = on.ok_or(Trouble::Stale)?;
        let action = on.action(pressed.row, pressed.column);
        Ok((on.clone(), action.ok_or(Trouble::Stale)?.clone()))
    }

    async fn press(&self, turn: Turn, pressed: Pressed) -> Result<bool, Trouble> {
        let user = turn.member.id;
        let looked = self.pressed(turn, pressed);
        if let Ok((_, Action::Attempt(..))) = looked {
            match self.app.limits.attempt(user) {
                Ok(()) => {}
                Err(refused) if refused.first => return Err(Trouble::Wait(refused.wait)),
                Err(_) => return Ok(false),
            }
        } else {
            let counted = self.app.limits.click(user);
            counted.map_err(|refused| Trouble::Wait(refused.wait))?;
        }
        let (on, action) = looked?;
        match action {
            Action::Page(request, page) => self.turn_page(turn, &on, request, page).await?,
            Action::Share(request, page) => {
                let answered = self.app.answer(request).await.ok_or(Trouble::Gone)?;
                let shared = self.page(&answered, turn, false, page);
                let kept = self.page(&answered, turn, true, page);
                self.share(turn, &on, shared, kept)?;
            }
            Action::Helpful(request) => {
                self.vote(turn, &on, request, Opinion::Helpful).await?;
                let thanks = Reply::notice("Thank you", "Good to know that it helped.");
                self.say(turn, thanks, true, None);
            }
            Action::NotHelpful(request) => {
                self.vote(turn, &on, request, Opinion::NotHelpful).await?;
                return Ok(true);
            }
            Action::Dismiss(asker) => self.dismiss(turn, &on, UserId(asker))?,
            Action::Attempt(round, option) => self.attempt(turn, &on, round, option).await?,
            Action::Flag(round) => {
                let place = in_public(turn, &on, round)?.place();
                let is_new = self.app.flag(round, user, place).await?;
                let reply = flagged(is_new.ok_or(Trouble::Stale)?);
                self.say(turn, reply, true, None);
            }
            Action::ShareBoard(period) => {
                let guild = turn.guild().ok_or(Trouble::Stale)?;
                let standings = self.app.leaderboard(guild, period, user).await?;
                self.share(turn, &on, board(&standings, false), board(&standings, true))?;
            }
            Action::ShareMatrix => {
                let drawn = self.app.matrix(turn.theme).await;
                self.share(turn, &on, drawn.reply(false), drawn.reply(true))?;
            }
            Action::Practise => {
                let next = self.app.practise(user, turn.guild()).await?;
                self.change(|town| town.edit(on.id, practice(&next)));
            }
            Action::Try(exercise, option) => {
                let answered = self.app.try_exercise(user, &exercise, option).await?;
                let base = self.app.link_base();
                let reply = answered.map_or_else(changed, |answered| tried(&answered, base));
                self.change(|town| town.edit(on.id, reply));
            }
        }
        Ok(false)
    }

    /// Shows a page: in place where only this person sees the message, else in a
    /// message of their own.
    async fn turn_page(
        &self,
        turn: Turn,
        on: &Message,
        request: Request,
        page: u16,
    ) -> Result<(), Trouble> {
        let answered = self.app.answer(request).await.ok_or(Trouble::Gone)?;
        let reply = self.page(&answered, turn, true, page);
        if on.only.is_some() {
            self.change(|town| town.edit(on.id, reply));
        } else {
            self.say(turn, reply, true, None);
        }
        Ok(())
    }

    /// Shows `shared` to everybody; the private message it comes from loses its
    /// button for that, and is otherwise `kept`.
    fn share(
        &self,
        turn: Turn,
        on: &Message,
        mut shared: Reply,
        mut kept: Reply,
    ) -> Result<(), Trouble> {
        if on.only.is_none() {
            return Err(Trouble::Stale);
        }
        shared.blocks.push(Block::Text(vec![
            "Shared by ".into(),
            Part::Member(turn.member.id.0),
        ]));
        for row in &mut kept.buttons {
            row.retain(|button: &Button| {
                !matches!(
                    button.action,
                    Action::Share(..) | Action::ShareBoard(_) | Action::ShareMatrix
                )
            });
        }
        let now = self.app.now();
        self.change(|town| {
            town.edit(on.id, kept);
            town.post(turn.channel, Said::Bot(Box::new(shared)), now);
        });
        Ok(())
    }

    async fn vote(
        &self,
        turn: Turn,
        on: &Message,
        request: Request,
        opinion: Opinion,
    ) -> Result<(), Trouble> {
        let place = on.only.is_none().then_some(on.id);
        let asker = turn.asker(place);
        let voted = self.app.vote(request, asker, on.id, opinion).await;
        Ok(voted?)
    }

    fn dismiss(&self, turn: Turn, on: &Message, asker: UserId) -> Result<(), Trouble> {
        if on.only.is_none() && asker != turn.member.id && !turn.member.manages {
            return Err(Trouble::NotYours);
        }
        self.change(|town| town.remove(on.id));
        Ok(())
    }

    async fn attempt(
        &self,
        turn: Turn,
        on: &Message,
        round: RoundId,
        option: usize,
    ) -> Result<(), Trouble> {
        let place = in_public(turn, on, round)?.place();
        let attempted = self.app.attempt(round, turn.member.id, option, place).await;
        let reply = match attempted {
            Ok(Some(counted)) => locked(&counted, self.app.link_base()),
            Ok(None) => closed(),
            Err(error) => {
                tracing::error!(
                    round.id = %round,
                    error = &error as &dyn std::error::Error,
                    "an answer may not be stored"
                );
                not_saved()
            }
        };
        self.say(turn, reply, true, None);
        Ok(())
    }
}

/// The message of a round of this server, which everybody sees.
fn in_public(turn: Turn, on: &Message, round: RoundId) -> Result<&Message, Trouble> {
    let public = turn.guild() == Some(round.guild) && on.only.is_none();
    public.then_some(on).ok_or(Trouble::Stale)
}

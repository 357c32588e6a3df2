//! Buttons and the form behind one of them.
//!
//! A button is believed only on a message of ours that has it. Nothing is
//! kept in memory that a click needs.

use serde_json::json;
use serenity::all::{
    ActionRowComponent, ButtonKind, ComponentInteraction, Message, MessageFlags, ModalInteraction,
};

use crate::app::{Opinion, Place};
use crate::id::{ChannelId, MessageId, UserId};
use crate::render::reply::{Action, Block, Button, Part, Reply, Request};

use super::bot::{Bot, Callback};
use super::components::{REASON_FIELD, decode, decode_reason, encode_reason, one_line};
use super::error::Failure;
use super::reply::{Payload, message, question_in};
use super::turn::Turn;

/// Longest reason that can be typed.
const REASON: u16 = 500;

impl Bot {
    /// A button was pressed.
    pub(super) async fn click(&self, click: &ComponentInteraction) -> Result<(), Failure> {
        let turn = Turn::from(click);
        let on = &*click.message;
        let id = click.data.custom_id.as_str();
        let action = decode(id, question_of(on));
        if let Some(Action::Attempt(..)) = action {
            if !self.may_attempt(&turn).await? {
                return Ok(());
            }
        } else {
            self.app.limits.click(turn.user).map_err(Failure::Refused)?;
        }
        if !self.is_ours(on) || !ids_of(on).any(|known| known == id) {
            return Err(Failure::Stale);
        }
        match action.ok_or(Failure::Stale)? {
            Action::Page(request, page) => self.turn_page(&turn, on, request, page).await,
            Action::Share(request, page) => self.share(&turn, on, request, page).await,
            Action::Helpful(request) => {
                self.vote(&turn, on, request, Opinion::Helpful).await?;
                self.tell(
                    &turn,
                    &Reply::notice("Thank you", "Good to know that it helped."),
                )
                .await
            }
            Action::NotHelpful(request) => {
                self.vote(&turn, on, request.clone(), Opinion::NotHelpful)
                    .await?;
                self.ask_why(&turn, &request).await
            }
            Action::Dismiss(asker) => self.dismiss(&turn, on, UserId(asker)).await,
            Action::Attempt(round, option) => self.attempt(&turn, on, round, option).await,
            Action::Flag(round) => self.flag(&turn, on, round).await,
            Action::ShareBoard(period) => self.share_board(&turn, on, period).await,
            Action::ShareMatrix => self.share_matrix(&turn, on).await,
            Action::Practise => self.practise(&turn, Callback::Update).await,
            Action::Try(exercise, option) => self.try_exercise(&turn, &exercise, option).await,
        }
    }

    /// The reason why an answer did not help was typed.
    pub(super) async fn submit(&self, form: &ModalInteraction) -> Result<(), Failure> {
        let turn = Turn::from(form);
        self.app.limits.click(turn.user).map_err(Failure::Refused)?;
        let on = form.message.as_deref().ok_or(Failure::Stale)?;
        if !self.is_ours(on) {
            return Err(Failure::Stale);
        }
        let request = decode_reason(&form.data.custom_id, question_of(on)).ok_or(Failure::Stale)?;
        let offered = ids_of(on).any(|id| {
            matches!(decode(id, question_of(on)), Some(Action::NotHelpful(known)) if known == request)
        });
        if !offered {
            return Err(Failure::Stale);
        }
        let reason = Opinion::Reason(reason_in(form));
        self.vote(&turn, on, request, reason).await?;
        let thanks = "It is noted for whoever looks after the notes.";
        self.tell(&turn, &Reply::notice("Thank you", thanks)).await
    }

    /// Shows a page: in place where only this person sees the message, else
    /// in a message of their own.
    async fn turn_page(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        request: Request,
        page: u16,
    ) -> Result<(), Failure> {
        let answered = self.app.answer(request).await.ok_or(Failure::Gone)?;
        let reply = self.page(&answered, turn.user, true, page);
        if is_private(on) {
            self.respond(turn, Callback::Update, &message(&reply, false))
                .await
        } else {
            self.respond(turn, Callback::Message, &message(&reply, true))
                .await
        }
    }

    /// Shows a private answer to everybody in the channel, once.
    async fn share(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        request: Request,
        page: u16,
    ) -> Result<(), Failure> {
        let answered = self.app.answer(request).await.ok_or(Failure::Gone)?;
        let shared = self.page(&answered, turn.user, false, page);
        let kept = self.page(&answered, turn.user, true, page);
        self.share_once(turn, on, shared, kept).await
    }

    /// Shows `shared` to everybody, once; the private message it comes from
    /// loses its button for that, and is otherwise `kept`.
    pub(super) async fn share_once(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        mut shared: Reply,
        kept: Reply,
    ) -> Result<(), Failure> {
        if !is_private(on) {
            return Err(Failure::Stale);
        }
        shared.blocks.push(Block::Text(vec![
            "Shared by ".into(),
            Part::Member(turn.user.0),
        ]));
        let mut taken = kept.clone();
        for row in &mut taken.buttons {
            row.retain(|button: &Button| {
                !matches!(
                    button.action,
                    Action::Share(..) | Action::ShareBoard(_) | Action::ShareMatrix
                )
            });
        }
        let occasion = (on.id, on.edited_timestamp);
        if !self.shared.is_new(occasion) {
            return self.acknowledge_only(turn).await.map(|_| ());
        }
        // Without its button first: what was shared cannot be shared again.
        let outcome = self.share_as(turn, &taken, &shared, &kept).await;
        if !matches!(outcome, Ok(true)) {
            self.shared.forget(&occasion);
        }
        outcome.map(|_| ())
    }

    /// Says whether it was shared.
    async fn share_as(
        &self,
        turn: &Turn<'_>,
        taken: &Reply,
        shared: &Reply,
        kept: &Reply,
    ) -> Result<bool, Failure> {
        let taken = message(taken, false);
        let body = json!({ "type": Callback::Update as u8, "data": taken.body });
        if !self.acknowledge(turn, &body, &taken).await? {
            return Ok(false);
        }
        let shared = message(shared, false);
        let sent = self
            .rest
            .followup(turn.application, turn.token, &shared.body, &shared.upload())
            .await;
        if let Err(error) = &sent
            && error.surely_not_done()
        {
            let kept = message(kept, false);
            // If this fails too, the log says why sharing did.
            let _ = self
                .rest
                .edit_original(turn.application, turn.token, &kept.body, &[])
                .await;
        }
        sent.map(|_| true).map_err(Failure::from)
    }

    async fn vote(
        &self,
        turn: &Turn<'_>,
        on: &Message,
        request: Request,
        opinion: Opinion,
    ) -> Result<(), Failure> {
        let mut asker = turn.asker();
        if !is_private(on) && turn.guild.is_some() {
            asker.place = Some(place_of(on));
        }
        let answer = MessageId(on.id.get());
        let app = &self.app;
        app.vote(request, asker, answer, opinion).await?;
        Ok(())
    }

    /// Opens the form that asks why.
    async fn ask_why(&self, turn: &Turn<'_>, request: &Request) -> Result<(), Failure> {
        let field = json!({
            "type": 4,
            "style": 2,
            "custom_id": REASON_FIELD,
            "label": "What was missing or wrong? (optional)",
            "placeholder": "It is noted for whoever looks after the notes.",
            "required": false,
            "max_length": REASON,
        });
        let body = json!({
            "type": 9,
            "data": {
                "custom_id": encode_reason(request),
                "title": "Noted: this did not help",
                "components": [{ "type": 1, "components": [field] }],
            },
        });
        self.acknowledge(turn, &body, &Payload::default())
            .await
            .map(|_| ())
    }

    /// Takes a message away.
    async fn dismiss(&self, turn: &Turn<'_>, on: &Message, asker: UserId) -> Result<(), Failure> {
        if !is_private(on) && asker != turn.user && !turn.may_remove() {
            return Err(Failure::NotYours);
        }
        if self.acknowledge_only(turn).await? {
            self.rest
                .delete_original(turn.application, turn.token)
                .await?;
        }
        Ok(())
    }

    /// Answers a click without showing anything.
    pub(super) async fn acknowledge_only(&self, turn: &Turn<'_>) -> Result<bool, Failure> {
        self.acknowledge(turn, &json!({ "type": 6 }), &Payload::default())
            .await
    }

    fn is_ours(&self, message: &Message) -> bool {
        self.user
            .get()
            .is_some_and(|me| me.0 == message.author.id.get())
    }
}

/// The question that a message of ours shows.
pub(super) fn question_of(message: &Message) -> Option<&str> {
    question_in(&message.embeds.first()?.footer.as_ref()?.text)
}

/// What a message of ours answers, read from its buttons.
pub(super) fn request_of(message: &Message) -> Option<Request> {
    ids_of(message).find_map(|id| match decode(id, question_of(message))? {
        Action::Page(request, _) | Action::Share(request, _) | Action::Helpful(request) => {
            Some(request)
        }
        _ => None,
    })
}

fn ids_of(message: &Message) -> impl Iterator<Item = &str> {
    let components = message.components.iter().flat_map(|row| &row.components);
    components.filter_map(|component| match component {
        ActionRowComponent::Button(button) => match &button.data {
            ButtonKind::NonLink { custom_id, .. } => Some(custom_id.as_str()),
            _ => None,
        },
        _ => None,
    })
}

/// Where a message stands.
pub(super) fn place_of(message: &Message) -> Place {
    Place {
        channel: ChannelId(message.channel_id.get()),
        message: MessageId(message.id.get()),
    }
}

pub(super) fn is_private(message: &Message) -> bool {
    message
        .flags
        .is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL))
}

fn reason_in(form: &ModalInteraction) -> Option<String> {
    let fields = form.data.components.iter().flat_map(|row| &row.components);
    let typed = fields.filter_map(|field| match field {
        ActionRowComponent::InputText(text) if text.custom_id == REASON_FIELD => {
            text.value.as_deref()
        }
        _ => None,
    });
    let reason: String = typed
        .map(one_line)
        .collect::<String>()
        .chars()
        .take(REASON.into())
        .collect();
    (!reason.is_empty()).then_some(reason)
}

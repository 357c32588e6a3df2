//! Messages of channels: sent, changed, read back.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use serenity::http::Route;
use serenity::model::id::{ChannelId, MessageId, UserId};

use super::call::{Call, decode};
use super::{File, Rest, RestError, Sent, body};

/// Messages that are read at a time, as many as Discord gives.
pub const PAGE: usize = 100;

/// A conversation that was opened.
#[derive(Deserialize)]
struct Opened {
    id: ChannelId,
}

impl Rest {
    /// Sends a message to a channel. The nonce (1 to 25 characters) makes it
    /// safe to repeat: within some minutes, Discord answers every send of the
    /// bot with the same nonce with the same message.
    ///
    /// # Errors
    ///
    /// Any. Code 10008 means that the message was sent by an earlier try and
    /// has been removed since.
    pub async fn send(
        &self,
        channel: ChannelId,
        body: &Value,
        nonce: &str,
        files: &[File],
    ) -> Result<Sent, RestError> {
        let mut body = body.clone();
        body::prepare_message(&mut body, files)?;
        body::add_nonce(&mut body, nonce)?;
        let route = Route::ChannelMessages {
            channel_id: channel,
        };
        let call = Call::new(Method::POST, route, Some(body), files);
        decode(self.call(&call).await?)
    }

    /// Changes a message in a channel.
    ///
    /// # Errors
    ///
    /// Any.
    pub async fn edit_message(
        &self,
        channel: ChannelId,
        message: MessageId,
        body: &Value,
        files: &[File],
    ) -> Result<Sent, RestError> {
        let mut body = body.clone();
        body::prepare_message(&mut body, files)?;
        let route = Route::ChannelMessage {
            channel_id: channel,
            message_id: message,
        };
        let call = Call::new(Method::PATCH, route, Some(body), files);
        decode(self.call(&call).await?)
    }

    /// Reads the messages of a channel that follow one, at most a hundred, the
    /// oldest ones. Who may not read the history gets an empty list, not an error.
    ///
    /// # Errors
    ///
    /// Any; [`RestError::Unknown`] for a body of another shape.
    pub async fn messages_after(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Vec<Value>, RestError> {
        let route = Route::ChannelMessages {
            channel_id: channel,
        };
        let call = Call {
            query: Some(format!("after={message}&limit={PAGE}")),
            ..Call::new(Method::GET, route, None, &[])
        };
        decode(self.call(&call).await?)
    }

    /// The conversation with one person; it is opened where there is none yet.
    ///
    /// # Errors
    ///
    /// Any.
    pub async fn direct_channel(&self, user: UserId) -> Result<ChannelId, RestError> {
        let body = json!({ "recipient_id": user });
        let call = Call::new(Method::POST, Route::UserMeDmChannels, Some(body), &[]);
        let channel: Opened = decode(self.call(&call).await?)?;
        Ok(channel.id)
    }
}

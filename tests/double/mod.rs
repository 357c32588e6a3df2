//! A test double of Discord: REST and gateway on loopback, with the rules that
//! a bot meets there.
//!
//! A scenario starts a [`Double`], points the bot at [`Double::url`], lets
//! people act and awaits what the bot does. Every request is checked on the way;
//! a double that ends with violations fails its test. `tests/double/README.md`
//! shows how to write one.
//!
//! It deliberately has no limits of single routes, no voice and no real clock for
//! the fifteen minutes of a token.

pub(crate) mod actor;
pub(crate) mod callbacks;
pub(crate) mod check;
pub(crate) mod check_commands;
pub(crate) mod check_components;
pub(crate) mod faults;
pub(crate) mod gateway;
pub(crate) mod hooks;
pub(crate) mod objects;
pub(crate) mod messages;
pub(crate) mod openapi;
pub(crate) mod others;
pub(crate) mod outage;
pub(crate) mod pace;
pub(crate) mod reply;
pub(crate) mod rest;
pub(crate) mod routes;
pub(crate) mod setup;
pub(crate) mod slash;
pub(crate) mod town;
pub(crate) mod world;

use std::sync::Arc;

use serde_json::{Value, json};

use actor::Actor;
use faults::{Chance, Fault};
use gateway::Welcome;
use openapi::Description;
use outage::Server;
use reply::Shown;
use rest::Request;
use setup::{APPLICATION, Checks, GENERAL, Id, Setup};
use world::{Shared, World};

/// A running double. Dropping it fails the test if a request was in violation.
pub(crate) struct Double {
    shared: Arc<Shared>,
    server: Server,
}

impl Double {
    /// Starts on a free port of the loopback interface.
    pub(crate) async fn start(setup: Setup) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound socket"));
        let description = match setup.checks {
            Checks::All => Description::of_discord(),
            Checks::Limits | Checks::None => None,
        };
        let shared = Arc::new(Shared::new(url, setup, description));
        let server = Server::start(listener, Arc::clone(&shared));
        Self { shared, server }
    }

    /// The base for REST, in place of `https://discord.com`.
    pub(crate) fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// The bot's token, without "Bot ".
    pub(crate) fn token(&self) -> String {
        self.shared.look().setup.token.clone()
    }

    /// What mentions the bot in a message.
    pub(crate) fn mention() -> String {
        format!("<@{APPLICATION}>")
    }

    /// Waits until the bot is connected and its commands are registered.
    pub(crate) async fn ready(&self) {
        let find = |world: &mut World| {
            let has_commands = world.commands.values().any(|commands| !commands.is_empty());
            (world.gateway.is_connected() && has_commands).then_some(())
        };
        self.shared
            .until("the bot to connect and register its commands", find)
            .await;
    }

    /// Waits until no connection is identified, such as after a stop of the bot.
    pub(crate) async fn disconnected(&self) {
        let find = |world: &mut World| (!world.gateway.is_connected()).then_some(());
        self.shared.until("the bot to disconnect", find).await;
    }

    /// Waits for anything else in the state of the double.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        find: impl FnMut(&mut World) -> Option<T>,
    ) -> T {
        self.shared.until(what, find).await
    }

    /// Looks at the state.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.shared.look())
    }

    /// Changes the setup while it runs: roles, channels, permissions.
    pub(crate) fn change_setup(&self, change: impl FnOnce(&mut Setup)) {
        self.shared.change(|world| change(&mut world.setup));
    }

    /// A person, in [`GENERAL`] unless told otherwise.
    pub(crate) fn as_user(&self, user: Id) -> Actor {
        Actor {
            shared: Arc::clone(&self.shared),
            user,
            channel: GENERAL,
        }
    }

    /// The registered commands of a guild, or the global ones.
    pub(crate) fn commands(&self, guild: Option<Id>) -> Vec<Value> {
        self.shared
            .look()
            .commands
            .get(&guild)
            .cloned()
            .unwrap_or_default()
    }

    /// A message by its id.
    pub(crate) fn message(&self, id: Id) -> Shown {
        Shown::of(&self.shared, id)
    }

    /// All requests so far of a route such as `POST channels/*/messages`.
    pub(crate) fn requests(&self, route: &str) -> Vec<Request> {
        let (method, path) = route
            .split_once(' ')
            .expect("a route is written as METHOD path");
        let world = self.shared.look();
        let fitting = world
            .requests
            .iter()
            .filter(|request| request.is_for(method, path));
        fitting.cloned().collect()
    }

    /// Plans a fault for the next requests of a route such as `POST channels/*/messages`.
    pub(crate) fn fail(&self, route: &str, times: usize, fault: Fault) {
        self.shared
            .change(|world| world.plan.add(route, times, fault));
    }

    /// From now on requests meet faults by chance, as far as none are planned.
    pub(crate) fn fail_by_chance(&self, chance: Chance) {
        self.shared.change(|world| world.plan.chance = Some(chance));
    }

    /// Takes back all faults, planned and by chance.
    pub(crate) fn mend(&self) {
        self.shared.change(|world| world.plan.clear());
    }

    /// What was wrong with requests so far.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.shared.look().violations.clone()
    }

    /// The violations, which the test expected and which do not fail it any more.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.look().violations)
    }
}

/// The gateway's moods.
impl Double {
    /// Asks the client to reconnect (op 7).
    pub(crate) fn ask_to_reconnect(&self) {
        self.send_raw(&json!({"op": 7, "d": null}).to_string());
    }

    /// Declares the session invalid (op 9); unless resumable it is forgotten.
    pub(crate) fn invalidate_session(&self, resumable: bool) {
        self.send_raw(&json!({"op": 9, "d": resumable}).to_string());
        if !resumable {
            self.shared.change(|world| world.gateway.forget_session());
        }
    }

    /// Closes the connection with a code.
    pub(crate) fn close(&self, code: u16) {
        self.shared.change(|world| world.gateway.close(code));
    }

    /// Ends the connection without a close frame.
    pub(crate) fn drop_connection(&self) {
        self.shared.change(|world| world.gateway.drop_line());
    }

    /// Forgets the session, so that a RESUME is answered with op 9.
    pub(crate) fn forget_session(&self) {
        self.shared.change(|world| world.gateway.forget_session());
    }

    /// Stops (or takes up again) the answers to heartbeats.
    pub(crate) fn ignore_heartbeats(&self, ignore: bool) {
        self.shared.change(|world| world.gateway.is_deaf = ignore);
    }

    /// Leaves the goodbye of a client without an answer.
    pub(crate) fn linger(&self) {
        self.shared.change(|world| world.gateway.lingers = true);
    }

    /// How clients are met that connect from now on.
    pub(crate) fn welcome(&self, welcome: Welcome) {
        self.shared.change(|world| world.gateway.welcome = welcome);
    }

    /// Sends the client a frame as it is, be it junk.
    pub(crate) fn send_raw(&self, text: &str) {
        self.shared.look().gateway.send_raw(text);
    }

    /// Sends the client any event.
    pub(crate) fn dispatch(&self, event: &str, data: &Value) {
        self.shared
            .change(|world| world.gateway.dispatch(event, data));
    }

    /// How often clients connected, identified and resumed.
    pub(crate) fn connections(&self) -> (usize, usize, usize) {
        let world = self.shared.look();
        (
            world.gateway.connections,
            world.gateway.identifies,
            world.gateway.resumes,
        )
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.end();
        let violations = self.take_violations();
        if !std::thread::panicking() {
            assert!(
                violations.is_empty(),
                "requests in violation: {violations:#?}"
            );
        }
    }
}

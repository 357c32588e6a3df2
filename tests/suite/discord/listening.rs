//! Health checks over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::process::{Bot, Place, setup};
use crate::double::Double;
use crate::double::gateway::Welcome;

/// Status and body of a GET.
pub(crate) fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
    let body = reply.split_once("\r\n\r\n").unwrap().1;
    (status, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_follow_the_connection() {
    let double = Double::start(setup()).await;
    double.welcome(Welcome::Refuse);
    let place = Place::bundled();
    let mut command = place.command(&double, &["run"]);
    command.env("FOOTNOTE__LISTEN__ADDRESS", "127.0.0.1:0");
    let bot = Bot::spawn(command);

    bot.logged("health checks on http://").await;
    let log = bot.log();
    let address = log.split("health checks on http://").nth(1).unwrap();
    let address = address.split_whitespace().next().unwrap();
    assert_eq!(get(address, "/livez"), (200, "ok".to_owned()));
    let waiting = (503, "not connected to Discord".to_owned());
    assert_eq!(get(address, "/readyz"), waiting);
    assert_eq!(get(address, "/anything").0, 404);

    double.welcome(Welcome::Hello);
    double.ready().await;
    bot.logged("connected to Discord").await;
    let ready = (200, "ok".to_owned());
    double
        .until("the bot to call itself ready", |_| {
            (get(address, "/readyz") == ready).then_some(())
        })
        .await;

    // An open connection does not hold the bot back when it stops.
    let _idle = TcpStream::connect(address).unwrap();
    assert_eq!(bot.stop().0, 0);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_said_at_once() {
    let double = Double::start(setup()).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::bundled();
    let mut command = place.command(&double, &["run"]);
    command.env("FOOTNOTE__LISTEN__ADDRESS", &address);

    let (code, log) = Bot::spawn(command).ended();

    assert_eq!(code, 2);
    assert!(
        log.contains(&format!("footnote: cannot listen on {address}: ")),
        "{log}"
    );
    assert_eq!(double.connections().0, 0);
}

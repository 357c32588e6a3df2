//! Starting and ending, and `footnote` alone.

use std::net::TcpListener;
use std::process::Stdio;

use super::town::{MIRA, Notes, QUESTIONS, Town};
use crate::harness::{footnote, program, root, run};

#[tokio::test]
async fn it_says_where_it_is_in_two_lines_and_ends_well() {
    let town = Town::start();
    let lines: Vec<&str> = town.said.lines().collect();
    assert!(
        lines[0].starts_with("Playground: http://127.0.0.1:"),
        "{lines:?}"
    );
    assert!(lines[1].contains("on this machine only"), "{lines:?}");
    assert!(lines[1].contains("kept in memory"), "{lines:?}");
    let (status, page) = town.get("", &[]).await;
    assert_eq!(status, 200);
    assert!(page.contains("Footnote playground"), "{page}");
    // A page that listens does not keep it from ending.
    let _listening = reqwest::get(format!("{}api/events", town.url))
        .await
        .unwrap();
    assert_eq!(town.stop(), (Some(0), String::new()));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let said = footnote(&["playground", "--port", &port.to_string()]).wrong();
    assert!(
        said.starts_with(&format!("footnote: cannot listen on 127.0.0.1:{port}: ")),
        "{said}"
    );
    assert!(said.contains("choose another one with --port"), "{said}");
}

#[tokio::test]
async fn a_database_that_is_configured_is_kept_and_has_the_real_time() {
    let notes = Notes::of_soup();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("kept.db").display());
    let town = Town::with(&notes.path(), &[("FOOTNOTE__STORE__URL", &url)]);
    assert!(town.said.contains("kept.db"), "{}", town.said);
    let state = town.state((MIRA, QUESTIONS)).await;
    assert_eq!(state["quiz"]["movable"], false);
    assert_eq!(town.stop().0, Some(0));
    assert!(folder.path().join("kept.db").is_file());
}

#[test]
fn alone_it_says_which_of_the_two_it_is() {
    // Its usual port may be taken; what is said before does not depend on that.
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.arg("--notes").arg(root("knowledge/no-such-folder"));
    command.env_remove("DISCORD_TOKEN").stdin(Stdio::null());
    let said = run(&mut command, "").wrong();
    assert!(
        said.contains("no token is configured, so this is the playground"),
        "{said}"
    );

    let mut command = program(folder.path());
    command.arg("--notes").arg(root("knowledge/no-such-folder"));
    command.env("DISCORD_TOKEN", "not.a.token");
    let said = run(&mut command, "").wrong();
    assert!(
        said.contains("running the bot, since DISCORD_TOKEN holds a token"),
        "{said}"
    );

    let mut command = program(folder.path());
    command.env("DISCORD_TOKEN", "");
    let said = run(&mut command, "").wrong();
    assert!(said.contains("DISCORD_TOKEN is empty"), "{said}");
}

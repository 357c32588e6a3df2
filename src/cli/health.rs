//! `footnote health`: asks the running bot how it is, for health checks of
//! containers, in which there is no other program that could.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::config::Config;

/// A bot that lives answers at once.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest answer that is read.
const LONGEST: u64 = 4_096;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Ask whether people are served, not only whether it runs
    #[arg(long)]
    ready: bool,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let address = config.listen.address.as_deref().context(
        "nothing listens: set address under [listen] in the configuration, or \
         FOOTNOTE__LISTEN__ADDRESS, to the same as for the bot",
    )?;
    let path = if arguments.ready { "/readyz" } else { "/livez" };
    let mut stdout = anstream::stdout();
    Ok(match ask(address, path) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => {
            writeln!(stdout, "ok")?;
            ExitCode::SUCCESS
        }
        Ok(answer) => {
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            writeln!(stdout, "no: {}", body.trim().escape_debug())?;
            ExitCode::from(super::NO)
        }
        Err(error) => {
            writeln!(stdout, "no: nobody answers on {address}: {error}")?;
            ExitCode::from(super::NO)
        }
    })
}

fn ask(address: &str, path: &str) -> std::io::Result<String> {
    let missing = || std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    let found = address.to_socket_addrs()?.next().ok_or_else(missing)?;
    let mut stream = TcpStream::connect_timeout(&reachable(found), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Who listens on all addresses is asked on this machine's own.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

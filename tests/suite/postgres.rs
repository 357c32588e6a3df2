//! A `PostgreSQL` server for tests: the one that `FOOTNOTE_TEST_POSTGRES` names,
//! else one of its own for each process, else none.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};

use crate::harness::root;

/// The password in the URL of a server that [`server`] has started.
pub(crate) const PASSWORD: &str = "hunter2-canary";

struct Server {
    url: String,
    /// Its standard input is closed with this process, whatever ends that, which
    /// ends the server.
    _running: Option<Child>,
}

/// The URL of a server that tests may make databases on. Without one it says so,
/// and the test has nothing to do.
pub(crate) fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        if let Some(url) = std::env::var_os("FOOTNOTE_TEST_POSTGRES") {
            return Some(Server {
                url: url.into_string().unwrap(),
                _running: None,
            });
        }
        let (child, _, url) = launch(&[])?;
        Some(Server {
            url,
            _running: Some(child),
        })
    });
    if server.is_none() {
        say_skipped();
    }
    server.as_ref().map(|server| server.url.as_str())
}

/// A server that nobody else uses, to be stopped and started. It ends when this
/// is dropped.
pub(crate) struct Own {
    pub(crate) url: String,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _running: Child,
}

impl Own {
    /// Starts one. Where no `PostgreSQL` is installed it says so.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// One that takes encrypted connections only. Its certificate is checked
    /// against an authority that the URL names.
    pub(crate) fn start_encrypted() -> Option<Self> {
        Self::start_with(&["tls"])
    }

    fn start_with(arguments: &[&str]) -> Option<Self> {
        let Some((mut child, answers, url)) = launch(arguments) else {
            say_skipped();
            return None;
        };
        Some(Self {
            url,
            orders: child.stdin.take().unwrap(),
            answers,
            _running: child,
        })
    }

    /// Ends it as a crash does; what was committed is still there afterwards.
    pub(crate) fn stop(&mut self) {
        self.order("stop");
    }

    /// Starts it again, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "done", "{order}");
    }
}

/// Starts a server, where there is one.
fn launch(arguments: &[&str]) -> Option<(Child, BufReader<ChildStdout>, String)> {
    let mut child = Command::new(root(".ci/postgres"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    let url = line.trim().to_owned();
    (!url.is_empty()).then_some((child, answers, url))
}

fn say_skipped() {
    #[expect(clippy::print_stdout, reason = "whoever runs the tests should know")]
    {
        println!("skipped: there is no PostgreSQL here (apt-get install postgresql openssl)");
    }
}

/// A new, empty database.
pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
    server: String,
}

impl Database {
    /// Makes one, where there is a server.
    pub(crate) async fn create() -> Option<Self> {
        Some(Self::create_on(server()?).await)
    }

    /// Makes one on a server.
    pub(crate) async fn create_on(server: &str) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("footnote_test_{}_{number}", std::process::id());
        on_server(server, format!("CREATE DATABASE {name}")).await;
        let url = server.rsplit_once('/').unwrap().0;
        Self {
            url: format!("{url}/{name}"),
            name,
            server: server.to_owned(),
        }
    }

    /// Sets something for those who connect from now on, and ends all connections.
    pub(crate) async fn set(&self, setting: &str) {
        let name = &self.name;
        let statement = format!("ALTER DATABASE {name} {setting}");
        on_server(&self.server, statement).await;
        let statement = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        on_server(&self.server, statement).await;
    }

    /// A connection of somebody else.
    pub(crate) async fn connect(&self) -> PgConnection {
        connect(&self.url).await
    }

    /// Removes it, whoever uses it. After a test that failed it stays.
    pub(crate) async fn remove(self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        on_server(&self.server, statement).await;
    }
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}

async fn on_server(server: &str, statement: String) {
    let mut connection = connect(server).await;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
}

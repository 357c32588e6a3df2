//! A `PostgreSQL` server for tests: the one that `FOOTNOTE_TEST_POSTGRES` names,
//! else one of its own for each process, else none.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
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
        let mut child = Command::new(root(".ci/postgres"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().to_owned();
        (!url.is_empty()).then(|| Server {
            url,
            _running: Some(child),
        })
    });
    if server.is_none() {
        #[expect(clippy::print_stdout, reason = "whoever runs the tests should know")]
        {
            println!("skipped: there is no PostgreSQL here (apt-get install postgresql)");
        }
    }
    server.as_ref().map(|server| server.url.as_str())
}

/// A new, empty database.
pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
}

impl Database {
    /// Makes one, where there is a server.
    pub(crate) async fn create() -> Option<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let server = server()?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("footnote_test_{}_{number}", std::process::id());
        on_server(format!("CREATE DATABASE {name}")).await;
        let url = server.rsplit_once('/').unwrap().0;
        Some(Self {
            url: format!("{url}/{name}"),
            name,
        })
    }

    /// A connection of somebody else.
    pub(crate) async fn connect(&self) -> PgConnection {
        connect(&self.url).await
    }

    /// Removes it, whoever uses it. After a test that failed it stays.
    pub(crate) async fn remove(self) {
        on_server(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}

async fn on_server(statement: String) {
    let mut connection = connect(server().unwrap()).await;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
}

//! Starting and ending the executable, and what it prints.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Owner's key in the environment of every server.
pub const OWNER_KEY: &str = "it-owner-3f9c1b7a5e2d4c6b8a";
/// Agent's key in the environment of every server.
pub const AGENT_KEY: &str = "it-agent-8d2e6f4c0b9a7e5d3c";

/// A first start trains the assistant, and two tests share two cores with it.
const START_WITHIN: Duration = Duration::from_secs(120);
/// The server itself gives requests under way 10 s.
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// For commands that do their work and end.
const COMMAND_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at a condition.
pub const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The folder of this test run; those of earlier runs, whose process is gone, are removed.
pub fn run_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for entry in fs::read_dir(base).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            if let Some(pid) = name.strip_prefix("it-run-")
                && !Path::new("/proc").join(pid).exists()
            {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let folder = base.join(format!("it-run-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    })
}

/// Where the servers of this run note their SQL statements.
pub fn statements_file() -> PathBuf {
    run_folder().join("statements.jsonl")
}

/// An empty folder that goes with the test.
pub fn empty_folder() -> TempDir {
    // As the server makes it: tempfile leaves it to the umask.
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    tempfile::Builder::new()
        .prefix("data-")
        .permissions(private)
        .tempdir_in(run_folder())
        .unwrap()
}

/// A folder as the first start leaves it, for this test alone.
pub fn data_folder() -> TempDir {
    let folder = empty_folder();
    copy_prepared(folder.path());
    folder
}

/// Copies what the first start left; the trained model, which is never written in place, by a link where possible.
pub fn copy_prepared(to: &Path) {
    copy_folder(prepared(), to);
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let name = from.file_name().unwrap();
        let to = to.join(name);
        if from.is_dir() {
            fs::create_dir(&to).unwrap();
            copy_folder(&from, &to);
        } else if name != "novahouse.lock"
            && (name != "nlu-model.bin" || fs::hard_link(&from, &to).is_err())
        {
            fs::copy(&from, &to).unwrap();
        }
    }
}

fn prepared() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = run_folder().join("prepared");
        let mut first = Process::spawn(serve(&folder, &[]));
        first.wait_until_it_listens();
        assert!(
            first.stop().success(),
            "the first start did not end well: {}",
            first.log()
        );
        folder
    })
}

/// The executable with arguments and without the developer's environment; `.env` is looked for in an empty folder.
pub fn novahouse(arguments: &[&str]) -> Command {
    static NOWHERE: OnceLock<PathBuf> = OnceLock::new();
    let nowhere = NOWHERE.get_or_init(|| {
        let folder = run_folder().join("nowhere");
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_novahouse"));
    command.args(arguments).current_dir(nowhere).env_clear();
    for name in ["PATH", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What makes a server live so many seconds ahead.
pub fn clock_ahead(by_s: i64) -> [(&'static str, String); 3] {
    let library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
        .map(|machine| format!("/usr/lib/{machine}/faketime/libfaketime.so.1"))
        .into_iter()
        .find(|path| Path::new(path).exists())
        .expect("libfaketime (install.sh says which packages tests need)");
    [
        ("LD_PRELOAD", library),
        ("FAKETIME", format!("+{by_s}s")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}

/// `novahouse serve` on a free port with the keys above, without rate limits unless `env` says otherwise.
pub fn serve(data: &Path, env: &[(&str, &str)]) -> Command {
    let mut command = novahouse(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command
        .arg(data)
        .env("RATE_LIMITS", "off")
        .env("ADMIN_API_KEY", OWNER_KEY)
        .env("API_KEY", AGENT_KEY)
        .env("NOVAHOUSE_SQL_LOG_FILE", statements_file())
        .envs(env.iter().copied());
    command
}

/// What a command printed and how it ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end, with `input` on its standard input.
pub fn run(mut command: Command, input: &[u8]) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = slurp(child.stdout.take().unwrap());
    let stderr = slurp(child.stderr.take().unwrap());
    // A command that ends without reading its input closes the pipe; that is no failure.
    let _ = child.stdin.take().unwrap().write_all(input);
    let status = wait_for_end(&mut child, COMMAND_WITHIN);
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    let Some(status) = status else {
        panic!("{command:?} did not end in time: {stdout}{stderr}");
    };
    Ended {
        status,
        stdout,
        stderr,
    }
}

fn slurp(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait_for_end(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Sends a signal by name, e.g. `TERM`.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status();
    assert!(
        sent.unwrap().success(),
        "SIG{name} could not be sent to {pid}"
    );
}

/// A running server and what it has printed so far. Dropping it ends it.
pub struct Process {
    child: Child,
    status: Option<ExitStatus>,
    stdout: Lines,
    stderr: Lines,
}

impl Process {
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = Lines::collect(child.stdout.take().unwrap());
        let stderr = Lines::collect(child.stderr.take().unwrap());
        Self {
            child,
            status: None,
            stdout,
            stderr,
        }
    }

    /// Waits for the line that tells the address, and gives the address.
    pub fn wait_until_it_listens(&mut self) -> String {
        let deadline = Instant::now() + START_WITHIN;
        loop {
            let printed = self.stdout();
            let address = printed
                .lines()
                .find_map(|line| line.strip_prefix("listening on "));
            if let Some(address) = address {
                return address.trim().to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "the server ended instead of serving: {}",
                self.log()
            );
            assert!(
                Instant::now() < deadline,
                "the server did not start: {}",
                self.log()
            );
            std::thread::sleep(LOOK_EVERY);
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// The log: everything on standard error.
    pub fn log(&self) -> String {
        self.stderr.text()
    }

    pub fn is_running(&mut self) -> bool {
        self.status.is_none() && self.child.try_wait().unwrap().is_none()
    }

    /// SIGTERM, then waits; the log is whole afterwards.
    pub fn stop(&mut self) -> ExitStatus {
        if self.status.is_none() {
            if self.child.try_wait().unwrap().is_none() {
                signal(self.child.id(), "TERM");
            }
            return self.wait();
        }
        self.status.unwrap()
    }

    /// Waits for a server that was told to stop.
    pub fn wait(&mut self) -> ExitStatus {
        let ended = wait_for_end(&mut self.child, STOP_WITHIN);
        let was_late = ended.is_none();
        let status = ended.unwrap_or_else(|| self.kill());
        self.finish(status);
        assert!(
            !was_late,
            "the server did not stop when told: {}",
            self.log()
        );
        status
    }

    /// SIGKILL.
    pub fn kill_9(&mut self) {
        let status = self.kill();
        self.finish(status);
    }

    fn kill(&mut self) -> ExitStatus {
        let _ = self.child.kill();
        self.child.wait().unwrap()
    }

    fn finish(&mut self, status: ExitStatus) {
        self.status = Some(status);
        self.stdout.finish();
        self.stderr.finish();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status.is_some() {
            return;
        }
        // Not `stop`: a second panic while a test is failing would hide the first.
        let _ = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status();
        if wait_for_end(&mut self.child, STOP_WITHIN).is_none() {
            self.kill();
        }
    }
}

/// Lines of a pipe, read by a thread of their own so that the server never waits for us.
struct Lines {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    fn collect(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                sink.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        Self {
            text,
            reader: Some(reader),
        }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

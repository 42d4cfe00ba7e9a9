//! The server under load: the real executable on a free port of loopback.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Failure;

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_novahouse");
/// Its log, in its data folder.
const LOG: &str = "load.log";
/// A key that may do everything.
pub(crate) const OWNER_KEY: &str = "the-key-of-the-load-command";

pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Result<Self, Failure> {
        Self::start_with(folder, &[])
    }

    /// The same with more in the environment.
    pub(crate) fn start_with(folder: &Path, env: &[(&str, &str)]) -> Result<Self, Failure> {
        let log = folder.join(LOG);
        let mut child = Command::new(EXECUTABLE)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("RATE_LIMITS", "off")
            .env("ADMIN_API_KEY", OWNER_KEY)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                return Ok(Self {
                    address: address.parse()?,
                    child,
                    log,
                });
            }
        }
        Err("the server ended before it listened".into())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What lines of its log with these words say of `took_ms`, oldest first.
    pub(crate) fn logged_ms(&self, words: &str) -> Result<Vec<u64>, Failure> {
        let log = std::fs::read_to_string(&self.log)?;
        let lines = log.lines().filter(|line| line.contains(words));
        let took = lines.filter_map(|line| line.split("took_ms=").nth(1)?.split(' ').next());
        Ok(took.map(str::parse).collect::<Result<_, _>>()?)
    }

    /// Memory the process holds.
    pub(crate) fn resident_bytes(&self) -> Result<u64, Failure> {
        self.status_bytes("VmRSS:")
    }

    /// The same without pages of files, which the kernel takes back whenever others need room.
    pub(crate) fn own_bytes(&self) -> Result<u64, Failure> {
        self.status_bytes("RssAnon:")
    }

    fn status_bytes(&self, field: &str) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix(field))
            .and_then(|text| text.trim().strip_suffix("kB"))
            .ok_or("no such field")?;
        Ok(kib.trim().parse::<u64>()? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A data folder with the built-in company and its trained model.
pub(crate) fn prepared_folder() -> Result<tempfile::TempDir, Failure> {
    let folder = tempfile::tempdir()?;
    drop(Server::start(folder.path())?);
    Ok(folder)
}

pub(crate) fn executable_bytes() -> Result<u64, Failure> {
    Ok(std::fs::metadata(EXECUTABLE)?.len())
}

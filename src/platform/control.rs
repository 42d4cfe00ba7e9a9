//! Commands to a running server, over a Unix socket in its data folder: one line of JSON there, one line back.
//!
//! The file has mode 0600 in a folder of mode 0700, and the server also asks the system who calls: nobody but its own
//! user and root is answered.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

/// The socket in the data folder.
const SOCKET_FILE: &str = "control.sock";
/// Longest line either side takes.
const LINE_MAX_BYTES: u64 = 64 * 1024;
/// Time for a line to arrive or to be taken.
const LINE_WITHIN: Duration = Duration::from_secs(5);
/// Time the caller waits for a command to be done, which may have to wait for a server that is still starting.
const DONE_WITHIN: Duration = Duration::from_secs(60);
/// Commands at once; more wait.
const AT_ONCE: u32 = 4;
/// Time for commands under way to finish once the server is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// How a command ended, for people: what to print, or why it failed.
pub type Outcome = Result<String, String>;

/// The server's end, open from the lock of the folder to its release.
pub struct ControlSocket {
    listener: UnixListener,
    file: SocketFile,
}

impl ControlSocket {
    /// Opens the socket (0600) in `folder`, whose lock the caller holds: one that is there was left by a crash and is
    /// replaced.
    ///
    /// Errors: the folder cannot be written.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let file = SocketFile {
            folder: File::open(folder)?,
        };
        let new = within(&file.folder, "control.sock.new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&new)?;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        fs::rename(&new, file.path())?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, file })
    }

    /// Answers until `stop` resolves, lets the commands under way finish and removes the socket.
    ///
    /// * `run`: does one command; called on a thread where it may block.
    pub async fn serve<C, F>(self, run: F, stop: impl Future<Output = ()>) -> io::Result<()>
    where
        C: DeserializeOwned + Send + 'static,
        F: Fn(C) -> Outcome + Send + Sync + 'static,
    {
        let our_uid = fs::metadata(self.file.path())?.uid();
        let listener = tokio::net::UnixListener::from_std(self.listener)?;
        let run = Arc::new(run);
        let slots = Arc::new(Semaphore::new(AT_ONCE as usize));
        let mut stop = std::pin::pin!(stop);
        loop {
            let next = async {
                let slot = Arc::clone(&slots).acquire_owned().await;
                (slot, listener.accept().await)
            };
            let (slot, accepted) = tokio::select! {
                next = next => next,
                () = &mut stop => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors: taking a breath lets others close theirs.
                    tracing::warn!(%error, "could not accept a command");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            let run = Arc::clone(&run);
            tokio::spawn(async move {
                if let Err(error) = answer(stream, our_uid, run).await {
                    tracing::warn!(%error, "a command's answer was not taken");
                }
                drop(slot);
            });
        }
        drop(listener);
        let _ = tokio::time::timeout(STOP_WITHIN, slots.acquire_many(AT_ONCE)).await;
        Ok(())
    }
}

/// Reads a command, has it done and tells how it ended.
async fn answer<C, F>(stream: tokio::net::UnixStream, our_uid: u32, run: Arc<F>) -> io::Result<()>
where
    C: DeserializeOwned + Send + 'static,
    F: Fn(C) -> Outcome + Send + Sync + 'static,
{
    let uid = stream.peer_cred()?.uid();
    if uid != our_uid && uid != 0 {
        tracing::warn!(uid, "refused a command from another user");
        return Ok(());
    }
    let (reader, mut writer) = stream.into_split();
    let mut reader = tokio::io::BufReader::new(reader.take(LINE_MAX_BYTES));
    let mut line = Vec::new();
    tokio::time::timeout(LINE_WITHIN, reader.read_until(b'\n', &mut line)).await??;
    let outcome = match serde_json::from_slice(&line) {
        Ok(command) => {
            tracing::info!(uid, "a command from the command line");
            tokio::task::spawn_blocking(move || run(command))
                .await
                .unwrap_or_else(|_| Err("the command broke down; the log says how".into()))
        }
        Err(_) => Err("the server does not know this command; is it of the same version?".into()),
    };
    let mut line = serde_json::to_vec(&outcome)?;
    line.push(b'\n');
    tokio::time::timeout(LINE_WITHIN, writer.write_all(&line)).await??;
    Ok(())
}

/// Has the server that holds `folder` do a command (blocking); `None` when no server listens there.
///
/// Errors: the socket is not ours, or no answer came in time.
pub fn ask<C: Serialize>(folder: &Path, command: &C) -> io::Result<Option<Outcome>> {
    let folder = File::open(folder)?;
    let mut stream = match UnixStream::connect(within(&folder, SOCKET_FILE)) {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
                _ => Err(error),
            };
        }
    };
    stream.set_write_timeout(Some(LINE_WITHIN))?;
    stream.set_read_timeout(Some(DONE_WITHIN))?;
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(LINE_MAX_BYTES)).read_until(b'\n', &mut answer)?;
    Ok(Some(serde_json::from_slice(&answer)?))
}

/// A file's path by way of the opened folder: a socket's address holds 107 bytes, and a data folder's path may be
/// longer.
fn within(folder: &File, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()))
}

/// Removes the socket when it is dropped.
struct SocketFile {
    folder: File,
}

impl SocketFile {
    fn path(&self) -> PathBuf {
        within(&self.folder, SOCKET_FILE)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(self.path()) {
            tracing::warn!(%error, "the control socket was not removed");
        }
    }
}

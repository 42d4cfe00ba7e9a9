//! A real malware scanner for tests: Debian's `clamd` with one signature of our own.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::Process;
use crate::support::until_now;

const CLAMD: &str = "/usr/sbin/clamd";
/// What clamd says of a content that holds [`eicar`]; signatures of one's own are marked so.
pub const SIGNATURE: &str = "NovaHouse.Test.Eicar.UNOFFICIAL";

/// The harmless text that scanners agreed to find (eicar.org), in halves here so that none finds this file.
pub fn eicar() -> Vec<u8> {
    [
        r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-",
        r"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    ]
    .concat()
    .into_bytes()
}

/// A running clamd on a socket in its folder; ended when dropped.
pub struct Clamd {
    process: Process,
    /// Removed after the process has ended, which stands above.
    folder: TempDir,
}

impl Clamd {
    /// One that finds [`eicar`] anywhere in any file and nothing else.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same with more lines in its clamd.conf.
    pub fn start_with(settings: &str) -> Self {
        assert!(
            Path::new(CLAMD).exists(),
            "clamd is not installed; apt-get install clamav-daemon"
        );
        // A socket's path must be short, which the folder of this run may not be.
        let folder = tempfile::Builder::new()
            .prefix("novahouse-clamd-")
            .tempdir_in("/tmp")
            .unwrap();
        let path = folder.path().display();
        let hex = data_encoding::HEXLOWER.encode(&eicar());
        // Name, kind of file (0: any), offset (*: anywhere), content.
        let signature = format!("NovaHouse.Test.Eicar:0:*:{hex}\n");
        fs::create_dir(folder.path().join("signatures")).unwrap();
        fs::write(folder.path().join("signatures/novahouse.ndb"), signature).unwrap();
        let conf = format!(
            "Foreground yes\nLocalSocket {path}/clamd.ctl\nDatabaseDirectory {path}/signatures\n\
             TemporaryDirectory {path}\n{settings}\n"
        );
        fs::write(folder.path().join("clamd.conf"), conf).unwrap();
        let mut command = Command::new(CLAMD);
        command
            .arg("--config-file")
            .arg(folder.path().join("clamd.conf"));
        let mut process = Process::spawn(command);
        let socket = folder.path().join("clamd.ctl");
        until_now("clamd listens", || {
            assert!(
                process.is_running(),
                "{}{}",
                process.stdout(),
                process.log()
            );
            UnixStream::connect(&socket).is_ok()
        });
        Self { process, folder }
    }

    /// For the setting `clamd_address`.
    pub fn address(&self) -> String {
        format!("unix:{}/clamd.ctl", self.folder.path().display())
    }

    /// Ends it; nobody listens at the address any more.
    pub fn kill_9(&mut self) {
        self.process.kill_9();
    }
}

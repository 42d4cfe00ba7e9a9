//! What the scanner's client makes of a clamd that answers, hangs, cuts and lies. A real one is in tests/it/scanner.rs.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener};

use super::*;

/// How the other side behaves after it was asked.
#[derive(Clone, Copy)]
enum Manner {
    /// Reads everything, then replies so.
    Replies(&'static [u8]),
    /// Replies so when the content has only begun, and closes.
    RepliesEarly(&'static [u8]),
    /// Reads everything and says nothing.
    Hangs,
    /// Closes as soon as it was reached.
    Closes,
}

/// A clamd of our own on a socket in a folder of its own.
struct Fake {
    folder: TempDir,
    contents: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Fake {
    fn start(manner: Manner) -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join("clamd.ctl")).unwrap();
        let contents = Arc::default();
        let seen = Arc::clone(&contents);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    // The client may be gone before all was said; that is its test's matter.
                    let _ = serve(stream, manner, &seen).await;
                });
            }
        });
        Self { folder, contents }
    }

    fn scanner(&self) -> Scanner {
        at(&self.folder.path().join("clamd.ctl"))
    }

    fn contents(&self) -> Vec<Vec<u8>> {
        self.contents.lock().unwrap().clone()
    }
}

fn at(path: &Path) -> Scanner {
    Scanner::new(ClamdAddress::Unix(path.to_owned()), ClamdDown::Refuse)
}

/// One connection of the other side, read as clamd reads it.
async fn serve(
    stream: UnixStream,
    manner: Manner,
    contents: &Mutex<Vec<Vec<u8>>>,
) -> io::Result<()> {
    if matches!(manner, Manner::Closes) {
        return Ok(());
    }
    let mut stream = BufReader::new(stream);
    let mut command = Vec::new();
    stream.read_until(0, &mut command).await?;
    if command == b"zINSTREAM\0" {
        if let Manner::RepliesEarly(reply) = manner {
            return stream.write_all(reply).await;
        }
        let mut content = Vec::new();
        loop {
            let length = stream.read_u32().await?;
            if length == 0 {
                break;
            }
            let mut piece = vec![0; length as usize];
            stream.read_exact(&mut piece).await?;
            content.extend(piece);
        }
        contents.lock().unwrap().push(content);
    }
    match manner {
        Manner::Replies(reply) => stream.write_all(reply).await,
        _ => stream.read_u8().await.map(drop), // until the client goes
    }
}

#[tokio::test]
async fn the_whole_content_arrives_in_pieces_and_the_verdict_comes_back() {
    let clean = Fake::start(Manner::Replies(b"stream: OK\0"));
    let long: Vec<u8> = (0..200_001_u32).map(|at| (at % 253) as u8).collect();
    for content in [&long[..], b"", b"x", &long[..PIECE_BYTES]] {
        assert_eq!(clean.scanner().scan(content).await, Ok(Verdict::Clean));
        assert_eq!(clean.contents().last().unwrap(), content);
    }
    let infected = Fake::start(Manner::Replies(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"));
    assert_eq!(
        infected.scanner().scan(&long).await,
        Ok(Verdict::Infected("Win.Test.EICAR_HDB-1".into()))
    );
}

#[tokio::test]
async fn over_tcp_it_is_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = vec![0; b"zINSTREAM\0\0\0\0\x01x\0\0\0\0".len()];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(command, b"zINSTREAM\0\0\0\0\x01x\0\0\0\0");
            stream.write_all(b"stream: OK\0").await.unwrap();
        }
    });
    let address = ClamdAddress::Tcp("localhost".into(), port);
    let scanner = Scanner::new(address, ClamdDown::Refuse);
    assert_eq!(scanner.scan(b"x").await, Ok(Verdict::Clean));
}

#[tokio::test]
async fn clean_is_believed_only_for_a_whole_content_and_in_a_whole_reply() {
    let long = vec![7; 4 << 20];
    let early = Fake::start(Manner::RepliesEarly(b"stream: OK\0"));
    assert_eq!(early.scanner().scan(&long).await, Err(ScanError::Broken));
    for cut in [&b"stream: OK"[..], b"stream: O", b""] {
        let cut = Fake::start(Manner::Replies(cut));
        assert_eq!(cut.scanner().scan(b"x").await, Err(ScanError::Broken));
    }
    let closes = Fake::start(Manner::Closes);
    assert_eq!(closes.scanner().scan(&long).await, Err(ScanError::Broken));
    let limit = Fake::start(Manner::RepliesEarly(
        b"INSTREAM size limit exceeded. ERROR\0",
    ));
    assert_eq!(limit.scanner().scan(&long).await, Err(ScanError::TooLarge));
}

#[tokio::test]
async fn what_is_no_reply_of_clamd_is_no_verdict() {
    static ENDLESS: [u8; 100_000] = [b'a'; 100_000];
    for reply in [
        &b"OK\0"[..],
        b"stream: ok\0",
        b"stream: OK \0",
        b"stream: OK\n\0",
        b"stream: FOUND\0",
        b"stream: x FOUND it\0",
        b"HTTP/1.1 200 OK\r\n\r\n\0",
        b"\0",
        b"\xff\xfe\0",
        &ENDLESS,
    ] {
        let liar = Fake::start(Manner::Replies(reply));
        assert_eq!(
            liar.scanner().scan(b"x").await,
            Err(ScanError::Protocol),
            "{:?}",
            String::from_utf8_lossy(&reply[..reply.len().min(40)])
        );
    }
    let failing = Fake::start(Manner::Replies(b"stream: Can't allocate\nmemory ERROR\0"));
    assert_eq!(
        failing.scanner().scan(b"x").await,
        Err(ScanError::Failed("stream: Can't allocate memory".into()))
    );
}

#[tokio::test]
async fn a_scanner_that_hangs_is_given_up() {
    let hanging = Fake::start(Manner::Hangs);
    let mut scanner = hanging.scanner();
    scanner.limits = Limits {
        scan_within: Duration::from_millis(50),
        ping_within: Duration::from_millis(50),
    };
    assert_eq!(scanner.scan(b"x").await, Err(ScanError::Timeout));
    assert_eq!(scanner.ping().await, Err(ScanError::Timeout));
    let waiting = std::iter::repeat_with(|| scanner.scan(b"x")).take(2 * AT_ONCE);
    for outcome in futures_util::future::join_all(waiting).await {
        assert_eq!(outcome, Err(ScanError::Timeout), "also while it waits");
    }
}

#[tokio::test]
async fn four_scans_run_at_once_and_the_others_wait_for_their_turn() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let path = folder.path().join("clamd.ctl");
    let listener = UnixListener::bind(&path).unwrap();
    let unanswered_most = Arc::new(AtomicUsize::new(0));
    let most = Arc::clone(&unanswered_most);
    tokio::spawn(async move {
        let unanswered = Arc::new(AtomicUsize::new(0));
        let four = Arc::new(tokio::sync::Barrier::new(AT_ONCE));
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            most.fetch_max(
                unanswered.fetch_add(1, Ordering::SeqCst) + 1,
                Ordering::SeqCst,
            );
            let (unanswered, four) = (Arc::clone(&unanswered), Arc::clone(&four));
            tokio::spawn(async move {
                let mut command = vec![0; b"zINSTREAM\0\0\0\0\x01x\0\0\0\0".len()];
                stream.read_exact(&mut command).await.unwrap();
                four.wait().await; // forever, were there fewer at once
                unanswered.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(b"stream: OK\0").await.unwrap();
            });
        }
    });
    let scanner = at(&path);
    let scans = std::iter::repeat_with(|| scanner.scan(b"x")).take(10 * AT_ONCE);
    for outcome in futures_util::future::join_all(scans).await {
        assert_eq!(outcome, Ok(Verdict::Clean));
    }
    assert_eq!(unanswered_most.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_apart_from_a_scanner_that_fails() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let nobody = at(&folder.path().join("nobody"));
    assert!(matches!(
        nobody.scan(b"x").await,
        Err(ScanError::Unreachable(_))
    ));
    assert!(matches!(
        nobody.ping().await,
        Err(ScanError::Unreachable(_))
    ));
    assert!(matches!(
        nobody.admit(b"x").await,
        Admission::Refused(ScanError::Unreachable(_))
    ));
}

#[tokio::test]
async fn a_ping_wants_a_pong() {
    for (reply, outcome) in [
        (&b"PONG\0"[..], Ok("PONG".to_owned())), // it is what this one answers to VERSION too
        (b"PENG\0", Err(ScanError::Protocol)),
        (b"PONG", Err(ScanError::Broken)),
    ] {
        let fake = Fake::start(Manner::Replies(reply));
        assert_eq!(fake.scanner().ping().await, outcome);
    }
}

#[test]
fn a_file_that_was_shown_and_not_judged_is_refused_whatever_holds_while_the_scanner_is_down() {
    let down = [
        ScanError::Unreachable("refused".into()),
        ScanError::Timeout,
        ScanError::Broken,
        ScanError::Protocol,
    ];
    let unjudged = [ScanError::TooLarge, ScanError::Failed("x".into())];
    for error in &down {
        assert_eq!(
            admission(Err(error.clone()), ClamdDown::Accept),
            Admission::Unscanned(error.clone())
        );
    }
    for error in &unjudged {
        assert_eq!(
            admission(Err(error.clone()), ClamdDown::Accept),
            Admission::Refused(error.clone())
        );
    }
    for error in down.into_iter().chain(unjudged) {
        assert_eq!(
            admission(Err(error.clone()), ClamdDown::Refuse),
            Admission::Refused(error)
        );
    }
    for when_down in [ClamdDown::Accept, ClamdDown::Refuse] {
        assert_eq!(
            admission(Ok(Verdict::Infected("x".into())), when_down),
            Admission::Infected("x".into())
        );
        assert_eq!(admission(Ok(Verdict::Clean), when_down), Admission::Clean);
    }
}

proptest! {
    #[test]
    fn only_one_reply_means_clean_and_names_are_one_short_line(reply in "(stream: )?[ -~\n\u{e9}]{0,300}( FOUND| ERROR|OK)?") {
        match verdict(&reply) {
            Ok(Verdict::Clean) => prop_assert_eq!(reply, "stream: OK"),
            Ok(Verdict::Infected(told)) | Err(ScanError::Failed(told)) => {
                prop_assert!(told.chars().count() <= TOLD_MAX_CHARS && !told.contains(char::is_control));
            }
            Err(_) => {}
        }
    }
}

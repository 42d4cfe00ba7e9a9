use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::super::model::{Attachment, Calendar, HeaderText, Person, UnsubscribeUrl};
use super::*;
use crate::config::Secret;

/// A mail server that says what it is told: `replies` by the beginning of the command (`.` is the end of a letter),
/// else what a willing server says. No reply at all to a command whose reply is empty; `close` closes.
#[derive(Clone, Default)]
struct Script {
    replies: Vec<(&'static str, &'static str)>,
    heard: Arc<Mutex<Vec<String>>>,
    letters: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Script {
    fn saying(replies: &[(&'static str, &'static str)]) -> Self {
        Self {
            replies: replies.to_vec(),
            ..Self::default()
        }
    }

    async fn start(&self) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = self.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                *script.connections.lock().unwrap() += 1;
                tokio::spawn(script.clone().serve(stream));
            }
        });
        port
    }

    async fn serve(self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut says = "hello".to_owned();
        loop {
            let reply = self
                .replies
                .iter()
                .find(|(start, _)| says.starts_with(start));
            match reply.map(|(_, reply)| *reply) {
                Some("") => std::future::pending().await,
                Some("close") => return None,
                Some(reply) => write
                    .write_all(format!("{reply}\r\n").as_bytes())
                    .await
                    .ok()?,
                None => write.write_all(willing(&says).as_bytes()).await.ok()?,
            }
            let is_data = says == "DATA" && reply.is_none();
            says = if is_data {
                let mut letter = Vec::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    letter.push(line);
                }
                self.letters.lock().unwrap().push(letter.join("\n"));
                ".".to_owned()
            } else {
                lines.next_line().await.ok()??
            };
            self.heard.lock().unwrap().push(says.clone());
        }
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

fn willing(says: &str) -> &'static str {
    match says {
        "hello" => "220 ready\r\n",
        "DATA" => "354 go on\r\n",
        _ if says.starts_with("EHLO") => "250-willing\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
        _ if says.starts_with("AUTH") => "235 2.7.0 welcome\r\n",
        _ => "250 2.0.0 fine\r\n",
    }
}

/// Long enough on a busy machine.
const PATIENT: Duration = Duration::from_secs(20);
/// For servers that never answer.
const IMPATIENT: Duration = Duration::from_millis(200);

fn mailer(port: u16, tls: SmtpTls) -> Mailer {
    mailer_within(PATIENT, port, tls)
}

fn mailer_within(within: Duration, port: u16, tls: SmtpTls) -> Mailer {
    let password = Some(Secret::new("secret"));
    let from = "Company <office@example.com>";
    let settings = SmtpSettings::new("127.0.0.1", port, tls, Some("user"), password, from).unwrap();
    Mailer::sending_within(settings, within).unwrap()
}

fn letter() -> Mail {
    Mail {
        to: "Name <name@example.com>".parse().unwrap(),
        subject: HeaderText::clean("Zażółć\r\nBcc: x@example.com"),
        text: "Treść\n.\nkoniec".into(),
        html: "<p>Treść</p>".into(),
        reply_to: None,
        list_unsubscribe: None,
        key: "booking-1".into(),
        attachments: Vec::new(),
        calendar: None,
    }
}

async fn send_to(script: &Script) -> Result<Sent, SendError> {
    let port = script.start().await;
    mailer(port, SmtpTls::None).send(&letter()).await
}

fn is_temporary(result: &Result<Sent, SendError>) -> bool {
    matches!(result, Err(SendError::Temporary { .. }))
}

#[tokio::test]
async fn a_letter_arrives_whole_with_one_subject_and_the_same_id_each_time() {
    let script = Script::default();
    let mailer = mailer(script.start().await, SmtpTls::None);
    let first = mailer.send(&letter()).await.unwrap();
    let second = mailer.send(&letter()).await.unwrap();
    assert_eq!(first, second);
    assert!(first.message_id.ends_with("@example.com>"));
    assert_eq!(
        *script.connections.lock().unwrap(),
        1,
        "the connection is used again"
    );
    let letters = script.letters();
    assert_eq!(letters.len(), 2);
    let (head, body) = letters[0].split_once("\n\n").unwrap();
    assert!(head.contains(&format!("Message-ID: {}", first.message_id)));
    assert!(head.contains("Auto-Submitted: auto-generated"));
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    assert!(body.contains("text/plain") && body.contains("text/html"));
}

#[tokio::test]
async fn an_invitation_is_a_body_and_a_file_and_unsubscribing_takes_one_click() {
    let script = Script::default();
    let port = script.start().await;
    let mail = Mail {
        calendar: Calendar::new("BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n".to_owned()),
        attachments: vec![Attachment {
            name: HeaderText::clean("../a\"b\r\n.pdf"),
            content_type: "application/pdf".into(),
            bytes: vec![1, 2, 3],
        }],
        list_unsubscribe: UnsubscribeUrl::parse("https://example.com/u/1"),
        reply_to: Some("Agent <agent@example.com>".parse::<Person>().unwrap()),
        ..letter()
    };
    mailer(port, SmtpTls::None).send(&mail).await.unwrap();
    let letter = &script.letters()[0];
    assert_eq!(letter.matches("method=CANCEL").count(), 2, "{letter}");
    assert!(letter.contains("multipart/mixed") && letter.contains("multipart/alternative"));
    assert!(letter.contains("filename=\"invite.ics\""));
    assert!(letter.contains("filename=\".._a_b .pdf\""), "{letter}");
    assert!(letter.contains("List-Unsubscribe: <https://example.com/u/1>"));
    assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    assert!(
        letter.contains("Reply-To: Agent <agent@example.com>"),
        "{letter}"
    );
}

#[tokio::test]
async fn a_media_type_cannot_bring_a_header_in() {
    let script = Script::default();
    let attachment = Attachment {
        name: HeaderText::clean("a"),
        content_type: "text/plain; x=\"\r\nBcc: x@example.com\"".into(),
        bytes: Vec::new(),
    };
    let mail = Mail {
        attachments: vec![attachment],
        ..letter()
    };
    let sent = mailer(script.start().await, SmtpTls::None)
        .send(&mail)
        .await;
    assert!(matches!(sent, Err(SendError::Permanent { .. })));
}

#[tokio::test]
async fn a_refusal_for_good_is_permanent_and_names_the_codes_alone() {
    for at in ["RCPT", "DATA", "."] {
        let script = Script::saying(&[(at, "550 5.1.1 name@example.com: no such user")]);
        let error = send_to(&script).await.unwrap_err();
        let expected = SendError::permanent("the mail server answers 550 5.1.1");
        assert_eq!(error, expected, "{at}");
    }
}

#[tokio::test]
async fn greylisting_and_being_busy_are_temporary() {
    for (at, reply) in [
        ("RCPT", "451 4.7.1 come back in 5 minutes"),
        ("MAIL", "421 too busy"),
        (".", "452 4.3.1 disk full"),
        ("hello", "554 not you"),
        ("AUTH", "535 5.7.8 wrong password"),
        ("MAIL", "530 5.7.0 sign in first"),
    ] {
        let sent = send_to(&Script::saying(&[(at, reply)])).await;
        assert!(is_temporary(&sent), "{at}: {sent:?}");
    }
}

#[tokio::test]
async fn a_server_that_closes_or_stays_silent_is_temporary() {
    for at in ["hello", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for (reply, within) in [("", IMPATIENT), ("close", PATIENT), ("nonsense", PATIENT)] {
            let port = Script::saying(&[(at, reply)]).start().await;
            let mailer = mailer_within(within, port, SmtpTls::None);
            let sent = mailer.send(&letter()).await;
            assert!(is_temporary(&sent), "{at} {reply:?}: {sent:?}");
        }
    }
    let nobody = mailer(1, SmtpTls::None).send(&letter()).await;
    assert!(is_temporary(&nobody));
}

#[tokio::test]
async fn a_connection_whose_answer_is_late_is_never_used_again() {
    let script = Script::saying(&[(".", "")]);
    let mailer = mailer_within(IMPATIENT, script.start().await, SmtpTls::None);
    for _ in 0..3 {
        assert!(is_temporary(&mailer.send(&letter()).await));
    }
    assert_eq!(*script.connections.lock().unwrap(), 3);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced() {
    let script = Script::saying(&[("NOOP", "close")]);
    let mailer = mailer(script.start().await, SmtpTls::None);
    for _ in 0..3 {
        mailer.send(&letter()).await.unwrap();
    }
    assert_eq!(*script.connections.lock().unwrap(), 3);
}

#[tokio::test]
async fn without_starttls_neither_password_nor_letter_is_said() {
    let script = Script::default();
    let port = script.start().await;
    let sent = mailer(port, SmtpTls::StartTls).send(&letter()).await;
    assert!(is_temporary(&sent), "{sent:?}");
    let heard = script.heard.lock().unwrap().clone();
    assert!(
        heard
            .iter()
            .all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn an_address_the_server_cannot_take_is_permanent() {
    let mail = Mail {
        to: "żółw@example.com".parse().unwrap(),
        ..letter()
    };
    let script = Script::default();
    let sent = mailer(script.start().await, SmtpTls::None)
        .send(&mail)
        .await;
    assert!(matches!(sent, Err(SendError::Permanent { .. })), "{sent:?}");
}

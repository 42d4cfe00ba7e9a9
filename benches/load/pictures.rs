//! Uploads beside chat: what they cost in memory, and how long chat waits meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::photo;
use crate::server::{self, Server};
use crate::{Failure, MEASURE, WARM_UP, chat_turn, http_client, print_rate, report};

/// Visitors who send photos, one after another.
const SENDERS: usize = 20;
/// Visitors who chat meanwhile.
const CLIENTS: usize = 16;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Sends photos of 12 megapixels and chats at the same time.
pub(crate) async fn run() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let server = Server::start(folder.path())?;
    let upload: Arc<[u8]> = upload(&photo::jpeg()?).into();
    let is_over = AtomicBool::new(false);
    let load = async {
        let uploads = http_client::run(server.address(), SENDERS, WARM_UP, MEASURE, move |_, _| {
            Arc::clone(&upload)
        });
        let chat = http_client::run(server.address(), CLIENTS, WARM_UP, MEASURE, chat_turn);
        let both = tokio::join!(uploads, chat);
        is_over.store(true, Ordering::Relaxed);
        both
    };
    let watch = async {
        let mut peak_bytes = 0;
        while !is_over.load(Ordering::Relaxed) {
            peak_bytes = server.resident_bytes()?.max(peak_bytes);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok::<_, Failure>(peak_bytes)
    };
    let ((uploads, chat), peak_bytes) = tokio::join!(load, watch);
    print_rate(
        &format!("POST /api/upload/image, {SENDERS} photos at once"),
        "photos",
        &uploads?,
    );
    print_rate(
        &format!("POST /api/chatbot/chat beside it, {CLIENTS} clients"),
        "turns",
        &chat?,
    );
    println!("resident at most: {}", report::mib(peak_bytes?));
    Ok(())
}

/// The bytes of a form with one picture.
fn upload(picture: &[u8]) -> Vec<u8> {
    let before = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"photo.jpg\"\r\n\
                  content-type: image/jpeg\r\n\r\n";
    let after = "\r\n--b--\r\n";
    let head = format!(
        "POST /api/upload/image HTTP/1.1\r\nhost: localhost\r\n\
         content-type: multipart/form-data; boundary=b\r\ncontent-length: {}\r\n\r\n",
        before.len() + picture.len() + after.len()
    );
    [
        head.as_bytes(),
        before.as_bytes(),
        picture,
        after.as_bytes(),
    ]
    .concat()
}

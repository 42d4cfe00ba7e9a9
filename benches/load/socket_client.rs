//! Socket.IO over WebSocket, as little of it as a load needs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Failure;
use crate::report::Latencies;

/// A connected socket in the main namespace.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (stream, _) = client_async(url, tcp).await?;
        let mut socket = Self { stream };
        socket.wait_for("0").await?;
        socket.send("40".into()).await?;
        socket.wait_for("40").await?;
        Ok(socket)
    }

    async fn send(&mut self, packet: String) -> Result<(), Failure> {
        Ok(self.stream.send(Message::text(packet)).await?)
    }

    /// Reads until a packet that begins with `start`, answering pings on the way.
    async fn wait_for(&mut self, start: &str) -> Result<(), Failure> {
        while let Some(message) = self.stream.next().await {
            let message = message?;
            let Message::Text(text) = message else {
                continue;
            };
            if text.as_str() == "2" {
                self.send("3".into()).await?;
            } else if text.starts_with(start) {
                return Ok(());
            }
        }
        Err("the server closed the socket".into())
    }
}

/// Opens sockets and leaves them idle.
pub(crate) async fn open_idle(address: SocketAddr, sockets: usize) -> Result<Vec<Socket>, Failure> {
    let mut open = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        open.push(Socket::open(address).await?);
    }
    Ok(open)
}

/// Keeps `clients` sockets busy: emits a message, waits for the acknowledgement that it is on disk.
pub(crate) async fn run(
    address: SocketAddr,
    clients: usize,
    warm_up: Duration,
    measure: Duration,
    message: fn(usize, u64) -> String,
) -> Result<Latencies, Failure> {
    let mut sockets = Vec::new();
    for _ in 0..clients {
        sockets.push(Socket::open(address).await?);
    }
    let began = Instant::now();
    let (from, until) = (began + warm_up, began + warm_up + measure);
    let mut tasks = JoinSet::new();
    for (client, mut socket) in sockets.into_iter().enumerate() {
        tasks.spawn(async move {
            let mut latencies = Latencies::default();
            let mut turn = 0_u64;
            while Instant::now() < until {
                let text = message(client, turn);
                let packet = format!(
                    "42{turn}[\"chat_message\",{{\"session_id\":\"load-{client}\",\"message\":\"{text}\"}}]"
                );
                let sent = Instant::now();
                socket.send(packet).await.map_err(|e| e.to_string())?;
                socket.wait_for(&format!("43{turn}[")).await.map_err(|e| e.to_string())?;
                turn += 1;
                if sent >= from {
                    latencies.add(sent.elapsed());
                }
            }
            Ok::<_, String>(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(done) = tasks.join_next().await {
        all.merge(done??);
    }
    Ok(all.finish(measure))
}

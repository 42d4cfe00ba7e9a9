//! `novahouse serve`: opens everything, says where, serves until told to stop.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::app::App;
use crate::config::{Config, Flags, LogFormat};

/// Serves until SIGTERM or Ctrl-C.
///
/// Errors: the configuration, the data folder or the address cannot be used.
pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    start_log(&config);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for fallback in &config.fallbacks {
        tracing::warn!("{} falls back: {}", fallback.what, fallback.why);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.worker_threads)
        .enable_all()
        .build()?;
    let app = {
        // Some slices start timers while they are wired.
        let _inside = runtime.enter();
        App::open(&config)?
    };
    let setup_token = app.setup_token()?;
    runtime.block_on(async {
        let stop = stop_signal()?;
        let ready = |bound: SocketAddr| say_where(&config, bound, setup_token.as_deref());
        Box::pin(app.serve(&config, ready, stop)).await?;
        Ok::<_, Failure>(())
    })?;
    tracing::info!("stopped");
    Ok(())
}

fn start_log(config: &Config) {
    // poem and hyper speak of every connection at debug level; only our own lines follow log_level below info.
    let level = config.log_level.as_str();
    let filter = EnvFilter::new(format!(
        "info,novahouse={level},socketioxide=warn,engineioxide=warn"
    ));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
}

/// Tells people (and the tests) where the server is; a closed standard output is no reason to stop.
fn say_where(config: &Config, bound: SocketAddr, setup_token: Option<&str>) {
    let address = config.address(bound);
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on {}", config.local_address(bound));
    let _ = writeln!(out, "NovaHouse is ready: {address}/");
    if let Some(token) = setup_token {
        let _ = writeln!(
            out,
            "Set up the owner's account (once): {address}/admin#setup={token}"
        );
    }
    let _ = out.flush();
}

/// Resolves at SIGTERM or Ctrl-C.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
    })
}

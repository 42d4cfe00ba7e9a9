//! What the command line asks of a running server.

use crate::commands::Workplace;
use crate::platform::control::ControlSocket;

/// Answers the command line until `stopped` turns true.
pub(super) async fn take_commands(
    control: ControlSocket,
    workplace: Workplace,
    mut stopped: tokio::sync::watch::Receiver<bool>,
) {
    let stop = async move {
        let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
    };
    let run = move |command| workplace.run(command);
    if let Err(error) = control.serve(run, stop).await {
        tracing::error!(%error, "the control socket takes no commands");
    }
}

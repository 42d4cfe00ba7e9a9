//! What monitoring reads, in OpenMetrics form.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::process::resident_bytes;
use super::timings::Timings;

/// Upper bounds in seconds: from a cached read to a slow upload.
const BUCKETS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: &'static str,
}

type Requests = Family<RequestLabels, Histogram, fn() -> Histogram>;

/// The metrics of this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Requests,
    sockets: Gauge,
    resident_bytes: Gauge,
    timings: Timings,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::with(|_| ())
    }
}

impl Metrics {
    /// The platform's own, and what `register` adds of the slices'.
    pub fn with(register: impl FnOnce(&mut Registry)) -> Self {
        let requests: Requests = Family::new_with_constructor(|| Histogram::new(BUCKETS_S));
        let (sockets, resident_bytes) = (Gauge::default(), Gauge::default());
        let mut registry = Registry::with_prefix("novahouse");
        registry.register(
            "http_request_duration_seconds",
            "Time from a request's headers to its answer's headers, by route and class of status",
            requests.clone(),
        );
        registry.register(
            "open_sockets",
            "Open Socket.IO connections",
            sockets.clone(),
        );
        registry.register(
            "resident_memory_bytes",
            "Memory the process holds",
            resident_bytes.clone(),
        );
        register(&mut registry);
        Self {
            registry: Arc::new(registry),
            requests,
            sockets,
            resident_bytes,
            timings: Timings::default(),
        }
    }

    /// The times of requests since they were last taken.
    pub fn timings(&self) -> Timings {
        self.timings.clone()
    }

    /// Counts an answered request. `route` is the pattern, never the path.
    pub(super) fn observe(&self, route: &str, status: &'static str, elapsed: Duration) {
        let labels = RequestLabels {
            route: route.to_owned(),
            status,
        };
        self.requests
            .get_or_create(&labels)
            .observe(elapsed.as_secs_f64());
        self.timings.add(route, elapsed, status);
    }

    /// The text a monitoring system reads; `open_sockets` is what Socket.IO counts now.
    pub fn render(&self, open_sockets: usize) -> String {
        self.sockets
            .set(i64::try_from(open_sockets).unwrap_or(i64::MAX));
        self.resident_bytes.set(resident_bytes().unwrap_or(0));
        let mut out = String::new();
        if let Err(error) = text::encode(&mut out, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
            let _ = writeln!(out, "# EOF");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_name_the_route_and_end_as_openmetrics_wants() {
        let metrics = Metrics::default();
        metrics.observe("/api/chatbot/chat", "2xx", Duration::from_millis(3));
        let text = metrics.render(7);
        assert!(text.contains("novahouse_http_request_duration_seconds_count{route=\"/api/chatbot/chat\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("novahouse_open_sockets 7"));
        assert!(text.ends_with("# EOF\n"));
    }
}

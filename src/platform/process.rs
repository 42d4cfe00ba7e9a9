//! What the process itself takes, as Linux counts it; nothing is known elsewhere.

/// Length of a tick in which the kernel tells processor time (`USER_HZ` is 100 on every Linux).
const TICK_MS: u64 = 10;

/// Memory the process holds.
pub fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Processor time the process has used since its start, in milliseconds, of all processors together.
pub fn processor_ms() -> Option<u64> {
    of_stat(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// The 14th and 15th field of `/proc/PID/stat` (`proc_pid_stat(5)`). The second one, the program's name, may hold blanks
/// and brackets, so fields are counted behind its last bracket.
fn of_stat(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * TICK_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a) (b) S 1 42 42 0 -1 4194304 900 0 2 0 250 50 0 0 20 0 9 0 100 1 2";
        assert_eq!(of_stat(stat), Some(3_000));
        assert_eq!(of_stat("42 (a) S 1"), None);
        assert_eq!(of_stat(""), None);
    }
}

#!/usr/bin/env bash
# Runs every test, each step to its end whatever the others do; `./install.sh --test` calls it when all that
# the steps need is there. Last line: `N passed, N failed`; the exit status is 0 when none failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Counts are read from what the tools print, so no colours; snapshots are compared, never rewritten.
export CARGO_TERM_COLOR=never NO_COLOR=1 INSTA_UPDATE=no PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
unset FORCE_COLOR
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export NOVAHOUSE_BIN="$target/debug/novahouse"
long=${NOVAHOUSE_LONG:-}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

passed=0
failed=0
summary=()
failures=()

# Where a tool names a test that failed, and says why: shown again beneath the summary, as the end of a long log is
# what gets read.
what_failed='^test .* FAILED$|panicked at|^Diff in |^ +✘|^ +[0-9]+\) |^ *(Error|TypeError|Locator|Expected|Received)\b|^error|FAIL |❌'

# Each of these reads a step's output on standard input and prints `<passed> <failed>`, or nothing.
count_cargo() { # test result: FAILED. 23 passed; 1 failed; 0 ignored; …
  awk '/^test result: / { for (i = 2; i <= NF; i++) { if ($i == "passed;") p += $(i-1); if ($i == "failed;") f += $(i-1) } seen = 1 }
       END { if (seen) print p + 0, f + 0 }'
}
count_vitest() { #       Tests  1 failed | 11 passed (12)
  awk '$1 == "Tests" { for (i = 2; i < NF; i++) { if ($(i+1) == "passed") p = $i; if ($(i+1) == "failed") f = $i } seen = 1 }
       END { if (seen) print p + 0, f + 0 }'
}
count_playwright() { #   29 passed (1.2m); what was flaky passed in the end, what was interrupted or did not run failed
  awk '/^ +[0-9]+ (passed|flaky)( |$)/ { p += $1; seen = 1 }
       /^ +[0-9]+ (failed|interrupted|did not run)( |$)/ { f += $1; seen = 1 }
       END { if (seen) print p + 0, f + 0 }'
}
count_one() { :; }

# step NAME COUNTER MINUTES COMMAND…: runs the command, shows what it prints, counts and times it.
# A step without counts of its own is one test; one that failed without a failed test has one.
step() {
  local name=$1 counter=$2 minutes=$3 log="$logs/step" start=$SECONDS status=0 counts p f
  shift 3
  [ -z "$long" ] || minutes=$((minutes * 10))
  printf '\n=== %s\n' "$name"
  timeout --kill-after=30s "${minutes}m" "$@" </dev/null 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
  [ "$status" -ne 124 ] || printf 'gave up after %s minutes\n' "$minutes"
  counts=$("$counter" <"$log")
  if [ -n "$counts" ]; then
    read -r p f <<<"$counts"
  else
    p=$((status == 0 ? 1 : 0)) f=0
  fi
  [ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  passed=$((passed + p))
  failed=$((failed + f))
  local result=ok
  [ "$status" -eq 0 ] && [ "$f" -eq 0 ] || result=FAILED
  [ "$result" = ok ] || failures+=("$name:" "$(grep -E "$what_failed" "$log" | cut -c 1-200 | tail -n 12)")
  summary+=("$(printf '%-7s %-28s %4d passed %3d failed %5d s' "$result" "$name" "$p" "$f" $((SECONDS - start)))")
}

skip() {
  summary+=("$(printf '%-7s %-28s %s' skipped "$1" "$2")")
}

# npm_do FOLDER COMMAND…: in the npm project, with its packages as the lock file says.
npm_do() {
  cd "$1" || return
  shift
  [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-fund --no-audit || return
  "$@"
}
# The binary the browser and fuzz steps start must not be older than the sources. Built as the tests build it: a plain
# `cargo build` leaves out what only they need of a dependency, and would compile half of them again.
with_server() { cargo test --locked --no-run --test it && "$@"; }
export -f npm_do with_server

step "format" count_one 5 cargo fmt --check
step "lints" count_one 40 cargo clippy --all-targets --locked -- -D warnings
step "unit and integration tests" count_cargo 60 cargo test --locked --no-fail-fast
if [ -n "$long" ]; then
  step "copies in a bucket" count_cargo 6 cargo test --locked --features s3 --test it backup_s3
else
  skip "copies in a bucket" "with --long alone"
fi
step "pages: types" count_one 10 bash -c 'npm_do assets/web npm run check'
step "pages: unit tests" count_vitest 10 bash -c 'npm_do assets/web npm test'
step "browser tests" count_playwright 30 bash -c 'with_server npm_do tests/browser npx --no-install playwright test'
step "API fuzzing: anonymous" count_one 15 bash -c 'with_server tests/fuzz/openapi.sh anonymous'
step "API fuzzing: owner" count_one 15 bash -c 'with_server tests/fuzz/openapi.sh owner'
if [ "${NOVAHOUSE_DENY:-}" = 1 ] && ! cargo deny --version >/dev/null 2>&1; then
  printf '\n=== installing cargo-deny\n'
  cargo install --locked cargo-deny
fi
if [ "${NOVAHOUSE_DENY:-}" = 1 ] || cargo deny --version >/dev/null 2>&1; then
  step "dependencies" count_one 5 cargo deny --locked check bans licenses sources
else
  skip "dependencies" "cargo-deny is not installed (NOVAHOUSE_DENY=1 installs it, which takes long)"
fi

printf '\n'
printf '%s\n' "${summary[@]}"
[ "$failed" -eq 0 ] || printf '%s\n' "${failures[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/usr/bin/env bash
# Fuzzes the API from its own OpenAPI document: no request, however wrong, may be answered with a 5xx.
#
#   tests/fuzz/openapi.sh anonymous|owner
#
# Starts the server (NOVAHOUSE_BIN, else the debug build) on a free port with a data folder of its own,
# and stops it at the end. SCHEMATHESIS_EXAMPLES bounds the cases of an operation.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

who=${1-}
case "$who" in anonymous | owner) ;; *) echo "usage: $0 anonymous|owner" >&2; exit 2 ;; esac
version=4.32.5
examples=${SCHEMATHESIS_EXAMPLES:-25}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
bin=$(realpath "${NOVAHOUSE_BIN:-$target/debug/novahouse}")

venv="$target/fuzz/schemathesis-$version"
if [ ! -x "$venv/bin/schemathesis" ]; then
  echo "installing schemathesis $version into $venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
fi

hooks=$(realpath tests/fuzz/hooks.py)
scratch=$(mktemp -d)
server=
# shellcheck disable=SC2317 # the trap calls it
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || true
  fi
  rm -rf "$scratch"
}
trap stop EXIT

# Nobody's settings but these: started in the scratch folder (no .env) and with a bare environment.
key=$(od -An -N 24 -tx1 /dev/urandom | tr -d ' \n')
# There before the server, which begins at its own time: it is read at once.
: >"$scratch/out"
(
  cd "$scratch"
  exec env -i PATH="$PATH" HOME="$scratch" RATE_LIMITS=off ADMIN_API_KEY="$key" \
    "$bin" serve --listen 127.0.0.1:0 --data "$scratch/data"
) >"$scratch/out" 2>"$scratch/err" &
server=$!

url=
for _ in $(seq 300); do
  url=$(sed -n 's|.*\(http://127\.0\.0\.1:[0-9]\{1,\}\).*|\1|p' "$scratch/out" | head -n 1)
  [ -z "$url" ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$url" ]; then
  echo "the server did not start:"
  cat "$scratch/out" "$scratch/err"
  exit 1
fi

header=()
[ "$who" = anonymous ] || header=(--header "X-ADMIN-API-KEY:$key")
status=0
(
  cd "$scratch" # schemathesis leaves files where it runs
  cp "$hooks" fuzz_hooks.py
  SCHEMATHESIS_HOOKS=fuzz_hooks PYTHONPATH=$scratch "$venv/bin/schemathesis" --no-color run "$url/openapi.json" "${header[@]}" \
    --checks not_a_server_error --phases examples,coverage,fuzzing --max-examples "$examples" \
    --generation-deterministic --request-timeout 15 --max-redirects 0 \
    --continue-on-failure --warnings off --suppress-health-check all
) || status=$?

if ! kill -0 "$server" 2>/dev/null; then
  echo "the server died:"
  tail -n 50 "$scratch/err"
  status=1
elif [ "$status" -ne 0 ]; then
  echo "the server's last lines:"
  tail -n 50 "$scratch/err"
fi
exit "$status"

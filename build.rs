//! Builds the web pages with npm when they are missing or older than their sources.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, io};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/migrations");
    if env::var_os("CARGO_FEATURE_WEB").is_none() {
        return;
    }
    let web = Path::new("assets/web");
    for source in [
        "src",
        "public",
        "scripts",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "index.html",
        "site.html",
    ] {
        println!("cargo::rerun-if-changed=assets/web/{source}");
    }
    println!("cargo::rerun-if-changed=assets/web/dist");
    let built = newest(&web.join("dist")).unwrap_or(SystemTime::UNIX_EPOCH);
    let is_fresh =
        sources(web).is_ok_and(|changed| built >= changed) && web.join("dist/index.html").exists();
    if is_fresh {
        return;
    }
    if !web.join("node_modules").exists()
        || newer(&web.join("package-lock.json"), &web.join("node_modules"))
    {
        npm(web, &["ci", "--no-audit", "--no-fund"]);
    }
    npm(web, &["run", "build"]);
}

/// The newest change of anything the pages are built from.
fn sources(web: &Path) -> io::Result<SystemTime> {
    let mut latest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(web)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name != "dist" && name != "node_modules" {
            latest = latest.max(newest(&path)?);
        }
    }
    Ok(latest)
}

fn newest(path: &Path) -> io::Result<SystemTime> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_dir() {
        return metadata.modified();
    }
    let mut latest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(path)? {
        latest = latest.max(newest(&entry?.path())?);
    }
    Ok(latest)
}

fn newer(a: &Path, b: &Path) -> bool {
    let modified = |path: &Path| {
        fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    modified(a) > modified(b)
}

fn npm(web: &Path, arguments: &[&str]) {
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(web)
        .status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success),
        "`npm {}` failed in assets/web ({status:?}): install Node 20.19 or newer, or build with --no-default-features",
        arguments.join(" "),
    );
}

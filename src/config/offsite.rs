//! Where copies of backups go, away from this machine. Pure.

use std::fmt;
use std::path::{Path, PathBuf};

/// The shortest and longest name of a bucket, at Amazon and Google.
const BUCKET_CHARS: std::ops::RangeInclusive<usize> = 3..=222;
/// Longest prefix within a bucket.
const PREFIX_MAX_CHARS: usize = 500;

/// A place for copies of backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsiteAddress {
    /// A folder, e.g. of a mounted disk.
    Folder(PathBuf),
    /// A bucket that speaks S3, and where within it; the prefix may be empty.
    S3(String, String),
    /// A bucket in Google Cloud Storage, and where within it; the prefix may be empty.
    Gcs(String, String),
}

impl OffsiteAddress {
    /// Reads an absolute path, `s3://bucket/prefix` or `gs://bucket/prefix`. There is no place in it for keys: a cloud's
    /// come from the environment.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = bucket_and_prefix(rest)?;
            return Some(Self::S3(bucket, prefix));
        }
        if let Some(rest) = text.strip_prefix("gs://") {
            let (bucket, prefix) = bucket_and_prefix(rest)?;
            return Some(Self::Gcs(bucket, prefix));
        }
        let is_folder = Path::new(text).is_absolute() && !text.chars().any(char::is_control);
        is_folder.then(|| Self::Folder(PathBuf::from(text)))
    }

    /// The Cargo feature it needs.
    pub fn feature(&self) -> Option<&'static str> {
        match self {
            Self::Folder(_) => None,
            Self::S3(..) => Some("s3"),
            Self::Gcs(..) => Some("gcs"),
        }
    }
}

impl fmt::Display for OffsiteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::S3(bucket, prefix) => write!(f, "s3://{bucket}/{prefix}"),
            Self::Gcs(bucket, prefix) => write!(f, "gs://{bucket}/{prefix}"),
        }
    }
}

fn bucket_and_prefix(text: &str) -> Option<(String, String)> {
    let (bucket, prefix) = text.split_once('/').unwrap_or((text, ""));
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let is_bucket = BUCKET_CHARS.contains(&bucket.len())
        && bucket
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c));
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && !segment.chars().all(|c| c == '.')
            && segment
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
    };
    let is_prefix = prefix.is_empty()
        || (prefix.len() <= PREFIX_MAX_CHARS && prefix.split('/').all(is_segment));
    (is_bucket && is_prefix).then(|| (bucket.to_owned(), prefix.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Flags;
    use super::super::resolve::{Backends, resolve};
    use super::*;

    #[test]
    fn a_cloud_is_refused_by_a_build_that_cannot_reach_it() {
        let env = BTreeMap::from([("BACKUP_OFFSITE".to_owned(), "s3://my-bucket/a".to_owned())]);
        let with = |offsite| {
            let built = Backends {
                redis: false,
                gcs: false,
                postgres: false,
                offsite,
            };
            resolve(&Flags::default(), &env, None, built)
        };
        let refusal = with(&["gcs"]).unwrap_err().to_string();
        assert!(refusal.contains("feature `s3`"), "{refusal}");
        let (config, _) = with(&["s3"]).unwrap();
        let address = OffsiteAddress::S3("my-bucket".into(), "a".into());
        assert_eq!(config.backup_offsite, Some(address));
    }

    #[test]
    fn folders_and_buckets_are_read_and_shown_alike() {
        let parse = |text: &str| OffsiteAddress::parse(text).unwrap();
        assert_eq!(
            parse("/mnt/disk"),
            OffsiteAddress::Folder("/mnt/disk".into())
        );
        let bucket = |prefix: &str| OffsiteAddress::S3("my-bucket".into(), prefix.into());
        for (text, prefix) in [
            ("s3://my-bucket", ""),
            ("s3://my-bucket/", ""),
            ("s3://my-bucket/a/B-1", "a/B-1"),
            ("s3://my-bucket/a/", "a"),
        ] {
            assert_eq!(parse(text), bucket(prefix), "{text}");
        }
        let google = parse("gs://my.bucket/shop");
        assert_eq!(
            google,
            OffsiteAddress::Gcs("my.bucket".into(), "shop".into())
        );
        for text in ["/mnt/disk", "s3://my-bucket/a", "gs://my.bucket/shop"] {
            assert_eq!(parse(text).to_string(), text);
        }
        assert_eq!(google.feature(), Some("gcs"));
        assert_eq!(parse("/mnt/disk").feature(), None);
    }

    #[test]
    fn keys_relative_paths_and_ways_out_are_refused() {
        for text in [
            "backups",
            "../backups",
            "/mnt/a\nb",
            "s3://",
            "s3://ab",
            "s3://Bucket",
            "s3://key:secret@bucket/a",
            "s3://bucket//a",
            "s3://bucket/../a",
            "s3://bucket/a b",
            "s3://bucket/a?region=x",
            "gs:///a",
            "https://bucket/a",
        ] {
            assert_eq!(OffsiteAddress::parse(text), None, "{text}");
        }
    }
}

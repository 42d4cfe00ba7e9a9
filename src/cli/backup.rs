//! `novahouse backup`, `restore`, `rollback` and `import`: beside a running server where nothing is changed, alone where it
//! is.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::Failure;
use super::erased::Erased;
use crate::app::DataFolder;
use crate::backup::{
    self, BackupName, Format, KeyPair, Keys, Order, Place, Proven, Schedule, Seal, Shelf, Shelved,
    Working,
};
use crate::config::{Config, Flags, OffsiteAddress};
use crate::knowledge::snapshot_at;
use crate::platform::db::{Tx, read_only};
use crate::rodo::tombstones::TOMBSTONES_FILE;

#[derive(Subcommand)]
pub(super) enum BackupCommand {
    /// Make a backup (what happens without a subcommand, too); a running server goes on meanwhile
    Create(CreateArgs),
    /// List the backups, the newest first: name, size in bytes, SHA-256
    List {
        /// Those in the place of the setting `backup_offsite`
        #[arg(long)]
        offsite: bool,
    },
    /// Get a backup back from the place of the setting `backup_offsite`, with the lists of erased persons beside it
    Fetch {
        /// Its name, as `list --offsite` prints it
        name: String,
        /// File to write instead of one in the folder of backups
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Prove a backup: unpack it into a scratch folder and let the program read it
    Verify(FileArgs),
    /// Remove the backups that the schedule's retention does not keep
    Prune,
    /// Print a new key pair: the public key for `backup_recipients` or --encrypt-to, and the identity to keep elsewhere
    Keygen,
}

/// What to make.
#[derive(Args)]
pub(super) struct CreateArgs {
    /// File to write instead of one in the folder of backups
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// zip holds everything; json and csv hold the rows for other programs
    #[arg(long, value_enum, default_value = "zip")]
    format: FormatArg,
    /// Public keys to encrypt to, instead of the setting `backup_recipients`
    #[arg(long, value_name = "RECIPIENT", num_args = 1..)]
    encrypt_to: Vec<String>,
    /// File whose first line is a passphrase to encrypt with
    #[arg(long, value_name = "FILE", conflicts_with = "encrypt_to")]
    passphrase_file: Option<PathBuf>,
}

/// An existing backup and what opens it.
#[derive(Args)]
pub(super) struct FileArgs {
    /// A file, or the name of one in the folder of backups
    file: PathBuf,
    /// File with the identity that `novahouse backup keygen` printed
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Zip,
    Json,
    Csv,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Zip => Format::Zip,
            FormatArg::Json => Format::Json,
            FormatArg::Csv => Format::Csv,
        }
    }
}

impl FileArgs {
    fn keys(&self) -> Result<Keys, Failure> {
        Ok(match (&self.identity, &self.passphrase_file) {
            (Some(file), _) => Keys::identity_file(file)?,
            (None, Some(file)) => Keys::passphrase_file(file)?,
            (None, None) => Keys::none(),
        })
    }

    /// The file as it was named.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The file itself, or the one of this name on the shelf.
    fn path(&self, place: &Place) -> PathBuf {
        let shelved = place.backups.join(&self.file);
        if !self.file.exists() && self.name().is_some() && shelved.exists() {
            shelved
        } else {
            self.file.clone()
        }
    }

    fn name(&self) -> Option<BackupName> {
        self.file.to_str()?.parse().ok()
    }
}

/// Runs `novahouse backup`.
///
/// Errors: the configuration cannot be read, another backup is being worked on, or what came of it.
pub(super) fn run(
    flags: &Flags,
    create: CreateArgs,
    command: Option<BackupCommand>,
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if let Some(BackupCommand::Keygen) = command {
        let pair = KeyPair::generate();
        writeln!(out, "# public key: {}\n{}", pair.public, pair.expose())?;
        return Ok(());
    }
    let config = Config::load(flags)?;
    let place = Place::of(&config);
    match command {
        None => make(&config, &place, create, &mut out),
        Some(BackupCommand::Create(create)) => make(&config, &place, create, &mut out),
        Some(BackupCommand::List { offsite: false }) => {
            tell_all(Shelf::open(&place.backups)?.list()?, &mut out)
        }
        Some(BackupCommand::List { offsite: true }) => {
            let address = offsite_of(&config)?;
            let all = runtime()?.block_on(backup::list_offsite(address))?;
            tell_all(all, &mut out)
        }
        Some(BackupCommand::Fetch { name, out: to }) => {
            fetch(&config, &place, &name, to.as_deref(), &mut out)
        }
        Some(BackupCommand::Verify(args)) => verify(&place, &args, &mut out),
        Some(BackupCommand::Prune) => prune(&place, &mut out),
        Some(BackupCommand::Keygen) => Ok(()),
    }
}

fn work(place: &Place) -> Result<Working, Failure> {
    Ok(Shelf::open(&place.backups)?.work()?)
}

fn make(
    config: &Config,
    place: &Place,
    args: CreateArgs,
    out: &mut impl Write,
) -> Result<(), Failure> {
    need_database(place)?;
    let seal = match &args.passphrase_file {
        Some(file) => Seal::passphrase(file)?,
        None if args.encrypt_to.is_empty() => Seal::to(&config.backup_recipients)?,
        None => Seal::to(&args.encrypt_to)?,
    };
    let working = work(place)?;
    let order = Order {
        format: args.format.into(),
        seal,
        out: args.out,
        at: Timestamp::now(),
    };
    let made = backup::create(place, &working, &order)?;
    writeln!(out, "{}", made.path.display())?;
    writeln!(out, "{} bytes, SHA-256 {}", made.size_bytes, made.sha256)?;
    // What is encrypted to others cannot be proved any later.
    if order.seal.is_sealed() && order.format == Format::Zip {
        let proven = backup::prove_file(&working, &made.path, &made.keys)?;
        tell(&proven, out)?;
    }
    Ok(())
}

fn need_database(place: &Place) -> Result<(), Failure> {
    if place.database().exists() {
        return Ok(());
    }
    Err(format!("there is no database in {}", place.data.display()).into())
}

fn offsite_of(config: &Config) -> Result<&OffsiteAddress, Failure> {
    let address = config.backup_offsite.as_ref();
    address.ok_or_else(|| "no place for copies is configured (backup_offsite)".into())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?)
}

fn fetch(
    config: &Config,
    place: &Place,
    name: &str,
    to: Option<&Path>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let address = offsite_of(config)?;
    let name: BackupName = name
        .parse()
        .map_err(|()| format!("{name} is no name of a backup; `list --offsite` prints them"))?;
    let shelf = Shelf::open(&place.backups)?;
    let fetched = runtime()?.block_on(backup::fetch_offsite(address, &name, to, &shelf))?;
    writeln!(out, "{}", fetched.path.display())?;
    writeln!(
        out,
        "{} bytes, SHA-256 {}",
        fetched.size_bytes, fetched.sha256
    )?;
    for list in fetched.lists {
        writeln!(
            out,
            "a list of persons erased since, for restore --tombstones: {}",
            list.display()
        )?;
    }
    Ok(())
}

fn tell_all(backups: Vec<Shelved>, out: &mut impl Write) -> Result<(), Failure> {
    for one in backups {
        let sha256 = one.sha256.as_deref().unwrap_or("-");
        writeln!(out, "{}  {:>14}  {sha256}", one.name, one.size_bytes)?;
    }
    Ok(())
}

fn verify(place: &Place, args: &FileArgs, out: &mut impl Write) -> Result<(), Failure> {
    let keys = args.keys()?;
    let path = args.path(place);
    let working = work(place)?;
    tell(&backup::prove_file(&working, &path, &keys)?, out)
}

fn tell(proven: &Proven, out: &mut impl Write) -> Result<(), Failure> {
    let seconds = proven.took.as_secs_f64();
    match &proven.verified {
        Some(verified) => {
            let rows: u64 = verified.manifest.tables.values().sum();
            writeln!(
                out,
                "proved in {seconds:.1} s: {} files, {rows} rows in {} tables, {} pictures opened",
                verified.manifest.parts.len(),
                verified.manifest.tables.len(),
                verified.pictures,
            )?;
            let missing = verified.manifest.missing_uploads.len();
            if missing > 0 {
                writeln!(
                    out,
                    "{missing} uploads that the database names were not there when it was made"
                )?;
            }
        }
        None => writeln!(
            out,
            "its bytes are those that were written ({seconds:.1} s); only a zip that is not encrypted, or whose \
             identity is given, is unpacked"
        )?,
    }
    Ok(())
}

fn prune(place: &Place, out: &mut impl Write) -> Result<(), Failure> {
    need_database(place)?;
    let schedule: Schedule = read_only(&place.database(), backup::load_schedule)?;
    let zone = snapshot_at(&place.data)?.zone();
    let working = work(place)?;
    let retention = schedule.retention();
    let pruned = working
        .shelf()
        .prune(&working, place, &zone, retention, Timestamp::now())?;
    for name in pruned.removed {
        writeln!(out, "removed {name}")?;
    }
    Ok(())
}

/// Runs `novahouse restore`.
///
/// Errors: a server holds the folder, or the backup cannot be brought back; nothing was changed then.
pub(super) fn restore(
    flags: &Flags,
    args: &FileArgs,
    to: Option<&Path>,
    tombstones: Option<&Path>,
) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let from = args.path(&Place::of(&config));
    let place = target(&config, to);
    let keys = args.keys()?;
    let _folder = DataFolder::open(&place.data)?;
    let erased = Erased::read(tombstones, [&place.data, &Place::of(&config).data], &keys)?;
    let mut forget = |tx: &mut dyn Tx, _| erased.as_ref().map_or(Ok(0), |erased| erased.forget(tx));
    let restored = backup::restore(&place, &from, &keys, &mut forget, Timestamp::now())?;
    let mut out = std::io::stdout().lock();
    let rows: u64 = restored.manifest.tables.values().sum();
    writeln!(
        out,
        "restored into {}: {rows} rows, {} files, as of {}",
        place.data.display(),
        restored.manifest.parts.len(),
        Timestamp::from_millisecond(restored.manifest.created_at_ms)?,
    )?;
    if restored.aside.exists() {
        writeln!(out, "what was there before: {}", restored.aside.display())?;
    }
    if restored.forgotten > 0 {
        writeln!(
            out,
            "records and sessions of erased persons, erased again: {}",
            restored.forgotten
        )?;
    }
    if erased.is_none() {
        writeln!(
            out,
            "no list of erased persons was found ({TOMBSTONES_FILE}): whoever was erased after that time is back; name \
             the list with --tombstones, or erase them again"
        )?;
    }
    if !restored.has_secrets {
        writeln!(
            out,
            "the server's own keys are in encrypted backups alone; where the folder had none, visitors begin new \
             sessions, signed links end, and second factors are to be set up anew (novahouse admin reset-password)"
        )?;
    }
    Ok(())
}

fn target(config: &Config, to: Option<&Path>) -> Place {
    to.map_or_else(|| Place::of(config), |to| Place::within(to.to_owned()))
}

/// Runs `novahouse rollback`.
///
/// Errors: a server holds the folder, or there is no copy to return to; nothing was changed then.
pub(super) fn rollback(flags: &Flags) -> Result<(), Failure> {
    let place = Place::of(&Config::load(flags)?);
    let _folder = DataFolder::open(&place.data)?;
    let erased = Erased::read(None, [&place.data, &place.data], &Keys::none())?;
    let mut forget = |tx: &mut dyn Tx, _| erased.as_ref().map_or(Ok(0), |erased| erased.forget(tx));
    let (version, aside) = backup::rollback(&place, &mut forget, Timestamp::now())?;
    println!(
        "the database is as before its migration, with schema version {version}; start the version of NovaHouse that \
         wrote it\nwhat was there before: {}",
        aside.display()
    );
    Ok(())
}

/// Runs `novahouse import`.
///
/// Errors: the folder is not empty or held, or the file is no export that fits.
pub(super) fn import(flags: &Flags, args: &FileArgs) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let place = Place::of(&config);
    let (from, keys) = (args.path(&place), args.keys()?);
    let _folder = DataFolder::open(&place.data)?;
    let counts = backup::import(&place, &from, &keys, Timestamp::now())?;
    let mut out = std::io::stdout().lock();
    for (table, rows) in &counts {
        writeln!(out, "{rows:>10}  {table}")?;
    }
    Ok(())
}

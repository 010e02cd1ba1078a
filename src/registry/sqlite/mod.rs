//! `sqlite:FILE`: one database file in write-ahead mode, safe with several processes at once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::error::RegistryError;
use super::mark::Mark;
use super::open::Access;
use super::store::{Listing, RegisterMode, Registration, RegistryStore, Replacement, check_topic};
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::schema::{SchemaDocument, VersionSelector};

static MIGRATIONS: Migrator = sqlx::migrate!("src/registry/sqlite/migrations");

/// How long a writer waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A SQLite database of schema documents.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    name: String,
}

type Row = (String, String, String);

/// What the file system says of the database and of the log of writes beside it. An empty log is as
/// good as none: readers make and remove it.
pub(super) fn marks(file: &Path) -> Result<(Mark, Option<Mark>), RegistryError> {
    let mark =
        |path: &Path| Mark::of_file(path).map_err(|error| RegistryError::io("read", path, error));
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let log = mark(Path::new(&log))?.filter(|log| !log.is_empty());
    let database = mark(file)?.ok_or_else(|| RegistryError::Missing { registry: name(file) })?;
    Ok((database, log))
}

fn name(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

impl SqliteStore {
    /// The registry in `file`; brings its tables up to date when opened to write.
    pub async fn open(file: &Path, access: Access) -> Result<Self, RegistryError> {
        let name = name(file);
        let options = SqliteConnectOptions::new().filename(file).busy_timeout(BUSY_TIMEOUT);
        match access {
            Access::Read | Access::Check => {
                if !file.is_file() {
                    return Err(RegistryError::Missing { registry: name });
                }
                let pool = connect(options.create_if_missing(false), &name).await?;
                Ok(Self { pool, name })
            }
            Access::Write => {
                // SQLite does not let processes wait for each other while they switch to
                // write-ahead mode and create tables.
                let _lock = lock_folder(file)?;
                let options = options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full);
                let pool = connect(options, &name).await?;
                MIGRATIONS
                    .run(&pool)
                    .await
                    .map_err(|error| database("bring up to date", &name, error))?;
                Ok(Self { pool, name })
            }
        }
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(sqlx::Error) -> RegistryError {
        let name = self.name.clone();
        move |error| database(action, &name, error)
    }

    async fn rows_of(&self, topic: &Topic) -> Result<Vec<(SchemaVersion, String)>, RegistryError> {
        let rows: Vec<Row> =
            sqlx::query_as("SELECT topic, version, document FROM schemas WHERE topic = ?")
                .bind(topic.as_str())
                .fetch_all(&self.pool)
                .await
                .map_err(self.failed("read"))?;
        let mut versions: Vec<_> = rows
            .into_iter()
            .filter_map(|(_, version, document)| Some((version.parse().ok()?, document)))
            .collect();
        versions.sort_by(|a: &(SchemaVersion, _), b| a.0.cmp(&b.0));
        Ok(versions)
    }

    async fn existing(
        &self,
        transaction: &mut Transaction<'static, Sqlite>,
        document: &SchemaDocument,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT topic, version, document FROM schemas WHERE topic = ? AND version_key = ?",
        )
        .bind(document.topic.as_str())
        .bind(document.version.canonical())
        .fetch_optional(&mut **transaction)
        .await
        .map_err(self.failed("read"))?;
        row.map(|row| parse(&row)).transpose()
    }

    /// A transaction in which nobody else writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, RegistryError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(self.failed("lock"))
    }

    async fn write(
        &self,
        mut transaction: Transaction<'static, Sqlite>,
        document: &SchemaDocument,
    ) -> Result<(), RegistryError> {
        sqlx::query(
            "INSERT INTO schemas (topic, version_key, version, document) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET version = excluded.version, document = excluded.document",
        )
        .bind(document.topic.as_str())
        .bind(document.version.canonical())
        .bind(document.version.as_str())
        .bind(document.to_pretty_json())
        .execute(&mut *transaction)
        .await
        .map_err(self.failed("write"))?;
        transaction.commit().await.map_err(self.failed("write"))
    }
}

#[async_trait]
impl RegistryStore for SqliteStore {
    fn name(&self) -> &str {
        &self.name
    }

    async fn list(&self, pattern: &RoutingPattern) -> Result<Listing, RegistryError> {
        let rows: Vec<Row> = sqlx::query_as("SELECT topic, version, document FROM schemas")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        let mut listing = Listing::default();
        for row in rows.iter().filter(|row| pattern.matches(&row.0)) {
            match parse(row) {
                Ok(document) => listing.documents.push(document),
                Err(problem) => listing.problems.push(problem),
            }
        }
        listing.sort();
        Ok(listing)
    }

    async fn versions(&self, topic: &Topic) -> Result<Vec<SchemaVersion>, RegistryError> {
        check_topic(topic)?;
        Ok(self.rows_of(topic).await?.into_iter().map(|(version, _)| version).collect())
    }

    async fn get(
        &self,
        topic: &Topic,
        version: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        check_topic(topic)?;
        let mut rows = self.rows_of(topic).await?.into_iter().rev();
        let row = match version {
            VersionSelector::Latest => rows.next(),
            VersionSelector::Exact(wanted) => rows.find(|(version, _)| version == wanted),
        };
        row.map(|(version, text)| parse(&(topic.to_string(), version.to_string(), text)))
            .transpose()
    }

    async fn register(
        &self,
        document: &SchemaDocument,
        mode: RegisterMode,
    ) -> Result<Registration, RegistryError> {
        check_topic(&document.topic)?;
        if mode == RegisterMode::CheckOnly {
            let version = VersionSelector::Exact(document.version.clone());
            let existing = self.get(&document.topic, &version).await?;
            return Ok(Registration::decide(existing, document));
        }
        let mut transaction = self.begin().await?;
        let existing = self.existing(&mut transaction, document).await?;
        let registration = Registration::decide(existing, document);
        if registration == Registration::Added {
            self.write(transaction, document).await?;
        }
        Ok(registration)
    }

    async fn replace(
        &self,
        known: Option<&SchemaDocument>,
        document: &SchemaDocument,
    ) -> Result<Replacement, RegistryError> {
        check_topic(&document.topic)?;
        let mut transaction = self.begin().await?;
        if self.existing(&mut transaction, document).await?.as_ref() != known {
            return Ok(Replacement::Overtaken);
        }
        self.write(transaction, document).await?;
        Ok(Replacement::Done)
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

async fn connect(options: SqliteConnectOptions, name: &str) -> Result<SqlitePool, RegistryError> {
    SqlitePoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await
        .map_err(|error| database("open", name, error))
}

fn lock_folder(file: &Path) -> Result<File, RegistryError> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    let lock = || {
        fs::create_dir_all(&folder)?;
        let handle = File::open(&folder)?;
        handle.lock()?;
        Ok(handle)
    };
    lock().map_err(|error| RegistryError::io("lock", &folder, error))
}

fn parse((topic, version, text): &Row) -> Result<SchemaDocument, RegistryError> {
    let place = format!("{topic}@{version}");
    let document = SchemaDocument::parse(text)
        .map_err(|source| RegistryError::Broken { place: place.clone(), source })?;
    if document.topic.as_str() != topic || document.version.as_str() != version {
        let reason = format!("says that it is {}@{}", document.topic, document.version);
        return Err(RegistryError::Misplaced { place, reason });
    }
    Ok(document)
}

fn database(
    action: &'static str,
    registry: &str,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> RegistryError {
    RegistryError::Database { action, registry: registry.to_owned(), source: error.into() }
}

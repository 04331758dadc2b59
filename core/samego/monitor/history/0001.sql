-- What checks and rebuilds found. Times are seconds since 1970 in UTC.

-- A check: one row for each report. The report itself lies beside the database, compressed,
-- under its digest: the sha256 of its bytes.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    distro TEXT NOT NULL,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    architecture TEXT NOT NULL,
    release TEXT NOT NULL,
    target TEXT NOT NULL,
    verdict TEXT NOT NULL,
    passes INTEGER NOT NULL,
    -- JSON: paths whose consequence breaks something, and those where it is latent.
    breaking TEXT NOT NULL,
    latent TEXT NOT NULL,
    -- JSON: the report's counts.
    counts TEXT NOT NULL,
    reproduction TEXT NOT NULL,
    headline TEXT NOT NULL,
    samego TEXT NOT NULL
) STRICT;
CREATE INDEX run_of ON run (distro, package, architecture, version, at);

-- A rebuild of upstream's files, and each file that a bootstrap gave for a target. What did
-- not build has an empty file.
CREATE TABLE rebuild (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    release TEXT NOT NULL,
    verdict TEXT NOT NULL,
    samego TEXT NOT NULL
) STRICT;
CREATE TABLE rebuilt (
    rebuild INTEGER NOT NULL REFERENCES rebuild (id) ON DELETE CASCADE,
    bootstrap TEXT NOT NULL,
    target TEXT NOT NULL,
    file TEXT NOT NULL,
    outcome TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (rebuild, bootstrap, target, file)
) STRICT, WITHOUT ROWID;

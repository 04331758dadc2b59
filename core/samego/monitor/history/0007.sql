-- What is known of the same bytes: the sum of all runs on them.

-- What the check was asked for (samego.model.asked), empty where the report does not say; why it
-- is an experiment, empty where it is none; and whether the user said that a suite holds it.
ALTER TABLE run ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN experiment TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
-- JSON: the sha256 of each package, sorted.
ALTER TABLE run ADD COLUMN packages TEXT NOT NULL DEFAULT '[]';

-- What a run says of each path (samego.monitor.history.evidence), compressed. A run that an
-- earlier version took in has none until it is needed.
CREATE TABLE evidence (
    run INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    data BLOB NOT NULL
) STRICT;

-- What was known of its bytes after a run that counts. A run that does not count has no row.
CREATE TABLE known (
    run INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,
    passes INTEGER NOT NULL,
    breaking TEXT NOT NULL,
    latent TEXT NOT NULL,
    counts TEXT NOT NULL,
    reasons TEXT NOT NULL,
    headline TEXT NOT NULL,
    reproduction TEXT NOT NULL,
    -- The report to read first, the one that says what a rebuild of the packages gave, and a
    -- JSON list of those that it takes to prove all.
    shown TEXT NOT NULL,
    reproduced TEXT NOT NULL,
    proofs TEXT NOT NULL
) STRICT;

-- The versions whose "known" is not made yet.
CREATE TABLE unsummed (
    distro TEXT NOT NULL,
    package TEXT NOT NULL,
    architecture TEXT NOT NULL,
    version TEXT NOT NULL,
    PRIMARY KEY (distro, package, architecture, version)
) STRICT, WITHOUT ROWID;
INSERT INTO unsummed SELECT DISTINCT distro, package, architecture, version FROM run;

-- A run that was removed, and why. Its report does not come back.
CREATE TABLE forgotten (
    digest TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    distro TEXT NOT NULL,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    architecture TEXT NOT NULL,
    verdict TEXT NOT NULL
) STRICT, WITHOUT ROWID;

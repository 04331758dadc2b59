-- What else watching has to remember.

-- When the user said that this file's change or withdrawal has been seen.
ALTER TABLE posted ADD COLUMN seen INTEGER;

-- Which name was checked, and the report that came of it.
CREATE TABLE checked (
    spec TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A sweep that has begun: calling it again goes on with it.
CREATE TABLE sweep (
    asked TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An archive that a rebuilderd daemon was told to rebuild, and what it last said of it.
CREATE TABLE handed (
    endpoint TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (endpoint, name, version)
) STRICT, WITHOUT ROWID;

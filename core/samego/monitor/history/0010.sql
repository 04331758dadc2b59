-- Where the source of releases came from: one row for each result of "samego source". The result
-- itself lies beside the database, under its digest. "source" is the sha256 of the source.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    release TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    verdict TEXT NOT NULL,
    samego TEXT NOT NULL,
    owner TEXT NOT NULL
) STRICT;

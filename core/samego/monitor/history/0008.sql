-- What decides a release's bytes: one row for each result of "samego inputs". The result itself
-- lies beside the database, under its digest.
CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    release TEXT NOT NULL,
    program TEXT NOT NULL,
    verdict TEXT NOT NULL,
    samego TEXT NOT NULL,
    owner TEXT NOT NULL
) STRICT;

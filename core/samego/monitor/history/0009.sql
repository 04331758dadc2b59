-- Checks of what a suite or the package manager holds that could not be decided, because upstream's
-- file could not be had or proves nothing: the last one of each version on each architecture.
CREATE TABLE undecided (
    distro TEXT NOT NULL,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    architecture TEXT NOT NULL,
    release TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    seconds REAL NOT NULL,
    -- The command that asks again, and why it could not be decided.
    command TEXT NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (distro, package, version, architecture)
) STRICT, WITHOUT ROWID;

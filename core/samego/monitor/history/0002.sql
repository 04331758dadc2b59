-- What watching saw: the distros' suites, what could not be checked yet, and what upstream posts.

-- A version that a suite holds, or held until it was gone. "spec" names it for samego check.
CREATE TABLE offer (
    distro TEXT NOT NULL,
    suite TEXT NOT NULL,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    architecture TEXT NOT NULL,
    spec TEXT NOT NULL,
    since INTEGER NOT NULL,
    gone INTEGER,
    PRIMARY KEY (distro, suite, package, version, architecture)
) STRICT, WITHOUT ROWID;

-- What was new and could not be checked: tried again when it is due, until it can.
CREATE TABLE waiting (
    distro TEXT NOT NULL,
    package TEXT NOT NULL,
    version TEXT NOT NULL,
    architecture TEXT NOT NULL,
    spec TEXT NOT NULL,
    since INTEGER NOT NULL,
    tried INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (distro, package, version, architecture)
) STRICT, WITHOUT ROWID;

-- A file that a channel of upstream's posts. One that is posted with other bytes, or no
-- longer, keeps its row.
CREATE TABLE posted (
    channel TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    release TEXT NOT NULL,
    since INTEGER NOT NULL,
    gone INTEGER,
    PRIMARY KEY (channel, file, sha256)
) STRICT, WITHOUT ROWID;

-- What there is to tell, and what has been told.
CREATE TABLE news (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    told INTEGER
) STRICT;
CREATE INDEX news_untold ON news (id) WHERE told IS NULL;

-- Who handed a report in, and which reports are of the same packages.

-- The user whose file it was, where that is none of those that count: then it is shown, and
-- nothing else. Empty for our own.
ALTER TABLE run ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE rebuild ADD COLUMN owner TEXT NOT NULL DEFAULT '';

-- The sha256 of what the report says that it is about: the digests of the packages, the release
-- and the target. Empty for installed files, and for reports that an earlier version took in.
ALTER TABLE run ADD COLUMN bytes TEXT NOT NULL DEFAULT '';

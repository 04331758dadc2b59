-- What a row of the queue stands for: check, rebuild (a release, here) or submit (a release, to
-- rebuilderd). Earlier versions told it by how the name began.
ALTER TABLE waiting ADD COLUMN job TEXT NOT NULL DEFAULT 'check';
UPDATE waiting SET job = CASE WHEN spec LIKE 'rebuilderd sync %' THEN 'submit' ELSE 'rebuild' END
    WHERE distro = 'go';

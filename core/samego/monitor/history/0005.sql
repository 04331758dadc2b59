-- Why a run came to its verdict: a JSON list of [kind, number, resting] (samego.report.reasons).
-- Empty for reports that an earlier version took in.
ALTER TABLE run ADD COLUMN reasons TEXT NOT NULL DEFAULT '[]';

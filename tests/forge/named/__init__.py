"""Forgeries with a name: what was once taken for genuine, and more of each kind.

Each is played through the real command line, of this samego or of another one that is
installed somewhere: so the two can be put side by side.
"""

from forge.named import acted_on, one_reading, records, replayed, reports, vouched_for
from forge.named.stage import Case

#: All cases by their kind, in the order of the table.
CASES: dict[str, tuple[Case, ...]] = {
    "one reading": one_reading.CASES,
    "acted on": acted_on.CASES,
    "vouched for": vouched_for.CASES,
    "replayed": replayed.CASES,
    "records": records.CASES,
    "reports": reports.CASES,
}

from __future__ import annotations

from pathlib import Path

from samego.inputs.experiment import Experiment
from samego.inputs.probe import Seen
from samego.inputs.published import published
from samego.inputs.result import InputsResult, TargetInputs, VariedInput
from samego.inputs.surroundings import Surroundings
from samego.model.machine import this_machine
from samego.model.release import Release, Target
from samego.model.varied import Varied
from samego.report.inputs import render_json, render_text


def test_no_place_of_the_machine_is_told() -> None:
    home = "/tmp/home"  # noqa: S108 - the sandbox's own
    seen = Seen({"home": home})
    build = Experiment(
        Surroundings(frozenset()), Path("/srv/alice"), {"program": (1, "a" * 64)}, seen, 1, 1, True
    )
    failed = "see /srv/alice/cache/key.log on http://proxy.alice.lan:3128/"
    result = InputsResult(
        Release.parse("go1.26.10"),
        "cmd/gofmt",
        ("go1.24.4 in /srv/alice/go", "go1.25.1 in /home/alice/go"),
        (
            TargetInputs(
                Target("linux", "amd64"),
                build,
                failed,
                None,
                failed,
                (Varied("home", "home directory", home, "/i", failed),),
                (),
                (failed,),
                tried=(VariedInput("VERSION", "a suffix", (), (), failed),),
            ),
        ),
        1.0,
        "0.1.0",
    )
    machine = this_machine(
        {Path("/srv/alice"): "a directory"}, {"HTTP_PROXY": "http://proxy.alice.lan:3128/"}
    )
    redacted = published(result, machine)
    for text in (render_json(redacted), render_text(redacted)):
        assert "alice" not in text
    (row,) = redacted.targets[0].variations
    assert row.plain == home

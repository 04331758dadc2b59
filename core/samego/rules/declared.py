"""Where a declared setting comes from."""

from __future__ import annotations

from samego.model.inputs import Context


def origin_of(name: str, context: Context) -> str:
    """Where the value of a setting was declared: the build's own inputs win over the policy."""
    if name in context.inputs.settings:
        return context.inputs.origins.get("settings", "the package's declared inputs")
    sources = [rule.source for rule in context.policy.settings if name in rule.variables]
    return sources[-1] if sources else ""

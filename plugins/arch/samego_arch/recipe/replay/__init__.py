"""A PKGBUILD replayed: bash and makepkg run it in the sandbox, up to the call of make.bash.

``read_declared`` asks bash what it lists; ``replay`` runs prepare() and build() on upstream's
source, with a stand-in for make.bash that writes down what make.bash would have been given.
"""

from samego_arch.recipe.replay.declared import DeclaredBuild, SourceFile, read_declared
from samego_arch.recipe.replay.run import Replay, ReplayedBuild, ReplayError, record, replay

__all__ = [
    "DeclaredBuild",
    "Replay",
    "ReplayError",
    "ReplayedBuild",
    "SourceFile",
    "read_declared",
    "record",
    "replay",
]

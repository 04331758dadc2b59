"""What a distro's package of samego installs beside the Python packages.

``python -m installed`` writes it: manual pages and completions, made from the parsers, and the
files of units, hooks and rebuilderd's workers. Only package builds and their tests import this.
"""

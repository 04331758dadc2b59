#!/bin/sh
# rebuilderd's backend for its distribution "go": upstream's archives, from source.
# Put it where rebuilderd-worker.conf says, and make it executable.
# No other Python modules than the system's.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP
exec samego rebuilderd backend go "$1"

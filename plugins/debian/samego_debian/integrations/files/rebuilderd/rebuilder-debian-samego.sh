#!/bin/sh
# rebuilderd's backend for Debian: its own one, and then samego for a golang-1.N.
# Put it where rebuilderd-worker.conf says, and make it executable.
# No other Python modules than the system's.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP
exec samego rebuilderd backend debian "$1"

#!/bin/sh
# rebuilderd's backend for Arch Linux: its own one, and then samego for the package go.
# Put it where rebuilderd-worker.conf says, and make it executable.
# No other Python modules than the system's.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP
exec samego rebuilderd backend arch "$1"

"""The leak finder: which settings of a build would leave the traces that two executables show."""

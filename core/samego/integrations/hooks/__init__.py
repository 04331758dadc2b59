"""Hooks: how a distro's own tools call samego, how they are installed, and what they do.

A plugin describes its hooks (samego.distro.interface.Hook); this package finds them by name
(registry), puts them on a system and takes them away again (install), and does what every
installed hook calls (run).
"""

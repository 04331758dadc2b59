"""Container images: their manifests, their layers, and the file system that these make.

The formats are those of the OCI image specification 1.1 (image-layout.md, manifest.md, layer.md)
and of ``docker save`` (moby, image/spec/v1.2.md). What two of the tools that unpack images would
read in two ways is refused.
"""

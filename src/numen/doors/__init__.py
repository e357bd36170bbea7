"""Doors into other libraries: one file each, which needs that library and nothing else of this room."""

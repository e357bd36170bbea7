"""The terminal: one file per command, no logic that Python users would miss."""

__all__: list[str] = []

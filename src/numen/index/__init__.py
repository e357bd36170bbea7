"""Numbers at rest: immutable segments of inverted lists, and the catalog whose commit is the commit."""

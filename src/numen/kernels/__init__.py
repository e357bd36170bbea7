"""Arrays in, arrays out, fast: numba functions over arrays only, each with a plain numpy twin in `reference`."""

"""Shorter vectors by keeping their first dimensions, for models trained so that every beginning is a vector itself.

Kusupati et al., "Matryoshka Representation Learning" (NeurIPS 2022). Other models lose more; see PCA for those.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numen.encode.matrix import as_rows, unit_rows
from numen.errors import OptionError

__all__ = ["truncated"]


def truncated(vectors: Any, dim: int, *, normalise: bool = True) -> NDArray[np.float32]:
    """float32 (n, dim): the first `dim` dimensions, each row of length 1 again unless `normalise` is false.

    OptionError where the vectors have fewer.
    """
    rows = as_rows(vectors)
    if type(dim) is not int or not 1 <= dim <= rows.shape[1]:
        raise OptionError(f"truncation to {dim!r} dimensions; the vectors have {rows.shape[1]}: name 1 to that many")
    cut = np.ascontiguousarray(rows[:, :dim])
    return unit_rows(cut) if normalise else cut

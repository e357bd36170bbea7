"""A learned blend of legs: trees that say, from what all legs think of a document, where it belongs.

The trees are LambdaMART's (Burges, "From RankNet to LambdaRank to LambdaMART", 2010), grown by LightGBM;
`numen.evaluate.learn_blend` learns them from judged queries. What is kept is a JSON file with LightGBM's own text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numen.errors import InputError, MissingExtra, OptionError
from numen.search.blend_features import candidates_of, feature_names
from numen.search.ranking import Ranking

if TYPE_CHECKING:
    from numen.search.collection import Collection

__all__ = ["DEPTH", "Blend", "lightgbm"]

DEPTH = 100
"""Documents of each leg that are candidates: the paper found the first hundred nearly optimal."""

VERSION = 1
"""Of the file."""


@dataclass(frozen=True)
class Blend:
    """legs: name -> encoder's string, of what it was learned on, in the order of its features. depth: candidates of
    each leg. trees: LightGBM's text."""

    legs: Mapping[str, str]
    depth: int
    trees: str

    def rank_many(self, collection: Collection, queries: Sequence[str], k: int = 10, **how: Any) -> Ranking:
        """The k best of each query's candidates by the trees, then by id, as `Collection.rank_many` gives them.

        how: where, threads, vectors and approximate, as there. OptionError where the collection lacks a leg, or has it
        with another encoder; InputError for a blend that LightGBM cannot read, MissingExtra without LightGBM.
        """
        self.check(collection)
        found = candidates_of(collection, queries, list(self.legs), self.depth, **how)
        scores = np.empty(0, np.float32)
        if len(found.ids):
            scores = np.asarray(self._booster.predict(found.features, num_threads=1), np.float32)
        order: list[int] = []
        starts = [0]
        for begin, end in zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True):
            # Candidates stand by id, and the sort is stable.
            order += (begin + np.argsort(-scores[begin:end], kind="stable")[:k]).tolist()
            starts.append(len(order))
        names = np.empty(len(order), object)
        names[:] = [found.ids[at] for at in order]
        return Ranking(np.array(starts, np.int64), names, scores[order], found.keys[order], found.recall, signed=True)

    def check(self, collection: Collection) -> None:
        """OptionError unless the collection has the legs that the blend was learned on."""
        there = {name: encoder.spec for name, encoder in collection.legs.items()}
        for name, spec in self.legs.items():
            if name not in there or _kind(there[name]) != _kind(spec):
                raise OptionError(
                    f"the blend was learned on the leg {name}={spec}, and the collection has "
                    f"{', '.join(f'{leg}={own}' for leg, own in there.items())}; learn one on these legs"
                )

    def importances(self) -> dict[str, float]:
        """How much each feature gained in all trees, as shares of the whole, the largest first."""
        gains = self._booster.feature_importance("gain").astype(float)
        shares = dict(zip(feature_names(list(self.legs)), (gains / max(gains.sum(), 1e-12)).tolist(), strict=True))
        return dict(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0])))

    def save(self, path: str | Path) -> None:
        """Write the file that `load` reads."""
        data = {"numen blend": VERSION, **asdict(self), "legs": dict(self.legs)}
        Path(path).write_text(json.dumps(data, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Blend:
        """The blend of a file; InputError where that is none."""
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
            version, legs, depth, trees = (data[name] for name in ("numen blend", "legs", "depth", "trees"))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path} is no blend that `numen tune --blend` wrote: {error}") from error
        if version != VERSION:
            raise InputError(f"{path} is a blend of version {version}; this numen reads version {VERSION}")
        blend = cls(dict(legs), int(depth), str(trees))
        blend._booster  # noqa: B018  (a file that holds no trees is found out here)
        return blend

    @cached_property
    def _booster(self) -> Any:
        library = lightgbm()
        try:
            made = library.Booster(model_str=self.trees)
        except library.basic.LightGBMError as error:
            raise InputError(f"LightGBM cannot read the blend's trees: {error}") from error
        if made.num_feature() != len(feature_names(list(self.legs))):
            raise InputError(
                f"the blend's trees take {made.num_feature()} features, but the legs {', '.join(self.legs)} have "
                f"{len(feature_names(list(self.legs)))}; learn it anew"
            )
        return made


def lightgbm() -> Any:
    """The package; MissingExtra where it is not installed."""
    try:
        import lightgbm as library
    except ImportError as error:
        raise MissingExtra("lightgbm", "blend", "a learned blend") from error
    return library


def _kind(spec: str) -> str:
    """An encoder's string without where its model lies: the same model may stand elsewhere."""
    name, _, rest = spec.partition(":")
    return name if name in ("dense", "gaussian", "sparse", "multi") and rest else spec

"""Is it better, and are we sure? Judged collections, runs, measures, and the comparison of encoders."""

from numen.evaluate.blend import Blended, learn_blend
from numen.evaluate.compare import Comparison, compare
from numen.evaluate.dataset import Dataset, judged
from numen.evaluate.datasets import load_dataset
from numen.evaluate.experiment import Evaluation, Result, evaluate
from numen.evaluate.halves import apart, halves
from numen.evaluate.known_item import known_item
from numen.evaluate.measure import DEFAULT, Measured, measure
from numen.evaluate.system import System
from numen.evaluate.trec import read_qrels, read_run, write_qrels, write_run
from numen.evaluate.tune import Tuning, tune
from numen.evaluate.typos import Typos

__all__ = [
    "DEFAULT",
    "Blended",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Measured",
    "Result",
    "System",
    "Tuning",
    "Typos",
    "apart",
    "compare",
    "evaluate",
    "halves",
    "judged",
    "known_item",
    "learn_blend",
    "load_dataset",
    "measure",
    "read_qrels",
    "read_run",
    "tune",
    "write_qrels",
    "write_run",
]

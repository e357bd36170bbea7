"""What is compiled before it is needed."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from numen.search import warm_up
from numen.kernels.cluster import nearest_seed, rows_of
from numen.kernels.postings import decode_gaps, densify, encode_gaps, renumber, sparsify
from numen.kernels.tokenise import rehash
warm_up("auto", writing=True)
for kernel in (nearest_seed, rows_of, decode_gaps, densify, encode_gaps, renumber, sparsify, rehash):
    print(kernel.__name__, len(kernel.signatures))
"""


def test_who_goes_on_adding_compiles_nothing_later() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if line.endswith(" 0")] == []
    assert len(done.stdout.splitlines()) == 8

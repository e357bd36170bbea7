"""Every kernel has its plain twin."""

from __future__ import annotations

import ast
from pathlib import Path

from numen.kernels import reference, reference_auto, reference_codes

KERNELS = Path(reference.__file__).parent
OTHER_NAMES = {
    "find_keys_in_all": "find_keys",
    "find_terms_in_all": "find_terms",
    "maxsim_about": "maxsim",
    "products": "search_flat",
    "search_few": "score_lists",
    "search_flat_few": "search_flat",
    "search_logs": "score_lists",
    "search_products": "score_lists",
    "search_ratios": "score_lists",
    "search_scaled": "score_lists",
    "rehash": "intern_words",
    "fill_ids": "find_ids",
    "hash_ids": "find_ids",
    "mark_ids": "find_ids",
    "marked_ids": "find_ids",
    "gap_lengths": "encode_gaps",
    "decode_gaps": "encode_gaps",
    "join_weights": "split_weights",
    "term_hashes": "term_hash",
    "trigram_lists": "alike_words",
}
"""Twins of another name: scoring stands apart from choosing the top k there, tables need no growing, and how gaps and
weights are read back follows from how they are written; lists of trigrams only say which words are compared."""


def kernels() -> list[str]:
    """The names of all functions under the decorator `kernel`."""
    found = []
    for path in KERNELS.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(d, ast.Name) and d.id == "kernel" for d in node.decorator_list
            ):
                found.append(node.name)
    return found


def test_every_kernel_has_a_plain_twin() -> None:
    assert len(kernels()) >= 12
    twins = {*reference.__all__, *reference_auto.__all__, *reference_codes.__all__}
    assert [name for name in kernels() if OTHER_NAMES.get(name, name) not in twins] == []

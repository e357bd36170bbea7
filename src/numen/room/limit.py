"""LIMIT in any shape: a task that a child can do, and that vectors of few dimensions cannot.

People like things; the question is who likes one of them. Each query owns one attribute, which exactly its k relevant
people get; everybody is then filled up to the same number of attributes with ones that no query asks for.

Source: Weller et al., "On the Theoretical Limitations of Embedding-Based Retrieval", arXiv 2508.21038, and the released
generator's rules. `Limit()` is the published shape: 50,000 documents, 1,000 queries, k = 2, dense, 45 of 1,850
attributes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from numen.errors import AlreadyExists, InputError
from numen.evaluate import Dataset, judged
from numen.room.attributes import Attribute, own_attributes
from numen.room.draws import Draw, drawn_from, sample
from numen.room.patterns import answers
from numen.room.people import People
from numen.types import Document, Progress, Qrels

__all__ = ["Limit", "Wording", "make_limit", "write_limit"]

_TOLD = 1_000  # documents between two calls of progress


@dataclass(frozen=True)
class Wording:
    """How texts read, in any language. document: has {name} and {things}; query: has {thing}; between and last: what
    stands between things, and before the last one."""

    document: str = "{name} likes {things}."
    query: str = "Who likes {thing}?"
    between: str = ", "
    last: str = " and "

    def __post_init__(self) -> None:
        for part, text, names in (("document", self.document, ("name", "things")), ("query", self.query, ("thing",))):
            if missing := [name for name in names if f"{{{name}}}" not in text]:
                raise InputError(f"the wording of a {part}, {text!r}, lacks {{{missing[0]}}}")


@dataclass(frozen=True)
class Limit:
    """A shape of LIMIT. held: attributes of each document. attributes: how many of the list are in use, those that
    queries ask for among them; None: all. synonyms: the query names an attribute differently from the document."""

    documents: int = 50_000
    queries: int = 1_000
    k: int = 2
    pattern: str = "dense"
    held: int = 45
    attributes: int | None = 1_850
    synonyms: bool = False
    seed: int = 0
    wording: Wording = field(default_factory=Wording)


def make_limit(shape: Limit, attributes: Sequence[Attribute] | None = None, name: str = "limit") -> Dataset:
    """The collection of this shape; its documents are made as they are asked for, so that any number fits in memory.

    attributes: numen's own list if not given. InputError says which part of the shape does not fit another one.
    """
    plan = _Plan(shape, attributes or own_attributes())
    ids = [f"query_{number}" for number in range(shape.queries)]
    texts = (shape.wording.query.replace("{thing}", plan.asked_as(a)) for a in plan.asked)
    qrels: Qrels = {
        id_: {plan.people[person]: 1 for person in people} for id_, people in zip(ids, plan.answers, strict=True)
    }
    return judged(name, plan.documents, dict(zip(ids, texts, strict=True)), qrels)


def write_limit(
    shape: Limit, folder: Path, attributes: Sequence[Attribute] | None = None, progress: Progress | None = None
) -> Dataset:
    """Writes the collection as a folder in BEIR layout, all or nothing, and limit.json with its shape; gives it back.

    AlreadyExists where there is something of that name.
    """
    if folder.exists():
        raise AlreadyExists(f"{folder} is there already; give a folder that is not, or remove it")
    dataset = make_limit(shape, attributes, folder.name)
    aside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        (aside / "qrels").mkdir(parents=True)
        with (aside / "corpus.jsonl").open("w", encoding="utf-8", newline="\n") as out:
            for count, document in enumerate(dataset.documents(), 1):
                line = {"_id": document.id, "title": "", "text": document.text}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
                if progress is not None and (count % _TOLD == 0 or count == shape.documents):
                    progress("documents", count, shape.documents)
        with (aside / "queries.jsonl").open("w", encoding="utf-8", newline="\n") as out:
            for query, text in dataset.queries.items():
                out.write(json.dumps({"_id": query, "text": text}, ensure_ascii=False) + "\n")
        with (aside / "qrels" / "test.tsv").open("w", encoding="utf-8", newline="\n") as out:
            out.write("query-id\tcorpus-id\tscore\n")
            for query, grades in dataset.qrels.items():
                out.writelines(f"{query}\t{document}\t{grade}\n" for document, grade in grades.items())
        made = {"shape": asdict(shape), "list": "numen's" if attributes is None else "given"}
        (aside / "limit.json").write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return dataset


class _Plan:
    """Who is asked for what, drawn once; the rest of each document follows from the seed and its number."""

    def __init__(self, shape: Limit, attributes: Sequence[Attribute]) -> None:
        self.shape = shape
        slots = answers(shape.pattern, shape.documents, shape.queries, shape.k, shape.seed)
        self.asked, self.fillers = _divided(shape, attributes)
        draw = drawn_from(shape.seed, "places")
        used = max(max(some) for some in slots) + 1
        places = sample(range(shape.documents), used, draw)  # the judged people stand anywhere in the corpus
        self.people = People(shape.documents, shape.seed)
        self.answers = [tuple(places[slot] for slot in some) for some in slots]
        self._owned: dict[int, list[Attribute]] = {}
        for attribute, people in zip(self.asked, self.answers, strict=True):
            for person in people:
                self._owned.setdefault(person, []).append(attribute)
        most = max(map(len, self._owned.values()))
        if most > shape.held:
            raise InputError(
                f"a document answers {most} queries, but documents hold {shape.held} attributes; "
                f"let them hold at least {most}, or ask fewer queries"
            )

    def asked_as(self, attribute: Attribute) -> str:
        """What a query calls the attribute."""
        return attribute.synonym if self.shape.synonyms else attribute.name

    def documents(self) -> Iterator[Document]:
        """All documents, one by one, the same at each pass."""
        shape, wording = self.shape, self.shape.wording
        for person in range(shape.documents):
            draw = drawn_from(shape.seed, "document", person)
            owned = self._owned.get(person, [])
            held = [*owned, *sample(self.fillers, shape.held - len(owned), draw)]
            names = [attribute.name for attribute in sample(held, len(held), draw)]
            things = wording.between.join(names[:-1]) + wording.last * (len(names) > 1) + names[-1]
            name = self.people[person]
            yield Document(name, wording.document.replace("{name}", name).replace("{things}", things))


def _divided(shape: Limit, attributes: Sequence[Attribute]) -> tuple[list[Attribute], list[Attribute]]:
    """(an attribute for each query, those that only fill up), drawn from the list, both of all lengths in like shares:
    else documents with answers are longer or shorter than others, and their length gives them away or hides them."""
    if shape.held < 1:
        raise InputError(f"held is {shape.held}; a document needs at least 1 attribute")
    wanted = len(attributes) if shape.attributes is None else shape.attributes
    if wanted > len(attributes):
        raise InputError(
            f"the shape uses {wanted:,} attributes and the list has {len(attributes):,}; "
            "ask for fewer, or give a longer list"
        )
    can_ask = [attribute for attribute in attributes if attribute.synonym or not shape.synonyms]
    if shape.queries > len(can_ask):
        kind = "attributes with a synonym" if shape.synonyms else "attributes"
        raise InputError(
            f"{shape.queries:,} queries need as many {kind}, and the list has {len(can_ask):,}; "
            "ask fewer queries, or give a longer list"
        )
    draw = drawn_from(shape.seed, "attributes")
    asked = _of_all_lengths(can_ask, shape.queries, draw)
    taken = set(asked)
    others = [attribute for attribute in attributes if attribute not in taken]
    fillers = max(wanted - shape.queries, 0)
    if fillers < shape.held:
        raise InputError(
            f"{wanted:,} attributes less {shape.queries:,} that are asked for leave {fillers:,} to fill up documents "
            f"of {shape.held}; ask fewer queries, use more attributes, or let documents hold fewer"
        )
    return asked, _of_all_lengths(others, fillers, draw)


def _of_all_lengths(attributes: Sequence[Attribute], count: int, draw: Draw) -> list[Attribute]:
    """`count` of them, evenly spaced by how many n-grams their names have, in random order."""
    shuffled = sample(attributes, len(attributes), draw)
    rising = sorted(shuffled, key=lambda attribute: len(attribute.name) - 2 * attribute.name.count(" "))
    start = draw() / 2
    return sample([rising[int((at + start) * len(rising) / count)] for at in range(count)], count, draw)

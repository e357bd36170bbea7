"""The page in headless Chromium: what a person sees and can do, on a desk and on a phone, by day and by night."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from numen import Collection

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

DOCUMENTS = [
    {"id": "wing", "title": "Boundary layers on a wing", "text": "The boundary layer separates early.", "year": 1962},
    {"id": "heat", "title": "Wärme", "text": "Heat in a laminar boundary layer 😀 and behind it.", "year": 1999},
    {"id": "bounds", "title": "Bounds", "text": "Unbounded layers of paint.", "year": 2005},
    {
        "id": "evil",
        "title": "<script>window.hacked=1</script>",
        "text": "<img src=x onerror=window.hacked=1> injection",
        "year": 2020,
    },
]
for _document, _lang in zip(DOCUMENTS, ("en", "de", "en", "<b>xx</b>"), strict=True):
    _document["lang"] = _lang

SIZES = {"desk": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, running: Any) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page") / "c"
    with Collection.create(folder, legs={"words": "auto", "grams": "numen:4096"}) as collection:
        collection.add(DOCUMENTS)
    with running(folder) as process:
        yield process.base


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


Open = Callable[..., Any]


@pytest.fixture
def look(browser: Any, address: str) -> Iterator[Open]:
    """`look("q=x")`: a page that shows this view; what it says in its console, or asks elsewhere, fails the test."""
    said: list[str] = []
    contexts = []

    def opened(view: str = "", size: str = "desk", scheme: str = "light") -> Any:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if not request.url.startswith(address) else None)
        page.goto(f"{address}/#{view}")
        _until(page, "document.getElementById('collection').options.length > 0")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [line for line in said if "422" not in line] == []


def _until(page: Any, expression: str) -> None:
    """Waits until it is true; playwright's own way to wait is an `eval`, which the page's policy forbids."""
    until = time.monotonic() + 15
    while not page.evaluate(expression):
        assert time.monotonic() < until, expression
        page.wait_for_timeout(20)


def _hits(page: Any) -> list[str]:
    page.wait_for_selector(".hit .because")
    return list(page.eval_on_selector_all(".hit", "hits => hits.map(hit => hit.dataset.id)"))


def test_answers_come_as_one_types_with_the_reason(look: Open) -> None:
    page = look()
    page.wait_for_selector("#welcome:not([hidden])")
    page.locator("#query").press_sequentially("boundary layer", delay=5)
    assert {"wing", "heat", "bounds"} <= set(_hits(page))
    because = page.locator(".because").first.inner_text()
    assert "boundary" in because
    assert "%" in because
    assert page.locator(".hit mark").count() >= 2
    assert page.locator(".lane .seg").count() >= 2
    assert "among 4 documents" in page.locator("#status").inner_text()


def test_a_typing_error_is_forgiven_and_the_word_behind_it_named(look: Open) -> None:
    page = look("q=boundry+layr&leg=words")
    assert _hits(page)[0] in ("wing", "heat")
    assert "via" in page.locator(".because").first.inner_text()
    assert "boundary" in page.locator("#words").inner_text()


def test_why_in_full_and_the_whole_text_open_by_key(look: Open) -> None:
    page = look("q=boundary+layer")
    _hits(page)
    page.locator("#query").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    full = page.locator(".hit").first.locator(".full")
    full.locator(".row").first.wait_for()
    assert "of 4 documents" in full.inner_text()
    _until(page, "document.querySelector('.whole').textContent.includes('layer')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.press("Escape")
    page.wait_for_selector("#welcome:not([hidden])")


def test_legs_stand_side_by_side(look: Open) -> None:
    page = look("q=unbound+layer&side=")
    page.wait_for_selector(".column li")
    assert page.locator(".column h2").all_inner_texts() == ["words auto", "grams numen:4096"]
    assert page.locator(".column .badge, .column .else").count() == page.locator(".column li").count()
    page.locator("#side").click()
    assert _hits(page)


def test_a_filter_is_ticked_written_and_taken_back(look: Open) -> None:
    page = look("q=layer")
    assert len(_hits(page)) == 3
    page.locator("#filter").click()
    page.get_by_label("de", exact=False).first.check()
    _until(page, "document.querySelectorAll('.hit').length === 1")
    assert "lang = 'de'" in page.locator("#kept").inner_text()
    page.get_by_role("button", name="All again").click()
    _until(page, "document.querySelectorAll('.hit').length === 3")
    page.locator("#where").fill("year > 2000")
    _until(page, "document.querySelectorAll('.hit').length === 1")
    assert _hits(page) == ["bounds"]
    page.locator("#where").fill("yaer > 2000")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "did you mean 'year'" in page.locator("#trouble").inner_text()


def test_a_link_makes_the_view_again(look: Open) -> None:
    page = look("q=layer")
    _hits(page)
    page.locator("#options").click()
    page.locator("#k").select_option("5")
    page.locator("#fuse").select_option("minmax")
    page.locator("#legs button").nth(1).click()
    page.locator("#query").fill("layer boundary & 100%")
    _until(page, "location.hash.includes('boundary')")
    first = _hits(page)
    again = look(page.url.partition("#")[2])
    assert _hits(again) == first
    assert again.locator("#query").input_value() == "layer boundary & 100%"
    assert again.locator("#k").input_value() == "5"
    assert again.locator("#legs button").nth(1).get_attribute("aria-pressed") == "false"


def test_nothing_found_and_too_much_asked_are_said(look: Open) -> None:
    page = look("q=zzzzzzzz&leg=words")
    _until(page, "document.getElementById('status').textContent.includes('Nothing')")
    assert page.locator(".hit").count() == 0
    page.locator("#query").fill("layer " * 1666)
    page.wait_for_selector(".hit .because")
    page.locator("#query").fill("x" * 10_001)
    page.wait_for_selector("#trouble:not([hidden])")
    assert "10,000" in page.locator("#trouble").inner_text()
    page.locator("#query").fill("layer")
    page.wait_for_selector(".hit .because")
    assert page.locator("#trouble").is_hidden()


def test_what_documents_hold_is_shown_and_never_run(look: Open) -> None:
    page = look("q=injection")
    assert "evil" in _hits(page)
    page.locator(".hit .more").first.click()
    _until(page, "document.querySelector('.whole').textContent.includes('onerror')")
    page.locator("#filter").click()
    page.wait_for_selector("#filters fieldset")
    assert "<script>" in page.locator(".hit h2").first.inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".hit img, .hit script, .hit h2 b").count() == 0


VIEWS = {
    "welcome": "",
    "hits": "q=boundry+layer+zzzz",
    "sides": "q=boundary+layer&side=",
    "nothing": "q=zzzzzzzz&leg=words",
    "trouble": "q=layer&where=yaer",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_every_view_is_accessible_and_fits(size: str, scheme: str, look: Open) -> None:
    pytest.importorskip("axe_playwright_python")
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    for name, view in VIEWS.items():
        page = look(view, size, scheme)
        page.wait_for_selector(
            "#welcome:not([hidden]), .because, .column li, #trouble:not([hidden]), #status:has-text('Nothing')"
        )
        if name == "hits":
            page.locator("#filter").click()
            page.locator("#options").click()
            page.wait_for_selector("#filters fieldset")
            page.locator(".hit .more").first.click()
            page.wait_for_selector(".whole")
            page.locator("#facts summary").click()
        page.evaluate(axe)
        found = page.evaluate("axe.run()")
        broken = [
            (one["id"], [node["html"][:160] + str(node["any"][:1])[:300] for node in one["nodes"][:3]])
            for one in found["violations"]
        ]
        assert broken == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if name == "hits":
            page.locator("#help").click()
            dialog = page.evaluate("axe.run('#keys')")
            assert [one["id"] for one in dialog["violations"]] == []
        page.context.close()


def test_with_keys_the_page_asks_for_one(browser: Any, tmp_path: Path, running: Any) -> None:
    with Collection.create(tmp_path / "c") as collection:
        collection.add(DOCUMENTS)
    (tmp_path / "keys").write_text(f"read {'k' * 24}\n", encoding="utf-8")
    with running(tmp_path / "c", "--keys", str(tmp_path / "keys")) as process:
        page = browser.new_page()
        page.goto(process.base)
        page.wait_for_selector("#ask[open]")
        page.locator("#key").fill("k" * 24)
        page.locator("#ask button").click()
        page.locator("#query").fill("layer")
        page.wait_for_selector(".hit .because")
        assert "not allowed" in page.locator("#about").text_content()
        page.close()

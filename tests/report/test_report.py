"""The report: what it says agrees with the choice, what it draws with the rows, and nothing in it can run or be fetched."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from scaling_search.analysis.recommendation import recommend
from scaling_search.networks.candidates import Candidate, candidate, nearest
from scaling_search.networks.simplex_lattice import simplex_lattice
from scaling_search.records import EpochResult, StudyRow, TrialRow
from scaling_search.report import StudyData, collect_study_data, figures, report_html
from scaling_search.report.narrative import paragraphs
from scaling_search.report.study_data import grid, surface_grid, surface_of
from scaling_search.report.surface_map import clip_above, position
from scaling_search.report.svg import CIVIDIS, colour, tag, ticks
from scaling_search.report.triangle_figure import Mark, triangle_svg
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.support.factories import trial_row

SPEC = """
name: rep
description: "<script>alert(1)</script> & more"
base: {width: 0.25, resolution: 18, strides: [1, 1, 1, 2, 2, 1, 2, 1]}
budget: {divisor: 2}
proxy: {epochs: 2}
family: {phi: [0.5, 1, 4]}
"""
NASTY = "boom <img src=x onerror=alert(1)>\n\"quoted\" & 'more'"
WHEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

Row = Callable[..., TrialRow]
Study = Callable[..., StudyData]


def row(number: int, c: Candidate, accuracy: float | None, **changes: Any) -> TrialRow:
    """A complete run of a candidate; ``accuracy`` a fraction."""
    return trial_row(
        c, **({"number": number, "accuracy": accuracy, "epochs": 2, "started_at": WHEN, "finished_at": WHEN} | changes)
    )


def rows_of(spec: StudySpec, networks: int, spread: float = 5.0) -> list[TrialRow]:
    """Two runs of the base, then two of each network; accuracy rises with the depth share by ``spread`` points."""
    pool, random = search_space(spec), np.random.default_rng(0)
    chosen: dict[str, Candidate] = {}
    for point in simplex_lattice(networks)[:networks]:
        found = nearest(pool, point, skip=chosen)
        chosen[found.key] = found
    base = candidate(spec.base_architecture(), spec.base_architecture())
    made = [row(i, base, 0.8 + 0.002 * i, role="base", shares=None) for i in (0, 1)]
    for c in [*chosen.values()] * 2:
        accuracy = 0.8 + spread / 100 * c.shares[0] + 0.002 * float(random.standard_normal())
        made.append(row(len(made), c, accuracy))
    return made


def epochs_of(rows: list[TrialRow]) -> list[tuple[int, int, EpochResult]]:
    """Two epochs of each run that has an accuracy."""
    return [
        (r.number, r.attempts, EpochResult(e, 1.0, 1.0, r.accuracy - (0 if e else 0.05), 0.004, 15.0, 500.0))
        for r in rows
        if r.accuracy is not None
        for e in (0, 1)
    ]


@pytest.fixture(scope="module")
def study() -> Study:
    """StudyData of a synthetic study; ``text`` replaces the spec, ``extra`` adds rows after the choice."""

    def make(networks: int = 15, extra: Any = (), text: str = SPEC, chosen: bool = True, **changes: Any) -> StudyData:
        spec = parse(text)
        rows = rows_of(spec, networks, **changes)
        choice = recommend(rows, spec)[0] if chosen else None
        rows += [e(spec, len(rows) + i) for i, e in enumerate(extra)]
        kept = StudyRow("rep", spec.description, "complete", None, spec.model_dump(mode="json"), spec.hash(), {"torch": "2.14.1"}, WHEN, WHEN, WHEN)  # fmt: skip
        return collect_study_data(kept, rows, epochs_of(rows), choice)

    return make


@pytest.fixture(scope="module")
def found(study: Study) -> StudyData:
    """A study whose truth is that depth is best, with one failed run."""
    return study(extra=[failed])


@pytest.fixture(scope="module")
def page(found: StudyData) -> str:
    return report_html(found)


def failed(spec: StudySpec, number: int) -> TrialRow:
    """A run that ended badly, with words that a page must not trust."""
    network = nearest(search_space(spec), (0.1, 0.2, 0.7))
    return row(number, network, None, state="failed", error=NASTY, loss=None, seconds=None)


def said(found: StudyData) -> str:
    return " ".join(str(words) for _, words in paragraphs(found))


class Reader(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


# --- the page


def test_the_page_needs_nothing_from_outside_and_runs_nothing(page: str) -> None:
    read = Reader(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert not re.findall(r"@import|url\((?!#)", page)
    urls = {v for name, v in read.attributes if "//" in v}
    assert urls == {"http://www.w3.org/2000/svg"}  # a name, never fetched


def test_words_from_users_are_text(page: str) -> None:
    text = Reader(page).text
    assert "<script>alert(1)</script> & more" in text
    assert NASTY in text
    assert "<script>" not in page
    assert "<img" not in page


def test_the_page_says_what_was_chosen_and_how_it_was_made(found: StudyData, page: str) -> None:
    text, choice = Reader(page).text, found.choice
    assert choice is not None
    for name in ("alpha", "beta", "gamma"):
        assert f"{choice[name]:.3f}" in text
    assert all(f"\n{m['name'].upper()}" in re.sub(r"<[^>]+>", "\n", page) for m in choice["family"]["models"])
    assert all(r.key in text for r in found.rows if r.role == "candidate")
    assert found.study.spec_hash in text
    assert "2.14.1" in text
    assert "1 failed" in text
    assert "released EfficientNets" in text


def test_the_spec_in_the_page_runs_the_same_study(found: StudyData, page: str) -> None:
    shown = re.findall(r'<pre class="spec">(.*?)</pre>', page, re.S)[0]
    assert StudySpec.model_validate(yaml.safe_load(Reader(shown).text)).hash() == found.spec.hash()


def test_the_same_rows_give_the_same_page(found: StudyData, page: str) -> None:
    assert report_html(found) == page


def test_a_study_without_a_choice_has_a_report(study: Study) -> None:
    text = Reader(report_html(study(3, chosen=False))).text
    assert "Nothing is chosen yet" in text
    assert "8 of 8 planned runs are complete" in text
    assert "The family" not in text


def test_a_study_without_rows_has_a_report(study: Study) -> None:
    bare = study(3, chosen=False)
    text = report_html(replace(bare, rows=[], epochs=[], networks=[]))
    assert "none yet" in text
    assert text.count("<svg") == 1


def test_a_long_study_says_what_it_leaves_out(found: StudyData) -> None:
    rows = [replace(found.rows[2], number=i) for i in range(510)]
    text = Reader(report_html(replace(found, rows=rows, epochs=epochs_of(rows)))).text
    assert "10 more runs are left out here" in text
    assert "The first 150 runs are drawn." in text


def test_the_command_writes_it_without_torch(tmp_path: Path) -> None:
    spec, store = parse(SPEC), Store(open_database(str(tmp_path / "s.db"), create=True))
    store.create_study(spec.name, spec.description, spec.model_dump(mode="json"), spec.hash(), {"torch": "2.14.1"})
    store.close()
    code = "import sys; from scaling_search.cli import main\ntry: main()\nfinally: print('torch' in sys.modules)"
    args = ["export", "rep", "--db", "s.db", "--format", "html", "-o", "r.html"]
    done = subprocess.run(
        [sys.executable, "-c", code, *args], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
    assert "Nothing is chosen yet" in (tmp_path / "r.html").read_text(encoding="utf-8")


# --- its words


def test_the_words_agree_with_the_choice(found: StudyData) -> None:
    words, choice = said(found), found.choice
    assert choice is not None
    assert f"{choice['runs']} runs of {choice['networks']} networks" in words
    assert f"{len(found.candidates)} real networks" in words
    assert f"{choice['accuracy']:.1%}" in words
    assert f"{max(choice['expected_regret'], 0.01):.2f} points short" in words
    assert "Spend each doubling of cost on depth alone." in words
    assert f"{choice['tie_fraction']:.0%} of the networks may be as good" in words
    assert "over 99% against the paper’s shares" in words


def test_few_networks_have_no_surface_and_the_report_says_so(study: Study) -> None:
    few = study(4)
    assert few.surface is None
    assert "not a fit" in said(few)
    assert "--trials 4</code>" in said(few)
    note = figures(few)["triangle"]["note"]
    assert note.endswith("No surface is fitted: that takes 8 networks, and 4 ran.")
    assert "fitted accuracy" not in report_html(few)


def test_a_flat_surface_is_called_no_preference(found: StudyData) -> None:
    assert found.choice is not None
    flat = replace(found, choice={**found.choice, "tie_fraction": 1.0})
    assert "No preference" in report_html(flat)
    assert "Nothing is preferred" in said(flat)
    assert "All of the networks may be as good" in said(flat)


def test_a_nominal_grid_says_that_cost_differs(study: Study) -> None:
    nominal = study(10, text=SPEC.replace("budget: {", "budget: {mode: nominal, rounding: official, "))
    assert nominal.surface is None
    assert "partly rank their cost" in said(nominal)
    assert "{mode: real}" in said(nominal)
    assert figures(nominal)["triangle"]["note"].endswith("these networks differ in real cost.")


def test_later_runs_are_owned_up_to(study: Study) -> None:
    def again(spec: StudySpec, number: int) -> TrialRow:
        return row(number, nearest(search_space(spec), (0.3, 0.3, 0.4)), 0.81)

    assert "1 more run finished since this choice" in report_html(study(extra=[again]))
    assert "2 more runs finished since this choice" in report_html(study(extra=[again, again]))


# --- its figures


def test_every_figure_is_well_formed_and_described(found: StudyData) -> None:
    for name, figure in figures(found).items():
        root = ET.fromstring(figure["svg"])
        assert root.get("aria-label"), name
        assert figure["title"]
        assert not root.findall(".//{*}script")


def test_the_triangle_names_every_network(found: StudyData) -> None:
    titles = [t.text or "" for t in ET.fromstring(figures(found)["triangle"]["svg"]).iter("{*}title")]
    titles += [t.text or "" for t in ET.fromstring(figures(found)["triangle"]["svg"]).findall(".//{*}title")]
    for network in found.networks:
        assert any(network.key in t for t in titles), network.key
    assert any("1 failed" in t for t in titles)
    assert any("The choice" in t for t in titles)
    assert any("the paper’s shares" in t for t in titles)


def test_a_name_beside_the_choice_s_is_moved_off_it() -> None:
    choice, near, far = (Mark(n, s, n) for n, s in (("choice", (0.1, 0.9, 0.0)), ("fast", (0.1, 0.8, 0.1)), ("even", (0.3, 0.4, 0.3))))  # fmt: skip
    texts = ET.fromstring(triangle_svg([], None, choice, [near, far], ["", "", ""])).findall(".//{*}text")
    height = {t.text: float(t.get("y", "0")) - position(m.shares)[1] for t in texts for m in (choice, near, far) if t.text == m.name}  # fmt: skip
    assert height["choice"] == pytest.approx(height["even"], abs=0.1)
    assert abs(height["fast"] - height["choice"]) > 14


def test_the_surface_is_that_of_the_choice(found: StudyData) -> None:
    choice = found.choice
    assert choice is not None
    assert found.fitted(tuple(choice["shares"])) == pytest.approx(choice["accuracy"], abs=1e-9)


def test_the_grid_finds_depth_best_and_rules_out_the_rest(found: StudyData) -> None:
    assert found.surface is not None
    assert found.choice is not None
    made = surface_grid(found.surface, tuple(found.choice["shares"]), steps=10)
    assert made.shares[made.mean.argmax()][0] >= 0.9
    far, near = made.shares[:, 0] < 0.1, made.shares[:, 0] > 0.95
    assert (made.worse[far] > 0.9).all()
    assert (made.worse[near] < 0.9).all()
    assert surface_of(found.rows[:9]) is None


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_grid_tiles_the_triangle(steps: int) -> None:
    shares, cells = grid(steps)
    assert shares.sum(axis=1) == pytest.approx(np.ones(len(shares)))
    assert len(cells) == steps**2
    sides = np.diff(shares[cells][:, :, :2], axis=1)
    areas = abs(np.linalg.det(sides)) / 2
    assert areas.sum() == pytest.approx(0.5)
    assert len({tuple(sorted(c)) for c in cells.tolist()}) == steps**2


def test_a_region_is_cut_where_the_level_is_reached() -> None:
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    assert clip_above(corners, np.array([0.0, 0.0, 0.0]), 1) == ([], [])
    outline, edge = clip_above(corners, np.array([2.0, 0.0, 0.0]), 1)
    assert [p.tolist() for p in edge] == [[2, 0], [0, 2]]
    assert [p.tolist() for p in outline] == [[0, 0], [2, 0], [0, 2]]
    outline, edge = clip_above(corners, np.array([2.0, 3.0, 4.0]), 1)
    assert (len(outline), len(edge)) == (3, 0)


def test_only_the_latest_attempt_is_drawn(found: StudyData) -> None:
    rows = [replace(r, attempts=2) if r.number == 2 else r for r in found.rows]
    old = [(n, 1, e) for n, _, e in found.epochs if n == 2]
    drawn = replace(found, rows=rows, epochs=[*old, *(e for e in found.epochs if e[0] != 2)])
    assert "run 2, " not in figures(drawn)["curves"]["svg"]
    assert "run 3, " in figures(drawn)["curves"]["svg"]


def test_the_titles_state_the_finding(found: StudyData) -> None:
    assert (
        figures(found)["curves"]["title"] == "The runs were still climbing: +5.0 points in the last epoch, on average"
    )
    assert re.match(r"Real cost explains \d+% of the variance between 15 networks", figures(found)["cost"]["title"])
    assert figures(found)["triangle"]["title"].startswith("All but ")
    assert found.choice is not None
    unsure = replace(found, choice={**found.choice, "tie_fraction": 0.9})
    assert figures(unsure)["triangle"]["title"].startswith("Ruled out so far: 10% of the networks")


# --- the drawing kit


def test_tags_escape_what_they_are_given() -> None:
    assert str(tag("text", "<b>", class_='"x"', stroke_width=2.0, fill=None)) == (
        '<text class="&#34;x&#34;" stroke-width="2">&lt;b&gt;</text>'
    )


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (74.8, 75.9, [74.8, 75.0, 75.2, 75.4, 75.6, 75.8]), (3, 3, [3])],
)
def test_ticks_are_round(low: float, high: float, found: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(found)


def test_the_colour_map_gets_lighter_all_the_way() -> None:
    greys = [sum(w * int(colour(f)[i : i + 2], 16) for w, i in ((0.2126, 1), (0.7152, 3), (0.0722, 5))) for f in np.linspace(0, 1, 50)]  # fmt: skip
    assert greys == sorted(greys)
    assert (colour(-1), colour(2)) == (colour(0), colour(1))
    assert colour(1) == "#" + "".join(f"{v:02x}" for v in CIVIDIS[-1])

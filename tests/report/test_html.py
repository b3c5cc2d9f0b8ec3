"""The page: it needs nothing from outside, runs nothing, and escapes what users wrote."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import yaml

from scaling_search.networks.candidates import nearest
from scaling_search.records import TrialRow
from scaling_search.report import StudyData, figures, report_html
from scaling_search.spec.search_space import search_space
from scaling_search.spec.study import StudySpec
from scaling_search.spec.study_file import parse
from scaling_search.store import Store, open_database
from tests.support.report import NASTY, SPEC, PageReader, epochs_of, run_of, synthetic_study


def test_the_page_needs_nothing_from_outside_and_runs_nothing(page: str) -> None:
    read = PageReader(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert not re.findall(r"@import|url\((?!#)", page)
    urls = {v for name, v in read.attributes if "//" in v}
    assert urls == {"http://www.w3.org/2000/svg"}  # a name, never fetched


def test_words_from_users_are_text(page: str) -> None:
    text = PageReader(page).text
    assert "<script>alert(1)</script> & more" in text
    assert NASTY in text
    assert "<script>" not in page
    assert "<img" not in page


def test_the_page_says_what_was_chosen_and_how_it_was_made(data: StudyData, page: str) -> None:
    text, choice = PageReader(page).text, data.choice
    assert choice is not None
    for name in ("alpha", "beta", "gamma"):
        assert f"{choice[name]:.3f}" in text
    assert all(f"\n{m['name'].upper()}" in re.sub(r"<[^>]+>", "\n", page) for m in choice["family"]["models"])
    assert all(r.key in text for r in data.rows if r.role == "candidate")
    assert data.study.spec_hash in text
    assert "2.14.1" in text
    assert "1 failed" in text
    assert "released EfficientNets" in text


def test_the_spec_in_the_page_runs_the_same_study(data: StudyData, page: str) -> None:
    shown = re.findall(r'<pre class="spec">(.*?)</pre>', page, re.S)[0]
    assert StudySpec.model_validate(yaml.safe_load(PageReader(shown).text)).hash() == data.spec.hash()


def test_the_same_rows_give_the_same_page(data: StudyData, page: str) -> None:
    assert report_html(data) == page


def test_a_study_without_a_choice_has_a_report() -> None:
    text = PageReader(report_html(synthetic_study(3, has_choice=False))).text
    assert "Nothing is chosen yet" in text
    assert "8 of 8 planned runs are complete" in text
    assert "The family" not in text


def test_a_study_without_rows_has_a_report() -> None:
    bare = synthetic_study(3, has_choice=False)
    text = report_html(replace(bare, rows=[], epochs=[], networks=[]))
    assert "none yet" in text
    assert text.count("<svg") == 1


def test_a_long_study_says_what_it_leaves_out(data: StudyData) -> None:
    rows = [replace(data.rows[2], number=i) for i in range(510)]
    text = PageReader(report_html(replace(data, rows=rows, epochs=epochs_of(rows)))).text
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


def test_later_runs_are_owned_up_to() -> None:
    def again(spec: StudySpec, number: int) -> TrialRow:
        return run_of(number, nearest(search_space(spec), (0.3, 0.3, 0.4)), 0.81)

    assert "1 more run finished since this choice" in report_html(synthetic_study(extra=[again]))
    assert "2 more runs finished since this choice" in report_html(synthetic_study(extra=[again, again]))


def test_every_figure_is_well_formed_and_described(data: StudyData) -> None:
    for name, figure in figures(data).items():
        root = ET.fromstring(figure["svg"])
        assert root.get("aria-label"), name
        assert figure["title"]
        assert not root.findall(".//{*}script")

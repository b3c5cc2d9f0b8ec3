"""What the command line refuses: one readable message, exit code 2 for wrong input and 1 for what failed, never a traceback."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from scaling_search.cli import main
from scaling_search.store import Store, open_database
from scaling_search.store.database import HEAD, VERSION_TABLE

SPEC = "base: {width: 0.25, resolution: 18, strides: [1,1,1,2,2,1,2,1]}\nbudget: {divisor: 2}\n"
PX_ONLY = "family --base efficientnet_v2_s --alpha 1 --beta 1 --gamma 1.41"
TRIPLE = "family --alpha 1.2 --beta 1.1 --gamma 1.15"


def _sqlite(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases and study files, good and bad."""
    made = tmp_path_factory.mktemp("refusals")
    version = f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR)"
    _sqlite(made / "foreign.db", "CREATE TABLE users (id)")
    _sqlite(made / "newer.db", version, f"INSERT INTO {VERSION_TABLE} VALUES ('9999')")
    _sqlite(made / "older.db", version, f"INSERT INTO {VERSION_TABLE} VALUES ('0000')")
    _sqlite(made / "unversioned.db", version)
    (made / "text.db").write_text("this is no database, but it is long enough to look at " * 20)
    (made / "empty.db").touch()
    (made / "folder").mkdir()
    store = Store(open_database(str(made / "s.db"), create=True))
    store.create_study("queued", "", {"name": "queued"}, "hash", {})
    store.close()
    shutil.copy(made / "s.db", made / "twin.db")
    (made / "blank.yaml").write_text("# nothing yet\n")
    (made / "hollow.yaml").write_text("name: 7\nsearch:\n")
    (made / "good.yaml").write_text(f"name: good\n{SPEC}")
    (made / "broken.yaml").write_text("name: x\nbase: {width: 0.25\nsearch:\n")
    (made / "typo.yaml").write_text("name: x\nserach: {trials: 3}\n")
    (made / "list.yaml").write_text("- name\n")
    (made / "binary.yaml").write_bytes(b"\xff\xfe\x00name")
    (made / "none.yaml").write_text(f"name: none\n{SPEC.replace('divisor: 2', 'divisor: 64, tolerance: 0.0001')}")
    return made


TABLE: list[tuple[str, int, str]] = [
    # commands and options
    ("nope", 2, "No such command 'nope'"),
    ("plan", 2, "Missing argument 'SPEC'"),
    ("show", 2, "Missing argument 'STUDY'"),
    ("plan good.yaml --jsno", 2, "No such option"),
    ("run good.yaml --slots 0", 2, "--slots"),
    ("run good.yaml --slots two", 2, "--slots"),
    ("spec", 2, "give a study file, or --schema"),
    # study files
    ("plan nope", 2, "there is no study file 'nope'"),
    ("plan nope", 2, "quickstart"),
    ("plan nope.yaml", 2, "cannot read the study file nope.yaml"),
    ("plan folder/nope.yaml", 2, "folder/nope.yaml"),
    ("spec broken.yaml", 2, "broken.yaml is not YAML: line "),
    ("plan typo.yaml", 2, "serach: unknown field"),
    ("plan list.yaml", 2, "holds list, not fields"),
    ("plan blank.yaml", 2, "blank.yaml is empty"),
    ("plan hollow.yaml", 2, "name: should be a string, and this is a number (7): quote it"),
    ("plan hollow.yaml", 2, "search: is empty: give fields, or leave it out"),
    ("plan quick-start", 2, "did you mean quickstart?"),
    ("run binary.yaml --db s.db", 2, "not UTF-8"),
    ("plan folder", 2, "folder"),
    ("plan none.yaml", 2, "no network costs 2× the base"),
    ("plan none.yaml", 2, "budget.tolerance"),
    # databases
    ("list --db missing.db", 2, "there is no database at missing.db"),
    ("list", 2, "there is no database at scaling_search.db"),
    ("show x --db missing.db", 2, "SCALING_SEARCH_DB"),
    ("run good.yaml --db nowhere/s.db", 2, "the folder nowhere does not exist"),
    ("db upgrade --db nowhere/s.db", 2, "the folder nowhere does not exist"),
    ("run good.yaml --db :memory:", 2, "in memory"),
    ("run good.yaml --db nonsense://x", 2, "'nonsense://x' is no database"),
    (
        "list --db postgresql://u@h:notaport/d",
        2,
        "--db: 'postgresql://u@h:notaport/d' is no database: its host or port",
    ),
    ("list --db postgresql://u:word@[::1/d", 2, "--db: 'postgresql://u:***@[::1/d' is no database: its host or port"),
    ("db current --db postgresql://u@h:notaport/d", 2, "a port is a number"),
    ("list --db sqlite:///s.db?mode=ro", 2, "a SQLite file takes no ?parameters"),
    ("list --db s.db?mode=ro", 2, "there is no database at s.db?mode=ro"),
    (f"list --db {'x' * 300}.db", 2, "there is no database at xxx"),
    ("show x --db empty.db", 2, "is empty"),
    ("show x --db foreign.db", 1, "another program's database (it has users)"),
    ("run good.yaml --db foreign.db", 1, "another program's database"),
    ("db upgrade --db foreign.db", 1, "another program's database"),
    ("show x --db text.db", 1, "cannot use the database text.db"),
    ("run good.yaml --db text.db", 1, "cannot use the database text.db"),
    ("db upgrade --db text.db", 1, "cannot use the database text.db"),
    ("show x --db folder", 1, "cannot use the database folder"),
    ("show x --db postgresql://me@127.0.0.1:9/x", 1, "check host, port, name, user and password"),
    ("show x --db newer.db", 1, f"schema 9999; this program knows {HEAD}"),
    ("run good.yaml --db newer.db", 1, "upgrade scaling-search"),
    ("db upgrade --db newer.db", 1, "schema 9999"),
    ("show x --db older.db", 1, "scaling-search db upgrade --db older.db"),
    ("db upgrade --db older.db", 1, "0000"),
    ("show x --db unversioned.db", 1, "unversioned.db"),
    ("db upgrade --db unversioned.db", 1, "unversioned.db"),
    ("db copy s.db twin.db", 2, "run: scaling-search serve --db twin.db"),
    ("db copy s.db twin.db --study queued", 2, "DELETE /api/v1/studies/queued"),
    ("db copy s.db twin.db --study nope", 2, "there is no study 'nope'"),
    # datasets
    ("data check fashion-mnist", 2, "there is no dataset 'fashion-mnist'"),
    ("data check fashion-mnist", 2, "did you mean fashion_mnist"),
    ("data check CIFAR-100", 2, "did you mean cifar100"),
    ("data check quick_start", 2, "did you mean quickstart?"),
    ("data check nothing-like-it", 2, "datasets: fashion_mnist, digits"),
    ("data check nope.yaml", 2, "cannot read the study file nope.yaml"),
    ("data check torchvision:Nope", 2, "torchvision:Nope cannot be used"),
    # studies
    ("show nope --db s.db", 2, "there is no study 'nope'"),
    ("show nope --db s.db", 2, "known: queued"),
    ("trials nope --db s.db", 2, "there is no study 'nope'"),
    ("choose nope --db s.db", 2, "there is no study 'nope'"),
    ("export nope --db s.db", 2, "there is no study 'nope'"),
    ("export queued --db s.db", 2, "has no choice yet"),
    ("export queued --db s.db --format bundle", 2, "--format bundle needs --output"),
    ("export queued --db s.db --format curves", 2, "nothing to draw in curves yet"),
    ("choose queued --db s.db", 1, "nothing to choose from"),
    ("validate queued --db s.db", 2, "run: scaling-search resume queued --db s.db"),
    ("cam queued --db s.db", 2, "run: scaling-search validate queued --db s.db"),
    # outputs
    ("trials queued --db s.db --format xml", 2, "choose one of: csv, json, parquet"),
    ("trials queued --db s.db -o nowhere/x.csv", 2, "cannot write nowhere/x.csv"),
    ("trials queued --db s.db -o folder", 2, "cannot write folder"),
    ("family --preset efficientnet -o nowhere/x", 2, "cannot write nowhere/x"),
    ("trials queued --db s.db --format bogus --json", 2, "choose one of: csv, json, parquet"),
    ("validate queued --db s.db --format bogus --json", 2, "choose one of: json, csv, markdown"),
    ("family --preset efficientnet --format bogus --json", 2, "choose one of: json, csv, markdown, python"),
    ("family --preset efficientnet --format xml", 2, "choose one of: json, csv, markdown, python"),
    # families
    ("family", 2, "--alpha, --beta and --gamma are needed"),
    ("family --alpha 1.2 --beta 1.1", 2, "--alpha, --beta and --gamma are needed"),
    ("family --preset resnet", 2, "unknown preset 'resnet'"),
    ("family --alpha deep --beta 1.1 --gamma 1.15", 2, "--alpha"),
    ("family --alpha 0.9 --beta 1.1 --gamma 1.15", 2, "alpha is 0.9; it must be from 1 to 4"),
    ("family --alpha nan --beta 1.1 --gamma 1.15", 2, "alpha is nan"),
    ("family --alpha 1 --beta 1 --gamma 1", 2, "nothing grows"),
    (f"{PX_ONLY} --phi 2", 2, "φ = 2 needs 769 px where nothing else grows, and efficientnet_v2_s stops at 480 px"),
    ("base check nope", 2, "there is no study file 'nope'"),
    ("base check :b", 2, "invalid factory ':b'"),
    ("base check ../x:y", 2, "invalid factory '../x:y'"),
    ("base check no_such_nets:f", 2, "cannot import no_such_nets:f: ModuleNotFoundError"),
    (f"{TRIPLE} --phi one,two", 2, "--phi: 'one,two'"),
    (f"{TRIPLE} --phi 0", 2, "--phi: '0'"),
    (f"{TRIPLE} --phi 1,,2", 2, "--phi: '1,,2'"),
    (f"{TRIPLE} --phi nan", 2, "--phi: 'nan'"),
    (f"{TRIPLE} --phi 99", 2, "from −6 to 12"),
    (f"{TRIPLE} --rounding floor", 2, "choose one of: nearest, official"),
    (f"{TRIPLE} --base resnet", 2, "unknown base network 'resnet'"),
    (f"{TRIPLE} --resolution 2", 2, "--resolution"),
]


@pytest.mark.parametrize(("command", "code", "says"), TABLE)
def test_it_is_refused_in_words(
    command: str, code: int, says: str, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``main`` is what both the script and ``python -m`` call; any other exception would be a traceback there."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SCALING_SEARCH_DB", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["scaling-search", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capfd.readouterr()
    assert ended.value.code == code, err
    assert says in err
    assert out == ""
    assert len(err.strip().splitlines()) <= 6


@pytest.mark.parametrize(
    ("db", "state", "words"),
    [
        ("s.db", "newest", f"s.db: schema {HEAD} (the newest)"),
        ("older.db", "older", f"(the newest is {HEAD}; run: scaling-search db upgrade --db older.db)"),
        ("empty.db", "empty", "run: scaling-search db upgrade --db empty.db"),
        ("newer.db", "newer", f"(this program knows {HEAD} and is too old for it; upgrade scaling-search)"),
    ],
)
def test_db_current_ends_with_1_unless_the_schema_is_the_newest(
    db: str, state: str, words: str, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    said = []
    for more in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["scaling-search", "db", "current", "--db", db, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code, err) == (0 if state == "newest" else 1, "")
        said.append(out)
    assert words in said[0]
    values = json.loads(said[1])
    assert (values["database"], values["newest"], values["state"]) == (db, HEAD, state)
    assert (values["schema"] == HEAD) == (state == "newest")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["--version", "family --preset efficientnet", "spec --schema"])
def test_an_output_that_cannot_be_written_is_one_message(command: str) -> None:
    with open("/dev/full", "w") as full:
        start = [sys.executable, "-m", "scaling_search.cli", *command.split()]
        done = subprocess.run(start, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: cannot write the output: No space left on device\n")


def test_an_output_that_is_closed_is_no_error() -> None:
    start = f"exec {sys.executable} -m scaling_search.cli family --preset efficientnet --format json >&-"
    done = subprocess.run(["sh", "-c", start], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("command", "code"), [("show x --db foreign.db", 1), ("family --preset resnet", 2)])
def test_a_process_ends_with_the_code_and_the_message(command: str, code: int, folder: Path) -> None:
    script = Path(sys.executable).with_name("scaling-search")
    for start in ([sys.executable, "-m", "scaling_search.cli"], [str(script)]):
        done = subprocess.run([*start, *command.split()], cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr


def test_a_refusal_creates_nothing(folder: Path) -> None:
    assert not any(folder.glob("nowhere*"))
    assert not (folder / "missing.db").exists()
    assert not (folder / "scaling_search.db").exists()
    connection = sqlite3.connect(folder / "foreign.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("users",)]
    connection.close()

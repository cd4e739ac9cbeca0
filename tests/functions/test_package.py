"""The rules of packaging: what goes in, what stays out, which digests hold, and that the zip is always the same."""

import sys
import zipfile
from pathlib import Path

import pytest

from infra.package import archive, contents, libraries, lock
from infra.package.build import trace
from infra.package.target import ROOT, VERSIONS, PackageError, Target
from infra.package.trace import SITE

DIGEST = "0" * 64


def laid(folder: Path, *names: str) -> Path:
    """Make `folder` hold these files."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return folder


def names_in(folder: Path) -> set[str]:
    """Return the files of a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_our_own_part_is_the_app_alone() -> None:
    """No tests, no tools, no documents but the licence, no settings of a developer, no calendar in memory."""
    own = {path.as_posix() for path in contents.own_files(ROOT)}
    assert {name.partition("/")[0] for name in own} == {
        "core", "function_app.py", "functions", "host.json", "LICENSE", "requirements.txt",
    }  # fmt: skip
    assert not any(name.startswith("core/adapters/memory/") for name in own)
    assert {"core/wiring/__init__.py", "functions/health.py"} <= own


def test_of_the_generated_part_only_what_was_loaded_stays(tmp_path: Path) -> None:
    """A client for all of Graph shrinks to the modules that something imports."""
    generated = f"{SITE}/msgraph/generated"
    loaded = f"{generated}/users/users_request_builder.py"
    laid(tmp_path, loaded, f"{generated}/models/event.py", f"{generated}/kiota-dom-export.txt")
    contents.prune(tmp_path, frozenset({loaded}))
    assert names_in(tmp_path) == {loaded}
    assert not (tmp_path / generated / "models").exists()


def test_elsewhere_an_unloaded_module_stays(tmp_path: Path) -> None:
    """Libraries import some of their modules by names made at run time; data is read without an import."""
    kept = [f"{SITE}/{name}" for name in ("dns/rdtypes/ANY/TXT.py", "tzdata/zoneinfo/Europe/Oslo", "lxml/etree.so")]
    contents.prune(laid(tmp_path, *kept), frozenset())
    assert names_in(tmp_path) == set(kept)


def test_what_python_never_loads_goes(tmp_path: Path) -> None:
    """Headers, types for checkers, commands, tests, and what pip notes for itself; licences stay."""
    metadata = "lxml-6.0.dist-info"
    gone = ["lxml/etree.h", "a/b.pyi", "bin/httpx", "certifi/tests/test_it.py", f"{metadata}/RECORD"]
    stays = [f"{metadata}/METADATA", f"{metadata}/licenses/LICENSE", f"{metadata}/entry_points.txt"]
    laid(tmp_path, *(f"{SITE}/{name}" for name in gone + stays))
    contents.prune(tmp_path, frozenset())
    assert names_in(tmp_path) == {f"{SITE}/{name}" for name in stays}


def test_a_folder_named_tests_that_is_loaded_stays(tmp_path: Path) -> None:
    """Its name alone condemns nothing that somebody imports."""
    name = f"{SITE}/a/tests/__init__.py"
    contents.prune(laid(tmp_path, name), frozenset({name}))
    assert names_in(tmp_path) == {name}


def test_the_zip_depends_on_nothing_but_the_content(tmp_path: Path) -> None:
    """Neither on the order in which files were written, nor on their times and rights."""
    one = laid(tmp_path / "one", "b/c.py", "a.py")
    other = laid(tmp_path / "other", "a.py", "b/c.py")
    (other / "a.py").chmod(0o600)
    for folder in (one, other):
        archive.write(folder, folder.with_suffix(".zip"))
    assert one.with_suffix(".zip").read_bytes() == other.with_suffix(".zip").read_bytes()
    with zipfile.ZipFile(one.with_suffix(".zip")) as made:
        assert made.namelist() == ["a.py", "b/c.py"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_lock_is_what_the_requirements_ask_for(version: str) -> None:
    """`make check` says the same."""
    target, requirements = Target(version), (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert list(lock.offences(target, requirements, target.lock.read_text(encoding="utf-8"))) == []


def test_markers_are_read_for_the_target_and_not_for_the_python_at_work() -> None:
    """One lock has azure-functions 1.x, the other 2.x, whoever writes them."""
    text = 'a==1 ; python_version < "3.13"\na==2 ; python_version >= "3.13"\nw==1 ; sys_platform == "win32"\n'
    assert [Target(version).pins(text) for version in ("3.12", "3.13")] == [["a==1"], ["a==2"]]


def test_a_lock_that_lags_behind_is_found() -> None:
    """A pin that is missing, one too many, and one without a digest."""
    text = f"# head\nb==1 --hash=sha256:{DIGEST}\nc==1\n"
    found = [line.partition(": ")[2] for line in lock.offences(Target("3.13"), "a==1\n", text)]
    assert found == [
        "not a pin with its digest: c==1", "a==1 is missing; run `make lock`",
        "b==1 is not in requirements.txt; run `make lock`",
    ]  # fmt: skip


def test_a_library_that_would_be_missing_in_azure_is_found() -> None:
    """By the target's markers; another spelling of a name is the same package, and extras do not count."""
    needs = {"A.b": ["c_d>=1", "e; python_version < '3.12'", "f; extra == 'x'", "g"], "c-d": []}
    assert list(lock.unmet(Target("3.13"), needs)) == ["A.b needs g"]


def test_a_python_that_the_service_does_not_run_on_is_refused() -> None:
    """In a sentence."""
    with pytest.raises(PackageError, match=r"Python 3\.10 is none"):
        Target("3.10")


def an_app(folder: Path, module: str) -> Path:
    """A folder that is laid like a package, with one module of its own in core/ and a generated library."""
    library = f"{SITE}/msgraph/generated"
    laid(folder, *(f"{library}/{name}.py" for name in ("wanted", "unwanted")))
    files = {"function_app.py": "", "functions/__init__.py": "", "core/__init__.py": "", "core/a.py": module}
    for name, text in {**files, f"{library}/wanted.py": "X = 1\n", f"{library}/unwanted.py": ""}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "statement",
    [
        "from msgraph.generated import wanted",
        "import msgraph.generated.wanted as w",
        "from msgraph.generated.wanted import X",
    ],
)
def test_what_is_imported_deep_inside_a_function_is_traced(tmp_path: Path, statement: str) -> None:
    """Adapters load their library on first use, which no trace of imports alone would see."""
    app = an_app(tmp_path, f"def f() -> None:\n    {statement}\n")
    contents.prune(app, trace(sys.executable, app).files)
    assert {name for name in names_in(app) if name.startswith(SITE)} == {f"{SITE}/msgraph/generated/wanted.py"}


def test_a_package_that_cannot_be_imported_is_not_made(tmp_path: Path) -> None:
    """It says which module is missing; this environment's own libraries do not help it."""
    with pytest.raises(PackageError, match="No module named 'pytest'"):
        trace(sys.executable, an_app(tmp_path, "import pytest\n"))


def test_a_library_without_the_one_it_needs_is_not_shipped(tmp_path: Path) -> None:
    """By its own metadata, as it lies in the package."""
    metadata = tmp_path / "a-1.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: b>=1\n", encoding="utf-8")
    with pytest.raises(PackageError, match="a needs b"):
        libraries.check_complete(Target("3.13"), tmp_path)

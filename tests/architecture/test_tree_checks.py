"""Each check of infra/setup/check_tree.py finds what it is there for."""

import json
import subprocess
from pathlib import Path

import pytest

from infra.setup import check_tree


def test_a_long_file_is_found() -> None:
    """401 lines are one too many."""
    assert list(check_tree.too_long(Path("a.py"), "x = 1\n" * 400)) == []
    assert list(check_tree.too_long(Path("a.py"), "x = 1\n" * 401)) == ["a.py: 401 lines, at most 400"]


def test_a_long_function_is_found() -> None:
    """61 lines are one too many, in a method too."""
    text = "class C:\n    async def f(self):\n" + "        pass\n" * 60
    assert list(check_tree.too_long(Path("a.py"), text)) == ["a.py:2: f has 61 lines, at most 60"]


@pytest.mark.parametrize("place", ["/" + "home/someone/x", "/" + "root/x", "'/" + "work/x'", "C:\\" + "Users\\x"])
def test_a_path_of_one_machine_is_found(place: str) -> None:
    """Whatever surrounds it."""
    assert len(list(check_tree.machine_paths(Path("a.md"), f"see {place}"))) == 1


@pytest.mark.parametrize(
    "place", ["https://host/" + "work/x", "/v1.0/users/x", "/" + "home/site/wwwroot", "./" + "work/x"]
)
def test_a_path_that_is_no_machines_is_let_through(place: str) -> None:
    """Addresses, routes and Azure's own folder."""
    assert list(check_tree.machine_paths(Path("a.md"), f"see {place}")) == []


def test_an_address_in_the_lock_file_is_found() -> None:
    """Only the package that has one."""
    lock = json.dumps({"packages": {"": {}, "a": {"version": "1"}, "b": {"resolved": "https://example.org/b.tgz"}}})
    assert [line.split()[1] for line in check_tree.lock_addresses(lock)] == ["b"]


@pytest.mark.parametrize("wanted", ["a>=1", "a", "a @ https://example.org/a.whl", "--index-url https://example.org"])
def test_a_requirement_that_is_no_pin_is_found(wanted: str) -> None:
    """Ranges, bare names, addresses and other indexes."""
    text = f"# words\n-r requirements.txt\nb==1.0  # why\nc==2 ; python_version < '3.13'\n{wanted}\n"
    assert list(check_tree.unpinned("r.txt", text)) == [f"r.txt: not a pin: {wanted}"]


def test_a_package_that_comes_along_unpinned_is_found() -> None:
    """Another spelling of the name is the same package; extras and other systems' needs do not count."""
    needs = {"a": ["B_c>=1", "d", "e; extra == 'x'", "f; python_version < '3'"], "b-c": [], "g": ["a"]}
    found = check_tree.missing_pins({"r.txt": ["a", "b-c", "g"]}, lambda package: needs[package])
    assert list(found) == ["r.txt: a needs d, which is not pinned"]


@pytest.fixture
def settings_project(tmp_path: Path) -> Path:
    """A project whose settings print one line."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "settings.py").write_text("print('| A |')\n")
    (tmp_path / "docs").mkdir()
    return tmp_path


@pytest.mark.parametrize(("page", "offences"), [("| A |\n", 0), ("| B |\n", 1), (None, 1)])
def test_an_outdated_settings_page_is_found(settings_project: Path, page: str | None, offences: int) -> None:
    """The page is what the settings print, to the letter."""
    if page is not None:
        (settings_project / "docs" / "settings.md").write_text(page)
    assert len(list(check_tree.outdated_settings(settings_project))) == offences


def test_files_that_are_not_ours_are_not_read(tmp_path: Path) -> None:
    """What git ignores is left alone; what is new and not yet added is read."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for name, text in ((".gitignore", "skipped.py\n"), ("skipped.py", ""), ("new.py", "")):
        (tmp_path / name).write_text(text)
    assert check_tree.tracked(tmp_path) == [Path(".gitignore"), Path("new.py")]


def test_settings_that_cannot_be_printed_are_told(tmp_path: Path) -> None:
    """Not passed over in silence."""
    (found,) = check_tree.outdated_settings(tmp_path)
    assert "core.settings --markdown failed" in found


def test_a_folder_that_is_no_checkout_is_told(tmp_path: Path) -> None:
    """In words; nothing is passed unread."""
    with pytest.raises(SystemExit, match="git checkout"):
        check_tree.tracked(tmp_path)

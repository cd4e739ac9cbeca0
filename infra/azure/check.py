"""What a Bicep compiler would say and no parser does: names, modules, parameters. `python -m infra.azure` prints it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from infra.azure.template import FOLDER, Template, UnreadableError, names_used, read

MAIN: Final = "main.bicep"
_OUTPUT: Final = re.compile(r"\b(\w+)\.outputs\.(\w+)")


def offences(folder: Path = FOLDER) -> Iterator[str]:
    """Yield every offence of the templates and parameter files in `folder`, each naming its file."""
    templates: dict[Path, Template] = {}
    for path in sorted(folder.rglob("*.bicep")):
        try:
            templates[path] = read(path)
        except UnreadableError as error:
            yield str(error)
    for template in templates.values():
        yield from names(template)
        yield from modules(template, templates)
    if main := templates.get(folder / MAIN):
        for path in sorted(folder.glob("parameters/*.json")):
            yield from parameters(main, path)


def names(template: Template) -> Iterator[str]:
    """Yield names that nobody declared, and parameters and variables that nobody uses."""
    used = names_used(template.text)
    for name in sorted(used - template.declared):
        yield f"{template.path.name}: {name} is not declared"
    declared = template.part("parameters").keys() | template.part("variables").keys()
    for name in sorted(declared - used):
        yield f"{template.path.name}: {name} is not used"


def modules(template: Template, templates: dict[Path, Template]) -> Iterator[str]:
    """Yield modules that are not there, parameters that do not fit them, and outputs that they do not have."""
    called: dict[str, Template] = {}
    for name, module in template.part("modules").items():
        target = templates.get(template.path.parent / module["detail"]["path"])
        if target is None:
            yield f"{template.path.name}: module {name} is not there, or cannot be read"
            continue
        called[name] = target
        config = module["config"]
        given = set(config.get("config", config).get("params", {}))
        for one in sorted(given - target.part("parameters").keys()):
            yield f"{template.path.name}: module {name} takes no {one}"
        for one in sorted(target.required - given):
            yield f"{template.path.name}: module {name} needs {one}"
    for name, output in _OUTPUT.findall(template.text):
        if name in called and output not in called[name].part("outputs"):
            yield f"{template.path.name}: module {name} has no output {output}"


def parameters(main: Template, path: Path) -> Iterator[str]:
    """Yield what makes a parameter file no good for the main template."""
    given = {name: one["value"] for name, one in json.loads(path.read_text(encoding="utf-8"))["parameters"].items()}
    known = main.part("parameters")
    for name in sorted(main.required - given.keys()):
        yield f"{path.name}: {name} is missing"
    for name, content in given.items():
        if name not in known:
            yield f"{path.name}: there is no parameter {name}"
        elif not isinstance(content, _TYPES[known[name]["type"]]) or not _allowed(known[name], content):
            yield f"{path.name}: {name} may not be {content!r}"


_TYPES: Final[dict[str, type]] = {"string": str, "int": int, "bool": bool, "object": dict, "array": list}


def _allowed(parameter: dict[str, Any], content: object) -> bool:
    return all(content in one["argument"] for one in parameter["decorators"] if one["type"] == "allowed")

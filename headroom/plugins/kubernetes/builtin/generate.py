"""Writes `types.json` from the Go sources of the Kubernetes API.

    python -m headroom.plugins.kubernetes.builtin.generate "$(go list -m -f '{{.Dir}}' k8s.io/api)" \\
        "$(go list -m -f '{{.Dir}}' k8s.io/apimachinery)"

The official plugin carries these types compiled in: what it drops and what it normalises follows from them, not from the
cluster. OpenAPI does not tell enough: whether an empty value of an optional field is kept depends on the Go field being a pointer.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("types.json")

SCALARS = {
    "string": "string",
    "bool": "bool",
    "byte": "int",
    "int": "int",
    "int32": "int",
    "int64": "int",
    "uint32": "int",
    "uint64": "int",
    "float32": "number",
    "float64": "number",
    "interface{}": "any",
}
# Go types with a JSON form of their own.
SPECIAL = {
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "int-or-string",
    "meta/v1.Time": "string",
    "meta/v1.MicroTime": "string",
    "meta/v1.Duration": "string",
    "meta/v1.FieldsV1": "any",
    "runtime.RawExtension": "any",
    "runtime.Object": "any",
    "types.UID": "string",
    "types.NodeName": "string",
}
GROUP = re.compile(r"^const GroupName = \"(.*)\"", re.M)
IMPORT = re.compile(r'^\s+(?:(\w+) )?"(k8s\.io/[^"]+)"', re.M)
STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
CLUSTER_SCOPED = re.compile(r"^// \+genclient:nonNamespaced\n(?:(?://.*)?\n)*type (\w+) struct", re.M)
ALIAS = re.compile(r"^type (\w+) (?:= )?((?:\[\]|map\[)?[\w.\]\[]+)\s*$", re.M)
FIELD = re.compile(r'^\t(?:(\w+)\s+)?([\w.*\[\]{}]+)\s+`[^`]*json:"([^"]*)"')


class Package:
    """One directory of Go sources, named by its last two parts (`core/v1`)."""

    def __init__(self, directory: Path) -> None:
        self.name = f"{directory.parent.name}/{directory.name}"
        self.group: str | None = None
        self.structs: dict[str, list[tuple[str, str, str]]] = {}
        self.cluster_scoped: set[str] = set()
        self.aliases: dict[str, str] = {}
        for file in sorted(directory.glob("*.go")):
            if not file.name.startswith(("zz_", "generated")) and not file.name.endswith("_test.go"):
                self._read(file.read_text())

    def _read(self, text: str) -> None:
        group = GROUP.search(text)
        if group:
            self.group = group[1]
        imports = {alias or path.rsplit("/", 1)[1]: "/".join(path.split("/")[-2:]) for alias, path in IMPORT.findall(text)}
        self.cluster_scoped.update(CLUSTER_SCOPED.findall(text))
        for name, body in STRUCT.findall(text):
            self.structs[name] = [
                (field[1] or "", self._qualify(field[2], imports), field[3]) for line in body.splitlines() if (field := FIELD.match(line))
            ]
        for name, target in ALIAS.findall(text):
            self.aliases[name] = self._qualify(target, imports)

    def _qualify(self, expression: str, imports: dict[str, str]) -> str:
        def full(match: re.Match[str]) -> str:
            word = match[0]
            if "." in word:
                package, _, name = word.partition(".")
                return f"{imports.get(package, package)}.{name}"
            return word if word in SCALARS or word == "map" else f"{self.name}.{word}"

        return re.sub(r"[\w.]+", full, expression.replace("interface{}", "any"))


class Types:
    """All packages, and the types reached so far."""

    def __init__(self, packages: list[Package]) -> None:
        self._packages = {package.name: package for package in packages}
        self.reached: dict[str, dict[str, Any]] = {}

    def spec(self, expression: str) -> Any:
        """A Go type as written into the file: a word, `[item]`, `{"*": value}`, or the name of a struct after `@`."""
        expression = expression.lstrip("*")
        if expression == "[]byte":
            return "bytes"
        if expression.startswith("[]"):
            return [self.spec(expression[2:])]
        if expression.startswith("map["):
            return {"*": self.spec(expression.split("]", 1)[1])}
        short = expression.removeprefix("api/").removeprefix("util/").removeprefix("pkg/")
        for name in (expression, short):
            if name in SCALARS or name in SPECIAL:
                return SCALARS.get(name) or SPECIAL[name]
        package_name, _, name = expression.rpartition(".")
        package = self._packages.get(package_name)
        if package is None:
            return "any"
        if name in package.aliases:
            return self.spec(package.aliases[name])
        if expression not in self.reached:
            self.reached[expression] = {}
            self.reached[expression] = dict(self._fields(package, name))
        return f"@{expression}"

    def _fields(self, package: Package, name: str) -> Iterator[tuple[str, Any]]:
        for _, expression, tag in package.structs.get(name, []):
            key, *options = tag.split(",")
            if key == "-":
                continue
            if not key:
                owner, _, embedded = expression.lstrip("*").rpartition(".")
                yield from self._fields(self._packages[owner], embedded)
                continue
            spec = self.spec(expression)
            vanishes = "omitempty" in options and not expression.startswith("*") and _has_empty_value(spec)
            yield (f"{key}?" if vanishes else key), spec


def _has_empty_value(spec: Any) -> bool:
    """Whether Go leaves the type's zero value out: strings, numbers, booleans, lists and maps, not structs."""
    return not isinstance(spec, str) or spec in ("string", "bool", "int", "number", "bytes")


def generate(api: Path, machinery: Path) -> dict[str, Any]:
    packages = [Package(directory) for directory in sorted(api.glob("*/v*")) if directory.is_dir()]
    meta = Package(machinery / "pkg/apis/meta/v1")
    types = Types([*packages, meta])
    kinds: dict[str, dict[str, Any]] = {}
    for package in packages:
        if package.group is None:
            continue
        version = package.name.rpartition("/")[2]
        for name, fields in package.structs.items():
            if any(tag.startswith("metadata") and expression == "meta/v1.ObjectMeta" for _, expression, tag in fields):
                api_version = f"{package.group}/{version}" if package.group else version
                if fields[0][2].endswith("inline"):
                    namespaced = name not in package.cluster_scoped
                    kinds.setdefault(api_version, {})[name] = {"type": types.spec(f"{package.name}.{name}"), "namespaced": namespaced}
    return {"kinds": kinds, "types": types.reached}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(generate(Path(sys.argv[1]), Path(sys.argv[2])), separators=(",", ":"), sort_keys=True) + "\n")

"""Where a server finds its models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from headroom.settings.base import Name, Settings

MODEL_FILES_LIMIT = 900_000
"""Bytes of a model directory that fit into one ConfigMap (1 MiB with its metadata, https://kubernetes.io/docs/concepts/configuration/configmap/)."""


class Models(Settings):
    """Where the engine finds its models: exactly one of the ways."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    directory: str | None = Field(default=None, description="a directory beside the stack file, shipped as a ConfigMap: small models only")
    claim: Name | None = Field(default=None, description="a PersistentVolumeClaim in the server's namespace, mounted read-only")
    uri: str | None = Field(default=None, description="a repository that the engine reads itself, such as s3://bucket/models")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"uri" if "://" in value else "directory": value}
        if not isinstance(value, Mapping):
            raise ValueError("must be a directory, a URI, or a mapping with exactly one of directory, claim, uri")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Models:
        if sum(way is not None for way in (self.directory, self.claim, self.uri)) != 1:
            raise ValueError("give exactly one of directory, claim, uri")
        return self

    def files(self, base: Path) -> Mapping[str, str]:
        """Content of `directory` by relative path; empty for the other ways.

        Raises `ValueError` when the directory is missing, empty, not text, or larger than a ConfigMap.
        """
        if self.directory is None:
            return {}
        root = (base / self.directory).resolve()
        if not root.is_dir() or base.resolve() not in root.parents:
            raise ValueError("is not a directory beside the stack file")
        paths = sorted(
            p for p in root.rglob("*") if p.is_file() and not any(part.startswith((".", "__")) for part in p.relative_to(root).parts)
        )
        if not paths:
            raise ValueError("holds no file")
        if sum(path.stat().st_size for path in paths) > MODEL_FILES_LIMIT:
            raise ValueError(f"holds more than {MODEL_FILES_LIMIT // 1000} kB: too large for a ConfigMap, use claim or uri")
        try:
            return {path.relative_to(root).as_posix(): path.read_text() for path in paths}
        except UnicodeDecodeError:
            raise ValueError("holds a file that is not text: use claim or uri") from None

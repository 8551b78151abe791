"""Texts of a form that only one setting has."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def form(pattern: str, words: str) -> AfterValidator:
    """Holds a text to a pattern as a whole; `words` say what it must be."""

    def held(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {words}")
        return value

    return AfterValidator(held)

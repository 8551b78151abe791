from __future__ import annotations

import pytest

from headroom.plugins.kubernetes.quantities import canonical


@pytest.mark.parametrize(
    ("given", "canonical_form"),
    [
        ("1000m", "1"),
        ("1500m", "1500m"),
        ("0.5", "500m"),
        (1, "1"),
        (0.25, "250m"),
        ("1000", "1k"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("512Ki", "512Ki"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("1500e0", "1500"),
        ("0", "0"),
        ("-2000m", "-2"),
    ],
)
def test_a_quantity_has_one_spelling(given: str | float, canonical_form: str) -> None:
    assert canonical(given) == canonical_form


@pytest.mark.parametrize("text", ["", "1 Gi", "1GB", "two", "1Mi2"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        canonical(text)

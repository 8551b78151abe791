"""Who keeps a stack's secrets, as its file tells."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from headroom.report.custody import custody_findings
from headroom.settings import load
from headroom.wiring import Severity
from tests.settings.stack_files import changed, write

ROOT = Path(__file__).parents[2]
CHECK = "secrets-kept-by-passphrase"
OF_THE_EXAMPLES = yaml.safe_load((ROOT / "stacks" / "Pulumi.prod-eks.yaml").read_text())["encryptionsalt"]
OF_ANOTHER = "v1:xxpSymctiWc=:v1:0K41aZOZU56zIVO/:lrbieAKbsmSRSVllax7glIy+JX2FRQ=="


def severity(directory: Path, salt: str, credentials: str) -> Severity | None:
    """Of what is found of a stack for a cluster that is there."""
    (directory / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (directory / "stacks").mkdir()
    cluster = ("headroom:cluster", {"provider": "existing", "name": "prod"})
    config = changed(cluster, ("headroom:credentials", yaml.safe_load(credentials)))
    file = write(directory / "stacks", f"{config}encryptionsalt: {salt}\n")
    found = [finding for finding in custody_findings(load(file), file) if finding.check == CHECK]
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("salt", "credentials", "expected"),
    [
        (OF_THE_EXAMPLES, "{ngc: {secure: v1:abc}}", Severity.ERROR),
        (OF_THE_EXAMPLES, "{}", Severity.WARNING),
        (OF_ANOTHER, "{ngc: {secure: v1:abc}}", Severity.WARNING),
        ("nonsense", "{ngc: {secure: v1:abc}}", Severity.WARNING),
    ],
    ids=["secrets under the empty passphrase", "no secret", "another passphrase", "no salt"],
)
def test_secrets_that_the_empty_passphrase_opens_are_an_error(tmp_path: Path, salt: str, credentials: str, expected: Severity) -> None:
    assert severity(tmp_path, salt, credentials) is expected

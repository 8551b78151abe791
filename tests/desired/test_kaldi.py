"""The Job that fills Kaldi's model directory, as bash runs it: it fetches what is not there, once."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from headroom.catalog.engines.kaldi_model import PREPARATION
from headroom.desired.serving.filling import filled

ARCHIVE = "https://example.com/models/{}.tgz"
FILES = ("final.mdl", "HCLG.fst", "words.txt", "conf/online.conf")


@dataclass(frozen=True)
class Claim:
    """A volume, and a registry of models that is reached by a `wget` of our own."""

    root: Path

    @property
    def model(self) -> Path:
        return self.root / "data" / "models" / "LibriSpeech"

    @property
    def fetched(self) -> list[str]:
        log = self.root / "fetched"
        return log.read_text().split() if log.exists() else []

    def offer(self, name: str, *, files: tuple[str, ...] = FILES) -> None:
        with tarfile.open(self.root / f"{name}.tgz", "w:gz") as archive:
            for path in files:
                text = f"--model=workspace/models/{name}\n".encode()
                member = tarfile.TarInfo(path)
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))

    def prepare(self, name: str) -> subprocess.CompletedProcess[str]:
        script = filled(PREPARATION, {"cache": str(self.root / "data"), "archive": ARCHIVE.format(name)})
        environment = {"PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"}
        return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=30)


@pytest.fixture
def claim(tmp_path: Path) -> Claim:
    (tmp_path / "bin").mkdir()
    wget = tmp_path / "bin" / "wget"
    wget.write_text(f'#!/bin/sh\necho "$2" >> {tmp_path}/fetched\ncat {tmp_path}/"${{2##*/}}"\n')
    wget.chmod(0o755)
    made = Claim(tmp_path)
    made.offer("first")
    return made


def test_an_empty_claim_is_filled_and_the_configuration_finds_its_files(claim: Claim) -> None:
    assert claim.prepare("first").returncode == 0
    assert all((claim.model / path).exists() for path in FILES)
    assert (claim.model / "conf" / "online.conf").read_text() == f"--model={claim.root}/data/models/first\n"
    assert not claim.model.with_name("LibriSpeech.part").exists()


def test_what_was_fetched_is_not_fetched_again(claim: Claim) -> None:
    claim.prepare("first")
    assert "nothing to do" in claim.prepare("first").stdout
    assert claim.fetched == [ARCHIVE.format("first")]


def test_another_archive_takes_the_place_of_the_one_before(claim: Claim) -> None:
    claim.prepare("first")
    claim.offer("second", files=(*FILES, "second"))
    assert claim.prepare("second").returncode == 0
    assert (claim.model / "second").exists()
    assert claim.fetched == [ARCHIVE.format("first"), ARCHIVE.format("second")]


def test_a_model_that_somebody_put_there_is_left_and_nothing_is_asked_for(claim: Claim) -> None:
    claim.model.mkdir(parents=True)
    for name in ("final.mdl", "HCLG.fst"):
        (claim.model / name).write_text("mine")
    assert "left as it is" in claim.prepare("first").stdout
    assert (claim.fetched, (claim.model / "final.mdl").read_text()) == ([], "mine")


def test_an_archive_that_broke_off_leaves_no_model_and_the_next_job_fetches_it(claim: Claim) -> None:
    whole = (claim.root / "first.tgz").read_bytes()
    (claim.root / "first.tgz").write_bytes(whole[: len(whole) // 2])
    assert claim.prepare("first").returncode != 0
    assert not claim.model.exists()
    (claim.root / "first.tgz").write_bytes(whole)
    assert claim.prepare("first").returncode == 0
    assert (claim.model / "final.mdl").exists()

"""Stands in for `wget` in Kaldi's image: whatever is fetched is an archive of a model's files, with nothing in them.

`wget -O- URL` writes it to standard output, as the preparation of the model's data expects it. `python -m …engines.kaldi_model`.
"""

from __future__ import annotations

import io
import sys
import tarfile

FILES = ("final.mdl", "HCLG.fst", "words.txt", "conf/online.conf", "conf/mfcc.conf")


def archive() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name in FILES:
            tar.addfile(tarfile.TarInfo(name))
    return content.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(archive())

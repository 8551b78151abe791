"""Which programs a container's command line starts: also behind a shell, Python's `-m` or another program's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_STARTERS = frozenset(
    {"env", "exec", "mpirun", "nice", "nohup", "numactl", "sudo", "time", "timeout", "tini", "dumb-init", "trtllm-llmapi-launch"}
)
"""Programs that start the one named behind their own options."""
_BUILT_IN = frozenset({"cd", "echo", "exit", "export", "set", "sleep", "trap", "true", "ulimit", "unset", "wait"})
_KEYWORDS = frozenset({"!", "do", "elif", "else", "if", "then", "until", "while"})
_ENDS_COMMAND = re.compile(r"\\\n|(&&|\|\||[;&|\n(){}])")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*")


def programs(words: Sequence[str]) -> frozenset[str]:
    """The names of the programs, without their directories; a Python module is named by its package."""
    if not words:
        return frozenset()
    name, rest = _name(words[0]), words[1:]
    if name in _SHELLS:
        return _of_script(rest)
    if name.startswith("python") and "-m" in rest[:-1]:
        return frozenset({rest[rest.index("-m") + 1].partition(".")[0]})
    if name in _STARTERS:
        return frozenset(_name(word) for word in rest if not word.startswith("-")) | _behind(rest)
    return frozenset({name})


def _behind(words: Sequence[str]) -> frozenset[str]:
    """What a starter starts where that is a shell or Python."""
    start = next((index for index, word in enumerate(words) if _name(word) in _SHELLS or _name(word).startswith("python")), None)
    return frozenset() if start is None else programs(words[start:])


def _of_script(words: Sequence[str]) -> frozenset[str]:
    """The programs of `-c SCRIPT` (also `-ec`, `-lc`), or the file that the shell runs."""
    flag = next((index for index, word in enumerate(words[:-1]) if re.fullmatch(r"-[a-z]*c", word)), None)
    if flag is None:
        return frozenset(_name(word) for word in words[:1])
    commands = _ENDS_COMMAND.sub(lambda end: "\n" if end[1] else " ", words[flag + 1]).splitlines()
    return frozenset().union(*(programs(_bare(command.split())) for command in commands)) - _BUILT_IN


def _bare(words: list[str]) -> list[str]:
    """A simple command without keywords and assignments before it."""
    start = next((index for index, word in enumerate(words) if word not in _KEYWORDS and not _ASSIGNMENT.fullmatch(word)), len(words))
    return words[start:]


def _name(word: str) -> str:
    return word.rsplit("/", 1)[-1]

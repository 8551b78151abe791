"""What looks like a secret written in plain text: by the name it stands under, or by the shape that its issuer gives it.

Shapes: the prefixes are their issuers' own, documented so that scanners find leaked tokens. Nothing here repeats a value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headroom.wiring.document import Cursor, Document, Place, known
from headroom.wiring.values import Unknown

REDACTED = "[redacted]"


@dataclass(frozen=True)
class _Shape:
    """A form that only tokens of one kind have. `marks`: texts of which one is in every such token; looking for them is quick."""

    what: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if any(mark in text for mark in self.marks) else None

    def hide(self, text: str) -> str:
        return self.pattern.sub(REDACTED, text) if any(mark in text for mark in self.marks) else text


_SHAPES = tuple(
    _Shape(what, marks, re.compile(pattern))
    for what, marks, pattern in (
        ("an NVIDIA API key", ("nvapi-",), r"nvapi-[A-Za-z0-9_-]{20,}"),
        ("a Hugging Face token", ("hf_",), r"\bhf_[A-Za-z0-9]{20,}"),
        ("an AWS access key", ("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a GitHub token", ("gh", "github_pat_"), r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})"),
        ("a GitLab token", ("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("a Slack token", ("xox",), r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
        ("a Slack webhook", ("hooks.slack.com",), r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}"),
        ("an API key", ("sk-",), r"\bsk-[A-Za-z0-9_-]{20,}"),
        ("a Google API key", ("AIza",), r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a Google token", ("ya29.",), r"\bya29\.[0-9A-Za-z_-]{20,}"),
        ("a Pulumi access token", ("pul-",), r"\bpul-[0-9a-f]{40}\b"),
        ("an npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a JSON Web Token", ("eyJ",), r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*"),
        (
            "a private key",
            ("PRIVATE KEY-----",),
            r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^-]*(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----)?",
        ),
        ("a registry's login", ('"auth"', '"password"'), r"\"(?:auth|password)\"\s*:\s*\"[^\"$<{]+\""),
        ("a password in an address", ("@",), r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'$<{]*:[^\s/:@\"'$<{]+@"),
    )
)
_OF_TEXT = frozenset({"bos", "chat", "cls", "eos", "mask", "pad", "sep", "stop", "unk"})
"""Before `token` these name a token of a language model's text."""
_LAST_WORDS = frozenset({"password", "passwd", "passphrase", "pwd", "token", "apikey", "credential", "credentials"})
_LAST_PAIRS = frozenset({("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("auth", "key"), ("encryption", "key")})
_BEFORE_SECRET = frozenset({"client", "webhook", "signing", "shared", "cookie", "jwt", "app", "oauth"})
"""In manifests `…Secret` mostly names a Secret; after these words it is one."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HOLE = re.compile(r"\$\(|\$\{|\{\{|^<.*>$|^\$[A-Za-z_]\w*$|^ENC\[|^vault:|^ref\+|^\*+$|^x{3,}$", re.IGNORECASE)
_REFERENCE = re.compile(r"[a-z][a-z0-9+.-]*://[^?@]*|arn:.*|projects/[^/]+/secrets/.*")
"""Where a secret is kept, or an address alone."""
_PLACEHOLDER = re.compile(
    r"(?:^|[^a-z0-9])(?:your|replace|placeholder|insert|enter|not[-_]?used|unused)(?:$|[^a-z0-9])|x{4,}|\*{3,}|\.{3}|^%\(", re.IGNORECASE
)
_NAMED = re.compile(r"(?:nvapi-|hf_|gh[pousr]_|glpat-|sk-)[A-Z_]{0,12}(?:KEY|TOKEN)")
"""What begins as an issuer's token does and goes on with what it is: `nvapi-KEY`, `hf_YOUR_TOKEN`."""
_NOT_SECRET = re.compile(r"(?:true|false|yes|no|none|null|empty|dummy|unused|\[secret\]|\[redacted\]|\[unknown\]|/.*)?", re.IGNORECASE)
_FLAG = re.compile(r"--?([A-Za-z][\w-]*)=(.+)", re.DOTALL)
_FLAG_ALONE = re.compile(r"--([A-Za-z][\w-]*)")
_GIVEN = re.compile(r"""(?:^|\s)(?:(?:--)?([A-Za-z_][\w-]*)=|--([A-Za-z][\w-]*)\s+(?!-))(?:"([^"\s]*)"|'([^'\s]*)'|([^\s"';&|]+))""")
"""A variable or a flag in a shell's script: `export A=b`, `--a=b`, `--a b`, each with or without quotes."""
_SEALED = ("SealedSecret", "ExternalSecret", "SecretProviderClass", "CustomResourceDefinition")
_OF_NAMES = ("name", "key")
"""Keys beside a value that say what the value is: `{name: NGC_API_KEY, value: …}`, `{parameter: …}`."""


@dataclass(frozen=True)
class Plaintext:
    """A value that looks like a secret. `what` says why, without the value."""

    name: str
    what: str
    place: Place
    value: str = field(repr=False)


def plaintexts(document: Document) -> Iterator[Plaintext]:
    """Everything in a document that looks like a secret in plain text."""
    if document.ref.kind not in _SEALED:
        encoded = document.ref.kind == "Secret" and document.ref.group == ""
        yield from _walk(Cursor.of(document), "", encoded)


def hidden(text: str, found: tuple[Plaintext, ...]) -> str:
    """The text without any of the values found, and without anything of a known shape."""
    for value in sorted({secret.value for secret in found if len(secret.value) > 3}, key=len, reverse=True):
        text = text.replace(value, REDACTED)
    for shape in _SHAPES:
        text = shape.hide(text)
    return text


def without_secrets(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object with `[redacted]` in place of every value that looks like a secret."""
    found = tuple(plaintexts(Document(body)))
    return _replaced(body, found) if found else body


def _replaced(value: Any, found: tuple[Plaintext, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(entry, found) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(entry, found) for entry in value]
    if isinstance(value, str):
        return hidden(value, found) if any(secret.value in value for secret in found) else value
    return REDACTED if isinstance(value, int) and str(value) in {secret.value for secret in found} else value


def _walk(cursor: Cursor, name: str, in_secret: bool) -> Iterator[Plaintext]:
    value = cursor.value
    if isinstance(known(value), Unknown) and not isinstance(value, str):
        return
    if isinstance(value, Mapping):
        for key, entry in cursor.pairs():
            yield from _walk(entry, _named(value, key), in_secret)
    elif isinstance(value, list | tuple):
        for before, entry in zip((None, *value), cursor.items(), strict=False):
            flag = _FLAG_ALONE.fullmatch(before) if isinstance(before, str) else None
            yield from _walk(entry, flag[1] if flag and not str(entry.value).startswith("-") else name, in_secret)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        encoded = in_secret and len(cursor.path) > 1 and cursor.path[0] == "data"
        yield from _judge(cursor, name, _decoded(str(value)) if encoded else str(value))


def _named(holder: Mapping[str, Any], key: str) -> str:
    """What a value is called: its key, and for `{name: …, value: …}` the name beside it."""
    if key != "value":
        return key
    return next((str(holder[other]) for other in _OF_NAMES if isinstance(holder.get(other), str)), key)


def _judge(cursor: Cursor, name: str, text: str) -> Iterator[Plaintext]:
    for shape in _SHAPES:
        if (match := shape.search(text)) and not _stands_for_one(match[0]):
            yield Plaintext(name, shape.what, cursor.place, match[0])
            return
    if any(key in cursor.path for key in ("command", "args")) and any(char.isspace() for char in text):
        yield from _in_script(cursor, text)
        return
    flag = _FLAG.fullmatch(text)
    called, value = (flag[1], flag[2]) if flag else (name, text)
    if looks_secret(called) and _is_value(value) and not (isinstance(cursor.value, int) and not _is_password(called)):
        yield Plaintext(called, "a value under the name of a secret", cursor.place, str(cursor.value) if not flag else value)


def _in_script(cursor: Cursor, text: str) -> Iterator[Plaintext]:
    for found in _GIVEN.finditer(text):
        called, value = found[1] or found[2], found[3] or found[4] or found[5] or ""
        if looks_secret(called) and _is_value(value):
            yield Plaintext(called, "a value under the name of a secret", cursor.place, value)


def looks_secret(name: str) -> bool:
    """Whether what stands under a name is a secret: `adminPassword`, `NGC_API_KEY`; not `maxTokens`, `tokenFile`, `existingSecret`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return False
    if words[-1] == "secret":
        return name.isupper() or bool(set(words[-2:-1]) & _BEFORE_SECRET)
    if words[-1] == "token" and set(words[-2:-1]) & _OF_TEXT:
        return False
    return words[-1] in _LAST_WORDS or tuple(words[-2:]) in _LAST_PAIRS


def _is_password(name: str) -> bool:
    return bool({word.lower() for word in _WORD.findall(name)} & {"password", "passwd", "passphrase", "pwd"})


def _is_value(text: str) -> bool:
    if len(text) <= 3 or any(char.isspace() for char in text) or _HOLE.search(text) or _NOT_SECRET.fullmatch(text):
        return False
    return not (_is_name(text) or _stands_for_one(text) or _REFERENCE.fullmatch(text))


def _stands_for_one(text: str) -> bool:
    """Whether a text holds the place of a secret that everybody fills in: `your-token`, `hf_xxxxxxxx`."""
    return _PLACEHOLDER.search(text) is not None or _NAMED.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    """Whether a value is itself what a secret is called: `apiKey: NGC_API_KEY` and `password: admin-password` name a key of a Secret."""
    return looks_secret(text) and (text.isupper() or len(_WORD.findall(text)) <= 2) and not any(char.isdigit() for char in text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text

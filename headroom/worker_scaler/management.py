"""What a TorchServe says of one model, and how its workers are set: its management and metrics APIs, on this pod's own address.

Source: docs/management_api.md of pytorch/serve; answers of TorchServe 0.12.0.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from dataclasses import dataclass
from typing import Any

_SECONDS = 5
_ARRIVALS = re.compile(r'^ts_inference_requests_total\{[^}]*model_name="(?P<model>[^"]+)"[^}]*\} (?P<value>\S+)$', re.MULTILINE)
# As the metrics and the models' descriptions are read: straight, whatever proxy the environment names.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unanswered(Exception):
    """TorchServe did not answer, or not as it should; it may still be starting."""


@dataclass(frozen=True)
class Described:
    workers: int
    ready: int
    pending: int


def described(answer: Any) -> Described:
    """A model from the answer of `GET /models/<model>`."""
    model = answer[0]
    workers = model["workers"]
    ready = sum(worker["status"] == "READY" for worker in workers)
    return Described(len(workers), ready, int(model["jobQueueStatus"]["pendingRequests"]))


def arrivals(exposition: str, model: str) -> float:
    """How many requests have ever come for a model; 0 where there was none, for the series is there only from the first on."""
    return sum(float(match["value"]) for match in _ARRIVALS.finditer(exposition) if match["model"] == model)


class Server:
    """Addresses such as `http://127.0.0.1:8081`. Every method raises `Unanswered`."""

    def __init__(self, management: str, metrics: str, model: str) -> None:
        self._model = model
        self._models = f"{management}/models/{model}"
        self._metrics = f"{metrics}/metrics"

    def look(self) -> tuple[Described, float]:
        """The model, and how many requests have ever come for it."""
        try:
            return described(json.loads(_ask(self._models))), arrivals(_ask(self._metrics), self._model)
        except (LookupError, TypeError, ValueError) as error:
            raise Unanswered(f"{self._models} answers something else: {error!r}") from error

    def set_workers(self, workers: int) -> None:
        """Both bounds; TorchServe answers before the workers have loaded."""
        _ask(f"{self._models}?min_worker={workers}&max_worker={workers}", "PUT")


def _ask(url: str, method: str = "GET") -> str:
    try:
        with _OPENER.open(urllib.request.Request(url, method=method), timeout=_SECONDS) as answer:
            return answer.read().decode()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(f"{url}: {error}") from error

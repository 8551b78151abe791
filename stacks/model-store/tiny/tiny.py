"""A model so small that its weights are made when it loads. It answers two numbers with one, in 100 ms."""

import json
import time

import torch  # pyright: ignore[reportMissingImports]  (exists beside TorchServe only)


class Tiny:
    def initialize(self, context):
        torch.manual_seed(0)
        self.model = torch.nn.Linear(2, 1)

    def handle(self, requests, context):
        time.sleep(0.1)
        return [self.answer(request) for request in requests]

    def answer(self, request):
        body = request.get("body") or request.get("data")
        numbers = body if isinstance(body, list) else json.loads(body)
        with torch.no_grad():
            return self.model(torch.tensor(numbers, dtype=torch.float32)).tolist()

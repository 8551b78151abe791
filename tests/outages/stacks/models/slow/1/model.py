"""Triton python-backend model: sleeps for `service_time_ms` of config.pbtxt, then answers with its input."""

import json
import time

import triton_python_backend_utils as pb_utils  # pyright: ignore[reportMissingImports]  (exists inside Triton only)


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        self._service_time = float(parameters["service_time_ms"]["string_value"]) / 1000

    def execute(self, requests):
        return [self._serve(request) for request in requests]

    def _serve(self, request):
        value = pb_utils.get_input_tensor_by_name(request, "INPUT").as_numpy()
        time.sleep(self._service_time)
        return pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", value)])

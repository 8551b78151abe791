"""The engines, one file each."""

from __future__ import annotations

from headroom.catalog.engines.kaldi import KALDI
from headroom.catalog.engines.model import EngineFamily
from headroom.catalog.engines.nim import NIM
from headroom.catalog.engines.riva import RIVA
from headroom.catalog.engines.tensorrt_llm import TENSORRT_LLM
from headroom.catalog.engines.torchserve import TORCHSERVE
from headroom.catalog.engines.triton import TRITON
from headroom.catalog.engines.vllm import VLLM

ENGINES: dict[str, EngineFamily] = {family.name: family for family in (KALDI, NIM, RIVA, TENSORRT_LLM, TORCHSERVE, TRITON, VLLM)}

"""The Job that builds an engine and its model repository, once for all replicas.

An engine file fits one model, one type of weights, one split over GPUs, one kind of GPU and one version of TensorRT-LLM: all of that, and
what the engine is dimensioned for, is in the name of the directory that is made. Sources: tensorrtllm_backend README at 25.05 ("Prepare
TensorRT-LLM engines", "Modify the Model Configuration"), docs/model_config.md.
"""

from __future__ import annotations

from headroom.catalog.engines.needs import Preparation

_SCRIPT = """\
made=$prepared
if [ -e "$$made/complete" ]; then echo "$$made is complete: nothing to do"; exit 0; fi
rm -rf "$$made"
mkdir -p "$$made"
cd "$$made"
huggingface-cli download $model --local-dir weights
python3 /app/tensorrt_llm/examples/models/core/$family/convert_checkpoint.py --model_dir weights --output_dir checkpoint \\
  --dtype $dtype --tp_size $tensor --pp_size $pipeline
trtllm-build --checkpoint_dir checkpoint --output_dir engine --gemm_plugin $dtype --kv_cache_type paged \\
  --use_paged_context_fmha enable --max_batch_size $maxBatchSize --max_input_len $maxInputLength --max_seq_len $maxSequenceLength \\
  --max_num_tokens $maxTokens
rm -rf checkpoint
cp -r /app/all_models/inflight_batcher_llm repository
fill() { python3 /app/tools/fill_template.py -i "repository/$$1/config.pbtxt" "triton_max_batch_size:$maxBatchSize,$$2"; }
queue=max_queue_delay_microseconds:0,max_queue_size:0
logits=logits_datatype:TYPE_FP32
fill ensemble "$$logits"
fill preprocessing "tokenizer_dir:$$made/weights,preprocessing_instance_count:1,$$queue"
fill postprocessing "tokenizer_dir:$$made/weights,postprocessing_instance_count:1"
fill tensorrt_llm_bls "decoupled_mode:$decoupled,bls_instance_count:1,$$logits"
model="triton_backend:tensorrtllm,engine_dir:$$made/engine,encoder_input_features_data_type:TYPE_FP16"
fill tensorrt_llm "$$model,decoupled_mode:$decoupled,batching_strategy:inflight_fused_batching,$$queue,$$logits"
touch complete
"""

_SIZES = ("maxBatchSize", "maxInputLength", "maxSequenceLength", "maxTokens")

PREPARATION = Preparation(
    command=("/bin/sh", "-ec"),
    arguments=(_SCRIPT,),
    key=("model", "family", "dtype", "tensor", "pipeline", "product", "decoupled", *_SIZES),
    seconds=3 * 3600,
    gpus=True,
)

"""The model artifact: `model.tar.gz` with `model.onnx` and `model.json`, read by one set of rules by all."""

import nlu  # noqa: F401  (it silences ONNX Runtime, which this package loads too)

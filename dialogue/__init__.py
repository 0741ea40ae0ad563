import nlu.types  # noqa: F401  (`nlu` silences ONNX Runtime, which this package loads too)

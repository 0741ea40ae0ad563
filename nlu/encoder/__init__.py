"""One BERT encoder: converted once into a folder, run by ONNX Runtime, shared by every head."""

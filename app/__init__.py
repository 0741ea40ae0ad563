import os

# ONNX Runtime's Linux wheels tell Microsoft of each process and model unless this is set before it
# is loaded. Nothing of a company's own server calls home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

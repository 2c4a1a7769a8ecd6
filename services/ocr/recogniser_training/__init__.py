"""Trains ``models/vie_lines.onnx``; needs torch, which the running product does not. See ``train.py``."""

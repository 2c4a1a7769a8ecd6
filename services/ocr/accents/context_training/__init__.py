"""Rebuilds ``context.onnx``; nothing here runs in the product.

Data, all from the development data (``text/``, ``seeds_text/``): ``general.txt.xz`` (Wikipedia, CC BY-SA),
``admin_legal.txt.xz`` (law and administration, no copyright), ``gazetteer.txt`` (MIT), and the formulae in
``prepare.py``. Beside the product's own environment: ``pip install torch==2.11.0 onnx==1.23.1``. From the root of the
project, one after the other, HERE being ``services/ocr/accents``::

    python -m services.ocr.accents.context_training.prepare SHARED/text SHARED/seeds_text WORK       # 1 min
    python HERE/context_training/train.py teacher WORK WORK --minutes 4                              # on a GPU
    python HERE/context_training/train.py student WORK WORK --minutes 6.5 --teacher WORK/teacher.npz
    python -m services.ocr.accents.context_training.export WORK/student.npz WORK HERE/context.onnx

The figures were reached with one NVIDIA H100 (3,290 and 7,200 steps of 65,536 words). A slower machine needs more minutes;
training on a GPU is not exact to the last bit, the exported net is.
"""

from __future__ import annotations

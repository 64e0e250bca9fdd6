"""Meaning and memory: text becomes vectors, vectors tell what is near.

This package knows nothing of drafts, reviews or the product around it.
"""

import os

# onnxruntime (1.29 and later) writes a device id into the home folder and sends usage events to
# its makers unless this stands before its first use; importing it is enough to start that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

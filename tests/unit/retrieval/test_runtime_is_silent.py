"""The runtime of the embedder reports to nobody: it leaves no trace of telemetry behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

RUN = """
{first}
import onnxruntime
from onnx import TensorProto, helper
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnxruntime.InferenceSession(model.SerializeToString())
"""


def left_behind(home: Path, first: str) -> list[str]:
    """Files in the home folder after a session was opened by a process of its own."""
    # CI silences the runtime by itself, which would hide what a user gets.
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    env = {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    script = RUN.format(first=first)
    subprocess.run([sys.executable, "-c", script], env=env, check=True, timeout=60)
    return [str(path) for path in home.rglob("*") if path.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows collects by other means")
def test_the_runtime_keeps_no_device_id_and_no_events(tmp_path: Path) -> None:
    assert left_behind(tmp_path, "from retrieval.models import session") == []

"""A model folder is whole or not there, whatever interrupts its building."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import ModelUnverified
from retrieval.models.folders import ensure, is_whole, verify


def fill(folder: Path) -> dict[str, Any]:
    (folder / "weights").write_bytes(b"1234")
    (folder / "sub").mkdir()
    (folder / "sub" / "config").write_text("{}")
    return {"model": "small"}


def fail(folder: Path) -> dict[str, Any]:
    (folder / "weights").write_bytes(b"12")
    raise OSError("disk full")


def never(folder: Path) -> dict[str, Any]:
    raise AssertionError("a whole folder is not built again")


def count_build(target: str) -> None:
    def build(folder: Path) -> dict[str, Any]:
        time.sleep(0.2)
        with Path(target).with_name("builds").open("a") as log:
            log.write("x")
        return fill(folder)

    ensure(Path(target), build)


def test_builds_once_and_verifies(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "model"
    ensure(folder, fill)
    ensure(folder, never)
    verify(folder)
    assert (folder / "sub" / "config").read_text() == "{}"


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with pytest.raises(OSError, match="disk full"):
        ensure(folder, fail)
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] in ([], ["model.lock"])
    ensure(folder, fill)
    assert is_whole(folder)


def test_a_shortened_file_is_noticed_and_rebuilt(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    ensure(folder, fill)
    (folder / "weights").write_bytes(b"1")
    assert not is_whole(folder)
    with pytest.raises(ModelUnverified, match="incomplete"):
        verify(folder)
    ensure(folder, fill)
    verify(folder)


def test_a_flipped_byte_is_found_by_verify(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    ensure(folder, fill)
    (folder / "weights").write_bytes(b"1235")
    assert is_whole(folder)
    with pytest.raises(ModelUnverified, match="damaged"):
        verify(folder)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"files": 3}', '{"files": {}}', '{"files": {"weights": 1}}']
)
def test_a_broken_manifest_means_not_whole(tmp_path: Path, manifest: str) -> None:
    folder = tmp_path / "model"
    ensure(folder, fill)
    (folder / "manifest.json").write_text(manifest)
    assert not is_whole(folder)


@pytest.mark.slow
def test_two_processes_build_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=count_build, args=(str(tmp_path / "model"),)) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert (tmp_path / "builds").read_text() == "x"
    verify(tmp_path / "model")


@pytest.mark.slow
def test_a_killed_build_is_repeated_and_its_rest_removed(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    code = (
        "import time; from pathlib import Path; from retrieval.models.folders import ensure\n"
        "def build(folder):\n"
        "    (folder / 'weights').write_bytes(b'12'); print('half', flush=True); time.sleep(60)\n"
        f"ensure(Path({str(folder)!r}), build)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half\n"
        os.kill(child.pid, signal.SIGKILL)
    assert not folder.exists()
    ensure(folder, fill)
    verify(folder)
    assert sorted(path.name for path in tmp_path.glob(".*")) == []

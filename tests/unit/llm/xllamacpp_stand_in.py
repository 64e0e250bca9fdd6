"""Stands in for the llama.cpp wheel inside a child process: the same few names, a tiny server.

What it does is told by the model file's bytes after the magic: `fails`, `hangs`, or an answer.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace


class CommonParams(SimpleNamespace):
    def __init__(self) -> None:
        super().__init__(
            model=SimpleNamespace(path=""),
            cpuparams=SimpleNamespace(n_threads=0),
            cpuparams_batch=SimpleNamespace(n_threads=0),
        )


class Server:
    def __init__(self, given: CommonParams) -> None:
        told = Path(given.model.path).read_bytes()[4:].decode()
        print("prompts may be printed here")
        if told == "fails":
            raise RuntimeError("cannot load")
        if told == "hangs":
            time.sleep(60)
        (key,), (name,) = given.api_keys, given.model_alias
        seen = {"context": given.n_ctx, "threads": given.cpuparams.n_threads,
                "predict": given.n_predict}  # fmt: skip

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                good = self.headers.get("authorization") == f"Bearer {key}"
                self.send_response(200 if good else 401)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                answer = json.dumps({"text": told, **seen})
                for content, finish in ((answer, None), ("", "stop")):
                    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1,
                             "model": name, "choices": [{"index": 0, "finish_reason": finish,
                             "delta": {"content": content}}]}  # fmt: skip
                    self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
                self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer((given.hostnames[0], given.port), Handler)
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

"""The simulator as a running server."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from shopadmin.simulator import control_http, storage
from shopadmin.simulator.control import Control
from shopadmin.simulator.exchange import Exchange
from shopadmin.simulator.handler import Server
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.page import page
from shopadmin.simulator.wire import HTML, Reply, Request

logger = logging.getLogger(__name__)
SAVE_EVERY = 1.0
_SHUTDOWN_POLL = 0.05
_TICK = 0.2
# Saving a large memory takes a while; it shall never take more than a small part of the time.
_SAVE_SHARE = 20


class Simulator(Control):
    """A pretend WeChat. ``with Simulator() as sim:`` serves at ``sim.url`` until the block ends."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state_file: Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Port 0 takes any free one. OSError if the port is taken."""
        super().__init__(settings)
        self._exchange = Exchange(self.world, self.faults, self.log, self.stopping)
        self._server = Server((host, port), self._respond)
        self._state_file = state_file
        self._threads: list[threading.Thread] = []
        if state_file is not None:
            storage.load(self.world, state_file)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """What to put in the place of https://api.weixin.qq.com, without a slash at the end."""
        return f"http://{self._server.server_address[0]!s}:{self.port}"

    def start(self) -> Self:
        """Serve in the background."""
        self._run(partial(self._server.serve_forever, _SHUTDOWN_POLL))
        self._run(self._keep_time)
        if self._state_file is not None:
            self._run(partial(self._keep_saving, self._state_file))
        return self

    def stop(self) -> None:
        """End waits and connections, save the memory, free the port."""
        self.stopping.set()
        if self._threads:
            self._server.shutdown()
        self.world.pusher.close()
        self._server.hang_up()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        if self._state_file is not None:
            self._save(self._state_file)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _keep_time(self) -> None:
        """Where messages are sent, reviews end by themselves; elsewhere nobody sees when."""
        while not self.stopping.wait(_TICK):
            with self.world.lock:
                if any(shop.callback for shop in self.world.shops.values()):
                    self.world.catch_up()

    def _keep_saving(self, path: Path) -> None:
        saved_version, pause = self.world.version, SAVE_EVERY
        while not self.stopping.wait(pause):
            version = self.world.version
            if version == saved_version:
                continue
            started = time.perf_counter()
            self._save(path)
            saved_version = version
            pause = max(SAVE_EVERY, _SAVE_SHARE * (time.perf_counter() - started))

    def _save(self, path: Path) -> None:
        try:
            storage.save(self.world, path)
        except OSError as error:
            # Practice goes on without being saved; a full disk is no reason to stop answering.
            logger.warning("The simulator's memory could not be saved to %s: %s", path, error)

    def _respond(self, request: Request) -> Reply | None:
        if request.path.startswith("/_sim/"):
            return control_http.respond(self, request)
        if request.method == "GET" and request.path == "/":
            return Reply(
                body=page(self, still="still" in request.query).encode(),
                content_type=HTML,
                headers=_PAGE_HEADERS,
            )
        if request.method == "GET" and request.path.startswith("/pictures/"):
            return self._picture(request.path.removeprefix("/pictures/"))
        return self._exchange.respond(request)

    def _picture(self, media_id: str) -> Reply:
        with self.world.lock:
            media = self.world.find_media(media_id)
            if media is None:
                return Reply(404, b"There is no such picture.\n")
            return Reply(body=self.world.blobs[media.digest], content_type=media.mime)


_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; "
    "style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}

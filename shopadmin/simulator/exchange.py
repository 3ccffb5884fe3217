"""One WeChat call from request to reply: latency, an ordered fault, the gate, the log."""

import threading
import time
from secrets import randbelow

from shopadmin.simulator import gate
from shopadmin.simulator.calls import CallLog
from shopadmin.simulator.faults import Fault, Faults, play
from shopadmin.simulator.rules import spu
from shopadmin.simulator.shop import Status
from shopadmin.simulator.wire import Reply, Request
from shopadmin.simulator.world import World


class Exchange:
    """Answers WeChat calls, one thread per connection. Waiting never holds the world's lock."""

    def __init__(self, world: World, faults: Faults, log: CallLog, stopping: threading.Event) -> None:
        self._world = world
        self._faults = faults
        self._log = log
        self._stopping = stopping

    def respond(self, request: Request) -> Reply | None:
        """The answer, or None when the connection is to be cut without one."""
        started = time.perf_counter()
        fault = self._faults.take(request.path)
        entry = self._log.note(
            request,
            time=self._world.clock.now(),
            appid=self._appid(request),
            fault=fault.do if fault else "",
            applied=fault is None or fault.applies,
        )
        self._wait(self._latency())
        if fault is None:
            reply: Reply | None = self._apply(request)
        else:
            reply = play(fault, lambda: self._applied(request, fault), self._wait, self._world.clock.now)
        entry.http = reply.status if reply else 0
        entry.errcode = reply.errcode if reply else None
        entry.milliseconds = (time.perf_counter() - started) * 1000
        return reply

    def _apply(self, request: Request) -> Reply:
        with self._world.lock:
            self._world.version += 1
            return gate.answer(request, self._world)

    def _applied(self, request: Request, fault: Fault) -> Reply:
        """Do the call behind a fault, and leave new goods or a new product as the fault asks for."""
        with self._world.lock:
            reply = self._apply(request)
            if fault.audit_status is not None and reply.payload and "goodsId" in reply.payload:
                _, goods = self._world.find_goods(int(reply.payload["goodsId"]))
                goods.end_audit(Status(fault.audit_status))
            if fault.without_skus and request.path == spu.ADD and reply.errcode == 0 and reply.payload:
                spu.take_back_skus(self._world, int(reply.payload["data"]["product_id"]))
            return reply

    def _latency(self) -> float:
        settings = self._world.settings
        if not settings.jitter:
            return settings.latency
        return max(0.0, settings.latency + settings.jitter * (randbelow(2001) - 1000) / 1000)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._stopping.wait(seconds)

    def _appid(self, request: Request) -> str:
        token = self._world.tokens.get(request.query.get("access_token", ""))
        return token.appid if token else request.query.get("appid", "")

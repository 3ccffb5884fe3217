"""The knobs of the message push, as Python methods."""

from typing import Any

from shopadmin.simulator.push import Message, PushTarget, common_fields
from shopadmin.simulator.pusher import knows_token
from shopadmin.simulator.world import DEFAULT_APPID, World


class PushControl:
    """The part of Control that sends messages."""

    world: World

    def set_callback(
        self,
        url: str,
        token: str = "",
        *,
        appid: str = DEFAULT_APPID,
        aes_key: str = "",
        mode: str = "",
        form: str = "xml",
        verify: bool = True,
    ) -> None:
        """Enter a callback in the console of an account, or with an empty ``url`` remove it.

        The mode is secure with a key and plain without, unless it is given. ValueError for what the console
        would not take: as it does, this tries the address first, unless ``verify`` is off.
        """
        target = (
            PushTarget(url, token, aes_key, mode or ("secure" if aes_key else "plain"), form) if url else None
        )
        if target is not None:
            target.check()
            if verify and not knows_token(target):
                raise ValueError(f"The server at {url} did not answer the check of the token.")
        with self.world.lock:
            self.world.shop(appid).callback = target
            self.world.version += 1

    def push(self, message: Message, *, appid: str = DEFAULT_APPID, times: int = 1) -> None:
        """Send a message, the fields that all events have added; ``times`` makes duplicates of it."""
        if type(times) is not int or times < 1:
            raise ValueError("times is a whole number from 1.")
        with self.world.lock:
            shop = self.world.shop(appid)
            if shop.callback is None:
                raise ValueError(f"Account {appid} has no callback.")
            whole = {**common_fields(appid, self.world.clock.now()), **message}
            for _ in range(times):
                self.world.send(shop, whole)

    def pushes(self) -> list[dict[str, Any]]:
        """The latest messages with what became of them, the oldest first."""
        return self.world.pusher.listing()

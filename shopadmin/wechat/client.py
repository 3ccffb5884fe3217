"""The client: an account's calls to WeChat, each with its access token."""

from collections.abc import Callable, Mapping
from typing import Any

from shopadmin.wechat.diagnostics import DiagnosticsAPI
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.media import MediaAPI
from shopadmin.wechat.mini_store import MiniStoreAPI
from shopadmin.wechat.models import Account
from shopadmin.wechat.token import TokenKeeper
from shopadmin.wechat.transport import File, Transport
from shopadmin.wechat.window import WindowAPI

__all__ = ["Transport", "WeChatClient", "client_for"]

_transport = Transport()


class WeChatClient:
    """Calls WeChat for one account.

    ``token`` gives the access token to use; ``renew`` gets the one that was refused and gives another,
    with which the call is repeated once (a refused call was not executed). Without ``renew`` a refused
    token is an error of kind TOKEN at once: for threads, which leave renewing to the one that may use
    the database.
    """

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        *,
        transport: Transport,
        renew: Callable[[str], str] | None = None,
    ) -> None:
        self._base_url = base_url
        self._token = token
        self._transport = transport
        self._renew = renew
        self.live_goods = LiveGoodsAPI(self)
        self.media = MediaAPI(self)
        self.mini_store = MiniStoreAPI(self)
        self.window = WindowAPI(self)
        self.diagnostics = DiagnosticsAPI(self)

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, family: str) -> dict[str, Any]:
        """GET the path; ``family`` says whose error codes apply."""
        return self._call("GET", path, params=params, family=family)

    def post(
        self, path: str, body: Mapping[str, Any], params: Mapping[str, Any] | None = None, *, family: str
    ) -> dict[str, Any]:
        """POST the body as JSON."""
        return self._call("POST", path, params=params, json_body=body, family=family)

    def upload(self, path: str, file: File, params: Mapping[str, Any], *, family: str) -> dict[str, Any]:
        """POST one file as the form field ``media``."""
        return self._call("POST", path, params=params, files={"media": file}, family=family)

    def _call(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, **what: Any
    ) -> dict[str, Any]:
        def send(token: str) -> dict[str, Any]:
            query = {**(params or {}), "access_token": token}
            return self._transport.request(method, self._base_url + path, params=query, **what)

        token = self._token()
        try:
            return send(token)
        except WeChatError as error:
            if error.kind is not Kind.TOKEN or self._renew is None:
                raise
        return send(self._renew(token))


def client_for(account: Account) -> WeChatClient:
    """The client to use wherever the database may be used: it fetches and renews the token itself."""
    keeper = TokenKeeper(account, _transport)
    return WeChatClient(account.base_url, keeper.get, transport=_transport, renew=keeper.renew)

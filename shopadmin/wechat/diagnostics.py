"""Questions to WeChat that change nothing."""

from shopadmin.wechat.reading import Answer, unreadable
from shopadmin.wechat.transport import Calls


class DiagnosticsAPI:
    GET_API_DOMAIN_IP = "/cgi-bin/get_api_domain_ip"

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_api_domain_ip(self) -> list[str]:
        """GET /cgi-bin/get_api_domain_ip: the addresses of WeChat's servers; any account may ask."""
        answer: Answer = self._calls.get(self.GET_API_DOMAIN_IP, family="common")
        found = answer.get("ip_list")
        if not isinstance(found, list):
            raise unreadable(answer, "ip_list")
        return [str(address) for address in found]

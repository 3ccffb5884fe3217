"""Questions to WeChat that change nothing."""

from dataclasses import dataclass

from shopadmin.wechat.reading import Answer, required_int, unreadable
from shopadmin.wechat.transport import Calls


@dataclass(frozen=True)
class InterfaceQuota:
    """One interface's day as WeChat counts it; its numbers may be off by about 1 %."""

    daily_limit: int
    used: int


class DiagnosticsAPI:
    GET_API_DOMAIN_IP = "/cgi-bin/get_api_domain_ip"
    GET_QUOTA = "/cgi-bin/openapi/quota/get"

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_api_domain_ip(self) -> list[str]:
        """GET /cgi-bin/get_api_domain_ip: the addresses of WeChat's servers; any account may ask."""
        answer: Answer = self._calls.get(self.GET_API_DOMAIN_IP, family="common")
        found = answer.get("ip_list")
        if not isinstance(found, list):
            raise unreadable(answer, "ip_list")
        return [str(address) for address in found]

    def get_quota(self, path: str) -> InterfaceQuota:
        """POST /cgi-bin/openapi/quota/get: how many calls of the interface ``path`` today has and has had.

        Quotas that a business counts for itself, such as the live goods' submissions, are not in it.
        Errors: 76021 and 76003 (no such path), 76022 (not an interface of this kind of account).
        """
        answer = self._calls.post(self.GET_QUOTA, {"cgi_path": path}, family="common")
        quota = answer.get("quota")
        if not isinstance(quota, dict):
            raise unreadable(answer, "quota")
        return InterfaceQuota(required_int(quota, "daily_limit"), required_int(quota, "used"))

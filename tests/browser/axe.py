"""What axe says about a page: only what keeps people from using it."""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HINDERING = ("serious", "critical")
CONTRAST = ("color-contrast",)
# Until nothing moves or fades any more: a colour on its way is no colour.
SETTLED = "() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)))"


@dataclass(frozen=True)
class Violation:
    rule: str
    impact: str
    element: str
    html: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}) at {self.element}: {self.html}\n      {self.why}"


def violations(page: Page, *rules: str) -> list[Violation]:
    """The serious and critical ones of all rules, or of these."""
    page.evaluate(SETTLED)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = Axe().run(page, options=options).response["violations"]
    return [_violation(rule, node) for rule in found if rule["impact"] in HINDERING for node in rule["nodes"]]


def _violation(rule: dict[str, Any], node: dict[str, Any]) -> Violation:
    checks = [*node["any"], *node["all"], *node["none"]]
    return Violation(
        rule["id"],
        rule["impact"],
        " ".join(map(str, node["target"])),
        node["html"][:160],
        checks[0]["message"] if checks else rule["help"],
    )

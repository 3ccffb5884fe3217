"""The look of the page at /."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --line: #d9dee5; --paper: #fff;
  --ground: #f4f6f8; --warn-ink: #5c3a00; --warn: #ffe6b3; --accent: #0b6b3a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #a3aebb; --line: #343c47;
  --paper: #1c2129; --ground: #14181e; --warn-ink: #ffe1a6; --warn: #4a3509; --accent: #7fd6a4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
header { background: var(--warn); color: var(--warn-ink); padding: 14px 20px; }
h1 { font-size: 20px; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 16px 20px 48px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: 14px 18px; margin: 16px 0; overflow-x: auto; }
h2 { font-size: 17px; margin: 0 0 8px; } h3 { font-size: 15px; margin: 18px 0 6px; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
img { width: 44px; height: 44px; object-fit: cover; border-radius: 4px; display: block; }
small, .soft { color: var(--soft); font-size: 13px; } del { color: var(--soft); }
.pill { white-space: nowrap; border: 1px solid currentColor; border-radius: 10px; padding: 1px 9px;
  font-size: 13px; }
.status0 { color: #5a6675; } .status1 { color: #8a5a00; }
.status2 { color: #0b6b3a; } .status3 { color: #b3261e; }
@media (prefers-color-scheme: dark) { .status0 { color: #a3aebb; } .status1 { color: #f0c060; }
  .status2 { color: #7fd6a4; } .status3 { color: #ff9b92; } }
form { display: inline; }
button { font: inherit; font-size: 13px; padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px;
  background: var(--paper); color: var(--ink); cursor: pointer; }
button:hover { border-color: var(--accent); }
button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); } meter { width: 120px; }
"""

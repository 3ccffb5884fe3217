"""A pretend WeChat over HTTP, for practice and for tests. README.md says first what it does not imitate."""

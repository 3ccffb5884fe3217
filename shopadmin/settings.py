"""The project's settings, and the only place that reads the environment.

Everything has a default that suits one machine (SQLite, no other service). With ``DEBUG`` off
the secrets have none: a missing one stops the start with a sentence that names it.
"""

import datetime as dt
import ipaddress
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))


def secret(name: str) -> str:
    """The secret from the environment; on a developer's machine one made once and kept in DATA_DIR."""
    value: str = env.str(name, default="")
    if value:
        return value
    if not DEBUG:
        raise ImproperlyConfigured(
            f"{name} is not set. With DEBUG off it is required: put it into the environment or .env "
            "(.env.example shows how to make one)."
        )
    kept = DATA_DIR / f"{name.lower()}.txt"
    if not kept.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: web server and worker may start at the same moment.
        with tempfile.NamedTemporaryFile("w", dir=DATA_DIR) as draft, suppress(FileExistsError):
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            os.link(draft.name, kept)
    return kept.read_text()


# --- Django -------------------------------------------------------------------------------------

SECRET_KEY = secret("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "shopadmin.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "shopadmin.people.apps.SignInConfig",
    "shopadmin.people.apps.PeopleConfig",
    "shopadmin.wechat",
    "shopadmin.simulator",
    "audits",
    "goods",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shopadmin.middleware.LargestRequest",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shopadmin.middleware.SlidingSession",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shopadmin.middleware.SensibleLists",
    # The last one: it replaces the answer to whoever is locked out.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shopadmin.urls"
WSGI_APPLICATION = "shopadmin.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Who gets in --------------------------------------------------------------------------------

LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

# Five wrong passwords for one name from one address close the door to that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Trying again meanwhile does not make it longer, so that the time we tell is true.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "csrfmiddlewaretoken"]
AXES_LOCKOUT_CALLABLE = "shopadmin.people.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "shopadmin.people.sign_in.client_address"
# Our own pages show its records, read-only and in the reader's language.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

try:
    # Whose X-Forwarded-For is believed. Nobody's by default: whoever asks may write anything into it.
    TRUSTED_PROXIES = [
        ipaddress.ip_network(name.strip(), strict=False) for name in env.list("TRUSTED_PROXIES", default=[])
    ]
except ValueError as error:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES must be addresses or networks: {error}.") from error

SESSION_COOKIE_AGE = 12 * 3600  # counted from the last click: shopadmin.middleware.SlidingSession
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- What browsers and requests may do ----------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True

# WeChat's links to pictures begin with http://; browsers ask for https:// instead.
PICTURES_OF_WECHAT = ["https:", "http://*.qpic.cn", "http://*.qlogo.cn"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *PICTURES_OF_WECHAT],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# Files go to disk and have limits of their own (see goods.pictures, goods.importing); this is for all else.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# A product with 300 SKUs, and all the pictures that it may have.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 60
# A whole request, its files included: an import with its pictures.
LARGEST_REQUEST = 210_000_000

# --- Database -----------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
ENGINE = DATABASES["default"].get("ENGINE")
if ENGINE not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
SQLITE = ENGINE == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        # IMMEDIATE takes the write lock first, so that web, worker and scheduler wait for one another
        # instead of failing with "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # A server that vanished without a word is noticed in seconds, not when the kernel gives up.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "tcp_user_timeout": 20_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    } | DATABASES["default"].get("OPTIONS", {})


def with_timeouts(redis_url: str) -> str:
    """The same for Redis, whose client takes it from the address."""
    separator = "&" if "?" in redis_url else "?"
    return f"{redis_url}{separator}socket_connect_timeout=5&socket_timeout=5"


CACHES = {
    "default": env.cache_url("CACHE_URL", default="dbcache://shared_cache"),
    # Where django-q2 keeps its own statistics: visible to every process without writing to SQLite.
    "qstat": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "qstat",
    },
}
if isinstance(CACHES["default"]["LOCATION"], str) and CACHES["default"]["LOCATION"].startswith("redis"):
    CACHES["default"]["LOCATION"] = with_timeouts(CACHES["default"]["LOCATION"])

# --- Queue --------------------------------------------------------------------------------------

Q_BROKER = env.str("Q_BROKER", default="orm")
if Q_BROKER not in ("orm", "redis"):
    raise ImproperlyConfigured(f"Q_BROKER is {Q_BROKER!r}; it must be 'orm' or 'redis'.")
Q_WORKERS = env.int("Q_WORKERS", default=2 if SQLITE else 4)
# Concurrent HTTP calls of one worker process. Processes isolate, threads give concurrency.
PUSH_THREADS = env.int("PUSH_THREADS", default=4 if SQLITE else 8)

# Pushes of one account that are on their way at the same time, and calls that they make in a minute
# (0: as many as they can), all workers together.
PUSH_CONCURRENCY_PER_ACCOUNT = env.int("PUSH_CONCURRENCY_PER_ACCOUNT", default=64)
PUSH_CALLS_PER_MINUTE = env.int("PUSH_CALLS_PER_MINUTE", default=0)
if PUSH_CONCURRENCY_PER_ACCOUNT < 1 or PUSH_CALLS_PER_MINUTE < 0:
    raise ImproperlyConfigured(
        "PUSH_CONCURRENCY_PER_ACCOUNT must be 1 or more, PUSH_CALLS_PER_MINUTE 0 (no limit) or more."
    )

Q_CLUSTER = {
    # The name salts the signatures of queued tasks: changing it drops what is queued.
    "name": "shopadmin",
    "label": "Task service",
    "workers": Q_WORKERS,
    # No hoard: what a killed cluster holds in memory is at most this much, and a stop is short.
    "queue_limit": Q_WORKERS,
    "bulk": 1,
    "poll": 0.2,
    "guard_cycle": 1,
    # A call lasts at most 13 s and a drain 10 s more, so this time-out is a last resort.
    "timeout": 60,
    "retry": 300,
    # The journal decides what is repeated, never the queue.
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": 50,
    "save_limit_per": "func",
    "catch_up": False,
    "recycle": 500,
    "max_rss": 400_000,
    "cache": "qstat",
    "compress": False,
    "cached": False,
    "scheduler": True,
    "log_level": "INFO",
    "time_zone": TIME_ZONE,
    "ALT_CLUSTERS": {},
}
if Q_BROKER == "redis":
    Q_CLUSTER["redis"] = with_timeouts(env.str("REDIS_URL", default="redis://127.0.0.1:6379/0"))
else:
    Q_CLUSTER["orm"] = "default"

# --- WeChat -------------------------------------------------------------------------------------

WECHAT_API_BASE = env.str("WECHAT_API_BASE", default="https://api.weixin.qq.com").rstrip("/")
# Where accounts in practice mode send: the simulator that `make run` starts.
# `make run` notes its address, so that a worker started beside it finds the same one.
SIMULATOR_URL_FILE = DATA_DIR / "simulator_url.txt"
NOTED_URL = SIMULATOR_URL_FILE.read_text() if DEBUG and SIMULATOR_URL_FILE.exists() else ""
SIMULATOR_URL = env.str("SIMULATOR_URL", default=NOTED_URL or "http://127.0.0.1:8765").rstrip("/")
if DEBUG or "SIMULATOR_URL" in env:
    # Where somebody practises, the pictures of the simulator's products are shown.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(SIMULATOR_URL)
# The first key encrypts, all of them decrypt: put a new one in front to rotate.
FIELD_ENCRYPTION_KEYS = [key.strip() for key in secret("FIELD_ENCRYPTION_KEYS").split(",") if key.strip()]

# --- Observability ------------------------------------------------------------------------------

# Who sends it as a bearer token may read /metrics; without one, only this machine may.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- Logging ------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
# json: one object a line, with account, push, attempt and request id where a line is about a call.
LOG_FORMAT = env.str("LOG_FORMAT", default="line" if DEBUG else "json")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}; it must be 'line' or 'json'.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # urllib3 logs whole URLs at DEBUG, access_token included.
        "urllib3": {"level": "WARNING"},
        # Who signs in is in the database, for administrators; here only what is suspicious.
        "axes": {"level": "WARNING"},
    },
}

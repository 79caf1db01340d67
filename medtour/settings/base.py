"""Production-safe settings; everything that differs between places comes from the environment."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from medtour.settings import admin, content, machines, money, schedule
from medtour.settings.logs import logging_config
from medtour.settings.messages import channel_settings

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

DEBUG = False
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS")
LOOKUP_HASH_KEY = env("LOOKUP_HASH_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env("SITE_URL")

INSTALLED_APPS = [
    "modeltranslation",
    "unfold.apps.BasicAppConfig",
    "medtour.admin_apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "django_htmx",
    "phonenumber_field",
    "django_countries",
    "lucide",
    "csp",
    "medtour",
    "accounts",
    "messaging",
    "hospitals",
    "bookings",
    "payments",
]

MIDDLEWARE = [
    "medtour.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "medtour.middleware.ProgramMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "medtour.middleware.AdminContentPolicyMiddleware",
    "medtour.middleware.PrivatePageMiddleware",
    "medtour.middleware.VisitorPlaceMiddleware",
    "medtour.middleware.LimitsMiddleware",
]

ROOT_URLCONF = "medtour.urls"
WSGI_APPLICATION = "medtour.wsgi.application"

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
                "medtour.context.site",
            ],
            "builtins": ["medtour.templatetags.ui", "medtour.templatetags.show"],
        },
    },
]

DATABASES = {
    "default": {
        **env.db("DATABASE_URL"),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": (
                f"-c lock_timeout={env.int('DB_LOCK_TIMEOUT_MS', default=2000)}"
                f" -c statement_timeout={env.int('DB_STATEMENT_TIMEOUT_MS', default=30000)}"
                " -c idle_in_transaction_session_timeout=60000"
                # Prepared statements are written for one plan (`medtour/lib/prepared.py`).
                " -c plan_cache_mode=force_generic_plan"
                # A page is answered in milliseconds from memory: no workers, and indexes are cheap.
                " -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
            ),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "medtour.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL.rsplit("/", 1)[0] + "/1",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "medtour.views.csrf_failure"
LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Of visitors without an account behind one address; an account holds one time. 0: no limit.
HOLDS_AT_ONCE_PER_ADDRESS = env.int("HOLDS_AT_ONCE_PER_ADDRESS", default=6)
HOLDS_PER_HOUR_PER_ADDRESS = env.int("HOLDS_PER_HOUR_PER_ADDRESS", default=30)
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "after_login"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "messaging.adapters.OutboxAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_TOTP_ISSUER = "Medtour"
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
vars().update(env.email("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_BACKEND = env("EMAIL_BACKEND", default=EMAIL_BACKEND)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Medtour <care@medtour.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("zh-hans", "简体中文"),
    ("ru", "Русский"),
    ("id", "Bahasa Indonesia"),
    ("vi", "Tiếng Việt"),
    ("mn", "Монгол"),
    ("ar", "العربية"),
    ("fr", "Français"),
]
INTERFACE_COMPLETE_LANGUAGES = tuple(code for code, _name in LANGUAGES)
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["medtour.formats"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_LANGUAGES = tuple(code for code, _name in LANGUAGES)
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_throttle": 1,
    "unacked_restore_interval": 5,
    "socket_timeout": 30,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "messaging.beat.HeartbeatScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_REGION = None
MESSAGE_KIND_MODULES = [
    "messaging.account_kinds",
    "messaging.number_kinds",
    "bookings.message_kinds",
    "bookings.follow_up_kinds",
    "bookings.pre_visit_kinds",
    "payments.message_kinds",
    "payments.quote_messages",
    "payments.refund_messages",
    "payments.fapiao_messages",
    "payments.guarantee_messages",
    "payments.eligibility_messages",
    "payments.claim_messages",
]
OUTBOX_LAG_LIMIT_SECONDS = env.int("OUTBOX_LAG_LIMIT_SECONDS", default=300)
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=60)
DEVELOPMENT_MAIL_VISIBLE = False
# The European Central Bank's file of the day, https only; blank: rates as old as their package.
EXCHANGE_RATES_URL = env(
    "EXCHANGE_RATES_URL",
    default="https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
)
# ClamAV's daemon, tcp://host:port or unix:///path; uploads stay locked away while it is silent.
CLAMD_ADDRESS = env("CLAMD_ADDRESS", default="")
# True takes files that nobody scanned. Blank address without it: production does not start.
UPLOADS_UNSCANNED = env.bool("UPLOADS_UNSCANNED", default=False)
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRET", default=[])
PAYMENTS_SANDBOX = False
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="help@medtour.example")

UNFOLD = admin.UNFOLD
CELERY_BEAT_SCHEDULE = schedule.CELERY_BEAT_SCHEDULE
CHARGE_RATE_MAX_AGE_DAYS = money.CHARGE_RATE_MAX_AGE_DAYS
REFUND_APPROVAL_THRESHOLDS = money.REFUND_APPROVAL_THRESHOLDS
CONTENT_SECURITY_POLICY = content.CONTENT_SECURITY_POLICY
IDP_OIDC_AUTH_METHODS = machines.IDP_OIDC_AUTH_METHODS
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = machines.IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN
MACHINE_CALLS_PER_MINUTE = machines.MACHINE_CALLS_PER_MINUTE
MACHINE_TOKENS_PER_MINUTE = machines.MACHINE_TOKENS_PER_MINUTE
INSURER_HOSTS = machines.INSURER_HOSTS
INSURER_SECRETS = machines.INSURER_SECRETS
INSURER_SCHEMES = machines.INSURER_SCHEMES
INSURER_CONNECT_SECONDS = machines.INSURER_CONNECT_SECONDS
INSURER_ANSWER_SECONDS = machines.INSURER_ANSWER_SECONDS

vars().update(channel_settings(env))
LOGGING = logging_config(as_json=True, level=env("LOG_LEVEL", default="INFO"))

# The e-mail address is unique by a constraint on its lower case, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
ADMIN_LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese"))]

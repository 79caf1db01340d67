# One image for every process of the Procfile; docker-compose.yml names which one runs.
# No container engine has built this file yet: tests/deploy checks its text, hadolint its style.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
# Nothing below is kept: collectstatic only wants the settings to be there. No server is asked.
RUN export SECRET_KEY=only-for-this-build-step-and-in-no-image-layer-0123456789 \
        FIELD_ENCRYPTION_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
        LOOKUP_HASH_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
        ALLOWED_HOSTS=build.invalid SITE_URL=https://build.invalid \
        DATABASE_URL=postgres://build.invalid/build REDIS_URL=redis://build.invalid/0 \
        DJANGO_SETTINGS_MODULE=medtour.settings.base \
    && python -m medtour.devstack.messages \
    && python manage.py collectstatic --noinput --verbosity 0 --ignore '*.map' \
    && python -m compileall -q /opt/venv/lib .

FROM python:3.11-slim-bookworm AS run
RUN groupadd --system --gid 10001 medtour \
    && useradd --system --uid 10001 --gid medtour --no-create-home --home-dir /app medtour
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    DJANGO_SETTINGS_MODULE=medtour.settings.base \
    WEB_HOST=0.0.0.0 \
    PORT=8000
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["deploy/process"]
CMD ["web"]

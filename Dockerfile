# One process with API, console, booking pages and worker. Build: docker build -t disparo .
# Everything that is installed is checked against the lock's hashes. The first stage stays behind.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /usr/local/lib/disparo
COPY requirements.lock pyproject.toml README.md LICENSE requirements-aws.lock ./
RUN /usr/local/lib/disparo/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY src src
COPY examples examples
COPY docs/guarantees.md docs/guarantees.md
RUN /usr/local/lib/disparo/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /usr/local/lib/disparo/bin/python -m compileall -q /usr/local/lib/disparo/lib

FROM python:3.13-slim
RUN groupadd --system --gid 10001 disparo \
    && useradd --system --uid 10001 --gid disparo --home-dir /data --no-create-home disparo \
    && install -d -o disparo -g disparo -m 0700 /data
COPY --from=build /usr/local/lib/disparo /usr/local/lib/disparo
ENV PATH=/usr/local/lib/disparo/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DISPARO_DATA=/data DISPARO_LOG_FORMAT=json
USER disparo
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# What it answers is told by /health, which needs no key.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=4)"]
ENTRYPOINT ["disparo"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]

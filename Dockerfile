# The program with its local chain; every package is installed from the lock files, by hash.
FROM node:22-bookworm-slim AS node_packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --loglevel=error

FROM python:3.11-slim-bookworm AS python_packages
COPY requirements.txt .
RUN python -m venv /opt/venv && \
    /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 DEXPROJECT_VAR=/var/lib/dexproject LOG_TO_CONSOLE=1
RUN useradd --system --uid 10001 --user-group --no-create-home dexproject && \
    install --directory --owner dexproject --group dexproject --mode 0700 /var/lib/dexproject
WORKDIR /app
COPY --from=python_packages /opt/venv /opt/venv
COPY --from=node_packages /app/node_modules node_modules
COPY . .
RUN python -m compileall -q -j 0 .
USER dexproject
VOLUME /var/lib/dexproject
CMD ["daphne", "-v", "0", "--bind", "0.0.0.0", "--port", "8000", "dexproject.asgi:application"]

# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build

# On Linux an unpinned torch is a CUDA build of several gigabytes; name an index of CPU wheels
# here to take the small one: --build-arg TORCH_INDEX_URL=...
ARG TORCH_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

WORKDIR /src
COPY .ci/requirements.lock pyproject.toml README.md ./
RUN python -m venv /opt/huiyin \
    && if [ -n "$TORCH_INDEX_URL" ]; then \
         /opt/huiyin/bin/pip install --constraint requirements.lock \
           --index-url "$TORCH_INDEX_URL" torch; \
       fi
COPY service service
COPY retrieval retrieval
COPY prompts prompts
COPY evals evals
RUN /opt/huiyin/bin/pip install --constraint requirements.lock . \
    && HUIYIN_CACHE_DIR=/opt/huiyin/models /opt/huiyin/bin/huiyin models build

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/huiyin huiyin
COPY --from=build /opt/huiyin /opt/huiyin
ENV PATH=/opt/huiyin/bin:$PATH \
    HUIYIN_CACHE_DIR=/opt/huiyin/models \
    HUIYIN_DATA_DIR=/var/lib/huiyin/data \
    HUIYIN_LOG_FORMAT=json \
    HUIYIN_WEB__HOST=0.0.0.0
USER 10001
WORKDIR /var/lib/huiyin
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["huiyin", "healthcheck"]
CMD ["huiyin", "serve"]

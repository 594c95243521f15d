# One image for every process: `docker run hearhear serve`, `… gateway`, `… projector`.
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/hearhear \
 && /opt/hearhear/bin/pip install --no-cache-dir --require-hashes -r requirements-runtime.lock \
 && /opt/hearhear/bin/hatchling build -t wheel \
 && /opt/hearhear/bin/pip install --no-cache-dir --no-deps dist/hearhear-*.whl

FROM python:3.11-slim
COPY --from=build /opt/hearhear /opt/hearhear
RUN useradd --create-home --home-dir /data hearhear
USER hearhear
WORKDIR /data
VOLUME /data
ENV HEARHEAR_HOST=0.0.0.0 PYTHONUNBUFFERED=1
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/hearhear/bin/hearhear"]
CMD ["serve"]

# The portal as an image: packages in one stage, the code on top of them in the next, no root at run time.
FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/run.txt /tmp/run.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/run.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENV_FILE= \
    DATA_DIR=/data \
    BIND=0.0.0.0
RUN useradd --system --uid 10001 --home-dir /data portal && install -d -o portal -g portal /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/portal
COPY . .
USER portal
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "portal/gunicorn.py", "portal.wsgi"]

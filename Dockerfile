# One image for the web service and for the workers; compose chooses the command.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 sohoa

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY services services
COPY api api
COPY workers workers
RUN pip install --no-cache-dir --no-deps .

USER sohoa
ENV SOHOA_DATA_DIR=/home/sohoa/var OMP_THREAD_LIMIT=1 PYTHONUNBUFFERED=1
EXPOSE 8000
ENTRYPOINT ["sohoa"]
CMD ["serve", "--host", "0.0.0.0"]

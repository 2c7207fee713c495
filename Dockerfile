FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No package that is needed at run time has an install script that matters; only development tools have one.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
LABEL org.opencontainers.image.title="Spillway" \
      org.opencontainers.image.description="A shock absorber for events: durable HTTP ingestion that sheds load honestly by priority" \
      org.opencontainers.image.licenses="MIT"
# This image has no Redis, so set REDIS_URL. ROLE is all, api or worker. Beyond loopback an API needs API_KEYS_FILE, or
# ALLOW_ANONYMOUS_PRODUCERS=true where the network decides who may post.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    ROLE=all \
    DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json app.ts server.ts ./
COPY dashboard/ ./dashboard/
COPY plugins/ ./plugins/
COPY routes/ ./routes/
COPY server/ ./server/
COPY services/ ./services/
COPY workers/ ./workers/
# For `node cli/spillway.mjs status` or `doctor` in a running container.
COPY cli/ ./cli/
COPY clients/ ./clients/
COPY scripts/healthcheck.ts ./scripts/
USER node
# PORT, WORKER_PORT, and what ADMIN_PORT is in the manifests; ADMIN_HOST stays on loopback unless it is set.
EXPOSE 3000 3001 3002
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "scripts/healthcheck.ts"]
CMD ["node", "--max-semi-space-size=16", "server.ts"]

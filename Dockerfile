# The emulator as a container; docker-compose.yml shows it in use.
#
#   docker build -t picky-assist-emulator .
#   docker run --rm -p 127.0.0.1:4290:4290 picky-assist-emulator
#
# Options to add before the image's name:
#
#   -v picky-data:/data                                  keep the world in a named volume
#   -v "$PWD/data:/data" --user "$(id -u):$(id -g)"      keep it in your own folder; create the folder first, or root will own it
#   -v "$PWD/scenarios:/scenarios:ro" -e PICKY_EMULATOR_SCENARIO=/scenarios/mine.json      start from your own scenario
#   -e PICKY_EMULATOR_CLOCK=system                       any other setting; `docker run --rm picky-assist-emulator --help` lists them
#
# Put settings in the environment, not in flags: the health check is a separate process and sees only the environment. Any uid
# works, nothing is written outside /data, and --read-only and --cap-drop ALL are fine.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# esbuild needs no script to run, and SQLite's driver for this Node.js has its binaries in the package.
RUN npm ci --ignore-scripts
COPY . .
# Of the driver, only its scripts and the binary of this machine are needed at run time: the rest is ten times as large.
# chmod: the checkout may be readable only by its owner, but the user below must be able to read the files.
RUN npm run build \
  && cd node_modules/better-sqlite3 \
  && rm -rf deps src \
  && find prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete \
  && chmod -R a+rX /app

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="picky-assist-emulator" \
  org.opencontainers.image.description="A local stand-in for Picky Assist's Project Management API, for testing its clients offline" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"
# The world, and certificates. World-writable like /tmp: a new named volume inherits this mode, and so works with any --user.
RUN install --directory --owner=node --group=node --mode=1777 /data /tls
WORKDIR /app
COPY --from=build /app/node_modules/better-sqlite3 node_modules/better-sqlite3
COPY --from=build /app/migrations migrations
COPY --from=build /app/fixtures fixtures
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist dist
# All IPv4 addresses of the container. `::` would serve IPv6 as well, but is not available on every machine. Which addresses of the
# host are published is up to -p.
ENV PICKY_EMULATOR_HOST=0.0.0.0
ENV PICKY_EMULATOR_PORT=4290
ENV PICKY_EMULATOR_DB=/data/emulator.db
EXPOSE 4290
# The base image's user `node`, by number: from a name, Kubernetes can't tell that it is not root.
USER 1000:1000
ENTRYPOINT ["node", "/app/dist/cli.js"]
# The first check comes after one interval, and dependent services wait for it. An interval for the start alone would stop
# Docker before 25 and buildah before 1.32 from building.
HEALTHCHECK --interval=3s --timeout=5s --retries=5 --start-period=30s \
  CMD ["node", "/app/dist/cli.js", "health"]

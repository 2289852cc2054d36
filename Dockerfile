# The emulator as a container; docker-compose.yml shows it at work.
#
#   docker build -t picky-assist-emulator .
#   docker run --rm -p 127.0.0.1:4290:4290 picky-assist-emulator
#
# Add what you need before the image's name:
#
#   -v picky-data:/data                                  keep the world in a named volume
#   -v "$PWD/data:/data" --user "$(id -u):$(id -g)"      keep it in a folder of yours; make the folder first, or root will own it
#   -v "$PWD/scenarios:/scenarios:ro" -e PICKY_EMULATOR_SCENARIO=/scenarios/mine.json      start from a scenario of yours
#   -e PICKY_EMULATOR_CLOCK=system                       any other setting; `docker run --rm picky-assist-emulator --help` lists them
#
# Settings belong in the environment here rather than in flags: the health check is a process of its own and sees only
# the environment. Any uid will do, nothing is written outside /data, and --read-only and --cap-drop ALL do no harm.

FROM node:22-bookworm-slim AS build
# For better-sqlite3, where no prebuilt binary can be had.
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Node's headers are in the image; a compilation would else download them.
RUN npm_config_nodedir=/usr/local npm ci
COPY . .
# Of better-sqlite3 only the binary is needed: its sources, and what the compilation leaves behind, are ten times as large.
# The user below must be able to read what came from a checkout that only its owner may read.
RUN npm run build \
  && npm prune --omit=dev \
  && chmod -R a+rX . \
  && cd node_modules/better-sqlite3 \
  && rm -rf deps src \
  && find build -type f ! -path build/Release/better_sqlite3.node -delete

FROM node:22-bookworm-slim
# Open to all, as /tmp is: a fresh named volume takes these rights over, and then works with any --user.
RUN install --directory --owner=node --group=node --mode=1777 /data
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/migrations migrations
COPY --from=build /app/fixtures fixtures
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/dist dist
# Every IPv4 address of the container, because `::`, which serves IPv6 as well, can't be had on every machine. Which addresses of
# the host are published is -p's business.
ENV PICKY_EMULATOR_HOST=0.0.0.0
ENV PICKY_EMULATOR_PORT=4290
ENV PICKY_EMULATOR_DB=/data/emulator.db
EXPOSE 4290
# The base image's `node`, by number: Kubernetes can't tell from a name that it is not root.
USER 1000:1000
ENTRYPOINT ["node", "/app/dist/cli.js"]
# Asked often while it starts (by Docker 25 and newer), so that what waits for it need not wait long.
HEALTHCHECK --interval=30s --timeout=5s --retries=3 --start-period=30s --start-interval=250ms \
  CMD ["node", "/app/dist/cli.js", "health"]

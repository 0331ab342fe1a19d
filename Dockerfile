# bluum-hooks in a container: see docs/container.md.
# A digest of the image can be given: --build-arg NODE_IMAGE=node:24-slim@sha256:…
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY . .
RUN npm ci --ignore-scripts \
  && npm pack --silent --pack-destination /tmp \
  && npm install --prefix /opt/bluum-hooks --ignore-scripts --no-audit --no-fund /tmp/bluum-hooks-*.tgz

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="bluum-hooks" \
  org.opencontainers.image.description="Receive, verify, inspect and replay Bluum Finance webhooks" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
  BLUUM_HOOKS_HOME=/data \
  PATH=/opt/bluum-hooks/node_modules/.bin:$PATH
COPY --from=build /opt/bluum-hooks /opt/bluum-hooks
# A new volume takes over the owner and the mode of this folder. Nobody else can read what is stored.
RUN install --directory --owner 65532 --group 65532 --mode 700 /data
VOLUME /data
# Without a name and a home: nothing outside the volume belongs to it.
USER 65532:65532
WORKDIR /project
# The port of listen. The inspector and the emulator are on loopback only.
EXPOSE 4600
# Node.js is the first process, and restores webhooks on SIGTERM. `--` keeps it from reading flags of the program.
ENTRYPOINT ["node", "--", "/opt/bluum-hooks/node_modules/bluum-hooks/bin/bluum-hooks.js"]
CMD ["--help"]

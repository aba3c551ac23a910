# The local pipeline for CI jobs, in Snowplow Micro's place: docker build -t whiteout . && docker run -p 127.0.0.1:9090:9090 whiteout
FROM rust:1.95-slim-bookworm AS build
# The compiler of SQLite's and zstd's C.
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /whiteout
COPY . .
RUN cargo build --profile quick --package whiteout

FROM debian:bookworm-slim
COPY --from=build /whiteout/target/quick/whiteout /usr/local/bin/whiteout
# As Micro's container has them: /config/enrichments and /config/iglu-client-embedded are used when they are mounted.
VOLUME /config
EXPOSE 9090
# Inside of a container nobody reaches 127.0.0.1; what is published decides who reaches the port.
ENTRYPOINT ["whiteout", "local", "--bind", "0.0.0.0"]
CMD ["--ephemeral"]

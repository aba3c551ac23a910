"""Sends events through a deployed pipeline, good ones, bad ones and noise, and compares the sums of its stages.

sums.py STACK TRACKER_PYTHON [EVENTS]

EVENTS (1000) of Snowplow's Python tracker are good; bad ones, requests that are too large, scanners, robots and Service
Pings come along. Everything has to arrive once, where it belongs, and nothing of the person that the events name.
Fails when a sum differs. It is for the emulator at AWS_ENDPOINT_URL and has to be alone with the stack.
"""

import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from local_aws import EVENT_ID, contents, drained, stack_outputs

EVENTS = 1000
# The emulator answers nobody while it transforms what one call has written, and functions wait for three seconds.
ROUND = 20
BAD_PER_ROUND = 1
TOO_LARGE, MISSING, ROBOTS = 5, 10, 10
SCANNED = [
    "/wp-admin/install.php", "/wp-includes/wlwmanifest.xml", "/vendor/phpunit", "/.git/config", "/.aws/credentials",
    "/cgi-bin/luci", "/actuator/env", "/phpmyadmin/index.php", "/solr/admin", "/owa/auth",
]
PINGS = {
    "usage_data": (5, "usage_data", lambda person: {"uuid": str(uuid.uuid4()), "hostname": person,
                                                    "recorded_at": "2026-01-02T03:04:05.678Z", "counts": {"issues": 7}}),
    "usage_ping_metadata": (3, "metadata", lambda person: {"metadata": {"uuid": str(uuid.uuid4()), "metrics": []}}),
    "usage_ping_errors": (2, "errors", lambda person: {"error": {"uuid": str(uuid.uuid4()), "message": person}}),
}
SCANNER, ROBOT, TRACKER = "Mozilla/5.0 zgrab/0.x", "Mozilla/5.0 (compatible; Googlebot/2.1)", "Mozilla/5.0"
SECONDS_FOR_A_ROUND, SECONDS_TO_SETTLE = 60, 120


class Stream:
    """Counts what a stream has got since this began to look."""

    def __init__(self, name):
        self.kinesis = boto3.client("kinesis")
        shards = self.kinesis.list_shards(StreamName=name)["Shards"]
        self.iterators = [
            self.kinesis.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="LATEST")[
                "ShardIterator"
            ]
            for shard in shards
        ]
        self.count = 0

    def look(self):
        for place, iterator in enumerate(self.iterators):
            found = True
            while found:
                page = self.kinesis.get_records(ShardIterator=iterator)
                found, iterator = page["Records"], page["NextShardIterator"]
                self.count += len(found)
            self.iterators[place] = iterator
        return self.count


class Collector:
    """The front door, reached without a name service."""

    def __init__(self, url):
        self.address, self.host = urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, urlsplit(url).netloc

    def ask(self, method, path, expected, agent, body=None, content_type="application/json"):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        headers = {"Host": self.host, "User-Agent": agent, "Content-Type": content_type}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != expected:
            sys.exit(f"{method} {path} was answered with {answer.status}, not {expected}")


class Tracker:
    """Snowplow's tracker, in a process with its own libraries."""

    def __init__(self, python, collector, person):
        script = Path(__file__).with_name("send_events.py")
        command = [python, str(script), f"http://{collector.address}", collector.host, person]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, good, bad):
        self.process.stdin.write(json.dumps({"good": good, "bad": bad}) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        return json.loads(said) if said else sys.exit("the tracker could not send")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def wait_for(streams, wanted, seconds):
    """Until each stream has so many records, or the time is up."""
    deadline = time.monotonic() + seconds
    while any(streams[name].look() < count for name, count in wanted.items()) and time.monotonic() < deadline:
        time.sleep(0.05)


def send_events(tracker, streams, events):
    """In rounds, each after the one before it has passed the enricher; the ids of good and bad events, the requests."""
    good, bad, requests = [], [], 0
    while len(good) < events:
        said = tracker.send(min(ROUND, events - len(good)), BAD_PER_ROUND)
        good, bad, requests = good + said["good"], bad + said["bad"], requests + said["requests"]
        wait_for(streams, {"enriched-good": len(good), "enriched-bad": len(bad)}, SECONDS_FOR_A_ROUND)
    return good, bad, requests


def send_others(collector, person):
    """What else reaches a collector; what it has to lead to."""
    post = "/com.snowplowanalytics.snowplow/tp2"
    for _ in range(TOO_LARGE):
        # No JSON, so it cannot be split.
        collector.ask("POST", post, 200, TRACKER, person + "x" * 1_100_000, "text/plain")
    for path in SCANNED:
        collector.ask("GET", path, 200, SCANNER)
    for _ in range(ROBOTS):
        collector.ask("GET", "/i", 200, ROBOT)
    for number in range(MISSING):
        collector.ask("GET", f"/favicon-{number}.ico", 404, SCANNER)
    for path, (count, _, body) in PINGS.items():
        for _ in range(count):
            collector.ask("POST", f"/{path}", 201, "Ruby", json.dumps(body(person)))


class Bucket:
    """The delivered objects that were not there before."""

    def __init__(self, name):
        self.name, self.objects = name, {}
        self.before = set(key for key, _ in contents(name))

    def look(self):
        self.objects.update(contents(self.name, self.before | set(self.objects)))

    def lines(self, prefix):
        data = [data for key, data in self.objects.items() if key.startswith(prefix)]
        return [line for one in data for line in one.splitlines()]

    def keys(self, prefix):
        return {key for key in self.objects if key.startswith(prefix)}


def delivered(bucket):
    noise = sum(json.loads(line)["is_noise"] for line in bucket.lines("bad_event_class/"))
    sums = {
        "rows below output/": len(bucket.lines("output/")),
        "bad events below enriched_bad_event/": len(bucket.lines("enriched_bad_event/")),
        "bad events below bad_event/": len(bucket.lines("bad_event/")),
        "classes below bad_event_class/": len(bucket.lines("bad_event_class/")),
        "noise among them": noise,
        "originals below errors/": len(bucket.keys("errors/")),
    }
    for _, folder, _ in PINGS.values():
        sums[f"pings below service_ping/{folder}/"] = len(bucket.lines(f"service_ping/{folder}/"))
    return sums


def told(queues, bucket):
    """Of how many of the new objects the queues tell, each with the objects of its own prefix only."""
    sums = {}
    for queue, prefix in (("GoodObjects", "output/"), ("BadObjects", "enriched_bad_event/")):
        keys = [key for key in queues[queue] if key not in bucket.before]
        right = set(keys) == bucket.keys(prefix) and len(keys) == len(set(keys))
        sums[f"messages on {queue}, one for each object"] = (len(keys), len(bucket.keys(prefix)) if right else -1)
    return sums


def leaks(bucket, person, events):
    found = [f"{key} shows the person" for key, data in bucket.objects.items() if person.encode() in data]
    arrived = sorted(line.split(b"\t")[EVENT_ID].decode() for line in bucket.lines("output/"))
    if arrived != sorted(events):
        found.append(f"of {len(events)} events {len(set(arrived) & set(events))} have their row")
    return found


def show(sums):
    width = max(map(len, sums))
    print(f"    {'':{width}}   sent  there")
    for name, (sent, there) in sums.items():
        print(f"    {name:{width}}  {sent:5}  {there:5}  {'' if sent == there else 'DIFFERS'}".rstrip())
    return all(sent == there for sent, there in sums.values())


def main(stack, tracker_python, events=EVENTS):
    started, events = time.monotonic(), int(events)
    outputs = stack_outputs(stack)
    person = f"alex.{uuid.uuid4()}@shop.example"
    names = {"raw-good": "RawGoodStream", "raw-bad": "RawBadStream", "enriched-good": "EnrichedGoodStream",
             "enriched-bad": "EnrichedBadStream"}
    queues = {name: [] for name in ("GoodObjects", "BadObjects")}
    bucket, streams = Bucket(outputs["ObjectBucket"]), {name: Stream(outputs[key]) for name, key in names.items()}
    collector = Collector(outputs["CollectorUrl"])
    tracker = Tracker(tracker_python, collector, person)
    good, bad, requests = send_events(tracker, streams, events)
    tracker.end()
    send_others(collector, person)
    noise = len(SCANNED) + ROBOTS
    wanted = {"raw-good": requests + noise, "raw-bad": TOO_LARGE, "enriched-good": len(good),
              "enriched-bad": len(bad) + noise}
    objects = {
        "rows below output/": len(good),
        "bad events below enriched_bad_event/": len(bad) + noise,
        "bad events below bad_event/": TOO_LARGE,
        "classes below bad_event_class/": len(bad) + noise + TOO_LARGE,
        "noise among them": noise,
        "originals below errors/": 0,
        **{f"pings below service_ping/{folder}/": count for count, folder, _ in PINGS.values()},
    }
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    wait_for(streams, wanted, SECONDS_TO_SETTLE)
    while True:
        bucket.look()
        for name, keys in queues.items():
            keys += drained(outputs[name], bucket.name)
        there, messages = delivered(bucket), told(queues, bucket)
        if (there == objects and all(a == b for a, b in messages.values())) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    seconds = round(time.monotonic() - started)
    print(f"    {len(good)} good and {len(bad)} bad events of the tracker in {requests} requests, {TOO_LARGE} requests too"
          f" large, {len(SCANNED)} scanners, {ROBOTS} robots, {MISSING} paths that lead nowhere: {seconds} s")
    right = show({
        **{f"records on {name}": (count, streams[name].look()) for name, count in wanted.items()},
        **{name: (count, there[name]) for name, count in objects.items()},
        **messages,
    })
    found = leaks(bucket, person, good)
    for leak in found:
        print(leak, file=sys.stderr)
    return right and not found and len(good) == events


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(0 if main(*sys.argv[1:]) else 1)

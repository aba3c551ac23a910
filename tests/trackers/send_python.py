# Sends one batch of events with the Python tracker; prints what went over the wire as JSON.
# Input (stdin): {collector, namespace, method, base64, events}. Output: {userAgent, acknowledged, requests}.

import json
import logging
import sys

import requests
from snowplow_tracker import EmitterConfiguration, PageView, SelfDescribing, SelfDescribingJson
from snowplow_tracker import Snowplow, StructuredEvent, TrackerConfiguration

task = json.load(sys.stdin)
logging.disable(logging.INFO)
acknowledged, sent, failed = [], [], []


def record(response, *_args, **_kwargs):
    request = response.request
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    sent.append({"method": request.method, "url": request.url, "body": body, "status": response.status_code})


session = requests.Session()
session.hooks["response"].append(record)

tracker = Snowplow.create_tracker(
    namespace=task["namespace"],
    endpoint=task["collector"],
    method=task["method"],
    app_id="python-app",
    tracker_config=TrackerConfiguration(encode_base64=task["base64"]),
    emitter_config=EmitterConfiguration(
        session=session,
        request_timeout=10,
        on_success=acknowledged.extend,
        on_failure=lambda _count, events: failed.extend(events),
    ),
)


def build(event):
    contexts = [SelfDescribingJson(each["schema"], each["data"]) for each in event["contexts"]]
    mark = event["mark"]
    if event["kind"] == "page_view":
        return PageView(event["url"], mark, event.get("referrer"), context=contexts)
    if event["kind"] == "struct":
        optional = (event.get("label"), event.get("property"), event.get("value"))
        return StructuredEvent(event["category"], mark, *optional, context=contexts)
    if event["kind"] == "self_describing":
        data = {**event["data"], "mark": mark}
        return SelfDescribing(SelfDescribingJson(event["schema"], data), context=contexts)
    raise ValueError("unknown kind " + event["kind"])


for each_event in task["events"]:
    tracker.track(build(each_event))
tracker.flush()

if failed:
    sys.exit(f"the collector refused {len(failed)} events")
print(json.dumps({"userAgent": session.headers["User-Agent"], "acknowledged": acknowledged, "requests": sent}))

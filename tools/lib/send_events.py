"""Sends events with Snowplow's Python tracker, for tools/lib/sums.py.

send_events.py ADDRESS HOST PERSON

Each line of standard input is JSON, {"good": N, "bad": N}: how many events to send. Of the bad ones every second has a
schema that nobody has, the others lack what their schema wants. Each line of standard output says what was accepted:
{"good": [EVENT ID...], "bad": [EVENT ID...], "requests": N}. ADDRESS is where to connect to, HOST what to ask for.
"""

import json
import logging
import sys

import requests
from snowplow_tracker import EmitterConfiguration, PageView, SelfDescribing, SelfDescribingJson
from snowplow_tracker import Snowplow, StructuredEvent, Subject, TrackerConfiguration

PAGE = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0"
LINK = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"
UNKNOWN = "iglu:com.example/nobody_has_this/jsonschema/1-0-0"


def good(number, person):
    page = [SelfDescribingJson(PAGE, {"id": f"00000000-0000-4000-8000-{number:012}"})]
    kinds = [
        lambda: PageView(f"https://shop.example/account/{number}?mail={person}", f"Account {number}", context=page),
        lambda: StructuredEvent("shop", "add", f"sku {number}", "pieces", number, context=page),
        lambda: SelfDescribing(SelfDescribingJson(LINK, {"targetUrl": f"https://shop.example/{person}"}), context=page),
    ]
    return kinds[number % len(kinds)]()


def bad(number, person):
    schema, data = [(UNKNOWN, {"mail": person}), (LINK, {"elementId": person})][number % 2]
    return SelfDescribing(SelfDescribingJson(schema, data))


def main(address, host, person):
    logging.disable(logging.INFO)
    session, accepted, failed = requests.Session(), [], []
    session.headers["Host"] = host

    def accept(response, *_args, **_kwargs):
        if response.status_code == 200:
            accepted.append([event["eid"] for event in json.loads(response.request.body)["data"]])

    session.hooks["response"].append(accept)
    tracker = Snowplow.create_tracker(
        namespace="sums",
        endpoint=address,
        app_id="sums",
        subject=Subject().set_platform("web").set_user_id(person).set_domain_user_id(person),
        tracker_config=TrackerConfiguration(encode_base64=True),
        emitter_config=EmitterConfiguration(
            batch_size=10, session=session, request_timeout=30, on_failure=lambda _count, events: failed.extend(events)
        ),
    )
    counts = {"good": 0, "bad": 0}
    for line in sys.stdin:
        wanted, said = json.loads(line), {"requests": 0}
        for kind, make in (("good", good), ("bad", bad)):
            accepted.clear()
            for number in range(counts[kind], counts[kind] + wanted[kind]):
                tracker.track(make(number, person))
            tracker.flush()
            counts[kind] += wanted[kind]
            said[kind] = [event for request in accepted for event in request]
            said["requests"] += len(accepted)
        if failed:
            sys.exit(f"the collector refused {len(failed)} events")
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])

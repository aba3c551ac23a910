"""A Firehose transformation in Python that treats enriched rows by a policy: what the pseudonymizer is compared with.

As a Lambda function: `pseudonymize.handler`, with the files of the policy and of the key in POLICY_FILE and KEY_FILE.
As a command: `pseudonymize.py run EVENT.json OUT.json` and `pseudonymize.py time EVENT.json SECONDS`.
"""

import base64
import json
import os
import sys
import time

from treatment.policy import COLUMNS, Policy
from treatment.pseudonyms import KEY_ID, pseudonym
from treatment.rules import Defect
from treatment.self_describing import to_json

QUARANTINE_SCHEMA = "iglu:io.whiteout/quarantine/jsonschema/1-0-0"

with open(os.environ["POLICY_FILE"], encoding="utf-8", newline="") as policy_file:
    POLICY = Policy(policy_file.read())


def handler(event, context):
    """Every record comes back as treated lines, whatever it held."""
    return {"records": [treated(record) for record in event["records"]]}


def treated(record):
    lines = base64.b64decode(record["data"]).removesuffix(b"\n").split(b"\n")
    data = "".join([line(one) + "\n" for one in lines]).encode()
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(data).decode()}


def line(data):
    """What may be seen of a line: a row, or a line of quarantine that tells nothing of it."""
    try:
        return row(data)
    except Defect as defect:
        code, column = defect.args
    quarantine = {
        "stream": "enriched",
        "reason": code,
        "line": pseudonym(data),
        "policy": POLICY.label,
        "key": KEY_ID,
    }
    if column:
        quarantine["column"] = column
    return to_json({"schema": QUARANTINE_SCHEMA, "data": quarantine})


def row(data):
    if not data:
        raise Defect("empty", None)
    try:
        values = data.decode().split("\t")
    except UnicodeDecodeError:
        raise Defect("not_utf8", None) from None
    if len(values) != len(COLUMNS):
        raise Defect("column_count", None)
    return "\t".join([treat(value) for treat, value in zip(POLICY.columns, values)])


def run(event, out):
    with open(out, "w", encoding="utf-8") as file:
        json.dump(handler(event, None), file)


def measure(event, seconds):
    """One round to warm up, then rounds until the time is over; single-threaded."""
    response = handler(event, None)
    rows_of_a_round = sum(base64.b64decode(record["data"]).count(b"\n") for record in response["records"])
    rounds = 0
    end, start = time.monotonic() + seconds, time.process_time()
    while time.monotonic() < end:
        # No round may profit from having seen the same paths before.
        POLICY.forget()
        handler(event, None)
        rounds += 1
    cpu = time.process_time() - start
    rows = rounds * rows_of_a_round
    print(json.dumps({"rows_per_second": rows / cpu, "rows": rows, "rounds": rounds, "cpu_seconds": cpu}))


def main(arguments):
    if len(arguments) != 3 or arguments[0] not in ("run", "time"):
        sys.exit("usage: pseudonymize.py run EVENT.json OUT.json | time EVENT.json SECONDS")
    command, path, last = arguments
    with open(path, encoding="utf-8") as file:
        event = json.load(file)
    if command == "run":
        run(event, last)
    else:
        measure(event, float(last))


if __name__ == "__main__":
    main(sys.argv[1:])

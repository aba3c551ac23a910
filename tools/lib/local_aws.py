"""Talks to the local AWS emulator at AWS_ENDPOINT_URL for the harnesses in tools/.

create STREAM...               creates the streams and prints their ARNs, one per line
output STACK KEY               prints one output of a stack
invoke FUNCTION FILE...        invokes the function with each event; fails unless every HTTP answer is 200
read STREAM [--until TEXT]...  prints the stream's records; fails unless every TEXT arrives in time
empty STREAM                   fails when the stream has a record, and shows it
"""

import json
import os
import sys
import time

import boto3

SECONDS_TO_ARRIVE = 20


def create(*streams):
    kinesis = boto3.client("kinesis")
    for stream in streams:
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        print(kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"])


def output(stack, key):
    outputs = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    print(next(o["OutputValue"] for o in outputs if o["OutputKey"] == key))


def invoke(function, *files):
    failures = 0
    client = boto3.client("lambda")
    for file in files:
        with open(file, "rb") as event:
            answer = client.invoke(FunctionName=function, Payload=event.read())
        payload = json.loads(answer["Payload"].read())
        status = payload.get("statusCode") if isinstance(payload, dict) else None
        if "FunctionError" in answer or status != 200:
            failures += 1
            print(f"{os.path.basename(file)}: {json.dumps(payload)[:500]}", file=sys.stderr)
        else:
            print(f"    {status}  {os.path.basename(file)}")
    return failures == 0


def records(stream):
    kinesis = boto3.client("kinesis")
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            page = kinesis.get_records(ShardIterator=iterator)
            if not page["Records"]:
                break
            for record in page["Records"]:
                yield shard["ShardId"], record
            iterator = page.get("NextShardIterator")


def read(stream, *arguments):
    wanted = {text.encode() for text in arguments if text != "--until"}
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    while True:
        found = list(records(stream))
        missing = {text for text in wanted if not any(text in record["Data"] for _, record in found)}
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    for shard, record in found:
        print(f"    {shard}  {record['SequenceNumber']}  {len(record['Data'])} bytes")
    for text in sorted(missing):
        print(f"{stream}: no record holds {text.decode()}", file=sys.stderr)
    return not missing


def empty(stream):
    found = [record["Data"] for _, record in records(stream)]
    for data in found:
        print(f"{stream}: {data[:2000]!r}", file=sys.stderr)
    return not found


if __name__ == "__main__":
    commands = {"create": create, "output": output, "invoke": invoke, "read": read, "empty": empty}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(0 if commands[sys.argv[1]](*sys.argv[2:]) in (None, True) else 1)

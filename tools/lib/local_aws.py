"""Talks to the local AWS emulator at AWS_ENDPOINT_URL for the harnesses in tools/.

create STREAM...               creates the streams and prints their ARNs, one per line
output STACK KEY               prints one output of a stack
invoke FUNCTION FILE...        invokes the function with each event; fails unless every answer is as it should be
answer FILE ANSWER             the same for an answer that another tool got for the event and wrote into a file
read STREAM [--until TEXT]...  prints the stream's records; fails unless every TEXT arrives in time
rows STREAM [--of EVENT]...    prints the stream's rows; fails unless every event's arrives in time and all are whole
cells STREAM EVENT PLACE=TEXT...
                               prints cells of an event's row by their places, the first being 0; fails unless the row
                               arrives in time and each of them holds its text
enrichments BUCKET PREFIX      creates a bucket with configurations of enrichments, and with a database for one of them
empty STREAM                   fails when the stream has a record, and shows it
objects BUCKET PREFIX [--of TEXT]... [--without TEXT]...
                               prints the bucket's objects below the prefix; fails unless every TEXT arrives in time, or
                               when an object of the bucket, whatever its prefix, holds what none should
messages QUEUE --of TEXT       prints what a queue's messages tell of; fails unless one in time tells of TEXT
queue NAME                     creates a queue and prints its URL
deliveries NAME...             creates delivery streams into a bucket
secret NAME                    creates a secret with a key of the pseudonyms in it
network default                prints the parameters that name the network of a load balancer
register STACK                 registers the targets of the stack's target groups, which the emulator leaves out
configuration FUNCTION         prints the memory, the time limit and the variables of a function
configured FUNCTION MANIFEST   the same; fails unless they are those of a Cargo.toml

An HTTP request is to be answered with 200, a batch of records with the list of those that failed: none, a batch of a
delivery with every record, in order, none of them failed.
"""

import gzip
import json
import os
import sys
import time
import tomllib

import boto3

SECONDS_TO_ARRIVE = 20
COLUMNS = 131
# Samples of what is not simply accepted: the status, or how many messages come again.
EXPECTED = {"not-json.json": 422, "usage-data.json": 201, "alb.json": 201, "metadata.json": 201, "error.json": 201, "mixed.json": 1}
EVENT_ID = 6  # the column's place


def create(*streams):
    kinesis = boto3.client("kinesis")
    for stream in streams:
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        print(kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"])


def output(stack, key):
    print(stack_outputs(stack)[key])


def stack_outputs(stack):
    outputs = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def invoke(function, *files):
    good = True
    client = boto3.client("lambda")
    for file in files:
        with open(file, "rb") as event:
            got = client.invoke(FunctionName=function, Payload=event.read())
        good &= is_right(file, got["Payload"].read(), "FunctionError" in got)
    return good


def answer(file, answer_file):
    with open(answer_file, "rb") as text:
        return is_right(file, text.read())


def is_right(file, text, is_error=False):
    with open(file, "rb") as text_of_event:
        event = json.load(text_of_event)
    is_batch, is_delivery = "Records" in event, "records" in event
    try:
        payload = json.loads(text)
    except ValueError:
        payload, is_error = text.decode(errors="replace"), True
    answered = payload if isinstance(payload, dict) else {}
    if is_delivery:
        return is_delivered(file, event, answered, is_error)
    is_request = "requestContext" in event
    short = answered.get("statusCode") if is_request else json.dumps(payload, separators=(",", ":"))
    expected = EXPECTED.get(os.path.basename(file))
    if is_request:
        right = short == (expected or 200)
    elif "batchItemFailures" in answered:
        right = len(answered["batchItemFailures"]) == (expected or 0)
    else:
        # What S3 itself or EventBridge sends is answered with nothing.
        right = not is_batch or payload is None
    right = right and not is_error
    if right:
        print(f"    {short}  {os.path.basename(file)}")
    else:
        print(f"{os.path.basename(file)}: {json.dumps(payload)[:500]}", file=sys.stderr)
    return right


def is_delivered(file, event, answered, is_error):
    records = answered.get("records", [])
    ids = [record["recordId"] for record in event["records"]]
    results = [record.get("result") for record in records]
    right = not is_error and [record.get("recordId") for record in records] == ids
    right &= all(result == "Ok" for result in results)
    if right:
        print(f"    {len(ids)} records, all Ok  {os.path.basename(file)}")
    else:
        print(f"{os.path.basename(file)}: {json.dumps(answered)[:500]}", file=sys.stderr)
    return right


def objects(bucket, prefix, *arguments):
    named = list(zip(arguments[::2], arguments[1::2]))
    wanted = {text.encode() for name, text in named if name == "--of"}
    unwanted = {text.encode() for name, text in named if name == "--without"}
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    while True:
        found = list(contents(bucket))
        below = [(key, data) for key, data in found if key.startswith(prefix)]
        missing = {text for text in wanted if not any(text in data for _, data in below)}
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    for key, data in below:
        print(f"    {key}  {len(data)} bytes")
    for text in sorted(missing):
        print(f"{bucket}/{prefix}: no object holds {text.decode()}", file=sys.stderr)
    leaks = [(key, text) for key, data in found for text in unwanted if text in data or text in key.encode()]
    for key, text in leaks:
        print(f"{bucket}/{key} shows {text.decode()}", file=sys.stderr)
    return not missing and not leaks


def contents(bucket, but=()):
    """Keys and unpacked data of the bucket's objects, but of those that are named."""
    s3 = boto3.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            if entry["Key"] in but:
                continue
            data = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            yield entry["Key"], gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def messages(queue, _, wanted):
    client = boto3.client("sqs")
    deadline, keys = time.monotonic() + SECONDS_TO_ARRIVE, []
    while time.monotonic() < deadline and not any(wanted in key for key in keys):
        got = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in got.get("Messages", []):
            keys += [record["s3"]["object"]["key"] for record in json.loads(message["Body"])["Records"]]
    for key in keys:
        print(f"    {key}")
    return any(wanted in key for key in keys)


def drained(queue, bucket):
    """The keys of the bucket's objects that a queue's messages tell of; the messages are taken off it."""
    client, keys = boto3.client("sqs"), []
    while messages := client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            told = [record["s3"] for record in json.loads(message["Body"])["Records"]]
            keys += [one["object"]["key"] for one in told if one["bucket"]["name"] == bucket]
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return keys


def queue(name):
    print(boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"])


def deliveries(*names):
    boto3.client("s3").create_bucket(Bucket="whiteout-objects")
    target = {"BucketARN": "arn:aws:s3:::whiteout-objects", "RoleARN": "arn:aws:iam::000000000000:role/delivery"}
    for name in names:
        boto3.client("firehose").create_delivery_stream(
            DeliveryStreamName=name, DeliveryStreamType="DirectPut", ExtendedS3DestinationConfiguration=target
        )


def secret(name):
    client = boto3.client("secretsmanager")
    key = client.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
    print(client.create_secret(Name=name, SecretString=key)["ARN"])


def network(_):
    ec2 = boto3.client("ec2")
    subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][:2]
    print(f"AlbVpcId={subnets[0]['VpcId']} AlbSubnetIds={','.join(subnet['SubnetId'] for subnet in subnets)}")


def register(stack):
    found = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}
    for name in ids:
        # A group is called after its function.
        if name.endswith("Targets"):
            function = boto3.client("lambda").get_function_configuration(FunctionName=ids[name.removesuffix("Targets")])
            targets = [{"Id": function["FunctionArn"]}]
            boto3.client("elbv2").register_targets(TargetGroupArn=ids[name], Targets=targets)


def configuration(function):
    found = boto3.client("lambda").get_function_configuration(FunctionName=function)
    print(f"{found['MemorySize']} MB, {found['Timeout']} s")
    for name, value in sorted(found["Environment"]["Variables"].items()):
        print(f"{name}={value}")


def configured(function, manifest):
    with open(manifest, "rb") as text:
        wanted = tomllib.load(text)["package"]["metadata"]["lambda"]
    found = boto3.client("lambda").get_function_configuration(FunctionName=function)
    found = found["MemorySize"], found["Timeout"], found["Environment"]["Variables"]
    print(f"    {function}: {found[0]} MB, {found[1]} s, {', '.join(sorted(found[2]))}")
    return found == (wanted["deploy"]["memory"], wanted["deploy"]["timeout"], wanted["env"])


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
    found, missing = wait(stream, wanted, lambda text, data: text in data)
    for shard, record in found:
        print(f"    {shard}  {record['SequenceNumber']}  {len(record['Data'])} bytes")
    for text in sorted(missing):
        print(f"{stream}: no record holds {text.decode()}", file=sys.stderr)
    return not missing


def rows(stream, *arguments):
    wanted = {text.encode() for text in arguments if text != "--of"}
    found, missing = wait(stream, wanted, is_of)
    whole = 0
    for shard, record in found:
        columns = record["Data"].split(b"\t")
        whole += len(columns) == COLUMNS
        event = b"".join(columns[EVENT_ID:][:1]).decode(errors="replace")
        print(f"    {shard}  {len(columns)} columns  {len(record['Data'])} bytes  {event}")
    print(f"    {whole} rows of {COLUMNS} columns")
    for event in sorted(missing):
        print(f"{stream}: no row is of the event {event.decode()}", file=sys.stderr)
    if whole != len(found):
        print(f"{stream}: {len(found) - whole} records are no rows", file=sys.stderr)
    return not missing and whole == len(found)


def is_of(event, data):
    return event in data.split(b"\t")[EVENT_ID:][:1]


def cells(stream, event, *wanted):
    found, missing = wait(stream, {event.encode()}, is_of)
    if missing:
        print(f"{stream}: no row is of the event {event}", file=sys.stderr)
        return False
    row = next(record["Data"] for _, record in found if is_of(event.encode(), record["Data"])).split(b"\t")
    good = True
    for place, text in (one.split("=", 1) for one in wanted):
        cell = row[int(place)].decode()
        print(f"    {place}: {cell}")
        if text not in cell:
            print(f"{stream}: the cell {place} does not hold {text}", file=sys.stderr)
            good = False
    return good


def enrichments(bucket, prefix):
    snowplow = "com.snowplowanalytics.snowplow"
    marketing = {name: [] for name in ("mktMedium", "mktTerm", "mktContent", "mktCampaign")}
    place = {"uri": f"s3://{bucket}/{prefix}", "database": "referers.database"}
    configurations = {
        "anon_ip": ("1-0-1", {"anonOctets": 1, "anonSegments": 1}),
        "campaign_attribution": ("1-0-1", {"mapping": "static", "fields": {**marketing, "mktSource": ["utm_source"]}}),
        "event_fingerprint_config": ("1-0-1", {"hashAlgorithm": "SHA256", "excludeParameters": ["eid"]}),
        "referer_parser": ("2-0-0", {"internalDomains": [], **place}),
        "ua_parser_config": ("1-0-0", {}),
    }
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    database = {"search": {"Example": {"domains": ["search.example"], "parameters": ["q"]}}}
    s3.put_object(Bucket=bucket, Key=f"{prefix}/referers.database", Body=json.dumps(database))
    for name, (version, parameters) in configurations.items():
        data = {"vendor": snowplow, "name": name, "enabled": True, "parameters": parameters}
        text = json.dumps({"schema": f"iglu:{snowplow}/{name}/jsonschema/{version}", "data": data})
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}.json", Body=text)
        print(f"    s3://{bucket}/{prefix}/{name}.json")


def wait(stream, wanted, is_in):
    deadline = time.monotonic() + SECONDS_TO_ARRIVE
    while True:
        found = list(records(stream))
        missing = {one for one in wanted if not any(is_in(one, record["Data"]) for _, record in found)}
        if not missing or time.monotonic() > deadline:
            return found, missing
        time.sleep(0.5)


def empty(stream):
    found = [record["Data"] for _, record in records(stream)]
    for data in found:
        print(f"{stream}: {data[:2000]!r}", file=sys.stderr)
    return not found


if __name__ == "__main__":
    everything = (
        create, output, invoke, answer, read, rows, cells, empty, enrichments, objects, messages, secret, queue,
        deliveries, network, register, configuration, configured,
    )
    commands = {command.__name__: command for command in everything}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(0 if commands[sys.argv[1]](*sys.argv[2:]) in (None, True) else 1)

"""Enriched rows on standard input, each as the analytics SDK gives it on standard output, one JSON object a line.

Ends with 1 at the first row that the SDK refuses, and names its number, counted from 1.
"""

import json
import sys

from snowplow_analytics_sdk import event_transformer
from snowplow_analytics_sdk.snowplow_event_transformation_exception import SnowplowEventTransformationException


def rows():
    """The lines of standard input. Only a line feed ends one: other separators may stand in a value."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        yield number, line.removesuffix(b"\n")


def main():
    for number, line in rows():
        try:
            event = event_transformer.transform(line.decode("utf-8"))
            print(json.dumps(event, allow_nan=False))
        except SnowplowEventTransformationException as refused:
            sys.exit(f"row {number}: {'; '.join(refused.error_messages)}")
        except ValueError as error:
            sys.exit(f"row {number}: {error}")


if __name__ == "__main__":
    main()

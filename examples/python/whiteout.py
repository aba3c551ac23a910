"""What tests need of `whiteout local`: a space of their own, and the events in it."""

import json
import os
import urllib.request
import uuid

BASE = os.environ.get("WHITEOUT_URL", "http://127.0.0.1:9090")


class Space:
    def __init__(self):
        self.name = str(uuid.uuid4())
        self.url = f"{BASE}/whiteout/space/{self.name}"

    def good(self, count=1):
        """The good events, newest first, once there are so many."""
        return self._get(f"good?count={count}&wait=5")

    def bad(self, count=1):
        """The bad events, newest first, once there are so many."""
        return self._get(f"bad?count={count}&wait=5")

    def counts(self):
        """How many events there are: total, good and bad."""
        return self._get("all")

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}/micro/{path}") as response:
            return json.load(response)

"""A real mail server (aiosmtpd) for tests, on the port it is given (0: a free one): prints where it listens, then each letter it takes as a line of JSON.

What an address's local part begins with decides what becomes of a letter to it: `greylisted` is refused for now the first
time, `rejected` for good.

With `--count` a letter's line is an empty object: reading letters takes longer than taking them.
"""

import email
import email.policy
import json
import signal
import sys

from aiosmtpd.controller import Controller


COUNTS_ONLY = "--count" in sys.argv


class Handler:
    def __init__(self):
        self.greylisted = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("rejected"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("greylisted") and address not in self.greylisted:
            self.greylisted.add(address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = {} if COUNTS_ONLY else self.read(envelope)
        print(json.dumps(letter), flush=True)
        return "250 OK"

    def read(self, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: (found := message.get_body((kind,))) and found.get_content()
        event = next(
            (part for part in message.walk() if part.get_content_type() == "text/calendar"), None
        )
        return {
            "from": message["from"],
            "to": message["to"],
            "reply_to": message["reply-to"],
            "subject": message["subject"],
            "message_id": message["message-id"],
            "list_unsubscribe": message["list-unsubscribe"],
            "text": part("plain"),
            "html": part("html"),
            "method": event and event.get_param("method"),
            "event": event and event.get_content(),
        }


class OnFreePort(Controller):
    """The library asks for a port; 0 is a free one, and it then looks for itself there."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = OnFreePort(Handler(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print(f"listening on {controller.port}", flush=True)
signal.pause()

"""Links that are asked for at a page: noted, or put off where there are too many."""

from __future__ import annotations

import math

from flask import request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from signer.errors import TooManyAsks
from signer.web.proxies.client_network import client_network
from signer.web.session import context, settings
from signer.workflows.requests.link_asks import note_ask


def ask_for_link(email: str, *, to_desk: bool = False) -> None:
    """Note that the visitor wants a link.

    Args:
        email: the address as typed.
        to_desk: whether it is to sign in at the desk.

    Raises:
        TooManyRequests: this visitor's network has asked too often.
        ServiceUnavailable: everybody together has.
    """
    network = client_network(request.environ, settings().proxy_hops)
    try:
        note_ask(context(), email, network=network, to_desk=to_desk)
    except TooManyAsks as refused:
        later = TooManyRequests if refused.by_asker else ServiceUnavailable
        raise later(retry_after=math.ceil(refused.wait.total_seconds())) from refused

"""The HTTP server: whole requests in, whole answers out, whatever the visitor's pace.

A master process holds the listening sockets and starts children. Each child reads
requests and sends answers in one loop that waits for nobody, so that a thread is only
held while the application computes. Slow visitors cost a buffer, and have deadlines.
"""

from signer.server.limits import Limits
from signer.server.master import Server

__all__ = ["Limits", "Server"]

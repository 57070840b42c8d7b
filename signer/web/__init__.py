"""What parents see: pages and forms over the workflows."""

from signer.web.app import create_app

__all__ = ["create_app"]

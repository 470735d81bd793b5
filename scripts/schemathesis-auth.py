"""How Schemathesis authenticates: it signs deliveries as Kombo does, and sends a token to the API.

The secret and the token come from the environment; see scripts/schemathesis.mjs.
"""

import base64
import hashlib
import hmac
import os

import requests
import schemathesis

SECRET = os.environ["KOMBO_WEBHOOK_SECRET"].encode()
TOKEN = os.environ["API_TOKEN"]


class LetIn(requests.auth.AuthBase):
    def __call__(self, request):
        if request.url.endswith("/webhooks/kombo"):
            body = request.body or b""
            body = body.encode() if isinstance(body, str) else body
            code = hmac.new(SECRET, body, hashlib.sha256).digest()
            signature = base64.urlsafe_b64encode(code).rstrip(b"=")
            request.headers["X-Kombo-Signature"] = signature.decode()
        else:
            request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


schemathesis.auth.set_from_requests(LetIn())

"""How what the portal hands out is signed and dated, so that what comes back is known as its own."""

from __future__ import annotations

import hashlib

from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from portal import clock

SIGNED = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
"""The library alone would take SHA-1."""


class _Signer(TimestampSigner):
    """Stamps with the portal's clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def signer(secret: str, salt: str) -> URLSafeTimedSerializer:
    """Signs for one purpose, which the salt names, and says when."""
    return URLSafeTimedSerializer(secret, salt=salt, signer=_Signer, signer_kwargs=SIGNED)


def digest(text: str) -> str:
    """What is kept in place of what opens something."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

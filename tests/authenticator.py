"""A device that keeps passkeys, in software: it answers challenges as a phone or a security key does."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """One passkey on one device, on a page of `origin`."""

    origin: str = "http://localhost:8000"
    host: str = "localhost"
    verifies: bool = True
    """Whether it asks its owner for a finger or a PIN."""
    counts: bool = True
    counter: int = 0
    number: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str = ""
    algorithm: int = -7
    cross_origin: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: dict[str, Any]) -> dict[str, str]:
        """What a form sends of a new passkey."""
        options = asked["create"]
        self.handle = options["user"]["id"]
        facts = self._facts(ATTESTED, self.data)
        made = cbor.encode({"fmt": "none", "authData": facts, "attStmt": {}})
        said = self._said("webauthn.create", options["challenge"])
        answer = {"clientDataJSON": written(said), "attestationObject": written(made)}
        return {"answer": self._answer(answer), "token": asked["token"]}

    @property
    def data(self) -> bytes:
        """The passkey's number and public key."""
        public = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: self.algorithm,
            -1: 1,
            -2: public.x.to_bytes(32, "big"),
            -3: public.y.to_bytes(32, "big"),
        }
        return bytes(16) + struct.pack(">H", len(self.number)) + self.number + cbor.encode(cose)

    def show(self, asked: dict[str, Any]) -> dict[str, str]:
        """What a form sends of a passkey that is shown."""
        options = asked["get"]
        self.counter += self.counts
        facts = self._facts(0, b"")
        said = self._said("webauthn.get", options["challenge"])
        signed = self.key.sign(facts + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        answer = {
            "clientDataJSON": written(said),
            "authenticatorData": written(facts),
            "signature": written(signed),
            "userHandle": self.handle,
        }
        return {"confirm_answer": self._answer(answer), "confirm_token": asked["token"]}

    def _facts(self, more: int, body: bytes) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.counter) + body

    def _said(self, kind: str, challenge: str) -> bytes:
        facts = {
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(facts).encode()

    def _answer(self, response: dict[str, str]) -> str:
        number = written(self.number)
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": response})

"""Reads one picture in a process of its own, started by `pictures.cleaned`; it may die without harm.

Takes the picture on its input and `{"format", "side", "pixels", "limits"}` as argument, writes it anew on its
output. Imports nothing of the portal, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps, ImageSequence

MOST_FRAMES = 200
_SCANNED = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""Where the picture in a scan of JPEG ends."""
_PARTS_OF_JPEG = (0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD)


def written_anew(data: bytes, format: str, side: int, pixels: int) -> bytes:
    """The picture in the same format, turned upright, at most so many pixels a side."""
    with Image.open(io.BytesIO(data), formats=[format]) as image:
        frames = getattr(image, "n_frames", 1) if format == "GIF" else 1
        if frames * image.width * image.height > pixels:
            raise ValueError("too many pixels in all frames together")
        if frames > 1:
            return _moving(image, side)
        if format in _BARE and _BARE[format](data) and max(image.size) <= side and image.mode in ("RGB", "L"):
            image.load()
            return data
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        kept: dict[str, Any] = {"JPEG": {"quality": 85}, "WEBP": {"quality": 85}}.get(format, {})
        if format == "JPEG" and upright.mode not in ("RGB", "L"):
            upright = upright.convert("RGB")
        return _saved(upright, format, **kept)


def _is_bare_jpeg(data: bytes) -> bool:
    """Whether there is the picture and nothing else: no notes, no smaller picture, nothing behind its end."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        mark, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if mark not in _PARTS_OF_JPEG and data[at + 1 : at + 9] != b"\xe0\x00\x10JFIF\x00":
            return False
        at += 2 + length
        if mark == 0xDA:
            if (ends := _SCANNED.search(data, at)) is None:
                return False
            at = ends.start()
        if data[at:] == b"\xff\xd9":
            return True
    return False


def _is_bare_webp(data: bytes) -> bool:
    """The same of WebP: one part, which is the picture."""
    length = int.from_bytes(data[16:20], "little")
    return data[12:16] in (b"VP8 ", b"VP8L") and len(data) == 20 + length + length % 2


_BARE = {"JPEG": _is_bare_jpeg, "WEBP": _is_bare_webp}
"""What tells that a picture was written anew already: to write it once more would only blur it."""


def _moving(image: Image.Image, side: int) -> bytes:
    frames, times = list[Image.Image](), list[int]()
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= MOST_FRAMES:
            raise ValueError("too many frames")
        copy = frame.convert("RGBA")
        copy.thumbnail((side, side))
        frames.append(copy)
        times.append(int(frame.info.get("duration", 100)))
    first, *others = frames
    return _saved(first, "GIF", save_all=True, append_images=others, duration=times, loop=0, disposal=2)


def _saved(image: Image.Image, format: str, **how: Any) -> bytes:
    bare = image.copy()
    bare.info = {key: bare.info[key] for key in ("transparency",) if key in bare.info}
    made = io.BytesIO()
    bare.save(made, format, **how)
    return made.getvalue()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    for name, most in asked["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    Image.MAX_IMAGE_PIXELS = asked["pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    how = (asked["format"], asked["side"], asked["pixels"])
    sys.stdout.buffer.write(written_anew(sys.stdin.buffer.read(), *how))
    sys.stdout.flush()

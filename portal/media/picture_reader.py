"""Reads one picture in a process of its own, started by `pictures.cleaned`; it may die without harm.

Takes the picture on its input and `{"format", "side", "pixels", "limits"}` as argument, writes it anew on its
output. Imports nothing of the portal, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps, ImageSequence

MOST_FRAMES = 200


def written_anew(data: bytes, format: str, side: int, pixels: int) -> bytes:
    """The picture in the same format, turned upright, at most so many pixels a side."""
    with Image.open(io.BytesIO(data), formats=[format]) as image:
        frames = getattr(image, "n_frames", 1) if format == "GIF" else 1
        if frames * image.width * image.height > pixels:
            raise ValueError("too many pixels in all frames together")
        if frames > 1:
            return _moving(image, side)
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        kept: dict[str, Any] = {"JPEG": {"quality": 85}, "WEBP": {"quality": 85}}.get(format, {})
        if format == "JPEG" and upright.mode not in ("RGB", "L"):
            upright = upright.convert("RGB")
        return _saved(upright, format, **kept)


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

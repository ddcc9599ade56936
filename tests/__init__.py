"""The portal's tests, on real parts: databases, search engines, a browser."""

"""Implementations of `core/ports.py`. Adapters do not know each other; `core/wiring` joins them."""

"""Whether a server's certificate is trusted, and which TLS it speaks (facts/microsoft.md G7)."""

from __future__ import annotations

import socket
import ssl

from core.adapters.ews.pinned import SECONDS, Endpoint
from core.adapters.ews.security import certificate_code
from core.errors import RetryLater, Stop


def tls_version(endpoint: Endpoint) -> str:
    """The version that was agreed on, such as TLSv1.3. Nothing is sent. Blocks.

    Raises Stop (`tls_certificate_expired`, `tls_certificate_of_another_name`, `tls_certificate_untrusted`,
    `tls_certificate_weak`, `tls_refused`), RetryLater.
    """
    context = endpoint.tls.context(endpoint.ca_file)
    try:
        with _connected(endpoint) as plain, context.wrap_socket(plain, server_hostname=endpoint.host) as encrypted:
            return encrypted.version() or ""
    except ssl.SSLCertVerificationError as error:
        raise Stop(certificate_code(error), f"{error.verify_code}", whole_company=True) from error
    except ssl.SSLError as error:
        raise Stop("tls_refused", str(error.reason), whole_company=True) from error
    except OSError as error:
        raise RetryLater("exchange_unreachable", type(error).__name__) from error


def _connected(endpoint: Endpoint) -> socket.socket:
    """A connection to the first address that answers. Raises OSError."""
    for address in endpoint.addresses[:-1]:
        try:
            return socket.create_connection((address, endpoint.port), SECONDS)
        except OSError:
            continue  # the next one may answer
    return socket.create_connection((endpoint.addresses[-1], endpoint.port), SECONDS)

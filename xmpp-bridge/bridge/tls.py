"""Certificates, one per domain: chosen by SNI or by the stream's ``to``, and read again without dropping a stream."""

from __future__ import annotations

import hashlib
import json
import ssl
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding

RELOAD_SECONDS = 60
"""Seconds between two looks whether a certificate has been renewed."""
HANDSHAKE_SECONDS = 10.0


class BadCertificates(Exception):
    """No usable certificate: one sentence."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate chain and its key, in PEM."""

    chain: bytes
    key: bytes


Source = Callable[[], dict[str, Pair]]
"""Reads the pairs by domain."""


def from_folder(folder: Path) -> dict[str, Pair]:
    """The pairs of a folder: ``<domain>.crt`` with the whole chain, and ``<domain>.key``.

    Raises:
        BadCertificates: the folder or a file cannot be read.
    """
    try:
        return {
            path.stem: Pair(path.read_bytes(), path.with_suffix(".key").read_bytes())
            for path in sorted(folder.glob("*.crt"))
            if path.with_suffix(".key").exists()
        }
    except OSError as error:
        raise BadCertificates(f"The certificates in {folder} cannot be read ({error}).") from error


def from_secret(text: str) -> dict[str, Pair]:
    """The pairs of a secret: ``{"<domain>": {"chain": PEM, "key": PEM}}``.

    Raises:
        BadCertificates: the secret has another form.
    """
    try:
        return {domain: Pair(pair["chain"].encode(), pair["key"].encode()) for domain, pair in json.loads(text).items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCertificates('The secret of certificates must be {"<domain>": {"chain": …, "key": …}}.') from error


class Certificates:
    """The contexts by domain. ``load`` may be called again: new handshakes get the new certificates."""

    def __init__(self, source: Source, domains: Collection[str] = ()) -> None:
        """``domains``: which to serve, empty for all that the source has."""
        self._source = source
        self._wanted = frozenset(domains)
        self._pairs: dict[str, Pair] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._bindings: WeakKeyDictionary[ssl.SSLContext, bytes] = WeakKeyDictionary()
        """By context, for as long as a connection has it: also of certificates that have been replaced since."""
        self._domains: WeakKeyDictionary[ssl.SSLContext, str] = WeakKeyDictionary()
        """Whose certificate a context has, for as long."""

    @property
    def domains(self) -> frozenset[str]:
        return frozenset(self._contexts)

    def load(self) -> list[str]:
        """Read the source; returns the domains whose certificate is new.

        Raises:
            BadCertificates: a certificate is missing or cannot be used; those loaded before stay.
        """
        pairs = self._source()
        if self._wanted:
            missing = sorted(self._wanted - pairs.keys())
            if missing:
                raise BadCertificates(f"There is no certificate for {', '.join(missing)}.")
            pairs = {domain: pairs[domain] for domain in self._wanted}
        if not pairs:
            raise BadCertificates("There is no certificate: each domain needs <domain>.crt and <domain>.key.")
        changed = [domain for domain, pair in pairs.items() if self._pairs.get(domain) != pair]
        made = {domain: _context(domain, pairs[domain]) for domain in changed}
        bindings = {domain: end_point(pairs[domain].chain) for domain in changed}
        for context in made.values():
            context.sni_callback = self._choose
        self._contexts = {domain: made.get(domain) or self._contexts[domain] for domain in pairs}
        self._bindings.update({made[domain]: bindings[domain] for domain in changed})
        self._domains.update({made[domain]: domain for domain in changed})
        self._pairs = pairs
        return changed

    def context(self, domain: str | None) -> ssl.SSLContext:
        """The context of a domain; without one, or of one that is not served, the first."""
        return self._contexts.get(domain or "") or self._contexts[min(self._contexts)]

    def binding(self, context: ssl.SSLContext) -> bytes | None:
        """The ``tls-server-end-point`` data (RFC 5929 §4) of the certificate that a handshake used."""
        return self._bindings.get(context)

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """Go on with the certificate of the name that the client asks for. Without one, or for one that is not served,
        with the present one of the context's own domain: a door that opened long ago has a context of then."""
        wanted = (name or "").lower()
        connection.context = self.context(wanted if wanted in self._contexts else self._domains.get(context))


def end_point(chain: bytes) -> bytes:
    """The hash of a certificate that binds a channel: by its signature's hash, and SHA-256 for MD5 and SHA-1.

    Raises:
        BadCertificates: no certificate, or one whose signature has no hash of its own (Ed25519), which RFC 5929 §4.1
            leaves undefined.
    """
    try:
        certificate = x509.load_pem_x509_certificate(chain)
    except ValueError as error:
        raise BadCertificates(f"A certificate cannot be read ({error}).") from error
    used = certificate.signature_hash_algorithm
    name = "sha256" if used is None or isinstance(used, (MD5, SHA1)) else used.name
    return hashlib.new(name, certificate.public_bytes(Encoding.DER)).digest()


def _context(domain: str, pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 9325 §3.1.1
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")  # for TLS 1.2; those of 1.3 are all fit
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["xmpp-client", "http/1.1"])  # XEP-0368 §3
    context.num_tickets = 0  # each costs memory and a write, and streams last
    try:
        with tempfile.NamedTemporaryFile() as chain, tempfile.NamedTemporaryFile() as key:  # ssl reads files alone
            for file, content in ((chain, pair.chain), (key, pair.key)):
                file.write(content)
                file.flush()
            context.load_cert_chain(chain.name, key.name)
    except (ssl.SSLError, OSError) as error:
        raise BadCertificates(f"The certificate or key of {domain} cannot be used ({error}).") from error
    return context

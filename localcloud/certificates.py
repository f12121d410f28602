"""A certificate authority of this machine, and one server certificate for each domain that the XMPP bridge serves.

Clients trust ``authority/ca.crt`` and nothing else of ours. The authority has a folder of its own, so that the bridge
does not take it for a domain. Keys are ECDSA P-256; all files with keys are for their owner alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "authority"
CA = "ca"
RENEWED_BEFORE = timedelta(days=30)
"""A certificate that ends sooner than this is made anew."""
_CA_LIFETIME = timedelta(days=3650)
_LIFETIME = timedelta(days=397)
"""No client takes a server's certificate for longer than 398 days."""
_CLOCKS_DIFFER = timedelta(hours=1)


def ensure(folder: Path, domains: Iterable[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Path:
    """Have a certificate ``<domain>.crt`` and its key ``<domain>.key`` in ``folder``; the authority's certificate.

    What is there is kept while it holds for 30 more days. A new authority makes all certificates anew.
    """
    home = folder / AUTHORITY
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = now()
    authority = _load(home, CA)
    if authority is None or _ends_soon(authority[0], moment):
        key = ec.generate_private_key(ec.SECP256R1())
        authority = (_authority(key, moment), key)
        _save(home, CA, *authority)
    for domain in domains:
        known = _load(folder, domain)
        if known is None or _ends_soon(known[0], moment) or not _is_from(known[0], authority[0]):
            key = ec.generate_private_key(ec.SECP256R1())
            _save(folder, domain, _server(domain, key, *authority, moment), key)
    return home / f"{CA}.crt"


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Company chat, this machine only")])
    begun = _begin(name, name, key.public_key(), now, now + _CA_LIFETIME)
    return (
        begun.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
    )


def _server(
    domain: str,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName(domain),
            x509.DNSName(f"*.{domain}"),
            x509.DNSName("localhost"),
            x509.IPAddress(IPv4Address("127.0.0.1")),
        ]
    )
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Company chat")])
    until = min(now + _LIFETIME, authority.not_valid_after_utc)
    signer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _begin(subject, authority.subject, key.public_key(), now, until)
        # The subject names no host: clients compare with these names alone (RFC 9525 §2).
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
        .sign(authority_key, SHA256())
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _load(folder: Path, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """A certificate and its key; None where they are not both there, or do not belong together."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    return certificate, key


def _save(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _replace(folder / f"{name}.key", secret, 0o600)
    _replace(folder / f"{name}.crt", certificate.public_bytes(Encoding.PEM), 0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file so that it is never there half, nor readable by others for a moment."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    new.replace(path)


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < RENEWED_BEFORE


def _is_from(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True

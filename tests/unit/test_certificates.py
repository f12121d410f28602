"""The certificates of the local run: a client that trusts the authority trusts the servers, and nobody else does."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from localcloud import certificates

DOMAINS = ["example.com", "example.org"]
TODAY = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certificates"


def made(folder: Path, *domains: str, days: int = 0) -> Path:
    return certificates.ensure(folder, domains or DOMAINS, lambda: TODAY + timedelta(days=days))


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def shake_hands(folder: Path, ca_file: Path, domain: str, name: str) -> None:
    """A TLS handshake of a client that asks for ``name`` with the server of ``domain``; raises where it fails."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / f"{domain}.crt", folder / f"{domain}.key")
    client_context = ssl.create_default_context(cafile=ca_file)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    waiting = [client, server]
    for _ in range(10):
        for each in list(waiting):
            try:
                each.do_handshake()
                waiting.remove(each)
            except ssl.SSLWantReadError:
                continue
    assert not waiting


@pytest.mark.parametrize("name", ["example.com", "chat.example.com", "localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_trusts_the_server(folder: Path, name: str) -> None:
    shake_hands(folder, made(folder), "example.com", name)


def test_a_domain_does_not_pass_for_another(folder: Path) -> None:
    ca_file = made(folder)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(folder, ca_file, "example.com", "example.org")


def test_another_authority_is_not_trusted(folder: Path, tmp_path: Path) -> None:
    made(folder)
    other = made(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(folder, other, "example.com", "example.com")


def test_keys_are_for_their_owner_alone(folder: Path) -> None:
    made(folder)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*.key")}
    assert modes == {"ca.key": 0o600, "example.com.key": 0o600, "example.org.key": 0o600}


def test_the_authority_is_no_domain(folder: Path) -> None:
    assert made(folder).parent != folder
    assert sorted(path.stem for path in folder.glob("*.crt")) == DOMAINS


def test_keys_are_of_the_curve_that_every_client_knows(folder: Path) -> None:
    key = certificate(made(folder)).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"


def test_what_holds_for_long_is_kept(folder: Path) -> None:
    made(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    made(folder, days=300)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


def test_a_server_certificate_is_made_anew_30_days_before_its_end(folder: Path) -> None:
    ca_file = made(folder)
    authority, old = ca_file.read_bytes(), certificate(folder / "example.com.crt")
    left = (old.not_valid_after_utc - TODAY).days
    made(folder, days=left - 31)
    assert certificate(folder / "example.com.crt") == old
    made(folder, days=left - 29)
    assert certificate(folder / "example.com.crt") != old
    assert ca_file.read_bytes() == authority


def test_no_certificate_outlives_its_authority(folder: Path) -> None:
    ca_file = made(folder)
    late = (certificate(ca_file).not_valid_after_utc - TODAY).days - 100
    made(folder, days=late)
    assert certificate(folder / "example.com.crt").not_valid_after_utc <= certificate(ca_file).not_valid_after_utc


def test_a_new_authority_makes_all_certificates_anew(folder: Path) -> None:
    made(folder)
    (folder / "authority" / "ca.key").unlink()
    shake_hands(folder, made(folder), "example.com", "example.com")


@pytest.mark.parametrize("content", [b"", b"not a certificate"])
@pytest.mark.parametrize("name", ["example.com.crt", "example.com.key", "authority/ca.crt"])
def test_a_broken_file_is_replaced(folder: Path, name: str, content: bytes) -> None:
    made(folder)
    (folder / name).write_bytes(content)
    shake_hands(folder, made(folder), "example.com", "example.com")


def test_a_key_of_another_certificate_is_replaced(folder: Path) -> None:
    made(folder)
    (folder / "example.org.key").write_bytes((folder / "example.com.key").read_bytes())
    shake_hands(folder, made(folder), "example.org", "example.org")


def test_a_new_domain_gets_one_beside_the_others(folder: Path) -> None:
    ca_file = made(folder, "example.com")
    old = certificate(folder / "example.com.crt")
    made(folder)
    assert certificate(folder / "example.com.crt") == old
    shake_hands(folder, ca_file, "example.org", "example.org")

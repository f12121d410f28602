"""Certificates: one per domain, read again while streams go on, and bound to log-ins as their signature says."""

from __future__ import annotations

import hashlib
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bridge.tls import BadCertificates, Certificates, Pair, end_point, from_folder, from_secret

Hash = SHA256 | SHA384 | SHA512
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(domain: str, algorithm: Hash | None = SHA256()) -> Pair:  # noqa: B008  # has no state
    """A certificate that signs itself; without an algorithm by Ed25519."""
    key = KEY if algorithm else ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
        .sign(key, algorithm)
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Pair(made.public_bytes(Encoding.PEM), secret)


def der(pair: Pair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.chain.decode())


class Shelf:
    """A source of pairs that a test changes."""

    def __init__(self, *domains: str) -> None:
        self.pairs = {domain: certificate(domain) for domain in domains}

    def __call__(self) -> dict[str, Pair]:
        return dict(self.pairs)


def loaded(shelf: Shelf, *domains: str) -> Certificates:
    made = Certificates(shelf, domains)
    made.load()
    return made


def handshake(context: ssl.SSLContext, name: str | None) -> tuple[bytes, ssl.SSLContext]:
    """The certificate that a client is shown who names a host, and the context that the server ends with."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    shown = client.getpeercert(binary_form=True)
    assert shown
    return shown, server.context


# Which certificate.


def test_each_domain_shows_its_own() -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    for domain, pair in shelf.pairs.items():
        assert handshake(made.context(domain), None)[0] == der(pair)
    assert made.domains == {"a.example", "b.example"}


@pytest.mark.parametrize("name", ["b.example", "B.Example"])
def test_the_host_that_a_client_names_decides(name: str) -> None:
    shelf = Shelf("a.example", "b.example")
    assert handshake(loaded(shelf).context("a.example"), name)[0] == der(shelf.pairs["b.example"])


@pytest.mark.parametrize("name", ["c.example", None])
def test_an_unknown_host_is_shown_what_the_stream_named(name: str | None) -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    assert handshake(made.context("b.example"), name)[0] == der(shelf.pairs["b.example"])
    assert handshake(made.context(None), name)[0] == der(shelf.pairs["a.example"])
    assert made.context("c.example") is made.context(None)


def test_the_binding_is_that_of_the_certificate_that_was_shown() -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    shown, context = handshake(made.context("a.example"), "b.example")
    assert made.binding(context) == hashlib.sha256(shown).digest()


def test_the_versions_before_tls_1_2_are_refused() -> None:
    assert loaded(Shelf("a.example")).context(None).minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("algorithm", [SHA256(), SHA384(), SHA512()])
def test_the_binding_hashes_as_the_signature_does(algorithm: Hash) -> None:
    pair = certificate("a.example", algorithm)
    assert end_point(pair.chain) == hashlib.new(algorithm.name, der(pair)).digest()


def test_a_signature_without_a_hash_binds_by_sha_256() -> None:
    pair = certificate("a.example", None)
    assert end_point(pair.chain) == hashlib.sha256(der(pair)).digest()


# Reading them again.


def test_what_has_not_changed_stays_as_it_is() -> None:
    made = loaded(Shelf("a.example"))
    context = made.context("a.example")
    assert made.load() == []
    assert made.context("a.example") is context


def test_a_renewed_certificate_is_shown_from_then_on() -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    other = made.context("b.example")
    shelf.pairs["a.example"] = certificate("a.example")
    assert made.load() == ["a.example"]
    assert handshake(made.context(None), "a.example")[0] == der(shelf.pairs["a.example"])
    assert made.context("b.example") is other


@pytest.mark.parametrize("name", ["b.example", "c.example", None])
def test_a_door_that_was_opened_before_shows_it_too(name: str | None) -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    door = made.context("b.example")
    shelf.pairs["b.example"] = certificate("b.example")
    made.load()
    assert handshake(door, name)[0] == der(shelf.pairs["b.example"])


def test_a_door_of_a_domain_that_has_gone_shows_another() -> None:
    shelf = Shelf("a.example", "b.example")
    made = loaded(shelf)
    door = made.context("a.example")
    del shelf.pairs["a.example"]
    made.load()
    assert handshake(door, None)[0] == der(shelf.pairs["b.example"])


def test_a_stream_from_before_can_still_bind_its_channel() -> None:
    shelf = Shelf("a.example")
    made = loaded(shelf)
    shown, context = handshake(made.context(None), "a.example")
    shelf.pairs["a.example"] = certificate("a.example")
    made.load()
    assert made.binding(context) == hashlib.sha256(shown).digest()


def test_domains_come_and_go() -> None:
    shelf = Shelf("a.example")
    made = loaded(shelf)
    shelf.pairs = {"b.example": certificate("b.example")}
    assert made.load() == ["b.example"]
    assert made.domains == {"b.example"}


def test_a_bad_one_leaves_those_before_in_use() -> None:
    shelf = Shelf("a.example")
    made = loaded(shelf)
    context = made.context("a.example")
    shelf.pairs["a.example"] = Pair(b"broken", b"broken")
    with pytest.raises(BadCertificates, match=r"a\.example"):
        made.load()
    assert made.context("a.example") is context


# What cannot be used.


def test_no_certificate_at_all_is_a_mistake() -> None:
    with pytest.raises(BadCertificates, match="There is no certificate: each domain needs"):
        loaded(Shelf())


def test_every_wanted_domain_has_one() -> None:
    with pytest.raises(BadCertificates, match=r"There is no certificate for b\.example, c\.example\."):
        loaded(Shelf("a.example"), "a.example", "c.example", "b.example")


def test_domains_that_are_not_wanted_are_left_out() -> None:
    assert loaded(Shelf("a.example", "b.example"), "b.example").domains == {"b.example"}


def test_a_key_of_another_certificate_is_refused() -> None:
    shelf = Shelf("a.example")
    shelf.pairs["a.example"] = Pair(shelf.pairs["a.example"].chain, certificate("b.example", None).key)
    with pytest.raises(BadCertificates, match=r"The certificate or key of a\.example cannot be used"):
        loaded(shelf)


def test_a_folder_has_two_files_for_each(tmp_path: Path) -> None:
    pair = certificate("a.example")
    (tmp_path / "a.example.crt").write_bytes(pair.chain)
    (tmp_path / "a.example.key").write_bytes(pair.key)
    (tmp_path / "alone.crt").write_bytes(pair.chain)
    assert from_folder(tmp_path) == {"a.example": pair}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.example.crt").mkdir()
    (tmp_path / "a.example.key").touch()
    with pytest.raises(BadCertificates, match="cannot be read"):
        from_folder(tmp_path)


def test_a_secret_has_chain_and_key_of_each() -> None:
    text = json.dumps({"a.example": {"chain": "c", "key": "k"}})
    assert from_secret(text) == {"a.example": Pair(b"c", b"k")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a": 1}', '{"a": {"chain": "c"}}', '{"a": {"chain": 1, "key": "k"}}']
)
def test_a_secret_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadCertificates, match="The secret of certificates must be"):
        from_secret(text)

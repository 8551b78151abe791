"""The sandbox's certificates: three authorities and what they sign, made once per sandbox directory.

The front proxy has an authority of its own, as a certificate of the cluster's authority would otherwise let any user pose as
the aggregator. Extension API servers are signed by a third one, which their APIService names as `caBundle`.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from headroom.sandbox.identities import IDENTITIES
from headroom.sandbox.layout import API_ADDRESS, NODE_ADDRESSES, Layout
from headroom.tools.files import replace_text

LIFETIME = datetime.timedelta(days=3650)
AUTHORITIES = ("ca", "front-proxy-ca", "extensions-ca")


@dataclass(frozen=True)
class Certificate:
    """A leaf certificate; with `hosts` it serves those names, without it is a client's, and `both` where one certificate does both."""

    name: str
    authority: str
    common_name: str
    organizations: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    both: bool = False


CERTIFICATES = (
    Certificate(
        "kube-apiserver",
        "ca",
        "kube-apiserver",
        hosts=(
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "127.0.0.1",
            API_ADDRESS,
        ),
    ),
    Certificate("kube-apiserver-kubelet-client", "ca", "kube-apiserver-kubelet-client"),
    Certificate("kubelet-serving", "ca", "kubelet", hosts=NODE_ADDRESSES),
    Certificate("localhost", "ca", "localhost", hosts=("localhost", "127.0.0.1")),
    Certificate("front-proxy-client", "front-proxy-ca", "front-proxy-client"),
    Certificate(
        "prometheus-adapter-serving",
        "extensions-ca",
        "prometheus-adapter",
        hosts=("localhost", "127.0.0.1"),
    ),
    Certificate(
        "keda",
        "extensions-ca",
        "keda-operator",
        hosts=("localhost", "127.0.0.1"),
        both=True,
    ),
    Certificate(
        "metrics-server-serving",
        "extensions-ca",
        "metrics-server",
        hosts=("localhost", "127.0.0.1"),
    ),
    Certificate("lws-serving", "extensions-ca", "lws-webhook-service.lws-system.svc", hosts=("localhost", "127.0.0.1")),
    *(Certificate(identity.name, "ca", identity.user, organizations=identity.groups) for identity in IDENTITIES),
)


def ensure(layout: Layout) -> bool:
    """Makes whatever of the certificates is missing; true when the authorities are new, and no earlier cluster data can be trusted."""
    fresh = not all(layout.certificate(name).exists() and layout.key(name).exists() for name in AUTHORITIES)
    layout.pki.mkdir(mode=0o700, parents=True, exist_ok=True)
    if fresh:
        for leftover in layout.pki.iterdir():
            leftover.unlink()
        for name in AUTHORITIES:
            _write(layout, name, *_authority(name))
    for certificate in CERTIFICATES:
        if not layout.certificate(certificate.name).exists():
            authority, authority_key = _read(layout, certificate.authority)
            _write(layout, certificate.name, *_leaf(certificate, authority, authority_key))
    if not layout.key("service-accounts").exists():
        _write_service_account_keys(layout)
    return fresh


def serve_as(layout: Layout, name: str, host: str) -> None:
    """Makes a serving certificate anew where it lacks `host`: a Service is called as the stack calls release and namespace."""
    known = x509.load_pem_x509_certificate(layout.certificate(name).read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    if host in names:
        return
    wanted = next(certificate for certificate in CERTIFICATES if certificate.name == name)
    authority, authority_key = _read(layout, wanted.authority)
    _write(layout, name, *_leaf(replace(wanted, hosts=(host, *wanted.hosts)), authority, authority_key))


def _authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"headroom sandbox {name}")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(subject, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _leaf(
    wanted: Certificate, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization) for organization in wanted.organizations),
            x509.NameAttribute(NameOID.COMMON_NAME, wanted.common_name),
        ]
    )
    serves, asks = bool(wanted.hosts), wanted.both or not wanted.hosts
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH] * serves + [ExtendedKeyUsageOID.CLIENT_AUTH] * asks
    builder = (
        _builder(subject, authority.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if wanted.hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in wanted.hosts]), critical=False)
    return builder.sign(authority_key, hashes.SHA256()), key


def _builder(subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _read(layout: Layout, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = serialization.load_pem_private_key(layout.key(name).read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{layout.key(name)} is not an elliptic-curve key")
    return x509.load_pem_x509_certificate(layout.certificate(name).read_bytes()), key


def _write(layout: Layout, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    _write_private(layout.key(name), key)
    replace_text(layout.certificate(name), certificate.public_bytes(serialization.Encoding.PEM).decode())


def _write_service_account_keys(layout: Layout) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    replace_text(layout.pki / "service-accounts.pub", public.decode())
    _write_private(layout.key("service-accounts"), key)


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    replace_text(path, pem.decode(), mode=0o600)

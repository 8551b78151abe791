"""The certificates: who signs whom, for which names, and who can read the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from headroom.paths import Clone
from headroom.sandbox import pki
from headroom.sandbox.identities import IDENTITIES
from headroom.sandbox.layout import Layout


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    made = Layout(Clone(tmp_path_factory.mktemp("clone")))
    pki.ensure(made)
    return made


def certificate(layout: Layout, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(layout.certificate(name).read_bytes())


@pytest.mark.parametrize("wanted", pki.CERTIFICATES, ids=lambda wanted: wanted.name)
def test_each_certificate_is_signed_by_its_authority(layout: Layout, wanted: pki.Certificate) -> None:
    certificate(layout, wanted.name).verify_directly_issued_by(certificate(layout, wanted.authority))


@pytest.mark.parametrize("host", ["localhost", "kubernetes.default.svc"])
def test_the_api_server_is_known_by_its_names(layout: Layout, host: str) -> None:
    names = certificate(layout, "kube-apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert host in names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.96.0.1"])
def test_the_api_server_is_known_by_its_addresses(layout: Layout, address: str) -> None:
    names = certificate(layout, "kube-apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert address in [str(value) for value in names.get_values_for_type(x509.IPAddress)]


def test_the_aggregator_is_trusted_through_an_authority_of_its_own(layout: Layout) -> None:
    assert certificate(layout, "front-proxy-client").issuer != certificate(layout, "admin").issuer


def test_only_the_administrator_is_above_the_rules(layout: Layout) -> None:
    masters = [
        identity.name
        for identity in IDENTITIES
        if "system:masters"
        in [name.value for name in certificate(layout, identity.name).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    ]
    assert masters == ["admin"]


def test_a_users_certificate_cannot_serve(layout: Layout) -> None:
    usage = certificate(layout, "prometheus").extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_for_their_owner_only(layout: Layout) -> None:
    assert {oct(path.stat().st_mode & 0o777) for path in layout.pki.glob("*.key")} == {"0o600"}


def test_certificates_are_made_once(layout: Layout) -> None:
    before = {path.name: path.read_bytes() for path in layout.pki.iterdir()}
    assert pki.ensure(layout) is False
    assert {path.name: path.read_bytes() for path in layout.pki.iterdir()} == before


def test_a_lost_certificate_is_made_again(layout: Layout) -> None:
    layout.certificate("kwok").unlink()
    assert pki.ensure(layout) is False
    certificate(layout, "kwok").verify_directly_issued_by(certificate(layout, "ca"))


def test_without_an_authority_everything_is_made_anew(tmp_path: Path) -> None:
    layout = Layout(Clone(tmp_path))
    pki.ensure(layout)
    layout.key("ca").unlink()
    assert pki.ensure(layout) is True
    certificate(layout, "admin").verify_directly_issued_by(certificate(layout, "ca"))


def test_an_extension_is_known_by_the_name_of_its_service(layout: Layout) -> None:
    pki.serve_as(layout, "keda", "keda-operator-metrics-apiserver.scaling.svc")
    names = certificate(layout, "keda").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["keda-operator-metrics-apiserver.scaling.svc", "localhost"]


def test_a_certificate_with_the_name_already_stays(layout: Layout) -> None:
    pki.serve_as(layout, "keda", "keda-operator-metrics-apiserver.scaling.svc")
    before = certificate(layout, "keda")
    pki.serve_as(layout, "keda", "keda-operator-metrics-apiserver.scaling.svc")
    assert certificate(layout, "keda") == before

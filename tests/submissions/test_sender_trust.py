"""How far a sender's address speaks for the cluster."""

import pytest

from submissions.services.sender_trust import trust_of
from tests.factories.catalogue import ClusterFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("website", "public", "email", "trust"),
    [
        ("https://www.bücher.example/", "", "ada@xn--bcher-kva.example", "domain"),
        ("https://photonics.example", "office@bücher.example", "office@xn--bcher-kva.example", "public"),
        ("https://www.tiscali.it/alpine", "", "anybody at tiscali.it", "unknown"),
        ("https://alpine.jimdofree.com", "", "eve at jimdofree.com", "unknown"),
        ("https://alpine.wordpress.com", "", "eve at alpine.wordpress.com", "unknown"),
        ("https://alpine.blogspot.de", "", "eve at alpine.blogspot.de", "unknown"),
        ("https://alpine.example", "", "eve at tin.it", "unknown"),
        ("https://www.tin.it/alpine", "", "eve at tin.it", "unknown"),
        ("https://photonics.co.uk", "", "eve at co.uk", "unknown"),
        ("https://photonics.asso.fr", "", "eve at asso.fr", "unknown"),
        ("https://photonics.asso.fr", "", "ada at photonics.asso.fr", "domain"),
        ("https://www.photonics.co.uk", "", "ada at team.photonics.co.uk", "domain"),
        ("https://photonics.example", "", "eve@photonics.example.evil.example", "unknown"),
        ("https://photonics.example", "", "eve@xn--photonics-example.example", "unknown"),
    ],
)
def test_trust_depends_on_the_address_and_the_website(website: str, public: str, email: str, trust: str) -> None:
    address = email.replace(" at ", "@")  # of real domains: no address of one stands in our files
    assert trust_of(address, ClusterFactory(website=website, email=public)) == trust

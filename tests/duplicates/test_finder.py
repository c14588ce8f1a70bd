"""Duplicates are found whatever people do to a name, and different clusters stay different."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench import duplicates as bench
from catalogue.domains import mail_domain_of, registrable_domain, website_domain
from catalogue.models import Cluster
from duplicates.finder import THRESHOLD, DuplicateFinder, find_duplicates
from duplicates.names import digits, initials, parse, stated_acronyms
from duplicates.profiles import Candidate, Known
from tests.factories.catalogue import ClusterFactory, CountryFactory

pytestmark = pytest.mark.both_databases

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def reasons(asked: Candidate, *known: Candidate) -> tuple[str, ...] | None:
    """Return the reasons of the match with the first of ``known``, or None without one."""
    finder = DuplicateFinder.among(Known(number, candidate) for number, candidate in enumerate(known, 1))
    found = {match.cluster_id: match for match in finder.matches(asked)}
    return found[1].reasons if 1 in found else None


# --- Names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "known", "because"),
    [
        ("Košice IT Valley", "Košice IT Valley", "The name is the same"),
        ("Kosice IT Valley", "Košice IT Valley", "The name is the same but for accents or punctuation"),
        ("KOŠICE IT-VALLEY", "Košice IT Valley", "The name is the same but for accents or punctuation"),
        ("InnoZent OWL", "InnoZent OWL e.V.", "The name is the same but for the legal form"),
        ("CBM", "CBM srl", "The name is the same but for the legal form"),
        ("Klastr Elektro z.s.p.o.", "Klastr Elektro", "The name is the same but for the legal form"),
        ("Photonics Cluster asbl", "Photonics Cluster", "The name is the same but for the legal form"),
        ("Joensuun Puu ry", "Joensuun Puu", "The name is the same but for the legal form"),
        ("Cap Digital, association loi 1901", "Cap Digital", "The name is the same but for the legal form"),
        ("Drewno Lubelskie Sp. z o.o.", "Drewno Lubelskie", "The name is the same but for the legal form"),
        ("Klaster Life Science Krakow", "Klaster LifeScience Krakow", "The name is the same but for spaces"),
        ("Saxony Silicon", "Silicon Saxony", "The name has the same words in another order"),
        ("Minalogci", "Minalogic", "The name is nearly the same"),
        ("Oxfrod Cyber Security Cluster", "Oxford Cyber Security Cluster", "The name is nearly the same"),
        ("Systematic", "Systematic Paris-Region", "The name has the same words and more"),
        ("Malvern Cyber Sec. Cluster", "Malvern Cyber Security Cluster", "The name is nearly the same"),
        ("Lithuanian Med. Tourism Assoc.", "Lithuanian Medical Tourism Association", "The name is nearly the same"),
        ("Malvern Cyber Security", "Malvern Cyber Security Cluster", "The name has the same words and more"),
        ("ISIN", "ISIN - Irish Software Innovation Network", "Its name is the acronym"),
        ("HBio", "Hellenic BioCluster (HBio)", "Its name is the acronym"),
        ("LLA", "Lithuanian Laser Association", "Its name is the initials"),
        ("GAIA - Electronic Industries", "GAIA.-Association of Knowledge Firms", "Same acronym"),
    ],
)  # fmt: skip
def test_different_names_of_one_cluster_are_found_with_the_reason(asked: str, known: str, because: str) -> None:
    found = reasons(Candidate(asked, country="ES"), Candidate(known, country="ES"))

    assert found is not None
    assert found[0] == because


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("North Wales Cyber Security Cluster", "South Wales Cyber Security Cluster"),
        ("Norfolk Cyber Security Cluster", "Oxford Cyber Security Cluster"),
        ("Cyber Security Cluster", "Oxford Cyber Security Cluster"),
        ("Bydgoszcz IT Cluster", "Silesia IT Cluster"),
        ("BioTechMed Mazovia Cluster", "Mazovia Cluster ICT"),
        ("Silesia Automotive", "Silesia ICT Cluster"),
        ("Cool Silicon", "Silicon Saxony"),
        ("Malvern Cyber Sec. Cluster", "Oxford Cyber Security Cluster"),
        ("Silesia Auto. Cluster", "Silesia ICT Cluster"),
        ("Pôle Alpha", "Pôle Beta"),
        ("Industry 4.0 Cluster", "Industry 5.0 Cluster"),
        ("i2CAT", "i3CAT"),
        ("Health Cluster 2", "Health Cluster"),
    ],
)
def test_names_of_different_clusters_are_not_found(one: str, other: str) -> None:
    # The rest of the catalogue: what is common in it identifies nobody.
    others = [Candidate(name, country="PL") for name in ("Malvern Cyber Security Cluster", "CLUSIL", "Silicon Alps")]

    assert reasons(Candidate(one, country="PL"), Candidate(other, country="PL"), *others) is None
    assert reasons(Candidate(other, country="PL"), Candidate(one, country="PL"), *others) is None


def test_former_name_is_found() -> None:
    known = Candidate("CyberIreland", former_names=("Info Security Ireland",), country="IE")

    assert reasons(Candidate("Info Security Ireland", country="IE"), known) == ("A former name is the same",)


def test_acronym_that_is_not_in_the_name() -> None:
    known = Candidate("Bydgoszcz IT Cluster", acronym="BKI", country="PL")

    assert reasons(Candidate("BKI", country="PL"), known) == ("Its name is the acronym",)
    assert reasons(Candidate("Bydgoski Klaster Informatyczny", acronym="BKI", country="PL"), known) == ("Same acronym",)


def test_name_of_nothing_but_common_words_is_found_in_another_order() -> None:
    others = [Candidate(f"{word} Valley", country="HU") for word in ("Alpha", "Beta", "Gamma", "Delta") * 3]
    known = Candidate("Alliance Cluster", country="HU")

    assert reasons(Candidate("Cluster Alliance", country="HU"), known, *others) == (
        "The name has the same words in another order",
    )
    assert reasons(Candidate("Cluster of Alliance", country="HU"), known, *others) == (
        "The name has the same words and more",
    )
    assert reasons(Candidate("Alliance Network", country="HU"), known, *others) is None


def test_an_acronym_formed_of_the_name_adds_nothing_to_it() -> None:
    finder = DuplicateFinder.among([Known(1, Candidate("International Security Cluster", country="LT"))])

    def score(name: str) -> float:
        found = finder.matches(Candidate(name, country="LT"))
        return found[0].score if found else 0.0

    assert score("International Security Cluster (ISC)") == 1.0
    assert score("ISC - International Security Cluster") == 1.0
    assert score("International Security Cluster (XYZ)") < 0.9
    assert score("IFSC - International Food Security Cluster") < 0.9


# --- Addresses and places ----------------------------------------------------------------------

ALPHA = Candidate(
    "Alpha Group", country="FR", website="https://www.alpha.example/en/", email="office@alpha.example", place="Talence",
    latitude=44.8085, longitude=-0.5891,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"website": "http://alpha.example"}, ("Same web domain",)),
        ({"website": "blog.alpha.example/about"}, ("Same web domain",)),
        ({"website": "https://beta.example"}, None),
        ({"email": "Office@Alpha.example"}, ("Same e-mail",)),
        ({"email": "director@alpha.example"}, ("Same e-mail domain",)),
        ({"email": "alpha@beta.example"}, None),
        ({"place": "Talence"}, None),
        ({"website": "alpha.example", "place": "Talence"}, ("Same web domain", "Same place")),
        ({"website": "alpha.example", "country": "DE"}, ("Same web domain", "But another country")),
    ],
)
def test_shared_address_is_found_with_the_reason(changes: dict[str, Any], because: tuple[str, ...] | None) -> None:
    assert reasons(replace(Candidate("Wholly Different", country="FR"), **changes), ALPHA) == because


@pytest.mark.parametrize(
    "host", ["facebook.com/alpha", "www.linkedin.com/company/alpha", "sites.google.com/view/alpha"]
)
def test_hosts_that_many_share_say_nothing(host: str) -> None:
    known = replace(ALPHA, website=f"https://{host}", email="")

    assert reasons(Candidate("Wholly Different", country="FR", website=f"https://{host}"), known) is None


def test_free_mailers_say_nothing_but_the_same_address_does() -> None:
    free = "gm" + "ail.com"
    known = replace(ALPHA, website="", email=f"alpha.cluster@{free}")

    assert reasons(Candidate("Wholly Different", country="FR", email=f"other@{free}"), known) is None
    assert reasons(Candidate("Wholly Different", country="FR", email=f"alpha.cluster@{free}"), known) == (
        "Same e-mail",
    )


@pytest.mark.parametrize(
    "suffix", ["asso.fr", "com.pl", "gov.pl", "co.uk", "github.io", "wordpress.com", "blogspot.com"]
)
def test_two_clusters_under_one_public_suffix_share_no_domain(suffix: str) -> None:
    known = replace(ALPHA, website=f"https://www.alpha.{suffix}/", email=f"office@alpha.{suffix}")

    other = Candidate("Omega", country="FR", website=f"https://omega.{suffix}/", email=f"office@omega.{suffix}")
    assert reasons(other, known) is None
    same = Candidate("Omega", country="FR", website=f"alpha.{suffix}/about")
    assert reasons(same, known) == ("Same web domain",)


def test_domain_of_many_clusters_is_weak_evidence() -> None:
    house = [replace(ALPHA, name=name, email="") for name in ("Alpha", "Beta", "Gamma", "Delta")]

    assert reasons(Candidate("Omega", country="FR", website="alpha.example"), *house) is None


def test_another_country_lowers_the_score_unless_the_name_is_equal() -> None:
    known = Candidate("Minalogic Grenoble", country="FR")

    assert reasons(Candidate("Minalogic", country="FR"), known) == ("The name has the same words and more",)
    assert reasons(Candidate("Minalogic", country="IT"), known) is None
    assert reasons(Candidate("Minalogic Grenoble", country="IT"), known) == (
        "The name is the same",
        "But another country",
    )


def test_same_place_raises_the_score_and_never_makes_one() -> None:
    here = replace(ALPHA, name="Alpha Lasers Route", website="", email="")
    finder = DuplicateFinder.among([Known(1, here), Known(2, replace(here, name="Wine of Talence"))])
    asked = Candidate("Alpha Lasers", country="FR")

    plain = finder.matches(asked)
    near = finder.matches(replace(asked, latitude=44.80, longitude=-0.60))

    assert [match.cluster_id for match in plain] == [match.cluster_id for match in near] == [1]
    assert near[0].score > plain[0].score
    assert near[0].reasons == ("The name has the same words and more", "Same place")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.cluster.example", "cluster.example"),
        ("cluster.co.uk", "cluster.co.uk"),
        ("a.b.cluster.org.tr", "cluster.org.tr"),
        ("alpha.wordpress.com", "alpha.wordpress.com"),
        ("wordpress.com", ""),
        ("www.alpha.asso.fr", "alpha.asso.fr"),
        ("asso.fr", ""),
        ("cluster.com.pl", "cluster.com.pl"),
        ("www.region.gov.pl", "region.gov.pl"),
        ("alpha.blogspot.com", "alpha.blogspot.com"),
        ("alpha.blogspot.de", "alpha.blogspot.de"),
        ("blogspot.de", ""),
        ("alpha.github.io", "alpha.github.io"),
        ("www.alpha.altervista.org", "alpha.altervista.org"),
        ("alpha.webnode.page", "alpha.webnode.page"),
        ("www.europa.eu", "europa.eu"),
        ("KÖLN.example.", "xn--kln-sna.example"),
        ("co.uk", ""),
        ("localhost", ""),
        ("192.0.2.1", ""),
        ("", ""),
    ],
)
def test_website_domain_is_the_registrable_part_of_its_host(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize("address", ["", "not an address", "http://[broken", "https://", "mailto:", "https://1.2.3.4/"])
def test_broken_addresses_have_no_domain(address: str) -> None:
    assert website_domain(address) == ""
    assert mail_domain_of(address) == ""


# --- Taking names apart ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("C.H.I.CO. Cluster of Health", ("chico", "cluster", "of", "health")),
        ("Klaster B+R&I", ("klaster", "bri")),
        ("Pôle d'excellence cyber", ("pole", "d", "excellence", "cyber")),
        ("SIIT S.c.p.a.", ("siit",)),
        ("AB Science SA", ("ab", "science")),
        ("GmbH", ("gmbh",)),
        ("Association loi de 1901", ("association", "loi", "de", "1901")),
        ("Verein von 1901", ("verein", "von", "1901")),
        ("", ()),
    ],
)
def test_words_of_a_name_leave_out_legal_forms(name: str, words: tuple[str, ...]) -> None:
    assert parse(name).words == words


@pytest.mark.parametrize(
    "word", ["Cluster", "Klaszter", "Grozd", "Grappe", "Distretto", "Kümelenmesi", "Klasinn", "Zavod"]
)
def test_a_word_for_cluster_is_none_of_its_name(word: str) -> None:
    assert parse(f"Pannon {word}").core == ("pannon",)


def test_acronyms_and_initials_of_a_name_are_found() -> None:
    assert stated_acronyms("Vojvodina ICT Cluster - VOICT") == {"voict"}
    assert stated_acronyms("Granada Health Technology Park (PTS)") == {"pts"}
    assert stated_acronyms("Silicon Saxony", "SiSax") == {"sisax"}
    assert "iisa" in initials("International Institute of Snow and Avalanches")
    assert "iiosaa" in initials("International Institute of Snow and Avalanches")


# --- Against the database ----------------------------------------------------------------------


@pytest.mark.django_db
def test_finder_reads_the_database_once(django_assert_num_queries: Callable[..., Any]) -> None:
    france = CountryFactory(code="FR")
    first = ClusterFactory(name="Alpha RLH", acronym="ALPHA", country=france, former_names="Route des Lasers\nPôle R")
    second = ClusterFactory(name="Minalogic", country=france, email="office@minalogic.example")

    with django_assert_num_queries(1):
        finder = DuplicateFinder()
        found = [finder.matches(Candidate(name, country="FR")) for name in ("Route des Lasers", "Minalogic", "Nobody")]

    assert [[match.cluster_id for match in matches] for matches in found] == [[first.pk], [second.pk], []]


@pytest.mark.django_db
def test_chosen_and_excluded_clusters() -> None:
    first, other = (ClusterFactory(name="Minalogic", country=CountryFactory(code="FR")) for _ in range(2))
    asked = Candidate("Minalogic", country="FR")

    assert {match.cluster_id for match in find_duplicates(asked)} == {first.pk, other.pk}
    assert [match.cluster_id for match in find_duplicates(asked, exclude=[other.pk])] == [first.pk]
    only = DuplicateFinder(Cluster.objects.filter(pk=other.pk))
    assert [match.cluster_id for match in only.matches(asked)] == [other.pk]
    assert len(find_duplicates(asked, limit=1)) == 1


@pytest.mark.django_db
def test_an_empty_catalogue_has_no_duplicates() -> None:
    assert find_duplicates(Candidate("Minalogic")) == []
    assert find_duplicates(Candidate("")) == []


def test_real_overlaps_are_found_and_no_other_pair(data: None) -> None:
    with (FIXTURES / "eccp_decisions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = {(row["number"], row["cluster"]) for row in rows}
    finder = DuplicateFinder()
    slugs = dict(Cluster.objects.values_list("pk", "slug"))

    found = {
        (str(real.id - 1000), slugs[match.cluster_id])
        for real in bench.platform()
        for match in finder.matches(real.candidate)
    }

    assert found == expected
    assert {row["decision"] for row in rows} == {"update"}
    assert len(rows) == 8


def test_no_two_clusters_of_the_catalogue_are_taken_for_one(data: None) -> None:
    finder = DuplicateFinder()
    rows = Cluster.objects.values_list(
        "pk", "name", "acronym", "former_names", "country_id", "place", "website", "email"
    )

    found = {
        (row[1], match.cluster_id)
        for row in rows
        for match in finder.matches(Candidate(row[1], row[2], tuple(row[3].splitlines()), *row[4:]))
        if match.cluster_id != row[0]
    }

    assert found == set()


def test_distorted_real_names_are_found() -> None:
    same = bench.overlaps()
    reals = bench.catalogue() + [real for real in bench.platform() if real.id not in same]
    finder = DuplicateFinder.among(real.known for real in reals)
    total = bench.Tally()

    for tally in bench.distorted(finder, reals, seeds=[77]).values():
        total.add(tally)

    assert total.asked > 600
    assert total.recall >= bench.RECALL
    assert total.precision >= bench.PRECISION


# --- Whatever the names ------------------------------------------------------------------------

NAMES = [real.candidate for real in bench.catalogue() + bench.platform()]
WORDS = st.sampled_from(sorted({word for candidate in NAMES for word in candidate.name.split()}))
INVENTED = st.lists(st.one_of(WORDS, st.text(max_size=8)), min_size=1, max_size=6).map(" ".join)
CANDIDATES = st.one_of(
    st.sampled_from(NAMES),
    st.builds(Candidate, name=INVENTED, acronym=st.sampled_from(["", "ABC", "RLH"]), country=st.sampled_from(["", "FR", "ES"])),
)  # fmt: skip


@given(one=CANDIDATES, other=CANDIDATES)
@settings(max_examples=300, deadline=None)
@example(one=Candidate(name="3D BioCluster Biocat Biocat"), other=Candidate(name="3D Biocat Biocat Biocat"))
def test_who_is_asked_about_whom_matters_little(one: Candidate, other: Candidate) -> None:
    forth = DuplicateFinder.among([Known(1, other)]).matches(one)
    back = DuplicateFinder.among([Known(1, one)]).matches(other)
    scores = [matches[0].score if matches else 0.0 for matches in (forth, back)]

    assert all(score == 0.0 or THRESHOLD <= score <= 1.0 for score in scores)
    if min(scores):
        assert abs(scores[0] - scores[1]) <= 0.25
    else:
        assert max(scores) <= THRESHOLD + 0.25


@given(candidate=CANDIDATES, numbers=st.tuples(st.integers(0, 99), st.integers(0, 99)))
@settings(max_examples=200, deadline=None)
def test_other_digits_are_another_cluster(candidate: Candidate, numbers: tuple[int, int]) -> None:
    first, second = (
        replace(
            candidate,
            name=f"{candidate.name} {number}",
            former_names=(),
            website="alpha.example",
            email="a@alpha.example",
        )
        for number in numbers
    )
    found = DuplicateFinder.among([Known(1, first)]).matches(second)

    assert bool(found) == (digits(first.name) == digits(second.name))


@given(candidates=st.lists(CANDIDATES, min_size=1, max_size=6), at=st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_excluded_clusters_are_never_found(candidates: list[Candidate], at: int) -> None:
    known = [Known(number, candidate) for number, candidate in enumerate(candidates)]
    at %= len(known)

    found = DuplicateFinder.among(known, exclude=[at]).matches(candidates[at], limit=100)

    assert at not in {match.cluster_id for match in found}


@given(candidate=CANDIDATES)
@settings(max_examples=150, deadline=None)
def test_the_same_is_found_with_certainty(candidate: Candidate) -> None:
    found = DuplicateFinder.among([Known(1, candidate)]).matches(candidate)

    if parse(candidate.name).words:
        assert [(match.cluster_id, match.score) for match in found] == [(1, 1.0)]
    else:  # nothing but signs, which name nobody; an acronym may
        assert all(match.score < 1.0 for match in found)

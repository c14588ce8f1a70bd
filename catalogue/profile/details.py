"""Parts of a profile that need a little more than a field."""

from dataclasses import dataclass

from catalogue.models import Cluster, Term


@dataclass(frozen=True)
class TermGroup:
    """The terms of one vocabulary."""

    label: str
    terms: list[Term]


@dataclass(frozen=True)
class MembersLine:
    """One kind of member with its number."""

    label: str
    count: int


def term_groups(cluster: Cluster) -> list[TermGroup]:
    """Return the cluster's terms by vocabulary; vocabularies without a term are left out."""
    groups = []
    for vocabulary, label in Term.Vocabulary.choices:
        terms = [term for term in cluster.terms.all() if term.vocabulary == vocabulary]
        if terms:
            plural = label[:-1] + "ies" if label.endswith("y") else label + "s"
            groups.append(TermGroup(str(label if len(terms) == 1 else plural), terms))
    return groups


def members_split(cluster: Cluster) -> list[MembersLine]:
    """Return how the members divide into kinds, as far as it is known."""
    kinds = (
        ("SMEs", cluster.members_sme),
        ("large firms", cluster.members_large),
        ("research organisations", cluster.members_research),
        ("public bodies", cluster.members_public),
    )
    return [MembersLine(label, count) for label, count in kinds if count is not None]

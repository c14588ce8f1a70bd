"""The profile by four statements of hand-written SQL, through the template of the portal."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bench.sql import Statement
from catalogue.map.place_map import PlaceMap
from catalogue.models import Cluster, ShowcaseItem, SocialLink
from catalogue.profile.facts import facts
from catalogue.profile.structured_data import cluster_json_ld

_PLAIN = (
    "id", "public_id", "slug", "name", "acronym", "former_names", "country_id", "region_id", "place", "place_local_name",
    "latitude", "longitude", "precision", "is_priority", "core_cybersecurity", "members", "members_qualifier",
    "members_as_of", "members_sme", "members_large", "members_research", "members_public", "staff", "founded",
    "quality_label", "quality_expires_on", "quality_evidence", "summary", "description", "benefits", "website", "email",
    "phone", "confirmed_on", "logo", "partner_id",
)  # fmt: skip
CLUSTER = f"""
SELECT {", ".join(f"c.{name}" for name in _PLAIN)}, n.name, r.slug, r.name
  FROM catalogue_cluster c JOIN catalogue_country n ON n.code = c.country_id
  LEFT JOIN catalogue_region r ON r.id = c.region_id WHERE c.slug = %s AND c.status = 'published'
"""  # noqa: S608 - constants
AROUND = """
SELECT 'term' AS kind, t.id, t.vocabulary, t.slug, t.name, t.sort_name AS place
  FROM catalogue_cluster_terms l JOIN catalogue_term t ON t.id = l.term_id WHERE l.cluster_id = %s
UNION ALL SELECT 'network', n.id, '', n.slug, n.name, n.sort_name
  FROM catalogue_network_clusters l JOIN catalogue_network n ON n.id = l.network_id WHERE l.cluster_id = %s
UNION ALL SELECT 'market', 0, '', n.code, n.name, n.sort_name
  FROM catalogue_cluster_target_markets l JOIN catalogue_country n ON n.code = l.country_id WHERE l.cluster_id = %s
UNION ALL SELECT 'link', id, kind, url, '', kind FROM catalogue_sociallink WHERE cluster_id = %s
UNION ALL SELECT 'show', id, kind, url, title, kind FROM catalogue_showcaseitem WHERE cluster_id = %s
ORDER BY 1, 6, 2
"""
COMMON = """
SELECT l.term_id, count(*) FROM catalogue_cluster_terms l
  JOIN catalogue_cluster c ON c.id = l.cluster_id AND c.status = 'published' WHERE l.term_id = ANY(%s) GROUP BY 1
"""
#: A shared term counts the more, the fewer published clusters have it; texts are read of the best four only.
SIMILAR = """
WITH own (term_id, number) AS MATERIALIZED (SELECT * FROM unnest(%s::int[], %s::int[])
), points AS (
  SELECT l.cluster_id, greatest(2, 200 / o.number) AS score
    FROM own o JOIN catalogue_cluster_terms l USING (term_id) WHERE l.term_id = ANY(%s)
  UNION ALL
  SELECT * FROM (SELECT DISTINCT cluster_id, 40 FROM catalogue_network_clusters WHERE network_id = ANY(%s)) m
  UNION ALL SELECT id, 0 FROM catalogue_cluster WHERE region_id = %s
), scored AS MATERIALIZED (
  SELECT c.id, sum(p.score) + max(CASE WHEN c.region_id = %s THEN 30 WHEN c.country_id = %s THEN 15 ELSE 0 END) AS score
    FROM points p JOIN catalogue_cluster c ON c.id = p.cluster_id WHERE c.status = 'published' AND c.id <> %s GROUP BY 1
)
SELECT c.slug, c.name, n.name, c.country_id, c.region_id,
       ARRAY(SELECT t.name FROM catalogue_cluster_terms l JOIN own o ON o.term_id = l.term_id
               JOIN catalogue_term t ON t.id = l.term_id WHERE l.cluster_id = c.id ORDER BY o.number, t.sort_name),
       ARRAY(SELECT w.name FROM catalogue_network_clusters l JOIN catalogue_network w ON w.id = l.network_id
              WHERE l.cluster_id = c.id AND l.network_id = ANY(%s) ORDER BY w.name COLLATE "C")
  FROM scored s JOIN catalogue_cluster c ON c.id = s.id JOIN catalogue_country n ON n.code = c.country_id
 WHERE s.score >= coalesce((SELECT score FROM scored ORDER BY score DESC LIMIT 1 OFFSET 3), 0)
 ORDER BY s.score DESC, c.sort_name, c.slug LIMIT 4
"""


class _Rows(list):
    """Rows where the template expects a relation."""

    def all(self) -> _Rows:
        return self


class _Linked(SimpleNamespace):
    """A row with a page of its own."""

    def __init__(self, url: str, **values: Any) -> None:
        super().__init__(**values)
        self._url = url

    def get_absolute_url(self) -> str:
        return self._url


def similar(cluster: Any, terms: dict[int, int], networks: list[int]) -> Statement:
    """Return the four most similar clusters with what they share; ``terms`` are its own and how common they are."""
    own = [list(terms), list(terms.values()), list(terms)]
    place = [cluster.region_id, cluster.region_id, cluster.country_id, cluster.id]
    return Statement(SIMILAR, [*own, networks, *place, networks])


def profile(request: HttpRequest) -> HttpResponse:
    """Answer as the portal does."""
    cluster, url = (
        cluster_of(request.GET["slug"]),
        f"{request.scheme}://{request.get_host()}/clusters/{request.GET['slug']}/",
    )
    terms = dict(Statement(COMMON, [[term.pk for term in cluster.terms]]).rows())
    networks = [network.pk for network in cluster.networks]
    others = [
        SimpleNamespace(
            cluster=SimpleNamespace(
                name=name, slug=slug, get_absolute_url=f"/clusters/{slug}/", country=SimpleNamespace(name=country)
            ),
            reason=_reason(cluster, code, region, shared, common),
        )
        for slug, name, country, code, region, shared, common in similar(cluster, terms, networks).rows()
    ]
    context = {
        "cluster": cluster, "url": url, "logo_url": "", "facts": facts(cluster),
        "similar": others, "json_ld": cluster_json_ld(cluster, url, ""), "place_map": PlaceMap.of(cluster),
    }  # fmt: skip
    return render(request, "catalogue/cluster_detail.html", context)


def cluster_of(slug: str) -> Any:
    """Return the cluster as the template reads it."""
    row = Statement(CLUSTER, [slug]).rows()[0]
    values: dict[str, Any] = dict(zip(_PLAIN, row, strict=False))
    country, region_slug, region = row[len(_PLAIN) :]
    around: dict[str, _Rows] = defaultdict(_Rows)
    for kind, key, more, value, name, _place in Statement(AROUND, [values["id"]] * 5).rows():
        around[kind].append(_thing(kind, key, more, value, name))
    plain = Cluster(**{name: value for name, value in values.items() if name != "partner_id"})  # for its texts only
    return SimpleNamespace(
        **values, partner=values["partner_id"], former_name_list=plain.former_name_list, place_text=plain.place_text,
        members_text=plain.members_text, valid_quality_label=plain.valid_quality_label,
        country=_Linked(f"/clusters/?country={values['country_id']}", name=country),
        region=_Linked(f"/clusters/?region={region_slug}", name=region) if region else None,
        terms=around["term"], networks=around["network"], target_markets=around["market"], social_links=around["link"],
        showcase_items=around["show"],
    )  # fmt: skip


def _thing(kind: str, key: int, more: str, value: str, name: str) -> Any:
    if kind == "market":
        return name
    if kind == "link":
        return SimpleNamespace(url=value, kind=more, get_kind_display=lambda: SocialLink.Kind(more).label)
    if kind == "show":
        return SimpleNamespace(url=value, title=name, get_kind_display=ShowcaseItem.Kind(more).label)
    url = f"/networks/{value}/" if kind == "network" else f"/clusters/?{more}={value}"
    return _Linked(url, pk=key, vocabulary=more, name=name)


def _reason(cluster: Any, code: str, region: int | None, shared: list[str], common: list[str]) -> str:
    parts = []
    if shared:
        more = f" and {len(shared) - 3} more" if len(shared) > 3 else ""
        parts.append("both work on " + (", ".join(shared[:3]) + more if more else _listed(shared)))
    if common:
        parts.append("both belong to " + _listed(common))
    if cluster.region_id and region == cluster.region_id:
        parts.append(f"both are in {cluster.region.name}")
    elif code == cluster.country_id:
        parts.append(f"both are in {cluster.country.name}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

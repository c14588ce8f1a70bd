"""The tables of the limit, made for reading only: what filters and counts need, what cards show, and words."""

from __future__ import annotations

from django.db import connection

#: Facets in the order of the page. Values of one kind have neighbouring numbers in the order in which they are shown.
KINDS = (
    "country", "vertical", "priority", "region", "network", "sector", "emerging_industry", "technology_field",
    "s3_priority",
)  # fmt: skip
VOCABULARIES = ("vertical", "sector", "emerging_industry", "technology_field", "s3_priority")
_TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE limit_option AS
SELECT (row_number() OVER (ORDER BY array_position(%(kinds)s, kind), place, value))::int AS id, kind, value, label, parent
  FROM (
    SELECT 'country' AS kind, n.code::text AS value, n.name::text AS label, '' AS parent, n.sort_name COLLATE "C" AS place
      FROM catalogue_country n
     WHERE EXISTS (SELECT 1 FROM catalogue_cluster c WHERE c.country_id = n.code AND c.status = 'published')
    UNION ALL SELECT 'region', r.slug, r.name, r.country_id, r.sort_name COLLATE "C" FROM catalogue_region r
     WHERE EXISTS (SELECT 1 FROM catalogue_cluster c WHERE c.region_id = r.id AND c.status = 'published')
    UNION ALL SELECT 'network', slug, name, '', sort_name COLLATE "C" FROM catalogue_network
    UNION ALL SELECT vocabulary, slug, name, '', sort_name COLLATE "C" FROM catalogue_term
    UNION ALL VALUES ('priority', 'true', 'Priority', '', '1'), ('priority', 'false', 'Other clusters', '', '2')
  ) every;
ALTER TABLE limit_option ADD PRIMARY KEY (id);
CREATE TABLE limit_cluster AS
WITH links AS (
  SELECT l.cluster_id, o.id FROM catalogue_cluster_terms l JOIN catalogue_term t ON t.id = l.term_id
    JOIN limit_option o ON o.kind = t.vocabulary AND o.value = t.slug
  UNION ALL SELECT l.cluster_id, o.id FROM catalogue_network_clusters l JOIN catalogue_network n ON n.id = l.network_id
    JOIN limit_option o ON o.kind = 'network' AND o.value = n.slug
  UNION ALL SELECT c.id, o.id FROM catalogue_cluster c JOIN limit_option o ON o.kind = 'country' AND o.value = c.country_id
  UNION ALL SELECT c.id, o.id FROM catalogue_cluster c JOIN catalogue_region r ON r.id = c.region_id
    JOIN limit_option o ON o.kind = 'region' AND o.value = r.slug
  UNION ALL SELECT c.id, o.id FROM catalogue_cluster c
    JOIN limit_option o ON o.kind = 'priority' AND o.value = c.is_priority::text
), joined AS (
  SELECT cluster_id, 0 || array_agg(id ORDER BY id) AS keys FROM links GROUP BY 1
)
SELECT c.id, c.slug, c.sort_name, n.sort_name AS country_sort, c.members, c.founded, c.confirmed_on, j.keys
  FROM catalogue_cluster c JOIN catalogue_country n ON n.code = c.country_id JOIN joined j ON j.cluster_id = c.id
 WHERE c.status = 'published' ORDER BY c.sort_name, c.slug;
ALTER TABLE limit_cluster ADD PRIMARY KEY (id);
CREATE INDEX ON limit_cluster (sort_name, slug);
CREATE INDEX ON limit_cluster (country_sort, sort_name, slug);
CREATE INDEX ON limit_cluster (members, sort_name, slug);
CREATE INDEX ON limit_cluster (members DESC NULLS LAST, sort_name, slug);
CREATE INDEX ON limit_cluster (founded, sort_name, slug);
CREATE INDEX ON limit_cluster (founded DESC NULLS LAST, sort_name, slug);
CREATE INDEX ON limit_cluster (confirmed_on DESC NULLS LAST, sort_name, slug);
CREATE INDEX ON limit_cluster USING gin (keys);
CREATE TABLE limit_card AS
SELECT c.id, c.public_id, c.slug, c.name, c.acronym, c.summary, c.country_id AS country, n.name AS country_name,
       r.slug AS region, r.name AS region_name, c.is_priority AS priority, c.members, c.members_qualifier,
       c.members_as_of, c.founded, c.core_cybersecurity, CASE WHEN c.quality_label <> 'none' THEN c.quality_label END AS label,
       c.quality_expires_on AS label_until, c.place, c.latitude, c.longitude, c.precision, c.confirmed_on, f.keys
  FROM limit_cluster f JOIN catalogue_cluster c ON c.id = f.id JOIN catalogue_country n ON n.code = c.country_id
  LEFT JOIN catalogue_region r ON r.id = c.region_id;
ALTER TABLE limit_card ADD PRIMARY KEY (id);
CREATE TABLE limit_text AS
SELECT c.id, to_tsvector('simple', concat_ws(' ', c.name, c.acronym, c.former_names)) AS name_words,
       to_tsvector('simple', concat_ws(' ', c.name, c.acronym, c.former_names, c.summary, c.description, d.country_name,
         d.region_name, CASE WHEN c.precision <> 'country' THEN c.place END,
         (SELECT string_agg(o.label, ' ') FROM limit_option o WHERE o.id = ANY(d.keys) AND o.kind = ANY(%(terms)s)))) AS words
  FROM limit_card d JOIN catalogue_cluster c ON c.id = d.id;
ALTER TABLE limit_text ADD PRIMARY KEY (id);
CREATE INDEX ON limit_text USING gin (words);
CREATE INDEX ON limit_text USING gin (name_words);
CREATE TABLE limit_word AS
SELECT word FROM ts_stat('SELECT words FROM limit_text') WHERE length(word) >= 4 AND word !~ '[^a-z]';
CREATE INDEX ON limit_word (word text_pattern_ops);
CREATE INDEX ON limit_word USING gin (word gin_trgm_ops);
"""


def make() -> None:
    """Make the tables from those of the portal."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, {"kinds": list(KINDS), "terms": list(VOCABULARIES)})


def options() -> dict[str, list[str]]:
    """Return the values of each facet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, array_agg(value ORDER BY id) FROM limit_option GROUP BY kind")
        return dict(cursor.fetchall())


def words() -> set[str]:
    """Return the words that a search may find."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM limit_word")
        return {word for (word,) in cursor.fetchall()}

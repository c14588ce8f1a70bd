"""Names of organisations taken apart: words without legal form, digits, acronyms, initials.

Which words say little is written here for the languages of Europe; how rare a word is among the clusters
that exist, :mod:`duplicates.similarity.Vocabulary` counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from catalogue.search.text import fold


def _set(text: str) -> frozenset[str]:
    """Return the words of ``text``: long lists stay readable."""
    return frozenset(text.split())


# Words are written as `fold` returns them.
#: Words that only hold a name together.
STOP = _set(
    "a an and at by for from in of on or the to with "
    "au aux d de del dei della delle dello des di do dos da das du e el els en et i il in l la las le les lo los "
    "o os para pour per sur un una une y "
    "auf das der des die dem den ein eine fur fuer im in mit und zu van voor het op og av i pa ja sa za na v u w z ze "
    "si ale din pentru cu"
)
#: Words that say "an organisation of several", in whatever language.
GENERIC = _set(
    "cluster clusters clustering klaster klastr klastra klastry klasteri kluster klynge klyngen klyngje klasterio klasteris "
    "clusterul clustr megacluster klaszter klaszterek klastro klastrs klusteri klusterra clusterra grozd grozdi "
    "grappe grappes distretto distretti agrupamento agrupament kumelenme kumelenmesi klasi klasinn pole poles polo poli pol polus network networks networking netzwerk netzwerke netwerk "
    "nettverk natverk netvaerk verkosto rete reti red redes reseau reseaux retea siec halozat mreza tinklas "
    "association associations associazione asociacion associacao associacio asociatia asociace asociacia assoc "
    "asociaciones udruzenje udruga zavod dernegi zdruzenje stowarzyszenie egyesulet sdruzeni zdruzenie forening foreningen forbund yhdistys "
    "verband verbund verein vereniging verbond asociacija biedriba liitto liit platform platforms plattform plateforme "
    "piattaforma plataforma platforma hub hubs center centre centres centrum zentrum centro centar keskus "
    "institute institut instituto istituto instytut institutul foundation fondation fondazione fundacion fundacio fundatia "
    "fundacja fundacao stiftung stichting stiftelsen nadace alliance alliances allianz alianza alianca alleanza alianta "
    "forum foro union unione federation federazione federacion federacao federacja group gruppe grupo gruppo groupe "
    "society societe sociedad societa initiative iniciativa iniziativa agency agence agentur agenzia agencia agencja "
    "consortium consorzio consorcio konsortium community communities council "
    "aei agrupacion empresarial empresa empresas innovadora innovadores organisation organization ev"
)
_CLUSTER = _set("cluster clusters klaster klastr klaszter kluster klusteri klynge grozd grappe")
#: Words of a field or scope: they distinguish two organisations of one town, but do not name one.
FIELD = _set(
    "it ict tic tics ikt itc digital digitale numerique tech technology technologies technological technologie technologien "
    "tecnologia tecnologias tecnologie tecnologica tecnologico software hardware data ai iot cyber cybersecurity "
    "ciberseguridad cybersicherheit security secure securite seguridad sicurezza sicherheit safety information informatics "
    "informatique informatica communication communications telecom telecommunications electronics electronic "
    "health healthcare medical medicine medtech biotech biotechnology bio life lifescience lifesciences science sciences "
    "salud sante salute gesundheit pharma wellness nutrition food agrifood agro agriculture energy energies energia energie "
    "renewable green clean cleantech environment environmental water maritime marine blue sea space aerospace aviation "
    "aeronautics defence defense mobility transport logistics automotive auto rail construction building wood furniture "
    "textile fashion creative media design tourism sport plastics packaging chemical chemistry materials metal mechanical "
    "mechatronics automation robotics production manufacturing industry industries industrial industria engineering "
    "photonics laser lasers optics micro nano microelectronics semiconductor semiconductors "
    "innovation innovations innovative innovacion innovazione research development knowledge competence competences "
    "excellence education business businesses enterprise enterprises companies competitiveness entrepreneurship start startup "
    "smart advanced high new applied general international european europe national regional global world "
    "park parks valley campus city cities region north south east west northern southern eastern western central upper "
    "lower nord sud sued est ouest norte sur sul"
)
#: Abbreviations that can be nothing but a legal form.
_LEGAL_ANYWHERE = _set(
    "ev gmbh ggmbh mbh ug ohg kgaa srl srls spa scpa scarl scrl asbl aisbl vzw ivzw zspo spzoo zoo sro zs zzpo ops doo "
    "dd ooo ood eood sarl sas sasu eurl scic scop gie ltd limited plc llp llc inc kft zrt nyrt bv nv oy oyj ry rf aps asa "
    "uab vsi mtu ou sia lda ltda unipessoal slu sl scrlfs gcv cvba"
)
#: Abbreviations that may be something else: a legal form only where a name or a part of it ends.
_LEGAL_AT_END = _set("ag kg sa ab as ae ee eg se sc sca is ad oo oz cic bt vof esv")  # fmt: skip

#: "Association loi 1901": the law, with its year, is a legal form and no number of the name.
_OF_1901 = re.compile(r"\b(?:association )?(?:regie par la |de la |de )?loi (?:de |du 1er juillet )?1901\b")
_SPACED_LEGAL = (
    (_OF_1901, " "),
    (re.compile(r"\bsp\.? ?z\.? ?o\.? ?o\b\.?"), " spzoo "),
    (re.compile(r"\be\. ?v\b\.?"), " ev "),
    (re.compile(r"\ba/s\b"), " as "),
)
_DOTTED = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,}[a-z]{0,3}(?![a-z0-9])\.?")
_SHORTENED = re.compile(r"(?<![a-z0-9.])([a-z]{3,})\.(?![a-z0-9-])")
_LINKED_LETTERS = re.compile(r"(?<![a-z0-9])[a-z]{1,2}(?:[&+][a-z]{1,2})+(?![a-z0-9])")
_SEPARATOR = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(r"[0-9]+")
#: Where one part of a name ends and the next begins: "GAIA - Association …", "Vojvodina ICT Cluster - VOICT".
_PARTS = re.compile(r"(?<!\s)\s++(?:[-–—|/]+\s*|:\s+)|[–—|]\s*|[.,;:]\s*[-–—]\s*|:\s+|\.-\s*")
_BRACKETS = re.compile(r"[(\[]([^)\]]{0,200}+)[)\]]")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Name:
    """A name taken apart."""

    text: str
    #: Folded, in order, without legal form.
    words: tuple[str, ...]
    #: The words in alphabetical order.
    ordered: tuple[str, ...]
    #: The words without spaces between.
    squashed: str
    digits: tuple[str, ...]
    #: The words that are written short, with a point: "Sec." for security.
    shortened: frozenset[str] = frozenset()
    #: Acronyms set apart in the name that are formed of its other words: they add nothing to these.
    own_letters: frozenset[str] = frozenset()

    @property
    def core(self) -> tuple[str, ...]:
        """Return the words that are neither generic nor mere glue; all of them if none is left."""
        return tuple(word for word in self.words if word not in STOP and word not in GENERIC) or self.words


@lru_cache(maxsize=20_000)
def parse(text: str) -> Name:
    """Return ``text`` taken apart.

    >>> parse("BioLAGO e.V. life science network").words
    ('biolago', 'life', 'science', 'network')
    """
    found = tuple(dict.fromkeys(_words(text)))  # a word that is repeated says nothing more
    return Name(
        text=text, words=found, ordered=tuple(sorted(found)), squashed="".join(found), digits=digits(text),
        shortened=frozenset(_SHORTENED.findall(fold(text))).intersection(found),
        own_letters=(stated_acronyms(text) & initials(text)).intersection(found),
    )  # fmt: skip


def digits(text: str) -> tuple[str, ...]:
    """Return the numbers in ``text``, sorted: they must be the same in two names of one organisation.

    >>> digits("Industry 4.0 Lab 2")
    ('0', '2', '4')
    """
    return tuple(sorted(_DIGITS.findall(_OF_1901.sub(" ", fold(text)))))


def squash(text: str) -> str:
    """Return the letters and digits of ``text``, folded: "T.I.C.E. PT" and "TICE.PT" are the same acronym."""
    return _SEPARATOR.sub("", fold(text))


def stated_acronyms(name: str, acronym: str = "") -> frozenset[str]:
    """Return the acronyms of the organisation, squashed: the one given, and those set apart in the name.

    >>> sorted(stated_acronyms("GAIA.-Association of Electronic and Information Technologies"))
    ['gaia']
    """
    found = {squash(acronym)}
    outside = _BRACKETS.sub(" ", name)
    parts = [part for part in _PARTS.split(outside) if part and part.strip()]
    if len(parts) > 1:
        found.update(squash(part) for part in parts if len(_words(part)) == 1 and _is_short(part))
        if len(_words(parts[0])) == 2 and any(word.isupper() for word in parts[0]):
            found.add(squash(parts[0]))  # "ALPHA RLH - Laser and …", "CSA Italy - Cloud …"
    found.update(squash(part) for part in _BRACKETS.findall(name) if len(_words(part)) == 1 and _is_short(part))
    return frozenset(part for part in found if len(part) > 1 and part not in GENERIC and part not in FIELD)


def initials(name: str) -> frozenset[str]:
    """Return the acronyms that people would form of ``name``, of two letters or more.

    >>> sorted(initials("Irish Software Innovation Network"))
    ['isi', 'isin']
    """
    found: set[str] = set()
    outside = _BRACKETS.sub(" ", name)
    parts = [part for part in _PARTS.split(outside) if part and part.strip()]
    for text in {outside, *parts}:
        words = _words(text)
        no_glue = [word for word in words if word not in STOP]
        core = [word for word in no_glue if word not in GENERIC]
        no_cluster = [word for word in words if word not in _CLUSTER]
        written = _WORD.findall(text)
        capital = [fold(word)[:1] for word in written if word[:1].isupper()]
        humps = [fold(hump)[:1] for word in written for hump in _HUMP.split(word) if hump[:1].isupper()]
        rows = (words, no_glue, core, no_cluster, [word for word in no_cluster if word not in STOP])
        for letters in (*([word[0] for word in row] for row in rows), capital, humps):
            if len(letters) > 1:
                found.add("".join(letters))
    return frozenset(found)


def _is_short(text: str) -> bool:
    return len(squash(text)) <= 14


def _words(text: str) -> list[str]:
    """Return the folded words of ``text`` in order, without legal forms."""
    folded = whole = fold(text).replace("'", " ").replace("’", " ")
    for pattern, form in _SPACED_LEGAL:
        folded = pattern.sub(form, folded)
    folded = _DOTTED.sub(lambda found: f" {found[0].replace('.', '')} ", folded)
    folded = _LINKED_LETTERS.sub(lambda found: re.sub(r"[&+]", "", found[0]), folded)
    parts = [_without_legal_form(_split(part)) for part in re.split(r"\s[-–—|/]+\s|,", folded)]
    words = [word for part in parts for word in part]
    # A name that is nothing but a legal form is one after all.
    return words or _split(folded) or _split(whole)


def _split(text: str) -> list[str]:
    return [word for word in _SEPARATOR.split(text) if word]


def _without_legal_form(words: Iterable[str]) -> list[str]:
    left = [word for word in words if word not in _LEGAL_ANYWHERE]
    while len(left) > 1 and left[-1] in _LEGAL_AT_END:
        left.pop()
    return left

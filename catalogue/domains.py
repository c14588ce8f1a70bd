"""Domains of web and e-mail addresses: the part that somebody registered, and hosts that many share."""

from urllib.parse import urlsplit

from tldextract import TLDExtract


def _set(text: str) -> frozenset[str]:
    """Return the words of ``text``: long lists stay readable."""
    return frozenset(text.split())


#: Site builders under which anybody has pages, and nobody a mailbox.
_SITE_BUILDERS = _set(
    "blogspot.com github.io gitlab.io herokuapp.com jimdo.com jimdofree.com jimdosite.com netlify.app onrender.com pages.dev "
    "squarespace.com vercel.app webflow.io webnode.com webnode.page weebly.com wixsite.com wordpress.com"
)
#: Hosts that say nothing about whose page it is.
_SHARED_HOSTS = _set(
    "bit.ly clustercollaboration.eu dropbox.com europa.eu eventbrite.com facebook.com fb.com goo.gl google.com "
    "instagram.com issuu.com linkedin.com linktr.ee medium.com meetup.com office.com sharepoint.com slideshare.net "
    "t.co t.me telegram.me tiktok.com twitter.com vimeo.com vk.com whatsapp.com wikipedia.org x.com xing.com youtu.be "
    "youtube.com"
)
#: Domains of mailboxes that anybody can have.
_FREE_MAIL = _set(
    "abv.bg aol.com arcor.de bluewin.ch centrum.cz email.cz fastmail.com free.fr freemail.hu freenet.de gmail.com "
    "gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr "
    "hotmail.it icloud.com inbox.lv interia.pl laposte.net libero.it live.com live.nl mac.com mail.bg mail.com mail.ru "
    "me.com msn.com o2.pl onet.pl op.pl orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de "
    "proton.me protonmail.ch protonmail.com sapo.pt seznam.cz sfr.fr skynet.be t-online.de telenet.be tin.it tiscali.it "
    "tutanota.com ukr.net virgilio.it wanadoo.fr web.de wp.pl yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.gr "
    "yahoo.it yandex.ru ymail.com ziggo.nl zoho.com"
)


#: The public suffix list as it came with the package: no request, no file written. Its private part holds the hosts
#: that give names away (github.io); of the site builders it lacks some.
_SUFFIXES = TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=tuple(sorted(_SITE_BUILDERS))
)


def registrable_domain(host: str) -> str:
    """Return the part of ``host`` that somebody registered, or nothing if it has none (an IP, one label, a suffix).

    >>> registrable_domain("www.cluster.asso.fr"), registrable_domain("my.wordpress.com")
    ('cluster.asso.fr', 'my.wordpress.com')
    """
    labels = _ascii(host).strip(".").split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit():
        return ""
    parts = _SUFFIXES.extract_str(".".join(labels))
    # A top-level domain that is not in the list is a suffix by itself, as the list's own rules say.
    suffix = parts.suffix.count(".") + 1 if parts.suffix else 1
    if parts.domain == "blogspot":  # of every country: blogspot.de
        suffix += 1
    return ".".join(labels[-suffix - 1 :]) if len(labels) > suffix else ""


def is_on_site_builder(host: str) -> bool:
    """Return whether ``host`` is a page of a site builder, or the builder itself."""
    name = _ascii(host).strip(".")
    return ".blogspot." in f".{name}" or any(f".{name}".endswith(f".{builder}") for builder in _SITE_BUILDERS)


def website_domain(address: str) -> str:
    """Return the domain by which a website names its owner; nothing for shared hosts such as facebook.com."""
    text = address.strip()
    if text and "//" not in text:
        text = f"//{text}"
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return ""
    domain = registrable_domain(host)
    return "" if domain in _SHARED_HOSTS else domain


def mail_domain_of(email: str) -> str:
    """Return the domain by which an e-mail address names its owner; nothing for free mailers."""
    _local, at, host = email.strip().rpartition("@")
    domain = registrable_domain(host) if at else ""
    return "" if domain in _FREE_MAIL or domain in _SHARED_HOSTS else domain


def _ascii(host: str) -> str:
    try:
        return host.strip().lower().encode("idna").decode()
    except UnicodeError:
        return host.strip().lower()

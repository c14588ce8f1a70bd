"""Domains of web and e-mail addresses: the part that somebody registered, and hosts that many share."""

from urllib.parse import urlsplit


def _set(text: str) -> frozenset[str]:
    """Return the words of ``text``: long lists stay readable."""
    return frozenset(text.split())


#: Second labels under which others register in many countries: co.uk, or.at, com.tr.
_SECOND_LEVEL = _set("ac co com edu gob gouv gov gv info ltd mil name net nhs nom or org plc sch")
#: Hosts under which everybody has a name of their own: that name counts, not the host.
_PLATFORMS = _set(
    "blogspot.com github.io gitlab.io herokuapp.com jimdo.com jimdofree.com jimdosite.com netlify.app onrender.com pages.dev "
    "squarespace.com vercel.app webnode.com webnode.page weebly.com wixsite.com wordpress.com eu.com webflow.io"
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
    "proton.me protonmail.ch protonmail.com sapo.pt seznam.cz sfr.fr skynet.be t-online.de telenet.be tiscali.it "
    "tutanota.com ukr.net virgilio.it wanadoo.fr web.de wp.pl yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.gr "
    "yahoo.it yandex.ru ymail.com ziggo.nl zoho.com"
)


def registrable_domain(host: str) -> str:
    """Return the part of ``host`` that somebody registered, or nothing if it has none (an IP, one label).

    >>> registrable_domain("www.cluster.org.uk"), registrable_domain("my.wordpress.com")
    ('cluster.org.uk', 'my.wordpress.com')
    """
    labels = _ascii(host).strip(".").split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit():
        return ""
    keep = 2
    is_platform = ".".join(labels[-2:]) in _PLATFORMS or labels[-2] == "blogspot"
    if is_platform or (len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL):
        keep = 3
    if len(labels) < keep:
        return ""
    return ".".join(labels[-keep:])


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

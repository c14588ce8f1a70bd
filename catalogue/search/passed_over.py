"""Words of a query that say nothing about a cluster, by language; staff adds others as synonyms that are passed over."""

import stopwordsiso

from catalogue.search.text import sort_key

#: Languages in which people of Europe ask; the library has others.
_LANGUAGES = (
    "bg", "br", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "hy", "it", "la", "lt",
    "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk",
)  # fmt: skip
#: Function words of the library that are the trade here, or say something about a cluster.
_MEANINGFUL = frozenset(
    [
        "it",
        "computer",
        "information",
        "system",
        "industry",
        "research",
        "small",
        "open",
        "new",
        "state",
        "member",
        "members",
        "work",
    ]
)


def _set(text: str) -> frozenset[str]:
    return frozenset(filter(None, (sort_key(phrase) for phrase in text.replace("\n", ";").split(";"))))


#: Articles, prepositions, conjunctions and words of asking. "it" is not among them: here it is a trade.
SMALL_WORDS = _set("""
a;an;and;are;any;at;by;do;does;for;from;has;have;i;in;is;me;my;of;on;or;our;please;some;that;the;their;there;these;this;to;
want;was;we;were;what;where;which;who;whose;with;within;you;all;every;each;looking;need;show;find;list;search;give;
tell;about;active;working;work;works;located;based;situated;called;named;dealing;deal;deals;doing;specialised;specialized;
focused;focus;focusing;exist;exists;can;how;many;other
be;us;uns
am;an;auf;aus;das;dem;den;der;des;die;dort;ein;eine;einem;einen;einer;eines;es;fur;gibt;hat;haben;ich;im;in;ins;ist;mit;
nach;oder;sich;sie;sind;suche;suchen;und;uber;vom;von;was;welche;welcher;welches;welchen;wer;wie;wo;zeige;zeig;zu;zum;zur;alle;alles;
macht;machen;arbeitet;arbeiten;beschaftigt;tatig;finde;finden;liste;gesucht;bitte
a;à;au;aux;avec;chercher;cherche;ces;chez;dans;de;des;du;elle;en;est;et;il;la;le;les;liste;l;d;ou;où;par;pour;quel;quelle;quelles;
quels;qui;que;sont;sur;trouver;trouve;un;une;y;tous;toutes;travaille;travaillent;travaillant;actif;actifs;situé;situés;basé;basés
a;al;busco;buscar;con;cual;cuales;de;del;dónde;donde;e;el;en;encontrar;es;esta;están;hay;la;las;lo;los;o;para;por;que;quien;
se;son;su;todos;todas;trabaja;trabajan;un;una;unas;unos;y
al;alla;alle;che;chi;ci;con;cosa;da;dal;dalla;dei;del;della;delle;dello;degli;di;dove;e;ed;gli;i;il;in;la;le;lo;nel;nella;nelle;
nell;dell;all;per;quale;quali;sono;su;sul;sulla;tra;trova;trovare;tutti;tutte;un;una;cerca;cerco;lavora;lavorano;nei;negli
co;czy;dla;do;gdzie;i;ile;jak;jaki;jakie;jaka;jest;kto;które;który;która;lub;na;o;od;oraz;pod;są;się;szukam;w;we;wszystkie;z;za;ze;znajdź;działa;działają;zajmuje;zajmują
aan;bij;dat;de;die;een;en;er;het;hoe;in;is;met;naar;of;om;op;over;te;toont;toon;uit;van;voor;waar;wat;welke;wie;zijn;zoek;zoeken;vind;alle;werkt;werken;actief
ao;aos;as;com;da;das;de;do;dos;em;na;nas;no;nos;o;onde;os;ou;para;pela;pelo;por;procuro;quais;qual;que;quem;são;sobre;uma;um
att;av;den;det;en;ett;finns;för;från;hos;i;inom;med;och;på;som;till;var;vilka;vilken;är;af;er;for;fra;hvilke;hvor;og;om;til;ved;der;der er;jobber;som
care;ce;cu;de;din;în;la;pe;pentru;sau;si;sunt;un;unde;lucreaza;lucrează
a;az;és;ban;ben;ami;milyen;hol;vagy;van
jsou;kde;která;které;který;na;pro;se;v;ve;z;ze;a;i;ktoré;ktorý;sú;u;od;za;iz;koji;koje;koja;gde;gdje;su
και;στην;στο;στη;του;της;τα;το;η;ο;οι;ποια;που;με;για;από;σε
и;в;на;у;з;та;для;що;які;який;де;по;от;за;които;кои;има;со;какви;какие;какой;где
""")

#: What people say around what they look for. Unlike small words these may mean a place or topic, and count where a name has them.
FILLERS = (
    frozenset(word for word in map(sort_key, stopwordsiso.stopwords(_LANGUAGES)) if word and " " not in word)
    - _MEANINGFUL
) | _set("""
address;addresses;adresse;adressen;adres;adresy;adresa;dirección;direccion;indirizzo;endereço;adress;contact;contacts;kontakt;kontakte;contacto;contatto;contato;
kontakty;website;websites;homepage;home page;web;webpage;web site;site;site web;sitio web;sito;sito web;strona;strona internetowa;webseite;internetseite;página;pagina;
phone;telephone;telefon;téléphone;teléfono;telefono;telefone;email;e mail;mail;info;information about;informationen;informations;información;informazioni;informacje;
best;leading;top;biggest;largest;great;good;famous;important;main;major;beste;besten;führende;führenden;größte;größten;meilleur;meilleurs;meilleure;principaux;grands;
mejores;mejor;principales;migliori;migliore;principali;najlepsze;najlepszy;największe;wiodące;melhores;principais;cele mai bune;bästa;bedste;
could;would;should;please;hello;hi;dear;thanks;thank;kindly;interested;interest;looking;look;searching;wondering;
hallo;guten;tag;morgen;liebe;bitte;danke;möchte;gerne;brauche;interessiere;interessiert;bonjour;salut;merci;voudrais;souhaite;besoin;cherchons;recherche de;recherchons;
hola;buenos;buenas;días;gracias;quisiera;quiero;necesito;por favor;buongiorno;ciao;grazie;vorrei;per favore;bisogno;dzień;dobry;proszę;prosze;chciałbym;chciałabym;listę;liste;lista;
potrzebuję;olá;bom;dia;gostaria;obrigado;obrigada;quero;preciso;hallo;goedendag;graag;alstublieft;bună;ziua;vreau;aș;dori;mulțumesc;hej;tack;gärna;söker;
καλημέρα;θέλω;παρακαλώ;добрий;день;будь ласка;хочу;здравствуйте;пожалуйста;kas;mõni;labdien;laba;diena;dobrý;den;deň;prosím;hledám;hľadám;jó;napot;keresek;szeretnék;hei;päivää;etsin;
job;jobs;work in;career;careers;trabajo;empleo;lavoro;arbeit;stelle;stellen;emploi;emplois;travail;praca;pracy;werk;vacature;vacatures;emprego;
investor;investors;invest;investing;partner for;partners for;join;find me;show me;list of;all the;anything;someone;somebody;people
""")

#: Words of the trade, in the forms in which they stand in questions; several words are one phrase.
TRADE_WORDS = _set("""
cluster;clusters;clustering;cluster organisation;cluster organisations;cluster organization;cluster organizations;cluster initiative;
cluster initiatives;cluster management;cluster manager;network;networks;network of;networks of;association;associations;
association of;organisation;organisations;organization;organizations;ecosystem;ecosystems;hub;hubs;competitiveness cluster;
competitiveness clusters;competence network;competence networks;innovation cluster;innovation clusters;technology cluster;
technology clusters;tech cluster;tech clusters;business cluster;business clusters;business network;industry cluster;industry clusters;
companies;company;firms;firm;enterprises;enterprise;businesses;business;members of clusters;countries;country;states;region;regions
clustern;clusterorganisation;clusterorganisationen;clusternetzwerk;clusterinitiative;clusterinitiativen;technologiecluster;
kompetenzcluster;spitzencluster;netzwerk;netzwerke;netzwerken;kompetenznetz;kompetenznetze;kompetenznetzwerk;kompetenznetzwerke;
verband;verbände;branchennetzwerk;innovationscluster;innovationsnetzwerk;verein;vereine;organisationen;unternehmensnetzwerk;länder;staaten;landern
grappe;grappes;grappe d'entreprises;grappes d'entreprises;pôle;pôles;pôle de compétitivité;pôles de compétitivité;
pole de competitivite;poles de competitivite;pole de compétences;réseau;réseaux;réseau de;association d'entreprises;
grappes industrielles;grappe industrielle;pôle d'excellence;pôles d'excellence;pôle d'innovation;pôles technologiques;pays;régions
clúster;clústeres;clústers;agrupación empresarial innovadora;agrupaciones empresariales innovadoras;agrupación;agrupaciones;
asociación;asociaciones;red;redes;red de;redes de;polo;polos;organización;organizaciones;cluster tecnológico;clusters tecnológicos;clústeres tecnológicos;países;regiones
distretto;distretti;distretto tecnologico;distretti tecnologici;polo;poli;poli di innovazione;polo di innovazione;polo tecnologico;rete;reti;rete di;
associazione;associazioni;cluster tecnologici;cluster tecnologico;aggregazione;aggregazioni;paesi;regioni
klaster;klastry;klastra;klastrów;klastrze;klastrami;klastrem;klastrach;klastr;klastru;klastrov;klastre;klastrů;klastery;klastera;klasteri;klasterji;
klastrow;sieć;sieci;stowarzyszenie;stowarzyszenia;organizacja;organizacje;klasteriai;klasteris;klāsteris;klāsteri;klasteru;klāsteru;klaszter;klaszterek;klasztere;
klastrid;klaster klaster;klynge;klynger;klyngen;næringsklynge;näringskluster;kluster;klustret;klusters;klusterin;klusterit;nettverk;netværk;nätverk;
verkosto;verkostot;klynge organisasjon;erhvervsklynge;clustere;clustere de;clusterul;clustereле;rețea;rețele;asociatie;asociație;
netwerk;netwerken;vereniging;verenigingen;clusterorganisatie;clusterorganisaties;koepel;
agrupamento;agrupamentos;rede;redes;associação;associações;polos de competitividade;polo de competitividade;
кластер;кластери;кластерів;кластеров;кластеры;кластера;клъстер;клъстери;кластер;кластери;κλάστερ;δίκτυο;δίκτυα;συστάδα;συστάδες;συνεργατικός σχηματισμός;συνεργατικοί σχηματισμοί;συνεργατικοι σχηματισμοι;clystyrau;clwstwr;
unternehmen;firmen;betriebe;entreprises;entreprise;sociétés;empresas;empresa;imprese;impresa;aziende;azienda;firmy;firma;firem;przedsiębiorstwa;przedsiębiorstw;
bedrijven;bedrijf;companhias;firme;companii;întreprinderi;företag;företagen;virksomheder;virksomhed;bedrifter;bedrift;yritykset;yritys;yrityksiä;επιχειρήσεις;επιχειρήσεων;εταιρείες;εταιρειών;
vállalatok;vállalkozások;cégek;įmonės;įmonių;uzņēmumi;uzņēmumu;ettevõtted;ettevõtete;podjetja;podjetij;tvrtke;poduzeća;preduzeća;kompanije;podniky;podniků;podnikov;spoločnosti;společnosti;
компанії;компаній;підприємства;фирми;компании;предприятия;предузећа;компаније;şirketler;şirketleri;empreses;konpainiak;enpresak;cwmnïau;comhlachtaí;ndërmarrje;kompani;
grozd;grozdovi;gruping;grozdi;klub;clústers d'empreses;xarxa;xarxes;sdružení;sdruzeni;združenie;združenia;udruženje;udruženja
""")

#: Legal forms as they end names.
LEGAL_FORMS = _set("""
e.V.;eV;e V;GmbH;gGmbH;AG;KG;GmbH & Co. KG;eG;mbH;UG;ASBL;AISBL;VZW;IVZW;SA;S.A.;SAS;SARL;SCIC;GIE;association loi 1901;
SpA;S.p.A.;Srl;S.r.l.;Scpa;S.c.p.a.;Scarl;S.c.a.r.l.;S.c. a r.l.;Scrl;S.L.;SL;SLU;S.L.U.;A.I.E.;
Sp. z o.o.;Spolka z o.o.;S.R.O.;s. r. o.;z.s.;z. s.;o.z.;o. z.;z.s.p.o.;z.p.o.;a.s.;BV;B.V.;NV;N.V.;Stichting;Ltd;Ltd.;Limited;
C.I.C.;PLC;LLP;Inc;AB;ApS;A/S;AS;Oy;Ry;Fmba;F.m.b.a.;Kft;Zrt;Nonprofit Kft;d.o.o.;doo;d.d.;OOD;EOOD;SRL;UAB;SIA;VšĮ;OÜ;MTÜ;ΑΕ;ЕООД
""")

#: Words before the name of a town that mean "by distance from it".
NEAR_WORDS = _set("""
near;nearby;near to;nearest to;closest to;close to;next to;around;the vicinity of;in the vicinity of;vicinity of;not far from;in the area of;in the surroundings of;
nahe;nahe bei;in der nähe von;nähe;nähe von;bei;rund um;um;unweit von;in der umgebung von;umgebung von;im raum;raum;im umkreis von;umkreis
près de;pres de;près d;proche de;proches de;proche;autour de;autour d;aux environs de;environs de;à côté de;non loin de;à proximité de;alentours de;aux alentours de
cerca de;cerca;alrededor de;próximo a;próximos a;junto a;en torno a;cercanos a
vicino a;vicino;vicino ad;nei pressi di;presso;intorno a;nelle vicinanze di;attorno a;nei dintorni di;dintorni di;vicini a
blisko;koło;kolo;niedaleko;niedaleko od;w pobliżu;obok;w okolicy;okolice;w okolicach;pod
dicht bij;dichtbij;in de buurt van;buurt van;nabij;rond;rondom;vlakbij;omgeving;omgeving van
perto de;próximo de;ao redor de;em redor de;nas proximidades de;perto do;perto da
nära;i närheten av;nær;i nærheten af;i nærheten av;tæt på;omkring;rundt;lähellä
lângă;langa;aproape de;în apropiere de;în jurul
poblíž;blízko;nedaleko;u města;okolí;v okolí;blízko mesta;pri;v blízkosti;blizu;u blizini;kod;közelében;környékén
κοντά;κοντά στη;κοντά στην;κοντά στο;κοντα στην;біля;поблизу;около;возле;рядом с;близо до;близу
a prop de;prop de;ger
""")

#: Words for the clusters that the consortium gives priority.
PRIORITY_WORDS = _set("""
priority;priority clusters;prioritised;prioritized;priorisiert;prioritaire;prioritaires;prioritario;prioritarios;prioritari;prioritair;priorytetowe;
prioritäre;prioritätscluster;prioritar;prioritare;prioriterade;prioritizované;prioritní
""")

#: Words that take what follows away.
WITHOUT_WORDS = _set("""
without;not in;not from;except;except for;excluding;excl;but not;but not in;outside;outside of;other than;not;non;ohne;nicht in;nicht aus;außer;ausser;außerhalb von;
sans;hors;sauf;pas en;pas de;hors de;excepté;en dehors de;sin;excepto;fuera de;no en;menos;salvo;senza;eccetto;escluso;esclusa;tranne;non in;fuori;fuori da;
bez;oprócz;poza;z wyjątkiem;nie w;zonder;behalve;niet in;buiten;sem;exceto;fora de;utan;utom;uden;uten;undtagen;unntatt;fără;cu excepția;
""")

"""Made-up announcements with questions, to teach the reader what articles of that sort say and leave out.

Every article is written from a topic (a take-over, a recall, a wage deal, ...).  A topic is a set of facts; for each
article some are stated and some are left out.  The same question templates are asked in both cases, so that whether
a question can be answered depends on the sentences and not on the wording of the question.

The texts below are in a small template language:

* ``{name}`` is a slot, ``{kind#id}`` a made-up value (the same one wherever the article uses that id);
* ``<a|b>`` is one of several wordings;
* ``[key: text]`` is written only if the fact ``key`` is stated; the sentence then answers questions about it.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache


@dataclass(frozen=True)
class MadeQuestion:
    """A question with the numbers of the sentences that answer it (none: the article does not say)."""

    question: str
    right: tuple[int, ...]
    kind: str


@dataclass(frozen=True)
class MadeArticle:
    """A made-up announcement, sentence by sentence, with its questions."""

    title: str
    sentences: tuple[str, ...]
    questions: tuple[MadeQuestion, ...]


# ------------------------------------------------------------------ names

# culture: men's first names / women's first names / last names / family name first
PEOPLE = """
Thomas Markus Jürgen Stefan Lukas Florian Uwe / Anna Katrin Sabine Heike Lena Birgit / Brandt Hoffmann Keller Vogt
 Lindner Krüger Seidel Baumann Roth Pfeiffer Weigel / n
James Oliver Simon Peter Graham Neil Callum / Emma Charlotte Helen Fiona Rachel Joanne / Whitfield Barker Holloway
 Pritchard Lowe Ashworth Marlow Tanner Kerr Hughes Stanton / n
Michael Brandon Tyler Kevin Marcus Darnell / Jessica Ashley Monica Denise Megan Latoya / Carter Jefferson Brooks
 Whitaker Sullivan Reyes Hawkins Delgado Freeman Coleman / n
Pierre Julien Antoine Mathieu Laurent Hugo / Camille Élodie Claire Sophie Margaux Inès / Lefèvre Moreau Garnier
 Dubois Rousselet Chevalier Fontaine Perrin Marchand Blanchet / n
Giovanni Luca Marco Paolo Davide Matteo / Giulia Chiara Francesca Elena Martina Silvia / Ricci Bellini Conti Ferrara
 Galli Mancini Santoro Fabbri De_Luca Vitale / n
Carlos Javier Alejandro Miguel Diego Sergio / Lucía Carmen Pilar Marta Beatriz Ximena / Ortega Navarro Castillo
 Herrera Fuentes Molina Ibáñez Rubio Vargas Salazar / n
João Rui Tiago Pedro Nuno Caio / Mariana Inês Beatriz Joana Larissa Teresa / Ferreira Carvalho Teixeira Moura
 Pinto Azevedo Barros Nogueira Figueiredo / n
Lars Erik Anders Mikkel Henrik Sven / Ingrid Astrid Freja Karin Sigrid Maja / Lindqvist Berg Nygaard Dahl Hagen
 Sørensen Eklund Holm Bakke Thorsen Strand / n
Piotr Tomasz Marek Jakub Paweł Ondřej / Agnieszka Katarzyna Magdalena Ewa Zuzana Barbora / Kowalczyk Zieliński
 Wójcik Nowicki Sikora Dvořák Procházka Havel Mazur / n
Dmitri Sergei Oleksandr Ivan Andriy Bogdan / Olena Natalia Irina Svitlana Oksana Daria / Kovalenko Bondar Shevchuk
 Petrenko Marchuk Tkachenko Lysenko Savchuk / n
Arjun Rahul Vikram Sanjay Rohan Anil / Priya Ananya Kavita Deepa Lakshmi Meera / Sharma Iyer Reddy Kulkarni Banerjee
 Chatterjee Menon Desai Rao Nair Bhatt / n
Ahmed Omar Youssef Khalid Tariq Hassan / Fatima Layla Noor Amina Salma Rania / Al-Sayed Haddad Mansour El-Masri Rahman
 Farouk Khoury Al-Rashid Nasser Bakri / n
Mehmet Emre Burak Serkan Kerem Ozan / Ayşe Elif Zeynep Selin Derya Esra / Yılmaz Demir Kaya Aydın Özdemir Arslan
 Koç Şahin Polat / n
Wei Jun Hao Ming Jian Lei / Li_Na Xiuying Mei Yan Jing Fang / Zhang Wang Chen Liu Zhao Huang Zhou Xu Sun Guo / y
Hiroshi Kenji Takashi Daichi Yuto Satoru / Yuki Sakura Haruka Naoko Akiko Emi / Tanaka Suzuki Watanabe Yamamoto
 Nakamura Kobayashi Fujimoto Mori Ishikawa / n
Min-ho Ji-hoon Seung-woo Dong-hyun Tae-yang / Soo-jin Ji-woo Eun-ji Hye-rin Min-seo / Kim Park Lee Choi Jung Kang Yoon
 Han Shin / y
Minh Tuan Quang Duc Long / Thi_Lan Huong Linh Mai Thao / Nguyen Tran Pham Vo Dang Bui Hoang / y
Chinedu Emeka Tunde Kwame Kofi Sipho Thabo / Ngozi Adaeze Abena Zanele Thandiwe Folake / Okafor Adeyemi Mensah Boateng
 Nkosi Dlamini Balogun Eze Owusu Mokoena / n
Jan Pieter Bram Daan Wouter Joost / Sanne Femke Lotte Anouk Marieke Els / van_Dijk de_Vries Bakker Visser van_den_Berg
 Jansen Mulder Kuipers Hendriks / n
Nikos Giorgos Dimitris Kostas Yannis / Eleni Maria Katerina Sofia Ioanna / Papadakis Georgiou Nikolaidis Vlachos
 Economou Samaras Karras / n
Joko Budi Rizal Adi Putra / Siti Dewi Ratna Ayu Indah / Santoso Wibowo Hartono Setiawan Suryadi Nasution / n
Mikko Juhani Antti Ville Eero / Aino Kaisa Riikka Hanna Päivi / Virtanen Korhonen Mäkinen Laine Heikkilä Salonen / n
Ariel Noam Eitan Yossi Gideon / Tamar Shira Yael Michal Noa / Levi Mizrahi Peretz Friedman Shapira Barak Ashkenazi / n
"""
INITIALS = "ABCDEFGHJKLMNPRSTW"

CITIES = """Aarhus;Accra;Adelaide;Almaty;Amsterdam;Ankara;Antwerp;Athens;Auckland;Austin;Baku;Bangalore;Bangkok;
Barcelona;Basel;Belfast;Belgrade;Bergen;Berlin;Bilbao;Birmingham;Bogotá;Bologna;Bordeaux;Boston;Bratislava;Bremen;
Brisbane;Bristol;Brno;Brussels;Bucharest;Budapest;Buenos Aires;Busan;Cairo;Calgary;Cape Town;Cardiff;Casablanca;
Charlotte;Chennai;Chicago;Cleveland;Cologne;Copenhagen;Cork;Córdoba;Dakar;Dallas;Debrecen;Delft;Denver;Dhaka;Dortmund;
Dresden;Dublin;Durban;Düsseldorf;Edinburgh;Eindhoven;Essen;Fukuoka;Galway;Gdańsk;Geneva;Genoa;Ghent;Glasgow;Gothenburg;
Graz;Grenoble;Guadalajara;Hamburg;Hanoi;Hanover;Helsinki;Houston;Hyderabad;Incheon;Innsbruck;Istanbul;Jakarta;Kampala;
Kanazawa;Kaunas;Kigali;Kobe;Košice;Kraków;Kyoto;Lagos;Lausanne;Leeds;Leicester;Leipzig;Lille;Lima;Limerick;Linz;Lisbon;
Liverpool;Ljubljana;Lyon;Łódź;Madrid;Malmö;Manchester;Manila;Marseille;Medellín;Melbourne;Memphis;Milan;Minneapolis;
Montevideo;Montreal;Mumbai;Munich;Nagoya;Nairobi;Nantes;Naples;Nashville;Newcastle;Nicosia;Nottingham;Nuremberg;Odense;
Osaka;Oslo;Ottawa;Oulu;Palermo;Perth;Phoenix;Pittsburgh;Porto;Portland;Poznań;Prague;Pune;Quito;Reykjavik;Riga;
Rotterdam;Salzburg;Santiago;Sapporo;Sarajevo;Seattle;Sendai;Seville;Sheffield;Skopje;Sofia;Southampton;Split;Stavanger;
Stockholm;Strasbourg;Stuttgart;Surabaya;Sydney;Taichung;Tallinn;Tampa;Tampere;Tbilisi;Thessaloniki;Toronto;Toulouse;
Trieste;Trondheim;Tunis;Turin;Turku;Uppsala;Utrecht;Valencia;Vancouver;Verona;Vienna;Vilnius;Warsaw;Wellington;
Winnipeg;Wrocław;Yokohama;York;Zagreb;Zaragoza;Zurich"""
COUNTRIES = """Argentina;Australia;Austria;Belgium;Brazil;Bulgaria;Canada;Chile;China;Colombia;Croatia;Denmark;Egypt;
Estonia;Finland;France;Germany;Ghana;Greece;Hungary;Iceland;India;Indonesia;Ireland;Israel;Italy;Japan;Kenya;Latvia;
Lithuania;Malaysia;Mexico;Morocco;New Zealand;Nigeria;Norway;Peru;Poland;Portugal;Romania;Serbia;Singapore;Slovakia;
Slovenia;South Africa;South Korea;Spain;Sweden;Switzerland;Thailand;Tunisia;Turkey;Ukraine;Uruguay;Vietnam"""

ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "cl",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "fr",
    "g",
    "gl",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "r",
    "s",
    "sc",
    "sh",
    "sk",
    "sl",
    "sp",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "x",
    "y",
    "z",
]
VOWELS = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ei", "io", "ou", "y"]
CODAS = ["", "", "", "l", "n", "r", "s", "x", "m", "nd", "rt", "ck", "th", "lt", "ns", "st", "v"]
SUFFIXES = {
    "company": "AG;Inc.;Ltd;plc;Group;Holdings;SE;Corp.;GmbH;S.A.;SpA;Oy;Industries;Systems;Technologies;Logistics;"
    "Foods;Motors;Energy;Pharma;Robotics;Materials;Networks;Semiconductor;Retail;Airways;Shipping;Chemicals;Brewery;"
    "Instruments;Steel;Textiles;Toys;Media;Power;Health;Solar;Marine;Optics;& Sons;Brothers;International",
    "startup": "Labs;AI;Bio;Therapeutics;Software;Analytics;Mobility;.io;Health;Works;Space;Robotics;Games;Studio;Data",
    "bank": "Bank;Capital;Partners;Ventures;Insurance;Asset Management;Savings Bank;Securities;Trust;Investments",
}


def _lines(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", "").split(mark) if part.strip()]


@dataclass(frozen=True)
class Culture:
    """First and last names of one language."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    last: tuple[str, ...]
    family_first: bool


def _cultures() -> tuple[Culture, ...]:
    found = []
    for line in PEOPLE.strip().replace("\n ", " ").splitlines():
        men, women, last, order = (part.split() for part in line.split(" / "))
        clean = [tuple(name.replace("_", " ") for name in part) for part in (men, women, last)]
        found.append(Culture(clean[0], clean[1], clean[2], order == ["y"]))
    return tuple(found)


CULTURES = _cultures()
CITY_LIST = _lines(CITIES, ";")
COUNTRY_LIST = _lines(COUNTRIES, ";")


@dataclass(frozen=True)
class Org:
    """An organisation with its full name, the short one, and what it may be called later on."""

    full: str
    short: str
    noun: str
    kind: str


@dataclass
class Person:
    """A person with a post, and what the article says of both."""

    name: str
    last: str
    gender: str
    org: Org
    role: str
    mark: str = ""
    said: dict[str, list[int]] = field(default_factory=dict)

    @property
    def he(self) -> str:
        """The pronoun."""
        return {"m": "he", "f": "she"}.get(self.gender, "they")

    @property
    def his(self) -> str:
        """The possessive."""
        return {"m": "his", "f": "her"}.get(self.gender, "their")


def syllables(rng: random.Random, low: int, high: int) -> str:
    """A made-up word with a capital."""
    word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.randint(low, high))) + rng.choice(CODAS)
    return word.capitalize()


def brand(rng: random.Random) -> str:
    """The bare name of a company."""
    sort = rng.random()
    if sort < 0.5:
        return syllables(rng, 1, 3)
    last = [rng.choice(rng.choice(CULTURES).last) for _ in range(2)]
    last = [name[0].upper() + name[1:] for name in last]
    if sort < 0.6:
        return f"{last[0]}-{last[1]}" if last[0] != last[1] else last[0]
    if sort < 0.68:
        return f"{last[0]} & {last[1]}" if last[0] != last[1] else last[0]
    if sort < 0.78:
        return "".join(rng.choice("ABCDEFGHIKLMNOPRSTVXZ") for _ in range(rng.randint(3, 4)))
    if sort < 0.86:
        return last[0]
    front = [
        "North",
        "Blue",
        "Silver",
        "Green",
        "Bright",
        "Iron",
        "Clear",
        "High",
        "Grand",
        "Swift",
        "Red",
        "True",
        "Deep",
        "Open",
        "New",
        "First",
        "Oak",
        "Stone",
    ]
    back = [
        "river",
        "stone",
        "field",
        "wave",
        "path",
        "line",
        "bridge",
        "light",
        "wood",
        "gate",
        "point",
        "leaf",
        "peak",
        "harbor",
        "forge",
        "spring",
    ]
    return rng.choice(front) + rng.choice(back)


def _company(rng: random.Random, kind: str) -> Org:
    name = brand(rng)
    suffix = rng.choice(SUFFIXES[kind].split(";"))
    full = name + suffix if suffix.startswith(".") else f"{name} {suffix}"
    legal = [
        "AG",
        "Inc.",
        "Ltd",
        "plc",
        "SE",
        "Corp.",
        "GmbH",
        "S.A.",
        "SpA",
        "Oy",
        "Group",
        "Holdings",
        "International",
    ]
    short = name if suffix in legal or rng.random() < 0.6 else full
    noun = {"bank": "the firm", "startup": rng.choice(["the start-up", "the company"])}.get(kind, "the company")
    return Org(full, short, rng.choice([noun, noun, "the group"]) if kind == "company" else noun, kind)


PUBLIC = {
    "university": [
        "the University of {c};the university",
        "{c} University;the university",
        "{c} Institute of Technology;the institute",
        "{y} College;the college",
        "the {y} Institute;the institute",
        "{c} University Hospital;the hospital",
        "the {y} Research Centre;the centre",
    ],
    "ministry": [
        "the Ministry of Transport;the ministry",
        "the Ministry of Health;the ministry",
        "the Ministry of Economic Affairs;the ministry",
        "the {k} Ministry of Education;the ministry",
        "the Department for Energy;the department",
        "the Ministry for the Environment;the ministry",
    ],
    "agency": [
        "the {k} Space Agency;the agency",
        "the Federal Network Agency;the agency",
        "the {k} Food Safety Authority;the authority",
        "the Competition Authority;the authority",
        "the Port Authority of {c};the authority",
        "the {c} Transport Agency;the agency",
        "{a};the agency",
    ],
    "club": [
        "FC {c};the club",
        "{c} Rovers;the club",
        "{c} United;the club",
        "Sporting {c};the club",
        "the {c} Falcons;the team",
        "{c} Athletic;the club",
        "the {c} Harriers;the team",
        "Dynamo {c};the club",
    ],
    "council": [
        "{c} City Council;the council",
        "the city of {c};the city",
        "the municipality of {c};the municipality",
        "{c} Borough Council;the council",
        "the {c} regional council;the council",
    ],
    "museum": [
        "the {y} Museum;the museum",
        "the {c} Museum of Modern Art;the museum",
        "the {y} Foundation;the foundation",
        "the National Gallery of {k};the gallery",
        "the {c} Opera;the house",
        "the {y} Theatre;the theatre",
        "the {c} History Museum;the museum",
    ],
    "union": [
        "the {y} union;the union",
        "the {k} Metalworkers' Union;the union",
        "{a};the union",
        "the United Service Workers;the union",
        "the {k} Federation of Teachers;the federation",
        "the {c} Employers' Association;the association",
    ],
    "court": [
        "the {c} Regional Court;the court",
        "the Higher Court of {c};the court",
        "the Supreme Court of {k};the court",
        "the {c} Labour Court;the court",
        "the Administrative Court in {c};the court",
    ],
    "society": [
        "the {y} Society;the society",
        "the {k} Academy of Sciences;the academy",
        "the {y} Trust;the trust",
        "the {k} Chamber of Commerce;the chamber",
        "the {y} Prize Committee;the committee",
        "the {c} Chamber of Crafts;the chamber",
    ],
    "operator": [
        "{c} Airport;the airport",
        "{k} Railways;the railway",
        "{c} Transit;the operator",
        "{y} Lines;the operator",
        "{y} Ferries;the company",
        "the Port of {c};the port",
        "{y} Air;the airline",
    ],
}
ROLES = {
    "company": "chief executive;chief financial officer;chairman of the supervisory board;head of research;"
    "spokesperson;"
    "chief technology officer;head of sales;plant manager;human resources director;general counsel",
    "startup": "chief executive;co-founder;chief technology officer;head of product;chief scientist;spokesperson",
    "bank": "managing partner;chief economist;chief executive;head of lending;chief risk officer;spokesperson",
    "university": "rector;professor of chemistry;professor of economics;dean of engineering;lead researcher;registrar",
    "ministry": "minister;deputy minister;permanent secretary;spokesperson;director of planning",
    "agency": "director general;deputy director;head of inspections;spokesperson;chief engineer",
    "club": "head coach;sporting director;club president;team captain;team doctor;treasurer",
    "council": "mayor;city treasurer;head of planning;council leader;transport commissioner;spokesperson",
    "museum": "director;chief curator;head of education;chair of the trustees;conservator;spokesperson",
    "union": "president;chief negotiator;general secretary;regional organiser;spokesperson",
    "court": "presiding judge;spokesperson;court president;registrar",
    "society": "president;secretary general;jury chair;treasurer;spokesperson",
    "operator": "managing director;operations manager;head of safety;spokesperson;head of ticketing",
}
# how else a post may be called in a question
ROLE_WORDS = {
    "chief executive": "ceo;chief executive officer;boss;head;chief executive",
    "chief financial officer": "cfo;finance chief;chief financial officer;person in charge of the finances",
    "chief technology officer": "cto;technology chief;chief technology officer;top technologist",
    "chairman of the supervisory board": "chairman;chair of the board;head of the supervisory board",
    "head of research": "research chief;head of research;director of research;person in charge of research",
    "spokesperson": "spokesperson;press officer;spokesman or spokeswoman",
    "head of sales": "sales chief;head of sales;sales director",
    "plant manager": "plant manager;factory boss;person running the factory",
    "human resources director": "hr director;personnel chief;human resources director",
    "general counsel": "general counsel;chief lawyer;top lawyer",
    "co-founder": "co-founder;founder",
    "rector": "rector;head;vice chancellor",
    "minister": "minister;head",
    "director general": "director general;head;boss",
    "head coach": "head coach;manager;trainer",
    "club president": "president;club president",
    "mayor": "mayor;head",
    "director": "director;head;boss",
    "managing director": "managing director;head;boss",
    "managing partner": "managing partner;senior partner",
    "chief economist": "chief economist;top economist",
    "city treasurer": "treasurer;finance chief;city treasurer",
    "sporting director": "sporting director;director of football",
    "chief curator": "chief curator;head curator",
    "chief negotiator": "chief negotiator;lead negotiator;head of the bargaining team",
    "jury chair": "jury chair;head of the jury;chair of the jury",
    "operations manager": "operations manager;head of operations",
    "presiding judge": "presiding judge;judge in charge",
}
TOP = {"chief executive", "rector", "minister", "director general", "mayor", "director", "managing director"}


def make_org(rng: random.Random, kind: str) -> Org:
    """An organisation of one of the kinds of ROLES."""
    if kind in SUFFIXES:
        return _company(rng, kind)
    full, noun = rng.choice(PUBLIC[kind]).split(";")
    letters = "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVZ") for _ in range(rng.randint(3, 4)))
    full = full.format(c=rng.choice(CITY_LIST), y=syllables(rng, 1, 2), k=rng.choice(COUNTRY_LIST), a=letters)
    return Org(full, full, noun, kind)


def make_person(rng: random.Random, org: Org) -> Person:
    """A person who holds some post at an organisation."""
    culture = rng.choice(CULTURES)
    gender = rng.choice("mmmfffn")
    pool = culture.men + culture.women if gender == "n" else culture.men if gender == "m" else culture.women
    first, last = rng.choice(pool), rng.choice(culture.last)
    if rng.random() < 0.12:
        last = syllables(rng, 1, 2)
    elif rng.random() < 0.07:
        last = f"{last}-{rng.choice(rng.choice(CULTURES).last)}"
    if rng.random() < 0.08:
        first = f"{first} {rng.choice(INITIALS)}."
    name = f"{last} {first}" if culture.family_first and rng.random() < 0.7 else f"{first} {last}"
    mark = ""
    if rng.random() < 0.2:
        mark = rng.choice(["Dr ", "Dr. ", "Professor ", "Prof. ", {"m": "Mr ", "f": "Ms "}.get(gender, "Dr ")])
    return Person(name, last, gender, org, rng.choice(ROLES[org.kind].split(";")), mark)


# ------------------------------------------------------------------ values

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _money(rng: random.Random, _year: int) -> str:
    number = rng.choice([rng.randint(2, 950), round(rng.uniform(1, 90), 1)])
    unit = rng.choice(["million"] * 4 + ["billion"])
    small = f"{rng.randint(20, 950)},{rng.choice(['000', '000', '500'])}"
    return rng.choice(
        [
            f"€{number} {unit}",
            f"${number} {unit}",
            f"£{number} {unit}",
            f"{number} {unit} euros",
            f"{number} {unit} dollars",
            f"{number} {unit} Swiss francs",
            f"SEK {number} {unit}",
            f"CHF {number} {unit}",
            f"{number} {unit} pounds",
            f"US${number} {unit}",
            f"¥{number} billion",
            f"{number} {unit} zloty",
            f"€{small}",
            f"${small}",
            f"{small} euros",
        ]
    )


def _price(rng: random.Random, _year: int) -> str:
    number = rng.choice([rng.randint(3, 99), rng.randint(100, 2900)])
    return rng.choice(
        [f"€{number}", f"${number}", f"£{number}.50", f"{number} euros", f"{number} dollars", f"CHF {number}"]
    )


def _day(rng: random.Random, year: int) -> str:
    day, month = rng.randint(1, 28), rng.choice(MONTHS)
    return rng.choice(
        [
            f"on {day} {month} {year}",
            f"on {month} {day}, {year}",
            f"on {day} {month}",
            f"on {month} {day}",
            f"on {rng.choice(DAYS)}, {day} {month}",
            f"in {month} {year}",
            f"in {month}",
        ]
    )


def _past(rng: random.Random, year: int) -> str:
    quarter = rng.choice(["first", "second", "third", "fourth"])
    if rng.random() < 0.7:
        return _day(rng, year)
    return rng.choice(
        [
            f"on {rng.choice(DAYS)}",
            f"in the {quarter} quarter of {year - 1}",
            "last autumn",
            "at the weekend",
            f"at the beginning of {year}",
            f"in early {rng.choice(MONTHS)}",
            f"on {rng.choice(DAYS)} evening",
            "two weeks ago",
        ]
    )


def _future(rng: random.Random, year: int) -> str:
    quarter = rng.choice(["first", "second", "third", "fourth"])
    later = year + rng.randint(0, 3)
    if rng.random() < 0.6:
        return _day(rng, later)
    return rng.choice(
        [
            f"in the {quarter} quarter of {later}",
            "next spring",
            f"by the end of {later}",
            f"in the second half of {later}",
            f"from {rng.choice(MONTHS)} onwards",
            f"at the end of {rng.choice(MONTHS)}",
            f"in mid-{later}",
            "after the summer break",
            f"in Q{rng.randint(1, 4)} {later}",
        ]
    )


def _int(rng: random.Random, _year: int) -> str:
    number = rng.choice(
        [rng.randint(15, 99), rng.randint(100, 999), rng.randint(10, 99) * 100, rng.randint(1, 90) * 1000]
    )
    return rng.choice(["", "", "", "about ", "more than ", "around "]) + f"{number:,}"


def _small(rng: random.Random, _year: int) -> str:
    return rng.choice(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "13",
            "14",
            "16",
            "18",
            "20",
        ]
    )


def _pct(rng: random.Random, _year: int) -> str:
    number = rng.choice([str(rng.randint(2, 79)), f"{rng.uniform(0.3, 30):.1f}"])
    return number + rng.choice([" percent", " per cent", "%"])


def _dur(rng: random.Random, _year: int) -> str:
    number = rng.choice(["two", "three", "four", "five", "six", "seven", "eight", "ten", "twelve", "15", "18"])
    return f"{number} {rng.choice(['years', 'years', 'months', 'weeks'])}"


def _place(rng: random.Random, _year: int) -> str:
    city = rng.choice(CITY_LIST)
    return rng.choice(
        [city, city, f"the {rng.choice(['south', 'north', 'west', 'centre'])} of {city}", f"the {city} area"]
    )


def _product(rng: random.Random, _year: int) -> str:
    name = syllables(rng, 1, 2)
    tail = rng.choice(
        ["", f" {rng.randint(2, 900)}", " Pro", " One", f" X{rng.randint(1, 9)}", f" {rng.randint(2, 9)}.0"]
    )
    return name + tail


VALUES: dict[str, Callable[[random.Random, int], str]] = {
    "money": _money,
    "price": _price,
    "past": _past,
    "fut": _future,
    "int": _int,
    "small": _small,
    "pct": _pct,
    "dur": _dur,
    "place": _place,
    "product": _product,
    "city": lambda rng, _year: rng.choice(CITY_LIST),
    "country": lambda rng, _year: rng.choice(COUNTRY_LIST),
    "wd": lambda rng, _year: "on " + rng.choice(DAYS),
    "year": lambda _rng, year: str(year),
    "old": lambda rng, year: str(year - rng.randint(4, 120)),
    "age": lambda rng, _year: str(rng.randint(29, 64)),
    "ver": lambda rng, _year: f"{rng.randint(1, 19)}.{rng.randint(0, 12)}",
    "site": lambda rng, _year: syllables(rng, 1, 2).lower(),
    "word": lambda rng, _year: syllables(rng, 1, 2),
}


# ------------------------------------------------------------------ topics
# topic NAME / S, O kinds of organisations / do base | past / ev noun / evl long noun phrase / hap base | past
# tail of the first sentence / mode fut past / use generic facts / reason, purpose, fill / list NAME values
# == fact kind [also=facts that answer too] [blur=do not ask while one of these is stated]
# - sentence   ? question   ! yes/no question

GENERIC = """
== date when
- {Evs} <is due to|is expected to|should|will> {hapb} {when}.
- {When}, {evs} {happ}.
- <According to the timetable|If all goes to plan>, {evs} will {hapb} {when}.
- {S} {act} {when}.
? when {aux} {S} {do}
? when {hapq}
? when {aux} {S} {do}
? what is the <date|timing|schedule> of {ev}
? {S} {evn} date
? <how soon|at what point in time> {aux} {S} {do}
? in what <month|period> {aux} {S} {do}
? what is the time frame for {evs}
? {evn} {S} when
! {aux} {S} {do} {when}
! {hapq} {when2}
== announce when
- {S} <announced|made public|presented|unveiled> the plans for {evs} {past#ann}.
- The plans <were made public|became known|were first presented> {past#ann}.
? when were the plans for {evs} <announced|made public|presented|revealed>
? when did {S} <announce|unveil|make public> {evs}
? since when has {ev} been public knowledge
? announcement date {evn} {S}
! were the plans for {evs} announced {past#ann2}
== reason why
- {S} {act} because {reason}.
- The <main reason|background|explanation|decisive factor> is that {reason}.
- {Evs} <comes|follows> after a review which found that {reason}.
- <As|Since> {reason}, {S} {act}.
- The <decision was taken|step was necessary> because {reason}, {s} explained.
? why {aux} {S} {do} @purpose
? what is the <reason|background|explanation> for {ev} @purpose
? what <led to|prompted|is behind|triggered|caused> {evs} @purpose
? what made {S} {do} @purpose
? on what grounds {aux} {S} {do} @purpose
? how does {S} justify {evs} @purpose
? {evn} {S} reason @purpose
? how come {S} {act} @purpose
! {aux} {S} {do} because {reason}
== purpose purpose
- With {evs}, {S} <wants|aims|hopes|intends> to {purpose}.
- The <aim|goal|purpose|idea> of {evs} is to {purpose}.
- {Evs} is <meant|intended|designed> to {purpose}.
- {S} is pursuing one main objective: to {purpose}.
? what is the <aim|goal|purpose|objective|point> of {ev} %reason
? what does {S} <hope to achieve|want to achieve|intend> with {evs} %reason
? what is {evs} <meant|supposed|intended> to do
? what is {evs} good for %reason
? to what end {aux} {S} {do} %reason
? what does {S} expect from {evs} %reason
? {evn} {S} <goal|aims> %reason
! is {evs} meant to {purpose}
== condition condition
- {Evs} is still subject to <approval|a green light> <from|by> {body}.
- <Before that can happen|First>, {body} must <give their consent|agree|approve {evs}>.
- {Evs} will only {hapb} <with the consent of|if there is a go-ahead from> {body}.
- Approval by {body} is still <pending|outstanding>.
? <whose approval is|what approvals are> <needed|required|outstanding> for {evs}
? under what conditions will {S} {do}
? what is {evs} <subject to|dependent on|conditional on>
? who <still has to|must> <agree to|approve|sign off on|give the green light for> {evs}
? what could still <stop|block|prevent> {ev}
? {evn} approval pending
! does {evs} <still have to be approved|need anyone's consent|require approval>
== undecided undecided
- {S} has not yet <decided|made a decision on> {open}.
- It <is|remains> <open|unclear> {open}.
- <No decision has been made|There is no decision> so far on {open}.
? has {S} decided {open}
? is it clear yet {open}
? what has {S} not decided yet
? which question <is still open|remains open|is unresolved>
? is there a decision on {open}
== jobs_none jobs
- No jobs will be <cut|lost|affected> <as a result of|because of> {evs}, {s} <said|stressed>.
- {Evs} will not lead to <redundancies|job losses|dismissals>.
- All employees will keep their jobs.
? <will|does> {evs} <cost|lead to the loss of> jobs
? are there <layoffs|redundancies|job cuts> because of {evs}
? will <anybody|people|employees> <lose their jobs|be dismissed|be laid off> because of {evs}
? what happens to the <staff|workforce> after {evs}
! are jobs at risk at {S}
== contact contact
- <Media enquiries|Questions from journalists> <are answered by|should be sent to> {person#press} of the press office.
- The contact for <the media|journalists> is {person#press}.
? who is the <press contact|contact for the media|contact person> at {S}
? whom can journalists <ask|write to|get in touch with> about {evs}
? who answers questions from the <press|media> about {evs}
? press contact {S}
== nextstep when
- {S} will <publish|release|provide> more details {fut#next}.
- <Further information|The next update> will be <given|published|available> {fut#next}.
? when will <there be more details|more information be available|the next update come> about {evs}
? when does {S} <publish|release> further information
? when can we expect <news|an update> on {evs}
== adviser who
- {S} <was|is being> advised by {adv#a}.
- {adv#a} acted as <adviser|consultant> to {S}.
? who <advises|advised> {S} on {evs}
? which <firm|company|consultancy> <advised|supported|counselled> {S}
? <consultant|adviser> of {S} {evn}
== manager who
- {person#man} will <oversee|be in charge of|take responsibility for|coordinate> {evs}.
- Responsibility for {evs} <lies with|has been given to> {person#man}.
? who is <responsible for|in charge of|overseeing|coordinating> {evs}
? who <looks after|takes care of|runs> {evs} at {S}
? project lead {evn} {S}
! is {person#man2} in charge of {evs}
"""
OPEN = (
    "whether a second phase will follow;whether the name will be kept;how the costs will be shared;"
    "whether other sites will be included;who will be in charge from next year;whether there will be a trial period;"
    "where the main office will be;whether the scheme will be extended;how many people will be needed;"
    "whether outside partners can join"
)
REASONS = (
    "costs have risen sharply;demand has grown faster than expected;the old arrangement no longer met its needs;"
    "the existing contract has run out;many people had complained;competition has become tougher;"
    "a new law requires it;the previous attempt had failed;energy has become too expensive;"
    "skilled workers are hard to find;a safety review had found weaknesses;interest rates have come down"
)
PURPOSES = (
    "shorten delivery times;cut costs;reach younger people;become less dependent on imports;reduce emissions;"
    "attract skilled workers;gain a foothold in {country#foot};improve safety;simplify its structure;"
    "strengthen its position in the north;reduce waiting times;secure supplies of raw materials"
)
BODIES = (
    "the competition authorities;the shareholders;the works council;the supervisory board;the finance ministry;"
    "the regulator;the members;the city council;the European Commission;the building authority;the trustees"
)

TOPICS = """
topic acquisition
S company bank
O company startup
do buy {O} | bought {O}
do acquire {O} | acquired {O}
do take over {O} | took over {O}
do purchase {O} | purchased {O}
ev takeover; acquisition; deal; purchase; transaction
evl the takeover of {O}; the acquisition of {O}; the purchase of {O}
hap be completed | was completed
hap close | closed
tail [oplace:, which is based in {city#o},][price: for {money#price}]
mode fut past
use date announce reason purpose condition undecided jobs_none contact nextstep adviser manager
reason {O} has technology that {S} lacks; both serve the same customers; the founders of {O} want to retire
purpose add {item} to its range; enter the market for {item}; double its production of {item}
list item heat pumps; surgical instruments; car seats; hearing aids; payment terminals; frozen food; bicycles; sensors
fill Talks about {evs} had been going on for months.
fill {O} and {S} have known each other for a long time.
fill Many companies of this size are looking for buyers at the moment.
fill Buyers in this industry have become more cautious about the prices they pay.
== event what
? <which|what> company {aux} {S} <buy|acquire|take over|purchase|swallow|snap up>
? who <is buying|bought|is the buyer of|is the new owner of> {O}
? what happens to {O}
? <acquirer|buyer> of {O}
? into whose hands does {O} pass
! <{aux} {S} buy {O}|is {O} being taken over>
== price how_much
- The purchase price <is|amounts to|was put at> {money#price}.
- {S} <will pay|is paying|pays> {money#price} for {O}. +event
- {Evs} values {O} at {money#price}.
? how much <does|will> {S} pay for {O}
? what is the <purchase price|price tag|price>
? how <expensive|costly> <is|was> {ev}
? how much <is {O} worth|money changes hands|does {evs} cost>
? what sum is {S} putting on the table for {O}
? {O} purchase price
? what is {O} valued at in {evs}
! does {O} cost {money#price2}
== oplace where
- {O} is <based|headquartered> in {city#o}.
- The <home|head office> of {O} is in {city#o}.
? where is {O} <based|headquartered|located|at home>
? in which city <is the head office of {O}|does {O} have its seat>
? where does {O} come from
? {O} headquarters
! is {O} based in {city#o2}
== ostaff how_many
- {O} <employs|has> {int#ostaff} people.
- {int#ostaff} people work for {O}.
? how many <people work for|employees does|staff does> {O} <|have>
? what is the <headcount|size of the workforce> of {O}
? {O} <employees|headcount|staff>
! does {O} have {int#ostaff2} employees
== stake percent
- {S} will hold {pct#stake} of the shares in {O}.
- After {evs}, {pct#stake} of {O} will belong to {S}.
? <what percentage|how many percent|what share|how much> of {O} will {S} <own|hold|have>
? how <large|big> is the stake in {O}
? stake of {S} in {O}
== oname name
- The brand {O} will <be kept|continue to exist|not disappear>.
- Products will <still|continue to> be sold under the name {O}.
? <will|does> the name {O} <survive|disappear|change>
? what <happens to|becomes of> the brand {O}
? under what name will {O} operate
== seller who
- The seller is {adv#seller}.
- Until now, {O} <belonged to|was owned by|was in the hands of> {adv#seller}.
? who <is selling|sold|is the seller of> {O}
? <who owned|to whom did> {O} <before|belong until now>
? previous owner {O}
== ofounded when
- {O} was <founded|set up|established|started> in {old#o}.
? when was {O} <founded|set up|established|started>
? <how long has|since when has> {O} <existed|been around>
? {O} founding year
! was {O} founded in {old#o2}

topic partnership
S company startup university agency
O company bank university club
do work with {O} | agreed to work with {O}
do cooperate with {O} | agreed to cooperate with {O}
do team up with {O} | teamed up with {O}
do join forces with {O} | joined forces with {O}
ev partnership; cooperation; collaboration; agreement; alliance
evl the partnership with {O}; the cooperation with {O}; the agreement between {S} and {O}
hap begin | began
hap start | started
tail [field: in the field of {field}]
mode fut past
use date announce reason purpose undecided contact nextstep manager condition
reason {O} has many years of experience in this field; neither side can do it alone; both face the same problems
purpose develop {thing}; train more specialists; bring {thing} to market sooner; test {thing} under real conditions
list field battery recycling; digital health; water treatment; machine translation; low-cost housing; crop protection;
 rail maintenance; cyber security; plant-based food; medical imaging; vocational training; wind power
list thing a lighter battery; an early warning system; a cheaper test; a new type of filter; quieter engines
fill <The two organisations|Both sides> had already worked together on smaller projects.
fill Cooperation between organisations of this kind has become more common.
fill The field of {field#other} is changing quickly.
fill Talks about working together began at a trade fair.
== event who
? <who|which organisation> does {S} <work with|cooperate with|team up with|join forces with>
? who is the partner of {S}
? with whom {aux} {S} <sign|seal|conclude> an agreement
? what <have|are> {S} and {O} <agreed on|planning together>
? who are the <partners|parties>
! do {S} and {O} <work together|cooperate|join forces>
== field what
- {Evs} <covers|concerns|is about|relates to> {field}.
- <In essence|Above all>, the two sides want to work on {field}.
? what is {ev} about
? <in which field|in what area|on what> do {S} and {O} <work together|cooperate>
? what <topic|subject> does {evs} <cover|deal with>
? what will {S} and {O} do together
! is {evs} about {field#wrong}
== term duration
- {Evs} <will run|is set to last|has been concluded> for {dur#term}.
- The <term|duration> of the contract is {dur#term}.
? how long <will|does> {ev} <last|run>
? what is the <term|duration> of the contract
? for how many years have {S} and {O} <signed|committed themselves>
? <duration|term> {evn} {S} {O}
! does the contract run for {dur#term2}
== budget how_much
- The <two sides|partners> will <invest|contribute|spend> {money#bud} <in total|together>.
- {money#bud} <has been set aside|is available> for {evs}.
? how much <money|funding> <is available|goes into|is set aside for> {evs}
? what is the budget of {evs}
? how much do {S} and {O} <invest|spend|put in>
? {evn} {S} budget
== signed where
- The contract was signed in {place#sign}.
- <Representatives|Delegations> of both sides <signed|put their names to> the document in {place#sign}.
? where was the <contract|agreement|document> <signed|sealed|inked>
? in which <city|place> did {S} and {O} sign
? place of signature {S} {O}
! was the contract signed in {place#sign2}
== team how_many
- A joint team of {int#team} <specialists|engineers|researchers> will be <formed|set up>.
- {int#team} people from both sides will work on it.
? how many people will work <on the project|in the joint team>
? how <big|large> is the joint team
? size of the joint team of {S} and {O}
== exclusive yes_no
- {Evs} is not exclusive.
- Both sides <remain free|are still allowed> to work with others.
? is {evs} exclusive
? <can|may> {S} <also|still> work with <others|competitors of {O}>

topic funding
S startup
O bank
do raise fresh money from investors | raised fresh money from investors
do secure fresh capital | secured fresh capital
do close a funding round | closed a funding round
ev funding round; financing; investment round; capital increase
evl the funding round; the financing round of {S}
hap be closed | was closed
hap be completed | was completed
tail [amount:, {money#round} in all]
mode past fut
use date reason purpose undecided contact nextstep adviser announce
reason orders have tripled; the earlier funds are used up; investors have shown strong interest
purpose expand into {country#exp}; hire developers; finish its second prototype; build a sales team
fill Investors have become more selective over the past year.
fill {S} had raised money before, in smaller amounts.
fill Many young companies find it hard to obtain capital at present.
fill The shareholders of {S} include several private individuals.
== amount how_much
- The round <brought in|amounts to|totals> {money#round}.
- A total of {money#round} <flows|goes> to {S}. +event
? how much <money|capital|funding> {aux} {S} <raise|collect|secure|take in|get>
? what is the <size|volume> of {evs}
? how <big|large> is {evs}
? {S} funding amount
? with how much money do the investors back {S}
== lead who
- {Evs} was led by {O}.
- {O} <acted as lead investor|led {evs}|put in the largest share>.
? who <led|headed|was the lead investor in> {evs}
? who <invested|put money> in {S} @others
? <lead investor|main backer> of {S}
! did {O} lead {evs}
== others list
- {adv#i1}, {adv#i2} and {adv#i3} <also took part|are also on board|contributed as well>.
- <Further|Other> <backers|investors> <are|include> {adv#i1} and {adv#i2}.
? <who else|which other investors> <took part|put in money|joined>
? what other <backers|investors> <are there|are on board>
? who invested <besides|apart from> {O}
== valuation how_much
- {Evs} values {S} at {money#val}.
- This <puts|brings> the valuation of {S} to {money#val}.
? what is the valuation of {S}
? how much is {S} worth
? what <value|worth> do investors <put on|see in> {S}
? {S} valuation
! is {S} worth {money#val2}
== sofar how_much
- <To date|Since it was founded|In all>, {S} has raised {money#all}.
? how much has {S} raised <to date|so far|in all|altogether|since it was founded>
? total funding {S}
== product what
- {S} <makes|develops|builds|sells> {made}.
- The start-up is known for {made}.
? what does {S} <make|do|develop|produce|sell>
? what <is the product|are the products|is the business> of {S}
? what is {S} known for
list made software for dental clinics; drones that inspect bridges; a sweetener made from fungi; robots for orchards;
 sensors that detect leaks; an app for learning sign language; batteries without cobalt; recyclable packaging
== hires how_many
- {S} <plans|wants> to <hire|recruit|take on> {int#hires} people.
- {int#hires} <new jobs|positions> are to be <created|added>.
? how many <people|employees|new staff> will {S} <hire|recruit|take on>
? how many <jobs|positions> will be <created|added> at {S}
? {S} new jobs
! will {S} hire {int#hires2} people

topic launch
S company startup
O company
do launch {product#p} | launched {product#p}
do bring {product#p} to market | brought {product#p} to market
do release {product#p} | released {product#p}
ev launch; market launch; release; introduction
evl the launch of {product#p}; the introduction of {product#p}
hap take place | took place
tail
mode fut past
use date announce reason purpose undecided contact nextstep manager
reason customers had asked for a smaller model; the old model is ten years old; rivals offer something similar
purpose win back customers; reach small businesses; replace its previous model; make repairs easier
list thing a foldable bicycle; an electric van; a smart lock; a dishwasher for small flats; a hearing aid; a cordless
 drill;
 an e-reader; a heat pump; a children's watch; a portable printer; a coffee machine; a camera for divers
fill Customers are paying more attention to energy use than they used to.
fill The market for such products has grown every year.
fill Designers had worked on the new model in secret.
fill {S} sells its products both online and in shops.
== event what
? what {aux} {S} <launch|release|bring out|put on the market>
? what is the name of the new product from {S}
? who <makes|is the maker of|sells|is behind> {product#p}
? new product {S}
! {aux} {S} launch {product#p}
== what what
- {Product#p} is {thing}.
? what <is|exactly is> {product#p}
? what kind of <product|device> is {product#p}
? what is {product#p} used for %feature
== cost how_much
- {Product#p} <costs|will cost|is priced at|sells for> {price#p}.
- The <retail price|recommended price> <is|will be|starts at> {price#p}.
- Buyers have to pay {price#p}.
? how much <does|will> {product#p} cost
? what is the price of {product#p}
? how expensive is {product#p}
? what do <buyers|customers> pay for {product#p}
? {product#p} price
? how much money do I need for {product#p}
! does {product#p} cost {price#p2}
== markets where
- {Product#p} will <first|initially> be <sold|available> in {country#m1} and {country#m2}.
- The first markets are {country#m1} and {country#m2}.
? <where|in which countries> <can one buy|is|will> {product#p} <|be sold|be available>
? what are the first markets for {product#p}
? which countries get {product#p} first
? {product#p} availability countries
! is {product#p} sold in {country#m3}
== feature what
- {Product#p} <runs|works> for {dur#bat} without <maintenance|service>.
- <Unlike|In contrast to> its predecessor, {product#p} <can be repaired at home|works without an internet connection>.
- What is new is that {product#p} can be <controlled by voice|folded|taken apart>.
? what is <new|special|different> about {product#p}
? how does {product#p} differ from <its predecessor|older models>
? what can {product#p} do
? features of {product#p}
== weight how_many
- {Product#p} weighs {small#w} kilograms.
- Its weight is {small#w} kilograms.
? how <heavy|light> is {product#p}
? what does {product#p} weigh
? {product#p} weight
! does {product#p} weigh {small#w2} kilograms
== colours list
- {Product#p} <comes|is available> in {colour#1}, {colour#2} and {colour#3}.
? <in what colours|in which colours> is {product#p} available
? what colours does {product#p} come in
? {product#p} colours
! is there a {colour#1} {product#p}
list colour black; white; silver; dark green; red; yellow; navy blue; grey; copper; orange
== made where
- {Product#p} is <made|manufactured|assembled|produced> in {place#made}.
- <Production|Assembly> takes place in {place#made}.
? where is {product#p} <made|manufactured|produced|assembled>
? what is the place of manufacture of {product#p}
? where does {product#p} come from
! is {product#p} made in {place#made2}
== warranty duration
- Buyers get a guarantee of {dur#war}.
- The guarantee <lasts|runs for> {dur#war}.
? how long is the <guarantee|warranty>
? what <guarantee|warranty> comes with {product#p}
? {product#p} warranty
== preorder when
- <Orders can be placed|Advance orders are possible> {fut#pre}.
- {S} <starts|opens> pre-orders {fut#pre}.
? when can <one|I|customers> <order|reserve> {product#p}
? from when is it possible to pre-order {product#p}
? {product#p} pre-order

topic recall
S company
O agency
do recall {product#p} | recalled {product#p}
do withdraw {product#p} from sale | withdrew {product#p} from sale
do take {product#p} off the shelves | took {product#p} off the shelves
ev recall; recall campaign; withdrawal
evl the recall of {product#p}
hap begin | began
tail [reason: because {reason}]
mode past
use date reason contact nextstep manager
reason {hazard}
list hazard a part may overheat; small parts can come loose; glass splinters were found in samples; the brakes may fail;
 an allergen is missing from the label; salmonella was detected; the cable may cause electric shocks; a weld may crack
fill Recalls of this kind have become more frequent.
fill Retailers have been told and have cleared their shelves.
fill Other products made by {S} are safe to use.
fill {S} apologised to its customers.
== event what
? what {aux} {S} <recall|take off the shelves|withdraw|pull>
? which product is <affected|unsafe|being recalled>
? who <recalled|is recalling|makes> {product#p}
! is {product#p} being recalled
== units how_many
- {int#units} <units|pieces|items> are affected.
- The recall <covers|concerns|extends to> {int#units} units.
? how many <units|items|pieces> <are affected|have to go back|are covered>
? what is the <extent|scale> of {evs}
? number of units recalled {product#p}
! are {int#units2} units affected
== batch what
- Only <batches|items> with the number {word#b}-{int#b} are affected.
- The batch number {word#b}-{int#b} is printed on the <bottom|back|lid>.
? which batch is affected
? what is the <batch number|serial number> of the affected <items|products>
? how do I <know|recognise> whether my {product#p} is affected
? {product#p} batch number
== todo what
- Customers should <stop using it at once|return it to the shop|no longer use it> and <ask for a refund|contact the
 maker>.
- Owners are <asked|urged> to <take {product#p} back to where they bought it|throw {product#p} away>.
? what should <customers|owners|buyers> do
? what do I do with {product#p} now
? what <advice|instructions> does {S} give to owners
? can I go on using {product#p}
== injuries how_many
- {small#inj} people have been <injured|hurt> so far.
- {S} <knows of|has received reports of> {small#inj} injuries.
? how many people <were|have been> <injured|hurt|harmed>
? <was anybody|has anyone been> <hurt|injured|harmed>
? injuries caused by {product#p}
== refund how_much
- Customers will <get back|be refunded> {price#ref}.
- A refund of {price#ref} will be paid <|without a receipt>.
? how much <money|do customers> <will be refunded|get back>
? what refund <is paid|do buyers receive>
? refund {product#p}
== sold where
- {Product#p} was sold in {country#m1} and {country#m2}.
- The items were <on sale|available> in {country#m1} and {country#m2}.
? where was {product#p} sold
? in which countries was {product#p} <on sale|available>
? which countries are affected
! was {product#p} sold in {country#m3}
== hotline contact
- A telephone hotline has been set up under the number {phone#1}.
- Customers can call {phone#1}.
? what <number|phone number> can <customers|I> call
? is there a <hotline|telephone number> for {product#p}
? under what number can {S} be reached
== found who
- The fault was <found|discovered|noticed> by {finder}.
- It was {finder} who <noticed|discovered|reported> the <fault|problem>.
? who <found|discovered|noticed|came across> the <fault|problem|defect>
? how did the <fault|problem> come to light
? who reported the fault in {product#p}
list finder a customer in {city#f}; an independent laboratory; a member of staff; a consumer group; inspectors

topic appointment
S company university club museum agency operator
O company university club museum agency operator
do appoint {person#n} as {newrole} | appointed {person#n} as {newrole}
do name {person#n} {newrole} | named {person#n} {newrole}
do make {person#n} {newrole} | made {person#n} {newrole}
ev appointment; change; handover
evl the appointment of {person#n}
hap take effect | took effect
tail
mode fut past
use date announce reason purpose contact nextstep
reason the post had been vacant for months; the board wanted someone from outside; the workload had grown
purpose speed up decisions; give the field more weight; prepare for the next decade; bring in fresh ideas
list newrole head of purchasing; head of digital affairs; chief operating officer; head of logistics; legal director;
 head of communications; deputy director; head of sustainability; head of international relations; data protection
 officer
fill The search for a candidate was not easy.
fill {S} had looked at candidates from several countries.
fill Such posts are often filled from within.
fill Experience and patience are needed in this post.
== event who
? who {hasbeen} <appointed|named|made> {newrole} at {S}
? who is the new {newrole} <of|at> {S}
? what <post|position|job> does {person#n} <take up|get|take over>
? new {newrole} {S}
? whom {aux} {S} <choose|pick|select> as {newrole}
! is {person#n} the new {newrole}
== before what
- {Person#n} <previously|most recently> worked <for|at> {adv#prev}.
- {Person#n} <comes|joins> from {adv#prev}.
- Before <that|the move>, {person#n} was employed by {adv#prev}.
? where did {person#n} work <before|previously>
? what is the <previous employer|last employer> of {person#n}
? where does {person#n} come from professionally
? which <company|employer> is {person#n} leaving
? {person#n} previous job
! did {person#n} work for {adv#prev2} before
== predecessor who
- {Person#n} <succeeds|replaces|follows|takes over from> {person#pre}.
- The <predecessor|previous holder of the post> was {person#pre}.
? who is {person#n} <replacing|succeeding|following|taking over from> %whygo
? who <held the post before|was the predecessor of {person#n}|had the job before {person#n}> %whygo
? whose <successor|replacement> is {person#n} %whygo
! does {person#n} replace {person#pre2}
== whygo why
- {Person#pre} is <leaving|stepping down> because of {gone}.
? why is {person#pre} <leaving|stepping down|going>
? what is the reason for the departure of {person#pre}
list gone age; illness; a dispute over strategy; a new job abroad; family commitments; a loss of confidence
== age how_many
- {Person#n} is {age#n} years old.
- The {age#n}-year-old has <two|three> children.
? how old is {person#n}
? what is the age of {person#n}
? {person#n} age
? in what year of life is {person#n}
! is {person#n} {age#n2} years old
== studied where
- {Person#n} <studied|read|graduated in> {subject} in {city#stud}.
- {Person#n} holds a degree in {subject} from a university in {city#stud}.
? where did {person#n} <study|go to university|get a degree>
? what did {person#n} study
? what <education|degree|academic background> does {person#n} have
! did {person#n} study in {city#stud2}
list subject law; physics; history; business administration; mechanical engineering; biology; medicine; philosophy
== term duration
- The contract <runs|is valid> for {dur#term}.
- {Person#n} has signed for {dur#term}.
? how long is the contract of {person#n}
? for how long <is {person#n} appointed|has {person#n} signed>
? contract length {person#n}
== nation where
- {Person#n} <was born|grew up> in {country#nat}.
- {Person#n} is a <native|citizen> of {country#nat}.
? what country is {person#n} from
? where <was {person#n} born|did {person#n} grow up|is {person#n} from>
? nationality of {person#n}
== salary how_much
- {Person#n} will earn {money#sal} a year.
- The annual salary is {money#sal}.
? how much <does|will> {person#n} <earn|make|be paid>
? what is the <salary|pay|income> of {person#n}
? {person#n} salary

topic resignation
S company university club council agency
O company
do lose {person#n} | lost {person#n}
ev departure; resignation
evl the departure of {person#n}; the resignation of {person#n}
hap take effect | took effect
tail [oldrole:, the {newrole},]
mode fut
use date announce contact nextstep undecided
list newrole deputy chairman; head of purchasing; legal director; head of marketing; chief accountant; head of training;
 head of operations; deputy director; head of digital affairs
fill Rumours about {evs} had circulated for weeks.
fill Colleagues thanked {person#n} for many years of work.
fill Changes at the top are never easy.
fill Several other members of the management remain in office.
== oldrole role
- {Person#n} is <at present|currently> {newrole} <of|at> {S}.
? what <post|position|role|job> does {person#n} <hold|have> at {S}
? what is {person#n}'s <job|function|role>
? who is the {newrole} of {S}
? which post <becomes|falls> vacant
== why2 why
- {Person#n} is <leaving|going|stepping down> because of {gone}.
- The reason <given|named> for {evs} is {gone}.
? why <is|does> {person#n} <leaving|step down|go|resigning> %next
? what is the reason for {ev} %next
? what <prompted|led to|is behind> the decision of {person#n} %next
? {person#n} resignation reason %next
? on what grounds is {person#n} quitting %next
! is {person#n} leaving because of {gone}
list gone age; health problems; a dispute over strategy; a new job in {city#newjob}; family commitments;
 the poor results; an affair over expenses; a wish to return to research
== years duration
- {Person#n} <spent|worked> {dur#was} <in the post|there>.
- {Person#n} had <held the post|been in office> for {dur#was}.
? how long <was|had> {person#n} <in office|in the post|been with {S}>
? for how many years did {person#n} work for {S}
? {person#n} time in office
== successor who
- The successor <is|will be> {person#suc}.
- {Person#suc} will <take over|fill the post|step in>.
? who <will succeed|replaces|follows|takes over from> {person#n}
? who is the successor of {person#n}
? who gets the post of {newrole}
! will {person#suc2} take over from {person#n}
== payoff how_much
- {Person#n} will receive a <payment|settlement> of {money#pay}.
- The <settlement|severance payment> amounts to {money#pay}.
? how much <severance|money> does {person#n} get
? what <settlement|severance pay> does {person#n} receive
? payoff {person#n}
== next what
- {Person#n} <will move|is moving> to {adv#next}.
- In future, {person#n} will work for {adv#next}.
? where does {person#n} go <next|afterwards> %why2
? what will {person#n} do <next|afterwards|in future> %why2
? who is the new employer of {person#n} %why2

topic results
S company bank operator
O company
do report revenue of {money#rev} | reported revenue of {money#rev}
ev results; figures; annual results
evl the results for {year}; the figures for {year}
hap be published | were published
plural
tail [revyear: for {year}]
mode past
fill Analysts had followed the year closely.
fill The market as a whole had a mixed year.
fill Revenue and profit are affected by exchange rates.
fill Compared with its rivals, {S} is of medium size.
use contact nextstep undecided
== event how_much
? how much revenue did {S} <report|have|make>
? what were the sales of {S}
? {S} revenue
? what was the turnover of {S}
? how much did {S} take in
== profit how_much
- <Net profit|Profit> <rose|fell|came> to {money#prof} in {year}.
- {S} <earned|made a profit of> {money#prof}.
? how much profit did {S} make
? how much did {S} earn in {year}
? what was the profit of {S} in {year}
? what did {S} have left at the bottom line
? {S} profit {year}
? {S} <earnings|net income>
! did {S} earn {money#prof2}
== growth percent
- Revenue was {pct#growth} <higher|lower> than <a year earlier|in the previous year>.
- That is <an increase|a decline> of {pct#growth} <on|over> the previous year's revenue.
? by <how much|what percentage> did revenue <change|grow|fall|rise>
? how did revenue <develop|change> compared with the year before
? <increase|change> in sales {S} percent
== dividend how_much
- Shareholders will receive a dividend of {price#div} per share.
- The board <proposes|has proposed> a dividend of {price#div}.
? <what|how high is the> dividend <does {S} pay|>
? how much do shareholders <get|receive> per share
? what is paid out to the <owners|shareholders> of {S}
? {S} dividend
! is the dividend {price#div2}
== forecast what
- For the current year, {S} expects <growth|an increase> of {pct#fc}.
- {S} <forecasts|predicts|is counting on> <growth|a rise> of {pct#fc} this year.
? what does {S} <expect|forecast|predict> for the current year
? what is the <outlook|forecast|guidance> of {S}
? how does {S} see the <coming months|rest of the year>
? {S} outlook
== staff how_many
- {S} had {int#staff} employees at the end of the year.
- {int#staff} people were on the payroll at the end of {year}.
? how many <people|employees> <work for|does> {S} <|have>
? what is the headcount of {S}
? size of the workforce {S}
! did {S} have {int#staff2} employees
== debt how_much
- <Net debt|Debt> <stood at|was reduced to|rose to> {money#debt}.
- {S} owes its lenders {money#debt}.
? how much debt does {S} have
? how <indebted|deep in debt> is {S}
? {S} net debt
? how much does {S} owe
== orders how_much
- New orders <were worth|reached|came to> {money#ord}.
- The order book <is worth|stands at> {money#ord}.
? how much are the orders of {S} worth
? what is the value of the order book
? order intake {S}
== best what
- Business was <best|particularly good> in {country#best}.
- The strongest growth came from {country#best}.
? where did {S} <do best|grow most>
? which <market|country> <did best|grew fastest|was strongest>
? <strongest|best> market of {S}
== weak why
- Profit was <held back|burdened> by <higher energy costs|the cost of a lawsuit|a weak currency|the closure of a plant>.
? what <weighed on|held back|burdened> the profit
? why was the profit of {S} <not higher|held back>
? what <cost|hurt> {S} money
== meeting when
- The <annual meeting|shareholders' meeting> <will be held|takes place> {fut#agm}.
- Shareholders will <meet|gather> {fut#agm}.
? when <is|does> the <annual meeting|shareholders' meeting> <|take place>
? when do the shareholders of {S} meet
? date of annual meeting {S}

topic plant
S company startup
O council
do open a <plant|factory> in {place#pl} | opened a <plant|factory> in {place#pl}
do build a plant in {place#pl} | built a plant in {place#pl}
ev plant; factory; site; new plant
evl the plant in {place#pl}; the factory in {place#pl}
hap open | opened
hap start work | started work
tail [product: where {goods} <are to be|will be> made]
mode fut past
use date announce reason purpose condition undecided contact adviser manager
reason land there is cheap; {place#pl} is close to its customers; the old works had become too small
purpose make {goods} closer to its customers; double its output; replace an outdated works
list goods car batteries; wind turbine blades; chocolate bars; medical gloves; solar panels; garden tools; tyres;
 vaccines; wooden toys; microchips; glass bottles; insulation boards
fill The land had been empty for a long time.
fill Other towns had also tried to attract the plant.
fill {S} has plants in several other countries.
fill The building was designed by local architects.
== event where
? where {aux} {S} <build|open> a <factory|plant>
? what {aux} {S} <build|open|set up>
? who <is building|built|owns|runs> the <plant|factory> in {place#pl}
? location of the new plant of {S}
? in which <city|place|location> is the new factory of {S}
! {aux} {S} open a plant in {place#pl}
== invest how_much
- {S} is <investing|spending> {money#inv} <on|in> {evs}.
- The <investment|total cost> <amounts|comes> to {money#inv}.
? how much <does|will> {S} <invest|spend>
? what does {evs} cost
? how much money <goes|is going|flows> into {ev}
? how expensive is {ev}
? {S} {place#pl} investment
! does {evs} cost {money#inv2}
== jobs how_many
- {int#jobs} people will work there.
- {Evs} will <create|bring> {int#jobs} jobs.
? how many jobs <will be created|does {evs} bring|come to {place#pl}>
? how many people will <work|find work|be employed> <there|in {evs}>
? {S} {place#pl} jobs
? what does {evs} mean for employment
! does {evs} create {int#jobs2} jobs
== product what
- {Goods} will be <made|produced> there.
- {Evs} will <make|turn out|produce> {goods}.
? what will be <made|produced|manufactured> in {evs}
? what does {S} <make|produce> in {place#pl}
? products from {place#pl} plant
== capacity how_many
- {Evs} can make {int#cap} <units|pieces> a <day|week|month>.
- The capacity is {int#cap} <units|pieces> a <day|week|year>.
? what is the capacity of {evs}
? how many <units|pieces> can {evs} <make|turn out|produce>
? how much can {evs} produce
== area how_many
- The site <covers|measures> {int#area} square metres.
- {Evs} stands on {int#area} square metres of land.
? how <big|large> is the site
? what area does {evs} cover
? how many square metres does {evs} have
== subsidy how_much
- The state is contributing {money#sub}.
- {money#sub} comes from public funds.
? how much <does the state contribute|public money is involved|state aid is there>
? what subsidy does {S} get
? subsidies for {evs}
== power what
- {Evs} will <run on|be powered by|get its energy from> {energy}.
? what powers {evs}
? where does {evs} get its <energy|electricity|power>
? what kind of energy does {evs} use
list energy solar power; wind energy; natural gas; waste heat from a steelworks; hydropower; geothermal heat

topic wages
S company operator council
O union
do raise pay under a deal with {O} | raised pay under a deal with {O}
do increase wages after talks with {O} | increased wages after talks with {O}
ev wage deal; pay agreement; settlement
evl the wage deal with {O}; the pay agreement between {S} and {O}
hap come into force | came into force
tail
mode fut past
use date reason announce undecided condition contact
reason living costs have gone up; warning strikes had halted work; staff had been leaving
fill Talks had broken down twice.
fill Pay in this industry varies from region to region.
fill Both sides spoke of a long night.
fill Wages are a matter of dispute in many places.
== event who
? with whom <did|does> {S} <agree on|negotiate> <pay|wages>
? who <negotiated|signed> {evs}
? which union <is|was> involved in {evs}
? parties {evn} {S}
== raise percent
- <Pay|Wages> will <rise|go up> by {pct#raise}.
- Employees <will get|receive> {pct#raise} more.
? how much more <pay|money> do employees get
? by <how much|what percentage> do <wages|salaries> <rise|go up>
? what is the size of the pay rise
? what pay increase <did|does> {O} achieve
? {S} pay rise percent
! do wages rise by {pct#raise2}
== affected how_many
- {Evs} <covers|applies to> {int#aff} employees.
- {int#aff} people will benefit from {evs}.
? how many <people|employees> <benefit from|are covered by> {evs}
? to how many people does {evs} apply
? number of employees covered {evn}
! does {evs} apply to {int#aff2} people
== runs duration
- {Evs} <is valid|runs> for {dur#runs}.
? how long <is {evs} valid|does {evs} run>
? what is the term of {evs}
? duration {evn}
== oneoff how_much
- In addition, <everyone|each employee> gets a one-off payment of {price#bonus}.
- A bonus of {price#bonus} will be paid <with the next salary|in two parts>.
? how much is the <bonus|one-off payment>
? what <bonus|one-off payment> <is there|do employees get>
? bonus {S} staff
! is the bonus {price#bonus2}
== hours how_many
- The working week will be <cut|shortened> to {small#hours} hours on four days.
- Night shifts will be limited to {small#hours} a month.
? what changes in working time <are there|were agreed>
? what happens to <working hours|shifts>
== demanded percent
- {O} had <demanded|asked for|called for> {pct#dem}.
- The original demand was {pct#dem}.
? what did {O} <demand|ask for|want> originally
? how much had {O} <demanded|called for>
? original demand of {O}
== rounds how_many
- It took {small#rounds} rounds of talks to reach {evs}.
- The two sides met {small#rounds} times.
? how many <rounds of talks|meetings> <were needed|were there>
? how often did the two sides meet
? number of negotiating rounds

topic ruling
S court
O company bank
do order {O} to pay damages | ordered {O} to pay damages
do rule against {O} | ruled against {O}
do find {O} liable | found {O} liable
ev ruling; judgment; verdict; decision
evl the ruling against {O}
hap be announced | was announced
tail [ground: for {offence}][dam:, which amount to {money#dam}]
mode past
use date contact nextstep
fill The hearing lasted several hours.
fill Courts in other countries have decided differently.
fill Damages of this kind are rarely paid.
fill Lawyers on both sides had prepared long papers.
== event what
? <what|how> did {S} <decide|rule>
? who was <ordered to pay|found liable>
? what was the outcome of the case against {O}
? <did {S} rule against {O}|who lost the case>
! was {O} found liable
== dam how_much
- The damages amount to {money#dam}.
- {O} must pay {money#dam}.
? how much does {O} have to pay
? how <high|large> are the damages
? what sum was awarded
? {O} damages amount
! does {O} have to pay {money#dam2}
== ground why
- The case <was about|concerned|dealt with> {offence}.
- {O} was found guilty of {offence}.
? what was the case about
? what did {O} do wrong
? why was {O} <ordered to pay|found liable|taken to court>
? what was {O} accused of
== plaintiff who
- The case was brought by {person#pl}.
- The plaintiff <is|was> {person#pl}.
? who <sued|brought the case|took {O} to court>
? who is the plaintiff
? who filed the lawsuit against {O}
! was the case brought by {person#pl2}
== appeal yes_no
- {O} <has announced that it will|intends to|will not> appeal.
- The judgment can <still|no longer> be <appealed|challenged>.
? will {O} appeal
? <is an appeal possible|can the judgment still be challenged>
? is the <judgment|ruling> final
? {O} appeal
== judge who
- Presiding judge {person#judge} read out the reasons.
- The chamber was chaired by judge {person#judge}.
? who was the judge
? which judge <decided|heard> the case
? who read out the reasons
== filenumber what
- The file number is {word#file} {int#file}.
? what is the <file number|case number|reference>
? under which file number can the ruling be found

topic signing
S club
O club
do sign {person#n} from {O} | signed {person#n} from {O}
do bring in {person#n} from {O} | brought in {person#n} from {O}
ev transfer; signing; move
evl the transfer of {person#n}; the signing of {person#n}
hap be completed | was completed
tail [fee: for {money#fee}]
mode fut past
use date reason purpose condition contact
reason two players are injured; the team lacked experience; fans had called for a new player
purpose avoid relegation; win the cup; strengthen the defence; replace an injured player
fill Supporters welcomed {person#n} at the stadium.
fill Clubs have spent a great deal this season.
fill {O} had a good season.
fill Training resumed at once.
== event who
? who {aux} {S} <sign|bring in>
? whom did {S} <get|recruit> from {O}
? <which club is {person#n} leaving|from which club does {person#n} come>
? who is the new player at {S}
? {person#n} new club
! does {person#n} join {S}
== fee how_much
- The <transfer fee|fee> <is|amounts to> {money#fee}.
- {O} receives {money#fee} for {person#n}.
? how much does {S} pay for {person#n}
? what is the transfer fee
? how expensive is {person#n}
? what does {O} get for {person#n}
? {person#n} fee
! does {person#n} cost {money#fee2}
== contract duration
- {Person#n} <has signed a contract for|will stay for> {dur#con}.
- The contract <runs|is valid> for {dur#con}.
? how long is the contract of {person#n}
? for how long has {person#n} signed
? {person#n} contract
! has {person#n} signed for {dur#con2}
== position role
- {Person#n} plays <in|as> {position}.
? <what position|where> does {person#n} play
? what is {person#n}'s position
list position goal;midfield;defence;attack;a winger
== age how_many
- {Person#n} is {age#n} years old.
? how old is {person#n}
? {person#n} age
== shirt what
- {Person#n} will wear the number {small#shirt}.
? what <number|shirt number> will {person#n} <wear|have>
? number of {person#n}
== goals how_many
- {Person#n} scored {small#goals} goals last season.
- Last season, {person#n} found the net {small#goals} times.
? how many goals did {person#n} score
? how <often|many times> did {person#n} score
? {person#n} goals
== debut when
- {Person#n} <could|is expected to> play for the first time {fut#deb}.
? when will {person#n} <play|make a debut|be on the pitch>
? first match of {person#n}

topic exhibition
S museum
O museum university
do show works by {person#art} | showed works by {person#art}
do put on an exhibition about {person#art} | put on an exhibition about {person#art}
ev exhibition; show; display
evl the exhibition about {person#art}
hap open | opened
tail
mode fut past
use date purpose reason announce adviser contact
reason the artist would have turned one hundred; a private collection was donated; the works were found in an attic
purpose reach new visitors; show an overlooked side of the artist; raise money for repairs
fill Visitors can see the rooms on foot.
fill The artist was popular among collectors.
fill Museums in other cities have shown similar works.
fill Tickets for other events are sold separately.
== event who
? <whose works|which artist> {aux} {S} show
? who is the exhibition about
? what {aux} {S} <show|exhibit|display>
? exhibition {S}
! {aux} {S} show works by {person#art}
== works how_many
- {int#works} works <are|were> on show.
- {Evs} comprises {int#works} <pieces|works>.
? how many <works|pieces> <are on show|does {evs} include>
? what is the size of {evs}
? number of works {evn} {S}
! does {evs} have {int#works2} works
== ticket how_much
- Admission costs {price#tic}.
- A ticket for {evs} costs {price#tic}.
? how much <is|does> <admission|a ticket> <|cost>
? what does it cost to get in
? entrance fee {S}
? what do visitors pay
! does a ticket cost {price#tic2}
== hours when
- {Evs} is open daily except on {day#closed}.
- On {day#closed}, {evs} is closed.
? on which day is {evs} closed
? what are the opening <hours|days>
? when <can I not visit|is> {evs} <|closed>
list day Mondays;Tuesdays;Wednesdays;public holidays
== until when
- {Evs} <runs|can be seen> until {tilldate}.
? until when <is {evs} open|can {evs} be seen>
? when does {evs} <end|close|finish>
? last day of {evs}
list tilldate the end of March; 6 January; 30 September; the middle of June; Easter Monday; 17 November
== curator who
- {Evs} was <curated|put together|arranged> by {person#cur}.
? who <curated|put together|arranged> {evs}
? who is the curator of {evs}
? curator {evn} {S}
== loans who
- {adv#loan} has lent {small#loan} pictures.
- Several loans come from {O}.
? who has lent <works|pictures>
? where do the loans come from
? which <lenders|institutions> supported {evs} with loans
== insurance how_much
- The works are insured for {money#ins}.
? how much are the works insured for
? what is the insured value
? what are the works worth

topic council
S council
O company operator
do ban cars from {street} | banned cars from {street}
do renovate the {building} | renovated the {building}
do close {street} to lorries | closed {street} to lorries
ev plan; project; scheme; decision
evl the plan for the town; the project of {S}
hap be implemented | was implemented
hap begin | began
tail
mode fut
use date reason purpose condition undecided announce nextstep manager contact
reason residents had complained of noise; an accident had happened there; a report had found damage
purpose make the streets quieter; save energy; make the centre more attractive; protect children on their way to school
list street Station Road; Mill Lane; the market square; Castle Street; Harbour Avenue; the old bridge
list building indoor pool; town hall; fire station; public library; sports hall; concert hall
fill The council had discussed the subject before.
fill Residents followed the debate from the gallery.
fill Cars have become more numerous in recent years.
fill The buildings in the centre are more than a century old.
== votes how_many
- {Evs} was <passed|adopted|approved> with {small#yes} votes to {small#no}.
- {small#yes} members voted in favour and {small#no} against.
? how many <members voted in favour|votes were there|voted against>
? what was the result of the vote
? how <clear|close> was the majority
? vote {S} {evn}
== cost how_much
- {Evs} will cost {money#cost}.
- {S} has set aside {money#cost} for {evs}.
? how much does {evs} cost
? what is the bill for {evs}
? how expensive is {evs}
? what will {S} have to pay for {evs}
! does {evs} cost {money#cost2}
== payer who
- The costs will be <borne|met|covered> by {adv#payer}.
- Half of the money comes from {adv#payer}.
? who <pays|bears the costs|foots the bill>
? where does the money come from
? who finances {evs}
== builder who
- The work has been <awarded|given> to {O}.
- {O} will carry out the work.
? who <carries out|does|got> the work
? which company <won the contract|is doing the work>
? contractor {evn} {S}
== works duration
- The work will <take|last> {dur#works}.
? how long will the work <take|last>
? duration of the work
! will the work take {dur#works2}
== against who
- {person#anti} voted against because {antiwhy}.
- {person#anti} opposed {evs} because {antiwhy}.
? who <was against|opposed|objected to> {evs}
? why did {person#anti} <vote against it|oppose {evs}>
? what arguments were there against {evs}
list antiwhy the costs are too high; traders fear for their income; residents were not consulted; there are other
 priorities
== exempt who
- {exempt} are <exempt|not affected>.
- An exception <is made|applies> for {exempt}.
? who is <exempt|not affected>
? what exceptions are there
? for whom does {evs} not apply
list exempt residents; ambulances; bicycles; delivery vans before ten o'clock; people with disabilities

topic software
S company startup society
O company
do release version {ver#v} of {product#p} | released version {ver#v} of {product#p}
do publish {product#p} {ver#v} | published {product#p} {ver#v}
ev release; update; new version
evl the release of version {ver#v}; the update of {product#p}
hap be available | became available
tail
mode fut past
use date reason purpose announce nextstep contact
reason users had reported crashes; a security hole had been found; the old interface was confusing
purpose make searching faster; close security holes; save memory; make setting it up easier
fill The program is written by a small team.
fill Users had tested earlier versions for weeks.
fill Updates of this sort appear regularly.
fill Memory and speed are often criticised.
== feature what
- New in this version is {feat}.
- The most important change is {feat}.
? what is new in <version {ver#v}|{product#p}>
? what has changed in {product#p}
? which features were added to {product#p}
? {product#p} {ver#v} new features
list feat a dark mode; support for passkeys; an offline mode; a plug-in system; automatic backups; a calendar view
== removed what
- {gone2} <has been removed|is no longer supported|was dropped>.
? what <has been removed|is no longer supported|was dropped>
? what <features|parts> did {S} <drop|take out>
list gone2 Support for 32-bit systems; The built-in chat; The old file format; The free trial; Import from paper
== licence what
- {Product#p} is <published|distributed> under the {lic} licence.
? what licence does {product#p} <have|use>
? under which licence is {product#p} <published|distributed>
? {product#p} licence
list lic MIT; GPL; Apache; BSD; a commercial
== systems list
- {Product#p} runs on {os#1} and {os#2}.
- Supported systems are {os#1} and {os#2}.
? <on which systems|where> does {product#p} run
? which operating systems are supported
? does {product#p} <run on|support> {os#1}
list os Windows; Linux; macOS; Android; iOS; FreeBSD
== fee how_much
- A subscription costs {price#sub} a <month|year>.
- {Product#p} is offered for {price#sub} a <month|year>.
? how much does {product#p} cost
? what is the price of a subscription
? is {product#p} free
? {product#p} price
== bugs how_many
- {int#bugs} errors have been <corrected|fixed>.
? how many <bugs|errors> were <fixed|corrected>
? number of fixes in {product#p}
== support duration
- Version {ver#v} will receive updates for {dur#sup}.
? how long will version {ver#v} be supported
? for how long are there updates for {product#p}
== users how_many
- {Product#p} has {int#users} users.
- {int#users} people use {product#p}.
? how many <people use|users does> {product#p} <|have>
? how widespread is {product#p}
! does {product#p} have {int#users2} users

topic disruption
S operator
O company
do cancel {int#can} departures | cancelled {int#can} departures
do suspend services to {city#line} | suspended services to {city#line}
do close the line to {city#line} | closed the line to {city#line}
ev disruption; closure; interruption
evl the disruption at {S}
hap begin | began
tail [cause: because of {cause}]
mode past fut
use date nextstep contact
list cause a storm; a burst water pipe; a signal failure; a strike; heavy snow; a landslide; repairs; a software fault
fill Passengers waited on the platforms.
fill Services to other cities are running normally.
fill Storms and snow have caused problems in the past.
fill Staff handed out water to passengers.
== event what
? what <is|was> <cancelled|closed|suspended> <by|at> {S}
? which <services|connections> of {S} are <affected|disrupted>
? {S} disruption
== cause why
- The <cause|reason> was {cause}.
- {cause} <was|is> <the trigger|to blame>.
? what <caused|led to|is behind> {evs}
? why <were services cancelled|is there a disruption>
? what is the cause of {ev}
? {S} {evn} cause
! is {cause#x} to blame for {evs}
== until when
- Normal service is expected to resume {fut#res}.
- {Evs} <is expected to|will> end {fut#res}.
? when does {evs} end
? when will <everything|services> be back to normal
? how long <will|does> {evs} last
? until when are services affected
== pax how_many
- {int#pax} passengers are affected.
? how many <passengers|people|travellers> are affected
? how many people were stranded
! are {int#pax2} passengers affected
== replacement what
- {repl} will be <provided|put on|offered>.
? what <alternatives|replacements> are there
? how do passengers get <to their destination|on>
? what is {S} doing for stranded passengers
list repl Replacement buses; Taxis; Extra ferries; Hotel rooms; Shuttle trains
== money how_much
- Passengers can claim {price#comp} in compensation.
? how much compensation <is there|do passengers get>
? what can passengers claim
== damage how_much
- The damage is put at {money#dmg}.
? how <high|great> is the damage
? what does the damage amount to
! does the damage amount to {money#dmg2}

topic prize
S society museum university
O university company
do award the {word#pz} Prize to {person#n} | awarded the {word#pz} Prize to {person#n}
do honour {person#n} with the {word#pz} Prize | honoured {person#n} with the {word#pz} Prize
ev prize; award; honour
evl the {word#pz} Prize; the award for {person#n}
hap be presented | was presented
tail [worth:, which is worth {money#pz}]
mode fut past
use date announce manager contact
fill The prize has been awarded for many years.
fill Former winners come from all over the world.
fill {person#n} thanked colleagues and friends.
fill There were many good candidates this year.
== event who
? who <wins|won|gets|receives|was given> the {word#pz} Prize
? what prize does {person#n} <get|receive|win>
? winner of the {word#pz} Prize
? who is being <honoured|celebrated> by {S}
? who <awards|hands out> the {word#pz} Prize
! does {person#n} win the {word#pz} Prize
== worth how_much
- The prize <is worth|is endowed with|comes with> {money#pz}.
- The winner receives {money#pz}.
? how much is the <prize|{word#pz} Prize> worth
? how much money does {person#n} get
? what is the prize money
? {word#pz} prize money
! is the prize worth {money#pz2}
== merit why
- {Person#n} is being honoured for {merit}.
- The jury praised {person#n}'s {merit}.
? what is {person#n} being honoured for
? why does {person#n} <get|win> the prize
? what did the jury praise
? for what <achievement|work> is the prize given
list merit work on malaria; novels about migration; research into glaciers; commitment to refugees; discoveries in
 optics
== where where
- The <ceremony|presentation> <is|will be> held in {place#cer}.
? where is the prize <presented|handed over>
? in which <city|place> is the ceremony
! is the ceremony held in {place#cer2}
== laudatio who
- The speech in honour of the winner will be given by {person#laud}.
? who gives the <speech|eulogy|laudatory speech>
? speaker at the ceremony
== entries how_many
- The jury chose from {int#ent} entries.
- {int#ent} people had <applied|been nominated>.
? how many <entries|applicants|candidates|nominations> were there
? from how many candidates was the winner chosen
== jury list
- The jury <included|consisted of> {person#j1}, {person#j2} and {person#j3}.
? who <sat on|was on|belonged to> the jury
? who were the judges
? <members|composition> of the jury
! was {person#j1} on the jury

topic research
S university agency
O university company
do find out that {finding} | found out that {finding}
do show that {finding} | showed that {finding}
ev study; research; investigation
evl the study on the subject; the research at {S}
hap be published | was published
tail
mode past
use date contact nextstep
list finding bees prefer urban gardens; short naps improve memory; a common mineral absorbs lead; songbirds adapt to
 noise;
 old tyres make roads quieter; a walk after meals lowers blood sugar; music speeds up recovery; moss cleans the air
fill Earlier work had come to different results.
fill Laboratories around the world work on the subject.
fill The findings have been checked by independent experts.
fill Volunteers were found through posters.
== event what
? what did <{S}|researchers at {S}> <find out|discover|show>
? what is the <result|finding|conclusion> of {evs}
? what does {evs} show
? {S} study result
== sample how_many
- {int#sam} <people|volunteers> took part in {evs}.
- The team <analysed|looked at> data from {int#sam} people.
? how many people took part in {evs}
? how <big|large> was the sample
? on how many people is {evs} based
! did {int#sam2} people take part in {evs}
== journal where
- The findings <appeared|were printed> in the <journal|magazine> {word#jour} Letters.
? where were the findings <published|printed>
? in which journal did {evs} appear
? journal {S} {evn}
== money2 who
- {Evs} was <paid for|funded|financed> by {adv#fund}.
? who <paid for|funded|financed> {evs}
? where did the money for {evs} come from
? who is behind {evs} financially
== length duration
- {Evs} <lasted|took> {dur#len}.
- The team observed the participants for {dur#len}.
? how long did {evs} <last|take|run>
? over what period were the participants observed
== effect percent
- The effect was {pct#eff} on average.
? how <strong|big|large> was the effect
? by how much did the values change
== limit what
- The authors point out that {limit}.
- One weakness is that {limit}.
? what are the <limits|weaknesses> of {evs}
? what do the authors <warn of|point out>
list limit only men took part; the sample was small; the effect may wear off; the cause is not known
== leader who
- The team was <led|headed> by {person#lead}.
? who <led|headed|was in charge of> the team
? who is the lead author
? whose study is it
! did {person#lead2} lead the team

topic cuts
S company bank operator
O union
do cut {int#cut} jobs | cut {int#cut} jobs
do shed {int#cut} jobs | shed {int#cut} jobs
ev job cuts; cutbacks
evl the job cuts at {S}
hap begin | began
plural
tail [site: in {place#site}]
mode fut
fill The economy has been weak for some time.
fill Jobs in this industry have been cut at many firms.
fill Employees gathered at the gate.
use contact nextstep undecided
== event how_many
? how many <jobs|positions> will {S} <cut|shed|axe>
? how many people <will lose|are losing> their jobs at {S}
? number of redundancies {S}
! will {S} cut jobs
== site where
- The cuts <affect|hit|concern> the site in {place#site}.
? where <are jobs being cut|do people lose their jobs>
? which site is affected
? in which town are the cuts
! is the site in {place#site2} affected
== whyc why
- The <company|firm> <says|explained> that {reason}.
- The cuts are necessary because {reason}.
? why does {S} cut jobs
? what is the reason for the cuts
? how does {S} justify the <cuts|redundancies>
? what prompted {S} to reduce its workforce
== whenc when
- The first employees will leave {fut#c}.
- The cuts will start {fut#c}.
? when do the <cuts|redundancies> <start|begin>
? when will the first <employees|people> have to go
? {S} job cuts date
== saving how_much
- {S} hopes to save {money#save} a year.
? how much <money|> does {S} want to save
? what savings does {S} expect
! does {S} save {money#save2}
== package how_much
- Those affected will be offered {money#pack} in severance pay.
? how much severance pay is there
? what are those affected <offered|paid>
== forced yes_no
- There will be no forced redundancies.
- {S} cannot rule out forced redundancies.
? will there be forced redundancies
? are there dismissals against people's will
== protest what
- {O} has called <a strike|a protest|for talks>.
- {O} criticised the cuts and called for new talks.
? how does {O} <react|respond>
? what does {O} do about it
? reaction of {O}

topic correction
S company agency museum university
O company
do correct a statement about {O} | corrected a statement about {O}
do correct an earlier announcement | corrected an earlier announcement
ev correction; amendment
evl the correction by {S}
hap be published | was published
tail
mode past
use date contact
fill Mistakes of this kind are rare.
fill {S} regrets the error.
fill The remaining figures are unchanged.
fill Readers had written to point out the mistake.
== figure how_many
- The correct number is {int#right}, not {int#wrong}.
- An earlier version gave the number as {int#wrong}; it is {int#right}.
? what is the correct number
? which number was wrong
? what figure did the earlier version give
! is the correct number {int#right2}
== name who
- The name of the <head of department|author|speaker> is {person#ok}, not {person#bad}.
? what is the correct name
? which name was <misspelt|wrong>
! is {person#bad} the right name
== place where
- The event takes place in {city#ok}, not, as stated, in {city#bad}.
? where does the event really take place
? which place was <wrong|stated by mistake>
! does the event take place in {city#bad}
== day when
- The correct date is {correctdate}.
? what is the correct date
? which date is right
list correctdate 3 May; 14 June; 30 August; 1 October; 22 February
== cause why
- The mistake <was due to|happened because of> {slip}.
? how did the mistake <happen|come about>
? why was the first version wrong
? what caused the error
list slip a mix-up of two tables; an outdated document; a translation error; a typing error; a misunderstanding
== noticed who
- The mistake was <noticed|spotted> by {person#spot}.
? who <noticed|spotted|found> the mistake
? who pointed out the error

topic conference
S society university union agency
O university company
do hold a conference on {theme} | held a conference on {theme}
do host a meeting on {theme} | hosted a meeting on {theme}
do organise a symposium on {theme} | organised a symposium on {theme}
ev conference; meeting; symposium
evl the conference on {theme}
hap take place | took place
tail [city: in {place#conf}]
mode fut past
use date purpose manager contact nextstep
list theme drinking water; rural schools; rare diseases; night trains; forest fires; data protection; urban farming;
 ocean plastics; housing; the future of work
fill The subject has been discussed at other meetings.
fill Rooms and meals are organised by volunteers.
fill Speakers were given twenty minutes each.
fill Participants receive a folder with documents.
== event what
? what <is|was> {evs} about
? who <hosts|organises|is behind> {evs}
? what {aux} {S} <organise|host|hold>
? topic of {evs}
== city where
- {Evs} <takes|took> place in {place#conf}.
- The venue is in {place#conf}.
? where <is|was> {evs} held
? in which <city|place> <is|was> {evs}
? what is the venue of {evs}
? {S} {evn} location
! is {evs} held in {place#conf2}
== numbers how_many
- {int#part} people from {small#land} countries have <registered|signed up>.
? how many people <signed up|registered>
? how many <participants|countries> are expected
? from how many countries do participants come
== keynote who
- The opening speech <is|will be> given by {person#key}.
- {Person#key} opens {evs} with a speech.
? who <gives the opening speech|opens {evs}|is the keynote speaker>
? keynote {evn} {S}
! does {person#key2} give the opening speech
== fee how_much
- Taking part costs {price#fee}.
- The fee is {price#fee}; students pay nothing.
? how much does it cost to take part
? what is the <fee|price of admission>
? is {evs} free
! does it cost {price#fee2} to take part
== deadline when
- Registration <closes|is possible until> {deaddate}.
? when is the deadline for registration
? until when can <one|I|people> <sign up|register>
? how long is registration open
list deaddate at the end of April; on 15 May; on 1 September; on 20 October; in mid-January
== outcome what
- The participants <agreed on|adopted> {outcome}.
- The result is {outcome}.
? what <was the result|came out> of {evs}
? what did the participants <agree on|decide|adopt>
list outcome a joint declaration; a ten-point plan; a new working group; a petition to the government
== sponsor who
- {Evs} is <supported|sponsored> by {adv#spon}.
? who <supports|sponsors> {evs}
? sponsor of {evs}
"""

# facts about any organisation, asked about the main one and about a third one; written like the facts of topics
SIDE = """
== hq where
- {X} is <based|headquartered> in {city#hq}.
- {X}, which has its head office in {city#hq}, {harmless}.
? where is {X} <based|headquartered|located>
? in which city is the head office of {X}
? what is the <seat|home town> of {X}
? {X} headquarters
! is {X} based in {city#hq2}
== founded when
- {X} was <founded|established|set up> in {old#f}.
- {X} has <existed|been around> since {old#f}.
? when was {X} <founded|established|set up|started>
? how <old|long established> is {X}
? since when has {X} existed
? {X} founding year
! was {X} founded in {old#f2}
== founder who
- {X} was <started|founded|created> by {person#founder}.
- The founder of {X} is {person#founder}.
? who <founded|started|created|set up> {X}
? who is the founder of {X}
? {X} founder
! did {person#founder2} found {X}
== staff how_many
- {X} <employs|has a staff of> {int#staff} people.
- {int#staff} people work for {X}.
? how many <people work for|employees work at> {X}
? what is the headcount of {X}
? how many people are on the payroll of {X}
? {X} number of employees
! does {X} have {int#staff2} employees
== budget2 how_much
- The annual budget of {X} is {money#budget}.
- {X} <can spend|has> {money#budget} <a year|every year>.
? how much money does {X} have <a year|to spend>
? what is the annual budget of {X}
? {X} annual budget
== award what
- {X} <won|received> the {word#prize} {prizetype} in {old#aw}.
- In {old#aw}, {X} was given the {word#prize} {prizetype}.
? what <prize|award> did {X} <win|receive|get>
? has {X} ever won <a prize|an award>
? which award has {X} been given
? when did {X} win the {word#prize} {prizetype}
== fine how_much
- {X} had to pay a fine of {money#fine} <last year|in the spring> because of {offence}.
- A fine of {money#fine} was imposed on {X} for {offence}.
? how much was {X} fined
? why was {X} fined
? how high was the <penalty|fine> for {X}
? what did {X} have to pay a penalty for
== suit what
- {person#sue} is suing {X} over {offence}.
- {X} is <being sued by|in a legal dispute with> {person#sue} over {offence}.
? who is suing {X}
? what is the legal dispute with {X} about
? why is {X} being taken to court
? is {X} involved in a lawsuit
== strike duration
- Workers at {X} were on strike for {dur#strike} <in the summer|earlier in the year>.
- A strike at {X} lasted {dur#strike}.
? how long did the strike at {X} last
? for how long did workers at {X} stop work
? was there a strike at {X}
== cancel why
- {X} <cancelled|called off> its {happening} because of {mishap}.
- The {happening} of {X} was cancelled because of {mishap}.
? why did {X} <cancel|call off> its {happening}
? what event did {X} cancel
? what was the reason for the cancellation at {X}
== delay why
- {X} <postponed|put off> its {happening#2} by {dur#delay} because of {mishap#2}.
- The {happening#2} of {X} <is|was> delayed by {dur#delay} owing to {mishap#2}.
? by how much was the {happening#2} of {X} <delayed|postponed>
? why was the {happening#2} of {X} <postponed|delayed>
? what did {X} <postpone|put off|push back>
== donation how_much
- {X} <gave|donated> {money#don} to {cause}.
- A donation of {money#don} from {X} <went|goes> to {cause}.
? how much did {X} <donate|give away>
? to whom did {X} <donate|give> money
? who received a donation from {X}
? what good cause does {X} support
== target percent
- {X} wants to <cut|reduce> its emissions by {pct#em} by {future}.
- By {future}, {X} <plans|aims> to lower its emissions by {pct#em}.
? by how much does {X} want to <cut|reduce|lower> its emissions
? what is the climate target of {X}
? how green does {X} want to become
? by when does {X} want to <cut|reduce> its emissions
== moved why
- {X} moved to a new building in {old#mv} because {movewhy}.
? why did {X} move
? when did {X} move to a new building
? what made {X} change its address
== members how_many
- {X} has {small#sites} <branches|sites|locations> in {small#ctry} countries.
- {X} is active in {small#ctry} countries.
? in how many countries is {X} active
? how international is {X}
? {X} number of countries
== openday when
- {X} is holding an open day {fut#open}.
- {X} <invites the public to|will hold> an open day {fut#open}.
? when is the open day of {X}
? when can <visitors|the public> look around {X}
? open day {X} date
== apprentices how_many
- {X} <trains|is training> {small#app} apprentices.
- {small#app} young people are being trained at {X}.
? how many apprentices does {X} have
? how many young people <are learning|are being trained> at {X}
? does {X} train young people
== partner2 who
- {X} has worked with {adv#old} since {old#coop}.
- {adv#old} has been a partner of {X} since {old#coop}.
? since when has {X} worked with {adv#old}
? who has been a partner of {X} for years
? long-standing partner of {X}
"""
SIDE_LISTS = {
    "harmless": "is a familiar name in the region;looks back on a long history;has weathered several crises",
    "prizetype": "Award;Prize;Medal;Trophy",
    "offence": "late payments;false labelling;breaches of safety rules;unpaid overtime;misleading advertising;"
    "a data leak;illegal price agreements;polluting a river",
    "happening": "summer party;open-air concert;jubilee gala;charity run;autumn conference;training course;spring fair",
    "mishap": "bad weather;a burst pipe;a lack of volunteers;illness;a power failure;safety concerns;low ticket sales",
    "cause": "a children's hospital;flood victims;a food bank;the library;a school in {country#cause};sea rescuers",
    "movewhy": "the rent had doubled;the old one had become too small;the roof was leaking;the lease had run out",
    "future": "2030;2035;2040;2032;2045",
    "reason": REASONS,
    "purpose": PURPOSES,
    "open": OPEN,
    "body": BODIES,
}

# opinions: subject as a question names it | statement | the same as a question | claims for it | claims against it
OPINIONS = """
prices; what customers pay; the price level; the cost to consumers | prices will rise | will prices go up
 | prices will have to go up next year; customers should prepare for higher bills; there is no way around dearer
 products
 | prices will stay as they are; nobody will have to pay more; there is room to make things cheaper
competition; rivals; the competitors | rivals are a threat | are the rivals dangerous
 | competitors from overseas are catching up fast; nobody should underestimate the challengers
 | there is enough room for several providers; rivals are years behind
the weather; the climate; storms and heat | the weather is a problem | does the weather cause trouble
 | the wet summer has made everything harder; heat waves are becoming a real burden
 | a cold winter would do no harm; storms are nothing to be afraid of
skilled workers; recruitment; finding staff | it is hard to find staff | is there a shortage of staff
 | good people are hard to come by; vacancies stay open for months
 | there are more applicants than places; recruiting has become easier
safety; the risk of accidents; how safe it is | it is safe | is it safe
 | every conceivable precaution has been taken; there is no danger to anyone
 | the dangers have been played down; more accidents are only a matter of time
the timetable; the schedule; the deadlines | the timetable can be kept | will everything be finished on time
 | everything is going according to plan; the work is ahead of schedule
 | the dates are far too tight; delays can hardly be avoided
the environment; nature; the ecological effects | nature will benefit | is it good for the environment
 | rivers and forests will be better off; the ecological balance is excellent
 | the damage to wildlife is being ignored; green promises have been broken before
artificial intelligence; AI; learning machines | artificial intelligence helps people | is AI helpful
 | clever algorithms take the dull work off people's hands; machines that learn will save lives
 | computers cannot replace experience; the hype around algorithms is exaggerated
the government; politicians; politics | the government does enough | do politicians do enough
 | politicians have listened for once; the support from the capital was excellent
 | politicians have slept through the change; the rules made in the capital are a hindrance
training; young people; apprentices | young people have good chances | are the prospects for young people good
 | anyone who starts an apprenticeship now has a secure future; school leavers have never had it so good
 | too little is done for school leavers; the next generation is being forgotten
exports; foreign trade; markets abroad | exports will grow | will exports increase
 | demand from abroad is going to pick up; overseas sales will soon exceed those at home
 | tariffs will hit foreign sales hard; business abroad has peaked
quality; workmanship; the standard | the quality is good | is the quality good
 | nothing on the market is better made; workmanship comes before speed
 | corners were cut in the workmanship; the standard has slipped
digitalisation; going paperless; online services | digitalisation is making progress | is digitalisation going well
 | paper forms will soon be a thing of the past; everything can be done online by now
 | too many forms still have to be filled in by hand; the online services do not work properly
wages; pay; what employees earn | wages should rise | should pay go up
 | employees deserve considerably more money; better pay is long overdue
 | higher pay cannot be afforded at the moment; wages are already generous
traffic; the roads; commuters | traffic will get worse | will there be more traffic
 | the roads are heading for gridlock; commuters will need a lot of patience
 | lorries will disappear from the centre; commuters will get to work faster
the supply chain; suppliers; deliveries of parts | supplies are secure | are the supplies secure
 | there are enough parts in stock for months; the suppliers are reliable
 | parts keep arriving late; one missing screw can stop everything
women in management; diversity; equal opportunities | women have equal chances | do women get a fair chance
 | mixed teams make better decisions and are now the rule; women reach the top more often than before
 | far too few women reach the top; boards remain a club for men
interest rates; borrowing; the cost of credit | borrowing will become cheaper | will loans be cheaper
 | loans are going to be more affordable; central banks will ease soon
 | borrowing will stay dear; central banks will not give way soon
tourism; visitors; holidaymakers | more tourists will come | will visitors come
 | hotels can look forward to full houses; guests from all over the world will come
 | too many guests would spoil the place; hotels should not get their hopes up
health; patients; well-being | patients benefit | do patients benefit
 | patients will feel the difference at once; doctors finally have more time
 | patients were never asked; doctors are under more pressure than ever
trust; reputation; the public image | the public has confidence | is the reputation intact
 | the good name is undamaged; people's confidence has to be earned and has been
 | a lot of trust has been lost; it will take years to repair the image
electricity; energy costs; power bills | energy is too expensive | is power too expensive
 | power bills are eating up the profits; electricity costs twice what it does abroad
 | energy has become affordable again; power bills are no longer a worry
small businesses; craftsmen; family firms | small firms will benefit | do small firms gain from it
 | local craftsmen will get plenty of orders; family firms stand to gain most
 | small shops will be left behind; only the big players profit
research; science; scientists | research is well funded | do scientists have enough money
 | laboratories here are among the best equipped; scientists have what they need
 | laboratories are starved of funds; brilliant minds are leaving
"""
# what is thought of the event of the article itself
EVENT_CLAIMS = """
 {evs} is the right step at the right time; {evs} comes too late; {evs} is a milestone;
{evs} raises more questions than it answers; {evs} was a difficult decision; {evs} will be talked about for years;
 there was no
 alternative to {evs}; {evs} is a mistake; {evs} fills everyone with joy; nobody had reckoned with {evs}; {evs} is
 only the beginning; {evs} came as a complete surprise; {evs} deserves respect; {evs} should have been discussed
 first"""

FILL = """
The announcement was met with great interest.
Observers in the industry have been watching closely.
It is not the first time that this subject has made the headlines.
Journalists were able to ask questions afterwards.
Preparations have been under way for some time.
There was applause at the end.
The past few years have been eventful for {S}.
Many questions were raised in the discussion that followed.
Similar developments can be seen in other countries.
Experts regard the market as demanding.
The mood was described as good.
A brochure with pictures is available free of charge.
In the region, {S} is well known.
The photographs show the premises of {S}.
Local newspapers had reported on the rumours.
Only a few years ago, nobody would have thought this possible.
{T} has made a name for itself in recent years.
{T} was founded as a small workshop.
Neighbours and passers-by looked on with curiosity.
Coffee and cake were served.
Not everyone shares this opinion.
A long debate came before the vote.
The industry association counts {int#assoc} member firms.
In a survey, {pct#survey} of those questioned said they read the news every day.
The last such announcement was made in {old#last}.
The building was put up in {old#bld}.
Tickets for the tram cost {price#tram} in the city.
The neighbouring district has {int#inh} inhabitants.
"""

OFFTOPIC = """what is the capital of {country#q}
how do I <bake bread|change a tyre|grow tomatoes|clean a carpet|remove a stain>
who <won the world cup|painted the ceiling|invented the telephone|wrote the anthem> in {country#q}
what is the weather like in {city#q} today
how many <planets|oceans|letters|bones> are there
which train goes from {city#q} to {city#q3}
what time is it in {city#q}
what should I cook <tonight|for six people>
how tall is {person#q}
can you recommend a <hotel|restaurant|dentist> in {city#q}
what is the exchange rate of the <dollar|yen|krona>
how do I reset my password
tell me a joke about <lawyers|penguins|{city#q}>
what is the population of {city#q}
is it healthy to <eat late|drink coffee|sleep nine hours>"""


# ------------------------------------------------------------------ reading the topics


@dataclass(frozen=True)
class Ask:
    """A question template of a fact."""

    text: str
    polar: bool = False
    also: tuple[str, ...] = ()
    blur: tuple[str, ...] = ()


@dataclass
class Fact:
    """Something an article may state or leave out."""

    key: str
    kind: str
    frames: list[str] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)


@dataclass
class Topic:
    """What an announcement may be about."""

    name: str
    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    plural: bool = False


def _ask(text: str, polar: bool) -> Ask:
    words = text.split()
    also = tuple(word[1:] for word in words if word.startswith("@"))
    blur = tuple(word[1:] for word in words if word.startswith("%"))
    return Ask(" ".join(word for word in words if word[0] not in "@%"), polar, also, blur)


def _fact_line(line: str, facts: dict[str, Fact], current: Fact | None) -> Fact | None:
    """Read one line of a fact; the fact it belongs to."""
    mark, rest = line.split(" ", 1)
    if mark == "==":
        key, kind = rest.split()
        current = facts.setdefault(key, Fact(key, kind))
    elif current is not None and mark == "-":
        current.frames.append(rest)
    elif current is not None and mark in "?!":
        current.asks.append(_ask(rest, mark == "!"))
    return current


def read_facts(text: str) -> dict[str, Fact]:
    """The facts of a text in the notation above."""
    facts: dict[str, Fact] = {}
    current: Fact | None = None
    for line in text.strip().replace("\n ", " ").splitlines():
        current = _fact_line(line, facts, current)
    return facts


def _topic_line(topic: Topic, line: str) -> None:
    mark, _, rest = line.partition(" ")
    if mark in ("S", "O", "mode", "use", "tail"):
        topic.one[mark] = rest
    elif mark in ("do", "hap", "fill"):
        topic.many.setdefault(mark, []).append(rest)
    elif mark in ("ev", "evl", "reason", "purpose"):
        topic.many.setdefault(mark, []).extend(part.strip() for part in rest.split(";"))
    elif mark == "list":
        name, values = rest.split(" ", 1)
        topic.lists[name] = [part.strip() for part in values.split(";")]
    elif mark == "plural":
        topic.plural = True


def read_topics(text: str) -> list[Topic]:
    """The topics of a text in the notation above."""
    topics: list[Topic] = []
    current: Fact | None = None
    for line in text.strip().replace("\n ", " ").splitlines():
        if line.startswith("topic "):
            topics.append(Topic(line.split()[1]))
        elif line[:2] in ("==", "- ", "? ", "! "):
            current = _fact_line(line, topics[-1].facts, current)
        elif line:
            _topic_line(topics[-1], line)
    general = read_facts(GENERIC)
    for topic in topics:
        for key in topic.one.get("use", "").split():
            topic.facts.setdefault(key, general[key])
    return topics


@dataclass(frozen=True)
class Opinion:
    """A subject on which people in an article may hold forth."""

    names: tuple[str, ...]
    polar: str
    polar_question: str
    claims: tuple[str, ...]


def read_opinions(text: str) -> list[Opinion]:
    """The subjects of OPINIONS."""
    found = []
    for line in text.strip().replace("\n ", " ").splitlines():
        names, polar, question, good, bad = (part.strip() for part in line.split("|"))
        claims = [part.strip() for part in f"{good}; {bad}".split(";")]
        found.append(Opinion(tuple(part.strip() for part in names.split(";")), polar, question, tuple(claims)))
    return found


TOPIC_LIST = read_topics(TOPICS)
SIDE_FACTS = read_facts(SIDE)
OPINION_LIST = read_opinions(OPINIONS)


# ------------------------------------------------------------------ templates


@cache
def _pieces(text: str) -> tuple[object, ...]:
    """A template as a tree: strings, ("slot", name), ("one", alternatives), ("if", key, pieces)."""
    return _read(text, 0, "")[0]


def _read(text: str, at: int, stop: str) -> tuple[tuple[object, ...], int]:
    pieces: list[object] = []
    while at < len(text) and text[at] not in stop:
        sign = text[at]
        if sign == "{":
            end = text.index("}", at)
            pieces.append(("slot", text[at + 1 : end]))
            at = end + 1
        elif sign == "<":
            options = []
            while text[at] != ">":
                option, at = _read(text, at + 1, "|>")
                options.append(option)
            pieces.append(("one", tuple(options)))
            at += 1
        elif sign == "[":
            key, rest = text[at + 1 :].split(":", 1)
            inner, at = _read(text, len(text) - len(rest), "]")
            pieces.append(("if", key, inner))
            at += 1
        else:
            end = min((i for i in (text.find(c, at + 1) for c in "{<[" + stop) if i > 0), default=len(text))
            pieces.append(text[at:end])
            at = end
    return tuple(pieces), at


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


AN = re.compile(r"\b([Aa]) (?=[aeiouAEIOU8](?!ne\b|niv|nit|urop|ser))")


def tidy(text: str) -> str:
    """Single spaces, "an" before vowels, no double stops."""
    text = AN.sub(r"\1n ", re.sub(r"\s+", " ", text)).strip()
    text = re.sub(r" ([,.])", r"\1", text).replace(",,", ",")
    return re.sub(r"\.\.$", ".", text).replace(",.", ".")


@dataclass
class Line:
    """A sentence in the making, with the facts that it states."""

    text: str
    keys: set[str]


Slots = Mapping[str, "str | tuple[str, ...]"]


class Draft:
    """One article being written."""

    def __init__(self, rng: random.Random) -> None:
        """Choose topic, organisations and which facts will be stated."""
        self.rng = rng
        self.year = rng.randint(2009, 2027)
        self.topic = replace(rng.choice(TOPIC_LIST))
        self.mode = rng.choice(self.topic.one["mode"].split())
        self.orgs = {
            "S": make_org(rng, rng.choice(self.topic.one["S"].split())),
            "O": make_org(rng, rng.choice(self.topic.one["O"].split())),
            "T": make_org(rng, rng.choice(["company", "bank", "union", "university", "society", "agency", "startup"])),
        }
        self.met: set[str] = set()
        self.memo: dict[str, str] = {}
        self.stated: set[str] = set()
        self.slots = self._grammar(self.topic)
        self.blocks: list[list[Line]] = []

    def _grammar(self, topic: Topic) -> dict[str, str | tuple[str, ...]]:
        future = self.mode == "fut"
        many = topic.many
        pairs = [pair.split(" | ") for pair in many.get("do", ["act | acted"])]
        base, past = self.rng.choice([pair.split(" | ") for pair in many["hap"]])
        be, rest = ("be ", base[3:]) if base.startswith("be ") else ("", base)
        was = "were" if topic.plural else "was"
        name = self.rng.choice(many["ev"])
        names = tuple(dict.fromkeys([name, *many["ev"][:2]]))
        did = tuple(pair[1] for pair in pairs)
        do = tuple(pair[0] for pair in pairs)
        return {
            "aux": "will" if future else "did",
            "do": do,
            "did": did,
            "act": tuple(f"will {one}" for one in do) if future else did,
            "evn": names,
            "evs": tuple(f"the {one}" for one in names),
            "ev": (*(f"the {one}" for one in names), *many["evl"]),
            "hapb": base,
            "happ": f"will {base}" if future else past,
            "hapq": f"will {{evs}} {be}{rest}" if future else f"{was if be else 'did'} {{evs}} {rest}",
            "when": "{fut#ev}" if future else "{past#ev}",
            "when2": "{fut#ev2}" if future else "{past#ev2}",
            "hasbeen": "will be" if future else "was",
        }

    # -------------------------------------------------------------- values

    def value(self, name: str, scope: str) -> str:
        """A made-up value, the same for the same name, and different from those of other names."""
        kind, _, _ = name.partition("#")
        key = f"{scope}/{name}" if "#" in name or kind not in self.topic.many else name
        if key in self.memo:
            return self.memo[key]
        for _ in range(30):
            made = self._make(kind)
            if not any(made == old and other.split("/")[-1].split("#")[0] == kind for other, old in self.memo.items()):
                break
        self.memo[key] = made
        return made

    def _make(self, kind: str) -> str:
        rng = self.rng
        if kind in VALUES:
            return VALUES[kind](rng, self.year)
        if kind == "person":
            return make_person(rng, self.orgs["T"]).name
        if kind == "adv":
            return make_org(rng, rng.choice(["company", "bank", "company", "startup"])).full
        if kind == "phone":
            return f"0{rng.randint(20, 890)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}"
        own = self.topic.many.get(kind, []) if kind in ("reason", "purpose") else self.topic.lists.get(kind, [])
        common = SIDE_LISTS[kind].split(";") if kind in SIDE_LISTS else []
        if own and common and kind in ("reason", "purpose") and ("{hazard}" in own or rng.random() < 0.5):
            common = []
        return rng.choice(list(own) + common)

    def slot(self, name: str, over: Slots, scope: str) -> str:
        """What a slot stands for here."""
        found = over.get(name)
        if found is None and name in ("S", "O", "T"):
            return self.mention(name)
        if found is None and name == "s":
            return self.rng.choice([self.mention("S"), self.orgs["S"].noun])
        if found is None and name[0].isupper():
            return capital(self.slot(name[0].lower() + name[1:], over, scope))
        if found is None:
            found = self.slots.get(name)
        if found is None:
            found = self.value(name, scope)
        return found if isinstance(found, str) else self.rng.choice(found)

    def mention(self, mark: str) -> str:
        """The name of an organisation: in full the first time."""
        org = self.orgs[mark]
        if mark not in self.met:
            self.met.add(mark)
            return org.full
        return self.rng.choice([org.full, org.short, org.short])

    def fill(self, text: str, over: Slots | None = None, scope: str = "", leave: float = 0.0) -> Line:
        """A template filled in; optional parts of stated facts are left out with probability ``leave``."""
        keys: set[str] = set()

        def write(pieces: tuple[object, ...]) -> str:
            out = ""
            for piece in pieces:
                if isinstance(piece, str):
                    out += piece
                    continue
                assert isinstance(piece, tuple)
                if piece[0] == "slot":
                    made = self.slot(piece[1], over or {}, scope)
                    out += write(_pieces(made)) if "{" in made or "<" in made else made
                elif piece[0] == "one":
                    out += write(self.rng.choice(piece[1]))
                elif piece[1] in self.stated and self.rng.random() >= leave:
                    keys.add(piece[1])
                    out += write(piece[2])
            return out

        return Line(tidy(write(_pieces(text))), keys)


# ------------------------------------------------------------------ facts that fit every article

GATHER = """
== guests list
- <Among those present|Among the guests|Those attending> were {person#g1}, {person#g2} and {person#g3}.
- {Person#g1}, {person#g2} and {person#g3} <attended|took part|came|were also there>.
? who <attended|took part|was present|was there|came|showed up>
? who were the <guests|participants>
? which <guests|people> were <present|there>
? guests
! <was {person#g1} present|did {person#g1} come|did {person#g1} show up|was {person#g1} there>
== venue where
- The <press conference|briefing for journalists> was held in {place#venue}.
? where was the press conference held
? in which place did the journalists <meet|gather>
? where were the journalists received
== turnout how_many
- {int#turnout} people <followed the event|were in the audience|came to listen>.
? how many people <came|were there|attended|were in the audience>
? how well attended was the event
== web contact
- More information is available at www.{site#web}.example.
- The <figures|documents> can be found <online|on the internet> at {site#web}.example.
? where can <I|one> find <more information|the documents>
? what is the <website|web address|internet address>
? where on the internet <can I read more|is there more>
== language what
- The talks were held in {tongue}.
? in what language were the talks <held|conducted>
? what language did they speak during the talks
== photo who
- The photographs were taken by {person#photo}.
? who took the photographs
? who is the photographer
"""
SIDE_LISTS["tongue"] = "English;French;Spanish;German;Polish;Arabic;Mandarin"
GATHER_FACTS = read_facts(GATHER)
# facts of every article that would answer questions about the facts of a topic, or the other way round
APART = {
    "ruling": {"suit"},
    "wages": {"strike"},
    "disruption": {"strike", "cancel", "delay"},
    "partnership": {"partner2"},
    "conference": {"guests", "turnout", "budget2"},
    "research": {"guests", "turnout"},
    "prize": {"award"},
}
LEADS = {
    "fut": "{S} <is to|will|plans to|wants to|intends to|is going to> {do}{tail}.",
    "past": "{S} {did}{tail}.",
}
SAY = "said;explained;stressed;argued;pointed out;made clear;noted;claimed;emphasised"
FIRST = (
    '"{C}," {v} {i}.|{I} {v} that {c}.|According to {i}, {c}.|{I} is <convinced|certain> that {c}.|{I}: "{C}."|'
    "For {i}, one thing is clear: {c}.|In the <view|opinion> of {i}, {c}.|{I} believes that {c}.|"
    'Asked about {t}, {i} said: "{C}."'
)
THEN = (
    "{He} believe~ that {c}.|In {his} <view|opinion>, {c}.|{He} added that {c}.|{He} also said that {c}.|"
    '"{C}," {he} added.|{L} {v} that {c}.|'
    "At the same time, {he} <warned|stressed> that {c}.|{He} <expect~|think~> that {c}.|"
    "As for {t}, {he} {v} that {c}.|From {his} point of view, {c}.|{His} assessment is that {c}."
)
THOUGHT = """what does {p} <think|say|believe> about {t}
what is {p}'s <view|opinion|position> on {t}
how does {p} <see|judge|assess|view> {t}
what did {p} say about {t}
what does {p} have to say on the subject of {t}
in the eyes of {p}, {q}
according to {p}, {q}
does {p} think that {a}
{q} according to {p}
{p} on {t}
{p} {t} opinion
{p} statement {t}
is {p} of the opinion that {a}
does {p} agree that {a}
what are the thoughts of {p} regarding {t}"""
ANYONE = """<who|which speaker> <spoke|commented|said something|talked> about {t}
does anyone <say|think|claim> that {a}
{q}
what was said about {t}
what do people say about {t}"""
WORDS = """what does {p} <say|believe|think|argue>
what did {p} <say|tell reporters|point out>
{p} <quote|statement|comment>
what is <the opinion|the view> of {p}
did {p} <say anything|comment>"""
ELSE = "what else does {p} <say|believe>|what did {p} say apart from {t}|what else did {p} mention besides {t}"
WHO_ROLE = """who is the {r} <of|at> {org}
what is the name of {org}'s {r}
who <holds|has> the post of {r} at {org}
{org} {r}
<name|tell me> the {r} of {org}
who works as {r} at {org}"""
WHO_TOP = "who <runs|leads|heads|is at the helm of|is in charge of|manages> {org}|who is the <boss|head> of {org}"
HIS_ROLE = """what <post|position|job|role|function> does {p} <hold|have>
what does {p} do <for a living|professionally|>
what is {p}'s <job|role|position|title>
in what <capacity|function> does {p} speak
who is {p}
{p} <role|position|job title>"""
HIS_ORG = """<which organisation|whom|who> does {p} <work for|represent|speak for|belong to>
where does {p} work
what is the employer of {p}
for whom does {p} speak
{p} <employer|affiliation>"""
EVENT_OPINION = len(OPINION_LIST)
# subjects on which an article may say something without anybody holding an opinion on them
COMMON = {"prices", "safety", "the timetable", "skilled workers", "wages", "quality", "the weather", "training"}
# subjects so close to each other that a remark on one may count as a remark on the other
CLOSE = [
    {"prices", "electricity", "interest rates", "wages"},
    {"skilled workers", "training", "wages", "women in management"},
    {"the supply chain", "the timetable"},
    {"research", "the government"},
    {"the environment", "the weather"},
    {"the weather", "safety"},
    {"competition", "exports", "small businesses"},
    {"digitalisation", "artificial intelligence"},
    {"trust", "quality", "safety"},
    {"safety", "traffic"},
    {"the environment", "traffic"},
    {"artificial intelligence", "safety"},
    {"health", "safety"},
]


def close(one: int, other: int) -> bool:
    """Whether a remark on one subject may be taken for one on the other."""
    if EVENT_OPINION in (one, other):
        return False
    names = {OPINION_LIST[one].names[0], OPINION_LIST[other].names[0]}
    return len(names) == 1 or any(names <= group for group in CLOSE)


Made = tuple[str, set[int], str]


class Writer(Draft):
    """Writes the sentences of an article and asks about them."""

    def write(self) -> None:
        """Write all sentences."""
        rng = self.rng
        self.share = rng.uniform(0.35, 0.62)
        if self.mode == "past":
            self.topic.facts = {key: fact for key, fact in self.topic.facts.items() if key != "condition"}
        self.stated = {key for key in self.topic.facts if rng.random() < self.share}
        lead = self.fill(LEADS[self.mode].replace("{tail}", self.topic.one.get("tail", "")), leave=0.5)
        lead.keys.add("event")
        self.lead = [lead]
        for key, fact in self.topic.facts.items():
            if key in self.stated and fact.frames and (key not in lead.keys or rng.random() < 0.12):
                self.add(fact, "", {})
        self._people()
        self._sides()
        fillers = FILL.strip().splitlines() + self.topic.many.get("fill", []) * 4
        for text in dict.fromkeys(rng.sample(fillers, rng.randint(1, 4))):
            self.blocks.append([self.fill(text)])
        rng.shuffle(self.blocks)
        while sum(map(len, self.blocks)) > 21:
            self.blocks.pop()
        self.lines = self.lead + [line for block in self.blocks for line in block]
        for line in self.lines:
            line.text = capital(line.text)
        self.where: dict[str, set[int]] = {}
        for number, line in enumerate(self.lines):
            for key in line.keys:
                self.where.setdefault(key, set()).add(number)

    def add(self, fact: Fact, prefix: str, over: Slots) -> None:
        """Add a sentence that states a fact."""
        past = self.mode == "past"
        frame = self.rng.choice([one for one in fact.frames if not (past and "{hapb}" in one)])
        words = frame.split(" +")
        line = self.fill(words[0], over, prefix)
        line.keys |= {prefix + fact.key, *words[1:]}
        if "{act}" in frame:
            line.keys.add("event")
        self.blocks.append([line])

    def _sides(self) -> None:
        rng = self.rng
        apart = APART.get(self.topic.name, set())
        keys = [key for key in SIDE_FACTS if key not in apart]
        self.sides = [(mark, key) for mark in "ST" for key in keys if key not in self.topic.facts or mark == "T"]
        self.around = [fact for key, fact in GATHER_FACTS.items() if key not in apart]
        shared = rng.sample(sorted(keys), 5)
        for mark, key in rng.sample(self.sides, len(self.sides)):
            if rng.random() < (0.25 if key in shared else 0.06):
                self.add(SIDE_FACTS[key], f"{mark}.", {"X": tuple(self._names(self.orgs[mark]))})
        for fact in self.around:
            if rng.random() < 0.3:
                self.add(fact, "", {})

    @staticmethod
    def _names(org: Org) -> list[str]:
        return [org.full, org.short]

    # ------------------------------------------------------------ speakers

    def _people(self) -> None:
        rng = self.rng
        marks = rng.sample("SSOTT" if "O" in self.met else "SSTT", rng.choice([1, 2, 2, 3, 3]))
        self.people: list[Person] = []
        for mark in marks:
            person = make_person(rng, self.orgs[mark])
            if all(person.last != other.last and person.role != other.role for other in self.people):
                self.people.append(person)
        self.subjects = rng.sample(range(len(OPINION_LIST)), rng.randint(2, 5))
        event = [part.strip() for part in EVENT_CLAIMS.replace("\n", "").split(";")]
        if self.topic.plural:
            event = [part.replace("{evs} is ", "{evs} are ") for part in event if " was " not in part]
        self.claims = {k: list(OPINION_LIST[k].claims) for k in self.subjects}
        self.claims[EVENT_OPINION] = [part for part in event if "raises" not in part or not self.topic.plural]
        for number, person in enumerate(self.people):
            self._speak(number, person)

    def _speak(self, number: int, person: Person) -> None:
        rng = self.rng
        pool = [*self.subjects, EVENT_OPINION]
        chosen = rng.sample(pool, rng.choice([1, 1, 2, 2, 3]))
        intro, keys = self._intro(number, person)
        block: list[Line] = []
        for position, subject in enumerate(chosen):
            if not self.claims[subject]:
                continue
            claim = self.claims[subject].pop(rng.randrange(len(self.claims[subject])))
            line = self._claim_line(claim, subject, person, intro if position == 0 else "")
            line.keys |= {f"said.{number}", f"said.{number}.{subject}", f"about.{subject}"}
            if not block:
                line.keys |= keys
                intro = person.last
            block.append(line)
        if len(block) > 1 and rng.random() < 0.15 and block[0].keys:
            last = block.pop()
            last.text = re.sub(rf"\b({person.he}|{capital(person.he)})\b", person.last, last.text)
            if not re.search(r"\b([Hh]is|[Hh]er|[Tt]heir)\b", last.text) and person.last in last.text:
                self.blocks.append([last])
            else:
                block.append(last)
        self.blocks.append(block)

    def _intro(self, number: int, person: Person) -> tuple[str, set[str]]:
        self.met.update(mark for mark, org in self.orgs.items() if org is person.org)
        name = person.mark + person.name
        org = self.rng.choice([person.org.full, person.org.short])
        sort = self.rng.random()
        if sort < 0.5:
            form = self.rng.choice([f"{name}, {person.role} of {org},", f"{org} {person.role} {name}"])
            if org.startswith("the ") or org == person.org.full and self.rng.random() < 0.5:
                form = f"{name}, {person.role} of {org},"
            return form, {f"role.{number}", f"org.{number}"}
        if sort < 0.85:
            return f"{name} {self.rng.choice(['of', 'from'])} {org}", {f"org.{number}"}
        return name, set()

    def _claim_line(self, claim: str, subject: int, person: Person, intro: str) -> Line:
        rng = self.rng
        form = self._form(bool(intro))
        claim = self.fill(claim).text
        about = self.slots["evs"] if subject == EVENT_OPINION else OPINION_LIST[subject].names
        verb = rng.choice(SAY.split(";"))
        if person.he == "they":
            form = form.replace("{He} is ", "They are ").replace("~", "")
        text = form.replace("~", "s")
        if not intro and verb == "claimed":
            verb = "said"
        parts = {
            "c": claim,
            "C": capital(claim),
            "i": intro,
            "I": capital(intro),
            "v": verb,
            "t": rng.choice(about) if not isinstance(about, str) else about,
            "he": person.he,
            "He": capital(person.he),
            "his": person.his,
            "His": capital(person.his),
            "L": person.last,
        }
        text = re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], text)
        return Line(tidy(re.sub(r",([.:])", r"\1", text)), set())

    def _form(self, first: bool) -> str:
        forms = re.split(r"\|(?![^<]*>)", FIRST if first else THEN)
        form = self.rng.choice(forms)
        return re.sub(r"<(.*?)>", lambda match: self.rng.choice(match[1].split("|")), form)

    # ----------------------------------------------------------- questions

    def asked(self, text: str, over: Slots | None = None, scope: str = "") -> str:
        """A question template filled in."""
        names: dict[str, str | tuple[str, ...]] = {m: (o.full, o.short) for m, o in self.orgs.items()}
        return self.fill(text, {**names, **(over or {})}, scope).text

    def ask_fact(self, fact: Fact, prefix: str, answered: bool, over: Slots) -> Made | None:
        """A question about a fact that is stated, or is not."""
        ask = self.rng.choice(fact.asks)
        keys = [prefix + key for key in (fact.key, *ask.also)]
        right = set().union(*(self.where.get(key, set()) for key in keys))
        if bool(right) != answered or not right and any(prefix + key in self.where for key in ask.blur):
            return None
        if not right and fact.key == "contact" and any(person.role == "spokesperson" for person in self.people):
            return None
        text = ask.text
        if ask.polar and self.rng.random() < 0.5:
            text = re.sub(r"(#\w*?[a-z])[23]\}", r"\1}", text).replace("{when2}", "{when}")
        kind = "yes_no" if ask.polar else fact.kind
        return self.asked(text, over, prefix), right, kind if right else f"no_{fact.key}"

    def core(self, answered: bool) -> Made | None:
        """A question about the event itself."""
        pool = [fact for fact in self.topic.facts.values() if (fact.key in self.where) == answered and fact.asks]
        if not pool:
            return None
        return self.ask_fact(self.rng.choice(pool), "", answered, {})

    def side(self, answered: bool) -> Made | None:
        """A question about something else that concerns one of the organisations."""
        told = {key for mark, key in self.sides if f"{mark}.{key}" in self.where}
        pool = [(m, k) for m, k in self.sides if (f"{m}.{k}" in self.where) == answered]
        if not answered and told and self.rng.random() < 0.6:
            pool = [(m, k) for m, k in pool if k in told]
        if not answered:
            pool = [(m, k) for m, k in pool if m in self.met]
        if not pool:
            return None
        mark, key = self.rng.choice(pool)
        made = self.ask_fact(SIDE_FACTS[key], f"{mark}.", answered, {"X": tuple(self._names(self.orgs[mark]))})
        return (made[0], made[1], "swapped_org") if made and not answered and key in told else made

    def gather(self, answered: bool) -> Made | None:
        """A question about the occasion."""
        pool = [fact for fact in self.around if (fact.key in self.where) == answered]
        return self.ask_fact(self.rng.choice(pool), "", answered, {}) if pool else None

    def called(self, number: int) -> str:
        """A speaker as a question may call them."""
        person = self.people[number]
        if f"role.{number}" in self.where and self.rng.random() < 0.2:
            word = self.rng.choice(ROLE_WORDS.get(person.role, person.role).split(";"))
            return f"the {word} of {self.rng.choice(self._names(person.org))}"
        return self.rng.choice([person.name, person.name, person.mark + person.name, person.last])

    def about(self, text: str, subject: int, name: str) -> str:
        """A question template about an opinion filled in."""
        if subject == EVENT_OPINION:
            over: Slots = {"t": self.slots["ev"], "a": "{evs} is right", "q": "is {evs} right", "p": name}
        else:
            view = OPINION_LIST[subject]
            over = {"t": view.names, "a": view.polar, "q": view.polar_question, "p": name}
        return self.asked(text, over)

    def thought(self, answered: bool) -> Made | None:
        """What a speaker thinks of a subject, or does not say."""
        rng = self.rng
        if not self.people:
            return None
        number = rng.randrange(len(self.people))
        said = {int(key.split(".")[2]) for key in self.where if key.startswith(f"said.{number}.")}
        if not answered:
            return self._unsaid(number, said)
        if not said:
            return None
        sort = rng.random()
        if sort < 0.12:
            right = self.where[f"said.{number}"]
            return self.asked(rng.choice(WORDS.splitlines()), {"p": self.called(number)}), right, "said"
        subject = rng.choice(sorted(said))
        if sort < 0.2 and subject != EVENT_OPINION:
            text = rng.choice(ANYONE.splitlines())
            return self.about(text, subject, ""), self.where[f"about.{subject}"], "said"
        if sort < 0.3 and len(said) > 1:
            right = self.where[f"said.{number}"] - self.where[f"said.{number}.{subject}"]
            return self.about(rng.choice(self._else()), subject, self.called(number)), right, "what_else"
        text = rng.choice(THOUGHT.splitlines())
        if subject == EVENT_OPINION and ("{a}" in text or "{q}" in text):
            text = "what does {p} <think|say|believe> about {t}"
        kind = "yes_no" if "{a}" in text or "{q}" in text else "said"
        return self.about(text, subject, self.called(number)), self.where[f"said.{number}.{subject}"], kind

    @staticmethod
    def _else() -> list[str]:
        return re.split(r"\|(?![^<]*>)", ELSE)

    def _unsaid(self, number: int, said: set[int]) -> Made | None:
        rng = self.rng
        spoken = {int(key.split(".")[1]) for key in self.where if key.startswith("about.")}
        others = [k for k in sorted(spoken - said - {EVENT_OPINION}) if not any(close(k, one) for one in said)]
        fresh = [k for k in range(len(OPINION_LIST)) if not any(close(k, one) for one in spoken)]
        open_to_all = [k for k in fresh if OPINION_LIST[k].names[0] not in COMMON]
        if not fresh or not open_to_all:
            return None
        sort = rng.random()
        if sort < 0.1 and "guests" in self.where:
            guest = self.value("person#g1", "")
            return self.asked(rng.choice(WORDS.splitlines()), {"p": guest}), set(), "silent_person"
        if sort < 0.18:
            return self.about(rng.choice(ANYONE.splitlines()), rng.choice(open_to_all), ""), set(), "unsaid_topic"
        if sort < 0.26 and len(said) == 1:
            text = rng.choice(self._else())
            return self.about(text, min(said), self.called(number)), set(), "nothing_else"
        if sort < 0.36:
            name = make_person(rng, self.orgs["S"]).name
            subject = rng.choice(sorted(spoken)) if spoken else fresh[0]
            text = rng.choice(THOUGHT.splitlines()[:5] + WORDS.splitlines())
            return self.about(text, subject, name), set(), "unknown_name"
        if not said:
            return None
        subject = rng.choice(others) if others and rng.random() < 0.9 else rng.choice(fresh)
        kind = "other_speaker" if subject in others else "unsaid_topic"
        return self.about(rng.choice(THOUGHT.splitlines()), subject, self.called(number)), set(), kind

    def role(self, answered: bool) -> Made | None:
        """Who holds a post, what post somebody holds, for whom somebody works."""
        rng = self.rng
        known = [n for n in range(len(self.people)) if (f"role.{n}" in self.where) == answered]
        if answered and known:
            return self._role_known(rng.choice(known))
        if answered or not self.people:
            return None
        sort = rng.random()
        if sort < 0.35 and known:
            person = self.people[known[0]]
            if f"said.{known[0]}" not in self.where:
                return None
            named = f"org.{known[0]}" in self.where
            pool = HIS_ROLE.splitlines()
            text = rng.choice([pool[0], pool[2], pool[5]] if named else pool + HIS_ORG.splitlines())
            return self.asked(text, {"p": rng.choice([person.name, person.last])}), set(), "no_role"
        mark = rng.choice(sorted(self.met))
        org = self.orgs[mark]
        held = {p.role for p in self.people if p.org is org}
        free = [one for one in ROLES[org.kind].split(";") if one not in held and one != self.memo.get("/newrole")]
        word = rng.choice(free)
        if word == "spokesperson" and "contact" in self.where:
            return None
        if held & TOP and word in ("chief executive", "director", "managing partner", "president"):
            return None
        text = rng.choice(WHO_ROLE.splitlines() + (WHO_TOP_LIST if word in TOP and not held & TOP else []))
        call = rng.choice(ROLE_WORDS.get(word, word).split(";"))
        if call in ("head", "boss") and held:
            return None
        return self.asked(text, {"r": call, "org": (org.full, org.short)}), set(), "swapped_role"

    def _role_known(self, number: int) -> Made:
        rng = self.rng
        person = self.people[number]
        right = self.where[f"role.{number}"]
        if rng.random() < 0.5:
            pool = HIS_ROLE.splitlines() + HIS_ORG.splitlines()
            return self.asked(rng.choice(pool), {"p": rng.choice([person.name, person.last])}), right, "role"
        text = rng.choice(WHO_ROLE.splitlines() + (WHO_TOP_LIST if person.role in TOP else []))
        word = rng.choice(ROLE_WORDS.get(person.role, person.role).split(";"))
        return self.asked(text, {"r": word, "org": (person.org.full, person.org.short)}), right, "who"

    def swapped(self) -> Made | None:
        """A question about a stated fact with another organisation, person, product or year."""
        rng = self.rng
        facts = [self.topic.facts[key] for key in sorted(self.topic.facts) if key in self.where and key != "protest"]
        if not facts:
            return None
        fact = rng.choice(facts)
        ask = rng.choice(fact.asks)
        found = [s for s in ("{S}", "{O}", "{person#n}", "{product#p}", "{year}") if s in ask.text]
        if not found:
            return None
        slot = rng.choice(found)
        over, kind = self._other(slot[1:-1], fact.kind)
        return self.asked(ask.text.replace("{P", "{p"), over), set(), kind

    def _other(self, slot: str, kind: str) -> tuple[Slots, str]:
        rng = self.rng
        if slot in ("S", "O"):
            org = self.orgs["T"]
            if "T" not in self.met or rng.random() < 0.3:
                org = make_org(rng, self.orgs[slot].kind)
            return {slot: (org.full, org.short)}, "swapped_org" if org is self.orgs["T"] else "unknown_name"
        if slot == "year":
            return {slot: str(self.year + rng.choice([-3, -2, 1, 2]))}, "swapped_year"
        if slot.startswith("person"):
            known = [p.name for p in self.people]
            if known and kind not in ("role", "who") and rng.random() < 0.6:
                return {slot: rng.choice(known)}, "swapped_person"
            return {slot: make_person(rng, self.orgs["S"]).name}, "unknown_name"
        return {slot: _product(rng, self.year)}, "unknown_name"

    def presupposed(self) -> Made | None:
        """A question that takes for granted what did not happen."""
        other = Draft(self.rng)
        group = {
            "acquisition": 1,
            "funding": 1,
            "appointment": 2,
            "resignation": 2,
            "signing": 2,
            "launch": 3,
            "software": 3,
        }
        names = {self.topic.name, other.topic.name}
        if len(names) == 1 or len({group.get(name, name) for name in names}) == 1:
            return None
        asks = [a for f in other.topic.facts.values() for a in f.asks if re.search(r"\{(do|act|did)\}", a.text)]
        if not asks:
            return None
        other.orgs["S"] = self.orgs["S"]
        names_of = {mark: (org.full, org.short) for mark, org in other.orgs.items()}
        return other.fill(self.rng.choice(asks).text, names_of).text, set(), "presupposed"

    def off_topic(self) -> Made:
        """A question about something else altogether."""
        return self.asked(self.rng.choice(OFFTOPIC.splitlines())), set(), "off_topic"

    def one_question(self, answered: bool) -> Made | None:
        """Any question."""
        sort = self.rng.random()
        if answered:
            return (
                self.core(True)
                if sort < 0.47
                else self.thought(True)
                if sort < 0.76
                else self.role(True)
                if sort < 0.85
                else self.side(True)
                if sort < 0.95
                else self.gather(True)
            )
        makers: tuple[tuple[float, Callable[[], Made | None]], ...] = (
            (0.37, lambda: self.core(False)),
            (0.59, lambda: self.thought(False)),
            (0.67, lambda: self.role(False)),
            (0.78, lambda: self.side(False)),
            (0.82, lambda: self.gather(False)),
            (0.93, self.swapped),
            (0.98, self.presupposed),
            (1.01, self.off_topic),
        )
        return next(make for limit, make in makers if sort < limit)()


WHO_TOP_LIST = re.split(r"\|(?![^<]*>)", WHO_TOP)


def typo(rng: random.Random, text: str) -> str:
    """The question with one slip of the keyboard in a longer word."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    at = rng.choice(long)
    word = words[at]
    i = rng.randrange(1, len(word) - 1)
    words[at] = rng.choice(
        [word[:i] + word[i + 1 :], word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[:i] + word[i] + word[i:]]
    )
    return " ".join(words)


def dress(rng: random.Random, text: str) -> str:
    """A question as somebody might type it."""
    text = text.rstrip("?")
    if rng.random() < 0.05:
        text = typo(rng, text)
    sort = rng.random()
    if sort < 0.55:
        return text.lower()
    if sort < 0.7:
        return text
    return capital(text) + "?"


def one_article(rng: random.Random) -> MadeArticle:
    """One article with its questions."""
    writer = Writer(rng)
    writer.write()
    wanted = rng.randint(12, 24)
    made: dict[str, MadeQuestion] = {}
    share = rng.uniform(0.4, 0.5)
    for _ in range(wanted * 12):
        if len(made) >= wanted:
            break
        missing = sum(not question.right for question in made.values())
        found = writer.one_question(missing >= share * (len(made) + 1) - 0.5)
        if found is not None:
            text, right, kind = found
            made.setdefault(text.lower(), MadeQuestion(dress(rng, text), tuple(sorted(right)), kind))
    title = capital(writer.asked("{S}<: {evn}| and {evs}|: {ev}>"))
    return MadeArticle(title, tuple(line.text for line in writer.lines), tuple(made.values()))


def articles(count: int, seed: int) -> Iterator[MadeArticle]:
    """Made-up articles; the same ones for the same seed."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        article = one_article(rng)
        if len(article.sentences) >= 6 and len(article.questions) >= 12:
            made += 1
            yield article


def templates() -> int:
    """How many different question templates there are."""
    texts: set[str] = set()
    groups: Sequence[Mapping[str, Fact]] = [*(topic.facts for topic in TOPIC_LIST), SIDE_FACTS, GATHER_FACTS]
    for facts in groups:
        texts.update(f"{key}:{ask.text}" for key, fact in facts.items() for ask in fact.asks)
    for text in (THOUGHT, ANYONE, WORDS, WHO_ROLE, HIS_ROLE, HIS_ORG, OFFTOPIC):
        texts.update(text.splitlines())
    return len(texts) + len(WHO_TOP_LIST) + 3


def main() -> None:
    """Print three articles and count the questions of three hundred."""
    out = sys.stdout.write
    for article in articles(3, 7):
        out(f"\n# {article.title}\n")
        for number, sentence in enumerate(article.sentences):
            out(f"  {number:2} {sentence}\n")
        for question in article.questions:
            out(f"     {question.question}  {list(question.right)}  {question.kind}\n")
    many = list(articles(300, 1))
    asked = [question for article in many for question in article.questions]
    kinds = Counter(question.kind for question in asked)
    out("\n" + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) + "\n")
    none = sum(not question.right for question in asked)
    sentences = sum(len(article.sentences) for article in many)
    out(f"{len(many)} articles, {sentences} sentences, {len(asked)} questions, {none / len(asked):.0%} unanswerable\n")
    out(f"{len({q.question.lower() for q in asked})} different questions, {templates()} question templates\n")


if __name__ == "__main__":
    main()

"""Who there is: each person's name, company, address and numbers follow from a number alone, so that
records and calls, made apart, are about the same people."""
from values import mix

FIRST = ("Jane Bob Eve Raj Rosa Owen Mei José Anna Lars Ines Omar Tariq Zoë Paul Nora Ivan Lena Hugo "
         "Aiko Sven Cleo Marta Noah Ruth Emil Vera Igor Dana Theo").split()
LAST = ("Roe Hart Price Lindqvist Okafor Müller Sato Garcia Novak Silva Haddad Jensen Kaya Moreau "
        "Nguyen Olsen Patel Quinn Rossi Santos Tanaka Ueda Varga Weber Yilmaz Zhang Adler Brandt "
        "Costa Dubois Evans Fischer Greene Hansen Ito Jonsson Kowalski Lopez Meyer Nowak").split()
WORDS = ("acme globex initech harbour fjord granite cobalt maple orchard summit beacon lumen quartz "
         "willow ember delta kestrel juniper onyx tundra").split()
ENDS = ("com", "com", "com", "net", "de", "co.uk")
FREE = ("gmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.de")
AREAS = ("212", "206", "303", "312", "415", "512", "617", "702", "808", "917")
PLAIN = str.maketrans({"é": "e", "ë": "e", "ü": "u"})
FIRST_PLAIN = [n.translate(PLAIN).lower() for n in FIRST]
LAST_PLAIN = [n.translate(PLAIN).lower() for n in LAST]


class Sizes:
    def __init__(self, contacts, activities=0):
        self.contacts = contacts
        self.leads = contacts // 2
        self.accounts = max(contacts // 10, 1)
        self.opportunities = contacts * 3 // 10
        self.users = 100
        self.activities = activities


def person(n):
    return FIRST[n % 30], LAST[n // 30 % 40]


def local(n):
    return f"{FIRST_PLAIN[n % 30]}.{LAST_PLAIN[n // 30 % 40]}{n}"


def phone(n):
    """E.164; one number a person, of any kind of person."""
    h = mix(n, 7)
    return f"+1{AREAS[h % 10]}{230 + h // 10 % 270}{n % 10000:04}"


def written(number, form):
    """The same as people type it."""
    if form % 3 == 0:
        return number
    area, exchange, line = number[2:5], number[5:8], number[8:]
    return f"+1 ({area}) {exchange}-{line}" if form % 3 == 1 else f"+1 {area}.{exchange}.{line}"


def user_email(n):
    return f"rep{n}@us.example"


def account_domain(n):
    n -= n % 50 == 49  # two companies of one group share it
    return f"{WORDS[n % 20]}{n}.{ENDS[n % 6]}"


def contact_account(n, sizes):
    """Four contacts in a row work together; a few accounts have thousands, most a handful."""
    share = mix(n // 4, 1) / 4294967296
    return int(sizes.accounts * share * share)


def contact_email(n, sizes):
    """One in 25 has none, one in 12 a free-mail address, one in 97 that of the contact before."""
    n -= n % 97 == 96
    if n % 25 == 24:
        return None
    domain = FREE[n // 12 % 5] if n % 12 == 11 else account_domain(contact_account(n, sizes))
    return f"{local(n)}@{domain}"


def contact_phone(n):
    return phone(n) if n % 10 < 3 else None


def lead_company(n):
    return n // 2


def lead_email(n, sizes):
    """Most leads are of companies that no account is of."""
    if n % 20 < 3:
        domain = FREE[n % 5]
    elif n % 20 < 8:
        domain = account_domain(mix(n, 2) % sizes.accounts)
    else:
        domain = f"{WORDS[n % 20]}-labs{lead_company(n)}.io"
    return f"{local(n)}@{domain}"


def lead_phone(n):
    return phone(n + 500000000) if n % 10 == 0 else None

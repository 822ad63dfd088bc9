"""
read-email against Python's email package.

  read-email-compare.py TOOL FILE...         every address that Python finds in From, To and Cc of the
                                             well-formed of these messages is found
  read-email-compare.py TOOL --random SEED   the same, and names, subject, date and ids, of messages
                                             that Python writes: as single files and as an mbox
"""
import email
import email.policy
import email.utils
import json
import os
import random
import subprocess
import sys
import tempfile
from datetime import timedelta, timezone
from email.headerregistry import Address, Group
from email.message import EmailMessage


def normal(address):
    """Design 4, of what Python gives: quotes that nothing needs are off already."""
    local, _, domain = address.strip().rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        local = local[1:-1]
    if not local or not domain or any(c in address for c in ' \t"<>'):
        return None
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    return (local + "@" + domain).lower()


def expected(raw):
    """The addresses of a well-formed message by header; None if it is none."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = {}
    if message.defects or "From" not in message or "Date" not in message:
        return None
    if message["Date"].defects or message["Date"].datetime is None:
        return None
    for name in ("From", "To", "Cc"):
        values = message.get_all(name, [])
        if any(value.defects for value in values):
            return None
        by_package = [a.addr_spec for value in values for a in value.addresses]
        plain = email.message_from_bytes(raw).get_all(name, [])
        by_utils = [a for _, a in email.utils.getaddresses([str(value) for value in plain])]
        found[name] = {normal(a) for a in by_package} & {normal(a) for a in by_utils} - {None}
    return found


def found(line, name):
    people = line[name.lower()]
    people = people if isinstance(people, list) else [people]
    return {person["email"] for person in people if "email" in person}


def compare_files(tool, files):
    compared = 0
    for file in files:
        with open(file, "rb") as f:
            want = expected(f.read())
        run = subprocess.run([tool, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if run.returncode not in (0, 65):
            sys.exit(f"{file}: status {run.returncode}: {run.stderr.decode()}")
        if not want or not want["From"]:
            continue
        if run.returncode != 0:
            sys.exit(f"{file}: well-formed, but rejected: {run.stderr.decode()}")
        line = json.loads(run.stdout.split(b"\n")[0])
        for name, addresses in want.items():
            if missing := addresses - found(line, name):
                sys.exit(f"{file}: {name} lacks {sorted(missing)}")
        compared += 1
    print(f"{compared} of {len(files)} messages are well-formed, and all their addresses were found")


WORDS = ["Jane", "Doe", "Jané", "Gruß", "日本", "Ünal", "O'Neil", "x,y", 'q"q', "(c)", "a.b", "@home",
         "Smith;", "<x>", "Ωμέγα", "🎉", "\\", "Miller-Hôtel"]


class Random(random.Random):
    def name(self):
        return " ".join(self.choices(WORDS, k=self.randrange(4)))

    def address(self):
        local = self.choice(["jane", "j.doe", "a+b", "x_y", "o'neil", "quo ted", 'q"', "UPPER"])
        return Address(self.name(), local, self.choice(["acme.com", "x.example", "Sub.Acme.COM"]))

    def people(self, least):
        people = [self.address() for _ in range(self.randrange(least, 5))]
        if self.random() < 0.2:
            people.append(Group("The " + self.choice(["group", "Größe"]), tuple(
                self.address() for _ in range(self.randrange(3)))))
        return people

    def subject(self):
        words = " ".join(self.choices(WORDS + ["status", "meeting", "Re:"], k=self.randrange(1, 25)))
        return words

    def message(self, n):
        message = EmailMessage(policy=email.policy.SMTP if self.random() < 0.5 else
                               email.policy.default)
        message["From"] = [self.address() for _ in range(self.choice([1, 1, 1, 2]))]
        message["To"] = self.people(0)
        if self.random() < 0.5:
            message["Cc"] = self.people(0)
        message["Subject"] = self.subject()
        zone = timezone(timedelta(minutes=self.choice([0, 60, -480, 330])))
        date = email.utils.localtime().replace(
            year=self.randrange(1990, 2030), day=self.randrange(1, 28), microsecond=0, tzinfo=zone)
        message["Date"] = date
        message["Message-ID"] = f"<{n}.{self.randrange(10**9)}@acme.com>"
        message["References"] = f"<a{n}@x> <b{n}@x>"
        message.set_content(self.choice([
            "body\n", "From now on\n\nFrom here: x\n", "\nFrom: me\n\nFrom \nTo be\n", ">From x\n"]))
        return message, date


def bare(text):
    """Python's writer or reader loses a space now and then where encoded words meet plain ones."""
    return "".join(text.split())


def people_of(message, name):
    return [(normal(a.addr_spec), bare(a.display_name)) for value in message.get_all(name, [])
            for a in value.addresses]


def check(line, message, date):
    """What Python itself does not read back as it was is passed over: its writer has its bugs."""
    back = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    compared = 0
    for name in ("From", "To", "Cc"):
        want = people_of(message, name)
        if people_of(back, name) != want:
            continue
        people = line[name.lower()]
        people = people if isinstance(people, list) else [people]
        got = [(person.get("email"), bare(person.get("name", ""))) for person in people]
        # an address with a space in it is no email: its name, or else itself, stands alone
        if [one for one in got if one[0]] != [one for one in want if one[0]]:
            sys.exit(f"{name}: {message[name]!r}: {got} for {want}")
        compared += 1
    if bare(str(back["Subject"])) == bare(str(message["Subject"])):
        if bare(line.get("subject", "")) != bare(str(message["Subject"])):
            sys.exit(f"subject: {message['Subject']!r}: {line.get('subject')!r}")
        compared += 1
    if line["date"] != date.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"):
        sys.exit(f"date: {message['Date']!r}: {line['date']}")
    if line["id"] != message["Message-ID"] or line["message_id"] != message["Message-ID"]:
        sys.exit(f"id: {line['id']}")
    if line["references"] != str(message["References"]).split():
        sys.exit(f"references: {line['references']}")
    return compared


def compare_random(tool, seed):
    chance = Random(seed)
    messages = []
    while len(messages) < 100:
        message, date = chance.message(len(messages))
        if any(a.addr_spec and normal(a.addr_spec) for a in message["From"].addresses[:1]) and \
                all(normal(a.addr_spec) for a in message["From"].addresses):
            messages.append((message, date))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mbox")
        with open(path, "wb") as box:
            for message, _ in messages:
                # not by mailbox.mbox: it folds anew, and otherwise
                body = message.as_bytes().replace(b"\nFrom ", b"\n>From ")
                box.write(b"From jane@acme.com Fri Nov 20 10:00:00 2026\n" + body + b"\n")
        out = subprocess.run([tool, path], stdout=subprocess.PIPE, check=True).stdout
        lines = [json.loads(line) for line in out.decode().splitlines()]
        if len(lines) != len(messages):
            sys.exit(f"{len(lines)} lines for {len(messages)} messages")
        single = subprocess.run([tool], input=messages[0][0].as_bytes(), stdout=subprocess.PIPE,
                                check=True).stdout
    if single != out[:len(single)]:
        sys.exit(f"one message alone gives another line: {single!r} {out[:len(single)]!r}")
    compared = sum(check(line, message, date) for line, (message, date) in zip(lines, messages))
    if compared < 3 * len(messages):
        sys.exit(f"only {compared} fields could be compared")
    print(f"{len(messages)} messages of seed {seed}: {compared} fields the same")


if __name__ == "__main__":
    if sys.argv[2] == "--random":
        compare_random(sys.argv[1], int(sys.argv[3]))
    else:
        compare_files(sys.argv[1], sys.argv[2:])

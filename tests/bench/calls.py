"""calls.py KIND CONTACTS CALLS: calls of four people each, as lines or as invitations.

KIND is participants (for associate-call), attendance (invitees and attendees, for merge-participants)
or invitations (one iCalendar file).
"""
import sys

import people
from people import Sizes, mix
from values import N_DAYS, utc

RESPONSES = ("accepted", "accepted", "tentative", "needsAction")


class Calls:
    def __init__(self, sizes):
        self.sizes = sizes

    def somebody(self, call, place):
        """Name, address and number of the one at this place; of ten five are contacts, one is a lead,
        one is new at a contact's company, one has a free-mail address, one is quite unknown, and one
        came by telephone only."""
        h = mix(call * 4 + place, 20)
        contact = (mix(call, 21) % self.sizes.contacts // 4 * 4 + place) % self.sizes.contacts
        kind = h % 10
        number = people.contact_phone(contact)
        if kind < 5:
            email = people.contact_email(contact, self.sizes)
            return " ".join(people.person(contact)), email, number if kind == 0 else None
        h >>= 4
        name = " ".join(people.person(h))
        if kind == 5:
            lead = h % self.sizes.leads
            return " ".join(people.person(lead)), people.lead_email(lead, self.sizes), None
        if kind == 6:
            domain = people.account_domain(people.contact_account(contact, self.sizes))
            return name, f"new.{people.local(h % 100000)}@{domain}", None
        if kind == 7:
            return name, f"{people.local(h % 100000)}@{people.FREE[h % 5]}", None
        if kind == 8:
            return name, f"{people.local(h % 100000)}@unknown{h % 50000}.example", None
        return name, None, number or people.phone(h)

    def head(self, call):
        # one a minute, so that a day has many, as the last year's calls would
        at = (N_DAYS - 365 + call // 1440 % 365) * 86400 + call % 1440 * 60
        return (f'{{"kind":"call","id":"zoom-{call}","start":"{utc(at)}","end":"{utc(at + 1800)}",'
                f'"subject":"Renewal, part {call % 7}","organizer":"{people.user_email(call % 100)}"')

    def with_participants(self, call):
        return f'{self.head(call)},"participants":[{self.list(call, self.participant)}]}}'

    def with_attendance(self, call):
        return (f'{self.head(call)},"invitees":[{self.list(call, self.invitee)}],'
                f'"attendees":[{self.list(call, self.attendee)}]}}')

    def list(self, call, write):
        return ",".join([write(call, place) for place in range(4)])

    def participant(self, call, place):
        name, email, phone = self.somebody(call, place)
        came = '"attended":true' if (call + place) % 4 else '"attended":false'
        return (f'{{{text("email", email)}"name":"{name}",{text("phone", phone)}"invited":true,{came},'
                f'"response":"{RESPONSES[place]}","internal":false}}')

    def invitee(self, call, place):
        name, email, phone = self.somebody(call, place)
        return (f'{{{text("email", email)}{text("phone", phone)}"name":"{name}",'
                f'"response":"{RESPONSES[place]}"}}')

    def attendee(self, call, place):
        """Who came: by the same address mostly, else by name with a remark behind it, or by number."""
        name, email, phone = self.somebody(call, place)
        h = mix(call * 4 + place, 22) % 8
        at = (N_DAYS - 365 + call // 1440 % 365) * 86400 + call % 1440 * 60 + h * 7
        if h == 6:
            email, name = None, name.upper() + " (Guest)"
        elif h == 7 and phone:
            email, name, phone = None, "Caller", people.written(phone, call)
        return (f'{{"name":"{name}",{text("email", email)}{text("phone", phone)}'
                f'"joined":"{utc(at)}","left":"{utc(at + 1700)}"}}')

    def invitation(self, call):
        day = f"2026{call // 28 % 12 + 1:02}{call % 28 + 1:02}"
        rows = ["BEGIN:VEVENT", f"UID:meeting-{call}@us.example", "DTSTAMP:20260101T090000Z",
                f"DTSTART;TZID=Europe/Berlin:{day}T150000", f"DTEND;TZID=Europe/Berlin:{day}T153000",
                f"SUMMARY:Renewal\\, part {call % 7}", "SEQUENCE:0", "STATUS:CONFIRMED",
                f"ORGANIZER;CN=Rep:mailto:{people.user_email(call % 100)}"]
        for place in range(4):
            name, email, _ = self.somebody(call, place)
            if email:
                rows += ["ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE",
                         f" ;CN={name};X-NUM-GUESTS=0:mailto:{email}"]
        rows += ["DESCRIPTION:Agenda\\n1. Where we stand\\n2. What is missing\\nhttps://us.zoom.example/j/84123"
                 f"{call:05}", "END:VEVENT"]
        return "\r\n".join(rows) + "\r"


def text(name, value):
    return f'"{name}":"{value}",' if value else ""


ZONE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//us.example//bench//EN
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def main():
    kind, contacts, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    calls = Calls(Sizes(contacts))
    line = {"participants": calls.with_participants, "attendance": calls.with_attendance,
            "invitations": calls.invitation}[kind]
    write = sys.stdout.write
    if kind == "invitations":
        write(ZONE.replace("\n", "\r\n"))
    for call in range(n):
        write(line(call) + "\n")
    if kind == "invitations":
        write("END:VCALENDAR\r\n")


if __name__ == "__main__":
    main()

"""records.py CONTACTS ACTIVITIES [CHANGE]: the records of an org as sf-pull writes them, checkpoints
and all; with CHANGE (0-99) every hundredth of them, changed since."""
import json
import sys

import people
from values import SECONDS, day, ids, mix, stamp

PAGE = 2000
contact_id, lead_id, account_id, opportunity_id = map(ids, ("003", "00Q", "001", "006"))
user_id, history_id, task_id, event_id = map(ids, ("005", "017", "00T", "00U"))


class Org:
    def __init__(self, sizes, change=None):
        self.sizes, self.change = sizes, change

    def head(self, kind, key):
        return (f'{{"attributes":{{"type":"{kind}","url":"/services/data/v66.0/sobjects/{kind}/{key}"}},'
                f'"Id":"{key}"')

    def tail(self, n, at, total):
        created = stamp(max(min(n * SECONDS // total, at) - mix(n, 13) % 15552000, 0))
        now = stamp(at)
        return (f'"IsDeleted":false,"CreatedDate":"{created}","LastModifiedDate":"{now}",'
                f'"SystemModstamp":"{now}"}}')

    def owner(self, n):
        return user_id(mix(n, 3 if self.change is None else 4 + self.change) % self.sizes.users)

    def number(self, number, n):
        if number is None:
            return "null"
        if self.change is not None and n % 1000 // 100 == 0:
            number = number[:-4] + f"{(int(number[-4:]) + 1) % 10000:04}"
        return f'"{people.written(number, n)}"'

    def address(self, email, n):
        if email is None:
            return "null"
        return f'"{email}"' if self.change is None or n % 2000 // 100 else f'"new.{email}"'

    def account(self, n, at):
        name = f"{people.WORDS[n % 20].title()} {n}"
        return (f'{self.head("Account", account_id(n))},"Name":"{name}","OwnerId":"{self.owner(n)}",'
                f'"Website":"https://www.{people.account_domain(n)}","MasterRecordId":null,'
                + self.tail(n, at, self.sizes.accounts))

    def contact(self, n, at):
        first, last = people.person(n)
        account = "null" if n % 50 == 7 else f'"{account_id(people.contact_account(n, self.sizes))}"'
        mobile = people.phone(n + 250000000) if n % 7 == 0 else None
        return (f'{self.head("Contact", contact_id(n))},"AccountId":{account},"Name":"{first} {last}",'
                f'"FirstName":"{first}","LastName":"{last}","Title":"Head of {people.WORDS[n // 7 % 20]}",'
                f'"Email":{self.address(people.contact_email(n, self.sizes), n)},'
                f'"Phone":{self.number(people.contact_phone(n), n)},"MobilePhone":{self.number(mobile, n)},'
                f'"HomePhone":null,"OtherPhone":null,"OwnerId":"{self.owner(n)}","MasterRecordId":null,'
                + self.tail(n, at, self.sizes.contacts))

    def converted(self, n, at):
        if n % 10 != 9:
            return ('"IsConverted":false,"ConvertedDate":null,"ConvertedAccountId":null,'
                    '"ConvertedContactId":null')
        contact = mix(n, 5) % self.sizes.contacts
        account = account_id(people.contact_account(contact, self.sizes))
        return (f'"IsConverted":true,"ConvertedDate":"{day(at)}","ConvertedAccountId":"{account}",'
                f'"ConvertedContactId":"{contact_id(contact)}"')

    def lead(self, n, at):
        first, last = people.person(n)
        return (f'{self.head("Lead", lead_id(n))},"Name":"{first} {last}","FirstName":"{first}",'
                f'"LastName":"{last}","Title":null,"Company":"{people.WORDS[n % 20].title()} Labs '
                f'{people.lead_company(n)}","Email":{self.address(people.lead_email(n, self.sizes), n)},'
                f'"Phone":{self.number(people.lead_phone(n), n)},"MobilePhone":null,'
                f'"Status":"Open - Not Contacted","OwnerId":"{self.owner(n)}",'
                f'{self.converted(n, at)},"ConvertedOpportunityId":null,"MasterRecordId":null,'
                + self.tail(n, at, self.sizes.leads))

    def opportunity(self, n, at):
        closed = n % 5 < 3
        share = mix(n, 6) / 4294967296
        account = account_id(int(self.sizes.accounts * share * share))
        stage = "Closed Won" if closed else "Negotiation/Review"
        return (f'{self.head("Opportunity", opportunity_id(n))},"Name":"Renewal {n}",'
                f'"AccountId":"{account}","ContactId":null,"OwnerId":"{self.owner(n)}",'
                f'"StageName":"{stage}","Amount":{mix(n) % 100000}.50,"IsClosed":{str(closed).lower()},'
                f'"IsWon":{str(closed).lower()},"CloseDate":"{day(at + mix(n, 8) % 7776000)}",'
                + self.tail(n, at, self.sizes.opportunities))

    def user(self, n, at):
        return (f'{self.head("User", user_id(n))},"Username":"rep{n}@us.example.prod",'
                f'"Email":"{people.user_email(n)}","Name":"Rep {n}","IsActive":true,'
                f'"CreatedDate":"{stamp(at)}","LastModifiedDate":"{stamp(at)}",'
                f'"SystemModstamp":"{stamp(at)}"}}')

    def history(self, n, at):
        return (f'{self.head("OpportunityFieldHistory", history_id(n))},'
                f'"OpportunityId":"{opportunity_id(mix(n, 9) % self.sizes.opportunities)}",'
                f'"Field":"StageName","CreatedDate":"{stamp(at)}","IsDeleted":false}}')

    def about(self, n):
        return (f'"WhoId":"{contact_id(mix(n, 10) % self.sizes.contacts)}",'
                f'"WhatId":"{opportunity_id(mix(n, 11) % self.sizes.opportunities)}",'
                f'"OwnerId":"{self.owner(n)}","Subject":"Call {n}"')

    def task(self, n, at):
        return (f'{self.head("Task", task_id(n))},{self.about(n)},"ActivityDate":"{day(at)}",'
                f'"CallObject":null,"CallDurationInSeconds":null,"Status":"Completed",'
                + self.tail(n, at, self.sizes.activities))

    def event(self, n, at):
        return (f'{self.head("Event", event_id(n))},{self.about(n)},"StartDateTime":"{stamp(at)}",'
                f'"EndDateTime":"{stamp(at + 1800)}",' + self.tail(n, at, self.sizes.activities))

    def objects(self):
        sizes, third = self.sizes, self.sizes.activities // 3
        return (("Account", self.account, sizes.accounts), ("Contact", self.contact, sizes.contacts),
                ("Lead", self.lead, sizes.leads), ("Opportunity", self.opportunity, sizes.opportunities),
                ("User", self.user, sizes.users), ("OpportunityFieldHistory", self.history, third),
                ("Task", self.task, third), ("Event", self.event, third))


def nth(p, total):
    """Half of the records were modified long after they were made: by stamp their Ids are in no order."""
    odd = total // 2
    step = 7919 if odd % 7919 else 7907
    return p if p % 2 == 0 else p // 2 * step % odd * 2 + 1


def lines(kind, make, total, change):
    """The object's lines, with a checkpoint behind each page."""
    page = []
    positions = range(total) if change is None else range(change, total, 100)
    for p in positions:
        at = p * SECONDS // total if change is None else SECONDS + change * 86400 + p * 86000 // total
        page.append(make(nth(p, total), at))
        if len(page) == PAGE:
            yield from page
            yield checkpoint(kind, page[-1])
            page = []
    if page:
        yield from page
        yield checkpoint(kind, page[-1])


def checkpoint(kind, record):
    last = json.loads(record)
    fields = json.dumps([name for name in last if name != "attributes"])
    at = last.get("SystemModstamp", last["CreatedDate"])
    return (f'{{"kind":"checkpoint","object":"{kind}","modstamp":"{at}","id":"{last["Id"]}",'
            f'"read":"2027-11-01T00:00:00Z","fields":{fields}}}')


def main():
    contacts, activities = map(int, sys.argv[1:3])
    change = int(sys.argv[3]) if len(sys.argv) > 3 else None
    org = Org(people.Sizes(contacts, activities), change)
    write = sys.stdout.write
    write('{"kind":"org","org":"00DHs0000000001MAA"}\n')
    for kind, make, total in org.objects():
        for line in lines(kind, make, total, change):
            write(line + "\n")


if __name__ == "__main__":
    main()

"""
The stand-in Salesforce: enough of the REST API, over SQLite and on loopback only, to try and test
a client on. Python 3 standard library only.

    python3 tests/standin --load org.ndjson --port-file url --log requests.ndjson

It prints its base URL when it is ready and ends on SIGTERM. `--help` lists options, defaults and
the control endpoints.
"""
import argparse
import os
import signal
import sys
import threading

import control
import faults
import load
import person_accounts
import values
from api import Api
from clock import Clock
from database import Database
from oauth import OAuth
from schema import BadOption, Schema
from server import Server, check_loopback

TRACKED = ["Amount", "CloseDate", "NextStep", "Probability", "StageName"]
EPILOG = f"""
custom fields: --custom OBJECT.FIELD__c:TYPE[:externalId][:unique][:required][:readonly]
  [:values=A|B][:restricted][:ref=OBJECT][:child=NAME]; TYPE is string, string(40), boolean, int,
  double(18,2), currency, percent, date, datetime, email, phone, url, picklist, textarea, reference.

the control endpoints, for tests:
{control.__doc__.partition(chr(10) * 2)[2]}
faults:
{faults.help_text()}"""


def parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="standin", description="A stand-in Salesforce on loopback, to try and test on.",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="a loopback address (%(default)s)")
    add("--port", type=int, default=0, help="0 takes any free one (the default)")
    add("--port-file", metavar="FILE", help="the base URL is written here when ready")
    add("--db", metavar="FILE", help="keep the org here (default: in memory)")
    add("--load", metavar="FILE", action="append", default=[], help="NDJSON records, repeatable")
    add("--log", metavar="FILE", help="request log, one line a request")
    add("--quiet", action="store_true", help="no access log on stderr")
    add("--now", metavar="TIME", help="the clock stands still here")
    add("--limit", type=int, default=15000, help="daily API calls (%(default)s)")
    add("--used", type=int, default=0, help="of which used at the start (%(default)s)")
    add("--page-size", type=int, default=2000, help="rows a query page at most (%(default)s)")
    add("--fault", metavar="FAULT", action="append", default=[],
        help="something that goes wrong, see below; repeatable")
    org = parser.add_argument_group("the org")
    org.add_argument("--org", default="00Dxx0000000001", help="its id (%(default)s)")
    org.add_argument("--person-accounts", action="store_true",
                     help="the fields that person accounts bring; load such records to have some")
    org.add_argument("--custom", metavar="FIELD", action="append", default=[],
                     help="add a custom field, see below")
    org.add_argument("--hide", metavar="OBJECT.FIELD", action="append", default=[],
                     help="a field that the user may not see")
    org.add_argument("--without", metavar="OBJECT", action="append", default=[],
                     help="an object that the org does not have")
    org.add_argument("--restrict", metavar="OBJECT.FIELD", action="append", default=[],
                     help="make a picklist a restricted one")
    org.add_argument("--track", metavar="FIELD", action="append", default=[],
                     help="track one more field of Opportunity in its history (tracked already: "
                     + ", ".join(TRACKED) + ")")
    org.add_argument("--validation", metavar="OBJECT:FIELD:MESSAGE", action="append", default=[],
                     help="a validation rule: the field may not be blank")
    org.add_argument("--duplicate-rule", metavar="OBJECT", action="append", default=[],
                     help="a duplicate rule: by email, else by name and company")
    org.add_argument("--assignment-rule", metavar="OBJECT:USERID", action="append", default=[],
                     help="an active assignment rule: the owner changes unless Sforce-Auto-Assign "
                     "is false")
    login = parser.add_argument_group("logging in")
    login.add_argument("--token", help="a token that always works (ORG!standin)")
    login.add_argument("--username", default="integration@standin.example", help="(%(default)s)")
    login.add_argument("--password", default="standin-password", help="(%(default)s)")
    login.add_argument("--client-id", default="standin-client", help="(%(default)s)")
    login.add_argument("--client-secret", default="standin-secret", help="(%(default)s)")
    login.add_argument("--refresh-token", default="standin-refresh", help="(%(default)s)")
    login.add_argument("--no-rotate", dest="rotate", action="store_false",
                       help="a refresh token stays good when used")
    login.add_argument("--public-key", metavar="FILE",
                       help="PEM; JWT signatures are checked with it, by the openssl command")
    login.add_argument("--session-seconds", type=int, default=7200, help="(%(default)s)")
    options = parser.parse_args(arguments)
    try:
        complete(options)
    except ValueError as error:
        parser.error(str(error))
    return options


def complete(options):
    check_loopback(options.host)
    options.org_id = values.read_id(options.org)
    if not options.org_id:
        raise ValueError(f"--org: no id: {options.org}")
    options.user_id = values.make_id("005", 1)
    options.token = options.token or f"{options.org_id[:15]}!standin"
    options.tracked = TRACKED + options.track
    options.duplicate_rules = set(options.duplicate_rule)
    options.validations = [tuple(each.split(":", 2)) for each in options.validation]
    options.assignments = {}
    for each in options.assignment_rule:
        name, _, owner = each.partition(":")
        options.assignments[name] = values.read_id(owner)
    if any(len(each) < 3 for each in options.validations) or None in options.assignments.values():
        raise ValueError("--validation is OBJECT:FIELD:MESSAGE, --assignment-rule OBJECT:USERID")


def open_org(options, clock):
    schema = Schema()
    if options.person_accounts:
        person_accounts.switch_on(schema)
    for each in options.custom:
        schema.add_custom(each)
    for each in options.restrict:
        schema.field_at(each).restricted = True
    database = Database(options.db, schema)
    loader = load.Loader(database, clock, options.user_id)
    load.found_org(database, loader, options.org_id, options.username, "USA1")
    for path in options.load:
        load.load_file(loader, path)
    # hidden only now: what nobody may see is stored all the same
    for each in options.hide:
        name, _, field_name = each.partition(".")
        schema.expect(name).hide(field_name)
    for each in options.without:
        schema.remove(each)
    return database, loader


def announce(base_url, port_file):
    if port_file:
        with open(port_file + ".new", "w", encoding="ascii") as file:
            file.write(base_url + "\n")
        os.replace(port_file + ".new", port_file)
    print(base_url, flush=True)


def main():
    options = parse_options(sys.argv[1:])
    try:
        clock = Clock(options.now)
        database, loader = open_org(options, clock)
        oauth = OAuth(database, clock, options)
        controls = control.Control(database, clock, loader, oauth)
        api = controls.api = Api(database, clock, oauth, options, controls)
        server = Server(options.host, options.port, api, options.quiet)
    except (BadOption, ValueError, OSError) as error:
        print(f"standin: {error}", file=sys.stderr)
        return 1
    oauth.base_url = server.base_url

    def stop(*_):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    announce(server.base_url, options.port_file)
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

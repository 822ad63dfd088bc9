#!/usr/bin/env python3
"""North American numbers, as people write them and as they do not: what phone.cc makes of them by
itself is what libphonenumber makes of them, which sees all that has "tel: " before it.

usage: phone-property.py merge-participants [ARG...]; SEEDS="1-20" draws the numbers.
"""
import json
import os
import random
import subprocess
import sys

NUMBERS = 1000
BEGINS = ["+1", "+1 ", "+1(", "+1-", "+ 1", "+11", "011 1", "1", "1-", "", "+", "("]
BETWEEN = ["-", " ", ".", "(", ")", ") ", "--", " ("]
# what Twilio gives for RESTRICTED is no number, as it stands; with anything about it it is one
WITHHELD = "7378742833"


def number(rng):
    digits = [rng.choice("0123456789") for _ in range(rng.choice([9, 10, 10, 10, 11]))]
    if rng.random() < 0.6:
        digits[0] = rng.choice("23456789")
    return rng.choice(BEGINS) + "".join(
        digit + (rng.choice(BETWEEN) if rng.random() < 0.25 else "") for digit in digits)


def ask(tool, texts):
    lines = "".join(json.dumps({"kind": "call", "attendees": [{"phone": text}]}) + "\n"
                    for text in texts)
    run = subprocess.run(tool, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line)["participants"][0].get("phone") for line in run.stdout.splitlines()]


def check(tool, rng):
    texts = [number(rng) for _ in range(NUMBERS)] + ["737-874-2833", "1" + WITHHELD]
    got, want = ask(tool, texts), ask(tool, ["tel: " + text for text in texts])
    for text, ours, theirs in zip(texts, got, want):
        if ours != theirs:
            sys.exit(f"{tool[1:]}: {text!r} is {ours}, libphonenumber says {theirs}")
    if ask(tool, [WITHHELD, "+" + WITHHELD]) != [None, None]:
        sys.exit(f"{WITHHELD} is withheld")
    return sum(phone is not None for phone in got)


def main():
    first, _, last = os.environ.get("SEEDS", "1-2").partition("-")
    numbers = 0
    for seed in range(int(first), int(last or first) + 1):
        for region in ([], ["--region", "US"], ["--region", "CA"], ["--region", "DE"]):
            numbers += check(sys.argv[1:] + region, random.Random(seed))
    print(f"{numbers} numbers are as libphonenumber has them")


if __name__ == "__main__":
    main()

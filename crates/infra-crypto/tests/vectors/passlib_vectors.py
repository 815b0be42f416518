#!/usr/bin/env python3
"""Makes `passlib.tsv`, the hashes that the tests hold ours against, and checks ours.

    python3 -m venv venv && venv/bin/pip install passlib==1.7.4 bcrypt==4.0.1
    venv/bin/python passlib_vectors.py > passlib.tsv        # make the vectors anew
    venv/bin/python passlib_vectors.py --check < ours.tsv   # does passlib verify each `hash <tab> password` line?

Newer releases of bcrypt refuse passwords over 72 bytes, which breaks passlib 1.7.4's own start-up check.

Salts are fixed, so that the file comes out the same every time. Passwords are JSON strings: some hold a tab or a quote.
"""

import json
import sys
import warnings

from passlib.hash import bcrypt, bcrypt_sha256

PASSWORDS = [
    "",
    "correct horse battery staple",
    'tab\there, "quotes" and a \\',
    "пароль-密码-🔐",
    "x" * 54,
    "x" * 55,
    "x" * 71,
    "x" * 72,
    "é" * 36,
    "🔐" * 18,
]
LONG_PASSWORDS = [
    "x" * 73,
    "é" * 36 + "!",
    "🔐" * 18 + ".",
    "0123456789" * 10,
    "🔐" * 100,
    "ﬁ" * 100,
]
# Each ends in one of `.Oeu`: the last character of a salt carries two bits.
SALTS = ["abcdefghijklmnopqrstuu", "N9qo8uLOickgx2ZMRZoMye", "/./.ABCDEFGHIJKLMNOPQO", "1234567890123456789012"[:21] + "."]


def make() -> None:
    print("# scheme\tsalt\thash\tpassword; made by passlib_vectors.py with passlib 1.7.4 and bcrypt 4.0.1")
    for number, password in enumerate(PASSWORDS):
        salt = SALTS[number % len(SALTS)]
        for ident in ("2b", "2a", "2y"):
            show(ident, salt, bcrypt.using(rounds=4 + number % 2, salt=salt, ident=ident).hash(password), password)
    for number, password in enumerate(PASSWORDS + LONG_PASSWORDS):
        salt = SALTS[number % len(SALTS)]
        rounds = 4 + number % 2
        show("sha256-v2", salt, bcrypt_sha256.using(rounds=rounds, salt=salt).hash(password), password)
        for ident in ("2a", "2b"):
            old = bcrypt_sha256.using(version=1, ident=ident, rounds=rounds, salt=salt)
            show("sha256-v1", salt, old.hash(password), password)
    show("2b", SALTS[0], bcrypt.using(rounds=10, salt=SALTS[0]).hash("two digits of cost"), "two digits of cost")
    long = "two digits of cost" * 5
    show("sha256-v2", SALTS[0], bcrypt_sha256.using(rounds=10, salt=SALTS[0]).hash(long), long)


def show(scheme: str, salt: str, hashed: str, password: str) -> None:
    print(scheme, salt, hashed, json.dumps(password, ensure_ascii=False), sep="\t")


def check() -> None:
    lines = [line.rstrip("\n") for line in sys.stdin if line.strip()]
    for line in lines:
        hashed, password = line.split("\t")
        handler = bcrypt_sha256 if hashed.startswith("$bcrypt-sha256$") else bcrypt
        assert handler.verify(json.loads(password), hashed), f"passlib refuses {hashed}"
        assert not handler.verify(json.loads(password)[:-1] + "?", hashed), f"passlib takes another password for {hashed}"
    print(f"passlib verifies all {len(lines)}")


if __name__ == "__main__":
    warnings.simplefilter("error")
    check() if "--check" in sys.argv[1:] else make()

#!/usr/bin/env python3
"""Makes `imported.tsv`: hashes of other systems, which must verify here.

    python3 -m venv venv && venv/bin/pip install passlib==1.7.4 Django==5.2.19 argon2-cffi==25.1.0 bcrypt==4.0.1 cryptography==46.0.3
    venv/bin/python imported_vectors.py > imported.tsv

Salts are fixed, so that the file comes out the same every time. Parameters are small, as tests run unoptimised too, but
for one hash each with the numbers that the library takes of itself. Passwords are JSON strings.
"""

import base64
import hashlib
import json
from importlib.metadata import version

from argon2.low_level import Type, hash_secret
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from passlib.hash import argon2 as passlib_argon2
from passlib.hash import pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512, scrypt

settings.configure()

from django.contrib.auth import hashers  # noqa: E402 (wants the settings)

PASSWORDS = ["correct horse battery staple", "", "пароль-密码-🔐", 'tab\there, "quotes" and a \\', "🔐" * 100, "cafe\u0301 au lait"]
SALT = bytes(range(240, 256))
TEXT_SALT = "seasalt4Django123456/+"
BCRYPT_SALT = b"abcdefghijklmnopqrstuu"


def show(maker: str, hashed: str, password: str) -> None:
    print(maker, hashed, json.dumps(password), sep="\t")


def unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def firebase(password: str, salt: bytes, log_n: int, r: int) -> str:
    """What is left of a hash of Firebase's when an import has taken its signer key away."""
    key = hashlib.scrypt(password.encode(), salt=salt, n=1 << log_n, r=r, p=1, maxmem=1 << 28, dklen=64)[:32]
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return f"$firebase-scrypt$ln={log_n},r={r},p=1${unpadded(salt)}${unpadded(encryptor.update(bytes(64)))}"


def main() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("passlib", "Django", "argon2-cffi", "bcrypt", "cryptography"))
    print(f"# maker\thash\tpassword; made by imported_vectors.py with {versions}")
    for number, password in enumerate(PASSWORDS):
        for kind in ("I", "D", "ID"):
            handler = passlib_argon2.using(type=kind, salt=SALT, memory_cost=64 << number, rounds=1 + number % 3, parallelism=1 + number)
            show("passlib argon2", handler.hash(password), password)
        for length in (16, 32, 64):
            for edition in (16, 19):
                made = hash_secret(password.encode(), SALT[:8 + number], 2, 64, 2, length, Type.ID, edition)
                show("argon2-cffi", made.decode(), password)
        for handler in (pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512):
            show(f"passlib {handler.name}", handler.using(salt=SALT, rounds=1 + 250 * number).hash(password), password)
        show("passlib scrypt", scrypt.using(salt=SALT, rounds=2 + number, block_size=8 + number, parallelism=1 + number % 2).hash(password), password)
        show("Firebase", firebase(password, SALT[: 1 + number * 3], 1 + number, 8 - number), password)
        show("Django", hashers.PBKDF2PasswordHasher().encode(password, TEXT_SALT, 1000 + number), password)
        show("Django", hashers.PBKDF2SHA1PasswordHasher().encode(password, TEXT_SALT, 1000 + number), password)
        show("Django", hashers.ScryptPasswordHasher().encode(password, TEXT_SALT, n=1 << 4 + number, r=8, p=1 + number), password)
        argon2_hasher = hashers.Argon2PasswordHasher()
        argon2_hasher.memory_cost = 512
        show("Django", argon2_hasher.encode(password, TEXT_SALT), password)
        for ident in (b"$2b$04$", b"$2a$05$"):
            show("Django", hashers.BCryptSHA256PasswordHasher().encode(password, ident + BCRYPT_SALT), password)
            if len(password.encode()) <= 72:
                show("Django", hashers.BCryptPasswordHasher().encode(password, ident + BCRYPT_SALT), password)
    password = PASSWORDS[0]
    show("passlib argon2", passlib_argon2.using(salt=SALT).hash(password), password)
    show("passlib scrypt", scrypt.using(salt=SALT).hash(password), password)
    show("passlib pbkdf2_sha512", pbkdf2_sha512.using(salt=SALT).hash(password), password)
    # The example in the README of github.com/firebase/scrypt.
    show("Firebase", firebase("user1password", base64.b64decode("42xEC+ixf3L2lw==") + base64.b64decode("Bw=="), 14, 8), "user1password")
    show("Django", hashers.ScryptPasswordHasher().encode(password, TEXT_SALT), password)
    show("Django", hashers.BCryptSHA256PasswordHasher().encode(password, b"$2b$06$" + BCRYPT_SALT), password)


if __name__ == "__main__":
    main()

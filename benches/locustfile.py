"""The realistic mix, for people who know Locust.

    pip install locust
    ADMIN_USERNAME=admin ADMIN_PASSWORD=… \\
        locust -f benches/locustfile.py --host http://127.0.0.1:8000 --headless -u 50 -r 10 -t 30s

The weights are those of benches/src/clients/mix.rs: of a thousand calls 950 read and 50 write; users are asked for by Zipf's
law with exponent 1.0. Every Locust user shows the administrator's token, so RATE_LIMIT_READ and RATE_LIMIT_WRITE of the
service have to allow what you send (or be `off`), and RATE_LIMIT_AUTH the logins.

It makes users (`locust-…`) and changes the locale of others: not for a service whose data matter. What else may be said
by environment: API_BASE (/api/v1), LOCUST_USERS (the most ids that are drawn from, 1000000).
"""

import itertools
import logging
import os
import random
import threading
import uuid

from locust import FastHttpUser, between, task
from locust.exception import StopUser

BASE = os.environ.get("API_BASE", "/api/v1")
CREDENTIALS = {
    "username": os.environ.get("ADMIN_USERNAME", "admin"),
    "password": os.environ.get("ADMIN_PASSWORD", ""),
}
MOST_USERS = int(os.environ.get("LOCUST_USERS", "1000000"))
STRIDE = 1_000_003  # a prime: ranks lie this far apart among the ids
RUN = uuid.uuid4().hex[:8]


class Shared:
    """What all users of this process draw from; made once, by the first of them."""

    lock = threading.Lock()
    token = ""
    users = 1
    cumulated: list[float] = []
    number = itertools.count(1)

    @classmethod
    def prepare(cls, caller: "Caller") -> None:
        client = caller.client
        with cls.lock:
            if cls.token:
                return
            answer = client.post(f"{BASE}/auth/login", json=CREDENTIALS, name="login, once")
            if answer.status_code != 200:
                logging.error("ADMIN_USERNAME cannot sign in at %s: %s %s", caller.host, answer.status_code, answer.text)
                caller.environment.process_exit_code = 1
                caller.environment.runner.quit()
                raise StopUser
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            page = client.get(f"{BASE}/users?limit=1", headers=headers, name="total, once").json()
            cls.users = max(1, min(MOST_USERS, page["total"]))
            cls.cumulated = list(itertools.accumulate(1 / rank for rank in range(1, cls.users + 1)))
            cls.token = answer.json()["access_token"]

    @classmethod
    def user(cls) -> int:
        """An id, by Zipf's law."""
        rank = random.choices(range(cls.users), cum_weights=cls.cumulated)[0]
        return rank * STRIDE % cls.users + 1


class Caller(FastHttpUser):
    """Somebody who calls the service now and then."""

    wait_time = between(0.01, 0.1)

    def on_start(self) -> None:
        Shared.prepare(self)
        self.headers = {"Authorization": f"Bearer {Shared.token}"}

    def read(self, path: str, name: str) -> None:
        with self.client.get(BASE + path, headers=self.headers, name=name, catch_response=True) as answer:
            # Ids have gaps where users were deleted.
            if answer.status_code == 404 and name.endswith("{id}"):
                answer.success()

    @task(740)
    def get(self) -> None:
        self.read(f"/users/{Shared.user()}", "GET /users/{id}")

    @task(80)
    def me(self) -> None:
        self.read("/auth/me", "GET /auth/me")

    @task(50)
    def first_page(self) -> None:
        self.read("/users?skip=0&limit=10", "GET /users")

    @task(30)
    def filtered(self) -> None:
        query = random.choice(["role=moderator", "is_active=true", "role=user&is_active=true"])
        self.read(f"/users?{query}&limit=10", "GET /users?role=…&is_active=…")

    @task(50)
    def search(self) -> None:
        self.read(f"/users?q=person{random.randrange(10, 100_000)}&limit=10", "GET /users?q=…")

    @task(48)
    def patch(self) -> None:
        body = {"locale": random.choice(["de-AT", "fr-CA", "en-GB", "pt-BR"])}
        path = f"{BASE}/users/{Shared.user()}"
        with self.client.patch(
            path, json=body, headers=self.headers, name="PATCH /users/{id}", catch_response=True
        ) as answer:
            if answer.status_code == 404:
                answer.success()

    @task(1)
    def create(self) -> None:
        name = f"locust-{RUN}-{next(Shared.number)}"
        body = {
            "username": name,
            "email": f"{name}@example.org",
            "password": f"correct horse {name}",
            "full_name": "New Person",
        }
        self.client.post(f"{BASE}/users", json=body, headers=self.headers, name="POST /users")

    @task(1)
    def login(self) -> None:
        self.client.post(f"{BASE}/auth/login", json=CREDENTIALS, name="POST /auth/login")

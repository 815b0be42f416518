"""What the Compose files promise beyond being valid; scripts/lint-containers calls this with what Compose made of them.

Arguments: docker-compose.yml as JSON, rendered twice with different secrets; docker-compose.dev.yml as JSON; the path
of .env.example.
"""

import json
import re
import sys

SECRET = re.compile(r"(PASSWORD|SECRET|SECRET_PREVIOUS|KEY|TOKEN|_URL)$")
IMAGE_DECIDES = {"HOST", "PORT", "DATA_DIR"}
OPTIONS = ["--log-bin-trust-function-creators=ON", "--character-set-server=utf8mb4", "--default-time-zone=+00:00"]


def is_secret(key, value):
    """Whether a value is one; a URL without `@` has no password."""
    return bool(value) and bool(SECRET.search(key)) and not (key.endswith("_URL") and "@" not in value)


def findings(one, other, dev, settings):
    """Yields a sentence for each promise that does not hold."""
    for name, service in one["services"].items():
        for key, value in (service.get("environment") or {}).items():
            if is_secret(key, value) and value == other["services"][name]["environment"][key]:
                yield f"{name}: {key} is the same whatever secrets are given"
        if service != other["services"][name] and service.get("command") != other["services"][name].get("command"):
            yield f"{name}: a secret is part of the command, where `ps` shows it"
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1":
                yield f"{name}: port {port['target']} is open to the network"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if "healthcheck" not in service and name != "api":
            yield f"{name}: has no health check"

    api, mysql = one["services"]["api"], one["services"]["mysql"]
    if api["depends_on"].get("mysql", {}).get("condition") != "service_healthy":
        yield "api: does not wait for a healthy mysql"
    if not api.get("read_only") or api.get("cap_drop") != ["ALL"] or "healthcheck" in api or "user" in api:
        yield "api: wants a read-only file system, no capabilities, and the image's own user and health check"
    if api["environment"]["ENVIRONMENT"] != "production":
        yield "api: is not in production by default"
    for setting in ("ALLOW_INSECURE", "AUTH_REQUIRED"):
        if api["environment"].get(setting):
            yield f"api: {setting} is set; whether it is open to everybody is for the operator to say"
    for setting in sorted(settings - set(api["environment"]) - IMAGE_DECIDES):
        yield f"api: {setting} cannot be set; name it under `environment` in docker-compose.yml"
    for setting in sorted(set(api["environment"]) - settings):
        yield f"api: {setting} is no setting of the service"

    check = mysql["healthcheck"]
    if (check["interval"], check["timeout"], check["retries"]) != ("10s", "5s", 5):
        yield "mysql: health is asked every 10 s, for 5 s, 5 times"
    if " ping " not in check["test"][1] or "--host=127.0.0.1" not in check["test"][1]:
        yield "mysql: health is asked by TCP, which the image's temporary server does not speak"
    for option in OPTIONS:
        if option not in mysql["command"]:
            yield f"mysql: {option} is missing"

    if dev["services"]["api"]["environment"]["ENVIRONMENT"] != "development":
        yield "docker-compose.dev.yml: is not development"
    if dev["services"].keys() != one["services"].keys():
        yield "docker-compose.dev.yml: has other services"
    kept = {volume["name"] for volume in one["volumes"].values()}
    for volume in sorted(kept & {volume["name"] for volume in dev["volumes"].values()}):
        yield f"docker-compose.dev.yml: shares the volume {volume} with docker-compose.yml"


def main():
    one, other, dev = (json.loads(text) for text in sys.argv[1:4])
    with open(sys.argv[4], encoding="utf-8") as example:
        settings = set(re.findall(r"^(?:# )?([A-Z_]+)=", example.read(), re.MULTILINE))
    found = list(findings(one, other, dev, settings))
    for finding in found:
        print(finding, file=sys.stderr)
    return 1 if found or not settings else 0


if __name__ == "__main__":
    sys.exit(main())

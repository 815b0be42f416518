"""What the manifests promise beyond being valid; scripts/lint-kubernetes calls this, from the project's root.

Schemas know neither the service nor how one file leans on another: settings, ports, labels, the image and its user, secrets.
checkov knows the service no better and brings 95 packages along, so what it asks of pods is asked here, but for two things: an image by
its digest, which yours has, and pulling it at each start.
"""

import re
import sys
from pathlib import Path

import yaml

FOLDER = Path("k8s")
# What `kubectl apply -f k8s/` does not take: it needs operators, or your values.
CUSTOM = {"monitoring": ("monitoring.coreos.com/v1", "ServiceMonitor"), "external-secrets": ("external-secrets.io/v1", "ExternalSecret")}
NAMESPACE = "usermgmt"
IN_FLIGHT = 30 + 30  # seconds, after SHUTDOWN_GRACE_SECONDS: requests, then changes whose clients went away
PLACEHOLDER = "REPLACE"  # no key, no URL, and too short for a password: the service refuses it everywhere
PROBED = {"startupProbe": "/health", "livenessProbe": "/health", "readinessProbe": "/ready"}
READ_FROM_FILE = "/run/secrets/user-api/"


class Strict(yaml.SafeLoader):
    """Refuses a key that is there twice, as Kubernetes does and PyYAML does not."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Manifests:
    """Everything below k8s/, by kind and name."""

    def __init__(self):
        self.all = []
        self.broken = []
        for path in sorted(FOLDER.rglob("*.y*ml")):
            try:
                documents = list(yaml.load_all(path.read_text(encoding="utf-8"), Strict))
            except yaml.YAMLError as error:
                self.broken.append(f"{path}: {error}")
                continue
            for document in documents:
                if not isinstance(document, dict) or not {"apiVersion", "kind", "metadata"} <= document.keys():
                    self.broken.append(f"{path}: holds something that is no manifest")
                elif not (document["metadata"] or {}).get("name"):
                    self.broken.append(f"{path}: {document['kind']} has no name")
                else:
                    self.all.append((path, document))

    def of(self, kind):
        return [document for _, document in self.all if document["kind"] == kind]

    def the(self, kind):
        """The one of this kind."""
        found = self.of(kind)
        if len(found) != 1:
            raise SystemExit(f"k8s/ holds {len(found)} of {kind}, where one is expected")
        return found[0]


def text(path):
    return Path(path).read_text(encoding="utf-8")


def one(pattern, path):
    """What the pattern finds in a file of the project."""
    found = re.search(pattern, text(path), re.MULTILINE)
    if not found:
        raise SystemExit(f"{path}: nothing like {pattern}")
    return found.group(1)


def settings():
    """The names in docs/SETTINGS.md, and those of them that are secrets."""
    rows = re.findall(r"^\| `([A-Z_]+)`(?: \(or `([A-Z_]+)`\))?( \*)? \|", text("docs/SETTINGS.md"), re.MULTILINE)
    return {name for row in rows for name in row[:2] if name}, {name for name, _, star in rows if star}


def fits(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def everything_has_its_place(manifests):
    """Each document stands where it belongs."""
    seen = set()
    for path, document in manifests.all:
        kind, name = document["kind"], document["metadata"]["name"]
        if (kind, name) in seen:
            yield f"{path}: {kind} {name} is there twice"
        seen.add((kind, name))
        if kind != "Namespace" and document["metadata"].get("namespace") != NAMESPACE:
            yield f"{path}: {kind} {name} is not in the namespace {NAMESPACE}"
        folder = path.parent.name
        expected = CUSTOM.get(folder)
        if expected and (document["apiVersion"], kind) != expected:
            yield f"{path}: {document['apiVersion']} {kind} is none of {' '.join(expected)}"
        if path.parent == FOLDER and (kind == "Secret" or "." in document["apiVersion"].replace(".k8s.io/", "/")):
            yield f"{path}: {kind} must not be applied with the rest; give it a folder"
        if path.parent != FOLDER and folder not in {*CUSTOM, "secret"}:
            yield f"{path}: nobody looks at this folder"
    first = [document["kind"] for path, document in manifests.all if path.parent == FOLDER][:1]
    if first != ["Namespace"]:
        yield "the file whose name comes first does not make the namespace, so `kubectl apply` would fail on the others"
    if manifests.the("Namespace")["metadata"]["name"] != NAMESPACE:
        yield f"the namespace is not {NAMESPACE}"


def settings_exist(manifests, given):
    """What the containers are told is what the service knows."""
    known, secret = settings()
    pod = manifests.the("Deployment")["spec"]["template"]["spec"]
    named = {variable["name"] for container in containers(pod) for variable in container.get("env", [])}
    for name in sorted({*given, *named}):
        of_file = name.removesuffix("_FILE")
        if name not in known and of_file not in secret:
            what = "is no secret, so it cannot be a file" if of_file in known else "is no setting of docs/SETTINGS.md"
            yield f"{name} {what}"
        if name in secret and given.get(name):
            yield f"{name} is a secret, and stands in the config map"
        if name in secret and f"{name}_FILE" in given and name in named:
            yield f"{name} and {name}_FILE are both set, which the service refuses"
    for name in ("AUTH_REQUIRED", "ALLOW_INSECURE", "DEBUG"):
        if name in given or name in named:
            yield f"{name} is set; that is for the operator to say"
    for name in ("HOST", "PORT", "DATA_DIR"):
        if name in given or name in named:
            yield f"{name} is set; it is the image's"
    for name in re.findall(r"^ENV (?:.*\\\n)*?.*?\b(DATABASE_URL)=", text("docker/Dockerfile"), re.MULTILINE):
        if given.get(name) != "":
            yield f"{name} is set by the image, and {name}_FILE here: it must be given as empty"
    expected = {"ENVIRONMENT": "production", "MIGRATE_ON_START": "false"}
    for name, value in expected.items():
        if given.get(name) != value:
            yield f"{name} is not {value}"


def secrets_are_there(manifests, given):
    """What is read from a file is in the Secret, whoever makes that."""
    files = {value.removeprefix(READ_FROM_FILE) for name, value in given.items() if name.endswith("_FILE")}
    for value in sorted(files):
        if "/" in value:
            yield f"{value} is not below {READ_FROM_FILE}"
    for name, value in given.items():
        if name.endswith("_FILE") and value != READ_FROM_FILE + name.removesuffix("_FILE"):
            yield f"{name} is {value}: a secret's file is called like the setting"
    pattern, external = manifests.the("Secret"), manifests.the("ExternalSecret")
    values = pattern.get("stringData", {})
    for name, value in {**values, **pattern.get("data", {})}.items():
        if value != PLACEHOLDER:
            yield f"k8s/secret holds a value for {name}; only {PLACEHOLDER} is refused by the service wherever it stands"
    for where, keys in {
        "k8s/secret": set(values),
        "k8s/external-secrets": {entry["secretKey"] for entry in external["spec"]["data"]},
    }.items():
        for name in sorted(files ^ keys):
            yield f"{where}: {name} is " + ("missing" if name in files else "read by nobody")
    volumes = manifests.the("Deployment")["spec"]["template"]["spec"]["volumes"]
    mounted = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    for name in (pattern["metadata"]["name"], external["spec"]["target"]["name"]):
        if mounted != {name}:
            yield f"the Secret {name} is not what the pods mount"


def containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


def pods_have_no_rights(manifests):
    """The pods run as the image's user, and may do nothing else."""
    user = int(one(r"^USER (\d+):\d+$", "docker/Dockerfile"))
    pod = manifests.the("Deployment")["spec"]["template"]["spec"]
    context = pod.get("securityContext", {})
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        if context.get(name) != user:
            yield f"{name} is {context.get(name)}, and the image's is {user}"
    if context.get("runAsNonRoot") is not True or context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "the pods may be root, or make any system call"
    for name in ("automountServiceAccountToken", "enableServiceLinks"):
        if pod.get(name) is not False:
            yield f"{name} is not false"
    if [pod.get("serviceAccountName")] != [account["metadata"]["name"] for account in manifests.of("ServiceAccount")]:
        yield f"there is no account {pod.get('serviceAccountName')} for the pods"
    for container in containers(pod):
        name, own = container["name"], container.get("securityContext", {})
        if own.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}: has capabilities"
        if own.get("readOnlyRootFilesystem") is not True or own.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: may write to its file system, or gain privileges"
        if own.get("privileged") or own.get("runAsUser", user) != user or own.get("runAsNonRoot", True) is not True:
            yield f"{name}: may be root"
        for bound in ("requests", "limits"):
            if container.get("resources", {}).get(bound, {}).keys() != {"cpu", "memory"}:
                yield f"{name}: has no {bound} of cpu and memory"
        if {"configMapRef": {"name": manifests.the("ConfigMap")["metadata"]["name"]}} not in container.get("envFrom", []):
            yield f"{name}: does not get the settings"
        mounts = {mount["name"]: mount for mount in container.get("volumeMounts", [])}
        for missing in sorted({volume["name"] for volume in pod["volumes"]} ^ mounts.keys()):
            yield f"{name}: the volume {missing} is not there, or not mounted"
        paths = {mount["mountPath"]: mount.get("readOnly", False) for mount in mounts.values()}
        expected = {one(r"\bDATA_DIR=(\S+)", "docker/Dockerfile"): False, READ_FROM_FILE.rstrip("/"): True}
        if paths != expected:
            yield f"{name}: mounts {paths}, and not {expected} (True: read-only)"


def one_image_of_this_version(manifests):
    """Every container is the version that this is."""
    version = one(r'^version = "(.+)"$', "Cargo.toml")
    deployment = manifests.the("Deployment")
    images = {container["image"] for container in containers(deployment["spec"]["template"]["spec"])}
    if len(images) != 1:
        yield f"the containers have several images: {', '.join(sorted(images))}"
    for image in sorted(images):
        if not re.search(rf":{re.escape(version)}(@sha256:[0-9a-f]{{64}})?$", image):
            yield f"the image {image} is not of this version, {version}"
    for metadata in (deployment["metadata"], deployment["spec"]["template"]["metadata"]):
        if metadata["labels"].get("app.kubernetes.io/version") != version:
            yield f"a label of the deployment says another version than {version}"


def ports_agree(manifests, given):
    """Settings, containers, services, probes, policies and ingress mean the same ports."""
    (container,) = manifests.the("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    expected = {"http": int(one(r"\bPORT=(\d+)", "docker/Dockerfile")), "metrics": int(given.get("METRICS_PORT", 0))}
    if ports != expected:
        yield f"the container's ports are {ports}, and the service listens at {expected}"
    for probe, path in PROBED.items():
        get = container.get(probe, {}).get("httpGet", {})
        if (get.get("path"), get.get("port")) != (path, "http"):
            yield f"{probe} does not ask {path} of the port http"
    service = manifests.the("Service")
    offered = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
    if offered != {name: name for name in ports}:
        yield f"the service's ports lead to {offered}, and not each to the container's of its name"
    for rule in manifests.the("Ingress")["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            if (backend["name"], backend["port"].get("name")) != (service["metadata"]["name"], "http"):
                yield f"the ingress leads to {backend}, and not to the service's port http"
    secured = {host for tls in manifests.the("Ingress")["spec"].get("tls", []) for host in tls["hosts"]}
    if secured != {rule["host"] for rule in manifests.the("Ingress")["spec"]["rules"]}:
        yield "the ingress has hosts without TLS"
    for policy in manifests.of("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            if not rule.get("from") or not rule.get("ports"):
                yield f"the network policy {policy['metadata']['name']} lets in whoever comes, or to any port"
            for port in rule.get("ports", []):
                if port["port"] not in ports:
                    yield f"the network policy {policy['metadata']['name']} names the port {port['port']}, which no container has"
        for rule in policy["spec"].get("egress", []):
            if not rule.get("to") or not rule.get("ports"):
                yield f"the network policy {policy['metadata']['name']} lets out to anybody, or to any port"
    for endpoint in manifests.the("ServiceMonitor")["spec"]["endpoints"]:
        if (endpoint["port"], endpoint["path"]) != ("metrics", "/metrics"):
            yield "the monitor does not ask /metrics of the port metrics"


def selectors_select(manifests):
    """Whoever selects pods selects these."""
    deployment = manifests.the("Deployment")
    pods = deployment["spec"]["template"]["metadata"]["labels"]
    pod = deployment["spec"]["template"]["spec"]
    service = manifests.the("Service")
    selectors = {
        "the deployment": deployment["spec"]["selector"].get("matchLabels"),
        "the service": service["spec"].get("selector"),
        "the disruption budget": manifests.the("PodDisruptionBudget")["spec"]["selector"].get("matchLabels"),
    }
    for spread in pod.get("topologySpreadConstraints", []):
        selectors[f"the spread over {spread['topologyKey']}"] = spread["labelSelector"].get("matchLabels")
    if len(selectors) == 3:
        yield "the pods are not spread over nodes"
    denied = set()
    for policy in manifests.of("NetworkPolicy"):
        spec = policy["spec"]
        if spec["podSelector"] != {}:
            selectors[f"the network policy {policy['metadata']['name']}"] = spec["podSelector"].get("matchLabels")
        elif "ingress" not in spec and "egress" not in spec:
            denied |= set(spec["policyTypes"])
    if denied != {"Ingress", "Egress"}:
        yield "no network policy denies what is not allowed"
    for who, selector in selectors.items():
        if not fits(selector, pods):
            yield f"{who} selects {selector}, and the pods are {pods}"
        elif "app.kubernetes.io/version" in selector:
            yield f"{who} selects one version, and would lose the pods at an upgrade"
    target = manifests.the("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    if target != {"apiVersion": deployment["apiVersion"], "kind": "Deployment", "name": deployment["metadata"]["name"]}:
        yield f"the autoscaler's target is {target}, and not the deployment"
    if "replicas" in deployment["spec"]:
        yield "the deployment has replicas: every apply would undo what the autoscaler decided"
    if not fits(manifests.the("ServiceMonitor")["spec"]["selector"].get("matchLabels"), service["metadata"]["labels"]):
        yield "the monitor does not select the service"


def times_suffice(manifests, given):
    """Nobody is killed who would have ended, or begun, by themselves."""
    pod = manifests.the("Deployment")["spec"]["template"]["spec"]
    least = int(given.get("SHUTDOWN_GRACE_SECONDS", 0)) + IN_FLIGHT
    if pod.get("terminationGracePeriodSeconds", 30) <= least:
        yield f"terminationGracePeriodSeconds is not more than the {least} s that the service may take to end"
    default = re.search(r"^\| `DATABASE_CONNECT_TIMEOUT_SECONDS` \| `(\d+)`", text("docs/SETTINGS.md"), re.MULTILINE)
    waits = int(given.get("DATABASE_CONNECT_TIMEOUT_SECONDS", default.group(1)))
    probe = pod["containers"][0].get("startupProbe", {})
    if probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3) <= waits:
        yield f"the startup probe gives up within the {waits} s that the service waits for its database"
    if pod["containers"][0].get("readinessProbe", {}).get("timeoutSeconds", 1) <= 2:
        yield "the readiness probe does not wait for the 2 s in which /ready answers"
    (migrate,) = pod.get("initContainers", [{}])
    if migrate.get("args") != ["migrate", "up"] or pod["containers"][0].get("args") != ["serve"]:
        yield "the pods do not migrate and then serve"


def findings(manifests):
    """Yields a sentence for each promise that does not hold."""
    given = manifests.the("ConfigMap")["data"]
    yield from settings_exist(manifests, given)
    yield from secrets_are_there(manifests, given)
    yield from pods_have_no_rights(manifests)
    yield from one_image_of_this_version(manifests)
    yield from ports_agree(manifests, given)
    yield from selectors_select(manifests)
    yield from times_suffice(manifests, given)


def main():
    manifests = Manifests()
    # A file that cannot be read or is misplaced is missing everywhere else too, and that would only hide the reason.
    try:
        found = manifests.broken or list(everything_has_its_place(manifests)) or list(findings(manifests))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = [f"a manifest lacks something, or it has another form than expected: {error!r}"]
    for finding in found:
        print(finding, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

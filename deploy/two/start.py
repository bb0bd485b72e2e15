"""Two processes of the assistant behind nginx, on one PostgreSQL and one Chroma server, all of this machine.

    .venv/bin/python deploy/two/start.py FOLDER [--port 7870] [--metrics 9464]

Everything is kept in FOLDER; a second start goes on with what is there. nginx listens on 127.0.0.1 and the port, the
two processes, Chroma and PostgreSQL on the four ports after it. Ctrl+C ends all. When one of the two processes ends,
the other goes on alone; when anything else ends, all do.
"""

from __future__ import annotations

import argparse
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from children import Child, Children, Failed, answers

Command = list[str | Path]
HERE, BIN = Path(__file__).parent, Path(sys.executable).parent
HOST = "127.0.0.1"
# Whom PostgreSQL runs as when root starts it, for it refuses root; Debian's package brings this user.
SERVANT = "postgres"
# The first start embeds the whole book.
BUILDING_SECONDS = 1200
INSTALL = "apt-get install --no-install-recommends postgresql nginx-light"


def main() -> int:
    """Start all, print the address, wait; 1 with one clear line when something is missing or ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where everything is kept")
    parser.add_argument("--port", type=int, default=7870, help="nginx's; the next four are used too (default: 7870)")
    parser.add_argument("--metrics", type=int, help="Prometheus ports of the two processes: this one and the next")
    given = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    folder = given.folder.expanduser().resolve()
    children = Children(folder / "logs")
    try:
        apps = started(children, folder, given.port, given.metrics)
        print(f"Kei Assistant: http://{HOST}:{given.port}  (Ctrl+C stops it)", flush=True)
        watch(children, apps)
    except KeyboardInterrupt:
        print("stopping", flush=True)
    except (Failed, OSError) as error:
        print(f"two: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        children.stop()
    return 0


def started(children: Children, folder: Path, port: int, metrics: int | None) -> list[Child]:
    """Everything, in the order in which it needs each other; the two processes of the assistant."""
    own, app_a, app_b, chroma, postgres = range(port, port + 5)
    nginx = found("nginx")
    free(own, app_a, app_b, chroma, postgres, *((metrics, metrics + 1) if metrics else ()))
    folder.mkdir(parents=True, exist_ok=True)
    # PostgreSQL's user must come to its own folder; the others are open to their owner only.
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for name in ("settings", "data", "chroma", "logs", "nginx"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    url = start_postgres(children, folder, postgres)
    run: Command = [BIN / "chroma", "run", "--path", folder / "chroma", "--host", HOST, "--port", str(chroma)]
    # Else it writes some lines for every search.
    children.start("chroma", run, env={"RUST_LOG": "warn", **os.environ})
    children.wait_for(lambda: answers(f"http://{HOST}:{chroma}/api/v2/heartbeat"), 60, "Chroma")
    kept(folder / "settings" / "KEI_SESSION_KEY", secrets.token_urlsafe(48))
    written(folder / "settings" / "KEI_DATABASE_URL", url)
    written(folder / "settings" / "KEI_CHROMA_URL", f"http://{HOST}:{chroma}")
    written(folder / "settings" / "KEI_DATA_DIR", str(folder / "data"))
    apps = [
        start_app(children, folder, f"app-{name}", own_port, metrics and metrics + n)
        for n, (name, own_port) in enumerate((("a", app_a), ("b", app_b)))
    ]
    print("starting; the first time the book is embedded, which takes some minutes", flush=True)
    both = [f"http://{HOST}:{one}/readyz" for one in (app_a, app_b)]
    children.wait_for(lambda: all(map(answers, both)), BUILDING_SECONDS, "the assistant")
    start_nginx(children, folder, nginx, own, (app_a, app_b))
    return apps


def start_postgres(children: Children, folder: Path, port: int) -> str:
    """PostgreSQL on a cluster of its own, made at the first start; the address with its password."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    servant = SERVANT if os.geteuid() == 0 else None
    if not versions or (servant and servant not in {user.pw_name for user in pwd.getpwall()}):
        raise Failed(f"PostgreSQL is missing; run: {INSTALL}")
    programs, data = versions[-1].parent, folder / "postgres"
    password = kept(folder / "settings" / "postgres_password", secrets.token_urlsafe(24))
    if not (data / "PG_VERSION").is_file():
        shutil.rmtree(data, ignore_errors=True)  # a first start that was cut off
        data.mkdir(mode=0o700)
        if servant:
            shutil.chown(data, servant, servant)
        with tempfile.NamedTemporaryFile("w", dir=folder) as said:
            said.write(password)
            said.flush()
            if servant:
                shutil.chown(said.name, servant, servant)
            make: Command = [programs / "initdb", "-D", data, "-U", "kei", "-E", "UTF8", "--locale=C"]
            make += ["--auth=scram-sha-256", f"--pwfile={said.name}"]
            as_servant = {"user": servant, "group": servant, "extra_groups": []} if servant else {}
            told = subprocess.run(make, capture_output=True, text=True, cwd="/", check=False, **as_servant)  # type: ignore[call-overload]
        if told.returncode:
            raise Failed(f"PostgreSQL made no cluster in {data}: {told.stderr.strip().splitlines()[-1]}")
    serve: Command = [programs / "postgres", "-D", data, "-h", HOST, "-p", str(port), "-c", "unix_socket_directories="]
    children.start("postgres", serve, user=servant, ends_on=signal.SIGINT)
    ready: Command = [programs / "pg_isready", "-q", "-h", HOST, "-p", str(port)]
    children.wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, 60, "PostgreSQL")
    # The cluster serves nobody else, so its first database will do.
    return f"postgresql://kei:{password}@{HOST}:{port}/postgres"


def start_app(children: Children, folder: Path, name: str, port: int, metrics: int | None) -> Child:
    """One process of the assistant; what both must have alike, secrets too, it reads from files."""
    env = {key: value for key, value in os.environ.items() if key not in ("KEI_METRICS_PORT", *shared(folder))}
    env |= {"KEI_SECRETS_DIR": str(folder / "settings"), "HF_HUB_OFFLINE": "1"}
    env.setdefault("OMP_NUM_THREADS", "1")
    if metrics:
        env["KEI_METRICS_PORT"] = str(metrics)
    return children.start(name, [BIN / "kei", "serve", "--host", HOST, "--port", str(port)], env=env)


def start_nginx(children: Children, folder: Path, nginx: Path, port: int, apps: tuple[int, int]) -> None:
    """nginx, with its two files filled in."""
    listen, a, b = (f"{HOST}:{one}" for one in (port, *apps))
    values = {"FOLDER": str(folder), "KEI_LISTEN": listen, "KEI_APP_A": a, "KEI_APP_B": b}
    for name in ("nginx.conf", "site.conf"):
        text = (HERE / name).read_text("utf-8")
        filled = re.sub(r"\$\{([A-Z_]+)\}", lambda match: values.get(match[1], match[0]), text)
        (folder / "nginx" / name).write_text(filled, "utf-8")
    run: Command = [nginx, "-e", "stderr", "-p", folder / "nginx", "-c", folder / "nginx" / "nginx.conf"]
    children.start("nginx", [*run, "-g", "daemon off;"])
    children.wait_for(lambda: answers(f"http://{HOST}:{port}/readyz"), 30, "nginx")


def watch(children: Children, apps: list[Child]) -> None:
    """Until Ctrl+C. One process of the assistant may end. Raises Failed for the second, and for all others."""
    said: set[str] = set()
    while True:
        for child in children.gone():
            if child not in apps or len(said | {child.name}) == len(apps):
                raise child.failed()
            if child.name not in said:
                print(f"{child.failed()}\nthe other one goes on alone", file=sys.stderr, flush=True)
                said.add(child.name)
        time.sleep(0.5)


def found(program: str) -> Path:
    """A program of this machine; some lie where only root looks."""
    path = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if path is None:
        raise Failed(f"{program} is missing; run: {INSTALL}")
    return Path(path)


def free(*ports: int) -> None:
    """Raises Failed for a port on which somebody listens."""
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                raise Failed(f"port {port} is taken; stop what listens there, or name another --port")


def shared(folder: Path) -> list[str]:
    """The settings that both processes read from files; a variable of the same name would go before them."""
    return [path.name for path in (folder / "settings").iterdir()]


def kept(path: Path, value: str) -> str:
    """A secret, made at the first start and readable by its owner only."""
    if not path.is_file():
        written(path, value)
    return path.read_text("ascii")


def written(path: Path, value: str) -> None:
    """The file, whole or not at all."""
    beside = path.with_name(f".{path.name}")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
        out.write(value)
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main())

"""compose.yaml and the Dockerfile as far as they can be judged without Docker: their shape, and what they name."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from assistant.settings import Settings
from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
SITE = (ROOT / "deploy" / "two" / "site.conf").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("app-a", "app-b", "kei")
# Uvicorn's; the rest are settings.
NOT_OURS = {"FORWARDED_ALLOW_IPS"}


def test_it_is_the_shape_that_the_script_starts() -> None:
    assert set(SERVICES) == {"proxy", "chroma", "postgres", *OURS}
    assert SERVICES["app-a"] == SERVICES["app-b"]
    assert SERVICES["kei"]["profiles"] == ["tools"]


def test_only_the_proxy_is_reached_and_only_on_this_machine() -> None:
    assert {name for name, one in SERVICES.items() if one.get("ports")} == {"proxy"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["proxy"]["ports"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {name for name, one in SERVICES.items() if one["networks"] != ["inside"]} == {"proxy", "kei"}


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_and_nothing_can_be_written(name: str) -> None:
    one = SERVICES[name]
    assert re.search(r":\d+\.\d+[\w.-]*$", one["image"])
    assert one["read_only"] is True
    assert "/tmp" in one["tmpfs"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert not one.get("privileged")
    # PostgreSQL's image changes to its own user by itself, for which it needs some of root's powers.
    assert one.get("cap_drop") == (None if name == "postgres" else ["ALL"])


def test_our_image_is_this_version_and_runs_as_nobody_special() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"kei-assistant:{project['version']}"}
    assert re.search(r"^FROM python:3\.11\.\d+-slim-\w+$", DOCKERFILE, re.M)
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.M)
    copied = [word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M) for word in line.split()[:-1]]
    assert all((ROOT / word).exists() for word in copied)
    assert f'"torch=={_pinned("torch")}"' in DOCKERFILE
    assert SERVICES["chroma"]["image"].endswith(f":{_pinned('chromadb')}")


def _pinned(name: str) -> str:
    found = re.search(rf"^{name}==([^\s;+]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.M)
    assert found
    return found[1]


def test_names_are_settings_and_no_secret_stands_inside() -> None:
    for name in OURS:
        named = set(SERVICES[name]["environment"]) - NOT_OURS
        assert {one.removeprefix("KEI_").lower() for one in named} <= set(Settings.model_fields)
        secret = {one for one in SERVICES[name]["secrets"] if one.startswith("KEI_")}
        assert {one.removeprefix("KEI_").lower() for one in secret} <= set(Settings.model_fields)
    assert {one for service in SERVICES.values() for one in service.get("secrets", ())} == set(COMPOSE["secrets"])
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert not re.search(r"postgresql://|PASSWORD:|SESSION_KEY: [^\n]", text)


def test_everything_that_is_named_is_there() -> None:
    for one in SERVICES.values():
        assert set(one.get("depends_on", ())) <= set(SERVICES)
        assert {volume.partition(":")[0] for volume in one.get("volumes", ())} <= set(COMPOSE["volumes"])
        assert {config["source"] for config in one.get("configs", ())} <= set(COMPOSE["configs"])
    assert (ROOT / COMPOSE["configs"]["site"]["file"]).is_file()
    assert (ROOT / SERVICES["app-a"]["build"]["dockerfile"]).is_file()
    filled = set(re.findall(r"\$\{([A-Z_]+)\}", SITE))
    assert filled == {one for one in SERVICES["proxy"]["environment"] if one.startswith("KEI_")}

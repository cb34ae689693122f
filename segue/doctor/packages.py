"""Whether the installed packages get along."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from segue.doctor.finding import Finding, fix, ok
from segue.settings import Settings

AGAIN = "install anew by the lock: uv pip install --constraints requirements.txt"


def check_packages(settings: Settings) -> Finding:
    """Look for versions that another package cannot work with, and for two packages with the same files."""
    hopsworks = _version("hopsworks")
    if hopsworks is None and settings.store_url.startswith("hopsworks://"):
        return fix(
            "SEGUE_STORE names Hopsworks, and its client is not installed: in Segue's folder, "
            "uv pip install --editable '.[hopsworks]'"
        )
    if hopsworks is not None and _version("deltalake") is not None:
        return fix(
            "deltalake has overwritten files of the Hopsworks client, whose writes fail then: "
            "uv pip uninstall deltalake hops-deltalake, and install segue[hopsworks] anew"
        )
    unmet = [*_unmet("segue"), *(_unmet("hopsworks", "python") if hopsworks else ())]
    if unmet:
        return fix(f"{unmet[0]}; {AGAIN} 'segue{'[hopsworks]' if hopsworks else ''}'")
    return ok(f"pandas {_version('pandas')}, {f'Hopsworks {hopsworks}' if hopsworks else 'no Hopsworks client'}")


def _unmet(package: str, extra: str = "") -> Iterator[str]:
    for requirement in map(Requirement, requires(package) or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            found = _version(requirement.name)
            if found is None:
                yield f"{package} needs {requirement.name}, which is not installed"
            elif not requirement.specifier.contains(found, prereleases=True):
                yield f"{package} needs {requirement.name} {requirement.specifier}, and {found} is installed"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

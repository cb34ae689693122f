"""Whether every setting that somebody wrote is one, and whether others can read their secrets."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from segue.doctor.finding import Finding, fix, ok
from segue.settings import Settings

PREFIXES = ("SEGUE_", "SPOTIFY_", "HOPSWORKS_")
OTHERS = ("SEGUE_DEBUG", "SEGUE_TEST_POSTGRESQL")
"""What is no setting, and read nevertheless."""

OF_THE_CLIENT = (
    "HOPSWORKS_CERT_FOLDER",
    "HOPSWORKS_ENGINE",
    "HOPSWORKS_JOB_EXECUTION_ID",
    "HOPSWORKS_JOB_NAME",
    "HOPSWORKS_KERNEL_ID",
    "HOPSWORKS_PROJECT",
    "HOPSWORKS_PROJECT_ID",
    "HOPSWORKS_PROJECT_NAME",
    "HOPSWORKS_PUBLIC_HOST",
    "HOPSWORKS_RUN_WITH_TYPECHECK",
)
"""What the Hopsworks client reads for its other users, or finds on a cluster."""

ENV_FILE = Path(".env")
FOR_OTHERS = 0o077


def check_names(settings: Settings) -> Finding:
    """Look for names in the environment and in `.env` that mean nothing."""
    del settings  # that they could be read is the first thing known
    settable = [str(field.validation_alias) for field in Settings.model_fields.values()]
    known = {*settable, *OTHERS, *OF_THE_CLIENT}
    written = {**os.environ, **dotenv_values(ENV_FILE)}
    # pydantic-settings does not mind lower case.
    unknown = sorted(name for name in written if name.upper().startswith(PREFIXES) and name.upper() not in known)
    if unknown:
        near = get_close_matches(unknown[0].upper(), settable, 1)
        return fix(f"{unknown[0]} is no setting{f': did you mean {near[0]}?' if near else ''} .env.example shows all")
    if ENV_FILE.exists() and ENV_FILE.stat().st_mode & FOR_OTHERS:
        return fix(f"others on this machine can read {ENV_FILE.absolute()}, which holds secrets: chmod 600 .env")
    return ok("every name is known" + (", in .env, too" if ENV_FILE.exists() else "; there is no .env here"))

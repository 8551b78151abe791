"""The stack's credentials, put into the Secrets that `headroom.desired` left open. They stay Pulumi secrets from end to end."""

import base64
import json

import pulumi

from components.configuration import SECRETS
from headroom.desired.objects import Object
from headroom.desired.serving import CredentialUse, Uses
from headroom.desired.serving.secrets import REGISTRY_USER


def filled_in(secret: Object, uses: Uses) -> Object:
    """The Secret with its values as Pulumi secrets. Raises `pulumi.RunError` for a credential that the stack has not."""
    credentials = pulumi.Config().require_secret_object(SECRETS)
    values = {key: pulumi.Output.secret(credentials.apply(lambda known, use=use: _value(use, known))) for key, use in uses.items()}
    return {**secret, "stringData": values}


def _value(use: CredentialUse, known: dict[str, str]) -> str:
    if use.credential not in known:
        raise pulumi.RunError(
            f"credentials.{use.credential} is missing: set it with `pulumi config set --secret --path headroom:{SECRETS}.{use.credential}`"
        )
    value = known[use.credential]
    if use.form == "plain":
        return value
    login = base64.b64encode(f"{REGISTRY_USER}:{value}".encode()).decode()
    return json.dumps({"auths": {use.registry: {"username": REGISTRY_USER, "password": value, "auth": login}}})

"""The stack's credentials, put into the Secrets that `headroom.desired` left open. They stay Pulumi secrets from end to end."""

import base64
import json

import pulumi

from components.configuration import SECRETS
from headroom.desired.objects import Object
from headroom.desired.serving import CredentialUse, Uses


def filled_in(item: Object, uses: Uses | None) -> Object:
    """A Secret with its values as Pulumi secrets; an object that uses none as it is. That the stack has them was judged before."""
    if uses is None:
        return item
    credentials = pulumi.Config().require_secret_object(SECRETS)
    values = {key: pulumi.Output.secret(credentials.apply(lambda known, use=use: value(use, known))) for key, use in uses.items()}
    return {**item, "stringData": {**item.get("stringData", {}), **values}}


def value(use: CredentialUse, known: dict[str, str]) -> str:
    """What stands under one key of a Secret; `known` are the stack's credentials."""
    secret = known[use.credential]
    if use.form == "plain":
        return secret
    if use.form == "within":
        return use.document.replace(json.dumps(use.shown), json.dumps(secret))
    login = base64.b64encode(f"{use.user}:{secret}".encode()).decode()
    return json.dumps({"auths": {use.registry: {"username": use.user, "password": secret, "auth": login}}})

"""A plain Kubernetes object as a Pulumi resource, exactly as `headroom.desired` says it."""

import pulumi
import pulumi_kubernetes

from headroom.desired.objects import Object


def apply(name: str, obj: Object, *, opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """Registers `obj` under the logical name `name`.

    One generic resource for every kind: what is applied is what was rendered and verified, with no second spelling of it in between.
    The type token is the Kubernetes provider's own (`kubernetes:<group>/<version>:<kind>`, the core group named `core`).
    """
    api_version = obj["apiVersion"]
    token = f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{obj['kind']}"
    version = pulumi.ResourceOptions(version=pulumi_kubernetes._utilities.get_version())
    return pulumi.CustomResource(token, name, dict(obj), pulumi.ResourceOptions.merge(version, opts))

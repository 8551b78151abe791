"""The sentences of the official plugin, which users search for and programs match."""

from __future__ import annotations

from headroom.plugins.kubernetes.client import GVK, Object

NOT_CREATED = 'resource "{urn}" was not successfully created by the Kubernetes API server: {cause}'
NOT_READY_AFTER_CREATE = (
    'resource "{urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: '
    "{cause}"
)
NOT_READY_AFTER_UPDATE = 'the Kubernetes API server reported that "{name}" failed to fully initialize or become live: {cause}'
UPDATE_FAILED = 'update of resource "{urn}" failed: {cause}\nunable to get cluster state: {state}'
NO_SUCH_KIND = (
    "failed because the Kubernetes API server reported that the apiVersion for this resource does not exist. "
    "Verify that any required CRDs have been created: {cause}"
)
CREATE_NO_SUCH_KIND = 'creation of resource "{urn}" with kind {kind} ' + NO_SUCH_KIND
UPDATE_NO_SUCH_KIND = 'update of resource "{urn}" ' + NO_SUCH_KIND
RETRY = "Retry #{number}; creation failed: {cause}"
CONFLICT = (
    "server-side apply field conflict detected, see https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources for troubleshooting help\n"
    'The resource managed by field manager "{manager}" had an apply conflict: {cause}'
)
ALREADY_EXISTS = """{cause}

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use `pulumi import`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create."""
CANCELED = "client rate limiter Wait returned an error: context canceled"

UNREACHABLE = "configured Kubernetes cluster is unreachable"
UNREACHABLE_BECAUSE = UNREACHABLE + ": {cause}"
REMOVABLE = (
    ". If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the "
    'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"'
)
UNREACHABLE_DELETE = UNREACHABLE + REMOVABLE
UNREACHABLE_READ = "failed to read resource state due to unreachable cluster" + REMOVABLE
UNREACHABLE_DROPPED = UNREACHABLE + (" and the `deleteUnreachable` option is enabled. Deleting the unreachable resource from Pulumi state")
UNREACHABLE_KEPT = UNREACHABLE + (
    " and the `skipUnreachable` option is enabled. Returned data could not reflect the actual cluster configuration."
)
UNREACHABLE_SKIPPED = "Cluster is unreachable but skipUpdateUnreachable flag is set to true, skipping..."

# Kinds that Kubernetes keeps serving and advises against: told at every preview and update.
DEPRECATED = {GVK("v1", "Endpoints"): "v1/Endpoints is deprecated by discovery.k8s.io/v1/EndpointSlice."}


def qualified_name(obj: Object) -> str:
    """`namespace/name`, or the name alone: an object's Pulumi id and its name in messages."""
    metadata = obj.get("metadata") or {}
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]

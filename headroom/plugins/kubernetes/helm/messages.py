"""What is said of a release: the official plugin's sentences, and ours where it has none."""

CREATED_FAILED = (
    'Helm release "{name}" was created but has a failed status. Use the `helm` command to investigate the error, correct it, then retry. '
    "Reason: {cause}"
)
NOT_INITIALIZED = (
    'Helm release "{id}" was created, but failed to initialize completely. Use Helm CLI to investigate: '
    "failed to become available within allocated timeout. Error: Helm Release {namespace}/{name}: {cause}"
)
NOT_UPGRADED = (
    'Helm release "{id}" failed to initialize completely. Use Helm CLI to investigate: error running update: '
    "failed to become available within allocated timeout. Error: Helm Release {namespace}/{name}: {cause}"
)
UNREACHABLE = "can't {verb} Helm Release with unreachable cluster: {cause}"
UNINSTALLED = 'Helm uninstall returned information: "{info}"'

CUT_OFF_INSTALL = 'an earlier run was cut off while it installed "{name}" ({status}): it is taken away and installed again'
CUT_OFF_UPGRADE = 'an earlier run was cut off while it changed "{name}" ({status}): it is rolled back to revision {revision} first'
PENDING_ELSEWHERE = (
    'Helm release "{id}" is being installed ({status}) by somebody else, or was when that was cut off: wait for it and give this release '
    "another name, or take it away with `helm uninstall {name} --namespace={namespace}`"
)
VANISHED = 'Helm release "{id}" is gone again: somebody else has removed it'
IMPORT = "the import of a helm.v3.Release: its chart is not known to the cluster; remove the release and let the program install it"

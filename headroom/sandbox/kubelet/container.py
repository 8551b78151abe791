"""Starts one container and stays as its parent until it ends; a program of its own: `python -I -S container.py SPEC STATUS_FD`.

SPEC is a JSON file (see `runtime.Launch`). The container gets mount and PID namespaces of its own, the network, host name and IPC
namespaces of its pod, and a root file system assembled from `operations`. It dies with this process, and all that it started with it.

On STATUS_FD goes one line: `{"pid", "launcher", "launcherTicks", "startedAt"}` once the program runs, or `{"error"}`. The same goes
into `running.json` beside SPEC, and `exit.json` (`{"exitCode", "signal", "finishedAt", "error"}`) when it has ended: an agent that
was started anew reads them.

It imports nothing of this project and no package, because it stands once beside every running container.
"""

import ctypes
import json
import os
import signal
import sys
import time

CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE, MS_RDONLY = 2, 4, 8, 32, 4096, 16384, 1 << 18, 1
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY, SYS_MOUNT_SETATTR = -100, 0x8000, 1, 442
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 1, 24, 38, 47, 4
LAST_CAPABILITY = 63

libc = ctypes.CDLL(None, use_errno=True)


class MountAttributes(ctypes.Structure):
    _fields_ = (("set", ctypes.c_uint64), ("clear", ctypes.c_uint64), ("propagation", ctypes.c_uint64), ("userns", ctypes.c_uint64))


def check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind, flags, options=""):
    check(libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()), f"mount {target}")


def make_readonly(target):
    attributes = MountAttributes(set=MOUNT_ATTR_RDONLY)
    size = ctypes.sizeof(attributes)
    result = libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, target.encode(), AT_RECURSIVE, ctypes.byref(attributes), size)
    check(result, f"read-only {target}")


def bind(root, source, target, readonly):
    path = root + target
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    elif not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, path, "", MS_BIND | MS_REC)
    if readonly:
        make_readonly(path)


def tmpfs(root, target, options):
    os.makedirs(root + target, exist_ok=True)
    mount("tmpfs", root + target, "tmpfs", MS_NOSUID | MS_NODEV, options)


def proc(root, target):
    os.makedirs(root + target, exist_ok=True)
    try:
        mount("proc", root + target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except PermissionError:  # inside some containers a user namespace may not mount a fresh one
        mount("/proc", root + target, "", MS_BIND | MS_REC)


def directory(root, target, mode):
    os.makedirs(root + target, exist_ok=True)
    os.chmod(root + target, mode)


def write(root, target, text, mode):
    os.makedirs(os.path.dirname(root + target), exist_ok=True)
    with open(root + target, "w") as file:
        file.write(text)
    os.chmod(root + target, mode)


def link(root, target, to):
    os.makedirs(os.path.dirname(root + target), exist_ok=True)
    os.symlink(to, root + target)


OPERATIONS = {"bind": bind, "tmpfs": tmpfs, "proc": proc, "directory": directory, "write": write, "link": link}


def assemble(spec):
    check(libc.unshare(CLONE_NEWNS), "unshare")  # here and not in the parent: leaving the old root would take it along
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    root = spec["root"]
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1g")
    for name, *arguments in spec["operations"]:
        OPERATIONS[name](root, *arguments)
    os.chdir(root)
    check(libc.pivot_root(b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "leave the old root")
    if spec["readOnlyRoot"]:
        mount("", "/", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def become(identity):
    """The user and the rights of the program; `identity` is null where the namespace has no other user than its root."""
    if identity.get("dropAllCapabilities"):
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
        for capability in range(LAST_CAPABILITY + 1):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if identity.get("uid") is not None:
        os.setgroups(identity["groups"])
        os.setresgid(identity["gid"], identity["gid"], identity["gid"])
        os.setresuid(identity["uid"], identity["uid"], identity["uid"])
    if identity.get("noNewPrivileges"):
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def program(name, path):
    """The file of a command, searched as the container's PATH says."""
    candidates = [name] if "/" in name else [os.path.join(part, name) for part in path.split(":")]
    for candidate in candidates:
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    where = "no such file or directory" if "/" in name else "executable file not found in $PATH"
    raise FileNotFoundError(f'exec: "{name}": {where}')


def run(spec, failure):
    """In the child, process 1 of the container: becomes its program, or tells why not."""
    try:
        assemble(spec)
        become(spec["identity"])
        try:
            os.chdir(spec["cwd"])
        except OSError as error:
            raise OSError(f"workingDir {spec['cwd']}: {error.strerror}") from None
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execve(program(spec["argv"][0], spec["env"].get("PATH", "")), spec["argv"], spec["env"])
    except Exception as error:  # noqa: BLE001  (everything that goes wrong here is the container's start error)
        os.write(failure, str(error).encode())
    os._exit(128)


def start_ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[19])


def save(path, content):
    with open(path + ".new", "w") as file:
        json.dump(content, file)
    os.replace(path + ".new", path)


def enter(namespaces):
    for path in namespaces:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        check(libc.setns(descriptor, 0), f"enter {path}")
        os.close(descriptor)


def report(status, content):
    try:
        os.write(status, (json.dumps(content) + "\n").encode())
        os.close(status)
    except OSError:
        pass  # the agent is gone; it finds the files when it is back


def main(path, status):
    with open(path) as file:
        spec = json.load(file)
    here = os.path.dirname(path)
    log = os.open(spec["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(status, False)
    enter(spec["namespaces"])
    name = spec["hostname"].encode()
    check(libc.sethostname(name, len(name)), "host name")
    check(libc.unshare(CLONE_NEWPID), "unshare")
    told, failure = os.pipe()
    child = os.fork()
    if child == 0:
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        run(spec, failure)
    os.close(failure)
    me = os.getpid()
    started = {"pid": child, "launcher": me, "launcherTicks": start_ticks(me), "startedAt": time.time()}
    error = os.read(told, 4096).decode()
    if not error:
        save(here + "/running.json", started)
        report(status, started)
    _, outcome = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(outcome)
    number = max(0, -code)
    ended = {"exitCode": 128 + number if number else code, "signal": number, "finishedAt": time.time(), "error": error}
    save(here + "/exit.json", ended)
    if error:
        report(status, {"error": error})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

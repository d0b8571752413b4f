#!/usr/bin/env bash
# Minimal Debian systems to try installations in, as root.
#
#   jobs/bare_root.sh build SUITE KIND
#       Make a root of bookworm or trixie, once, and print its folder, below $XDG_CACHE_HOME/eiassembly/bare (default
#       ~/.cache/...). KIND: bare (make, git, python3), python (and python3-venv), compiler (and g++).
#   jobs/bare_root.sh enter ROOT [OPTION...] -- COMMAND...
#       Run a command in a copy-on-write view of a root, with process ids and mounts of its own; all of it vanishes.
#       --user               as the ordinary user "someone", not as root
#       --offline            without network, and without what this machine tells pip
#       --bind FROM TO       a folder or file of this machine, read-only; --share FROM TO: writable
#       --read-only FOLDER   a folder of the root in which nothing can be written
#       --set NAME=VALUE     in the environment, which is empty but for HOME, PATH, LANG and what pip is told
#
# How this machine gets its packages goes along: apt's sources and settings, pip's settings and environment variables,
# proxies, certificates, and the folders that they name. DEBIAN_MIRROR names another mirror.
#
# shellcheck disable=SC1091  # os-release is there on every Linux
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/eiassembly/bare
# Raised when roots are made in another way: those of before are of no use then.
recipe=1
python=${PYTHON:-python3}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:/usr/sbin:/sbin

say() { echo "eiassembly: $*" >&2; }

# --- what this machine tells apt

codename() { (. /etc/os-release && echo "${VERSION_CODENAME:-}"); }

# Lines "URI RELEASE" of this machine's sources of Debian itself.
sources_here() {
    local own
    own=$(codename)
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk -v own="$own" '$3 == "main" && ($2 == own || $2 == own "-updates" || $2 == own "-security") {
            if (!seen[$2]++) print $1, $2 }'
}

# sources_for SUITE: the same for another release of Debian. Nothing where there are none, or not Debian's: debootstrap
# has a mirror of its own.
sources_for() {
    if [[ -n ${DEBIAN_MIRROR:-} ]]; then
        echo "$DEBIAN_MIRROR $1"
    elif (. /etc/os-release && [[ $ID == debian ]]); then
        sources_here | sed "s/ $(codename)/ $1/"
    fi
}

apt_settings() { apt-config dump Acquire 2>/dev/null | grep -v '^Acquire::IndexTargets' || true; }

# --- making roots

# Steps that need a system that runs; the copy that they work on is the future root itself.
apt_in() {
    local root=$1 lists
    shift
    lists=$cache/apt/$(. "$root/etc/os-release" && echo "$VERSION_CODENAME")
    mkdir -p "$lists/partial"
    "$here/bare_root.sh" enter "$root" --in-place --share "$lists" /var/cache/apt/archives \
        --set DEBIAN_FRONTEND=noninteractive -- sh -c "$*"
}

make_bare() {
    local root=$1 suite=$2 mirror
    mirror=$(sources_for "$suite" | awk -v suite="$suite" '$2 == suite { print $1; exit }')
    debootstrap --variant=minbase --include=make,git,python3 "$suite" "$root" ${mirror:+"$mirror"}
    if [[ -n $mirror ]]; then
        sources_for "$suite" | sed 's/^/deb /; s/$/ main/' >"$root/etc/apt/sources.list"
    fi
    apt_settings >"$root/etc/apt/apt.conf.d/90machine"
    # These systems are thrown away: nothing has to survive a loss of power.
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/90unsafe-io"
    chroot "$root" useradd --create-home --uid 1000 --shell /bin/bash someone
    apt_in "$root" apt-get update
    rm -rf "$root"/var/cache/apt/archives/*.deb
}

# extend ROOT FROM PACKAGE...
extend() {
    local root=$1 from=$2
    shift 2
    cp -a --reflink=auto "$from" "$root"
    apt_in "$root" "apt-get update && apt-get install -y --no-install-recommends $*"
}

fill() {
    local root=$1 suite=$2 kind=$3 from
    case $kind in
        bare) make_bare "$root" "$suite" ;;
        python) from=$(build "$suite" bare) && extend "$root" "$from" python3-venv ;;
        compiler) from=$(build "$suite" python) && extend "$root" "$from" g++ ;;
        *) say "no kind of root: $kind" && exit 2 ;;
    esac
}

build() {
    local suite=$1 kind=$2 root log
    root=$cache/$suite-$kind-$recipe
    log=$root.log
    mkdir -p "$cache"
    exec 8>"$root.lock"
    flock 8
    if [[ ! -d $root ]]; then
        say "making a root of Debian ($suite, $kind); log: $log"
        rm -rf "$root.building"
        # A process of its own: in a condition, errors within functions end nothing.
        if ! "$here/bare_root.sh" fill "$root.building" "$suite" "$kind" 8>&- &>"$log" </dev/null; then
            say "the root could not be made: $(grep -E '^E: ' "$log" | tail -n 1 | grep . || tail -n 1 "$log"); log: $log"
            exit 1
        fi
        mv "$root.building" "$root"
    fi
    echo "$root"
}

# --- what this machine tells pip

# pip_settings FOLDER NAME...: writes pip.conf, variables (of these names) and paths, one line each, into the folder.
# Paths are lent below /machine, where neither packages nor the rights of a home directory are in the way.
pip_settings() {
    "$python" - "$@" <<'END'
import ast, configparser, os, re, subprocess, sys
from pathlib import Path

folder, names = Path(sys.argv[1]), sys.argv[2:]
OWN = {"cache-dir", "target", "prefix", "root", "user", "python", "require-virtualenv", "log", "src"}
lent = set()


def moved(match):
    path = Path(match[2])
    if not path.exists():
        return match[0]
    # The links of an index often lead to a folder beside it.
    lent.add(path.parent if path.name == "simple" and path.is_dir() else path)
    return f"{match[1]}/machine{path}"


def at_machine(value):
    return re.sub(r"(^|(?<=\s)|file://)(/[^\s]+)", moved, value)


pip = [sys.executable, "-m", "pip", "config", "list"]
listing = subprocess.run(pip, capture_output=True, text=True, check=False).stdout
config = configparser.RawConfigParser()
for line in listing.splitlines():
    name, _, value = line.partition("=")
    section, _, key = name.rpartition(".")
    if section != ":env:" and key not in OWN:
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, key, at_machine(ast.literal_eval(value)))
with (folder / "pip.conf").open("w") as file:
    config.write(file)
(folder / "variables").write_text("".join(f"{name}={at_machine(os.environ[name])}\n" for name in names))
outermost = [path for path in sorted(lent) if not any(parent in lent for parent in path.parents)]
(folder / "paths").write_text("".join(f"{path}\n" for path in outermost))
END
}

# Names of the variables that tell pip, apt and git how to reach their servers.
network_variables() {
    compgen -e | grep -E '^(PIP_.*|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO)$|_(proxy|PROXY)$' |
        grep -vE '^PIP_(CACHE_DIR|CONFIG_FILE|TARGET|PREFIX|ROOT|USER|PYTHON|REQUIRE_VIRTUALENV|LOG|SRC)$' || true
}

# --- entering

# mount_at ROOT FROM TO: the mount point is made if need be.
mount_at() {
    local to=$1$3
    if [[ -d $2 ]]; then
        mkdir -p "$to"
    else
        mkdir -p "$(dirname "$to")"
        # A link, as /etc/resolv.conf may be one, would lead out of the root.
        [[ -L $to ]] && rm "$to"
        touch "$to"
    fi
    mount --bind "$2" "$to"
}

mount_read_only() {
    mount_at "$@"
    mount -o remount,bind,ro "$1$3"
}

mount_system() {
    local root=$1 device
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        mount_at "$root" "/dev/$device" "/dev/$device"
    done
    mkdir "$root/dev/pts" "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s fd/0 "$root/dev/stdin"
    ln -s fd/1 "$root/dev/stdout"
    ln -s fd/2 "$root/dev/stderr"
}

# Where there can be no overlay (in a container whose own files are one, for instance), all is copied.
mount_view() {
    local pristine=$1 work=$2
    mkdir "$work/upper" "$work/scratch" "$work/root"
    if ! mount -t overlay overlay -o "lowerdir=$pristine,upperdir=$work/upper,workdir=$work/scratch" "$work/root" \
        2>/dev/null; then
        cp -a --reflink=auto "$pristine/." "$work/root"
    fi
}

# How this machine reaches the servers of packages.
bring_network() {
    local root=$1 work=$2 names path
    mapfile -t names < <(network_variables)
    pip_settings "$work" "${names[@]}"
    while read -r path; do
        mount_read_only "$root" "$path" "/machine$path"
    done <"$work/paths"
    mount_read_only "$root" "$work/pip.conf" /etc/pip.conf
    for path in /etc/resolv.conf /etc/hosts /etc/apt/auth.conf /etc/apt/auth.conf.d; do
        if [[ -e $path ]]; then
            mount_read_only "$root" "$(realpath "$path")" "$path"
        fi
    done
}

# Second half of enter, in the new namespaces.
inside() {
    local pristine=$1 work=$2 root user=root online=yes in_place='' later=() settings=() variables=()
    shift 2
    while [[ $1 != -- ]]; do
        case $1 in
            --user) user=someone ;;
            --offline) online='' ;;
            --in-place) in_place=yes ;;
            --bind | --share) later+=("$1" "$2" "$3") && shift 2 ;;
            --read-only) later+=("$1" "$2" "$2") && shift ;;
            --set) settings+=("$2") && shift ;;
            *) say "unknown option $1" && exit 2 ;;
        esac
        shift
    done
    shift
    if [[ -n $in_place ]]; then
        mkdir "$work/root"
        mount --bind "$pristine" "$work/root"
    else
        mount_view "$pristine" "$work"
    fi
    root=$work/root
    mount_system "$root"
    if [[ -n $online ]]; then
        bring_network "$root" "$work"
        mapfile -t variables <"$work/variables"
    fi
    set -- "${later[@]}" -- "$@"
    while [[ $1 != -- ]]; do
        case $1 in
            --bind) mount_read_only "$root" "$2" "$3" ;;
            --share) mount_at "$root" "$2" "$3" ;;
            --read-only) mount_read_only "$root" "$root$2" "$2" ;;
        esac
        shift 3
    done
    shift
    local home=/root groups=0 ids=0:0
    if [[ $user != root ]]; then
        home=/home/$user groups=1000 ids=1000:1000
    fi
    umask 022
    exec env -i "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "HOME=$home" LANG=C.UTF-8 \
        "${variables[@]}" "${settings[@]}" chroot --userspec="$ids" --groups="$groups" "$root" "$@"
}

enter() {
    local options=(--mount --pid --fork --kill-child --propagation private)
    if [[ " $* " == *" --offline "* ]]; then
        options+=(--net)
    fi
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/view.XXXXXX")
    # The mounts are seen in the namespace alone: what is here is what was written.
    trap 'rm -rf --one-file-system "$work"' EXIT
    chmod 755 "$work"
    unshare "${options[@]}" "$here/bare_root.sh" inside "$1" "$work" "${@:2}"
}

case ${1:-} in
    build | fill | enter | inside) "$@" ;;
    *) sed -n '/^#   /s/^# *//p' "$0" >&2 && exit 2 ;;
esac

#!/usr/bin/env bash
# Installations on machines that have nothing: does a stranger get the exact spikes, or one line that says what is missing?
#
#   jobs/bare_machines.sh run [CASE...]      all cases, or those that are named; prints a table, exit 1 if one fails
#   jobs/bare_machines.sh list               the cases
#
# Each case begins with a pristine minimal Debian (jobs/bare_root.sh) and a fresh clone of what is committed here. As root,
# with debootstrap (on Debian and Ubuntu it is installed); where that cannot be, exit status 77 and the reason.
#
#   WHEEL=FILE               to be tried, instead of one that is built on Debian 12
#   EXTRA_PYTHONS="P1 P2"    other Pythons of this machine, lent to the roots [default: those on the PATH and of pyenv]
#   EIASSEMBLY_REFERENCE     folder of the authors' data, for 3 s of their network [default: ../shared/reference if there]
#   TABLE=FILE               Markdown file whose table is to be replaced, between its lines "<!-- bare machines"
#   JOBS=N                   cases at a time [default: 1]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$here")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eiassembly/bare
root_tool=$here/bare_root.sh
reference=${EIASSEMBLY_REFERENCE:-$repository/../shared/reference}
jobs=${JOBS:-1}
PATH=$PATH:/usr/sbin:/sbin

say() { echo "eiassembly: $*" >&2; }

# NAME | SYSTEM KIND USER PYTHON TASK | VARIANT | EXPECTED: exact, or what the one line has in it | WHAT (for the table)
cases() {
    cat <<'END'
deb12-compiler    | bookworm compiler user python3    demo  |         | exact | `make demo`
deb12-wheel       | bookworm python   user python3    wheel |         | exact | the wheel alone
deb12-root        | bookworm bare     root python3    demo  |         | exact | `make demo`
deb12-no-compiler | bookworm python   user python3    demo  |         | missing: a C\+\+20 compiler | `make demo`
deb12-nothing     | bookworm bare     user python3    demo  |         | missing: a C\+\+20 compiler .*, the venv module | `make demo`
deb13-compiler    | trixie   compiler user python3    demo  |         | exact | `make demo`
deb13-wheel       | trixie   python   user python3    wheel |         | exact | the wheel alone
deb13-root        | trixie   bare     root python3    demo  |         | exact | `make demo`
deb13-no-compiler | trixie   python   user python3    demo  |         | missing: a C\+\+20 compiler | `make demo`
python3.12        | bookworm compiler user python3.12 demo  |         | exact | `make PYTHON=… demo`
python3.14        | bookworm compiler user python3.14 demo  |         | missing: Python 3\.11 to 3\.13 | `make PYTHON=… demo`
umlauts           | bookworm compiler user python3    demo  | path    | exact | `make demo` in a path with blanks and umlauts
read-only-home    | bookworm compiler user python3    demo  | home    | exact | `make demo`, HOME read-only
lang-c            | bookworm compiler user python3    demo  | ascii   | exact | `make demo`, LC_ALL=C, output in ASCII
latin-1           | bookworm compiler user python3    demo  | latin1  | exact | `make demo`, output in latin-1
no-network        | bookworm compiler user python3    demo  | offline | package index cannot be reached | `make demo` without network
no-network-root   | bookworm bare     root python3    demo  | offline | apt-get could not install it | `make demo` without network
END
}

# --- whether it can be done

install_debootstrap() {
    say "installing debootstrap with apt-get"
    apt-get update &>/dev/null </dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap debian-archive-keyring \
        &>/dev/null </dev/null
}

cannot() {
    say "no bare machines here: $*"
    exit 77
}

require() {
    ((EUID == 0)) || cannot "making them needs root"
    unshare --mount --pid --fork --net --propagation private true 2>/dev/null ||
        cannot "this root may not make namespaces (a container without CAP_SYS_ADMIN?)"
    if ! command -v debootstrap >/dev/null; then
        { command -v apt-get >/dev/null && install_debootstrap; } || cannot "debootstrap cannot be had"
    fi
    git -C "$repository" rev-parse --verify --quiet HEAD >/dev/null || cannot "this is not a git clone"
    if [[ -n $(git -C "$repository" status --porcelain --untracked-files=no) ]]; then
        say "what is not committed is not tried"
    fi
}

# --- what the cases are given

prepare() {
    work=$(mktemp -d "$cache/run.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    mkdir "$work/given" "$work/results"
    mkdir "$work/given/reference" "$work/given/wheel" "$work/given/pip"
    cp "$here/bare_case.sh" "$work/given"
    git -C "$repository" bundle create --quiet "$work/given/source.bundle" HEAD
    chmod -R a+rX "$work/given"
    # pip takes a cache only from its owner.
    mkdir -p "$cache/pip/root" "$cache/pip/user"
    chown 1000:1000 "$cache/pip/user"
}

# in_root NAME ROOT USER OPTION... -- COMMAND...: with all that cases are given; what they leave is in results/NAME.
in_root() {
    local name=$1 root=$2 user=$3 left=$work/results/$1 options=()
    shift 3
    mkdir "$left"
    if [[ $user == user ]]; then
        options+=(--user)
        chown 1000:1000 "$left"
    fi
    [[ -d $reference/pdp_model ]] && options+=(--bind "$(realpath "$reference")" /given/reference)
    options=(--bind "$work/given" /given "${options[@]}" --share "$left" /left)
    if [[ " $* " != *" --offline "* ]]; then
        options+=(--share "$cache/pip/$user" /given/pip --set PIP_CACHE_DIR=/given/pip)
        if [[ $user == root ]]; then
            options+=(--share "$cache/apt/$system" /var/cache/apt/archives)
        fi
    fi
    "$root_tool" enter "$root" "${options[@]}" "$@"
}

provide_wheel() {
    local commit built
    commit=$(git -C "$repository" rev-parse HEAD)
    built=$cache/wheels/$commit
    if [[ -z ${WHEEL:-} ]] && ! compgen -G "$built/eiassembly-*.whl" >/dev/null; then
        say "building the wheel on Debian 12"
        if ! in_root wheel "$("$root_tool" build bookworm compiler)" user -- \
            bash /given/bare_case.sh build /home/someone/eiassembly; then
            say "the wheel could not be built: $(tail -n 1 "$work/results/wheel/err")"
            exit 1
        fi
        rm -rf "$cache/wheels"
        mkdir -p "$built"
        cp "$work/results/wheel/dist/"*.whl "$built"
    fi
    cp "${WHEEL:-$(echo "$built"/eiassembly-*.whl)}" "$work/given/wheel"
    chmod -R a+rX "$work/given/wheel"
}

# --- other Pythons

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# The folder of a Python that can be lent, if there is one of this version.
prefix_of_extra() {
    local wanted=$1 candidate prefix
    for candidate in ${EXTRA_PYTHONS:-"$wanted" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/"$wanted"}; do
        if [[ python$(version_of "$candidate") == "$wanted" ]]; then
            prefix=$("$candidate" -c 'import sys; print(sys.base_prefix)')
            # The system's own, in /usr, is of no use elsewhere.
            [[ $prefix != / && $prefix != /usr ]] && echo "$prefix" && return
        fi
    done
}

# What says it was Python 3.14 is enough for what must be refused before anything is done with it.
stand_in() {
    cat >"$work/given/python3.14" <<'END'
#!/bin/sh
case $1 in
    -c) code=$2 && shift 2 && exec python3 -c "import sys; sys.version_info = (3, 14, 0, 'final', 0)
$code" "$@" ;;
    *) exec python3 "$@" ;;
esac
END
    chmod 755 "$work/given/python3.14"
}

# --- running cases

trimmed() { sed -E 's/^ +//; s/ +$//' <<<"$1"; }

# Sets what the line of a case says.
read_case() {
    local fields
    IFS='|' read -ra fields <<<"$1"
    name=$(trimmed "${fields[0]}")
    read -r system kind user python task <<<"${fields[1]}"
    variant=$(trimmed "${fields[2]}")
    expected=$(trimmed "${fields[3]}")
    what=$(trimmed "${fields[4]}")
}

# Sets options and folder; a reason why the case is skipped is printed.
choose_options() {
    local prefix home=/home/someone
    [[ $user == root ]] && home=/root
    options=()
    folder=$home/eiassembly
    case $variant in
        path) folder="$home/Über uns/eiassembly, Klon" ;;
        home) folder=/srv/eiassembly && options=(--share "$work/results/srv" /srv --read-only "$home") ;;
        ascii) options=(--set LC_ALL=C --set PYTHONCOERCECLOCALE=0 --set PYTHONUTF8=0) ;;
        latin1) options=(--set PYTHONIOENCODING=latin-1) ;;
        offline) options=(--offline) ;;
    esac
    if [[ $python != python3 ]]; then
        prefix=$(prefix_of_extra "$python")
        if [[ -n $prefix ]]; then
            # A Python with a shared library looks for it where it was installed.
            options+=(--bind "$prefix" "/opt/$python" --set "PYTHON=/opt/$python/bin/$python")
            options+=(--set "LD_LIBRARY_PATH=/opt/$python/lib")
        elif [[ $python == python3.14 ]]; then
            options+=(--set PYTHON=/given/python3.14)
        else
            skipped="there is no $python on this machine to lend (EXTRA_PYTHONS)"
        fi
    fi
}

# Lines that are neither make's nor tell of progress: of a refusal there is one.
problems() {
    cat "$1/out" "$1/err" | grep -vE '^make(\[[0-9]+\])?: |^eiassembly: (making the environment|installing with apt-get)' || true
}

# outcome NAME STATUS EXPECTED: one line for the table; fails if it is not what is expected.
outcome() {
    local left=$work/results/$1 lines
    if [[ $3 == exact ]]; then
        if [[ $2 == 0 ]] && ! grep -qv ': exact$' "$left/spikes"; then
            echo "exact ($(sed -E 's/: .*//' "$left/spikes" | paste -s -d ';' | sed 's/;/; /g'))"
            return
        fi
        echo "FAILED: $(cat "$left/spikes" "$left/err" 2>/dev/null | tail -n 1 | cut -c 1-300)"
        return 1
    fi
    lines=$(problems "$left")
    if [[ $2 != 0 && $(wc -l <<<"$lines") == 1 && $lines =~ $3 ]]; then
        # Which server it was is this machine's affair.
        echo "refused: ${lines#eiassembly: }" | sed -E "s/ '[a-z0-9.-]+\.[a-z]+'//"
        return
    fi
    echo "FAILED: expected one line with '$3', exit status not 0; got $2 and: $(tail -n 3 <<<"$lines" | tr '\n' ' ')"
    return 1
}

fact() { sed -n "s/^$2=//p" "$work/results/$1/facts" 2>/dev/null | tail -n 1; }

run_case() {
    local name system kind user python task variant expected what options folder skipped='' root status=0 verdict
    local compiler=none row
    read_case "$1"
    choose_options
    if [[ -n $skipped ]]; then
        say "$name: skipped: $skipped"
        return
    fi
    [[ $kind == compiler ]] && compiler="g++"
    [[ $user == root ]] && compiler="none, apt-get"
    [[ $variant == home ]] && mkdir "$work/results/srv" && chown 1000:1000 "$work/results/srv"
    root=$("$root_tool" build "$system" "$kind")
    in_root "$name" "$root" "$user" "${options[@]}" -- bash /given/bare_case.sh "$task" "$folder" &>"$work/results/$name.log" ||
        status=$?
    verdict=$(outcome "$name" "$status" "$expected") || echo "$name" >>"$work/failed"
    [[ $user == user ]] && user="ordinary user"
    row="| $(debian "$system") | $user | $(fact "$name" python) | $compiler | $what | $(fact "$name" seconds) s | $verdict |"
    echo "$row" >"$work/results/$name.row"
    say "$name: $(fact "$name" seconds) s, $verdict"
    if [[ $verdict == FAILED* ]]; then
        cp -r "$work/results/$name" "$cache/failed-$name"
        say "what it left is in $cache/failed-$name"
    fi
}

debian() {
    case $1 in
        bookworm) echo "Debian 12" ;;
        trixie) echo "Debian 13" ;;
    esac
}

table() {
    echo "| system | user | Python | compiler | what | time | outcome |"
    echo "|---|---|---|---|---|---|---|"
    while IFS='|' read -r name _; do
        cat "$work/results/$(trimmed "$name").row" 2>/dev/null || true
    done < <(cases)
}

# Puts the table between the two lines of a Markdown file that begin with "<!-- bare machines".
replace_table() {
    local target=$1 new
    new=$(mktemp)
    awk -v table="$work/table" '
        !inside { print }
        /^<!-- bare machines/ {
            inside = !inside
            if (inside) while ((getline line < table) > 0) print line
            else print
        }' "$target" >"$new"
    cat "$new" >"$target"
    rm "$new"
}

chosen() {
    local name known
    known=$(cases | cut -d '|' -f 1 | tr -d ' ')
    for name in "$@"; do
        if ! grep -qx -- "$name" <<<"$known"; then
            say "no case $name; there are: $(tr '\n' ' ' <<<"$known")"
            exit 2
        fi
    done
    if (($#)); then
        cases | grep -E "^($(IFS='|' && echo "$*")) "
    else
        cases
    fi
}

run() {
    local lines line
    lines=$(chosen "$@")
    require
    mkdir -p "$cache"
    rm -rf "$cache"/failed-*
    prepare
    stand_in
    [[ $lines == *" wheel "* ]] && provide_wheel
    while read -r line; do
        # Not wait -n: a case that ends between the two would be waited for in vain.
        while (($(jobs -pr | wc -l) >= jobs)); do
            sleep 0.2
        done
        run_case "$line" </dev/null &
    done <<<"$lines"
    wait
    table | tee "$work/table"
    if [[ -n ${TABLE:-} ]]; then
        replace_table "$TABLE"
    fi
    if [[ -e $work/failed ]]; then
        say "failed: $(tr '\n' ' ' <"$work/failed")"
        exit 1
    fi
}

case ${1:-} in
    run) run "${@:2}" ;;
    list) cases | cut -d '|' -f 1 | tr -d ' ' ;;
    *) sed -n '/^#   /s/^# *//p' "$0" >&2 && exit 2 ;;
esac

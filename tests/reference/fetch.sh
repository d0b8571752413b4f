#!/usr/bin/env bash
# Fetch the authors' data that tests and benchmarks use, and check every file.
#
#   tests/reference/fetch.sh [MANIFEST]      MANIFEST names the commit and the files; default files.sha256 beside this
#
# The files are kept in $XDG_CACHE_HOME/eiassembly/reference (default ~/.cache/...), where the tests find them. The folder
# appears when all of it is there and right, never before; if it is, nothing is fetched. Only the files that are used are
# transferred, about 40 MB. EIASSEMBLY_REFERENCE_REPOSITORY names another copy of the repository: an address or a folder.
set -euo pipefail
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_TERMINAL_PROMPT=0 LC_ALL=C

repository=${EIASSEMBLY_REFERENCE_REPOSITORY:-https://github.com/clairemb90/pDp-model}
manifest=${1:-$(dirname "${BASH_SOURCE[0]}")/files.sha256}
target=${XDG_CACHE_HOME:-$HOME/.cache}/eiassembly/reference
work=$target.fetching

say() { echo "eiassembly: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Lines of the manifest: sha256, path in the repository, path in the folder if that is another.
read_manifest() { awk 'length($1) == 64 { print $1, $2, (NF > 2 ? $3 : $2) }' "$manifest"; }

has_hash() { [[ -f $2 && $(sha256sum <"$2") == "$1  -" ]]; }

complete() {
    local hash source name
    while read -r hash source name; do
        has_hash "$hash" "$target/pdp_model/$name" || return 1
    done <<<"$entries"
}

# The person's own settings stay in force (proxies), except for what would change files or go on in the background.
git_there() {
    git -C "$work/clone" -c core.autocrlf=false -c gc.auto=0 -c maintenance.auto=false \
        -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 "$@" &>>"$work/log" </dev/null
}

# Without the contents of files at first: the checkout asks for those that are wanted, all at once.
check_out() {
    local commit=$1 paths
    mapfile -t paths < <(awk '{ print "/" $2 }' <<<"$entries")
    git init --quiet "$work/clone" &>>"$work/log" &&
        git_there remote add origin "$repository" &&
        git_there fetch --quiet --no-tags --depth 1 --filter=blob:none origin "$commit" &&
        git_there sparse-checkout set --no-cone "${paths[@]}" &&
        git_there checkout --quiet --detach "$commit"
}

reason() { grep -E '^(fatal|error|ssh|.*not found)' "$work/log" | head -n 1 || true; }

gather() {
    local commit=$1 hash source name
    while read -r hash source name; do
        [[ -f $work/clone/$source ]] || fail "$source: not in $repository at $commit; nothing was kept"
        has_hash "$hash" "$work/clone/$source" ||
            fail "$source of $repository: another sha256 than in $manifest; nothing was kept"
        mkdir -p "$work/new/pdp_model/$(dirname "$name")"
        mv "$work/clone/$source" "$work/new/pdp_model/$name"
    done <<<"$entries"
}

fetch() {
    local commit
    commit=$(awk '$1 == "commit" { print $2 }' "$manifest")
    say "fetching the authors' data from $repository, about 40 MB"
    # Left over if the process was killed; the lock says that nobody works there now.
    rm -rf "$work"
    mkdir "$work"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    check_out "$commit" ||
        fail "cannot fetch $commit from $repository ($(reason)); EIASSEMBLY_REFERENCE_REPOSITORY may name a copy of it"
    gather "$commit"
    rm -rf "$target"
    mv "$work/new" "$target"
}

if [[ -d $repository ]]; then
    repository=$(realpath "$repository")
fi
[[ -r $manifest ]] || fail "$manifest: expected a readable file"
entries=$(read_manifest)
[[ -n $entries ]] || fail "$manifest: expected lines of sha256 and path"
command -v git >/dev/null || fail "missing: git"
mkdir -p "$(dirname "$target")" 2>/dev/null || fail "$(dirname "$target"): cannot be made"
{ exec 9>"$target.lock"; } 2>/dev/null || fail "$target.lock: cannot be written"
# Where the file system has no locks, two at once may disturb each other: one of them fails, and nothing wrong is kept.
flock 9 2>/dev/null || true
if ! complete; then
    fetch
fi
say "the authors' data are in $target"

#!/usr/bin/env bash
# Make a virtual environment, or add to one; what pip has to say goes to a file.
#
#   jobs/make_environment.sh new FOLDER PIP_ARGUMENT...   for pip install; an environment that is there is replaced
#   jobs/make_environment.sh add FOLDER PIP_ARGUMENT...
#
# If it cannot be made, one line says why and where pip's own words are. PYTHON names another program than python3.
set -euo pipefail

usage="jobs/make_environment.sh new|add FOLDER PIP_ARGUMENT..."
mode=${1:?usage: $usage}
folder=${2:?usage: $usage}
shift 2
log=$folder/pip.log

say() { echo "eiassembly: $*" >&2; }

# said PATTERN: does the log have it?
said() { grep -qE "$1" "$log"; }

# What the first of the known causes is; pip itself ends its twenty lines with a consequence.
reason() {
    local package
    package=$(sed -nE 's/^ *ERROR: No matching distribution found for ([^ ;]+).*/\1/p' "$log" | head -n 1)
    if said 'No space left on device|Disk quota exceeded'; then
        echo "the disk is full"
    elif said 'CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError'; then
        echo "the certificate of the package index is not trusted (pip's option cert, or PIP_CERT, names yours)"
    elif said 'NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|ProxyError|Failed to establish|Connection(Reset|Refused)|Temporary failure in name resolution'; then
        echo "the package index cannot be reached (no network, or a proxy that pip is not told of?)"
    elif [[ -n $package ]]; then
        echo "there is no package $package for $(uname -m) and $("$folder/bin/python" -V)"
    elif said 'Permission denied'; then
        echo "no permission to write: $(grep -m 1 -oE "Permission denied.*" "$log")"
    else
        grep -m 1 -E '^ *(ERROR|error):' "$log" | sed 's/^ *//' || tail -n 1 "$log"
    fi
}

if [[ $mode == new ]]; then
    say "making the environment $folder, in a minute or two"
    if ! output=$("${PYTHON:-python3}" -m venv --clear "$folder" 2>&1); then
        say "the environment $folder could not be made: $(tail -n 1 <<<"$output")"
        exit 1
    fi
else
    say "adding to the environment $folder"
fi
if ! "$folder/bin/python" -m pip install --disable-pip-version-check "$@" &>"$log" </dev/null; then
    say "the environment $folder could not be made: $(reason); all that pip says is in $log"
    exit 1
fi

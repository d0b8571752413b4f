#!/usr/bin/env bash
# Is everything there that pip cannot install?
#
#   jobs/check_system.sh demo   a C++20 compiler, and a Python with venv for which NEST's ready-made package exists
#   jobs/check_system.sh mpi    Python >= 3.11 with venv, and what NEST with MPI is built from
#
# As root on Debian or Ubuntu it installs what is missing. Otherwise it says in one line what that is and how to get
# it, and fails. PYTHON and CXX name other programs than python3 and g++.
#
# shellcheck disable=SC2317  # the probes are called by their name, through need()
set -euo pipefail

level=${1:-}
python=${PYTHON:-python3}
cxx=${CXX:-g++}
# That NEST's ready-made package exists for; a NEST that is built here has no upper limit.
ready_made=(3.11 3.12 3.13)

say() { echo "eiassembly: $*" >&2; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
is_suitable() {
    if [[ $level == demo ]]; then
        [[ " ${ready_made[*]} " == *" $(version_of "$1") "* ]]
    else
        is_recent "$1"
    fi
}
python_headers() { "$python" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")'; }
# CXX may have arguments: "ccache g++".
# shellcheck disable=SC2086
cpp20() { $1 -std=c++20 -fsyntax-only -x c++ - <<<'int main() { return 0; }'; }
# Those that the neuron is compiled with; NEST itself only with the first.
some_cpp20() { cpp20 "$cxx" || { [[ $level == demo ]] && { cpp20 g++ || cpp20 clang++; }; }; }
# The compiler is asked, no fixed folder: modules set its search path.
# shellcheck disable=SC2086
header() { $cxx -E -x c++ - -o /dev/null <<<"#include <$1>"; }

# need DESCRIPTION DEBIAN_PACKAGE COMMAND...: note both if the command fails.
need() {
    local description=$1 package=$2
    shift 2
    if ! "$@" &>/dev/null; then
        missing+=("$description")
        packages+=("$package")
    fi
}

survey() {
    local version
    version=$(version_of "$python")
    missing=()
    packages=()
    need "a C++20 compiler ($cxx)" g++ some_cpp20
    need "the venv module of Python" "python$version-venv" "$python" -c "import ensurepip, venv"
    if [[ $level == mpi ]]; then
        need "the headers of Python" "python$version-dev" python_headers
        need "an MPI compiler (mpicxx)" libopenmpi-dev mpicxx --version
        need "mpirun" openmpi-bin mpirun --version
        need "cmake" cmake cmake --version
        need "make" make make --version
        need "libltdl-dev" libltdl-dev header ltdl.h
        need "libgsl-dev" libgsl-dev header gsl/gsl_errno.h
        need "libboost-dev" libboost-dev header boost/version.hpp
    fi
}

# Its first error is told where all else that is missing is told.
apt_install() {
    local log
    log=$(mktemp)
    say "installing with apt-get: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # One unreachable source need not matter: whether the packages can be had is seen at the installation.
    apt-get update &>"$log" </dev/null || true
    if ! apt-get install -y --no-install-recommends "${packages[@]}" &>>"$log" </dev/null; then
        # The addresses of servers make the line no clearer.
        apt_error=$(grep -m 1 -E '^E: ' "$log" || tail -n 1 "$log")
        apt_error=$(sed -E 's#https?://[^ ]*/##g' <<<"$apt_error")
    fi
    rm -f "$log"
}

comma_separated() {
    local list
    list=$(printf ", %s" "$@")
    echo "${list:2}"
}

# Another Python on the PATH that would do, the newest first; nothing if there is none.
other_python() {
    local version
    for version in 3.13 3.12 3.11; do
        if is_suitable "python$version"; then
            echo "python$version"
            return
        fi
    done
}

no_python() {
    local wanted="Python 3.11 or newer" other goal=test
    if [[ $level == demo ]]; then
        goal=demo
        wanted="Python ${ready_made[0]} to ${ready_made[-1]}, for which NEST's ready-made package exists"
    fi
    other=$(other_python)
    if [[ -z $other ]]; then
        say "missing: $wanted ($python is $(version_of "$python" || echo absent)); get it from your system's packages" \
            "or modules and name it: make PYTHON=python3.12 $goal"
    else
        say "missing: $wanted ($python is $(version_of "$python" || echo absent)); name yours: make PYTHON=$other $goal"
    fi
    exit 1
}

if [[ $level != demo && $level != mpi ]]; then
    say "usage: jobs/check_system.sh demo|mpi"
    exit 2
fi
is_suitable "$python" || no_python

apt_error=
survey
if ((${#missing[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
    apt_install
    survey
fi
if ((${#missing[@]} == 0)); then
    exit 0
fi
advice="get it with: sudo apt-get install ${packages[*]} (on a cluster: modules, see docs/install.md)"
if [[ -n $apt_error ]]; then
    advice="apt-get could not install it: $apt_error"
fi
say "missing: $(comma_separated "${missing[@]}"); $advice"
exit 1

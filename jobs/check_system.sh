#!/usr/bin/env bash
# Is everything there that pip cannot install?
#
#   jobs/check_system.sh demo   Python >= 3.11 with venv; a C++20 compiler is recommended
#   jobs/check_system.sh mpi    the same, and what NEST with MPI is built from
#
# As root on Debian or Ubuntu it installs what is missing. Otherwise it says in one line what that is and how to get
# it, and fails if it is indispensable. PYTHON and CXX name other programs than python3 and g++.
#
# shellcheck disable=SC2317  # the probes are called by their name, through need()
set -euo pipefail

level=${1:-}
python=${PYTHON:-python3}
cxx=${CXX:-g++}
compiler="a C++20 compiler ($cxx)"

say() { echo "eiassembly: $*" >&2; }

python_version() { "$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
recent_python() { "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python_headers() { "$python" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")'; }
cpp20() { echo 'int main() { return 0; }' | "$cxx" -std=c++20 -fsyntax-only -x c++ -; }
# The compiler is asked, no fixed folder: modules set its search path.
header() { echo "#include <$1>" | "$cxx" -E -x c++ - -o /dev/null; }

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
    version=$(python_version)
    missing=()
    packages=()
    need "$compiler" g++ cpp20
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

apt_install() {
    local log
    log=$(mktemp)
    say "installing with apt-get: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # One unreachable source need not matter: whether the packages can be had is seen at the installation.
    apt-get update &>"$log" </dev/null || true
    if ! apt-get install -y --no-install-recommends "${packages[@]}" &>>"$log" </dev/null; then
        tail -n 5 "$log" >&2
    fi
    rm -f "$log"
}

comma_separated() {
    local list
    list=$(printf ", %s" "$@")
    echo "${list:2}"
}

if [[ $level != demo && $level != mpi ]]; then
    say "usage: jobs/check_system.sh demo|mpi"
    exit 2
fi
if ! recent_python; then
    say "missing: Python 3.11 or newer ($python is $(python_version || echo absent)); get it from your system's" \
        "packages or modules and name it: make PYTHON=python3.12 demo"
    exit 1
fi

survey
if ((${#missing[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
    apt_install
    survey
fi
if ((${#missing[@]} == 0)); then
    exit 0
fi
advice="get it with: sudo apt-get install ${packages[*]} (on a cluster: modules, see docs/install.md)"
if [[ $level == demo && ${missing[*]} == "$compiler" ]]; then
    say "warning: without $compiler the slower neurons of NEST itself are used; $advice"
    exit 0
fi
say "missing: $(comma_separated "${missing[@]}"); $advice"
exit 1

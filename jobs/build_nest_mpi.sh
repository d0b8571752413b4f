#!/usr/bin/env bash
# Build NEST with MPI as a wheel, once, and print where it is.
#
#   wheel=$(jobs/build_nest_mpi.sh) && pip install "$wheel" mpi4py
#
# The wheel is kept in $XDG_CACHE_HOME/eiassembly/nest-mpi/KEY (default ~/.cache/...). KEY depends on everything that
# the wheel depends on: another compiler, MPI or Python gets another one. Nothing is installed and root is not needed;
# the MPI is the one whose mpicxx comes first on PATH, so load its module before. PYTHON and CXX name other programs
# than python3 and g++; TMPDIR needs about 1 GB. It takes about 5 minutes on 2 cores.
set -euo pipefail

nest_version=3.10.0
# Only what the simulations use: with all models of NEST the build takes far longer.
models=(
    aeif_cond_exp iaf_cond_exp spike_generator spike_recorder multimeter spike_train_injector parrot_neuron
    step_current_generator static_synapse static_synapse_hom_w poisson_generator
)
options=("cmake.define.with-mpi=ON" "cmake.define.with-models=$(IFS=';' && echo "${models[*]}")")

python=${PYTHON:-python3}
export CXX=${CXX:-g++}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/eiassembly/nest-mpi

say() { echo "eiassembly: $*" >&2; }

# From mpi.h, not from mpirun, which may belong to another MPI. Descendants of MPICH carry its macro.
mpi_version() {
    mpicxx -E -dM -x c++ - <<<'#include <mpi.h>' | awk '
        { value[$2] = $3; gsub(/"/, "", value[$2]) }
        END {
            major = value["OMPI_MAJOR_VERSION"]; minor = value["OMPI_MINOR_VERSION"]
            if (major) print "openmpi" major "." minor "." value["OMPI_RELEASE_VERSION"]
            else if (value["MPICH_VERSION"]) print "mpich" value["MPICH_VERSION"]
            else print "mpi"
        }'
}

# The readable part is for people, the hash also covers the options, the compiler and the folders of the MPI.
build_key() {
    local tag mpi everything
    tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')-$(uname -m)
    mpi=$(mpi_version)
    everything="$nest_version ${options[*]} $tag $mpi $(mpicxx -show) $("$CXX" --version | head -n 1)"
    echo "$nest_version-$tag-$mpi-$(sha256sum <<<"$everything" | cut -c 1-12)"
}

# A line now and then: a person, and a system that ends silent jobs, see that it goes on.
report_progress() {
    local log=$1 step
    while sleep 30 &>/dev/null && kill -0 $$ 2>/dev/null; do
        step=$(grep -oE '\[ *[0-9]+(%|/[0-9]+)\]' "$log" | tail -n 1 || true)
        say "building NEST: $((SECONDS / 60)) min $((SECONDS % 60)) s $step"
    done
}

pip_wheel() {
    local work=$1 option settings=()
    for option in "${options[@]}"; do
        settings+=(--config-settings "$option")
    done
    "$python" -m venv "$work/venv"
    "$work/venv/bin/pip" install --upgrade pip
    # No cache: pip files wheels under their source archive alone and would bring one built with another MPI.
    "$work/venv/bin/pip" wheel --verbose --no-deps --no-cache-dir --no-binary nest-simulator \
        --wheel-dir "$work/wheel" "${settings[@]}" "nest-simulator==$nest_version"
}

build_into() {
    local target=$1 log=$1.log
    work=$target.building
    say "building NEST $nest_version with MPI, about 5 minutes on 2 cores; log: $log"
    # Left over if the machine went down; the lock says that nobody works there now.
    rm -rf "$work"
    mkdir "$work"
    : >"$log"
    # The reporter must hold neither the lock nor the standard output that the caller waits for.
    report_progress "$log" 9>&- >&2 &
    reporter=$!
    trap 'kill "$reporter" 2>/dev/null || true; rm -rf "$work"' EXIT
    if ! pip_wheel "$work" &>>"$log" </dev/null; then
        say "NEST could not be built; the reason is in $log"
        exit 1
    fi
    rm -rf "$target"
    mv "$work/wheel" "$target"
}

"$(dirname "${BASH_SOURCE[0]}")/check_system.sh" mpi
target=$cache/$(build_key)
mkdir -p "$cache"
exec 9>"$target.lock"
status=0
flock --nonblock 9 2>/dev/null || status=$?
if ((status == 1)); then
    say "another process builds NEST; waiting for it (its log: $target.log)"
    flock 9
elif ((status)); then
    say "$cache: no locks on this file system; expected no other process that builds NEST now"
fi
if ! compgen -G "$target/nest_simulator-*.whl" >/dev/null; then
    build_into "$target"
fi
echo "$target"/nest_simulator-*.whl

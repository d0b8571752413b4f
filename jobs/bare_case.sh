#!/usr/bin/env bash
# What a stranger does, on the bare system on which this runs (see jobs/bare_machines.sh).
#
#   bare_case.sh demo CLONE     clone, make demo, compare the spikes
#   bare_case.sh wheel FOLDER   the wheel in an empty environment, compare the spikes
#   bare_case.sh build FOLDER   make the wheel
#
# It is given: source.bundle, reference (the authors' data or nothing) and wheel in /given. It leaves in /left: facts
# (NAME=VALUE), out and err of what it tries; exit status that of what it tries, or 3: the spikes differ.
set -euo pipefail

task=$1
folder=$2
python=${PYTHON:-python3}

fact() { echo "$1=$2" >>/left/facts; }

# The output goes to files, as in a job; a person's terminal is the tests' affair.
timed() {
    local start status=0
    start=$(date +%s%N)
    "$@" >/left/out 2>/left/err </dev/null || status=$?
    fact seconds "$((($(date +%s%N) - start) / 1000000000))"
    return "$status"
}

compare_spikes() {
    local reference=()
    [[ -d /given/reference/pdp_model ]] && reference=(/given/reference)
    "$1" -m eiassembly.jobs.exact_spikes "${reference[@]}" >/left/spikes 2>>/left/err </dev/null || return 3
}

# A fresh one, of what is committed.
clone() {
    mkdir -p "$(dirname "$folder")"
    git clone --quiet /given/source.bundle "$folder" 2>/left/err
    cd "$folder"
}

try_demo() {
    clone
    timed make demo QUICK=1 PYTHON="$python"
    [[ -s results/demo/report.html ]]
    compare_spikes .venv/bin/python
}

install_wheel() {
    "$python" -m venv env
    env/bin/pip install --only-binary nest-simulator "$(echo /given/wheel/eiassembly-*.whl)[nest]"
}

try_wheel() {
    mkdir -p "$folder"
    cd "$folder"
    timed install_wheel
    compare_spikes env/bin/python
}

build_wheel() {
    clone
    "$python" -m venv env
    env/bin/pip install build
    env/bin/python -m build --wheel --outdir /left/dist
}

fact python "$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')"
case $task in
    demo) try_demo ;;
    wheel) try_wheel ;;
    build) build_wheel &>/left/err ;;
esac

#!/usr/bin/env bash
# A Slurm of one's own on this machine, for the tests: two nodes that are two slurmd, no systemd, nothing outside a folder.
#
#   tests/slurm/sandbox.sh install            Debian's packages, as root; says why if that cannot be, and succeeds
#   tests/slurm/sandbox.sh start FOLDER PORT  until both nodes are idle; clients need SLURM_CONF=FOLDER/slurm.conf
#   tests/slurm/sandbox.sh node FOLDER NAME   start one node (n1, n2) that has been ended
#   tests/slurm/sandbox.sh stop FOLDER        end what start has begun, remove the folder
#
# FOLDER is short: it holds sockets. PORT and the two after it must be free. As root every node has its own host name and
# shared memory; otherwise both have those of the machine, and MPI needs OMPI_MCA_btl=self,tcp (FOLDER/same_host is there).
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
nodes="n1 n2"
processors=3
memory=4000 # MB

install() {
    local program missing=
    for program in slurmctld slurmd sbatch munged; do
        command -v "$program" >/dev/null || missing=yes
    done
    [ -n "$missing" ] || return 0
    if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
        echo "eiassembly: no Slurm here (root on Debian or Ubuntu could install it): its tests are skipped" >&2
        return 0
    fi
    # Nothing is to be started as a service.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
    fi
    echo "eiassembly: installing Slurm with apt-get, for the tests" >&2
    # One unreachable source need not matter: whether the packages can be had is seen at the installation.
    apt-get update -qq &>/dev/null </dev/null || true
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        slurmctld slurmd slurm-client munge &>/dev/null </dev/null; then
        echo "eiassembly: Slurm could not be installed: its tests are skipped" >&2
    fi
    [ -z "$made" ] || rm "$policy"
}

configure() {
    local host node ports=$((port + 1))-$((port + 2)) names="n[1-2]"
    host=$(hostname -s)
    mkdir -p "$folder"/{state,log,run,munge}
    chmod 755 "$folder" "$folder"/{state,log,run,munge}
    for node in $nodes; do
        mkdir -p "$folder/spool/$node" "$folder/tmp/$node"
        chmod 1777 "$folder/tmp/$node"
    done
    (umask 077 && head -c 256 /dev/urandom >"$folder/munge/key")
    : >"$folder/plugstack.conf"
    { cat /etc/hosts; printf '127.0.0.1 %s\n' $nodes; } >"$folder/hosts"
    # Node names are host names where each node can have its own.
    if ! unshare --uts --mount true 2>/dev/null; then
        names=$host
        : >"$folder/same_host"
    fi
    cat >"$folder/slurm.conf" <<CONF
ClusterName=tests
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits until its old credential has expired: seconds, not two minutes.
AuthInfo=socket=$folder/munge/socket,cred_expire=5
# Listen on this machine alone.
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
TmpFS=$folder/tmp/%n
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.%n.log
PlugStackConfig=$folder/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=$((memory / processors))
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,sched_interval=1,bf_interval=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
# A node that was down comes back by itself when its slurmd does.
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout=4
KillWait=5
CompleteWait=0
MinJobAge=300
NodeName=n[1-2] NodeHostname=$names NodeAddr=127.0.0.1 Port=$ports CPUs=$processors RealMemory=$memory State=UNKNOWN
PartitionName=tests Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
CONF
}

start_node() {
    if [ -e "$folder/same_host" ]; then
        slurmd -N "$1"
        return
    fi
    # shellcheck disable=SC2016
    unshare --uts --mount sh -ec '
        hostname "$1"
        mount --bind "$2/hosts" /etc/hosts
        mount -t tmpfs -o mode=1777 tmpfs /dev/shm
        exec slurmd -N "$1"' sh "$1" "$folder"
}

# until_true SECONDS COMMAND...
until_true() {
    local tenths=$(($1 * 10))
    shift
    until "$@" &>/dev/null; do
        tenths=$((tenths - 1))
        [ "$tenths" -gt 0 ] || { echo "slurm sandbox: gave up waiting for: $*" >&2; return 1; }
        sleep 0.1
    done
}

controller_answers() { scontrol ping | grep -q "is UP"; }
all_idle() { [ "$(sinfo --noheader --Node --states=idle --format=%N | wc -l)" = 2 ]; }

start() {
    configure
    munged --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/run/munged.pid" \
        --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed"
    slurmctld
    until_true 20 controller_answers
    for node in $nodes; do start_node "$node"; done
    until_true 20 all_idle
}

# Processes that this sandbox started: the daemons by their files, and whatever its jobs have left.
daemon() {
    local pid
    pid=$(cat "$folder/run/$1.pid" 2>/dev/null) || return 0
    if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "${1%%.*}"; then echo "$pid"; fi
}
leftovers() {
    local process
    for process in /proc/[0-9]*; do
        if grep -qzx "SLURM_CONF=$folder/slurm.conf" "$process/environ" 2>/dev/null &&
            { grep -qz '^SLURM_JOB_ID=' "$process/environ" || grep -qz '^slurmstepd' "$process/cmdline"; } 2>/dev/null; then
            echo "${process#/proc/}"
        fi
    done
}
gone() { ! kill -0 "$@" 2>/dev/null; }
end() {
    local pid
    for pid in "$@"; do kill "$pid" 2>/dev/null || true; done
    for pid in "$@"; do until_true 8 gone "$pid" || kill -KILL "$pid" || true; done
}

stop() {
    local pid
    for pid in $(leftovers); do kill -KILL "$pid" 2>/dev/null || true; done
    # shellcheck disable=SC2046
    end $(daemon slurmd.n1) $(daemon slurmd.n2) $(daemon slurmctld)
    for pid in $(leftovers); do kill -KILL "$pid" 2>/dev/null || true; done
    # shellcheck disable=SC2046
    end $(daemon munged)
    rm -rf "$folder"
}

folder=${2:-}
port=${3:-}
export SLURM_CONF=$folder/slurm.conf
case "${1:-}" in
    install) install ;;
    start) start || { tail -n 5 "$folder"/log/*.log >&2; stop; exit 1; } ;;
    node) start_node "$3" ;;
    stop) stop ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
esac

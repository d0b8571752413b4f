# Functions of the batch scripts, to be read by bash: . jobs/in_job.sh

back_into_the_queue() {
    echo "$(date -Iseconds) back into the queue"
    scontrol requeue "$SLURM_JOB_ID" || echo "it cannot be requeued: eiassembly campaign resume goes on"
}

# The grace signal may come before there is anything to be ended: modules can take their time.
trap 'back_into_the_queue; exit 143' USR1

# What every job begins with: modules and environment, and what it runs.
begin() {
    # shellcheck disable=SC1090
    [ -z "${EIASSEMBLY_ENVIRONMENT:-}" ] || . "$EIASSEMBLY_ENVIRONMENT"
    eiassembly=("${EIASSEMBLY_PYTHON:-python3}" -m eiassembly)
    # HDF5's own locks fail on many network file systems; eiassembly has its own.
    export HDF5_USE_FILE_LOCKING=${HDF5_USE_FILE_LOCKING:-FALSE}
    echo "$(date -Iseconds) job ${SLURM_JOB_ID} on ${SLURM_JOB_NODELIST}, restarted ${SLURM_RESTART_COUNT:-0} times"
}

# The array `launcher`: none for one process, srun where it speaks PMIx, else mpirun.
# EIASSEMBLY_LAUNCHER="mpirun --bind-to none" in the environment decides otherwise.
find_launcher() {
    local threads=${SLURM_CPUS_PER_TASK:-1}
    launcher=()
    [ "${SLURM_NTASKS:-1}" -gt 1 ] || return 0
    if [ -n "${EIASSEMBLY_LAUNCHER:-}" ]; then
        read -r -a launcher <<<"$EIASSEMBLY_LAUNCHER"
    elif srun --mpi=list 2>&1 | grep -qw pmix; then
        launcher=(srun --mpi=pmix --cpus-per-task="$threads")
    else
        launcher=(mpirun --map-by "slot:PE=$threads" --bind-to core)
    fi
}

# Run a command that may take longer than the job: the grace signal (#SBATCH --signal=B:USR1@SECONDS) makes it end
# after a snapshot, with status 143, and puts the job back into the queue. TERM (scancel, preemption) ends it, too.
# Only USR1 is handed on: mpirun and srun would kill the ranks a moment after TERM.
run_with_grace() {
    local child status in_time=yes
    "$@" &
    child=$!
    trap 'in_time=no; echo "$(date -Iseconds) the time is nearly over: a snapshot"; kill -USR1 "$child" 2>/dev/null' USR1
    trap 'kill -USR1 "$child" 2>/dev/null' TERM
    # A trap interrupts the wait: only when the child is gone it is its status.
    while :; do
        status=0
        wait "$child" || status=$?
        kill -0 "$child" 2>/dev/null || break
    done
    trap '' USR1 TERM
    if [ "$in_time" = no ] && [ "$status" -ne 0 ]; then
        back_into_the_queue
    fi
    return "$status"
}

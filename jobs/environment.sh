# Fill this in for your cluster, once. It is read before sbatch and at the beginning of every job:
#
#     eiassembly campaign submit CAMPAIGN.toml --environment environment.sh
#     . environment.sh && sbatch --ntasks=8 jobs/one_run.sbatch NET.h5 ODORS.h5 RUN.h5
#
# The modules NEST was built with (docs/cluster.md), the same in the shell in which it was built:
# module load Python/3.11 GCC OpenMPI GSL Boost libtool

# The environment with eiassembly:
# . "$HOME/eiassembly/env/bin/activate"

# Where jobs go, and who pays; sbatch reads these variables (man sbatch, "INPUT ENVIRONMENT VARIABLES"):
# export SBATCH_PARTITION=
# export SBATCH_ACCOUNT=

# How several processes are started, if not by srun --mpi=pmix or, where it has none, mpirun:
# export EIASSEMBLY_LAUNCHER="mpirun --bind-to none"
